// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/mapping.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "compiler/check/checker.h"
#include "compiler/check/expressions.h"

namespace smarthl7::check {
namespace {

using diag::Code;
using plan::Pick;
using syntax::ExprKind;
using syntax::IndexKind;
using syntax::MappingItemKind;

/// What is known of a branch by comparing with literals: path -> the literals that it can equal there.
using Known = std::map<std::string, std::set<std::string>>;

struct Write {
  ResolvedPath path;
  std::vector<ModelIndex> places;
  Span span;
  bool removal = false;
  Known known;
  std::vector<std::pair<syntax::NodeId, std::size_t>> arms;  // of each `when` around: which arm
};

bool is_number_type(std::string_view datatype) { return datatype == "NM" || datatype == "SI"; }

bool may_be_one(const Pick a, std::uint32_t n, const Pick b, std::uint32_t m) {
  return a != Pick::nth || b != Pick::nth || n == m || n == 0 || m == 0;
}

bool part_overlaps(std::uint16_t a, std::uint16_t b) { return a == 0 || b == 0 || a == b; }

/// Both can write to one place of one message.
bool overlap(const Write& a, const Write& b) {
  if (a.path.segment != b.path.segment) return false;
  const auto shared = [&b](ModelIndex place) { return std::find(b.places.begin(), b.places.end(), place) != b.places.end(); };
  if (!a.places.empty() && !b.places.empty() && std::none_of(a.places.begin(), a.places.end(), shared)) return false;
  const plan::Path& one = a.path.path;
  const plan::Path& other = b.path.path;
  const bool same_frame = one.segment.frame == other.segment.frame && one.segment.group == other.segment.group;
  if (same_frame && !may_be_one(one.segment.pick, one.segment.n, other.segment.pick, other.segment.n)) return false;
  if (!part_overlaps(one.field, other.field)) return false;
  if (one.field == 0 || other.field == 0) return true;
  if (!may_be_one(one.repetition, one.repetition_n, other.repetition, other.repetition_n)) return false;
  return part_overlaps(one.component, other.component) && part_overlaps(one.subcomponent, other.subcomponent);
}

bool exclusive(const Write& a, const Write& b) {
  for (const auto& [when, arm] : a.arms) {
    for (const auto& [other_when, other_arm] : b.arms) {
      if (when == other_when && arm != other_arm) return true;
    }
  }
  for (const auto& [path, values] : a.known) {
    const auto at = b.known.find(path);
    if (at == b.known.end()) continue;
    if (std::none_of(values.begin(), values.end(), [&](const std::string& value) { return at->second.contains(value); }))
      return true;
  }
  return false;
}

class Statements {
 public:
  Statements(Context& context, const MessageState& state) : checker_(context, state) {}

  void items(syntax::List<syntax::MappingItem> items) {
    for (const syntax::MappingItem* item : items) {
      if (!item->poisoned) this->item(*item);
    }
  }
  std::vector<Write>& writes() { return writes_; }

 private:
  void item(const syntax::MappingItem& item) {
    switch (item.kind) {
      case MappingItemKind::each: return each(item.as<syntax::EachItem>());
      case MappingItemKind::assign: return assign(item.as<syntax::AssignItem>());
      case MappingItemKind::remove: return remove(item.as<syntax::DeleteItem>());
      case MappingItemKind::insert:
        checker_.report(Code::E0421, item.span, "`insert` does not run yet", {},
                        "this version edits and deletes what is there");
        return;
      case MappingItemKind::when: return when(item.as<syntax::WhenItem>());
      case MappingItemKind::error: return;
    }
  }

  void each(const syntax::EachItem& item) {
    if (item.scope == nullptr) return;
    auto frame = checker_.scope(*item.scope);
    if (!frame) return;
    const Proofs before = checker_.proofs;
    const Known known_before = known_;
    checker_.enter(std::move(*frame));
    if (item.where != nullptr) where(*item.where);
    items(item.items);
    known_ = known_before;
    checker_.proofs = before;
    checker_.frames.pop_back();
  }

  void where(const syntax::Expr& condition) {
    checker_.condition(condition);
    checker_.assume(condition, true);
    learn(condition);
  }

  /// Literals that the condition compares with.
  void learn(const syntax::Expr& condition) {
    if (const auto* binary = condition.try_as<syntax::BinaryExpr>()) {
      if (binary->op == syntax::BinaryOp::logic_and) {
        learn(*binary->left);
        learn(*binary->right);
      } else if (binary->op == syntax::BinaryOp::equal) {
        learn(*binary->left, {binary->right});
        learn(*binary->right, {binary->left});
      }
    } else if (const auto* in = condition.try_as<syntax::InExpr>(); in != nullptr && in->table == nullptr) {
      learn(*in->operand, {in->values.begin(), in->values.end()});
    }
  }

  void learn(const syntax::Expr& path, const std::vector<const syntax::Expr*>& literals) {
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
    known_.try_emplace(at->second.text + place, std::move(values));
  }

  void when(const syntax::WhenItem& item) {
    const Proofs before = checker_.proofs;
    const Known known_before = known_;
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

  // ---- assignments

  /// The frame goes through several things, and the target is the same for all of them.
  [[nodiscard]] bool is_outside(const Frame& frame, std::size_t number, const plan::Path& target) const {
    const plan::SegmentRef& segment = target.segment;
    const MessageModel& model = checker_.model;
    switch (frame.kind) {
      case plan::ScopeKind::repetition: return target.repetition != Pick::current && frame.field.repeats();
      case plan::ScopeKind::segment:
        if (segment.frame == number && segment.pick == Pick::current) return false;
        return model.open() || std::any_of(frame.places.begin(), frame.places.end(),
                                           [&](ModelIndex place) { return !model.single_below(place, holder_of(segment)); });
      case plan::ScopeKind::group: {
        if (segment.frame >= number && segment.group == plan::kNoNode) return false;
        const ModelIndex holder = holder_of(segment);
        const ModelIndex group = frame.places.front();
        return holder != group && !model.is_below(holder, group) && !model.single_below(group, holder);
      }
    }
    return false;
  }

  [[nodiscard]] ModelIndex place_of_node(std::uint16_t node) const {
    for (std::size_t i = 0; i < checker_.model.nodes().size(); ++i) {
      if (checker_.model.node(static_cast<ModelIndex>(i)).plan_node == node) return static_cast<ModelIndex>(i);
    }
    return 0;
  }

  /// The group in which the target's segment is counted; 0 for the message.
  [[nodiscard]] ModelIndex holder_of(const plan::SegmentRef& segment) const {
    if (segment.group != plan::kNoNode) return place_of_node(segment.group);
    if (segment.frame == 0) return 0;
    const Frame& frame = checker_.frames[segment.frame - 1U];
    return frame.kind == plan::ScopeKind::group ? frame.places.front() : ModelIndex{0};
  }

  bool once_for_each(const syntax::PathExpr& target, const PathInfo& info) {
    for (std::size_t i = checker_.frames.size(); i-- > 0;) {
      const Frame& frame = checker_.frames[i];
      if (!is_outside(frame, i + 1, info.resolved.path)) continue;
      const std::string scope = frame.kind == plan::ScopeKind::repetition ? frame.text : frame.name;
      checker_.report(Code::E0415, target.span,
                      fmt::format("`{}` would be assigned once for each {}", checker_.text(target), scope),
                      fmt::format("it is not a part of the {} at hand", scope),
                      "assign outside of the `each`, and say there which value is read: by an index or by a choice");
      return false;
    }
    return true;
  }

  bool writable(const syntax::PathExpr& target, const PathInfo& info, bool removal) {
    const plan::Path& path = info.resolved.path;
    if (info.resolved.segment == "MSH" && (path.field == 1 || path.field == 2 || (path.field == 0 && removal))) {
      checker_.report(
          Code::E0420, target.span, fmt::format("`{}` cannot be {}", checker_.text(target), removal ? "deleted" : "assigned"),
          path.field == 0 ? "every message begins with MSH" : "MSH-1 and MSH-2 say how the message itself is written");
      return false;
    }
    return true;
  }

  void keep_write(const PathInfo& info, Span span, bool removal) {
    Write write{info.resolved, info.places, span, removal, known_, arms_};
    if (info.resolved.choice != nullptr) {
      std::swap(write.known, known_);
      learn(*info.resolved.choice);
      std::swap(write.known, known_);
    }
    for (const Write& other : writes_) {
      if ((removal && other.removal) || !overlap(write, other) || exclusive(write, other)) continue;
      diag::Diagnostic diagnostic;
      diagnostic.code = removal || other.removal ? Code::E0416 : Code::E0415;
      diagnostic.span = span;
      diagnostic.message =
          removal || other.removal
              ? fmt::format("`{}` is {}, and `{}` is {}", write.path.text, removal ? "deleted" : "assigned", other.path.text,
                            removal ? "assigned" : "deleted")
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
    writes_.push_back(std::move(write));
  }

  /// "PID-5[1].1.1": down to where text can stand.
  std::string first_part(const syntax::PathExpr& path, PartInfo part) {
    std::string text = checker_.text(path);
    while (part.type && part.type.is_composite()) {
      text += ".1";
      part = part_info(part.type.component(std::size_t{1}));
    }
    return text;
  }

  void text_to_composite(const syntax::PathExpr& target, const PathInfo& info) {
    const std::string part = first_part(target, info.part);
    const Span end{target.span.file, target.span.end, target.span.end};
    checker_.report(Code::E0402, target.span,
                    fmt::format("`{}` has components, so text cannot be assigned to it", checker_.text(target)),
                    fmt::format("{} {} is {}", checker_.model.version().name(), info.resolved.text, info.part.type_name),
                    fmt::format("write its part: `{}`", part),
                    {diag::replace(end, part.substr(checker_.text(target).size()), fmt::format("write `{}`", part))});
  }

  /// A value that is not copied as it stands: its kind and its code.
  bool fits(const syntax::PathExpr& target, const PathInfo& info, const syntax::Expr& expr, const Value& value) {
    const Type wanted = info.resolved.type;
    if (wanted.kind == TypeKind::composite) {
      text_to_composite(target, info);
      return false;
    }
    if (wanted.kind == TypeKind::segment) {
      checker_.report(Code::E0409, target.span,
                      fmt::format("`{}` is a whole segment, and this is a value", checker_.text(target)), {},
                      "assign to one of its fields");
      return false;
    }
    const bool number = is_number_type(wanted.datatype);
    const Type due{.kind = number ? TypeKind::number : TypeKind::text};
    if (!Checker::same_kind(value.type, due)) {
      const std::string source = checker_.text(expr);
      std::vector<diag::Fix> fixes;
      std::string help;
      if (number && Checker::same_kind(value.type, {.kind = TypeKind::text})) {
        help = expr.kind == ExprKind::string ? "write the number without quotes"
                                             : fmt::format("write `number({}) else ...`", source);
      } else if (value.type.kind == TypeKind::number) {
        help = expr.kind == ExprKind::number ? "write it in quotes" : fmt::format("write `text({})`", source);
        fixes.push_back(expr.kind == ExprKind::number ? diag::replace(expr.span, fmt::format("\"{}\"", source))
                                                      : diag::replace(expr.span, fmt::format("text({})", source)));
      }
      checker_.report(
          Code::E0401, expr.span,
          fmt::format("`{}` is {}, and `{}` takes {}", source, phrase(value.type), checker_.text(target), phrase(due)),
          fmt::format("{} is {}", info.resolved.text, wanted.datatype), std::move(help), std::move(fixes));
      return false;
    }
    if (wanted.kind != TypeKind::code) return true;
    if (is_literal(expr)) return checker_.literal_fits(wanted, expr);
    const bool same_table = value.type.kind == TypeKind::code && value.type.table == wanted.table;
    if (!checker_.is_closed(wanted) || same_table) return true;
    checker_.report(Code::E0401, expr.span,
                    fmt::format("`{}` is not known to be a code of table {}", checker_.text(expr), table_text(wanted.table)),
                    fmt::format("{} takes codes of the closed table {} only", info.resolved.text, table_text(wanted.table)),
                    "assign literals of the table under `when`, or copy a field of the same table");
    return false;
  }

  /// `A = B`, both paths: a copy if the data types are the same, else B is read as text.
  bool fits_path(const syntax::PathExpr& target, const PathInfo& info, const syntax::PathExpr& source, Value value) {
    const Type from = checker_.context.facts.types[source.id];
    const Type to = info.resolved.type;
    if (to.kind == TypeKind::segment || from.kind == TypeKind::segment) {
      const auto& read = checker_.context.facts.paths[source.id];
      if (to.kind == from.kind && read.segment == info.resolved.segment) return true;
      checker_.report(Code::E0403, target.span,
                      fmt::format("`{}` cannot be copied to `{}`", checker_.text(source), checker_.text(target)),
                      "a segment is copied to a segment of the same name");
      return false;
    }
    if (to.datatype == from.datatype) {
      if (to.kind == TypeKind::code && checker_.is_closed(to) && from.table != to.table)
        return fits(target, info, source, value);
      return true;
    }
    if (to.kind == TypeKind::composite && from.kind == TypeKind::composite) {
      checker_.report(
          Code::E0403, target.span,
          fmt::format("`{}` is {}, but `{}` is {}", checker_.text(target), to.datatype, checker_.text(source), from.datatype),
          "copying keeps the components where they are, so the data types must be the same", "assign its parts one by one");
      return false;
    }
    if (from.kind == TypeKind::composite) {
      if (const auto at = checker_.parts.find(source.id); at != checker_.parts.end())
        value.type = checker_.leaf_type(at->second);
    }
    return fits(target, info, source, value);
  }

  std::vector<Problem> target_problems(const syntax::PathExpr& target, const PathInfo& info, const Value& value) {
    std::vector<Problem> problems = value.fails;
    if (value.beyond_ascii) problems.push_back(*value.beyond_ascii);
    if (!checker_.segment_present(info.resolved)) {
      problems.push_back({target.span,
                          fmt::format("there may be no {} to write to",
                                      info.resolved.path.segment.pick == Pick::nth && info.resolved.path.segment.n > 1
                                          ? fmt::format("{}[{}]", info.resolved.segment, info.resolved.path.segment.n)
                                          : info.resolved.segment),
                          false});
    }
    if (info.resolved.choice != nullptr)
      problems.push_back({target.span, fmt::format("`{}` may find none, or several", checker_.text(target)), false});
    const bool whole = info.resolved.path.component == 0 && info.resolved.path.field != 0;
    if (value.absent && whole && info.field.min > 0) {
      problems.push_back(
          {value.absent->span,
           fmt::format("{}, and {}-{} is required", value.absent->text, info.resolved.segment, info.resolved.path.field),
           true});
    }
    return problems;
  }

  void assign(const syntax::AssignItem& item) {
    if (item.target == nullptr || item.value == nullptr) return;
    const syntax::PathExpr& target = *item.target;
    const auto* source = item.value->try_as<syntax::PathExpr>();
    const bool to_null = item.value->kind == ExprKind::null_value;
    const bool all = target.parts.size() == 1 && target.parts.front().index.kind == IndexKind::all;
    const auto info = checker_.path(target, to_null || all ? Want::whole : Want::target);
    Value value;
    bool good = info.has_value();
    if (to_null) {
      checker_.context.facts.types[item.value->id] = {.kind = TypeKind::null};
      if (info && info->resolved.path.field == 0) {
        checker_.report(Code::E0420, target.span, fmt::format("the segment `{}` cannot be null", checker_.text(target)), {},
                        "`delete` removes a segment");
        return;
      }
    } else if (source != nullptr && all) {
      const auto read = checker_.path(*source, Want::whole);
      if (!read) return;
      value.type = read->resolved.type;
    } else {
      value = source != nullptr ? checker_.expr(*source) : checker_.single(*item.value);
      if (value.broken()) return;
      if (source != nullptr && value.type.list) {
        checker_.single(*source);
        return;
      }
    }
    if (!good || info->resolved.type.list) {
      if (good) {
        checker_.report(Code::E0410, target.span, fmt::format("`{}` means several places", checker_.text(target)), {},
                        "go through them with `each`");
      }
      return;
    }
    if (!writable(target, *info, false) || !once_for_each(target, *info)) return;
    if (source != nullptr)
      good = fits_path(target, *info, *source, value);
    else if (!to_null)
      good = fits(target, *info, *item.value, value);
    keep_write(*info, target.span, false);
    if (!good) return;
    const std::vector<Problem> problems = target_problems(target, *info, value);
    if (item.otherwise != nullptr)
      check_else(*item.otherwise, item.value->span.end, problems, &target, &*info);
    else
      needs_else(item.span, problems);
    if (!problems.empty()) checker_.context.facts.failures[item.id] = problems.front().text;
  }

  // ---- what happens when it fails

  void needs_else(Span span, const std::vector<Problem>& problems) {
    if (problems.empty()) return;
    const Problem& first = problems.front();
    const Span end{span.file, span.end, span.end};
    checker_.report(first.absence ? Code::E0412 : Code::E0411, first.span, first.text, "and nothing says what happens then",
                    first.absence
                        ? "add `else keep` or another `else`, give a default with `or`, or prove it with `when ... present`"
                        : "add `else keep`, `else reject \"...\"`, `else dead \"...\"` or another `else`",
                    {diag::replace(end, " else keep", "keep what was there")});
  }

  void check_else(const syntax::ElseClause& clause, std::uint32_t before, const std::vector<Problem>& problems,
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
      checker_.report(Code::E0414, clause.span, "a value can stand after `else` in an assignment only", {},
                      "write `else keep`");
      return;
    }
    if (clause.value == nullptr) return;
    const Value value = checker_.single(*clause.value);
    if (value.broken() || !fits(*target, *info, *clause.value, value)) return;
    Value written = value;
    if (written.beyond_ascii) written.fails.push_back(*written.beyond_ascii);
    checker_.no_failures(written, "the value of an `else`");
  }

  // ---- deletions

  void remove(const syntax::DeleteItem& item) {
    std::vector<Problem> problems;
    for (const syntax::PathExpr* path : item.paths) {
      const bool bare = path->parts.empty();
      const IndexKind index = bare && !path->nodes.empty() ? path->nodes.back().index.kind : IndexKind::none;
      const bool through = (bare && (index == IndexKind::none || index == IndexKind::all)) ||
                           (item.where != nullptr && path->parts.size() == 1 &&
                            path->parts.front().index.kind == IndexKind::none && path->root != syntax::PathRoot::repetition);
      through ? remove_each(*path, item.where) : remove_one(*path, item.where, problems);
    }
    const std::uint32_t before = item.where != nullptr ? item.where->span.end
                                 : item.paths.empty()  ? item.span.begin
                                                       : item.paths.back()->span.end;
    if (item.otherwise != nullptr)
      check_else(*item.otherwise, before, problems, nullptr, nullptr);
    else
      needs_else(item.span, problems);
    if (!problems.empty()) checker_.context.facts.failures[item.id] = problems.front().text;
  }

  void remove_each(const syntax::PathExpr& path, const syntax::Expr* condition) {
    auto frame = checker_.scope(path);
    if (!frame) return;
    PathInfo info;
    const ResolvedScope& scope = checker_.context.facts.scopes[path.id];
    info.resolved = scope.field;
    info.resolved.segment = frame->kind == plan::ScopeKind::repetition ? scope.field.segment : frame->name;
    if (info.resolved.text.empty()) info.resolved.text = checker_.text(path);
    info.places = frame->places;
    if (!writable(path, info, true)) return;
    const bool group = frame->kind == plan::ScopeKind::group;
    const ModelIndex group_place = group ? frame->places.front() : kNoModelNode;
    const Known known_before = known_;
    const Proofs before = checker_.proofs;
    checker_.enter(std::move(*frame));
    if (condition != nullptr) where(*condition);
    if (group) {
      remove_group(group_place, path.span);
    } else {
      if (info.resolved.path.field != 0) info.resolved.path.repetition = Pick::current;
      keep_write(info, path.span, true);
    }
    known_ = known_before;
    checker_.proofs = before;
    checker_.frames.pop_back();
  }

  /// A group goes with all its segments.
  void remove_group(ModelIndex group, Span span) {
    for (std::size_t i = 0; i < checker_.model.nodes().size(); ++i) {
      const auto place = static_cast<ModelIndex>(i);
      if (!checker_.model.node(place).is_segment() || !checker_.model.is_below(place, group)) continue;
      PathInfo info;
      info.resolved.segment = info.resolved.text = std::string(checker_.model.node(place).name);
      info.resolved.path.segment.pick = Pick::every;
      info.places = {place};
      keep_write(info, span, true);
    }
  }

  void remove_one(const syntax::PathExpr& path, const syntax::Expr* condition, std::vector<Problem>& problems) {
    const Known known_before = known_;
    const Proofs before = checker_.proofs;
    if (condition != nullptr) where(*condition);
    if (const auto info = checker_.path(path, Want::whole); info && writable(path, *info, true)) {
      if (info->resolved.type.list) {
        checker_.report(Code::E0410, path.span, fmt::format("`{}` means several places", checker_.text(path)), {},
                        "go through them with `each`");
      }
      keep_write(*info, path.span, true);
      if (info->resolved.choice != nullptr)
        problems.push_back({path.span, fmt::format("`{}` may find none, or several", checker_.text(path)), false});
    }
    known_ = known_before;
    checker_.proofs = before;
  }

  Checker checker_;
  Known known_;
  std::vector<std::pair<syntax::NodeId, std::size_t>> arms_;
  std::vector<Write> writes_;
};

/// The message that a mapping is written for, as if validated.
std::optional<MessageState> state_of(Context& context, const syntax::MappingDecl& mapping) {
  MessageState state;
  if (mapping.from == nullptr) return std::nullopt;
  if (mapping.from->text == "hl7") return state;
  const auto* message = context.project.declared<syntax::MessageDecl>(mapping.from);
  if (message == nullptr) return std::nullopt;
  state.type = context.message_type(*message);
  if (state.type.kind == MessageType::Kind::error) return std::nullopt;
  state.proofs = proofs_of(context, state.type);
  return state;
}

template <class F>
void walk_items(syntax::List<syntax::MappingItem> items, F&& f) {
  for (const syntax::MappingItem* item : items) {
    f(*item);
    if (const auto* each = item->try_as<syntax::EachItem>()) walk_items(each->items, f);
    if (const auto* when = item->try_as<syntax::WhenItem>()) {
      for (const syntax::WhenMappingArm* arm : when->arms) walk_items(arm->items, f);
    }
  }
}

/// Segment and field of a proof, "PID|5[1].1 present" or "f1:9:OBX@12.|5[1] present"; field 0: of the segment itself.
std::pair<std::string_view, unsigned> subject_of(std::string_view fact) {
  std::string_view segment = fact.substr(0, fact.find_first_of("| "));
  const std::size_t bar = fact.find('|');
  unsigned field = 0;
  if (bar != std::string_view::npos) {
    for (std::size_t i = bar + 1; i < fact.size() && fact[i] >= '0' && fact[i] <= '9'; ++i)
      field = field * 10 + static_cast<unsigned>(fact[i] - '0');
  }
  if (const std::size_t at = segment.find('@'); at != std::string_view::npos) {
    segment = segment.substr(0, at);
    segment.remove_prefix(segment.rfind(':') + 1);
  }
  return {segment, field};
}

}  // namespace

void check_mapping(Context& context, const syntax::MappingDecl& mapping) {
  if (mapping.to != nullptr) {
    diag::Diagnostic diagnostic;
    diagnostic.code = Code::E0421;
    diagnostic.span = mapping.to->span;
    diagnostic.message = "a mapping from one message to another does not run yet";
    diagnostic.help = "this version edits a copy: `mapping m : message { ... }`";
    context.sink.report(std::move(diagnostic));
    return;
  }
  const auto state = state_of(context, mapping);
  if (!state) return;
  Statements statements(context, *state);
  statements.items(mapping.items);
}

Proofs proofs_after(Context& context, const syntax::MappingDecl& mapping, const Proofs& before) {
  std::set<std::pair<std::string, unsigned>> changed;
  bool still_valid = true;
  const auto state = state_of(context, mapping);
  if (!state) return {};
  const MessageModel model(state->type);
  const auto emptied = [&](const std::string& segment, unsigned field) {
    const auto part = field == 0 ? std::nullopt : model.field(segment, std::uint32_t{field});
    if (field == 0 || (part && part->min > 0)) still_valid = false;
  };
  walk_items(mapping.items, [&](const syntax::MappingItem& item) {
    if (const auto* assign = item.try_as<syntax::AssignItem>(); assign != nullptr && assign->target != nullptr) {
      const auto at = context.facts.paths.find(assign->target->id);
      if (at == context.facts.paths.end()) return;
      changed.emplace(at->second.segment, at->second.path.field);
      if (assign->value != nullptr && assign->value->kind == ExprKind::null_value)
        emptied(at->second.segment, at->second.path.field);
    } else if (const auto* remove = item.try_as<syntax::DeleteItem>()) {
      for (const syntax::PathExpr* path : remove->paths) {
        const auto scope = context.facts.scopes.find(path->id);
        const auto at = context.facts.paths.find(path->id);
        if (scope != context.facts.scopes.end() && scope->second.scope.kind == plan::ScopeKind::group) {
          for (const ModelNode& node : model.nodes()) {
            if (node.is_segment()) changed.emplace(std::string(node.name), 0U);
          }
          still_valid = false;
        } else if (scope != context.facts.scopes.end()) {
          const unsigned field = scope->second.field.path.field;
          changed.emplace(scope->second.name, field);
          emptied(scope->second.name, field);
        } else if (at != context.facts.paths.end()) {
          changed.emplace(at->second.segment, at->second.path.field);
          emptied(at->second.segment, at->second.path.field);
        }
      }
    }
  });
  Proofs after;
  for (const std::string& fact : before.facts) {
    if (fact == "valid") {
      if (still_valid) after.add(fact);
      continue;
    }
    const auto [segment, field] = subject_of(fact);
    if (changed.contains({std::string(segment), 0U}) || (field != 0 && changed.contains({std::string(segment), field})))
      continue;
    after.add(fact);
  }
  return after;
}

bool mapping_rejects(const syntax::MappingDecl& mapping) {
  bool rejects = false;
  walk_items(mapping.items, [&rejects](const syntax::MappingItem& item) {
    const syntax::ElseClause* clause = nullptr;
    if (const auto* assign = item.try_as<syntax::AssignItem>()) clause = assign->otherwise;
    if (const auto* remove = item.try_as<syntax::DeleteItem>()) clause = remove->otherwise;
    rejects = rejects || (clause != nullptr && clause->kind == syntax::ElseKind::reject);
  });
  return rejects;
}

}  // namespace smarthl7::check
