// SPDX-License-Identifier: Apache-2.0
// A subject as programs read it: one object, its `kind` first of all; `max` is null where it is unbounded, `length` and
// `table` where there is none.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "runtime/app/describe/subject.h"

namespace smarthl7::app::describing {
namespace {

namespace json = boost::json;

[[nodiscard]] json::string text(std::string_view view) { return json::string(view.data(), view.size()); }

[[nodiscard]] json::value maximum(std::uint16_t most) {
  return most == hl7::kUnbounded ? json::value(nullptr) : json::value(most);
}

[[nodiscard]] std::string_view kind_of(const hl7::Table& table) {
  switch (table.kind()) {
    case hl7::TableKind::hl7: return "hl7";
    case hl7::TableKind::user: return "user";
    case hl7::TableKind::open: return "open";
  }
  return "";
}

[[nodiscard]] json::object part_of(const hl7::Part& part, hl7::PhiMark mark) {
  json::object object;
  object["number"] = part.number();
  object["name"] = text(part.name());
  object["path_name"] = text(part.snake_name());
  object["type"] = text(part.type());
  object["min"] = part.min();
  object["max"] = part.withdrawn() ? json::value(0) : maximum(part.max());
  object["length"] = part.length() == 0 ? json::value(nullptr) : json::value(part.length());
  object["table"] = part.table_number() == 0 ? json::value(nullptr) : json::value(fmt::format("{:04}", part.table_number()));
  object["withdrawn"] = part.withdrawn();
  object["phi"] = text(hl7::label_name(mark.label));
  object["identifier"] =
      hl7::kind_letter(mark.kind).empty() ? json::value(nullptr) : json::value(text(hl7::kind_letter(mark.kind)));
  return object;
}

[[nodiscard]] json::array components_of(hl7::Version version, const hl7::Datatype& type, std::string_view path) {
  json::array array;
  for (std::uint16_t n = 1; n <= type.component_count(); ++n)
    array.push_back(part_of(type.component(n), label_at(version, fmt::format("{}.{}", path, n))));
  return array;
}

[[nodiscard]] json::object node_of(const hl7::StructureNode& node) {
  json::object object;
  switch (node.kind()) {
    case hl7::NodeKind::segment: object["kind"] = "segment"; break;
    case hl7::NodeKind::group: object["kind"] = "group"; break;
    case hl7::NodeKind::choice: object["kind"] = "choice"; break;
    case hl7::NodeKind::any_segment: object["kind"] = "any_segment"; break;
  }
  if (!node.name().empty()) object["name"] = text(node.name());
  if (node.kind() == hl7::NodeKind::segment) object["title"] = text(hl7::segment_title(node.name()));
  object["min"] = node.min();
  object["max"] = maximum(node.max());
  if (!node.first_child()) return object;
  json::array children;
  for (hl7::StructureNode child = node.first_child(); child; child = child.next_sibling()) children.push_back(node_of(child));
  object["nodes"] = std::move(children);
  return object;
}

[[nodiscard]] json::object event_of(const hl7::Event& event) {
  json::object object;
  object["code"] = text(event.code);
  object["event"] = event.event.empty() ? json::value(nullptr) : json::value(text(event.event));
  object["structure"] = text(event.structure.name());
  return object;
}

class Maker {
 public:
  explicit Maker(hl7::Version version) : version_(version) {}

  json::object make(const Subject& subject) {
    object_["version"] = text(version_.name());
    std::visit([this](const auto& one) { describe(one); }, subject);
    return std::move(object_);
  }

 private:
  void kind(std::string_view kind, std::string_view name, std::string_view title) {
    object_["kind"] = text(kind);
    object_["name"] = text(name);
    object_["title"] = title.empty() ? json::value(nullptr) : json::value(text(title));
  }

  void describe(const SegmentOf& of) {
    kind("segment", of.segment.name(), hl7::segment_title(of.segment.name()));
    json::array fields;
    for (std::uint16_t n = 1; n <= of.segment.field_count(); ++n)
      fields.push_back(part_of(of.segment.field(n), hl7::label_of(version_, of.segment.name(), n)));
    object_["fields"] = std::move(fields);
  }

  void describe(const TypeOf& of) {
    kind("datatype", of.type.name(), type_title(version_, of.type.name()));
    object_["components"] = components_of(version_, of.type, of.type.name());
  }

  void describe(const Place& of) {
    kind(of.path.find_first_of('.') == std::string::npos ? "field" : "component", of.path, of.part.name());
    for (auto& [key, value] : part_of(of.part, label_at(version_, of.path))) {
      if (key != "name") object_[key] = std::move(value);
    }
    if (const hl7::Datatype type = of.part.datatype()) object_["components"] = components_of(version_, type, of.path);
  }

  void describe(const StructureOf& of) {
    kind("structure", of.structure.name(), {});
    json::array events;
    for (const hl7::Event& event : events_of(of.structure)) {
      if (object_["title"].is_null()) {
        const std::string_view title = event_title(version_, event.event);
        if (!title.empty()) object_["title"] = text(title);
      }
      events.push_back(event_of(event));
    }
    object_["events"] = std::move(events);
    object_["nodes"] = std::move(node_of(of.structure.root())["nodes"]);
  }

  void describe(const TableOf& of) {
    kind("table", fmt::format("{:04}", of.table.number()), of.table.name());
    object_["defined_by"] = text(kind_of(of.table));
    json::array codes;
    for (std::size_t n = 0; n < of.table.size(); ++n) {
      const hl7::Code code = of.table.code(n);
      codes.push_back(json::object{{"code", text(code.code)}, {"meaning", text(code.meaning)}});
    }
    object_["codes"] = std::move(codes);
  }

  void describe(const EventsOf& of) {
    kind("events", of.events.front().event.empty() ? of.events.front().code : of.events.front().event, of.title);
    json::array events;
    for (const hl7::Event& event : of.events) events.push_back(event_of(event));
    object_["events"] = std::move(events);
  }

  void describe(const WholeVersion&) {
    kind("version", version_.name(), {});
    const auto names = [](std::size_t count, const auto& name_at) {
      json::array array;
      for (std::size_t n = 0; n < count; ++n) array.push_back(text(name_at(n)));
      return array;
    };
    object_["structures"] = names(version_.structure_count(), [&](std::size_t n) { return version_.structure_at(n).name(); });
    object_["segments"] = names(version_.segment_count(), [&](std::size_t n) { return version_.segment_at(n).name(); });
    object_["datatypes"] = names(version_.datatype_count(), [&](std::size_t n) { return version_.datatype_at(n).name(); });
    json::array tables;
    for (std::size_t n = 0; n < hl7::Version::table_count(); ++n) {
      const hl7::Table table = version_.table_at(n);
      tables.push_back(json::object{{"number", fmt::format("{:04}", table.number())},
                                    {"name", text(table.name())},
                                    {"defined_by", text(kind_of(table))}});
    }
    object_["tables"] = std::move(tables);
  }

  hl7::Version version_;
  json::object object_;
};

}  // namespace

std::string as_json(hl7::Version version, const Subject& subject) {
  return json::serialize(Maker(version).make(subject)) + "\n";
}

}  // namespace smarthl7::app::describing
