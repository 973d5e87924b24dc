// SPDX-License-Identifier: Apache-2.0
// Dates, times and timestamps: what is known of their precision and offset, and which operations follow from it.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/check/checker.h"
#include "compiler/check/values.h"
#include "stdlib/hl7/primitive.h"

namespace smarthl7::check {

using builtins::Offset;
using diag::Code;
using hl7::Precision;

/// The coarsest precision of a value of that data type which `validate` has seen, as the function gives it; `exact` if it is
/// always that one. nullopt: the function cannot read the data type in any case.
std::optional<Precision> Checker::validated_precision(const builtins::Function& function, const Type& type, bool& exact) const {
  const bool clock = function.name == "time";
  exact = false;
  switch (hl7::primitive_of(type.datatype, model.version().name())) {
    case hl7::Primitive::dt: return clock ? std::nullopt : std::optional(Precision::year);
    case hl7::Primitive::dt_day: exact = !clock; return clock ? std::nullopt : std::optional(Precision::day);
    case hl7::Primitive::dtm:
    case hl7::Primitive::dtm_minute: return clock ? std::nullopt : std::optional(Precision::year);
    case hl7::Primitive::dtm_day: exact = function.name == "date"; return clock ? std::nullopt : std::optional(Precision::day);
    case hl7::Primitive::tm: return clock ? std::optional(Precision::hour) : std::nullopt;
    case hl7::Primitive::tm_minute: return clock ? std::optional(Precision::minute) : std::nullopt;
    default: return std::nullopt;
  }
}

/// date(), time() and timestamp(): of text, or of another moment.
void Checker::conversion(const builtins::Function& function, const syntax::CallExpr& call, const std::vector<Value>& given,
                         Value& value) {
  const Value& from = given.front();
  const std::optional<Precision> wanted = value.type.precision;
  std::optional<Precision> coarsest;  // that is certain
  const TypeKind to = value.type.kind;
  if (wanted && ((to == TypeKind::date && *wanted > Precision::day) || (to == TypeKind::time && *wanted < Precision::hour))) {
    report(Code::E0422, call.arguments[1]->span,
           fmt::format("a {} is never precise to the {}", function.name, builtins::name_of(*wanted)));
    value = broken_value();
    return;
  }
  if (is_moment(from.type)) {
    const bool possible = from.type.kind == to || from.type.kind == TypeKind::timestamp ||
                          (from.type.kind == TypeKind::date && to == TypeKind::timestamp);
    if (!possible) {
      report(Code::E0401, call.span,
             fmt::format("`{}` is {}, of which no {} can be made", text(*call.arguments.front()), phrase(from.type),
                         function.name));
      value = broken_value();
      return;
    }
    if (to != TypeKind::date) value.type.offset = from.type.offset;
    if (from.type.precision) {
      const Precision most = to == TypeKind::date ? Precision::day : Precision::ten_thousandth;
      coarsest = std::min(*from.type.precision, most);
      if (!wanted) value.type.precision = coarsest;
    } else if (to != TypeKind::time) {
      coarsest = Precision::year;
    }
    if (to == TypeKind::time && coarsest && *coarsest < Precision::hour) coarsest.reset();
  } else if (is_validated(*call.arguments.front(), from)) {
    bool exact = false;
    coarsest = validated_precision(function, from.type, exact);
    if (!wanted && exact) value.type.precision = coarsest;
  }
  const bool sure = coarsest && (!wanted || *coarsest >= *wanted);
  if (!sure && !proven(function, call))
    value.fails.push_back({call.span, fmt::format("`{}` fails if {}", text(call), function.can_fail), false});
}

/// Two moments that are compared or subtracted: of one kind, of one precision, with or without an offset.
bool Checker::moments_match(const syntax::BinaryExpr& binary, const Value& left, const Value& right, Value& value) {
  const Type& a = left.type;
  const Type& b = right.type;
  const bool precise = a.precision && b.precision;
  if (precise && *a.precision != *b.precision) {
    report(Code::E0424, binary.span,
           fmt::format("`{}` is precise to the {}, but `{}` to the {}", text(*binary.left), builtins::name_of(*a.precision),
                       text(*binary.right), builtins::name_of(*b.precision)),
           "it cannot be said which of them is first",
           fmt::format("make both precise to the {0}: `{1}(..., \"{0}\")`",
                       builtins::name_of(std::min(*a.precision, *b.precision)), describe({.kind = a.kind})));
    return false;
  }
  const bool known = a.offset != Offset::unknown && b.offset != Offset::unknown;
  if (known && a.offset != b.offset) {
    report(Code::E0424, binary.span,
           fmt::format("only `{}` has an offset from UTC", text(a.offset == Offset::always ? *binary.left : *binary.right)),
           "it cannot be said which of them is first");
    return false;
  }
  const bool both_never = known && a.offset == Offset::never;
  const bool instants = known && a.kind == TypeKind::timestamp && precise && *a.precision >= Precision::hour;
  if (precise && (both_never || instants)) return true;
  const auto one = canonical(*binary.left);
  const auto other = canonical(*binary.right);
  if (one && other &&
      (proofs.holds(fmt::format("comparable({}, {})", *one, *other)) ||
       proofs.holds(fmt::format("comparable({}, {})", *other, *one))))
    return true;
  value.fails.push_back({binary.span,
                         fmt::format("`{}` and `{}` may be of different precision{}", text(*binary.left), text(*binary.right),
                                     both_never ? "" : ", or only one has an offset"),
                         false});
  return true;
}

/// A moment and a duration.
bool Checker::shift(const syntax::BinaryExpr& binary, const Value& left, Value& value) {
  value.type = left.type;
  value.type.optional = false;
  builtins::Arena arena;
  const auto moved_by = constant_value(*binary.right, arena);
  if (left.type.precision) {
    const std::int64_t unit = builtins::unit_micros(*left.type.precision);
    const std::string_view name = builtins::name_of(*left.type.precision);
    if (unit == 0 || (moved_by && moved_by->micros() % unit != 0)) {
      report(Code::E0425, binary.span,
             unit == 0 ? fmt::format("a {} has no fixed length, so nothing is added to it", name)
                       : fmt::format("`{}` is no whole number of {}s", text(*binary.right), name),
             fmt::format("`{}` is precise to the {}", text(*binary.left), name),
             unit == 0
                 ? std::string("dates are counted in days: `date(..., \"day\")`")
                 : fmt::format("a duration in whole {}s, or a more precise {}", name, describe({.kind = left.type.kind})));
      return false;
    }
  }
  const bool whole = left.type.precision && moved_by;
  value.fails.push_back(
      {binary.span,
       whole && left.type.kind != TypeKind::time ? fmt::format("`{}` may lie outside of the years 0000 to 9999", text(binary))
       : whole
           ? fmt::format("`{}` may lie outside of the day", text(binary))
           : fmt::format("`{}` fails if `{}` is no whole number of what `{}` is precise to, or the result lies out of range",
                         text(binary), text(*binary.right), text(*binary.left)),
       false});
  return true;
}

/// Two moments: the time between them.
bool Checker::difference(const syntax::BinaryExpr& binary, const Value& left, const Value& right, Value& value) {
  value.type = {.kind = TypeKind::duration};
  value.whole_digits = 18;  // 10,000 years are fewer microseconds
  value.scale = 0;
  for (const auto& [side, operand] : {std::pair{&left, binary.left}, std::pair{&right, binary.right}}) {
    if (!side->type.precision || *side->type.precision >= Precision::day) continue;
    const std::string_view name = builtins::name_of(*side->type.precision);
    report(Code::E0425, binary.span, fmt::format("a {} has no fixed length, so nothing is subtracted from it", name),
           fmt::format("`{}` is precise to the {}", text(*operand), name));
    return false;
  }
  if (!moments_match(binary, left, right, value)) return false;
  // `comparable` says nothing of months and years, of which no difference is made.
  if (value.fails.empty() && !left.type.precision) {
    value.fails.push_back(
        {binary.span, fmt::format("`{}` and `{}` may be less precise than to the day", text(*binary.left), text(*binary.right)),
         false});
  }
  return true;
}

}  // namespace smarthl7::check
