// SPDX-License-Identifier: Apache-2.0
// What is known of the patient data of a message at one place of a flow: its level, what each leaf says about a person where
// that differs from the standard, and the way it took there. Internal to the checks of patient data.
// Value type; trails are shared and immutable. One thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/check/phi_model.h"
#include "stdlib/hl7/phi_method.h"

namespace smarthl7::check {

/// How a value came where it is, the last step first.
struct PhiTrail {
  std::string text;  // "PID-5", "OBX-5 in mapping `notes`, line 12"
  source::Span span;
  std::shared_ptr<const PhiTrail> before;
};
using Trail = std::shared_ptr<const PhiTrail>;
[[nodiscard]] Trail step(std::string text, source::Span span, Trail before = {});
/// "PID-5 -> OBX-5 in mapping `notes`, line 12".
[[nodiscard]] std::string way(const Trail& trail);

struct PhiEntry {
  hl7::PhiMark mark;
  bool as_sent = true;  // the value has the form of its kind, as HL7 writes it
  Trail trail;          // null: it came with the message
  /// Of a place whose type another field gives, after a redaction: what is left of each mark it can have. Empty: as sent.
  std::vector<std::pair<hl7::PhiMark, hl7::PhiMark>> by_type;
};
[[nodiscard]] PhiEntry stronger(PhiEntry a, PhiEntry b);

/// A leaf that a redaction leaves stronger than `clinical`.
struct PhiLeftover {
  enum class Why : std::uint8_t {
    untouched,   // no line of the redaction speaks of it
    kept,        // a line of an `allow` keeps it
    method,      // a line changes it, and the method leaves that
    misfit,      // a line changes it with a method for another kind of value
    undeclared,  // segments and fields that nobody declared
    open,        // a redaction that lists, on a message of which nothing is known
    transform,   // it went through a transform, so anything can be anywhere
  };
  Why why = Why::untouched;
  PhiPlace place;
  PhiEntry entry;  // what is left
  hl7::PhiMark before;
  hl7::PhiMethod method = hl7::PhiMethod::keep;
  source::Span item;    // the line; of `untouched`: the step
  bool varies = false;  // the mark is one of those that its type can give
};

struct PhiState {
  plan::Level level = plan::Level::identified;
  bool emptied = false;  // a leaf without an entry holds nothing
  bool strict = false;   // segments and fields that are not declared were refused
  std::map<PhiPlace, PhiEntry> entries;
  Trail under;                                   // all of it stands under a condition on a direct identifier
  Trail opaque;                                  // went through a transform
  const syntax::RedactStep* redacted = nullptr;  // the last one
  bool allowed = false;                          // one of them said what may stay
  std::optional<source::Span> unredacted;        // a way on which the level stayed higher
  std::vector<PhiLeftover> left;                 // of the last redaction

  [[nodiscard]] PhiEntry get(const PhiModel& model, const PhiPlace& leaf) const;
  /// The strongest of the leaves at a place; `as_sent` if it is one leaf.
  [[nodiscard]] PhiEntry strongest(const PhiModel& model, const PhiPlace& place) const;
};
/// What holds after either of two ways.
[[nodiscard]] PhiState either(PhiState one, const PhiState& other, const PhiModel& model);

/// The highest level of a message in which the mark stands.
[[nodiscard]] plan::Level level_with(hl7::PhiMark mark);
[[nodiscard]] std::string_view level_name(plan::Level level);

}  // namespace smarthl7::check
