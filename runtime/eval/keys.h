// SPDX-License-Identifier: Apache-2.0
// Keyed hashes that a message is known by: its dedup key and content, and the keys that order it among others. They say nothing
// about the patient to one who does not hold the key. Internal to this folder; one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/eval/effects.h"
#include "runtime/eval/interpreter.h"

namespace smarthl7::eval {

class Keys {
 public:
  explicit Keys(const Bound& bound) : bound_(bound) {}

  /// nullopt: a part of the key is absent. The interpreter stands on the message.
  [[nodiscard]] std::optional<Dedup> dedup(Interpreter& interpreter, const plan::Flow& flow, const plan::Step& step);
  /// Keys of a destination's order, sorted, each once; empty where everything goes one way (or none matters).
  [[nodiscard]] std::vector<std::uint64_t> order(Interpreter& interpreter, const plan::Destination& destination,
                                                 const plan::Step& step);
  /// A path of the destination's `urgent by` holds one of its codes.
  [[nodiscard]] bool urgent(Interpreter& interpreter, const plan::Step& step);

 private:
  void begin(char kind) { scratch_.assign(1, kind); }
  void add(std::string_view part);
  [[nodiscard]] std::uint64_t hash() const;
  [[nodiscard]] Hash128 content(Interpreter& interpreter, plan::Range ignoring);
  void patient(Interpreter& interpreter, bool merge, std::vector<std::uint64_t>& keys);
  [[nodiscard]] bool is_barrier(const hl7::Message& message, const plan::Destination& destination) const;
  void identifiers(Interpreter& interpreter, std::uint32_t segment, std::uint16_t field, std::vector<std::uint64_t>& keys);

  const Bound& bound_;
  std::string scratch_;
  std::string decoded_;
  std::vector<std::string_view> left_out_;
};

/// A merge, link, move, swap or change of identifiers: it concerns every identifier of its PIDs (2, 3, 4) and MRGs (1 to 6).
[[nodiscard]] bool is_patient_merge(std::string_view trigger_event);

}  // namespace smarthl7::eval
