// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/mllp/source.h"

#include <algorithm>
#include <array>

namespace smarthl7::transport::mllp {

using env::Task;
using namespace std::chrono_literals;

namespace {

constexpr auto kEndPause = 1s;                  // after FS without CR, until it counts as the end
constexpr unsigned kMostAside = 64;             // answers that come later, of one connection; beyond it reading waits
constexpr unsigned kMostRepeats = 3;            // of an answer that the peer could not store (release 2)
constexpr std::uint64_t kLeastRate = 64 << 10;  // bytes a second that a long frame must come with

bool looks_like_tls(std::string_view noise) { return noise.size() >= 2 && noise[0] == '\x16' && noise[1] == '\x03'; }

}  // namespace

struct MllpSource::Connection final : Server::Link {
  Connection(IntakeMemory* memory, FrameDecoder::Rules rules) : Link(memory), decoder(rules) {}
  FrameDecoder decoder;
  SteadyTime frame_since;  // when the frame that is being read began
  bool in_frame = false;
  unsigned aside = 0;  // of the messages in hand, answered by a coroutine of their own
  bool writing = false;
  env::Signal changed;      // written, or one aside less
  SharedBytes last_answer;  // release 2: until the peer has committed it
  unsigned repeats = 0;     // of it
  std::uint64_t noise_counted = 0;
  std::uint64_t endings_counted = 0;
};

MllpSource::MllpSource(SourceSettings settings, EnvSet envs, Receiver* receiver)
    : Server(std::move(settings.server), std::move(envs), receiver), settings_(std::move(settings.mllp)) {}

std::unique_ptr<Server::Link> MllpSource::make_link(IntakeMemory* memory) {
  return std::make_unique<Connection>(memory, settings_.rules);
}

Task<void> MllpSource::talk(Worker* worker, Link* link) {
  auto* connection = static_cast<Connection*>(link);
  co_await exchange(worker, connection);
  while (connection->aside > 0) co_await connection->changed.wait();  // the peer may have ended only its own side
}

Task<void> MllpSource::exchange(Worker* worker, Connection* connection) {
  while (!stopping()) {
    const bool whole = co_await read_frame(worker, connection);
    if (!whole || stopping()) co_return;
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
      ++counters().bad;
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
      counters().bytes_in += *got;
      if (!connection->in_frame && looks_like_tls(std::string_view(room.data(), *got)) && !speaks_tls())
        tell(EventKind::noise, connection->peer, "it speaks TLS, and this source does not");
      decoder.filled(*got);
      continue;
    }
    const bool pause = got ? true : got.error().code == ErrorCode::timeout;
    if (pause && decoder.ended_without_return()) {
      decoder.take_end();
      continue;
    }
    if (stopping()) co_return false;
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
    Result<void> whole = co_await bring_back(worker, connection, &content);
    if (!whole) co_return false;
  }
  if (settings_.release_2 && is_commit(content)) {
    const bool on = co_await take_commit(worker, connection, content == kCommitted);
    co_return on;
  }
  ++counters().messages;
  Received received;
  received.message = SharedBytes(std::move(content));
  received.peer = connection->peer;
  received.at = worker->env.clock.wall();
  received.at_steady = worker->env.executor.now();
  if (!has_header(received.message.view())) {
    received.problem = Problem::no_msh;
    if (settings_.close_without_msh) {
      ++counters().bad;
      tell(EventKind::bad_frame, connection->peer, "a frame does not begin with MSH");
      co_await close_gently(worker, connection);
      co_return false;
    }
  }
  ++connection->in_hand;
  Reply reply = co_await receiver().on_message(std::move(received));
  --connection->in_hand;
  if (!settings_.answers) silence(&reply);
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
  if (!reply.close_after && !stopping()) co_return true;
  while (connection->aside > 0) co_await connection->changed.wait();
  co_await close_gently(worker, connection);
  co_return false;
}

/// The sender reads no answers. That a message is not kept it must learn all the same, and an end of its connection is all that
/// it hears.
void MllpSource::silence(Reply* reply) {
  reply->answer = {};
  reply->second = {};
  reply->close_after = reply->close_after || !reply->kept;
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
  Result<void> written = co_await write_frames(worker, connection, pieces);
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
  Result<void> written = co_await write_frames(worker, connection, all);
  if (answers) receiver().answer_written(reply->token, written.has_value());
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
  if (answer.empty() || !settings_.answers) co_return true;
  const auto pieces = frame_pieces(answer.view());
  Result<void> written = co_await write_frames(worker, connection, pieces);
  if (reply->answer.empty()) receiver().answer_written(reply->token, written.has_value());
  co_return written.has_value();
}

Task<void> MllpSource::answer_aside(Worker* worker, Connection* connection, Task<SharedBytes> later) {
  SharedBytes answer = co_await later;
  if (!answer.empty()) {
    const auto pieces = frame_pieces(answer.view());
    Result<void> written = co_await write_frames(worker, connection, pieces);
    if (written) connection->since = worker->env.executor.now();
  }
  --connection->in_hand;
  --connection->aside;
  connection->changed.notify_all();
}

/// One frame at a time: answers that come later must not fall into others.
Task<Result<void>> MllpSource::write_frames(Worker* worker, Connection* connection, std::span<const std::string_view> pieces) {
  while (connection->writing) co_await connection->changed.wait();
  connection->writing = true;
  Result<void> written = co_await write_pieces(worker, connection, pieces);
  connection->writing = false;
  connection->changed.notify_all();
  co_return written;
}

void MllpSource::tell_read_failure(Connection* connection, const Error& error) {
  if (error.code == ErrorCode::timeout) {
    ++counters().timed_out;
    tell(EventKind::timed_out, connection->peer,
         connection->in_frame ? "a message was begun and did not end in time" : "no message in time");
  } else if (!stopping()) {
    tell(EventKind::broken, connection->peer, error.describe());
  }
}

void MllpSource::count(Connection* connection) {
  if (const std::uint64_t noise = connection->decoder.noise_bytes(); noise != connection->noise_counted) {
    counters().noise_bytes += noise - connection->noise_counted;
    if (connection->noise_counted == 0) tell(EventKind::noise, connection->peer, "bytes outside of frames are dropped");
    connection->noise_counted = noise;
  }
  if (const std::uint64_t endings = connection->decoder.tolerated_endings(); endings != connection->endings_counted) {
    counters().tolerated_endings += endings - connection->endings_counted;
    if (connection->endings_counted == 0) tell(EventKind::tolerated_ending, connection->peer, "frames end in FS without CR");
    connection->endings_counted = endings;
  }
}

}  // namespace smarthl7::transport::mllp
