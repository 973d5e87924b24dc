// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compiler/check/checker.h"
#include "compiler/check/path_text.h"
#include "compiler/diag/suggest.h"

namespace smarthl7::check {

using diag::Code;
using plan::Pick;
using syntax::IndexKind;

void Checker::field_unknown(const syntax::PathExpr& path, const syntax::PathPart& part, const PathInfo& info) {
  const std::string& segment = info.resolved.segment;
  const std::uint16_t count = model.field_count(segment).value_or(0);
  if (part.number != 0) {
    const bool local = model.local_segment(segment) != nullptr;
    report(Code::E0303, path.span, fmt::format("there is no field {}-{}", segment, part.number),
           local ? fmt::format("the message's {} has {} field{}", segment, count, count == 1 ? "" : "s")
                 : fmt::format("{} {} has {} fields", model.version().name(), segment, count));
    return;
  }
  const Span span{part.span.file, part.span.begin + 1, part.span.begin + 1 + static_cast<std::uint32_t>(part.name.size())};
  const std::vector<std::string_view> names = model.field_names(segment);
  const auto near = diag::suggest(part.name, names);
  std::vector<diag::Fix> fixes;
  if (near) fixes.push_back(diag::replace(span, std::string(*near), fmt::format("write `{}`", *near)));
  report(Code::E0306, span, fmt::format("{} has no field named `{}`", segment, part.name),
         fmt::format("names are those of HL7 {}", model.version().name()),
         near ? fmt::format("did you mean `{}`?", *near) : std::string(), std::move(fixes));
}

bool Checker::pick_repetition(const syntax::PathExpr& path, const syntax::PathPart& part, Want want, PathInfo& info) {
  plan::Path& meant = info.resolved.path;
  const bool repeats = info.field.repeats();
  switch (part.index.kind) {
    case IndexKind::none:
      meant.repetition_n = 1;
      if (want == Want::whole && path.parts.size() == 1) {
        meant.repetition_n = 0;
        return true;
      }
      if (want == Want::scope) return true;
      if (!repeats && !model.open()) return true;
      if (want == Want::any || want == Want::every) {
        if (repeats) meant.repetition = Pick::every;
        return true;
      }
      if (model.open()) return true;
      {
        const std::string field = fmt::format(
            "{}-{}", info.resolved.text, part.number != 0 ? std::to_string(part.number) : std::to_string(info.field.number));
        const std::string rest = text(path).substr(part.span.end - path.span.begin);
        report(
            Code::E0312, path.span, fmt::format("{} may repeat, so a single value needs an index", field),
            part_label(model, info.resolved.segment, info.field),
            fmt::format("write {0}[1]{1}, or each {0} {{ ... }}", text(path).substr(0, part.span.end - path.span.begin), rest),
            {insert_at(part.span.end, path.span.file, "[1]"), insert_at(part.span.end, path.span.file, "[*]")});
      }
      return false;
    case IndexKind::number:
      if (part.index.number > 1 && info.field.max != hl7::kUnbounded && part.index.number > info.field.max) {
        report(Code::E0313, part.index.span, fmt::format("`{}` is never there", text(path)),
               part_label(model, info.resolved.segment, info.field), {},
               {diag::replace(part.index.span, info.field.repeats() ? fmt::format("[{}]", info.field.max) : "",
                              "write the last one there can be")});
        return false;
      }
      meant.repetition_n = static_cast<std::uint16_t>(std::min<std::uint32_t>(part.index.number, 0xFFFF));
      return true;
    case IndexKind::last: meant.repetition = Pick::last; return true;
    case IndexKind::all:
      meant.repetition = Pick::every;
      if (want == Want::whole && path.parts.size() == 1) {
        meant.repetition = Pick::nth;
        meant.repetition_n = 0;
      }
      return true;
    case IndexKind::selection: {
      Frame frame;
      frame.kind = plan::ScopeKind::repetition;
      frame.places = info.places;
      frame.name = info.resolved.segment;
      frame.segment = meant.segment;
      if (meant.segment.pick == Pick::every) {  // the candidate's own
        frame.segment = {};
        frame.segment.frame = static_cast<std::uint16_t>(frames.size() + 1);
        frame.segment.pick = Pick::current;
      }
      frame.field = info.field;
      frame.text = fmt::format("{}-{}", info.resolved.text, info.field.number);
      frame.candidate = true;
      meant.repetition = Pick::chosen;
      info.resolved.choice = part.index.selection;
      if (part.index.selection == nullptr) return false;
      frames.push_back(std::move(frame));
      const bool was_every = std::exchange(every, false);
      condition(*part.index.selection);
      every = was_every;
      frames.pop_back();
      return true;
    }
  }
  return false;
}

bool Checker::field_part(const syntax::PathExpr& path, Want want, PathInfo& info) {
  const syntax::PathPart& part = path.parts.front();
  const auto found =
      part.number != 0 ? model.field(info.resolved.segment, part.number) : model.field(info.resolved.segment, part.name);
  if (!found) {
    field_unknown(path, part, info);
    return false;
  }
  info.field = info.part = *found;
  if (found->withdrawn) {
    report(Code::E0314, path.span,
           fmt::format("{}-{} is withdrawn: nothing may stand there", info.resolved.segment, found->number),
           fmt::format("HL7 {} has taken the field out", model.version().name()));
    return false;
  }
  info.resolved.path.field = found->number;
  if (!pick_repetition(path, part, want, info)) return false;
  info.resolved.text += fmt::format("-{}{}", found->number, index_text(part.index, context));
  return true;
}

bool Checker::component_part(const syntax::PathExpr& path, std::size_t index, PathInfo& info) {
  const syntax::PathPart& part = path.parts[index];
  const bool sub = path.level(index) == syntax::PathLevel::subcomponent;
  if (info.part.varies()) narrow(info);
  if (info.part.varies()) {
    report(Code::E0305, path.span, fmt::format("the type of {} is not known here, so it has no parts", info.resolved.text),
           fmt::format("{} has the data type that {} names", info.resolved.text,
                       info.resolved.segment == "OBX" ? "OBX-2" : "another field"),
           info.resolved.segment == "OBX" ? "narrow it by `where OBX-2 == \"CE\"` or `when OBX-2 == \"CE\"`" : "");
    return false;
  } else if (!info.part.type || !info.part.type.is_composite()) {
    report(
        Code::E0305, path.span, fmt::format("{} has no {}", info.resolved.text, sub ? "subcomponents" : "components"),
        fmt::format("{} is {}", info.resolved.text, info.part.type_name.empty() ? "text" : info.part.type_name),
        fmt::format("write {}", info.resolved.text),
        {diag::replace({part.span.file, part.span.begin, path.span.end}, "", fmt::format("write `{}`", info.resolved.text))});
    return false;
  } else {
    const hl7::Datatype type = info.part.type;
    const hl7::Component found = part.number != 0 ? type.component(std::size_t{part.number}) : type.component(part.name);
    if (!found && part.number != 0) {
      report(Code::E0304, path.span, fmt::format("{} has no component {}", info.resolved.text, part.number),
             fmt::format("{} is {}, which has {} components in {}", info.resolved.text, type.name(), type.component_count(),
                         model.version().name()));
      return false;
    }
    if (!found) {
      std::vector<std::string_view> names;
      for (std::size_t i = 1; i <= type.component_count(); ++i) names.push_back(type.component(i).snake_name());
      const auto near = diag::suggest(part.name, names);
      const Span span{part.span.file, part.span.begin + 1, part.span.begin + 1 + static_cast<std::uint32_t>(part.name.size())};
      std::vector<diag::Fix> fixes;
      if (near) fixes.push_back(diag::replace(span, std::string(*near), fmt::format("write `{}`", *near)));
      report(Code::E0306, span, fmt::format("{} has no component named `{}`", type.name(), part.name),
             fmt::format("names are those of HL7 {}", model.version().name()),
             near ? fmt::format("did you mean `{}`?", *near) : std::string(), std::move(fixes));
      return false;
    }
    info.part = component_info(type, found);
    if (info.part.withdrawn) {
      report(Code::E0314, path.span,
             fmt::format("{}.{} is withdrawn: nothing may stand there", info.resolved.text, info.part.number),
             fmt::format("HL7 {} has taken it out of {}", model.version().name(), type.name()));
      return false;
    }
  }
  (sub ? info.resolved.path.subcomponent : info.resolved.path.component) = info.part.number;
  info.resolved.text += fmt::format(".{}", info.part.number);
  return true;
}

/// OBX-5 has the type that OBX-2 names, where that is known.
void Checker::narrow(PathInfo& info) const {
  if (info.resolved.segment != "OBX" || info.resolved.path.field != 5) return;
  ResolvedPath value_type = info.resolved;
  value_type.path.field = 2;
  value_type.path.repetition = Pick::nth;
  value_type.path.repetition_n = 1;
  value_type.path.component = value_type.path.subcomponent = 0;
  const auto known = known_value(value_type);
  if (!known) return;
  const hl7::Datatype type = model.version().datatype(*known);
  if (!type) return;
  info.part.type_name = type.name();
  info.part.type = type;
}

}  // namespace smarthl7::check
