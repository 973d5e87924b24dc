// SPDX-License-Identifier: Apache-2.0
#include "runtime/alert/reach.h"

#include <set>

namespace smarthl7::alert {
namespace {

class Walk {
 public:
  explicit Walk(const plan::Plan& plan) : plan_(plan) {}

  void steps(plan::Range range) {
    for (plan::Id at = 0; at < range.count; ++at) step(plan_.steps[plan_.lists[range.first + at]]);
  }
  [[nodiscard]] std::vector<plan::Id> found() const { return {found_.begin(), found_.end()}; }

 private:
  void step(const plan::Step& step) {
    otherwise(step.on_failure);
    switch (step.op) {
      case plan::StepOp::deliver: found_.insert(step.a); break;
      case plan::StepOp::map: statements(plan_.mappings[step.a].body); break;
      case plan::StepOp::batch:
        for (plan::Id at = 0; at < plan_.batches[step.a].destinations.count; ++at)
          found_.insert(plan_.lists[plan_.batches[step.a].destinations.first + at]);
        break;
      case plan::StepOp::route:
      case plan::StepOp::fanout:
        for (plan::Id at = 0; at < step.list.count; ++at) steps(plan_.arms[plan_.lists[step.list.first + at]].body);
        break;
      case plan::StepOp::validate:
      case plan::StepOp::dedup:
      case plan::StepOp::when:
      case plan::StepOp::branch:
      case plan::StepOp::dead:
      case plan::StepOp::drop:
      case plan::StepOp::redact:
      case plan::StepOp::convert:
      case plan::StepOp::reject:
      case plan::StepOp::split: break;
    }
    steps(step.body);
    steps(step.otherwise);
  }
  void statements(plan::Range range) {
    for (plan::Id at = 0; at < range.count; ++at) {
      const plan::Statement& statement = plan_.statements[plan_.lists[range.first + at]];
      otherwise(statement.on_failure);
      statements(statement.body);
      statements(statement.otherwise);
    }
  }
  void otherwise(const plan::Else& what) {
    if (what.kind == plan::ElseKind::deliver) found_.insert(what.destination);
  }

  const plan::Plan& plan_;
  std::set<plan::Id> found_;
};

}  // namespace

std::vector<plan::Id> reached_by(const plan::Plan& plan, const plan::Flow& flow) {
  Walk walk(plan);
  walk.steps(flow.body);
  return walk.found();
}

}  // namespace smarthl7::alert
