// SPDX-License-Identifier: Apache-2.0
// Expressions of a message at one place: paths, types, presence, and why something can fail. Flows, options, messages and
// mappings all come through here, so that a path means the same everywhere.
// Every function checks a tree, writes what it found into context.facts (types, paths, every, failures) and reports to
// context.sink. Checking an expression again for another message (an option of a destination, for each flow) wants a Context
// with Facts of its own, which is then lowered from. One thread; nothing throws.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/check/context.h"

namespace smarthl7::check {

/// A value where one is wanted: a route's subject, a key, an argument. A composite means its first part; a list is an error.
/// There is no `else` here, so what can fail is an error, and absent is fine. Type error: was reported.
Type check_value(Context& context, const MessageState& state, const syntax::Expr& expr);

/// The same where nothing may be absent: addresses and file names. Says what proves it.
Type check_needed_value(Context& context, const MessageState& state, const syntax::Expr& expr);

/// A key of `dedup by` and `order by`: a path with one value; it may be absent.
Type check_key(Context& context, const MessageState& state, const syntax::PathExpr& path);

/// A path that means all its places, which need not be there: what `dedup ... ignoring` leaves out.
void check_every_place(Context& context, const MessageState& state, const syntax::PathExpr& path);

/// The group or segment of `split each`; nothing: reported. Facts hold the scope.
struct SplitScope {
  std::string name;
  bool repeats = false;  // there can be several in a message
};
std::optional<SplitScope> check_split(Context& context, const MessageState& state, const syntax::PathExpr& path);

/// Must be bool; nothing in it may fail.
void check_condition(Context& context, const MessageState& state, const syntax::Expr& condition);

/// What is proven where the condition was true (or false). Asks for no report: check_condition() comes first.
Proofs proofs_when(Context& context, const MessageState& state, const syntax::Expr& condition, bool truth);

/// The text of a reason: absent values print `-`, so only what fails is an error.
void check_reason(Context& context, const MessageState& state, const syntax::StringExpr& reason);

/// The reason and the acknowledgement code of an `else` (not which kinds may stand at this place).
void check_else(Context& context, const MessageState& state, const syntax::ElseClause& clause);

/// A literal that is compared with a value of that type, as in an arm of `route`: kind and code table.
void check_literal(Context& context, const MessageState& state, const Type& subject, const syntax::Expr& literal);

/// The codes of a closed table, with what the message adds, if `subject` is a code of one: a route that names them all is
/// total.
std::optional<std::vector<std::string_view>> closed_codes(const MessageType& message, const Type& subject);

/// What a strict or normal `validate` of this type proves.
Proofs proofs_of(Context& context, const MessageType& message);

}  // namespace smarthl7::check
