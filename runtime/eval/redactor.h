// SPDX-License-Identifier: Apache-2.0
// Redactor: writes a message anew with what a redaction of the plan leaves of it, in one pass over its bytes. What stays keeps
// its bytes; null stays null; what is removed leaves its place empty, and separators after the last value of a segment go with
// it. A segment of which nothing may stay goes, one that the standard defines stays with what is left. MSH-1 and MSH-2 stay as
// they are. Keeps buffers, so that a message costs no allocation; one thread; cannot fail. Internal to this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/eval/bound_plan.h"
#include "runtime/eval/redaction_table.h"
#include "runtime/eval/stage.h"

namespace smarthl7::eval {

class Redactor {
 public:
  explicit Redactor(const Bound& bound) : bound_(bound), tables_(bound.plan().redactions.size()) {}

  /// Into output().
  void run(plan::Id redaction, const Stage& stage);
  [[nodiscard]] std::string& output() { return out_; }
  [[nodiscard]] bool changed() const { return changed_; }

 private:
  /// Days by which the dates of one person move.
  struct Shift {
    std::uint16_t rule = kNoRule;
    std::optional<int> days;  // nothing: no key, so dates are removed
  };

  void start(const Stage& stage);
  void start_shifts();
  void take_key(Shift& shift, std::uint32_t segment);
  void segment(std::uint32_t index);
  void fields(hl7::SegmentView view, const RedactionNode& node, std::size_t first);
  void field(const RedactionNode& node, std::string_view raw);
  void repetition(const RedactionNode& node, std::string_view raw);
  void parts(const RedactionNode& node, std::string_view raw, char separator);
  void value(const RedactionNode& node, std::string_view raw);
  [[nodiscard]] bool method(const RedactionNode& node, std::string_view text);
  void record(const RedactionNode& node);
  void look_for_age(hl7::SegmentView view);
  [[nodiscard]] bool fold(const RedactionNode& node, std::string_view text);
  [[nodiscard]] std::string_view decoded(std::string_view raw, std::string& buffer, std::string& converted) const;
  [[nodiscard]] bool foreign() const;
  [[nodiscard]] std::string_view secret_of(const RedactionNode& node) const;

  const Bound& bound_;
  std::vector<std::unique_ptr<RedactionTable>> tables_;  // by redaction
  RedactionTable* table_ = nullptr;
  plan::Id redaction_ = plan::kNone;
  const Stage* stage_ = nullptr;
  const hl7::Message* message_ = nullptr;
  hl7::Delimiters delimiters_;
  std::optional<int> reference_year_;  // of MSH-7
  std::vector<Shift> shifts_;
  std::string_view type_;         // OBX-2 of the segment at hand
  std::optional<int> age_limit_;  // it is an age in a unit that has this many in 90 years
  std::string_view repetition_;   // at hand
  std::string out_, scratch_, converted_, made_, encoded_;
  bool changed_ = false;
};

}  // namespace smarthl7::eval
