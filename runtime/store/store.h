// SPDX-License-Identifier: Apache-2.0
// The durable memory of the hub: what was received, what was said about it, what still has to go where, what came of it.
// One writer decides and commits; everything handed in while a commit is being synced becomes the next group.
// Contract: when accept() returns, all of the message is durable; only then may it be acknowledged. After a failed sync the
// store stops (ErrorCode::stopped on every call) and never retries; recovery is a normal start.
// Threads: all calls from any executor; awaiting resumes on the caller's executor; sinks are called on the executor they gave.
// Ownership: the store owns its files; SharedBytes are shared. Nothing here knows plans, HL7 or sockets, and nothing above it
// knows SQL or files.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/env/env.h"
#include "stdlib/base/bytes.h"
#include "stdlib/base/digest.h"
#include "stdlib/base/result.h"

namespace smarthl7::store {

using MessageId = std::uint64_t;      // 1, 2, 3 ... in commit order
using DestinationId = std::uint32_t;  // given by open_destination(); stable for a name within a data folder
using LaneNumber = std::uint16_t;     // 0 .. lanes-1 of a destination

struct DeliveryId {
  MessageId message = 0;
  std::uint32_t number = 0;  // position among the message's deliveries
  friend auto operator<=>(const DeliveryId&, const DeliveryId&) = default;
};

// ---- what goes in ---------------------------------------------------------------------------------------------------------

struct NewDelivery {
  DestinationId destination = 0;
  /// Hashes of the ordering keys. None: the destination's one queue. One: that key's lane. Several: a barrier over their lanes.
  std::vector<std::uint64_t> keys;
  /// Null: the message leaves as it was received.
  std::optional<SharedBytes> body{};
  bool urgent = false;  // may overtake what has none of its keys (DestinationOptions::express)
};

struct Ending {  // a message, or a copy of it, that a flow ended on purpose
  enum class Kind : std::uint8_t { dead, dropped } kind = Kind::dead;
  std::string reason;  // may hold PHI; kept under the message's rights
  std::optional<SharedBytes> body;
};

struct DedupClaim {
  Hash128 key;      // of flow and key values
  Hash128 content;  // of the bytes apart from the ignored fields
  std::chrono::seconds window{0};
  bool reject_conflict = false;  // same key, other bytes: reject instead of take
};

struct FlowEffects {  // what one flow wants done with a message; all of it, or (duplicate) none
  std::string flow;
  std::optional<DedupClaim> dedup;
  std::vector<NewDelivery> deliveries;
  std::vector<Ending> endings;
};

/// One of the flows answers the sender with what a destination answers to the message.
struct RespondsFrom {
  std::size_t flow = 0;  // position in NewMessage::flows
  DestinationId destination = 0;
};

enum class OutcomeKind : std::uint8_t { accepted, dead };
struct Response {  // what a destination answered to a message, as it came; no bytes: nothing came
  OutcomeKind kind = OutcomeKind::accepted;
  SharedBytes bytes;
};

struct Outcome {
  DeliveryId delivery;
  OutcomeKind kind = OutcomeKind::accepted;
  std::string reason;  // of a dead one
  std::string answer;  // the receiver's answer: code and texts; may hold PHI
  std::uint32_t attempts = 1;
  WallTime at{};
  std::optional<SharedBytes> response{};  // kept, as it came, for the sender and copies of its message; empty: none came
  bool awaited = false;                   // on_outcome() is called once it is durable: a sender waits for it
};

enum class Verdict : std::uint8_t { accepted, rejected };

/// How far a file was taken: committed with its messages, so that each of them is taken once. A file is known by its place; of
/// the versions that were there, one after the other, the last is remembered.
struct FileMark {
  Hash128 place;              // of source, folder and name
  std::uint64_t version = 0;  // of size, time and content; 0: nothing is known
  std::uint64_t number = 0;   // of the message in it, from 1; those up to it are taken
  bool last = false;          // no other message is in it
  bool keep_answer = false;   // file_answer() finds its acknowledgement
};

struct TableUse {  // a table that was looked up in, as it was then
  std::string name;
  std::uint64_t version = 0;  // the first bytes of its file's SHA-256
  WallTime since{};           // the hub uses it
};

struct NewMessage {
  std::string source;
  std::uint64_t connection = 0;  // number of the connection within this run, for traces
  WallTime received_at{};
  Sha256 plan{};  // identity of the plan that judged it
  SharedBytes body;
  std::string type;        // MSH-9 as text ("ORU^R01"), for listings
  std::string control_id;  // MSH-10; stored as a keyed hash and in the body only
  Verdict verdict = Verdict::accepted;
  std::string reason;                    // of a reject; may hold PHI
  SharedBytes acknowledgement;           // as it is sent if the message is taken (or rejected) by its verdict
  SharedBytes conflict_acknowledgement;  // sent instead when a DedupClaim with reject_conflict meets other bytes
  std::vector<FlowEffects> flows;        // empty for a reject
  std::optional<RespondsFrom> respond;
  /// Deliveries that end, accepted, by the very commit that takes this message: the members of a batch. Released, and of a
  /// queue of the hub's own. An empty answer becomes "in message N".
  std::vector<Outcome> completes;
  /// Destinations whose outcomes the sender waits for; empty: it does not.
  std::vector<DestinationId> awaited;
  std::vector<NewDelivery> answers;  // acknowledgements that go to a destination: of a reject too, and never of a copy
  std::optional<FileMark> file{};    // it is a message of a file: of a reject and a copy too
  std::vector<TableUse> tables{};    // those that reload: the plan says nothing of their rows
  std::uint32_t stage_micros[4] = {0, 0, 0, 0};  // since the receipt: indexed, validated, evaluated, handed in
};

struct Accepted {
  MessageId id = 0;
  SharedBytes acknowledgement;         // what to answer: the message's own or, for a duplicate, the first one's
  bool duplicate = false;              // every flow with a claim had seen it
  bool conflict = false;               // same key, other bytes
  MessageId of = 0;                    // the message that was taken: this one, or the first one of a duplicate
  std::vector<std::uint32_t> awaited;  // its own deliveries to NewMessage::awaited, by number
  /// With NewMessage::respond, if taken: the message whose response is the answer (the first one's, for a copy) ...
  MessageId response_of = 0;
  std::optional<Response> response;  // ... and that response, if it is there already
};

struct Attempt {  // one try that did not end the delivery, for the trace
  DeliveryId delivery;
  std::uint32_t number = 1;
  std::string outcome;  // "refused for now", "unanswered", "unreachable", "mismatched answer"
  std::string detail;
  WallTime at{};
};

// ---- what comes out to lanes ----------------------------------------------------------------------------------------------

struct Released {  // may be sent now: a durable commit says so
  DeliveryId delivery;
  std::vector<LaneNumber> lanes;  // one, or several for a barrier
  SharedBytes body;
  WallTime received_at{};
  WallTime released_at{};           // by the commit that says so
  WallTime refused_since{};         // refused for now, for the first time; 1970: not yet
  std::vector<std::uint64_t> keys;  // as its NewDelivery had them; only with DestinationOptions::keep_keys
  std::uint32_t attempts_before = 0;
  bool maybe_seen = false;  // it was released before a crash and has no outcome: a resend, listed in the ambiguity ledger
};

/// The receiving end of a destination's releases, in commit order per lane. Called on the executor given to open_destination.
class DestinationSink {
 public:
  virtual ~DestinationSink() = default;
  virtual void on_released(std::vector<Released> batch) = 0;
  /// These outcomes are durable now.
  virtual void on_durable(std::size_t outcomes) = 0;
  /// So is this one's response. Whoever was told by accept() that there is none yet comes to know of it only after that.
  virtual void on_response(MessageId /*message*/, const Response& /*response*/) {}
  /// So is this outcome, which was handed in as awaited.
  virtual void on_outcome(DeliveryId /*delivery*/, OutcomeKind /*kind*/) {}
};

struct DestinationOptions {
  std::string name;
  LaneNumber lanes = 1;                  // a key belongs to lane hash % lanes
  std::uint32_t window_messages = 256;   // released and without durable outcome, per lane
  std::uint64_t window_bytes = 1 << 20;  // one message always
  /// A queue of the hub's own, which nothing leaves but by a commit: what was released before a crash was certainly not sent.
  bool own_queue = false;
  /// What the ordering keys are ("by patient"); none: nothing keeps its order. When another plan says otherwise while something
  /// is queued, the next delivery waits for all of that, and what comes after it waits for it.
  std::string order{};
  bool keep_keys = false;  // Released has them
  /// Urgent deliveries have a lane of their own, number `lanes`, as long as nothing of their keys is before them elsewhere;
  /// what comes after one and shares a key with it follows it there. Asks for keep_keys.
  bool express = false;
  /// The receiver knows a copy for so long: a resend within it is marked in the ledger as covered.
  std::chrono::seconds remembers{0};
};
/// Instead of ordering keys: all lanes; beside them: the express lane. No hash has these values (they would not harm: only bind
/// more).
inline constexpr std::uint64_t kEveryKey = ~std::uint64_t{0} - 1;
inline constexpr std::uint64_t kExpressLane = ~std::uint64_t{0};
/// What an Attempt's outcome says of a message that its receiver refuses for now: the first one's time stays with the delivery.
inline constexpr std::string_view kRefusedForNow = "refused for now";

// ---- what people ask ------------------------------------------------------------------------------------------------------

struct MessageFilter {
  std::optional<std::string> source;
  std::optional<std::string> flow;
  std::optional<std::string> state;       // accepted, rejected, duplicate, dead, queued
  std::optional<std::string> control_id;  // exact; compared as keyed hash
  MessageId after = 0;                    // listing goes upwards from here ...
  bool newest_first = false;              // ... or downwards from the end
  std::uint32_t limit = 100;
};

struct MessageRow {
  MessageId id = 0;
  std::string source;
  std::string type;
  WallTime received_at{};
  std::string state;  // rejected, duplicate, or of the deliveries: queued, delivered, dead, mixed
  std::uint32_t size = 0;
  std::uint32_t deliveries = 0;
  std::uint32_t delivered = 0;
  std::uint32_t dead = 0;
  bool replay = false;  // a person had it sent again
};

struct TraceEvent {
  WallTime at{};
  std::string what;    // received, validated, stored, acknowledged, released, attempt, outcome, dead, dropped, duplicate, read
  std::string where;   // source, flow or destination
  std::string detail;  // without PHI unless the caller may see it
};

struct Trace {
  MessageRow message;
  std::string plan;  // hex
  std::vector<TraceEvent> events;
};

struct DeliveryState {
  std::uint32_t number = 0;
  DestinationId destination = 0;
  std::optional<OutcomeKind> outcome;  // nothing: it has not ended
};

struct DeadLetter {
  DeliveryId delivery;      // number 0xFFFFFFFF: ended by a flow before any destination
  std::string destination;  // or the flow's name
  std::string reason;
  WallTime at{};
  std::uint32_t attempts = 0;
  std::uint32_t size = 0;
};

struct Ambiguity {  // a delivery that its destination may have seen more than once
  DeliveryId delivery;
  std::string destination;
  WallTime released_at{};
  WallTime found_at{};
  bool covered = false;  // the receiver knows copies and remembers for longer: it has taken the message once
};

struct DestinationStatus {
  std::string name;
  std::uint64_t queued = 0;     // without an outcome
  std::uint64_t released = 0;   // of these, sent or being sent
  std::uint64_t delivered = 0;  // since the data folder was made
  std::uint64_t dead = 0;
  std::uint64_t queued_bytes = 0;
  std::uint64_t dead_letters = 0;  // of these, neither replayed nor dropped
  std::uint64_t ambiguous = 0;     // in the ledger and not settled
};

struct StoreStatus {
  std::uint64_t messages = 0;  // taken since the data folder was made
  std::uint64_t rejected = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t conflicts = 0;
  std::uint64_t dead = 0;
  std::uint64_t dropped = 0;
  std::uint64_t commits = 0;        // of this run
  std::uint64_t group_sizes[12]{};  // commits by messages in them: 1, 2, 3-4, 5-8, ... 1025+
  std::uint64_t disk_bytes = 0;     // of the journal's, the state's and the keys' files
  std::uint64_t free_bytes = 0;
  bool encrypted = false;
  std::uint64_t dead_letters = 0;  // neither replayed nor dropped, those that flows ended too
  std::vector<DestinationStatus> destinations;
  std::vector<std::string> notes;  // what the start had to put right, for the log
};

struct AuditRecord {
  WallTime at{};
  std::string actor;   // "unix uid 1000"
  std::string act;     // "read body"
  std::string object;  // "message 17"
};

// ---- the store ------------------------------------------------------------------------------------------------------------

struct StoreOptions {
  std::string folder;
  std::chrono::microseconds outcome_delay{5000};  // an outcome waits at most this long for a commit to ride on
  std::uint32_t group_messages = 512;             // a commit takes at most this many ...
  std::uint64_t group_bytes = 8ULL << 20;         // ... or this many bytes
  std::uint64_t most_bytes = 0;                   // of the folder; 0: what the disk has
  std::uint64_t reserve_bytes =
      64ULL << 20;  // room under which accept() says ErrorCode::full; from four times it on it is slow
  std::uint64_t segment_bytes = 64ULL << 20;   // a journal file is closed at this size, or when the day ends
  std::chrono::hours body_retention{30 * 24};  // how long delivered messages are kept
  std::uint64_t reject_bytes = 64ULL << 20;    // bodies of rejects kept, per source and day; beyond it only counted
  bool background_thread = true;               // false: the state is brought up to date by small jobs of the writer's executor
};

class Acts;  // acts.h

class Store {
 public:
  virtual ~Store() = default;

  /// What people do about messages; null: a stand-in that takes no acts.
  virtual Acts* acts() { return nullptr; }

  /// Durable, deduplicated and, where windows have room, released when this returns. ErrorCode::full: nothing was stored,
  /// nothing is wrong with the store; ErrorCode::stopped: a sync failed or the store is closing.
  virtual env::Task<Result<Accepted>> accept(NewMessage message) = 0;

  /// Rides on the next commit, at the latest outcome_delay later. Never blocks.
  virtual void outcome(Outcome outcome) = 0;
  virtual void attempt(Attempt attempt) = 0;
  /// Released deliveries that wait at their destination for a person: they no longer count against the windows of their lanes.
  virtual void park(std::vector<DeliveryId> deliveries) = 0;
  /// Released, but certainly not sent, and its destination is closed: queued again, so the next start hands it out as one that
  /// nobody has seen. Durable like an outcome. Anything else in the list (finished, unknown, of an open destination) is passed
  /// over; so is all of it when the disk is full: then the next start lists it as ambiguous.
  virtual void give_back(std::vector<DeliveryId> deliveries) = 0;

  /// How far the file was taken that was last at that place. Once a message of a file could not be stored, no later one of it
  /// is (ErrorCode::full) until this was asked, so that none is passed over.
  virtual env::Task<Result<FileMark>> file_mark(Hash128 place);
  /// The acknowledgement of message `mark.number`, if it was kept; empty: it is not known (any more).
  virtual env::Task<Result<SharedBytes>> file_answer(FileMark mark);
  /// The file has gone from its place: one that comes there is new, even with the same bytes. Rides on the next commit.
  virtual void forget_file(Hash128 /*place*/) {}

  /// Makes (or finds) a destination and starts handing releases to `sink` on the current executor. What was released before a
  /// crash comes first, with maybe_seen. `sink` lives until close_destination() has returned.
  virtual env::Task<Result<DestinationId>> open_destination(DestinationOptions options, DestinationSink* sink) = 0;
  virtual env::Task<Result<void>> close_destination(DestinationId destination) = 0;
  /// Destinations that have undelivered messages, open or not: a plan without one of them is refused.
  virtual env::Task<Result<std::vector<DestinationStatus>>> queued_destinations() = 0;

  virtual env::Task<Result<std::vector<MessageRow>>> messages(MessageFilter filter) = 0;
  virtual env::Task<Result<Trace>> trace(MessageId id) = 0;
  /// What came of each delivery of a message, as of now. Those of a journal segment that is no longer kept are left out.
  virtual env::Task<Result<std::vector<DeliveryState>>> deliveries(MessageId id) = 0;
  virtual env::Task<Result<std::vector<DeadLetter>>> dead_letters(std::optional<std::string> destination, MessageId after,
                                                                  std::uint32_t limit) = 0;
  virtual env::Task<Result<std::vector<Ambiguity>>> ambiguities(std::optional<std::string> destination, MessageId after,
                                                                std::uint32_t limit) = 0;
  /// The body as received, or as delivery `number` carries it. The read is recorded, durably, before this returns.
  virtual env::Task<Result<SharedBytes>> read_body(MessageId id, std::optional<std::uint32_t> delivery, AuditRecord record) = 0;
  /// A record about no message is durable when this returns.
  virtual env::Task<Result<void>> record(AuditRecord record);
  virtual env::Task<Result<std::vector<AuditRecord>>> audit(std::uint64_t after, std::uint32_t limit) = 0;
  virtual env::Task<Result<StoreStatus>> status() = 0;

  /// Everything handed in becomes durable, then files are closed. The store answers `stopped` from then on.
  virtual env::Task<Result<void>> close() = 0;
  /// Runs once, on the writer's executor, when the store stops because a sync or write failed.
  virtual void on_failure(std::function<void(Error)> handler) = 0;
};

/// Opens (creating or recovering) the data folder. The writer runs as jobs of `writer` and must be its only user in the real
/// hub. Errors: exists (another process holds the folder), version (written by a newer program), corrupt (names file and
/// offset), full, io.
Result<std::unique_ptr<Store>> open_store(StoreOptions options, env::Env writer);

}  // namespace smarthl7::store
