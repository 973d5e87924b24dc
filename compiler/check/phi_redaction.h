// SPDX-License-Identifier: Apache-2.0
// What a redaction leaves of a message: the proof, leaf by leaf, for the type that comes in, with what mappings put where the
// standard would not. It asks hl7::effect_at, as evaluation does. Internal to the checks of patient data; one thread; reports
// nothing.
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "compiler/check/phi_state.h"
#include "compiler/check/redaction_info.h"

namespace smarthl7::check {

class PhiRedactions {
 public:
  /// The state after the step; `left` says what is in the way of a lower level.
  [[nodiscard]] PhiState after(const PhiModel& model, const PhiState& before, const syntax::RedactStep& step,
                               const RedactionInfo& redaction);

 private:
  struct Result {
    std::map<PhiPlace, PhiEntry> entries;
    std::vector<PhiLeftover> left;
  };
  /// Of a message as its sender wrote it; many flows redact one type by one redaction.
  const Result& as_sent(const PhiModel& model, const RedactionInfo& redaction);

  using Key = std::tuple<const RedactionInfo*, std::string_view, std::string_view, const void*>;
  std::map<Key, Result> known_;
};

}  // namespace smarthl7::check
