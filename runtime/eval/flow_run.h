// SPDX-License-Identifier: Apache-2.0
// The steps of a flow over one message. A line is the way of the message through the steps: its present form, what it is known
// to be, whether it has ended. Arms and branches get their own line. Buffers are used again; one thread. Internal to this
// folder.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/eval/converter.h"
#include "runtime/eval/effects.h"
#include "runtime/eval/interpreter.h"
#include "runtime/eval/keys.h"
#include "runtime/eval/mapper.h"
#include "runtime/eval/redactor.h"

namespace smarthl7::eval {

struct Rejection {
  Verdict verdict = Verdict::reject_error;
  std::string reason;
  std::vector<hl7::Finding> findings;
};

class FlowRunner {
 public:
  explicit FlowRunner(const Bound& bound)
      : bound_(bound), interpreter_(bound), mapper_(bound, interpreter_), redactor_(bound), keys_(bound), converter_(bound) {}

  /// A new message for the flows of a source.
  void receive(const plan::Source& source, const hl7::Message& message, hl7::Charset configured);
  /// Bytes of the message that its character set cannot hold.
  [[nodiscard]] std::uint64_t misfits() const { return received_.misfits(); }
  /// False: the flow rejects the message, see rejection().
  [[nodiscard]] bool run(plan::Id flow, FlowEffects& effects);
  [[nodiscard]] Rejection& rejection() { return rejection_; }
  /// All flows have seen the message: which versions of tables they read, which may go from now on.
  void done(std::vector<TableUse>& tables) { interpreter_.leave_tables(tables); }

 private:
  struct Line {
    Stage* stage = nullptr;
    plan::Id profile = plan::kNone;
    bool ended = false;
    bool in_branch = false;
    plan::Content content = plan::Content::hl7;
    SharedBytes document = {};  // what it is, if it is no HL7 message in pipes
  };
  /// What comes after a step: the steps left of its body, then those left of the bodies around it.
  struct Rest {
    std::span<const plan::Id> left;
    const Rest* around = nullptr;
  };

  // Each gives false if the message is rejected.
  [[nodiscard]] bool steps(std::span<const plan::Id> body, Line& line, const Rest* around);
  [[nodiscard]] bool steps(plan::Range body, Line& line, const Rest* around) { return steps(bound_.list(body), line, around); }
  [[nodiscard]] bool step(const plan::Step& step, Line& line, const Rest& rest);
  [[nodiscard]] bool validate(const plan::Step& step, Line& line);
  [[nodiscard]] bool map(const plan::Step& step, Line& line);
  [[nodiscard]] bool redact(const plan::Step& step, Line& line);
  [[nodiscard]] bool convert_content(const plan::Step& step, Line& line);
  [[nodiscard]] bool route(const plan::Step& step, Line& line, const Rest& rest);
  [[nodiscard]] bool split(const plan::Step& step, Line& line, const Rest& rest);
  [[nodiscard]] bool reject(plan::ElseKind kind, Line& line, std::string reason, std::vector<hl7::Finding> findings);
  [[nodiscard]] bool fanout(const plan::Step& step, Line& line);
  [[nodiscard]] bool branch(const plan::Step& step, Line line);
  [[nodiscard]] bool otherwise(const plan::Else& clause, Line& line, std::string reason, std::vector<hl7::Finding> findings);

  void dedup(const plan::Step& step, Line& line);
  void deliver(plan::Id destination, const plan::Step& step, Line& line);
  void collect(plan::Id batch, Line& line);
  void end(bool dead, std::string reason, Line& line);
  void end_delivery(std::string_view to, const hl7::Finding& why, const Line& line);
  [[nodiscard]] static std::optional<SharedBytes> body_of(const Line& line);
  [[nodiscard]] bool fits(const plan::Arm& arm, const plan::Step& step, const builtins::Value& value,
                          const hl7::Message& message);
  [[nodiscard]] Interpreter& on(Line& line);
  [[nodiscard]] Stage& new_stage();

  const Bound& bound_;
  Interpreter interpreter_;
  Mapper mapper_;
  Redactor redactor_;
  Keys keys_;
  const plan::Source* source_ = nullptr;
  const plan::Flow* flow_ = nullptr;
  FlowEffects* effects_ = nullptr;
  Rejection rejection_;
  Stage received_;
  std::vector<std::unique_ptr<Stage>> stages_;  // of mapped messages; the first used_ are in use
  std::size_t used_ = 0;
  std::vector<hl7::Finding> findings_;
  Converter converter_;
};

}  // namespace smarthl7::eval
