// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compiler/check/checker.h"
#include "compiler/check/path_text.h"
#include "compiler/diag/suggest.h"

namespace smarthl7::check {

using diag::Code;
using plan::Pick;
using syntax::IndexKind;

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

}  // namespace smarthl7::check
