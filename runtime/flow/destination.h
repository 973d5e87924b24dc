// SPDX-License-Identifier: Apache-2.0
// One destination at work: what the store has released stands in lanes, and one worker per connection sends it, reads the
// answer, decides (answer.h) and tells the store. A lane sends in order and one message at a time; `order none` is one
// lane with several workers; a message with several keys is sent when it heads every one of its lanes.
// Ownership: borrows store and transport, owns connections and frames. It is stopped before it is destroyed, except together
// with its executor's queue (a crash). Threads: everything on the executor of its Env. Failure: no message ends without an
// outcome; what cannot be delivered now is tried again for as long as the plan's retry says.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "compiler/plan/plan.h"
#include "runtime/env/gate.h"
#include "runtime/flow/answer.h"
#include "runtime/flow/asking.h"
#include "runtime/observe/histogram.h"
#include "runtime/store/store.h"
#include "runtime/transport/transport.h"

namespace smarthl7::flow {

/// What a destination's plan entry and its retry come to.
struct DestinationPolicy {
  std::string name;
  plan::Order order = plan::Order::fifo;
  std::string ordered_by;  // store::DestinationOptions::order
  std::uint32_t connections = 1;
  std::chrono::nanoseconds ack_within = std::chrono::seconds(30);
  std::chrono::nanoseconds connect_within = std::chrono::seconds(10);
  Asked asked;                                     // MSH-15 and MSH-16 of what is sent; as_sent: as the message has it
  bool responds = false;                           // a flow answers its senders with what this one answers
  bool awaited = false;                            // a sender may wait for what comes of a delivery (`ack when delivered`)
  std::chrono::nanoseconds application_within{0};  // 0: the first answer is the delivery
  AnswerPolicy answers;
  plan::AfterRefusal after_refusal = plan::AfterRefusal::go_on;
  std::chrono::nanoseconds first_pause = std::chrono::seconds(1);
  std::chrono::nanoseconds most_pause = std::chrono::minutes(5);
  std::uint32_t jitter_percent = 20;
  std::chrono::nanoseconds give_up_after = std::chrono::hours(24);    // of refusals for now; 0: not by time
  std::uint32_t give_up_attempts = 0;                                 // 0: not by number
  std::chrono::nanoseconds unreachable_give_up_after{0};              // 0: never
  std::chrono::nanoseconds rejected_pause = std::chrono::minutes(5);  // at least this after rejected credentials
  std::uint32_t window_messages = 256;
  bool exactly_once = false;              // a resend that the receiver's memory does not cover waits for a person
  std::chrono::nanoseconds remembers{0};  // how long the receiver knows a copy; 0: it does not
  bool express = false;                   // urgent messages have a lane and a connection of their own
  std::uint32_t pace_messages = 0;        // over all connections; 0: as fast as it goes
  std::chrono::nanoseconds pace_within{0};
  std::uint32_t most_parked = 1024;            // messages that wait behind refused ones of their key; then lanes stand still
  std::uint64_t most_parked_bytes = 8U << 20;  // one message always
};
[[nodiscard]] DestinationPolicy policy_of(const plan::Plan& plan, const plan::Destination& destination,
                                          std::uint32_t window_messages = 256);

enum class LaneState : std::uint8_t {
  idle,      // nothing to send
  sending,   // a message is on its way, or its answer is waited for
  waiting,   // the head is a barrier that does not head its other lanes yet
  retrying,  // between two attempts
  paced,     // waits for its turn, so that the receiver gets no more than `pace` says
  rejected,  // the receiver rejects our credentials or its own fail our checks: an alert
  held,      // stands still until a person lets it go on: an alert
  stopped,
};
[[nodiscard]] std::string_view name_of(LaneState state);

/// What the last attempt of a lane came to, until one is accepted or the next one ends otherwise.
enum class Trouble : std::uint8_t { none, refused, unanswered, mismatched, unreachable, credentials };

struct LaneStatus {
  std::uint16_t lane = 0;
  LaneState state = LaneState::idle;
  bool connected = false;
  WallTime since{};            // of the state
  std::string last_error;      // without message content
  std::uint64_t waiting = 0;   // released messages in the lane
  store::DeliveryId head;      // the message it is about; 0 when idle
  std::uint32_t attempts = 0;  // of the head
  WallTime head_received{};    // of the head
  Trouble trouble = Trouble::none;
  SteadyTime trouble_since{};  // of its first attempt that came to that
  bool held_by_person = false;
};

struct DestinationCounters {
  std::uint64_t delivered = 0;
  std::uint64_t refused = 0;  // answers that said no, of any kind
  std::uint64_t retries = 0;  // attempts after the first
  std::uint64_t unanswered = 0;
  std::uint64_t unreachable = 0;  // attempts that reached nobody
  std::uint64_t mismatched = 0;   // answers for another message, or that were none
  std::uint64_t dead = 0;
  std::uint64_t resent = 0;  // released before a crash, sent again
  std::uint64_t paced = 0;   // attempts that waited for their turn
};

struct DestinationSnapshot {
  std::string name;
  std::string address;
  DestinationCounters counters;
  std::uint64_t in_flight = 0;
  std::uint64_t waiting = 0;
  std::uint64_t held = 0;                   // messages that were refused for good and wait for a person (`on refusal hold key`)
  std::uint64_t parked = 0;                 // messages that wait behind these, of the same keys
  std::uint32_t pace_messages = 0;          // what `pace` allows ...
  std::chrono::nanoseconds pace_within{0};  // ... in this time; 0: anything
  std::optional<WallTime> oldest;           // receipt of the oldest message that was released and has no outcome
  observe::Histogram delivery_time;         // receipt to accepted answer
  std::vector<LaneStatus> lanes;            // one per connection
};

/// An acknowledgement that did not come on the connection of its message.
struct ArrivedAnswer {
  SharedBytes bytes;
  std::string control_id;   // MSA-2
  std::string application;  // MSH-3 and MSH-4: who answers
  std::string facility;
};
enum class AnswerFit : std::uint8_t { none, by_id, by_id_and_sender };

class Destination final : public store::DestinationSink {
 public:
  Destination(DestinationPolicy policy, store::Store& store, env::Env env);
  ~Destination() override;

  /// Makes the connections' ends and opens the destination in the store; sending begins.
  env::Task<Result<store::DestinationId>> start(const transport::Transport& transport, const transport::Options& options);
  /// Sends nothing new, lets what is on its way end until the deadline, closes, gives back to the store what was never sent.
  env::Task<void> stop(SteadyTime deadline);
  /// Lets held lanes go on and ends the pauses of the others. A held refusal is given up, a held mismatch is tried again.
  void resume();
  /// A person holds a lane (none: all of them): what is on its way ends, nothing more is sent until release(). May be called
  /// before start(). A lane that there is not is passed over.
  void hold(std::optional<std::uint16_t> lane, const std::string& why);
  /// Ends that, and what resume() ends, for a lane or all.
  void release(std::optional<std::uint16_t> lane);
  [[nodiscard]] std::size_t lanes() const { return lanes_.size(); }

  [[nodiscard]] DestinationSnapshot snapshot() const;

  /// Who is told of each durable response, on the executor of the Env; set before start().
  using OnResponse = std::function<void(store::MessageId, store::DestinationId, const store::Response&)>;
  void tell_responses(OnResponse to) { on_response_ = std::move(to); }
  /// The same of each durable outcome, if a sender may wait for it.
  using OnOutcome = std::function<void(store::DeliveryId, store::OutcomeKind)>;
  void tell_outcomes(OnOutcome to) { on_outcome_ = std::move(to); }

  /// Does one of its messages wait for an application acknowledgement that can come elsewhere than on its connection?
  [[nodiscard]] bool takes_answers() const { return listens_; }
  [[nodiscard]] AnswerFit fit(const ArrivedAnswer& arrived) const;
  /// Gives it to the message that it fits and waits until what it means is durable. False: it fits none, or the store did not
  /// get so far in time, and the one who sent it must not be told that it was taken.
  env::Task<bool> take(ArrivedAnswer arrived);

  void on_released(std::vector<store::Released> batch) override;
  void on_durable(std::size_t outcomes) override;
  void on_response(store::MessageId message, const store::Response& response) override;
  void on_outcome(store::DeliveryId delivery, store::OutcomeKind kind) override;

 private:
  struct Item;
  struct Late {  // a message that ended, though an earlier attempt at it may still get its answer
    std::string control_id, application, facility;
    SteadyTime until;
  };
  struct Lane;
  struct Worker;
  enum class Attempted : std::uint8_t { ended, again, held, stopping };

  env::Task<void> work(Worker* worker);
  env::Task<void> deliver(Worker* worker, Item* item);
  env::Task<Attempted> attempt(Worker* worker, Item* item);
  static void renew_for_same_id(Worker& worker, const Item& item);
  env::Task<Attempted> unreachable(Worker* worker, Item* item, Error error);
  env::Task<Attempted> unanswered(Worker* worker, Item* item, std::string detail, bool mismatched);
  env::Task<Attempted> judge(Worker* worker, Item* item, Answer answer);
  // answers: destination_answers.cc
  void prepare(Item& item);
  env::Task<Answer> awaited_answer(Worker* worker, Item* item, transport::Sent sent, SteadyTime deadline);
  env::Task<Answer> own_answer(Worker* worker, Item* item, transport::Sent sent, SteadyTime deadline);
  env::Task<Answer> application_answer(Worker* worker, Item* item, SteadyTime deadline);
  env::Task<Answer> refusal(Worker* worker, Item* item, SteadyTime deadline);
  env::Task<transport::Sent> listen(Worker* worker, SteadyTime deadline);
  env::Task<void> take_what_came(Worker* worker);
  env::Task<void> rest(Worker* worker, env::Signal* signal, SteadyTime until);
  [[nodiscard]] Answer read_answer(const SharedBytes& bytes, const Item& item, bool here) const;
  [[nodiscard]] Worker* fitting(const ArrivedAnswer& arrived, AnswerFit* best) const;
  [[nodiscard]] bool owes_commit(const Answer& answer) const;
  env::Task<void> commit_answer(Worker* worker, SharedBytes answer);
  env::Task<bool> durable_until(std::uint64_t outcome, SteadyTime deadline);
  void take_stray(Worker* worker, const SharedBytes& bytes);
  bool give(const ArrivedAnswer& arrived);
  [[nodiscard]] AnswerFit fit_of(const Item& item, const ArrivedAnswer& arrived) const;
  [[nodiscard]] static bool is_open(const Item& item);
  void remember_late(const Item& item);
  void wake(Worker& worker);
  void wake_lane(std::size_t lane);

  // parked messages, pace, what the receiver remembers: destination_waits.cc
  [[nodiscard]] bool holds_keys() const { return policy_.after_refusal == plan::AfterRefusal::hold_key; }
  [[nodiscard]] bool is_blocked(const Item& item) const;
  [[nodiscard]] bool can_park(const Item& item) const;
  void park(const std::shared_ptr<Item>& item);
  void release_parked();
  void put_back(const std::shared_ptr<Item>& item, std::size_t lane);
  [[nodiscard]] SteadyTime first_refusal_of(const Item& item) const;
  env::Task<bool> take_turn(Worker* worker);
  env::Task<bool> within_memory(Worker* worker, Item* item);
  void add_express_worker();

  env::Task<Attempted> pause(Worker* worker, std::chrono::nanoseconds length, LaneState state);
  env::Task<void> hold(Worker* worker, std::string why);
  [[nodiscard]] const std::string* held_why(const Worker& worker) const;
  env::Task<void> stand_while_held(Worker* worker);
  void accepted(Item& item, const Answer& answer);
  void give_up(Item& item, std::string reason, std::string answer, SharedBytes response = {});
  void note(Item& item, std::string outcome, std::string detail, bool reached = true);
  void finish(Worker& worker, const std::shared_ptr<Item>& item);
  [[nodiscard]] std::vector<store::DeliveryId> never_sent() const;
  void enter(Worker& worker, LaneState state);
  void meet(Worker& worker, Trouble trouble) const;
  [[nodiscard]] std::chrono::nanoseconds pause_after(std::uint32_t failures);
  [[nodiscard]] SteadyTime now() const { return env_.executor.now(); }

  DestinationPolicy policy_;
  OnResponse on_response_;
  OnOutcome on_outcome_;
  const bool listens_;  // answers can come on any connection and at sources
  store::Store& store_;
  env::Env env_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<std::string> held_;  // by lane: why a person holds it; empty: nobody does
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<transport::Destination> express_connection_;  // until something is released into the express lane
  std::deque<std::shared_ptr<Item>> parked_;                    // in order: the refused ones and those that wait behind them
  std::unordered_map<std::uint64_t, std::uint32_t> blocked_;    // how many of them have a key
  std::uint64_t parked_bytes_ = 0;
  std::deque<Late> late_;         // in the order of their end
  std::deque<SteadyTime> turns_;  // the last pace_messages that were given out
  store::DestinationId id_ = 0;
  bool open_ = false;
  bool stopping_ = false;
  bool ending_ = false;  // stop()'s deadline has passed
  std::uint64_t in_flight_ = 0;
  std::uint64_t undurable_outcomes_ = 0;
  std::uint64_t given_outcomes_ = 0;
  std::uint64_t durable_outcomes_ = 0;
  env::Signal durable_;                      // more of them
  std::vector<store::DeliveryId> too_late_;  // released to us while we stopped
  DestinationCounters counters_;
  observe::Histogram delivery_time_;
  env::Signal worker_ended_;
  std::size_t running_workers_ = 0;
  env::Gate gate_;  // last: its frames use all of the above
};

}  // namespace smarthl7::flow
