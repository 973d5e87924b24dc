// SPDX-License-Identifier: Apache-2.0
// What a receiver answered to a batch: a batch of acknowledgements whose BHS-12 is our BHS-11 (HL7 2.5.1, 2.10.3), or one
// acknowledgement of the whole. A batch is taken as a whole: if one of its messages is refused, sending all again would repeat
// the others, so it is refused for good, with the refused ones named by their control ids' places in the answer.
// Pure; any thread. No failure: whatever bytes come fall into one of the kinds.
#pragma once

#include <string_view>

#include "runtime/flow/answer.h"

namespace smarthl7::flow {

/// BHS-11, or FHS-11 where there is no batch header; empty if there is none.
[[nodiscard]] std::string_view batch_id_of(std::string_view batch);

[[nodiscard]] Answer classify_batch(std::string_view answer, std::string_view batch_id, const AnswerPolicy& policy);

}  // namespace smarthl7::flow
