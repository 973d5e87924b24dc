// SPDX-License-Identifier: Apache-2.0
// The state: the journal's facts as tables (SQLite), brought up to date in large transactions behind the writer's back, and
// what people ask answered from it. A power cut may take its last transactions; the journal behind `position` is then applied
// again. Ownership: owns its connection and its open journal files. Threads: one at a time (the state's thread, or the writer's
// executor). Failure: Result; after io or corrupt the caller stops the store, full may be tried again.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/store/acts.h"
#include "runtime/store/journal.h"
#include "runtime/store/keys.h"
#include "runtime/store/lanes.h"
#include "runtime/store/later.h"
#include "runtime/store/sqlite/database.h"

namespace smarthl7::store {

struct Totals {  // since the data folder was made
  std::uint64_t messages = 0;
  std::uint64_t rejected = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t conflicts = 0;
  std::uint64_t dead = 0;
  std::uint64_t dropped = 0;
};

struct DestinationFacts {
  DestinationId id = 0;
  std::string name;
  LaneNumber lanes = 1;
  std::uint64_t delivered = 0;
  std::uint64_t dead = 0;
  std::string order;            // DestinationOptions::order
  MessageId ordered_since = 0;  // of messages from this one on
};

struct DestinationQueue {  // what a start, or a change of lanes, needs to know
  LaneNumber lanes = 1;
  std::vector<std::pair<Queued, std::int64_t>> released;
  struct InLane {
    LaneNumber lane = 0;
    std::uint64_t count = 0;
    MessageId last = 0;
  };
  std::vector<InLane> backlog;
  std::vector<std::vector<std::uint64_t>> keys;  // of all of it, if they were asked for
  std::uint64_t queued = 0;
  std::uint64_t bytes = 0;
  bool barrier_due = false;  // what comes next must wait for all that is queued
};

struct RunFacts {
  std::uint64_t number = 0;
  std::uint64_t count = 0;
  std::int64_t expires = 0;
};

/// All that is known of a delivery that a person wants to have sent (again), or of its letter.
struct Replayable {
  DeliveryId delivery;
  std::string name;               // of its destination, or of the flow that ended it
  DestinationId destination = 0;  // 0: ended by a flow
  bool letter = false;            // an open dead letter
  std::string refused;            // why it cannot be
  MessageId before = 0;           // this request had it replayed as this message already
  BodyPlace body;
  BodyPlace original;  // of an edited one: the body that was to be delivered before
  Location record = 0;
  std::uint64_t group = 0;
  std::vector<std::uint64_t> keys;
  MessageId age = 0;
  std::string flow, type, source, plan;
  std::uint64_t control = 0;
};

class State {
 public:
  static Result<std::unique_ptr<State>> open(env::Env& environment, std::string folder);
  ~State();

  [[nodiscard]] JournalPosition applied() const { return applied_; }
  [[nodiscard]] JournalPosition keys_applied() const { return keys_applied_; }
  [[nodiscard]] MessageId next_message() const { return next_message_; }
  [[nodiscard]] const Totals& totals() const { return totals_; }

  /// One transaction of at most `most` messages towards `end`. True when it got there.
  Result<bool> apply(JournalPosition end, std::uint64_t most);
  Result<void> catch_up(JournalPosition end);

  Result<std::vector<DestinationFacts>> destinations();
  Result<DestinationQueue> queue_of(DestinationId destination);
  Result<std::vector<Queued>> page(const Lanes::Page& page);
  /// The ordering keys of all that is queued there.
  Result<std::vector<std::vector<std::uint64_t>>> queued_keys(DestinationId destination);

  /// Makes `keys` (sorted) a run; the keys of the journal up to `through` are then in runs. Merges small runs, drops expired
  /// ones.
  Result<void> add_keys(std::vector<KeyFacts> keys, JournalPosition through, std::int64_t now_seconds);
  [[nodiscard]] const std::vector<RunFacts>& runs() const { return runs_; }
  /// The keys of the journal from keys_applied() to `end`.
  Result<void> replay_keys(JournalPosition end, KeyTable& into);

  Result<std::vector<MessageRow>> messages(const MessageFilter& filter, std::uint64_t control_hash);
  Result<Trace> trace(MessageId id);
  Result<std::vector<DeliveryState>> deliveries(MessageId id);
  Result<std::vector<DeadLetter>> dead_letters(const std::optional<std::string>& destination, MessageId after,
                                               std::uint32_t limit);
  Result<std::vector<Ambiguity>> ambiguities(const std::optional<std::string>& destination, MessageId after,
                                             std::uint32_t limit);
  Result<std::vector<AuditRecord>> audit(std::uint64_t after, std::uint32_t limit);
  Result<BodyPlace> find_body(MessageId id, std::optional<std::uint32_t> delivery);
  Result<SharedBytes> read_body(const BodyPlace& place);

  // ---- what people do: ask_acts.cc
  Result<std::vector<Letter>> letters(const LetterFilter& filter);
  Result<std::vector<LedgerEntry>> ledger(const LedgerFilter& filter);
  Result<std::vector<Hold>> holds();
  /// Open ones by the name of the destination (or flow); `destination` and `through` narrow the ambiguities.
  Result<std::vector<std::pair<std::string, std::uint64_t>>> open_letters();
  Result<std::vector<std::pair<std::string, std::uint64_t>>> open_ambiguities(const std::optional<std::string>& destination,
                                                                              MessageId through);
  /// What a person means, in commit order; at most `limit` after message `after` if all letters are meant.
  Result<std::vector<Replayable>> replayables(const Choice& choice, bool deliveries, const std::string& request,
                                              MessageId after, std::uint32_t limit);
  /// Of deliveries as they were sent; place 0: no longer kept. Neighbours in one record cost little.
  Result<std::vector<BodyPlace>> find_bodies(const std::vector<DeliveryId>& deliveries);
  /// Goes on through the journal from `at`, which moves; true at `end`.
  Result<bool> look_for_later(LaterSearch& search, const IdentitiesOf& identities, JournalPosition& at, JournalPosition end);

  /// Empties SQLite's WAL if it has grown, or always; removes files that nothing needs any more.
  Result<void> checkpoint(bool always);
  /// Unlinks segments whose messages were last touched before `before` and that nothing live points into.
  Result<std::uint64_t> drop_segments(std::int64_t before_micros);

 private:
  State(env::Env& environment, std::string folder);
  Result<void> prepare(std::uint64_t seed);
  Result<void> migrate();
  Result<void> load();
  Result<void> remove_strays();
  [[nodiscard]] std::uint32_t first_needed_segment() const;
  Result<void> merge_if_many(std::int64_t now_seconds);
  std::uint64_t name_id(std::string_view name);
  std::string name_of(std::uint64_t id) const;
  Result<MessageRow> row_of(sqlite::Statement& statement) const;
  /// The journal records that speak of a message, the one that took it first.
  Result<std::vector<Location>> records_of(MessageId id, MessageRow* row);

  friend class Application;
  friend struct TraceBuilder;
  friend class Reckoning;
  struct Statements;

  env::Env env_;
  std::string folder_;
  JournalFiles files_;
  std::unique_ptr<sqlite::Vfs> vfs_;
  std::unique_ptr<sqlite::Database> database_;
  std::unique_ptr<Statements> statements_;
  JournalPosition applied_;
  JournalPosition keys_applied_;
  MessageId next_message_ = 1;
  std::uint64_t next_run_ = 1;
  Totals totals_;
  std::unordered_map<DestinationId, DestinationFacts> destinations_;
  std::unordered_map<std::string, std::uint64_t> names_;
  std::vector<std::string> name_texts_;  // by id - 1
  std::vector<std::string> new_names_;
  std::vector<RunFacts> runs_;
  std::vector<std::string> doomed_;  // files to remove after the next checkpoint
};

}  // namespace smarthl7::store
