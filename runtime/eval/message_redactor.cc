// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/message_redactor.h"

#include "runtime/eval/redactor.h"

namespace smarthl7::eval {
namespace {

class RedactorOfBound final : public MessageRedactor {
 public:
  RedactorOfBound(std::shared_ptr<const Bound> bound, plan::Id redaction)
      : bound_(std::move(bound)),
        redactor_(*bound_),
        table_(bound_->plan(), bound_->plan().redactions[redaction]),
        search_(table_),
        redaction_(redaction) {}

  std::uint64_t search(const hl7::Message& before, const hl7::Message& after, std::vector<Leak>& leaks) override {
    return search_.search(before, after, leaks);
  }

  std::string_view redact(const hl7::Message& message, hl7::Charset configured) override {
    received_.receive(*bound_, message, configured);
    redactor_.run(redaction_, received_);
    if (!redactor_.changed()) return message.bytes();
    // In the message's own set again; what no longer fits it is in UTF-8, which holds everything.
    if (!left_.rewrite(*bound_, redactor_.output(), received_) || left_.wire(bytes_)) return left_.message().bytes();
    return bytes_.view();
  }

 private:
  std::shared_ptr<const Bound> bound_;
  Redactor redactor_;
  Stage received_;
  Stage left_;
  SharedBytes bytes_;
  RedactionTable table_;
  RedactionSearch search_;
  plan::Id redaction_;
};

}  // namespace

Result<std::unique_ptr<MessageRedactor>> make_message_redactor(std::shared_ptr<const BoundPlan> plan, plan::Id redaction) {
  auto bound = std::static_pointer_cast<const Bound>(std::move(plan));
  for (const plan::RedactionItem& item : bound->plan().redactions[redaction].items) {
    if (item.secret == plan::kNone || !bound->secret(item.secret).empty()) continue;
    return fail(ErrorCode::not_found,
                "secret `" + std::string(bound->text(bound->plan().secrets[item.secret])) + "` has no value");
  }
  return std::make_unique<RedactorOfBound>(std::move(bound), redaction);
}

}  // namespace smarthl7::eval
