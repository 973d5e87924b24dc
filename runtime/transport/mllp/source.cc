// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/mllp/source.h"

#include <algorithm>
#include <array>

#include "runtime/transport/intake_keeper.h"
#include "stdlib/base/assert.h"

namespace smarthl7::transport::mllp {

using env::Task;
using namespace std::chrono_literals;

namespace {

constexpr auto kHandshakeTime = 15s;
constexpr auto kAnswerTime = 30s;               // for the peer to take an answer
constexpr auto kEndPause = 1s;                  // after FS without CR, until it counts as the end
constexpr auto kLingerTime = 1s;                // for the peer to read our last bytes before the socket goes
constexpr auto kAcceptPause = 100ms;            // when the system has no descriptors left
constexpr auto kRoomTime = 60s;                 // for a large message, until there is memory for it
constexpr auto kRoomPause = 2ms;                // between two looks
constexpr unsigned kMostAside = 64;             // answers that come later, of one connection; beyond it reading waits
constexpr unsigned kMostRepeats = 3;            // of an answer that the peer could not store (release 2)
constexpr std::uint64_t kLeastRate = 64 << 10;  // bytes a second that a long frame must come with

bool looks_like_tls(std::string_view noise) { return noise.size() >= 2 && noise[0] == '\x16' && noise[1] == '\x03'; }

}  // namespace

struct MllpSource::Connection {
  explicit Connection(IntakeMemory* memory) : keeper(memory) {}
  std::shared_ptr<const Peer> peer;
  std::unique_ptr<env::Stream> stream;
  FrameDecoder decoder;
  IntakeKeeper keeper;
  SteadyTime since;        // when the last message was answered, or the connection was made
  SteadyTime frame_since;  // when the frame that is being read began
  bool in_frame = false;
  unsigned in_hand = 0;  // messages that the receiver has
  unsigned aside = 0;    // of these, answered by a coroutine of their own
  bool writing = false;
  env::Signal changed;      // written, or one aside less
  SharedBytes last_answer;  // release 2: until the peer has committed it
  unsigned repeats = 0;     // of it
  std::uint64_t noise_counted = 0;
  std::uint64_t endings_counted = 0;
};

// What lives on one executor.
struct MllpSource::Worker {
  explicit Worker(env::Env given) : env(given) {}
  env::Env env;
  std::vector<Connection*> connections;
  env::Gate gate;   // of connections
  env::Gate stops;  // of drain()
};

MllpSource::MllpSource(SourceSettings settings, EnvSet envs, Receiver* receiver)
    : settings_(std::move(settings)), receiver_(receiver) {
  SMARTHL7_ASSERT(!envs.empty(), "a source needs an executor");
  for (const env::Env& one : envs) workers_.push_back(std::make_unique<Worker>(one));
}

MllpSource::~MllpSource() = default;

Task<Result<void>> MllpSource::start() {
  env::Env& home = workers_.front()->env;
  Result<std::unique_ptr<env::Listener>> listener = home.network.listen(settings_.listen);
  if (!listener) co_return std::unexpected(std::move(listener).error());
  listener_ = std::move(*listener);
  local_ = listener_->local();
  acceptor_.spawn(accept_loop());
  co_return Result<void>();
}

Task<void> MllpSource::accept_loop() {
  while (!stopping_) {
    Result<std::unique_ptr<env::Incoming>> incoming = co_await listener_->accept();
    if (incoming) {
      hand_over(std::move(*incoming));
      continue;
    }
    if (incoming.error().code == ErrorCode::closed) co_return;
    // Out of descriptors or memory: the ones who wait stay in the system's queue until there is room again.
    tell(EventKind::refused, nullptr, incoming.error().describe());
    const SteadyTime later = workers_.front()->env.executor.now() + kAcceptPause;
    co_await stop_accepting_.wait(later);
  }
}

void MllpSource::hand_over(std::unique_ptr<env::Incoming> incoming) {
  if (counters_.open.load() >= settings_.most_connections) {
    ++counters_.refused;
    tell(EventKind::refused, nullptr, "there are " + std::to_string(settings_.most_connections) + " connections already");
    return;
  }
  ++counters_.accepted;
  ++counters_.open;
  Worker* worker = workers_[next_worker_++ % workers_.size()].get();
  worker->env.executor.post(
      [this, worker, incoming = std::move(incoming)]() mutable { worker->gate.spawn(serve(worker, std::move(incoming))); });
}

Task<Result<std::unique_ptr<env::Stream>>> MllpSource::secure(std::unique_ptr<env::Stream> stream, SteadyTime deadline) {
  if (settings_.tls == nullptr) co_return stream;
  Result<std::unique_ptr<env::Stream>> secured = co_await tls::accept(settings_.tls, std::move(stream), deadline);
  co_return secured;
}

Task<void> MllpSource::serve(Worker* worker, std::unique_ptr<env::Incoming> incoming) {
  env::Executor& executor = worker->env.executor;
  auto peer = std::make_shared<Peer>();
  peer->connection = ++last_connection_;
  Result<std::unique_ptr<env::Stream>> stream = worker->env.network.adopt(std::move(incoming));
  if (stream) {
    peer->address = (*stream)->peer();
    const bool allowed = settings_.allow.empty() || settings_.allow.hold(peer->address);
    if (!allowed) {
      (*stream)->close();
      stream = fail(ErrorCode::refused, "its address is none that `allow` names");
    }
  }
  if (stream) {
    stream = co_await secure(std::move(*stream), executor.now() + kHandshakeTime);
  }
  if (!stream) {
    --counters_.open;
    ++counters_.refused;
    tell(EventKind::refused, peer, stream.error().describe());
    co_return;
  }
  peer->certificate_subject = (*stream)->peer_certificate_subject();
  Connection connection(receiver_->memory());
  connection.peer = peer;
  connection.stream = std::move(*stream);
  connection.decoder = FrameDecoder(settings_.rules);
  connection.since = executor.now();
  worker->connections.push_back(&connection);
  tell(EventKind::opened, peer, {});
  co_await talk(worker, &connection);
  while (connection.aside > 0) co_await connection.changed.wait();  // the peer may have ended only its own side
  std::erase(worker->connections, &connection);
  connection.stream->close();
  --counters_.open;
}

Task<void> MllpSource::talk(Worker* worker, Connection* connection) {
  while (!stopping_) {
    const bool whole = co_await read_frame(worker, connection);
    if (!whole || stopping_) co_return;
    const bool go_on = co_await answer(worker, connection);
    connection->keeper.done();
    if (!go_on) co_return;
  }
}

SteadyTime MllpSource::read_deadline(const Connection& connection, SteadyTime now) const {
  if (connection.decoder.ended_without_return() && settings_.rules.tolerant_end) return now + kEndPause;
  if (connection.in_frame) {
    const auto extra = std::chrono::seconds(connection.decoder.pending_bytes() / kLeastRate);
    return connection.frame_since + settings_.frame_within + extra;
  }
  return settings_.idle_within.count() == 0 ? kNever : connection.since + settings_.idle_within;
}

// True: decoder holds a whole message. False: the connection is over, and why was told.
Task<bool> MllpSource::read_frame(Worker* worker, Connection* connection) {
  FrameDecoder& decoder = connection->decoder;
  env::Executor& executor = worker->env.executor;
  while (true) {
    const FrameDecoder::Step step = decoder.next();
    count(connection);
    if (step == FrameDecoder::Step::frame) break;
    if (step == FrameDecoder::Step::bad) {
      ++counters_.bad_frames;
      tell(EventKind::bad_frame, connection->peer, std::string(describe(decoder.bad())));
      co_await close_gently(worker, connection);
      co_return false;
    }
    if (decoder.inside() && !connection->in_frame) {
      connection->in_frame = true;
      connection->frame_since = executor.now();
    }
    if (Result<void> kept = connection->keeper.keep(decoder); !kept) {
      tell(EventKind::broken, connection->peer, "a large message could not be received: " + kept.error().describe());
      co_return false;
    }
    const bool needs_clock = connection->in_frame;
    const SteadyTime deadline = read_deadline(*connection, needs_clock ? executor.now() : connection->since);
    const std::span<char> room = decoder.room();
    Result<std::size_t> got = co_await connection->stream->read_some(room, deadline);
    if (got && *got > 0) {
      counters_.bytes_in += *got;
      if (!connection->in_frame && looks_like_tls(std::string_view(room.data(), *got)) && settings_.tls == nullptr)
        tell(EventKind::noise, connection->peer, "it speaks TLS, and this source does not");
      decoder.filled(*got);
      continue;
    }
    const bool pause = got ? true : got.error().code == ErrorCode::timeout;
    if (pause && decoder.ended_without_return()) {
      decoder.take_end();
      continue;
    }
    if (stopping_) co_return false;
    if (!got) {
      tell_read_failure(connection, got.error());
    } else if (connection->in_frame) {
      tell(EventKind::broken, connection->peer, "it closed the connection in the middle of a message");
    } else {
      tell(EventKind::closed, connection->peer, {});
    }
    co_return false;
  }
  connection->in_frame = false;
  co_return true;
}

// Order: the frame is whole -> the receiver decides and stores -> (release 2: commit block ->) its answer is written -> the
// next frame is looked at.
Task<bool> MllpSource::answer(Worker* worker, Connection* connection) {
  std::string content = connection->decoder.take_message();
  if (connection->keeper.spooled()) {
    const bool whole = co_await bring_back(worker, connection, &content);
    if (!whole) co_return false;
  }
  if (settings_.release_2 && is_commit(content)) {
    const bool on = co_await take_commit(worker, connection, content == kCommitted);
    co_return on;
  }
  ++counters_.frames;
  Received received;
  received.message = SharedBytes(std::move(content));
  received.peer = connection->peer;
  received.at = worker->env.clock.wall();
  received.at_steady = worker->env.executor.now();
  if (!has_header(received.message.view())) {
    received.problem = Problem::no_msh;
    if (settings_.close_without_msh) {
      ++counters_.bad_frames;
      tell(EventKind::bad_frame, connection->peer, "a frame does not begin with MSH");
      co_await close_gently(worker, connection);
      co_return false;
    }
  }
  ++connection->in_hand;
  Reply reply = co_await receiver_->on_message(std::move(received));
  --connection->in_hand;
  const bool speaks = settings_.release_2 || !reply.answer.empty();
  bool on = true;
  if (speaks) {
    const bool written = co_await write_reply(worker, connection, &reply);
    on = written;
  }
  if (on && reply.later) {
    const bool answered = co_await answer_later(worker, connection, &reply);
    on = answered;
  }
  if (!on) co_return false;
  connection->since = worker->env.executor.now();
  if (!reply.close_after && !stopping_) co_return true;
  while (connection->aside > 0) co_await connection->changed.wait();
  co_await close_gently(worker, connection);
  co_return false;
}

/// A message that was received into a file comes back into memory when there is room for it.
Task<bool> MllpSource::bring_back(Worker* worker, Connection* connection, std::string* content) {
  env::Executor& executor = worker->env.executor;
  const SteadyTime deadline = executor.now() + kRoomTime;
  while (!connection->keeper.has_room(content->size())) {
    if (stopping_) co_return false;
    if (executor.now() >= deadline) {
      tell(EventKind::broken, connection->peer, "there was no memory for a large message; its sender has to send it again");
      co_return false;
    }
    co_await env::sleep_until(executor.now() + kRoomPause);
  }
  Result<std::string> whole = connection->keeper.bring_back(*content);
  if (!whole) {
    tell(EventKind::broken, connection->peer, "a large message was lost: " + whole.error().describe());
    co_return false;
  }
  *content = std::move(*whole);
  co_return true;
}

/// Release 2: what the peer says of our last answer. One that it could not store is written again, a few times.
Task<bool> MllpSource::take_commit(Worker* worker, Connection* connection, bool kept) {
  if (kept || connection->last_answer.empty() || connection->repeats == kMostRepeats) {
    connection->last_answer = {};
    co_return true;
  }
  ++connection->repeats;
  const SharedBytes again = connection->last_answer;
  const auto pieces = frame_pieces(again.view());
  Result<void> written = co_await write_pieces(worker, connection, pieces);
  co_return written.has_value();
}

Task<bool> MllpSource::write_reply(Worker* worker, Connection* connection, const Reply* reply) {
  std::array<std::string_view, 9> pieces;
  std::size_t count = 0;
  if (settings_.release_2) {
    for (const std::string_view piece : frame_pieces(reply->kept ? kCommitted : kNotCommitted)) pieces[count++] = piece;
  }
  // What was not kept is sent again by the protocol, so no answer may end it.
  const bool answers = !reply->answer.empty() && (reply->kept || !settings_.release_2);
  if (answers) {
    for (const std::string_view piece : frame_pieces(reply->answer.view())) pieces[count++] = piece;
    for (const std::string_view piece : frame_pieces(reply->second.view()))
      if (!reply->second.empty()) pieces[count++] = piece;
    if (settings_.release_2) connection->last_answer = reply->second.empty() ? reply->answer : reply->second;
    connection->repeats = 0;
  }
  if (count == 0) co_return true;
  const std::span<const std::string_view> all(pieces.data(), count);
  Result<void> written = co_await write_pieces(worker, connection, all);
  if (answers) receiver_->answer_written(reply->token, written.has_value());
  co_return written.has_value();
}

/// The answer that comes later: aside if the first one has gone out and there are not too many, else here and now.
Task<bool> MllpSource::answer_later(Worker* worker, Connection* connection, Reply* reply) {
  ++connection->in_hand;
  if (!reply->answer.empty() && !reply->close_after && connection->aside < kMostAside) {
    ++connection->aside;
    worker->gate.spawn(answer_aside(worker, connection, std::move(*reply->later)));
    co_return true;
  }
  SharedBytes answer = co_await *reply->later;
  --connection->in_hand;
  if (answer.empty()) co_return true;
  const auto pieces = frame_pieces(answer.view());
  Result<void> written = co_await write_pieces(worker, connection, pieces);
  if (reply->answer.empty()) receiver_->answer_written(reply->token, written.has_value());
  co_return written.has_value();
}

Task<void> MllpSource::answer_aside(Worker* worker, Connection* connection, Task<SharedBytes> later) {
  SharedBytes answer = co_await later;
  if (!answer.empty()) {
    const auto pieces = frame_pieces(answer.view());
    Result<void> written = co_await write_pieces(worker, connection, pieces);
    if (written) connection->since = worker->env.executor.now();
  }
  --connection->in_hand;
  --connection->aside;
  connection->changed.notify_all();
}

/// One frame at a time: answers that come later must not fall into others.
Task<Result<void>> MllpSource::write_pieces(Worker* worker, Connection* connection, std::span<const std::string_view> pieces) {
  while (connection->writing) co_await connection->changed.wait();
  connection->writing = true;
  Result<void> written = co_await connection->stream->write_pieces(pieces, worker->env.executor.now() + kAnswerTime);
  connection->writing = false;
  connection->changed.notify_all();
  if (!written) {
    tell(EventKind::broken, connection->peer, "an answer could not be written: " + written.error().describe());
    co_return written;
  }
  for (const std::string_view piece : pieces) counters_.bytes_out += piece.size();
  co_return written;
}

// A socket that is closed with unread bytes in it sends a reset, which can overtake our last answer.
Task<void> MllpSource::close_gently(Worker* worker, Connection* connection) {
  const SteadyTime deadline = worker->env.executor.now() + kLingerTime;
  Result<void> finished = co_await connection->stream->finish(deadline);
  if (!finished) co_return;
  std::string dropped(4096, '\0');
  while (true) {
    Result<std::size_t> count = co_await connection->stream->read_some(dropped, deadline);
    if (!count || *count == 0) co_return;
  }
}

void MllpSource::tell_read_failure(Connection* connection, const Error& error) {
  if (error.code == ErrorCode::timeout) {
    ++counters_.timed_out;
    tell(EventKind::timed_out, connection->peer,
         connection->in_frame ? "a message was begun and did not end in time" : "no message in time");
  } else if (!stopping_) {
    tell(EventKind::broken, connection->peer, error.describe());
  }
}

void MllpSource::count(Connection* connection) {
  if (const std::uint64_t noise = connection->decoder.noise_bytes(); noise != connection->noise_counted) {
    counters_.noise_bytes += noise - connection->noise_counted;
    if (connection->noise_counted == 0) tell(EventKind::noise, connection->peer, "bytes outside of frames are dropped");
    connection->noise_counted = noise;
  }
  if (const std::uint64_t endings = connection->decoder.tolerated_endings(); endings != connection->endings_counted) {
    counters_.tolerated_endings += endings - connection->endings_counted;
    if (connection->endings_counted == 0) tell(EventKind::tolerated_ending, connection->peer, "frames end in FS without CR");
    connection->endings_counted = endings;
  }
}

void MllpSource::tell(EventKind kind, const std::shared_ptr<const Peer>& peer, std::string text) {
  if (kind == EventKind::broken) ++counters_.broken;
  receiver_->on_event(Event{kind, peer, std::move(text)});
}

Task<void> MllpSource::stop(SteadyTime deadline) {
  stopping_ = true;
  stop_accepting_.notify_all();
  if (listener_ != nullptr) listener_->close();
  co_await acceptor_.drained();
  std::vector<std::unique_ptr<env::Completion<bool>>> drained;
  for (const auto& worker : workers_) {
    drained.push_back(std::make_unique<env::Completion<bool>>());
    // Posted after every hand-over to this worker, so none comes after it.
    worker->env.executor.post(
        [this, at = worker.get(), deadline, to = drained.back().get()] { at->stops.spawn(drain(at, deadline, to)); });
  }
  for (const auto& done : drained) {
    env::Completion<bool>& one = *done;
    co_await one;
  }
}

Task<void> MllpSource::drain(Worker* worker, SteadyTime deadline, env::Completion<bool>* done) {
  for (Connection* connection : worker->connections) {
    if (connection->in_hand == 0) {
      connection->stream->close();
    } else {
      connection->stream->end_read();  // its answers come aside; nothing more is read
    }
  }
  const env::TimerId timer = worker->env.executor.at(deadline, [worker] {
    for (Connection* connection : worker->connections) connection->stream->close();
  });
  co_await worker->gate.drained();
  worker->env.executor.cancel(timer);
  // In a job of its own, when this frame has gone: the source may be destroyed right after.
  worker->env.executor.post([done] { done->complete(true); });
}

SourceStats MllpSource::stats() const {
  const auto& c = counters_;
  return {c.open,        c.accepted,   c.refused,   c.frames, c.bytes_in,         c.bytes_out,
          c.noise_bytes, c.bad_frames, c.timed_out, c.broken, c.tolerated_endings};
}

}  // namespace smarthl7::transport::mllp
