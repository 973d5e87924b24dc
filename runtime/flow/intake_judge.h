// SPDX-License-Identifier: Apache-2.0
// The verdict over one message: what its header alone decides, then what the flows of its source do, and the answers that go
// with it. Nothing waits and nothing is stored here: what comes out is what one commit is to make durable.
// One per source and reactor, on its executor; borrows what it is given. Failure: none; what is wrong with a message is its
// verdict.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/flow/delivered.h"
#include "runtime/flow/intake_counters.h"
#include "runtime/flow/intake_sequence.h"
#include "runtime/flow/reactor.h"
#include "runtime/flow/response.h"
#include "runtime/store/store.h"
#include "runtime/transport/transport.h"

namespace smarthl7::flow {

inline constexpr std::uint32_t kRecordedRejectsPerSecond = 20;  // of a source, on each reactor

struct Ended {
  plan::Id flow = plan::kNone;
  bool dead = false;
};

struct Judged {
  enum class Fate : std::uint8_t {
    commit,  // store `message`, then answer what the store gives back
    answer,  // nothing to store: answer message.acknowledgement
  } fate = Fate::commit;
  store::NewMessage message;
  SequenceRemark sequence;
  std::string sequence_sender;  // only where there is a number
  std::vector<Ended> endings;   // what flows ended by themselves, to be counted once it is stored
};

class Judge {
 public:
  Judge(std::shared_ptr<const eval::BoundPlan> plan, plan::Id source, Reactor& reactor,
        std::span<const store::DestinationId> destinations, SequenceBook& sequences, const Responder& responder,
        const Delivered& delivered);

  /// `note` is for the trace: "message 3 of 20 of a batch".
  [[nodiscard]] Judged judge(const transport::Received& received, std::string note = {});
  /// Of an answer that a delivery waited for: acknowledged only if it asks for it (never in original mode).
  [[nodiscard]] SharedBytes commit_answer(const SharedBytes& bytes);
  /// For a message that the store could not take.
  [[nodiscard]] SharedBytes cannot_store(const SharedBytes& bytes);

  /// Once the message is stored, and no copy.
  void count(const std::vector<Ended>& endings);
  void count(const store::NewMessage& stored);  // the same of one that was answered before it was stored

  SourceCounters counters;
  std::vector<FlowCounters> flows;  // in the order of the plan

 private:
  [[nodiscard]] const plan::Source& source() const { return plan_->plan().sources[source_]; }
  [[nodiscard]] bool may_record_reject();
  void reject(Judged& judged, hl7::Verdict verdict, std::span<const hl7::Finding> findings, std::string reason);
  [[nodiscard]] bool ends_here(Judged& judged);
  [[nodiscard]] bool fits_header(Judged& judged);
  [[nodiscard]] bool accepts(const hl7::Message& message, hl7::Finding* finding) const;
  void take_effects(Judged& judged, const eval::Effects& effects);
  void take_flow(const eval::FlowEffects& from, Judged& judged);
  void claim_once(const transport::Received& received, store::NewMessage& message);
  void refuse_conflicts(store::NewMessage& message);
  void answer(store::NewMessage& message, Acknowledger::Case what);

  std::shared_ptr<const eval::BoundPlan> plan_;
  plan::Id source_;
  std::string name_;
  bool takes_acknowledgements_ = false;  // `accept` names ACK or MCF
  Reactor& reactor_;
  std::span<const store::DestinationId> destinations_;  // by plan id; then those of the batches
  SequenceBook& sequences_;
  const Responder& responder_;
  const Delivered& delivered_;
  std::string expected_;     // text of MSA-4
  bool in_file_ = false;     // the message stands in a file: the sender does not hang on it
  std::int64_t second_ = 0;  // of which rejects are counted
  std::uint32_t recorded_ = 0;
};

}  // namespace smarthl7::flow
