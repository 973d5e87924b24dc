// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/evaluator.h"

#include <fmt/format.h>

#include "runtime/eval/bound_plan.h"
#include "runtime/eval/flow_run.h"

namespace smarthl7::eval {
namespace {

class EvaluatorOfBound final : public Evaluator {
 public:
  explicit EvaluatorOfBound(std::shared_ptr<const Bound> bound) : bound_(std::move(bound)), runner_(*bound_) {}

  const Effects& evaluate(plan::Id source, const hl7::Message& message) override {
    effects_.verdict = Verdict::accept;
    effects_.reason.clear();
    effects_.findings.clear();
    effects_.flows.clear();
    effects_.misfits = 0;
    effects_.tables.clear();
    const plan::Source& from = bound_->plan().sources[source];
    if (!accepted(from, message)) return effects_;
    runner_.receive(from, message, bound_->charset_of(source));
    effects_.misfits = runner_.misfits();
    for (const plan::Id flow : bound_->flows_of(source)) {
      if (runner_.run(flow, effects_.flows.emplace_back())) continue;
      // One flow's reject is the message's: nothing of it happens in any flow.
      Rejection& rejection = runner_.rejection();
      effects_.verdict = rejection.verdict;
      effects_.reason = std::move(rejection.reason);
      effects_.findings = std::move(rejection.findings);
      effects_.flows.clear();
      break;
    }
    runner_.done(effects_.tables);
    return effects_;
  }

 private:
  /// `accept` of the source. What it does not list is answered AR: 200 for the type, 201 for the event.
  bool accepted(const plan::Source& source, const hl7::Message& message) {
    if (source.accepts.empty()) return true;
    bool code_known = false;
    std::string listed;
    for (const plan::AcceptedType& type : source.accepts) {
      const bool code = bound_->text(type.code) == message.message_code();
      const bool trigger = type.trigger == 0 || bound_->text(type.trigger) == message.trigger_event();
      const bool structure = type.structure == 0 || bound_->text(type.structure) == message.structure_id();
      if (code && trigger && structure) return true;
      code_known = code_known || (code && structure);
      listed += listed.empty() ? "" : ", ";
      listed += bound_->text(type.code);
      if (type.trigger != 0) listed.append("^").append(bound_->text(type.trigger));
    }
    effects_.verdict = Verdict::reject;
    effects_.reason = fmt::format("source {} accepts {} only", bound_->text(source.name), listed);
    const std::uint16_t component = code_known ? 2 : 1;
    effects_.findings.push_back(hl7::finding_at(message, {0, 9, 1, component, 0}, hl7::Severity::error,
                                                code_known ? hl7::condition::kEventCode : hl7::condition::kMessageType,
                                                listed));
    return false;
  }

  std::shared_ptr<const Bound> bound_;
  FlowRunner runner_;
  Effects effects_;
};

}  // namespace

std::unique_ptr<Evaluator> make_evaluator(std::shared_ptr<const BoundPlan> plan) {
  return std::make_unique<EvaluatorOfBound>(std::static_pointer_cast<const Bound>(std::move(plan)));
}

}  // namespace smarthl7::eval
