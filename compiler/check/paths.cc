// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "compiler/check/checker.h"
#include "compiler/diag/suggest.h"

namespace smarthl7::check {
namespace {

using diag::Code;
using plan::Pick;
using syntax::IndexKind;
using syntax::PathRoot;

std::string index_text(const syntax::Index& index, const Context& context) {
  if (index.kind == IndexKind::none) return {};
  return std::string(context.text(index.span));
}

/// Where `[1]` goes after a part or node that has no index.
diag::Fix insert_at(std::uint32_t offset, source::FileId file, std::string_view text) {
  return diag::replace({file, offset, offset}, std::string(text), fmt::format("write `{}`", text));
}

std::string part_label(const MessageModel& model, std::string_view segment, const PartInfo& part) {
  return fmt::format("{}: {}-{} \"{}\" is {}, {}", model.title(), segment, part.number, part.name, part.type_name,
                     cardinality(part.min, part.max));
}

/// "OBX is in ORDER_OBSERVATION (1..*), OBSERVATION (0..*)": what repeats on the way down to it.
std::string segment_label(const MessageModel& model, ModelIndex place) {
  const ModelNode& node = model.node(place);
  std::string around;
  for (ModelIndex up = model.group_of(place); up != kNoModelNode && up != 0; up = model.group_of(up)) {
    const ModelNode& group = model.node(up);
    if (!group.repeats()) continue;
    around = fmt::format("{} ({}){}{}", group.name, cardinality(group.min, group.max), around.empty() ? "" : ", ", around);
  }
  std::string label = fmt::format("{}: {} is {}", model.title(), node.name, cardinality(node.min, node.max));
  if (!around.empty()) label += fmt::format(" in {}", around);
  return label;
}

/// "ORDER_OBSERVATION.NTE", of the group next around it.
std::string qualified(const MessageModel& model, ModelIndex place) {
  const ModelIndex group = model.group_of(place);
  return group == kNoModelNode ? std::string(model.node(place).name)
                               : fmt::format("{}.{}", model.node(group).name, model.node(place).name);
}

std::string joined(const std::vector<std::string>& words, std::string_view last = " and ") {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? last : std::string_view(", ");
    text += words[i];
  }
  return text;
}

}  // namespace

std::vector<ModelIndex> Checker::candidates(const syntax::PathExpr& path) const {
  std::vector<ModelIndex> found;
  const auto nodes = model.nodes();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].name.empty() || nodes[i].name != path.nodes.back().text) continue;
    auto at = static_cast<ModelIndex>(i);
    bool fits = true;
    for (std::size_t word = path.nodes.size() - 1; fits && word-- > 0;) {
      at = model.group_of(at);
      fits = at != kNoModelNode && nodes[at].name == path.nodes[word].text;
    }
    if (fits) found.push_back(static_cast<ModelIndex>(i));
  }
  return found;
}

void Checker::unknown_word(const syntax::PathExpr& path) {
  const auto nodes = model.nodes();
  const syntax::PathNode* wrong = &path.nodes.back();
  for (const syntax::PathNode& word : path.nodes) {
    const bool known = std::any_of(nodes.begin(), nodes.end(), [&](const ModelNode& node) { return node.name == word.text; });
    if (!known) {
      wrong = &word;
      break;
    }
  }
  const Span span{path.span.file, wrong->span.begin, wrong->span.begin + static_cast<std::uint32_t>(wrong->text.size())};
  std::vector<std::string_view> names;
  for (const ModelNode& node : nodes) {
    if (!node.name.empty() && std::find(names.begin(), names.end(), node.name) == names.end()) names.push_back(node.name);
  }
  const bool in_version = model.field_count(wrong->text).has_value();
  if (model.open() || !in_version) {
    if (model.open()) {
      for (std::size_t i = 0; i < model.version().segment_count(); ++i) names.push_back(model.version().segment_at(i).name());
    }
    const auto near = diag::suggest(wrong->text, names);
    std::vector<diag::Fix> fixes;
    if (near) fixes.push_back(diag::replace(span, std::string(*near), fmt::format("write `{}`", *near)));
    report(Code::E0301, span, fmt::format("`{}` is neither a segment nor a group here", wrong->text),
           model.open() ? fmt::format("HL7 {} has no such segment", model.version().name())
                        : fmt::format("{} has no `{}`", model.title(), wrong->text),
           near ? fmt::format("did you mean `{}`?", *near) : std::string(), std::move(fixes));
    return;
  }
  const bool placed = std::find(names.begin(), names.end(), wrong->text) != names.end();
  std::vector<std::string> places;
  for (std::size_t i = 0; placed && i < nodes.size(); ++i) {
    if (nodes[i].name == path.nodes.back().text)
      places.push_back(fmt::format("`{}`", qualified(model, static_cast<ModelIndex>(i))));
  }
  if (placed) {
    report(Code::E0302, path.span, fmt::format("there is no `{}` in this message", text(path)),
           fmt::format("{} has {}", model.title(), joined(places)));
    return;
  }
  std::vector<std::string_view> segments;
  for (const ModelNode& node : nodes) {
    if (node.is_segment() && std::find(segments.begin(), segments.end(), node.name) == segments.end())
      segments.push_back(node.name);
  }
  report(Code::E0302, span, fmt::format("segment `{}` does not occur in this message", wrong->text),
         fmt::format("{} is without {}", model.title(), wrong->text),
         fmt::format("its segments are {}", fmt::join(segments, ", ")));
}

bool Checker::relative_root(const syntax::PathExpr& path, PathInfo& info) {
  if (path.root == PathRoot::repetition) {
    if (frames.empty() || frames.back().kind != plan::ScopeKind::repetition) {
      report(Code::E0309, path.span, fmt::format("`{}` counts from a repetition, and there is none here", text(path)), {},
             "write the whole path, or put it into `each PID-3 { ... }`");
      return false;
    }
    const Frame& frame = frames.back();
    info.resolved.path.segment = frame.segment;
    info.resolved.path.field = frame.field.number;
    info.resolved.path.repetition = Pick::current;
    info.resolved.segment = frame.name;
    info.resolved.text = frame.text;
    info.places = frame.places;
    info.field = info.part = frame.field;
    return true;
  }
  for (std::size_t i = frames.size(); i-- > 0;) {
    if (frames[i].kind != plan::ScopeKind::segment) continue;
    info.resolved.path.segment.frame = static_cast<std::uint16_t>(i + 1);
    info.resolved.path.segment.pick = Pick::current;
    info.resolved.segment = info.resolved.text = frames[i].name;
    info.places = frames[i].places;
    return true;
  }
  report(Code::E0309, path.span, fmt::format("`{}` counts from a segment, and there is none here", text(path)), {},
         "write the segment before it, or put it into `each SEGMENT { ... }`");
  return false;
}

bool Checker::open_segment(const syntax::PathExpr& path, Want want, PathInfo& info) {
  const syntax::PathNode& word = path.nodes.back();
  if (path.nodes.size() > 1 || !model.field_count(word.text)) {
    if (path.nodes.size() > 1 && model.field_count(word.text)) {
      report(Code::E0311, path.span,
             fmt::format("`{}` names a group, but the message's structure is not known here", text(path)), {},
             "`validate` a `message` before this, so that its groups are known");
    } else {
      unknown_word(path);
    }
    return false;
  }
  plan::SegmentRef& segment = info.resolved.path.segment;
  for (std::size_t i = frames.size(); i-- > 0;) {
    if (frames[i].kind == plan::ScopeKind::segment && frames[i].name == word.text) {
      segment.frame = static_cast<std::uint16_t>(i + 1);
      segment.pick = Pick::current;
      info.resolved.segment = info.resolved.text = frames[i].name;
      if (word.index.kind == IndexKind::none) return true;
      report(Code::E0308, word.index.span,
             fmt::format("inside `each {0}`, `{0}` is the current one and takes no index", word.text), {}, "remove the index",
             {diag::replace(word.index.span, "", "remove the index")});
      return false;
    }
  }
  info.resolved.segment = std::string(word.text);
  info.resolved.text = info.resolved.segment + index_text(word.index, context);
  switch (word.index.kind) {
    case IndexKind::none:
      if (want == Want::any || want == Want::every) segment.pick = Pick::every;
      return true;
    case IndexKind::number: segment.n = word.index.number; return true;
    case IndexKind::last: segment.pick = Pick::last; return true;
    case IndexKind::all: segment.pick = Pick::every; return true;
    case IndexKind::selection: break;
  }
  report(Code::E0311, word.index.span, "a segment cannot be chosen by what it holds", {},
         fmt::format("use `each {} where ...`", word.text));
  return false;
}

bool Checker::absolute_segment(const syntax::PathExpr& path, Want want, PathInfo& info) {
  for (std::size_t i = 0; i + 1 < path.nodes.size(); ++i) {
    if (path.nodes[i].index.kind == IndexKind::none) continue;
    report(Code::E0311, path.nodes[i].index.span, fmt::format("an index cannot stand at the group `{}`", path.nodes[i].text),
           {}, fmt::format("use `each {} {{ ... }}`", path.nodes[i].text));
    return false;
  }
  if (model.open()) return open_segment(path, want, info);
  return place_segment(path, want, info);
}

bool Checker::place_segment(const syntax::PathExpr& path, Want want, PathInfo& info) {
  const std::string_view name = path.nodes.back().text;
  std::vector<ModelIndex> found = candidates(path);
  if (found.empty()) {
    unknown_word(path);
    return false;
  }
  std::erase_if(found, [this](ModelIndex place) { return !model.node(place).is_segment(); });
  if (found.empty()) {
    report(Code::E0311, path.span, fmt::format("`{}` is a group; a segment or a field is due here", text(path)), {},
           "write a segment of the group");
    return false;
  }
  info.resolved.segment = std::string(name);
  plan::SegmentRef& segment = info.resolved.path.segment;
  // From the inside out: the frame's own segment, what is below its group, then what is below the groups around.
  for (std::size_t i = frames.size(); i-- > 0;) {
    const Frame& frame = frames[i];
    if (frame.kind == plan::ScopeKind::repetition || frame.places.empty()) continue;
    if (frame.kind == plan::ScopeKind::segment) {
      const bool own = std::any_of(frame.places.begin(), frame.places.end(), [&](ModelIndex place) {
        return std::find(found.begin(), found.end(), place) != found.end();
      });
      if (own) {
        segment.frame = static_cast<std::uint16_t>(i + 1);
        segment.pick = Pick::current;
        info.places = frame.places;
        info.resolved.text = info.resolved.segment;
        const syntax::Index& index = path.nodes.back().index;
        if (index.kind == IndexKind::none) return true;
        report(Code::E0308, index.span, fmt::format("inside `each {0}`, `{0}` is the current one and takes no index", name), {},
               "remove the index", {diag::replace(index.span, "", "remove the index")});
        return false;
      }
    }
    // The nearest group around each place of the frame that holds the segment; all places must agree.
    std::set<ModelIndex> bases;
    for (const ModelIndex place : frame.places) {
      ModelIndex base = frame.kind == plan::ScopeKind::group ? place : model.group_of(place);
      while (base != 0 && base != kNoModelNode &&
             std::none_of(found.begin(), found.end(), [&](ModelIndex at) { return model.is_below(at, base); })) {
        base = model.group_of(base);
      }
      bases.insert(base == kNoModelNode ? ModelIndex{0} : base);
    }
    if (bases.size() > 1) {
      std::vector<std::string> places;
      for (const ModelIndex place : frame.places) places.push_back(fmt::format("`each {}`", qualified(model, place)));
      report(Code::E0307, path.span,
             fmt::format("`{}` means different segments for the places of `{}`", text(path), frame.name),
             fmt::format("{} stands at {} places of {}", frame.name, frame.places.size(), model.title()),
             fmt::format("choose one place: {}", joined(places, " or ")));
      return false;
    }
    const ModelIndex base = *bases.begin();
    std::erase_if(found, [&](ModelIndex at) { return base != 0 && !model.is_below(at, base); });
    if (base != 0) {
      segment.frame = static_cast<std::uint16_t>(i + 1);
      if (!(frame.kind == plan::ScopeKind::group && frame.places.front() == base)) segment.group = model.node(base).plan_node;
    }
    info.places = std::move(found);
    return pick_segment(path, want, base, info);
  }
  info.places = std::move(found);
  return pick_segment(path, want, 0, info);
}

bool Checker::pick_segment(const syntax::PathExpr& path, Want want, ModelIndex base, PathInfo& info) {
  const syntax::PathNode& word = path.nodes.back();
  plan::SegmentRef& segment = info.resolved.path.segment;
  info.resolved.text = info.resolved.segment + index_text(word.index, context);
  const bool many_wanted = want == Want::any || want == Want::every;
  if (info.places.size() > 1 && (!many_wanted || path.nodes.size() > 1)) {
    std::vector<std::string> places;
    std::vector<diag::Fix> fixes;
    for (const ModelIndex place : info.places) {
      const std::string whole = qualified(model, place);
      places.push_back(fmt::format("`{}`", whole));
      const Span span{path.span.file, path.nodes.front().span.begin,
                      word.span.begin + static_cast<std::uint32_t>(word.text.size())};
      fixes.push_back(diag::replace(span, whole, fmt::format("write `{}`", whole)));
    }
    report(Code::E0307, path.span, fmt::format("`{}` could mean {} places", text(path), info.places.size()),
           fmt::format("{} has {}", model.title(), joined(places)), fmt::format("say which one: {}", joined(places, " or ")),
           std::move(fixes));
    return false;
  }
  if (info.places.size() == 1) segment.node = model.node(info.places.front()).plan_node;
  const ModelIndex place = info.places.front();
  const bool single = info.places.size() == 1 && model.single_below(place, base);
  switch (word.index.kind) {
    case IndexKind::none:
      if (single) return true;
      if (many_wanted) {
        segment.pick = Pick::every;
        return true;
      }
      {
        const std::uint32_t end = word.span.begin + static_cast<std::uint32_t>(word.text.size());
        std::string rest = text(path).substr(end - path.span.begin);
        report(Code::E0312, path.span, fmt::format("{} may occur more than once, so a single value needs an index", word.text),
               segment_label(model, place), fmt::format("write {0}[1]{1}, or each {0} {{ ... }}", word.text, rest),
               {insert_at(end, path.span.file, "[1]"), insert_at(end, path.span.file, "[*]")});
      }
      return false;
    case IndexKind::number:
      if (single && word.index.number > 1) {
        report(Code::E0313, word.index.span,
               fmt::format("there is at most one {}, so `{}` is never there", word.text, info.resolved.text),
               segment_label(model, place), {}, {diag::replace(word.index.span, "", "remove the index")});
        return false;
      }
      segment.n = word.index.number;
      return true;
    case IndexKind::last: segment.pick = Pick::last; return true;
    case IndexKind::all: segment.pick = Pick::every; return true;
    case IndexKind::selection: break;
  }
  report(Code::E0311, word.index.span, "a segment cannot be chosen by what it holds", {},
         fmt::format("use `each {} where ...`", word.text));
  return false;
}

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
  plan::Path& target = info.resolved.path;
  const bool repeats = info.field.repeats();
  switch (part.index.kind) {
    case IndexKind::none:
      target.repetition_n = 1;
      if (want == Want::whole && path.parts.size() == 1) {
        target.repetition_n = 0;
        return true;
      }
      if (want == Want::scope) return true;
      if (!repeats && !model.open()) return true;
      if (want == Want::any || want == Want::every) {
        if (repeats) target.repetition = Pick::every;
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
      target.repetition_n = static_cast<std::uint16_t>(std::min<std::uint32_t>(part.index.number, 0xFFFF));
      return true;
    case IndexKind::last: target.repetition = Pick::last; return true;
    case IndexKind::all:
      target.repetition = Pick::every;
      if (want == Want::whole && path.parts.size() == 1) {
        target.repetition = Pick::nth;
        target.repetition_n = 0;
      }
      return true;
    case IndexKind::selection: {
      Frame frame;
      frame.kind = plan::ScopeKind::repetition;
      frame.places = info.places;
      frame.name = info.resolved.segment;
      frame.segment = target.segment;
      frame.field = info.field;
      frame.text = fmt::format("{}-{}", info.resolved.text, info.field.number);
      frame.candidate = true;
      target.repetition = Pick::chosen;
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
    info.part = part_info(found);
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

std::optional<PathInfo> Checker::path(const syntax::PathExpr& path, Want want) {
  if (path.poisoned || model.type().kind == MessageType::Kind::error) return std::nullopt;
  PathInfo info;
  info.resolved.path.repetition_n = 1;
  if (path.root != PathRoot::absolute ? !relative_root(path, info)
                                      : (path.nodes.empty() || !absolute_segment(path, want, info))) {
    return std::nullopt;
  }
  std::size_t next = 0;
  if (path.root != PathRoot::repetition && !path.parts.empty()) {
    if (!field_part(path, want, info)) return std::nullopt;
    next = 1;
  }
  for (; next < path.parts.size(); ++next) {
    if (!component_part(path, next, info)) return std::nullopt;
  }
  if (info.part.varies()) narrow(info);
  Type& type = info.resolved.type;
  if (info.resolved.path.field == 0) {
    type.kind = TypeKind::segment;
    type.datatype = context.text(path.span);
  } else {
    type = part_type(info.part);
  }
  type.list = info.resolved.path.segment.pick == Pick::every || info.resolved.path.repetition == Pick::every;
  type.optional = !is_present(info.resolved);
  context.facts.paths[path.id] = info.resolved;
  context.facts.types[path.id] = type;
  parts[path.id] = info.part;
  return info;
}

std::optional<Frame> Checker::open_scope(const syntax::PathExpr& path, ResolvedScope& scope) {
  const syntax::PathNode& word = path.nodes.back();
  if (path.nodes.size() > 1 || !model.field_count(word.text)) {
    if (word.text.size() > 3 || path.nodes.size() > 1) {
      report(Code::E0311, path.span,
             fmt::format("`{}` names a group, but the message's structure is not known here", text(path)), {},
             "`validate` a `message` before this, so that its groups are known");
    } else {
      unknown_word(path);
    }
    return std::nullopt;
  }
  Frame frame;
  frame.name = std::string(word.text);
  scope.name = frame.name;
  scope.scope.kind = plan::ScopeKind::segment;
  return frame;
}

std::optional<Frame> Checker::node_scope(const syntax::PathExpr& path, ResolvedScope& scope) {
  const syntax::PathNode& word = path.nodes.back();
  std::vector<ModelIndex> found = candidates(path);
  if (found.empty()) {
    unknown_word(path);
    return std::nullopt;
  }
  if (found.front() == 0) {
    report(Code::E0311, path.span, fmt::format("`{}` is the whole message, not a part of it", word.text));
    return std::nullopt;
  }
  const bool group = model.node(found.front()).is_group();
  std::erase_if(found, [&](ModelIndex at) { return model.node(at).is_group() != group; });
  for (std::size_t i = frames.size(); i-- > 0;) {
    const Frame& around = frames[i];
    if (around.kind == plan::ScopeKind::repetition || around.places.empty()) continue;
    std::vector<ModelIndex> inside;
    if (around.kind == plan::ScopeKind::group) {
      std::copy_if(found.begin(), found.end(), std::back_inserter(inside),
                   [&](ModelIndex at) { return model.is_below(at, around.places.front()); });
    }
    if (inside.empty()) {
      const ModelIndex holder = model.group_of(around.places.front());
      report(Code::E0310, path.span, fmt::format("`{}` is not inside `{}`", text(path), around.name), {},
             holder != kNoModelNode && holder != 0 ? fmt::format("`each {}` holds both", model.node(holder).name)
                                                   : "put it beside the other `each`");
      return std::nullopt;
    }
    found = std::move(inside);
    scope.scope.frame = static_cast<std::uint16_t>(i + 1);
    break;
  }
  if (found.size() > 1 && (group || path.nodes.size() > 1)) {
    std::vector<std::string> places;
    for (const ModelIndex place : found) places.push_back(fmt::format("`{}`", qualified(model, place)));
    report(Code::E0307, path.span, fmt::format("`{}` could mean {} places", text(path), found.size()), {},
           fmt::format("say which one: {}", joined(places, " or ")));
    return std::nullopt;
  }
  if (found.size() == 1) scope.scope.node = model.node(found.front()).plan_node;
  scope.scope.kind = group ? plan::ScopeKind::group : plan::ScopeKind::segment;
  scope.name = std::string(word.text);
  Frame frame;
  frame.kind = scope.scope.kind;
  frame.name = scope.name;
  frame.places = std::move(found);
  return frame;
}

std::optional<Frame> Checker::field_scope(const syntax::PathExpr& path, ResolvedScope& scope) {
  if (path.parts.size() > 1 || path.root == PathRoot::repetition) {
    report(Code::E0311, path.span,
           fmt::format("`each` goes through groups, segments or repetitions, and `{}` is a part of one", text(path)));
    return std::nullopt;
  }
  if (path.parts.front().index.kind != IndexKind::none) {
    report(Code::E0308, path.parts.front().index.span, "`each` goes through all repetitions and takes no index", {},
           "remove the index", {diag::replace(path.parts.front().index.span, "", "remove the index")});
    return std::nullopt;
  }
  auto info = this->path(path, Want::scope);
  if (!info) return std::nullopt;
  if (info->resolved.path.segment.pick == Pick::every) {
    report(Code::E0310, path.span, fmt::format("`{}` stands in several segments", text(path)), {},
           fmt::format("go through the segments first: `each {} {{ each {} {{ ... }} }}`", info->resolved.segment, text(path)));
    return std::nullopt;
  }
  scope.scope.kind = plan::ScopeKind::repetition;
  scope.scope.frame = info->resolved.path.segment.frame;
  scope.name = info->resolved.segment;
  scope.field = info->resolved;
  Frame frame;
  frame.kind = plan::ScopeKind::repetition;
  frame.places = info->places;
  frame.name = info->resolved.segment;
  frame.segment = info->resolved.path.segment;
  frame.field = info->part;
  frame.text = info->resolved.text;
  return frame;
}

std::optional<Frame> Checker::scope(const syntax::PathExpr& path) {
  if (path.poisoned || model.type().kind == MessageType::Kind::error) return std::nullopt;
  ResolvedScope scope;
  std::optional<Frame> frame;
  if (!path.parts.empty()) {
    frame = field_scope(path, scope);
  } else if (path.nodes.empty()) {
    return std::nullopt;
  } else {
    for (const syntax::PathNode& word : path.nodes) {
      if (word.index.kind == IndexKind::none) continue;
      report(Code::E0308, word.index.span, "`each` goes through all of them and takes no index", {}, "remove the index",
             {diag::replace(word.index.span, "", "remove the index")});
      return std::nullopt;
    }
    frame = model.open() ? open_scope(path, scope) : node_scope(path, scope);
  }
  if (frame) context.facts.scopes[path.id] = std::move(scope);
  return frame;
}

}  // namespace smarthl7::check
