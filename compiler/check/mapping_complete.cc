// SPDX-License-Identifier: Apache-2.0
// What a result requires and a mapping must make: segments, groups and fields. What no line makes is an error; what only some
// messages get is a warning, and then nothing is proven of the result.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/check/mapping_result.h"
#include "compiler/check/mapping_statements.h"
#include "compiler/check/path_text.h"

namespace smarthl7::check {

using diag::Code;

/// Of these writes, which stand in the same `when` blocks down to `depth`.
Statements::Coverage Statements::covered(const std::vector<const Write*>& writes, std::size_t depth) const {
  if (writes.empty()) return Coverage::none;
  std::map<syntax::NodeId, std::map<std::size_t, std::vector<const Write*>>> arms;
  for (const Write* write : writes) {
    if (write->arms.size() <= depth) {
      if (write->sure) return Coverage::sure;
      continue;
    }
    arms[write->arms[depth].first][write->arms[depth].second].push_back(write);
  }
  for (const auto& [when, of_arm] : arms) {
    const auto count = arm_counts_.find(when);
    if (count == arm_counts_.end() || of_arm.size() != count->second) continue;
    if (std::all_of(of_arm.begin(), of_arm.end(),
                    [&](const auto& arm) { return covered(arm.second, depth + 1) == Coverage::sure; }))
      return Coverage::sure;
  }
  return Coverage::maybe;
}

std::vector<const Write*> Statements::writes_to(syntax::NodeId owner, ModelIndex place) const {
  std::vector<const Write*> found;
  for (const Write& write : writes_) {
    if (!write.made || write.owner != owner || write.removal) continue;
    const bool here = std::any_of(write.places.begin(), write.places.end(), [&](ModelIndex at) {
      return at == place || (out_.model.node(place).is_group() && out_.model.is_below(at, place));
    });
    if (here) found.push_back(&write);
  }
  return found;
}

bool Statements::demand(Coverage coverage, Code code, Span span, const std::string& what, const std::string& label) {
  if (coverage == Coverage::sure) return true;
  incomplete_ = true;
  if (coverage == Coverage::none) {
    checker_.report(code, span, fmt::format("{} is required, and nothing makes it", what), label,
                    "assign, copy or `insert` it, or let the message type do without");
  } else {
    checker_.report(Code::W0423, span, fmt::format("{} is required, and may not be made", what), label,
                    "make it for every message: outside of `when` and `each`, or in every arm, with a value that is there");
  }
  return false;
}

void Statements::complete_group(syntax::NodeId owner, ModelIndex group, Span span) {
  const MessageModel& model = out_.model;
  std::size_t depth = 0;
  for (const Write& write : writes_) {
    if (write.made && write.owner == owner) depth = write.depth;
  }
  for (std::size_t i = 1; i < model.nodes().size(); ++i) {
    const auto place = static_cast<ModelIndex>(i);
    const ModelNode& node = model.node(place);
    if (node.kind == hl7::NodeKind::choice) {
      // One of its alternatives.
      if (node.min == 0 || model.group_of(place) != group) continue;
      std::vector<const Write*> any;
      std::vector<std::string> names;
      for (std::size_t below = i + 1; below < model.nodes().size(); ++below) {
        if (model.node(static_cast<ModelIndex>(below)).parent != place) continue;
        names.emplace_back(model.node(static_cast<ModelIndex>(below)).name);
        const auto some = writes_to(owner, static_cast<ModelIndex>(below));
        any.insert(any.end(), some.begin(), some.end());
      }
      demand(covered(any, depth), Code::E0443, span, joined(names, " or "), model.title());
      continue;
    }
    if (node.kind != hl7::NodeKind::segment && node.kind != hl7::NodeKind::group) continue;
    if (node.name == "MSH" || model.group_of(place) != group) continue;
    const auto writes = writes_to(owner, place);
    const bool in_choice = model.node(node.parent).kind == hl7::NodeKind::choice;
    if (node.min > 0 && !in_choice)
      demand(covered(writes, depth), Code::E0443, span, qualified(model, place), segment_label(model, place));
    // What paths pass through is made by them, so it must be whole as well.
    const auto passes = [](const Write* write) { return !write->whole; };
    if (node.is_segment()) {
      if (std::any_of(writes.begin(), writes.end(), passes)) complete_segment(owner, place, span);
    } else if (std::any_of(writes.begin(), writes.end(), [&](const Write* write) {
                 return std::find(write->places.begin(), write->places.end(), place) == write->places.end();
               })) {
      complete_group(owner, place, span);
    }
  }
}

/// The fields that the segment requires, where its fields are assigned one by one.
void Statements::complete_segment(syntax::NodeId owner, ModelIndex place, Span span) {
  const std::string name(out_.model.node(place).name);
  const std::uint16_t count = out_.model.field_count(name).value_or(0);
  for (std::uint32_t number = 1; number <= count; ++number) {
    const auto field = out_.model.field(name, number);
    if (!field || field->min == 0 || field->withdrawn) continue;
    std::vector<const Write*> writes;
    std::size_t depth = 0;
    for (const Write* write : writes_to(owner, place)) {
      depth = write->depth;
      if (write->whole || write->path.path.field == number) writes.push_back(write);  // a copy brings its own
    }
    const Span at = !writes.empty()                                  ? writes.front()->span
                    : owner == 0 && !writes_to(owner, place).empty() ? writes_to(owner, place).front()->span
                                                                     : span;
    demand(covered(writes, depth), Code::E0444, at, fmt::format("{}-{}", name, number), part_label(out_.model, name, *field));
  }
}

/// MSH comes over, and its type is set; what the result's version requires beyond that must be there.
void Statements::complete_header(const syntax::MappingDecl& mapping) {
  const MadeEvent event = made_event(checker_.model.type(), out_.model.type());
  std::vector<const Write*> of_event;
  for (const Write& write : writes_) {
    if (write.made && write.owner == 0 && write.path.segment == "MSH" && write.path.path.field == 9) of_event.push_back(&write);
  }
  if (!event.choices.empty() && covered(of_event, 0) != Coverage::sure) {
    incomplete_ = true;
    checker_.report(Code::E0445, mapping.to->span,
                    fmt::format("which event is the new message? {} has several", out_.model.title()),
                    fmt::format("{}: {}", event.code, fmt::join(event.choices, ", ")),
                    fmt::format("assign it: `MSH-9.2 = \"{}\"`", event.choices.front()));
  }
  for (std::uint32_t number = 3; number <= out_.model.field_count("MSH").value_or(0); ++number) {
    const auto field = out_.model.field("MSH", number);
    if (!field || field->min == 0 || number == 9 || number == 12) continue;
    const auto before = checker_.model.field("MSH", number);
    if (before && before->min > 0 && checker_.proofs.holds("valid")) continue;
    std::vector<const Write*> writes;
    for (const Write& write : writes_) {
      if (write.made && write.owner == 0 && write.path.segment == "MSH" && write.path.path.field == number)
        writes.push_back(&write);
    }
    if (covered(writes, 0) == Coverage::sure) continue;
    demand(Coverage::maybe, Code::E0444, mapping.to->span, fmt::format("MSH-{}", number),
           part_label(out_.model, "MSH", *field));
  }
}

bool Statements::complete(const syntax::MappingDecl& mapping) {
  complete_header(mapping);
  complete_group(0, 0, mapping.to->span);
  return !incomplete_;
}

}  // namespace smarthl7::check
