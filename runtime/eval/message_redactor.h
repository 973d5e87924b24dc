// SPDX-License-Identifier: Apache-2.0
// MessageRedactor: a redaction of a plan for messages outside of any flow, as a `redact` step would apply it. Keeps buffers;
// one thread; cannot fail once it is made.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "runtime/eval/evaluator.h"
#include "runtime/eval/redaction_search.h"

namespace smarthl7::eval {

class MessageRedactor {
 public:
  virtual ~MessageRedactor() = default;
  /// What is left of the message, in its own character set (`configured` where MSH-18 is silent); valid until the next call.
  virtual std::string_view redact(const hl7::Message& message, hl7::Charset configured) = 0;
  /// Searches what is left for identified values of the original; gives how many were searched.
  virtual std::uint64_t search(const hl7::Message& before, const hl7::Message& after, std::vector<Leak>& leaks) = 0;
};

/// `redaction` is an index of Plan::redactions. `plan` comes from bind(). A secret that the redaction needs and that was not
/// given is an error.
[[nodiscard]] Result<std::unique_ptr<MessageRedactor>> make_message_redactor(std::shared_ptr<const BoundPlan> plan,
                                                                             plan::Id redaction);

}  // namespace smarthl7::eval
