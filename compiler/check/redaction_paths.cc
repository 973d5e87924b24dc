// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/redaction_paths.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/diag/suggest.h"

namespace smarthl7::check {
namespace {

using diag::Code;

bool is_local_name(std::string_view name) { return name.size() == 3 && name.front() == 'Z'; }

/// Versions that have the segment, newest first.
std::vector<hl7::Segment> definitions(std::string_view name) {
  std::vector<hl7::Segment> all;
  for (std::size_t i = hl7::version_count(); i > 0; --i) {
    if (const hl7::Segment segment = hl7::version_at(i - 1).segment(name)) all.push_back(segment);
  }
  return all;
}

class TargetReader {
 public:
  TargetReader(const Context& context, const syntax::PathExpr& path) : context_(context), path_(path) {}

  std::optional<RedactionTarget> read() {
    if (path_.root != syntax::PathRoot::absolute) {
      return refuse(path_.span, "a redaction speaks of the whole message: there is nothing to count from",
                    "write the segment too, as in PID-3.4");
    }
    if (path_.nodes.size() != 1) {
      return refuse(path_.span, "a redaction speaks of a segment in all its places, so it names no group",
                    fmt::format("write `{}`", path_.nodes.back().text));
    }
    if (!no_index(path_.nodes.front().index)) return std::nullopt;
    for (const syntax::PathPart& part : path_.parts) {
      if (!no_index(part.index)) return std::nullopt;
    }
    target_.segment = path_.nodes.front().text;
    segments_ = definitions(target_.segment);
    if (segments_.empty()) {
      if (is_local_name(target_.segment)) return local();
      return unknown_segment();
    }
    if (path_.parts.empty()) return target_;
    if (!field() || !component() || !subcomponent()) return std::nullopt;
    return target_;
  }

 private:
  std::optional<RedactionTarget> refuse(source::Span span, std::string message, std::string help) {
    context_.sink.report(Code::E0641, span, std::move(message), std::move(help));
    return std::nullopt;
  }
  std::nullopt_t missing(source::Span span, std::string message, std::string help = {}) {
    context_.sink.report(Code::E0642, span, std::move(message), std::move(help));
    return std::nullopt;
  }

  bool no_index(const syntax::Index& index) {
    if (index.kind == syntax::IndexKind::none || index.kind == syntax::IndexKind::all) return true;
    diag::Diagnostic diagnostic{.code = Code::E0641,
                                .span = index.span,
                                .message = "a redaction speaks of every occurrence: what it leaves in one, it leaves in all"};
    diagnostic.help = "leave the index out";
    diagnostic.fixes.push_back(diag::replace(index.span, ""));
    context_.sink.report(std::move(diagnostic));
    return false;
  }

  std::optional<RedactionTarget> unknown_segment() {
    std::vector<std::string_view> names;
    const hl7::Version newest = hl7::newest_version();
    for (std::size_t i = 0; i < newest.segment_count(); ++i) names.push_back(newest.segment_at(i).name());
    const auto near = diag::suggest(target_.segment, names);
    return missing(path_.nodes.front().span, fmt::format("no version of HL7 has a segment `{}`", target_.segment),
                   near ? fmt::format("did you mean `{}`?", *near)
                        : std::string("a redaction names segments, not groups; a segment of your own begins with Z"));
  }

  /// A Z-segment: its fields by number, or by the names that a message declares.
  std::optional<RedactionTarget> local() {
    std::uint16_t* const parts[] = {&target_.field, &target_.component, &target_.subcomponent};
    for (std::size_t i = 0; i < path_.parts.size(); ++i) {
      const syntax::PathPart& part = path_.parts[i];
      std::optional<std::uint32_t> number = part.number != 0 ? std::optional(part.number) : std::nullopt;
      if (!number && i == 0) number = local_field(part.name);
      if (!number)
        return missing(part.span,
                       fmt::format("`{}` is no field of a `{}` that a message declares", part.name, target_.segment));
      *parts[i] = static_cast<std::uint16_t>(std::min<std::uint32_t>(*number, 0xFFFF));
    }
    return target_;
  }

  [[nodiscard]] std::optional<std::uint32_t> local_field(std::string_view name) const {
    for (const auto* message : context_.project.all<syntax::MessageDecl>()) {
      for (const syntax::MessageItem* item : message->items) {
        const auto* segment = item->try_as<syntax::SegmentItem>();
        if (segment == nullptr || segment->name == nullptr || segment->name->text != target_.segment) continue;
        for (const syntax::SegmentField* field : segment->fields) {
          if (field->name != nullptr && field->name->text == name) return field->number;
        }
      }
    }
    return std::nullopt;
  }

  bool field() {
    const syntax::PathPart& part = path_.parts[0];
    std::uint32_t most = 0;
    for (const hl7::Segment& segment : segments_) {
      most = std::max<std::uint32_t>(most, segment.field_count());
      if (target_.field != 0) continue;
      if (part.number != 0 && part.number <= segment.field_count()) target_.field = static_cast<std::uint16_t>(part.number);
      if (part.number == 0) {
        if (const hl7::Field named = segment.field(part.name)) target_.field = named.number();
      }
    }
    if (target_.field == 0) {
      missing(part.span,
              part.number != 0 ? fmt::format("{} has no field {} in any version", target_.segment, part.number)
                               : fmt::format("no version of {} has a field `{}`", target_.segment, part.name),
              fmt::format("{} has {} fields in the version that has most; what is beyond goes from an `allow` by itself",
                          target_.segment, most));
      return false;
    }
    for (const hl7::Segment& segment : segments_) {
      const hl7::Field here = segment.field(target_.field);
      if (!here) continue;
      anything_ = anything_ || here.varies();
      if (const hl7::Datatype type = here.datatype()) types_.push_back(type);
    }
    return true;
  }

  bool component() { return path_.parts.size() < 2 || deeper(path_.parts[1], target_.component, "component"); }
  bool subcomponent() { return path_.parts.size() < 3 || deeper(path_.parts[2], target_.subcomponent, "subcomponent"); }

  /// A part of one of the types that the place has in the versions.
  bool deeper(const syntax::PathPart& part, std::uint16_t& number, std::string_view what) {
    std::vector<hl7::Datatype> below;
    for (const hl7::Datatype& type : types_) {
      hl7::Component found;
      if (part.number != 0 && part.number <= type.component_count()) found = type.component(part.number);
      if (part.number == 0) found = type.component(part.name);
      if (!found) continue;
      if (number == 0) number = found.number();
      anything_ = anything_ || found.varies();
      if (const hl7::Datatype under = found.datatype()) below.push_back(under);
    }
    if (number == 0 && part.number != 0 && (anything_ || part.number == 1)) {
      number = static_cast<std::uint16_t>(std::min<std::uint32_t>(part.number, 0xFFFF));
    }
    types_ = std::move(below);
    if (number != 0) return true;
    missing(part.span, fmt::format("{} has no {} {} in any version", describe(target_), what,
                                   part.number != 0 ? std::to_string(part.number) : fmt::format("`{}`", part.name)));
    return false;
  }

  const Context& context_;
  const syntax::PathExpr& path_;
  RedactionTarget target_;
  std::vector<hl7::Segment> segments_;
  std::vector<hl7::Datatype> types_;  // of the place, newest version first
  bool anything_ = false;             // its type varies
};

}  // namespace

std::optional<RedactionTarget> read_target(const Context& context, const syntax::PathExpr& path) {
  return TargetReader(context, path).read();
}

std::string describe(const RedactionTarget& target) {
  std::string text = target.segment;
  if (target.field > 0) text += fmt::format("-{}", target.field);
  if (target.component > 0) text += fmt::format(".{}", target.component);
  if (target.subcomponent > 0) text += fmt::format(".{}", target.subcomponent);
  return text;
}

}  // namespace smarthl7::check
