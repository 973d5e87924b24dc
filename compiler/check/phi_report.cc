// SPDX-License-Identifier: Apache-2.0
// What is said where more would arrive than a destination holds: the field, why it still says who somebody is, and the way
// that it took.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/check/phi_flow.h"

namespace smarthl7::check {

using diag::Code;
using Why = PhiLeftover::Why;

namespace {

/// "a name (A)", "free text".
[[nodiscard]] std::string phrase(hl7::PhiMark mark) {
  const std::string_view letter = hl7::kind_letter(mark.kind);
  const std::string_view name = hl7::kind_name(mark.kind);
  if (mark.kind == hl7::PhiKind::text) return "free text";
  const bool vowel = name.find_first_of("aeiou") == 0 || name == "SSN";
  return fmt::format("{} {} (45 CFR 164.514(b)(2)(i)({}))", vowel ? "an" : "a", name, letter);
}

[[nodiscard]] source::Span origin(const Trail& trail) { return trail->before == nullptr ? trail->span : origin(trail->before); }

/// The place where it left its field: the first step after the origin.
[[nodiscard]] const PhiTrail* first_move(const Trail& trail) {
  const PhiTrail* one = trail.get();
  while (one->before != nullptr && one->before->before != nullptr) one = one->before.get();
  return one->before == nullptr ? nullptr : one;
}

/// A sentence about the place: "`OBX-5` still holds a name".
[[nodiscard]] unsigned rank(const PhiLeftover& left) {
  switch (left.why) {
    case Why::transform: return 0;
    case Why::open: return 1;
    case Why::untouched:
    case Why::kept: return left.entry.trail != nullptr ? 2 : 4;
    case Why::misfit: return left.entry.trail != nullptr ? 2 : 3;
    case Why::method: return 3;
    case Why::undeclared: return 5;
  }
  return 6;
}

}  // namespace

std::string PhiFlow::redaction_name(const PhiState& state) const {
  return state.redacted == nullptr || state.redacted->redaction == nullptr ? std::string()
                                                                           : std::string(state.redacted->redaction->text);
}

void PhiFlow::deliver_else(const syntax::ElseClause* clause, const PhiState& state) {
  if (clause == nullptr || clause->kind != syntax::ElseKind::deliver) return;
  for (const syntax::Name* name : clause->destinations) deliver(*name, state);
}

void PhiFlow::deliver(const syntax::Name& name, const PhiState& state) {
  const auto at = context_.destinations.find(name.text);
  if (at == context_.destinations.end() || at->second.refused) return;
  const DestinationInfo& destination = at->second;
  if (state.level < destination.values.holds) return too_high(name, destination, state);
  const syntax::Option* trust =
      destination.declaration->options == nullptr ? nullptr : destination.declaration->options->find("trust");
  const auto* word =
      trust == nullptr || trust->values.size() != 1 ? nullptr : trust->values.front()->try_as<syntax::NameExpr>();
  if (word == nullptr || word->text != "outside" || state.redacted == nullptr || state.allowed) return;
  diag::Diagnostic diagnostic{
      .code = Code::E0606,
      .span = name.span,
      .message = fmt::format("`{}` is outside, and `{}` lists what to change", name.text, redaction_name(state))};
  diagnostic.secondary.push_back({trust->span, "what a sender adds tomorrow would leave the house"});
  diagnostic.secondary.push_back({state.redacted->span, "the redaction on the way"});
  diagnostic.help = "take a redaction that lists what may stay: `redaction N allow { ... }`, or `std.phi.safe_harbor`";
  context_.sink.report(std::move(diagnostic));
}

void PhiFlow::too_high(const syntax::Name& name, const DestinationInfo& destination, const PhiState& state) {
  if (state.redacted == nullptr || state.unredacted) return never_redacted(name, destination, state);
  const plan::Level holds = destination.values.holds;
  const PhiLeftover* worst = nullptr;
  for (const PhiLeftover& left : state.left) {
    if (level_with(left.entry.mark) >= holds) continue;
    if (worst == nullptr || rank(left) < rank(*worst) ||
        (rank(left) == rank(*worst) && left.entry.mark.label > worst->entry.mark.label)) {
      worst = &left;
    }
  }
  if (worst == nullptr) return never_redacted(name, destination, state);
  left_over(name, destination, state, *worst);
}

void PhiFlow::never_redacted(const syntax::Name& name, const DestinationInfo& destination, const PhiState& state) {
  diag::Diagnostic diagnostic{.code = Code::E0601,
                              .span = name.span,
                              .message = fmt::format("`{}` holds {} data, and what comes here is {}", name.text,
                                                     level_name(destination.values.holds), level_name(state.level))};
  if (const syntax::Option* holds = destination.declaration->options->find("holds"))
    diagnostic.secondary.push_back({holds->span, "what it may hold"});
  if (state.unredacted) diagnostic.secondary.push_back({*state.unredacted, "on this way nothing lowers it"});
  diagnostic.help =
      destination.values.holds == plan::Level::limited
          ? "put `redact std.phi.limited_data_set` before it, or say `yields` in the source if its data are not identified"
          : "put `redact std.phi.safe_harbor` before it, or say `yields` in the source if its data are not identified";
  context_.sink.report(std::move(diagnostic));
}

void PhiFlow::left_over(const syntax::Name& name, const DestinationInfo& destination, const PhiState& state,
                        const PhiLeftover& left) {
  const std::string redaction = redaction_name(state);
  const std::string place = describe(left.place);
  const std::string_view holds = level_name(destination.values.holds);
  diag::Diagnostic diagnostic{.code = Code::E0602, .span = name.span};
  std::string did;  // what the redaction does there
  switch (left.why) {
    case Why::untouched: did = fmt::format("`redact {}` does not touch {}", redaction, place); break;
    case Why::kept: did = fmt::format("`redact {}` lets {} stay", redaction, place); break;
    case Why::method:
    case Why::misfit: did = fmt::format("`redact {}` does `{}` to {}", redaction, hl7::row_of(left.method).word, place); break;
    case Why::undeclared: did = fmt::format("`redact {}` does not touch what is not declared", redaction); break;
    case Why::open: did = fmt::format("`redact {}` lists what to change", redaction); break;
    case Why::transform: did = fmt::format("`redact {}`", redaction); break;
  }
  const bool moved = left.entry.trail != nullptr && left.why != Why::transform;
  if (left.why == Why::transform || left.why == Why::open || left.why == Why::undeclared) {
    diagnostic.code = Code::E0605;
    diagnostic.message =
        left.why == Why::transform
            ? fmt::format("`{}` holds {} data, and after a transform anything can be anywhere", name.text, holds)
        : left.why == Why::open
            ? fmt::format("`{}` holds {} data, and nothing is known of the message that is redacted", name.text, holds)
            : fmt::format("`{}` holds {} data, and segments that nobody declared pass the redaction", name.text, holds);
    diagnostic.help = left.why == Why::transform ? "redact before the transform"
                      : left.why == Why::open
                          ? "validate it before, or take a redaction that lists what may stay: `redaction N allow { ... }`"
                          : "`validate ... strict` refuses them before; a redaction that lists what may stay, "
                            "`redaction N allow { ... }`, removes them";
  } else if (moved) {
    diagnostic.code = Code::E0603;
    diagnostic.message =
        fmt::format("`{}` holds {} data, and `{}` still holds {}", name.text, holds, place, phrase(left.entry.mark));
    diagnostic.help = fmt::format("redact before the mapping, or let the redaction remove {} too", place);
  } else if (left.why == Why::method || left.why == Why::misfit) {
    diagnostic.code = Code::E0604;
    diagnostic.message = left.why == Why::method
                             ? fmt::format("`{}` holds {} data, and `{}` leaves {} of `{}`", name.text, holds,
                                           hl7::row_of(left.method).word, hl7::row_of(left.method).leaves, place)
                             : fmt::format("`{}` holds {} data, and `{}` cannot be relied on for `{}`, which is {}", name.text,
                                           holds, hl7::row_of(left.method).word, place, phrase(left.entry.mark));
    diagnostic.help = "`remove` and `synthetic` leave nothing; of dates `year` may stay, of ZIP codes `zip3`";
  } else {
    diagnostic.message = fmt::format("`{}` holds {} data, and `{}` {} {}", name.text, holds, place,
                                     left.varies ? "can be" : "is", phrase(left.entry.mark));
    diagnostic.help = left.why == Why::kept ? fmt::format("take {} out of what may stay", place)
                                            : fmt::format("add `{} remove` to the redaction", place);
  }
  if (moved) {
    const PhiTrail* move = first_move(left.entry.trail);
    diagnostic.secondary.push_back(move != nullptr ? diag::Label{move->span, "here it leaves its field"}
                                                   : diag::Label{origin(left.entry.trail), "it comes from here"});
  } else if (const syntax::Option* option = destination.declaration->options->find("holds")) {
    diagnostic.secondary.push_back({option->span, "what it may hold"});
  }
  if (context_.sources.get(left.item).path().starts_with("std") || left.item == source::Span{})
    diagnostic.secondary.push_back({state.redacted->span, "this leaves it"});
  else
    diagnostic.secondary.push_back({left.item, "this leaves it"});
  const std::string before = moved ? way(left.entry.trail) : left.why == Why::transform ? way(left.entry.trail) : place;
  diagnostic.notes.push_back(fmt::format("the way it took: {}{} -> {}", before.empty() ? "" : before + " -> ", did, name.text));
  std::string more;
  std::size_t count = 0;
  for (const PhiLeftover& other : state.left) {
    if (&other == &left || level_with(other.entry.mark) >= destination.values.holds || other.place.segment.empty()) continue;
    if (++count <= 5) more += fmt::format("{}{}", more.empty() ? "" : ", ", describe(other.place));
  }
  if (count > 0)
    diagnostic.notes.push_back(fmt::format("so do {}{}", more, count > 5 ? fmt::format(" and {} more places", count - 5) : ""));
  context_.sink.report(std::move(diagnostic));
}

}  // namespace smarthl7::check
