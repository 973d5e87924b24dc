// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/mapping_statements.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace smarthl7::check {

using diag::Code;
using plan::Pick;
using syntax::ExprKind;
using syntax::MappingItemKind;

void Statements::items(syntax::List<syntax::MappingItem> items) {
  for (const syntax::MappingItem* item : items) {
    if (!item->poisoned) this->item(*item);
  }
}

void Statements::item(const syntax::MappingItem& item) {
  switch (item.kind) {
    case MappingItemKind::each: return each(item.as<syntax::EachItem>());
    case MappingItemKind::assign: return assign(item.as<syntax::AssignItem>());
    case MappingItemKind::remove: return remove(item.as<syntax::DeleteItem>());
    case MappingItemKind::insert: return insert(item.as<syntax::InsertItem>());
    case MappingItemKind::when: return when(item.as<syntax::WhenItem>());
    case MappingItemKind::error: return;
  }
}

void Statements::each(const syntax::EachItem& item) {
  if (item.scope == nullptr) return;
  auto frame = checker_.scope(*item.scope);
  if (!frame) return;
  if (item.items.empty() && !item.poisoned)
    checker_.report(Code::W0421, item.span, "this `each` changes nothing", {}, "remove it, or write what changes");
  const Proofs before = checker_.proofs;
  const Known known_before = known_;
  // Is there one at least, in each instance of what is around?
  ModelIndex around = 0;
  for (const Frame& outer : checker_.frames) {
    if (outer.kind == plan::ScopeKind::group) around = outer.places.front();
  }
  const bool certain = item.where == nullptr && frame->kind != plan::ScopeKind::repetition && frame->places.size() == 1 &&
                       checker_.proofs.holds("valid") && checker_.model.certain_below(frame->places.front(), around);
  checker_.enter(std::move(*frame));
  certain_.push_back(certain);
  if (item.where != nullptr) where(*item.where);
  items(item.items);
  known_ = known_before;
  checker_.proofs = before;
  certain_.pop_back();
  checker_.frames.pop_back();
}

void Statements::where(const syntax::Expr& condition) {
  checker_.condition(condition);
  checker_.assume(condition, true);
  judging_ = true;
  learn(condition);
  judging_ = false;
}

void Statements::learn(const syntax::Expr& condition) {
  if (const auto* binary = condition.try_as<syntax::BinaryExpr>()) {
    if (binary->op == syntax::BinaryOp::logic_and) {
      learn(*binary->left);
      learn(*binary->right);
    } else if (binary->op == syntax::BinaryOp::equal) {
      learn(*binary->left, {binary->right});
      learn(*binary->right, {binary->left});
    }
  } else if (const auto* in = condition.try_as<syntax::InExpr>(); in != nullptr && !in->values.empty()) {
    learn(*in->operand, {in->values.begin(), in->values.end()});
  }
}

void Statements::learn(const syntax::Expr& path, const std::vector<const syntax::Expr*>& literals) {
  const auto at = checker_.context.facts.paths.find(path.id);
  if (path.kind != ExprKind::path || at == checker_.context.facts.paths.end()) return;
  std::set<std::string> values;
  for (const syntax::Expr* literal : literals) {
    if (!is_literal(*literal)) return;
    values.insert(checker_.text(*literal));
  }
  // One text can mean two places inside different groups.
  const plan::SegmentRef& segment = at->second.path.segment;
  const std::string place = segment.pick == Pick::current ? std::string() : fmt::format("@{}", segment.node);
  const auto [known, added] = known_.try_emplace(at->second.text + place, values);
  const bool possible =
      std::any_of(values.begin(), values.end(), [&](const std::string& value) { return known->second.contains(value); });
  if (added || possible || !judging_) return;
  checker_.report(Code::W0422, path.span, fmt::format("`{}` never has this value here", checker_.text(path)),
                  fmt::format("the conditions around say that it is {}", fmt::join(known->second, " or ")),
                  "what stands in this block never runs");
}

void Statements::when(const syntax::WhenItem& item) {
  const Proofs before = checker_.proofs;
  const Known known_before = known_;
  const bool empty = std::all_of(item.arms.begin(), item.arms.end(), [](const auto* arm) { return arm->items.empty(); });
  if (empty && !item.poisoned)
    checker_.report(Code::W0421, item.span, "this `when` changes nothing", {}, "remove it, or write what changes");
  if (!item.arms.empty() && item.arms.back()->condition == nullptr) arm_counts_[item.id] = item.arms.size();
  for (std::size_t i = 0; i < item.arms.size(); ++i) {
    const syntax::WhenMappingArm& arm = *item.arms[i];
    const Proofs here = checker_.proofs;
    if (arm.condition != nullptr) where(*arm.condition);
    arms_.emplace_back(item.id, i);
    items(arm.items);
    arms_.pop_back();
    known_ = known_before;
    checker_.proofs = here;
    if (arm.condition != nullptr) checker_.assume(*arm.condition, false);
  }
  checker_.proofs = before;
}

Write& Statements::keep_write(const PathInfo& info, Span span, bool removal, bool made, bool appended) {
  Write write{info.resolved, info.places, span, removal, known_, arms_};
  if (info.resolved.choice != nullptr) {
    std::swap(write.known, known_);
    learn(*info.resolved.choice);
    std::swap(write.known, known_);
  }
  write.made = made;
  write.appended = appended;
  if (made) {
    std::size_t level = level_of(info.resolved.path.segment);
    // What `.1` counts from is a repetition that is made, whose segment may stand further out.
    if (info.resolved.path.repetition == Pick::current) level = blocks_.size();
    std::size_t inputs = 0;
    if (level > 0) {
      write.owner = blocks_[level - 1].id;
      write.depth = blocks_[level - 1].arms;
      inputs = blocks_[level - 1].inputs;
    }
    for (std::size_t i = inputs; i < certain_.size(); ++i) write.sure = write.sure && certain_[i];
  }
  return admit(std::move(write));
}

Write& Statements::admit(Write write) {
  const Span span = write.span;
  const bool removal = write.removal;
  for (const Write& other : writes_) {
    if ((removal && other.removal) || !overlap(write, other) || exclusive(write, other)) continue;
    diag::Diagnostic diagnostic;
    diagnostic.code = removal || other.removal ? Code::E0416 : Code::E0415;
    diagnostic.span = span;
    diagnostic.message =
        removal || other.removal ? fmt::format("`{}` is {}, and `{}` is {}", write.path.text, removal ? "deleted" : "assigned",
                                               other.path.text, removal ? "assigned" : "deleted")
        : write.path.text == other.path.text
            ? fmt::format("`{}` is assigned twice", write.path.text)
            : fmt::format("`{}` and `{}` are both assigned and can be one place", other.path.text, write.path.text);
    diagnostic.help =
        "a mapping is a set of equations: put them into different arms of one `when`, or under a `where` that excludes the "
        "other";
    diagnostic.secondary.push_back({other.span, "here first"});
    if (!checker_.silent) checker_.context.sink.report(std::move(diagnostic));
    break;
  }
  return writes_.emplace_back(std::move(write));
}

void Statements::needs_else(Span span, const std::vector<Problem>& problems) {
  if (problems.empty()) return;
  const Problem& first = problems.front();
  const Span end{span.file, span.end, span.end};
  checker_.report(first.absence ? Code::E0412 : Code::E0411, first.span, first.text, "and nothing says what happens then",
                  first.absence
                      ? "add `else keep` or another `else`, give a default with `or`, or prove it with `when ... present`"
                      : "add `else keep`, `else reject \"...\"`, `else dead \"...\"` or another `else`",
                  {diag::replace(end, " else keep", "keep what was there")});
}

void Statements::check_else(const syntax::ElseClause& clause, std::uint32_t before, const std::vector<Problem>& problems,
                            const syntax::PathExpr* target, const PathInfo* info) {
  if (clause.poisoned) return;
  if (problems.empty()) {
    checker_.report(Code::W0402, clause.span, "this `else` is never reached: nothing before it can fail", {}, "remove it",
                    {diag::replace({clause.span.file, before, clause.span.end}, "", "remove the `else`")});
  }
  checker_.otherwise(clause);
  switch (clause.kind) {
    case syntax::ElseKind::reject:
    case syntax::ElseKind::keep:
    case syntax::ElseKind::dead:
    case syntax::ElseKind::drop: return;
    case syntax::ElseKind::proceed:
      checker_.report(Code::E0414, clause.span, "`else continue` stands after `validate` only", {},
                      "`else keep` leaves what was there", {diag::replace(clause.span, "else keep", "write `else keep`")});
      return;
    case syntax::ElseKind::deliver:
      if (clause.destinations.size() > 1)
        checker_.report(Code::E0414, clause.span, "an `else` delivers to one destination", {},
                        "deliver to several in the flow");
      return;
    case syntax::ElseKind::value: break;
  }
  if (target == nullptr || info == nullptr) {
    checker_.report(Code::E0414, clause.span, "a value can stand after `else` in an assignment only", {}, "write `else keep`");
    return;
  }
  if (clause.value == nullptr) return;
  const Value value = checker_.single(*clause.value);
  if (value.broken() || !fits(*target, *info, *clause.value, value)) return;
  Value written = value;
  if (written.beyond_ascii) written.fails.push_back(*written.beyond_ascii);
  if (written.absent && info->resolved.path.component == 0 && info->field.min > 0)
    written.fails.push_back({written.absent->span, written.absent->text + ", and the field is required", true});
  checker_.no_failures(written, "the value of an `else`");
}

}  // namespace smarthl7::check
