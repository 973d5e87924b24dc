// SPDX-License-Identifier: Apache-2.0
// The walk over one flow for patient data: takes the types that the check of flows found, follows levels and ways through
// mappings, redactions, choices and branches, and judges each delivery. Internal to the checks of patient data; borrows the
// context; one thread; reports to the sink.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/check/context.h"
#include "compiler/check/phi_redaction.h"
#include "compiler/check/phi_state.h"
#include "compiler/check/phi_values.h"

namespace smarthl7::check {

class PhiFlow {
 public:
  PhiFlow(Context& context, PhiRedactions& redactions, const syntax::FlowDecl& flow)
      : context_(context), redactions_(redactions), flow_(flow) {}

  void check();

 private:
  using Line = std::optional<PhiState>;  // none: no message comes here

  [[nodiscard]] Line steps(syntax::List<syntax::Step> list, Line line);
  [[nodiscard]] Line step(const syntax::Step& step, PhiState state);
  [[nodiscard]] PhiState map(const syntax::MapStep& step, const PhiState& state);
  [[nodiscard]] PhiState redact(const syntax::RedactStep& step, const PhiState& state);
  [[nodiscard]] Line choice(const syntax::Step& step, syntax::List<syntax::Arm> arms, const syntax::Expr* subject,
                            const PhiState& state, bool passes);
  void respond(const syntax::RespondStep& step);
  void keep_facts(const syntax::Step& step, const PhiState& state);
  [[nodiscard]] PhiModel model_at(const syntax::Step& step) const;
  [[nodiscard]] const MessageType* type_at(const syntax::Step& step) const;

  // phi_report.cc
  void deliver(const syntax::Name& name, const PhiState& state);
  void deliver_else(const syntax::ElseClause* clause, const PhiState& state);
  void too_high(const syntax::Name& name, const DestinationInfo& destination, const PhiState& state);
  void never_redacted(const syntax::Name& name, const DestinationInfo& destination, const PhiState& state);
  void left_over(const syntax::Name& name, const DestinationInfo& destination, const PhiState& state, const PhiLeftover& left);
  [[nodiscard]] std::string redaction_name(const PhiState& state) const;

  Context& context_;
  PhiRedactions& redactions_;
  const syntax::FlowDecl& flow_;
  std::vector<const SourceInfo*> sources_;
};

}  // namespace smarthl7::check
