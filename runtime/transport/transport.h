// SPDX-License-Identifier: Apache-2.0
// What a transport is: messages in through a Source, messages out through a Destination. A transport knows frames,
// sockets and TLS; it knows nothing of plans, stores, or what an answer says.
// Ownership: the caller owns what the factories return and keeps Receiver and Envs alive longer; a Source is stopped, and a
// Destination closed, before it is destroyed. Threads: see each class. Failure: Result; Sent says what the peer can have seen.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/env/env.h"
#include "runtime/transport/intake_memory.h"
#include "runtime/transport/options.h"
#include "stdlib/base/bytes.h"
#include "stdlib/base/digest.h"

namespace smarthl7::transport {

/// The other end of one connection to a source.
struct Peer {
  std::uint64_t connection = 0;     // counts up from 1 in the life of the source
  std::string address;              // "10.1.2.3:40112"
  std::string certificate_subject;  // of its verified certificate; empty without one
};

enum class Problem {
  none,
  no_msh,  // a complete frame whose first bytes are not a header segment (MSH, FHS, BHS)
};

/// Where a message stands in a file of a folder. The receiver remembers `number` with the message, in one commit.
struct InFile {
  Hash128 place;              // of folder and name
  std::uint64_t version = 0;  // of size, time and content
  std::uint64_t number = 0;   // of the message in it, from 1
  bool last = false;          // no other message is in it
  bool keep_answer = false;   // Receiver::answer_in_file() is asked for it after a restart
  std::string note;           // for the trace: "message 3 of 20 of \"day.hl7\""
};

/// One message as it came, without framing bytes.
struct Received {
  SharedBytes message;
  std::shared_ptr<const Peer> peer;
  Problem problem = Problem::none;
  WallTime at{};         // when its last byte was read
  SteadyTime at_steady;  // the same on the clock of the connection's executor
  std::optional<InFile> in_file{};
  /// What the sender names this sending by (an idempotency key): who sends it again within that time gets the first answer.
  std::string once_key{};  // empty: it says nothing
  std::chrono::seconds once_within{0};
};

struct Reply {
  SharedBytes answer;        // without framing bytes; empty: nothing is sent
  SharedBytes second;        // sent right after `answer`, as a frame of its own (an application acknowledgement); often empty
  bool close_after = false;  // close the connection once the answer is written
  bool kept = true;          // false: it could not be made durable, and the peer must send it again
  std::uint64_t token = 0;   // given back by answer_written(), for `answer` only
  /// A second answer that comes when it comes (empty: none after all), started once `answer` is written. After an `answer` the
  /// next frames are read meanwhile; without one the connection waits for it, so answers stay in the order of the frames.
  std::optional<env::Task<SharedBytes>> later{};
};

enum class EventKind {
  opened,
  closed,            // by the peer, between messages
  refused,           // more connections than allowed, or TLS failed
  broken,            // reset, or closed in the middle of a frame or before its answer was written
  bad_frame,         // VT inside a frame, frame too large, other bytes than FS CR at the end of a frame: we closed
  timed_out,         // idle too long, or a frame that did not end in time: we closed
  tolerated_ending,  // FS without CR was taken as the end of a frame
  noise,             // bytes outside a frame were dropped
};
[[nodiscard]] std::string_view name_of(EventKind kind);

/// What happened on a connection, for logs and counters. The text never holds message content.
struct Event {
  EventKind kind;
  std::shared_ptr<const Peer> peer;
  std::string text;
};

/// The one who takes messages. Called on the executor of the connection, so from several threads when the source
/// has several Envs; for one connection never twice at the same time, and in the order of the frames. Messages of a file are
/// handed over in their order, the next one without waiting for the answer to the one before.
class Receiver {
 public:
  virtual ~Receiver() = default;
  /// The answer is written, and only then is the next frame of this connection read: a slow receiver is back-pressure.
  virtual env::Task<Reply> on_message(Received received) = 0;
  /// The answer of that token was handed to the system whole (not: read by the peer), or it was not.
  virtual void answer_written(std::uint64_t /*token*/, bool /*whole*/) {}
  virtual void on_event(const Event& /*event*/) {}
  /// How far the file was taken that was last at that place (version, number): asked before its first message is handed over,
  /// and again after one could not be kept, since no later one is kept until then.
  virtual env::Task<Result<InFile>> progress_of(Hash128 place);
  /// The stored answer to a message of a file; empty: it is not known.
  virtual env::Task<Result<SharedBytes>> answer_in_file(InFile where);
  /// The file has gone from there: the next one at that place is new.
  virtual void file_gone(Hash128 /*place*/) {}
  /// What bounds the memory of messages that are being received; null: nothing does. Outlives the source.
  virtual IntakeMemory* memory() { return nullptr; }
};

struct SourceStats {
  std::uint64_t open = 0;  // connections now
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::uint64_t frames = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t noise_bytes = 0;  // dropped outside frames
  std::uint64_t bad_frames = 0;
  std::uint64_t timed_out = 0;  // idle too long, or in the middle of a frame
  std::uint64_t broken = 0;     // by the peer, in the middle of a frame or before its answer was written
  std::uint64_t tolerated_endings = 0;
  std::uint64_t files = 0;         // taken whole
  std::uint64_t failed_files = 0;  // put aside with a reason
  std::uint64_t left_alone = 0;    // in the folder now: links, folders and the like
  std::string trouble{};           // what keeps it from its folder now; empty: nothing
};

/// Threads: start() and stop() on the executor of the first Env; stats() and local() from any.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  /// Listens. ErrorCode::exists: the port is in use.
  virtual env::Task<Result<void>> start() = 0;
  /// Stops accepting and reading, lets messages that the receiver has be answered, and closes. At the deadline connections are
  /// closed anyway. Returns when the receiver has given every message back, so a receiver that stops must answer what it holds.
  virtual env::Task<void> stop(SteadyTime deadline) = 0;
  [[nodiscard]] virtual SourceStats stats() const = 0;
  /// Where it listens, with the port that was chosen for port 0. Valid after start().
  [[nodiscard]] virtual env::Endpoint local() const = 0;
  /// The same for people: an address, or a folder.
  [[nodiscard]] virtual std::string place() const { return local().text(); }
};

/// What a status of the protocol (an HTTP status, say) says of a message.
enum class Judgement : std::uint8_t { accepted, refused_for_now, refused_for_good };

/// What became of one send.
struct Sent {
  enum class Outcome {
    not_sent,  // certainly no byte of the message reached the peer
    answered,  // `answer` came on this connection after the message; whether it is the message's own is the caller's to say
    unknown,   // wholly or partly sent, no answer: the connection is closed, so a late answer is never taken for another's
    written,   // post() only: handed over whole, as far as the transport can tell; no answer was waited for
    accepted,  // taken for good, by what the transport itself knows of the other end: there is no answer to read
    judged,    // the protocol itself said what became of it, without an answer of HL7: `judgement`; `error` holds its words
    quiet,     // listen() only: nothing came until its deadline or interrupt(); the connection stays
  };
  Outcome outcome = Outcome::not_sent;
  SharedBytes answer;
  Error error{};         // not_sent and unknown: why
  std::string detail{};  // accepted: what the trace says ("written as 4711.hl7")
  Judgement judgement = Judgement::accepted;
  std::chrono::nanoseconds retry_after{0};  // refused for now: the peer asks not to be tried again before that
};

/// One connection to a peer, and the right to make it anew. Sends one message at a time.
/// Threads: all calls on the executor of its Env.
class Destination {
 public:
  Destination() = default;
  Destination(const Destination&) = delete;
  Destination& operator=(const Destination&) = delete;
  virtual ~Destination() = default;

  /// Resolves, connects, TLS included. Does nothing when connected. ErrorCode::refused: TLS or credentials were
  /// rejected, by us or by the peer; trying again at once is pointless.
  virtual env::Task<Result<void>> connect(SteadyTime deadline) = 0;
  [[nodiscard]] virtual bool connected() const = 0;
  /// The number of the delivery that send() and post() carry from now on, the same for each attempt at it: a transport whose
  /// protocol can name a sending tells it to the peer.
  virtual void set_delivery(std::uint64_t /*message*/, std::uint32_t /*number*/) {}
  /// Needs connect() before; without a connection, or when the peer has closed it meanwhile: not_sent.
  virtual env::Task<Sent> send(SharedBytes message, SteadyTime answer_deadline) = 0;
  /// After `answered`, when that answer was another message's: the next one on the same connection (answered or unknown).
  virtual env::Task<Sent> await_more_answer(SteadyTime deadline) = 0;
  /// send() without waiting for an answer: written, not_sent or unknown. A transport whose protocol acknowledges by itself
  /// (MLLP release 2) waits for that.
  virtual env::Task<Sent> post(SharedBytes message, SteadyTime deadline) = 0;
  /// The next message that comes on this connection, asked for or not: answered, quiet, or unknown when it ended.
  virtual env::Task<Sent> listen(SteadyTime deadline) = 0;
  /// Ends a waiting listen() with quiet.
  virtual void interrupt() = 0;
  /// Ends whatever waits (ErrorCode::closed). connect() may follow.
  virtual void close() = 0;
  /// "host:port", for traces.
  [[nodiscard]] virtual const std::string& address() const = 0;
};

/// The Envs of a source, one per reactor: accepts on the first, spreads connections over all.
using EnvSet = std::vector<env::Env>;

/// A kind of transport. Immutable; any thread.
class Transport {
 public:
  virtual ~Transport() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;  // as in the language: "mllp"
  virtual Result<std::unique_ptr<Source>> make_source(const Options& options, EnvSet envs, Receiver* receiver) const = 0;
  virtual Result<std::unique_ptr<Destination>> make_destination(const Options& options, env::Env env) const = 0;
};

}  // namespace smarthl7::transport
