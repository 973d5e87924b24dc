// SPDX-License-Identifier: Apache-2.0
// The one that decides and commits: gathers what was handed in, resolves dedup, fills windows, writes one record, syncs it
// once, and only then tells anybody. Everything below "writer's" runs on the writer's executor. Ownership: Store's
// implementation; owns journal, lanes, keys and the state's upkeep. Requests live in the callers' frames. Failure: a failed
// write or sync stops it for good (stop()); a full disk refuses the group and undoes what it changed.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>

#include "runtime/env/completion.h"
#include "runtime/env/gate.h"
#include "runtime/env/signal.h"
#include "runtime/store/group.h"
#include "runtime/store/later.h"
#include "runtime/store/manifest.h"
#include "runtime/store/store.h"
#include "runtime/store/upkeep.h"

namespace smarthl7::store {

class Clerk;

class Writer final : public Store {
 public:
  Writer(StoreOptions options, env::Env environment, std::unique_ptr<env::DiskLock> lock, Manifest manifest);
  ~Writer() override;
  /// Recovers from `state` and the journal; then start() may run.
  Result<void> recover(std::unique_ptr<State> state);
  void start();

  Acts* acts() override;
  env::Task<Result<Accepted>> accept(NewMessage message) override;
  void outcome(Outcome outcome) override;
  void attempt(Attempt attempt) override;
  void park(std::vector<DeliveryId> deliveries) override;
  void give_back(std::vector<DeliveryId> deliveries) override;
  env::Task<Result<FileMark>> file_mark(Hash128 place) override;
  env::Task<Result<SharedBytes>> file_answer(FileMark mark) override;
  void forget_file(Hash128 place) override;
  env::Task<Result<DestinationId>> open_destination(DestinationOptions options, DestinationSink* sink) override;
  env::Task<Result<void>> close_destination(DestinationId destination) override;
  env::Task<Result<std::vector<DestinationStatus>>> queued_destinations() override;
  env::Task<Result<std::vector<MessageRow>>> messages(MessageFilter filter) override;
  env::Task<Result<Trace>> trace(MessageId id) override;
  env::Task<Result<std::vector<DeliveryState>>> deliveries(MessageId id) override;
  env::Task<Result<std::vector<DeadLetter>>> dead_letters(std::optional<std::string> destination, MessageId after,
                                                          std::uint32_t limit) override;
  env::Task<Result<std::vector<Ambiguity>>> ambiguities(std::optional<std::string> destination, MessageId after,
                                                        std::uint32_t limit) override;
  env::Task<Result<SharedBytes>> read_body(MessageId id, std::optional<std::uint32_t> delivery, AuditRecord record) override;
  env::Task<Result<void>> record(AuditRecord record) override;
  env::Task<Result<std::vector<AuditRecord>>> audit(std::uint64_t after, std::uint32_t limit) override;
  env::Task<Result<StoreStatus>> status() override;
  env::Task<Result<void>> close() override;
  void on_failure(std::function<void(Error)> handler) override;

 private:
  friend class Clerk;
  using Command = std::move_only_function<void()>;

  struct EditedBody {
    const SharedBytes* bytes = nullptr;
    std::string difference;          // from the received body, behind room for its header; empty: kept whole
    std::uint32_t piece = kNoPiece;  // in the group
  };
  struct AcceptRequest {
    NewMessage message;
    env::Executor* home = nullptr;
    std::coroutine_handle<> frame;
    Result<Accepted> result = Accepted{};
    std::uint32_t body = kNoPiece;  // pieces in the group
    std::uint32_t acknowledgement = kNoPiece;
    std::vector<EditedBody> edited;
  };
  struct SubmitAccept {  // co_await: hands the request over and waits for its group
    Writer* writer;
    AcceptRequest* request;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> frame);
    void await_resume() const {}
  };
  struct OpenRequest {
    DestinationOptions options;
    DestinationSink* sink;
    env::Executor* home;
    env::Completion<Result<DestinationId>>* done;
    DestinationId id = 0;
  };
  struct AuditRequest {
    AuditRecord record;
    MessageId message;
    env::Completion<Result<void>>* done;
  };
  struct Group;
  struct Deed {  // what a person does: adds itself to a group, again if that is refused for want of room
    std::function<void(Group&)> put;
    env::Completion<Result<void>>* done;
    bool grows = false;  // it brings bodies: not while the disk is nearly full
  };
  struct Watch {  // deliveries that come while a replay is prepared
    LaterSearch* search = nullptr;
    const IdentitiesOf* identities = nullptr;
  };
  struct Handover {  // what one executor gets after a commit, as one job
    env::Executor* home = nullptr;
    std::vector<std::coroutine_handle<>> frames;
    struct ToSink {
      DestinationSink* sink;
      std::vector<Released> released;
      std::size_t durable;
      std::vector<std::pair<MessageId, Response>> responses;
      std::vector<std::pair<DeliveryId, OutcomeKind>> outcomes;
    };
    std::vector<ToSink> sinks;
  };
  struct GroupKey {
    KeyFacts facts;
    SharedBytes acknowledgement;
  };
  struct Group {
    explicit Group(GroupRecord given) : record(std::move(given)) {}
    GroupRecord record;
    std::int64_t at = 0;
    MessageId first = 0;
    std::uint32_t messages = 0;
    Totals totals;  // what it adds
    std::vector<AcceptRequest*> accepts;
    std::vector<Outcome> outcomes;
    std::vector<Attempt> attempts;
    std::vector<OpenRequest*> makes;     // destinations that are new or change their lanes
    std::vector<OpenRequest*> attaches;  // destinations whose sink starts now
    std::vector<AuditRequest*> audits;
    std::vector<Deed*> deeds;
    std::vector<Hash128> forgotten;                   // places of files that have gone
    std::map<std::string, std::int64_t> letters;      // open dead letters more or fewer, by name ...
    std::map<std::string, std::int64_t> ambiguities;  // ... and open entries of the ledger
    std::vector<SinkBatch> sinks;
    std::vector<SharedBytes> held;                                  // bytes that the record borrows and no request owns
    std::unordered_map<std::uint64_t, std::vector<GroupKey>> keys;  // by low half
  };

  // ---- inbox: any thread
  template <class Fill>
  void hand_in(Fill fill);
  void command(Command work);
  template <class T>
  env::Task<Result<T>> ask(std::function<Result<T>(State&)> question);

  // ---- the loop: writer's
  env::Task<void> run();
  void take_inbox();
  [[nodiscard]] bool group_due() const;
  [[nodiscard]] bool accepts_may_go() const;
  [[nodiscard]] SteadyTime next_deadline() const;
  env::Task<void> commit();
  Group gather();
  env::Task<void> write_group(Group& group);
  env::Task<void> change_lanes(Group& group);
  void finish_group(Group& group);
  void refuse_group(Group& group, Error why);
  void refuse_accepts(const Error& why);
  void refuse_deeds(const Error& why, bool all);
  void stop(Error why);
  void give_up(Group& group);
  void abandon_all();
  env::Task<void> finish_closing();

  // ---- parts of a group: writer's (decide.cc)
  [[nodiscard]] bool knows_destinations(const NewMessage& message);
  void add_opens(Group& group);
  void add_outcomes(Group& group);
  void add_outcome(Group& group, const Outcome& outcome, std::string_view answer);
  void add_completes(Group& group, const NewMessage& message, MessageId id);
  void add_given_back(Group& group);
  void add_releases(Group& group);
  // ---- files: files.cc
  void add_file(Group& group, AcceptRequest& request);
  void add_forgotten(Group& group);
  void interrupt_file(const AcceptRequest& request);
  [[nodiscard]] bool is_interrupted(const AcceptRequest& request) const;
  [[nodiscard]] Hash128 answer_key(const FileMark& mark) const;
  void add_accept(Group& group, AcceptRequest& request);
  void add_reject(Group& group, AcceptRequest& request, MessageEntry& entry);
  void add_answers(Group& group, AcceptRequest& request, MessageEntry& entry, std::uint32_t number);
  struct Claim {
    bool seen = false;
    bool conflict = false;
    KeyFacts first;
    SharedBytes acknowledgement;  // if the first one is in this group
  };
  Result<Claim> look_up(Group& group, const Hash128& key, const Hash128& content, std::int64_t now_seconds);
  void add_delivery(Group& group, AcceptRequest& request, FlowEntry& flow, NewDelivery& delivery, MessageId id,
                    std::uint32_t number);
  static void find_differences(AcceptRequest& request);
  std::uint32_t piece_for(Group& group, AcceptRequest& request, const std::optional<SharedBytes>& body);
  SinkBatch& sink_batch(Group& group, Destination& destination);
  DeliveryRef ref_of(const Queued& delivery, const Destination& destination) const;
  void add_response(Group& group, const Outcome& outcome, Destination& destination);
  bool find_response(Group& group, AcceptRequest& request, std::int64_t now_seconds);
  Hash128 response_key(MessageId message, DestinationId destination) const;
  bool keep_reject_body(const std::string& source, std::int64_t at, std::size_t size);
  Hash128 hashed(const Hash128& key) const;

  // ---- after a group: writer's
  void hand_out(Group& group);
  void hand_out_sinks(Group& group, std::vector<Handover>& all);
  Handover& handover_to(std::vector<Handover>& all, env::Executor* home);
  bool read_back(SinkBatch& batch, std::vector<Released>& out);
  void keep_up();
  void start_applying();
  void keys_upkeep();
  void take_runs(std::vector<std::uint64_t> listed, std::vector<std::pair<std::uint64_t, std::unique_ptr<KeyRun>>> fresh);
  void state_progressed(JournalPosition position, MessageId next_message, std::optional<Error> error);
  void page_in();
  DestinationStatus status_of(const Destination& destination) const;
  void watch(const NewDelivery& delivery, const SharedBytes& body, DeliveryId id);
  std::uint64_t disk_bytes();
  [[nodiscard]] std::optional<std::uint64_t> room();
  void brake();

  const StoreOptions options_;
  env::Env env_;
  std::unique_ptr<env::DiskLock> lock_;
  Manifest manifest_;
  std::unique_ptr<Upkeep> upkeep_;
  std::shared_ptr<Writer*> self_;  // null inside when this is gone

  std::mutex inbox_mutex_;
  struct Inbox {
    std::vector<AcceptRequest*> accepts;
    std::vector<Outcome> outcomes;
    std::vector<Attempt> attempts;
    std::vector<DeliveryId> given_back;
    std::vector<Command> commands;
  };
  Inbox inbox_;
  bool woken_ = false;  // a job that wakes the loop is posted
  std::atomic<bool> refusing_{false};

  // writer's
  std::set<Hash128> interrupted_;   // places of files of which a message could not be stored
  std::vector<Hash128> forgotten_;  // ... of files that have gone
  JournalWriter journal_;
  JournalFiles files_;
  Lanes lanes_;
  KeyTable keys_;
  std::shared_ptr<const KeyTable> frozen_keys_;
  std::map<std::uint64_t, std::unique_ptr<KeyRun>> runs_;  // by number: newest last
  Totals totals_;
  MessageId next_message_ = 1;
  DestinationId next_destination_ = 1;
  MessageId applied_next_ = 1;
  JournalPosition applied_;
  bool applying_ = false;
  SteadyTime apply_due_ = kNever;
  std::int64_t segments_dropped_at_ = 0;
  bool keys_due_ = false;
  std::vector<AcceptRequest*> accepts_;
  std::size_t accepts_at_ = 0;
  std::vector<Outcome> outcomes_;
  std::vector<Attempt> attempts_;
  std::vector<DeliveryId> given_back_;
  std::vector<OpenRequest*> opens_;
  std::vector<AuditRequest*> audits_;
  std::vector<Deed*> deeds_;
  Watch watch_;
  std::map<std::string, std::uint64_t> open_letters_;  // by name of the destination, or of the flow that ended the message
  std::map<std::string, std::uint64_t> open_ambiguities_;
  std::unique_ptr<Clerk> clerk_;
  SteadyTime outcomes_due_ = kNever;
  bool urgent_ = false;                          // a lane can go on
  SteadyTime not_before_ = SteadyTime::min();    // after a full disk
  SteadyTime braked_until_ = SteadyTime::min();  // no messages before that: there is little room on the disk
  std::map<std::string, std::pair<std::int64_t, std::uint64_t>> reject_bytes_;
  std::optional<Error> failure_;
  std::function<void(Error)> on_failure_;
  env::Completion<Result<void>>* closing_ = nullptr;
  std::vector<std::string> notes_;
  std::uint64_t used_bytes_ = 0;                      // of the folder, when it was looked at last
  Location used_at_ = 0;                              // where the journal stood then
  std::optional<std::uint64_t> room_;                 // before the last group that took messages
  std::map<std::string, std::uint64_t> whole_files_;  // sizes of those that do not change any more, by name
  std::uint64_t commits_ = 0;
  std::array<std::uint64_t, 12> group_sizes_{};
  env::Signal wake_;
  env::Gate gate_;
};

/// Answered by the state once it has caught up with what is committed.
template <class T>
env::Task<Result<T>> Writer::ask(std::function<Result<T>(State&)> question) {
  if (refusing_.load(std::memory_order_acquire)) co_return fail(ErrorCode::stopped, "the store has stopped");
  env::Completion<Result<T>> answer;
  const bool taken = upkeep_->submit([this, &answer, &question](State& state) {
    auto there = state.catch_up(upkeep_->committed());
    Result<T> result = there ? question(state) : Result<T>(std::unexpected(there.error()));
    command(
        [this, position = state.applied(), next = state.next_message()] { state_progressed(position, next, std::nullopt); });
    answer.complete(std::move(result));
  });
  if (!taken) co_return fail(ErrorCode::stopped, "the store has stopped");
  auto result = co_await answer;
  co_return result;
}

}  // namespace smarthl7::store
