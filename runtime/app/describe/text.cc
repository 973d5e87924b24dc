// SPDX-License-Identifier: Apache-2.0
// A subject as people read it: a heading, then aligned columns.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/app/describe/subject.h"

namespace smarthl7::app::describing {
namespace {

constexpr std::size_t kWidth = 100;

/// "1", "0..1", "1..*".
[[nodiscard]] std::string limits(std::uint16_t least, std::uint16_t most) {
  if (most == hl7::kUnbounded) return fmt::format("{}..*", least);
  return least == most ? std::to_string(least) : fmt::format("{}..{}", least, most);
}

[[nodiscard]] std::string_view kind_of(const hl7::Table& table) {
  switch (table.kind()) {
    case hl7::TableKind::hl7: return "HL7 defines its codes: no other may be sent";
    case hl7::TableKind::user: return "user-defined: HL7 suggests codes, a site has its own";
    case hl7::TableKind::open: return "open: other codes may be sent";
  }
  return "";
}

class Writer {
 public:
  Writer(hl7::Version version, bool colours) : version_(version), colours_(colours) {}

  std::string write(const Subject& subject) {
    std::visit([this](const auto& one) { describe(one); }, subject);
    return std::move(out_);
  }

 private:
  static constexpr std::string_view kBold = "1";
  static constexpr std::string_view kFaint = "2";
  static constexpr std::string_view kCyan = "36";

  [[nodiscard]] std::string paint(std::string_view style, std::string_view text) const {
    return colours_ && !text.empty() ? fmt::format("\x1b[{}m{}\x1b[0m", style, text) : std::string(text);
  }

  void heading(std::string_view name, std::string_view title) {
    out_ += paint(kBold, name);
    if (!title.empty()) out_ += fmt::format("  {}", title);
    out_ += paint(kFaint, fmt::format("  (HL7 {})", version_.name())) + "\n\n";
  }

  /// Text padded to a width, painted after.
  [[nodiscard]] std::string cell(std::string_view style, std::string_view text, std::size_t width) const {
    const std::size_t pad = text.size() < width ? width - text.size() : 0;
    return paint(style, text) + std::string(pad, ' ');
  }

  void line(std::string text) {
    while (text.ends_with(' ')) text.pop_back();
    out_ += text + "\n";
  }

  // ---- fields and components

  /// "direct H": the label, and the letter of the identifier in 45 CFR 164.514(b)(2)(i).
  [[nodiscard]] static std::string phi(hl7::PhiMark mark) {
    return fmt::format("{} {}", hl7::label_name(mark.label), hl7::kind_letter(mark.kind));
  }

  void parts(std::size_t count, const auto& part_at, const auto& mark_at) {
    std::size_t name = 4;
    std::size_t type = 4;
    for (std::size_t n = 1; n <= count; ++n) {
      name = std::max(name, part_at(n).name().size());
      type = std::max(type, part_at(n).type().size());
    }
    line(paint(kFaint, fmt::format("{:>4}  {:{}}  {:{}}  {:6}  {:>6}  {:5}  {}", "", "name", name, "type", type, "times",
                                   "length", "table", "phi")));
    for (std::size_t n = 1; n <= count; ++n) {
      const hl7::Part part = part_at(n);
      const bool out = part.withdrawn();
      const std::string_view style = out ? kFaint : part.required() ? kBold : std::string_view("0");
      line(fmt::format("{:>4}  {}  {}  {:6}  {:>6}  {:5}  {}", n, cell(style, part.name(), name),
                       cell(kCyan, part.type(), type), out ? "-" : limits(part.min(), part.max()),
                       part.length() == 0 ? "" : std::to_string(part.length()),
                       part.table_number() == 0 ? "" : fmt::format("{:04}", part.table_number()), phi(mark_at(n))));
    }
  }

  void components(const hl7::Datatype& type, std::string_view path) {
    parts(
        type.component_count(), [&](std::size_t n) { return type.component(n); },
        [&](std::size_t n) { return label_at(version_, fmt::format("{}.{}", path, n)); });
  }

  void describe(const SegmentOf& of) {
    heading(of.segment.name(), hl7::segment_title(of.segment.name()));
    parts(
        of.segment.field_count(), [&](std::size_t n) { return of.segment.field(n); },
        [&](std::size_t n) { return hl7::label_of(version_, of.segment.name(), static_cast<unsigned>(n)); });
    used_in(of.segment);
  }

  void used_in(const hl7::Segment& segment) {
    std::string names;
    std::size_t count = 0;
    for (std::size_t n = 0; n < version_.structure_count(); ++n) {
      const hl7::Structure structure = version_.structure_at(n);
      bool has = false;
      for (hl7::NodeIndex node = 1; node < structure.node_count() && !has; ++node)
        has = structure.node(node).kind() == hl7::NodeKind::segment && structure.node(node).name() == segment.name();
      if (!has) continue;
      ++count;
      names += fmt::format("{}{}", names.empty() ? "" : ", ", structure.name());
    }
    if (count == version_.structure_count()) names = "every structure";
    if (count > 0) out_ += "\n" + paint(kFaint, "in ") + wrapped(names, 3) + "\n";
  }

  void describe(const TypeOf& of) {
    heading(of.type.name(), type_title(version_, of.type.name()));
    if (of.type.is_composite())
      components(of.type, of.type.name());
    else
      line("a primitive data type: no components");
  }

  void describe(const Place& of) {
    const hl7::Part& part = of.part;
    heading(of.path, part.name());
    const auto fact = [this](std::string_view what, const std::string& text) {
      line(fmt::format("  {}  {}", cell(kFaint, what, 8), text));
    };
    if (part.withdrawn()) {
      fact("usage", "withdrawn: nothing may stand there");
    } else {
      const std::string_view title = type_title(version_, part.type());
      fact("type", part.varies() ? "as another field says (OBX-5: OBX-2)"
                                 : fmt::format("{}{}{}", part.type(), title.empty() ? "" : ", ", title));
      fact("usage", fmt::format("{}, {}", part.required() ? "required" : "optional",
                                part.max() == hl7::kUnbounded ? "repeats"
                                : part.max() == 1             ? "does not repeat"
                                                              : fmt::format("at most {} times", part.max())));
    }
    if (part.length() != 0) fact("length", fmt::format("{}", part.length()));
    if (part.table_number() != 0) {
      const hl7::Table table = part.table();
      fact("table", table ? fmt::format("{:04} {} ({})", table.number(), table.name(), kind_of(table))
                          : fmt::format("{:04}, without codes", part.table_number()));
    }
    const hl7::PhiMark mark = label_at(version_, of.path);
    const std::string_view letter = hl7::kind_letter(mark.kind);
    fact("phi", letter.empty() ? std::string(hl7::label_name(mark.label))
                               : fmt::format("{}: {}, 45 CFR 164.514(b)(2)(i)({})", hl7::label_name(mark.label),
                                             hl7::kind_name(mark.kind), letter));
    fact("path", of.path.find('-') == std::string::npos ? of.path : fmt::format("{} or {}", of.path, named_path(of)));
    if (const hl7::Datatype type = part.datatype(); type && type.is_composite()) {
      out_ += "\n";
      components(type, of.path);
    }
  }

  /// "PID.patient_identifier_list.assigning_authority"
  [[nodiscard]] std::string named_path(const Place& of) const {
    const auto dash = of.path.find('-');
    const hl7::Segment segment = version_.segment(std::string_view(of.path).substr(0, dash));
    std::string text(segment.name());
    hl7::Datatype inside;
    for (std::size_t at = dash; at < of.path.size();) {
      const std::size_t end = std::min(of.path.find('.', at + 1), of.path.size());
      const auto n = static_cast<std::size_t>(std::stoul(of.path.substr(at + 1, end - at - 1)));
      const hl7::Part part = at == dash ? segment.field(n) : inside.component(n);
      const bool named = at == dash ? static_cast<bool>(segment.field(part.snake_name()))
                                    : static_cast<bool>(inside.component(part.snake_name()));
      if (!named) return of.path;  // the name stands twice
      text += fmt::format(".{}", part.snake_name());
      inside = part.datatype();
      at = end;
    }
    return text;
  }

  // ---- structures

  void describe(const StructureOf& of) {
    std::string events;
    std::string_view title;
    for (const hl7::Event& event : events_of(of.structure)) {
      events += fmt::format("{}{}{}{}", events.empty() ? "" : ", ", event.code, event.event.empty() ? "" : "^", event.event);
      if (title.empty()) title = event_title(version_, event.event);
      if (title.empty()) title = code_title(version_, event.code);
    }
    heading(of.structure.name(), title);
    if (!events.empty()) out_ += paint(kFaint, "for ") + wrapped(events, 4) + "\n\n";
    std::size_t width = 0;
    measure(of.structure.root(), 0, width);
    for (hl7::StructureNode node = of.structure.root().first_child(); node; node = node.next_sibling())
      tree(node, 0, width + 2);
  }

  static void measure(const hl7::StructureNode& node, std::size_t depth, std::size_t& width) {
    for (hl7::StructureNode child = node.first_child(); child; child = child.next_sibling()) {
      width = std::max(width, 2 * depth + label(child).size());
      measure(child, depth + 1, width);
    }
  }

  [[nodiscard]] static std::string label(const hl7::StructureNode& node) {
    if (node.kind() == hl7::NodeKind::choice) return "one of";
    return node.kind() == hl7::NodeKind::any_segment ? "any segment" : std::string(node.name());
  }

  void tree(const hl7::StructureNode& node, std::size_t depth, std::size_t width) {
    const std::string indent(2 * depth, ' ');
    const bool group = node.kind() == hl7::NodeKind::group;
    const bool alternative = node.parent() && node.parent().kind() == hl7::NodeKind::choice;
    const std::string_view style = group ? kCyan : node.required() ? kBold : std::string_view("0");
    const std::string_view title = node.kind() == hl7::NodeKind::segment ? hl7::segment_title(node.name()) : std::string_view();
    line(fmt::format("{}{}{:6}{}", indent, cell(style, label(node), width - indent.size()),
                     alternative ? "" : limits(node.min(), node.max()), title));
    for (hl7::StructureNode child = node.first_child(); child; child = child.next_sibling()) tree(child, depth + 1, width);
  }

  // ---- tables, events, versions

  void describe(const TableOf& of) {
    heading(fmt::format("table {:04}", of.table.number()), of.table.name());
    line(paint(kFaint, kind_of(of.table)));
    out_ += "\n";
    std::size_t width = 4;
    for (std::size_t n = 0; n < of.table.size(); ++n) width = std::max(width, of.table.code(n).code.size());
    for (std::size_t n = 0; n < of.table.size(); ++n)
      line(fmt::format("  {}  {}", cell(kBold, of.table.code(n).code, width), of.table.code(n).meaning));
  }

  void describe(const EventsOf& of) {
    const bool one = std::all_of(of.events.begin(), of.events.end(),
                                 [&](const auto& event) { return event.event == of.events.front().event; });
    heading(one ? of.events.front().event.empty() ? of.events.front().code : of.events.front().event : of.events.front().code,
            of.title);
    for (const hl7::Event& event : of.events) {
      const std::string name = fmt::format("{}{}{}", event.code, event.event.empty() ? "" : "^", event.event);
      line(fmt::format("  {}  {}  {}", cell(kBold, name, 7), cell(kCyan, event.structure.name(), 9),
                       one ? code_title(version_, event.code) : event_title(version_, event.event)));
    }
  }

  void describe(const WholeVersion&) {
    std::size_t fields = 0;
    for (std::size_t n = 0; n < version_.segment_count(); ++n) fields += version_.segment_at(n).field_count();
    heading(fmt::format("HL7 {}", version_.name()), "");
    out_ = out_.substr(0, out_.find("  (")) + (colours_ ? "\x1b[0m\n\n" : "\n\n");
    const auto all = [this](std::string_view what, std::size_t count, const auto& name_at) {
      std::string names;
      for (std::size_t n = 0; n < count; ++n) names += fmt::format("{}{}", n == 0 ? "" : ", ", name_at(n));
      out_ += fmt::format("{}{}\n\n", paint(kBold, fmt::format("{} {}:", count, what)), wrapped("\n" + names, 2));
    };
    all("message structures", version_.structure_count(), [&](std::size_t n) { return version_.structure_at(n).name(); });
    all(fmt::format("segments with {} fields", fields), version_.segment_count(),
        [&](std::size_t n) { return version_.segment_at(n).name(); });
    all("data types", version_.datatype_count(), [&](std::size_t n) { return version_.datatype_at(n).name(); });
    out_ +=
        fmt::format("{} tables for all versions. For more: smarthl7 describe {} PID, PID-3, ORU_R01, CX, ADT^A08, table 0203\n",
                    hl7::Version::table_count(), version_.name());
  }

  /// Words with commas between, in lines of the page's width; lines after the first are indented.
  [[nodiscard]] static std::string wrapped(std::string_view text, std::size_t indent) {
    std::string result;
    std::size_t column = indent;
    if (text.starts_with('\n')) {
      result = "\n" + std::string(indent, ' ');
      text.remove_prefix(1);
    }
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(", "), text.size());
      const std::string_view word = text.substr(0, end);
      text.remove_prefix(std::min(end + 2, text.size()));
      if (column > indent && column + word.size() + 1 > kWidth) {
        result += "\n" + std::string(indent, ' ');
        column = indent;
      }
      result += word;
      column += word.size() + 2;
      if (!text.empty()) result += column + std::min(text.find(", "), text.size()) + 1 > kWidth ? "," : ", ";
    }
    return result;
  }

  hl7::Version version_;
  bool colours_;
  std::string out_;
};

}  // namespace

std::string as_text(hl7::Version version, const Subject& subject, bool colours) {
  return Writer(version, colours).write(subject);
}

}  // namespace smarthl7::app::describing
