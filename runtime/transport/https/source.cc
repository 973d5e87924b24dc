// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/https/source.h"

#include <algorithm>
#include <array>

#include "runtime/transport/https/content.h"
#include "runtime/transport/intake_keeper.h"
#include "stdlib/base/assert.h"

namespace smarthl7::transport::https {

using env::Task;
using namespace std::chrono_literals;

namespace {

constexpr auto kHandshakeTime = 15s;
constexpr auto kAnswerTime = 30s;               // for the peer to take an answer
constexpr auto kLingerTime = 1s;                // for the peer to read our last bytes before the socket goes
constexpr auto kAcceptPause = 100ms;            // when the system has no descriptors left
constexpr auto kRoomTime = 60s;                 // for a large message, until there is memory for it
constexpr auto kRoomPause = 2ms;                // between two looks
constexpr std::uint64_t kLeastRate = 64 << 10;  // bytes a second that a long body must come with
constexpr std::size_t kLongestKey = 256;        // an idempotency key
constexpr std::string_view kTryAgain = "Retry-After: 5\r\n";

}  // namespace

struct HttpsSource::Connection {
  Connection(IntakeMemory* memory, RequestDecoder::Rules rules) : decoder(rules), keeper(memory) {}
  std::shared_ptr<const Peer> peer;
  std::unique_ptr<env::Stream> stream;
  RequestDecoder decoder;
  IntakeKeeper keeper;
  SteadyTime since;          // when the last request was answered, or the connection was made
  SteadyTime request_since;  // when the request that is being read began
  bool in_request = false;
  bool in_hand = false;  // the receiver has a message of it
};

// What lives on one executor.
struct HttpsSource::Worker {
  Worker(env::Env given, hl7::Charset charset) : env(given), encoder(hl7::Encoder::Options{.configured = charset}) {}
  env::Env env;
  hl7::Encoder encoder;
  std::vector<Connection*> connections;
  env::Gate gate;   // of connections
  env::Gate stops;  // of drain()
};

HttpsSource::HttpsSource(SourceSettings settings, EnvSet envs, Receiver* receiver)
    : settings_(std::move(settings)), receiver_(receiver) {
  SMARTHL7_ASSERT(!envs.empty(), "a source needs an executor");
  for (const env::Env& one : envs) workers_.push_back(std::make_unique<Worker>(one, settings_.charset));
}

HttpsSource::~HttpsSource() = default;

Task<Result<void>> HttpsSource::start() {
  env::Env& home = workers_.front()->env;
  Result<std::unique_ptr<env::Listener>> listener = home.network.listen(settings_.listen);
  if (!listener) co_return std::unexpected(std::move(listener).error());
  listener_ = std::move(*listener);
  local_ = listener_->local();
  acceptor_.spawn(accept_loop());
  co_return Result<void>();
}

Task<void> HttpsSource::accept_loop() {
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

void HttpsSource::hand_over(std::unique_ptr<env::Incoming> incoming) {
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

Task<Result<std::unique_ptr<env::Stream>>> HttpsSource::secure(std::unique_ptr<env::Stream> stream, SteadyTime deadline) {
  if (settings_.tls == nullptr) co_return stream;
  Result<std::unique_ptr<env::Stream>> secured = co_await tls::accept(settings_.tls, std::move(stream), deadline);
  co_return secured;
}

Task<void> HttpsSource::serve(Worker* worker, std::unique_ptr<env::Incoming> incoming) {
  env::Executor& executor = worker->env.executor;
  auto peer = std::make_shared<Peer>();
  peer->connection = ++last_connection_;
  Result<std::unique_ptr<env::Stream>> stream = worker->env.network.adopt(std::move(incoming));
  if (stream) {
    peer->address = (*stream)->peer();
    stream = co_await secure(std::move(*stream), executor.now() + kHandshakeTime);
  }
  if (!stream) {
    --counters_.open;
    ++counters_.refused;
    tell(EventKind::refused, peer, stream.error().describe());
    co_return;
  }
  peer->certificate_subject = (*stream)->peer_certificate_subject();
  Connection connection(receiver_->memory(), settings_.rules);
  connection.peer = peer;
  connection.stream = std::move(*stream);
  connection.since = executor.now();
  worker->connections.push_back(&connection);
  tell(EventKind::opened, peer, {});
  co_await talk(worker, &connection);
  std::erase(worker->connections, &connection);
  connection.stream->close();
  --counters_.open;
}

Task<void> HttpsSource::talk(Worker* worker, Connection* connection) {
  while (!stopping_) {
    const bool whole = co_await read_request(worker, connection);
    if (!whole || stopping_) co_return;
    const bool go_on = co_await answer(worker, connection);
    connection->keeper.done();
    if (!go_on) co_return;
  }
}

SteadyTime HttpsSource::read_deadline(const Connection& connection) const {
  if (!connection.in_request) return settings_.idle_within.count() == 0 ? kNever : connection.since + settings_.idle_within;
  const auto extra = std::chrono::seconds(connection.decoder.received() / kLeastRate);
  return connection.request_since + settings_.request_within + extra;
}

// True: decoder holds a whole request that may come in. False: the connection is over, and why was told.
Task<bool> HttpsSource::read_request(Worker* worker, Connection* connection) {
  RequestDecoder& decoder = connection->decoder;
  while (true) {
    const RequestDecoder::Step step = decoder.next();
    if (decoder.inside() && !connection->in_request) {
      connection->in_request = true;
      connection->request_since = worker->env.executor.now();
    }
    if (step == RequestDecoder::Step::request) break;
    if (step == RequestDecoder::Step::bad) {
      co_await refuse(worker, connection, decoder.refusal());
      co_return false;
    }
    if (step == RequestDecoder::Step::head) {
      const bool in = co_await let_in(worker, connection);
      if (!in) co_return false;
      continue;
    }
    if (Result<void> kept = connection->keeper.keep(decoder); !kept) {
      tell(EventKind::broken, connection->peer, "a large message could not be received: " + kept.error().describe());
      const Refusal refusal{503, "there is no room for a large message"};
      co_await refuse(worker, connection, refusal);
      co_return false;
    }
    const bool more = co_await read_more(worker, connection);
    if (!more) co_return false;
  }
  connection->in_request = false;
  co_return true;
}

Task<bool> HttpsSource::read_more(Worker* worker, Connection* connection) {
  RequestDecoder& decoder = connection->decoder;
  Result<std::size_t> got = co_await connection->stream->read_some(decoder.room(), read_deadline(*connection));
  if (got && *got > 0) {
    counters_.bytes_in += *got;
    decoder.filled(*got);
    co_return true;
  }
  if (stopping_) co_return false;
  if (!got && got.error().code == ErrorCode::timeout) {
    ++counters_.timed_out;
    tell(EventKind::timed_out, connection->peer,
         connection->in_request ? "a request was begun and did not end in time" : "no request in time");
    if (connection->in_request) {
      const Refusal refusal{408, "the request did not end in time"};
      co_await refuse(worker, connection, refusal);
    }
    co_return false;
  }
  if (!got) {
    tell(EventKind::broken, connection->peer, got.error().describe());
  } else if (connection->in_request) {
    tell(EventKind::broken, connection->peer, "it closed the connection in the middle of a request");
  } else {
    tell(EventKind::closed, connection->peer, {});
  }
  co_return false;
}

Refusal HttpsSource::judge_head(const Head& head, WallTime now) const {
  if (head.path != settings_.path) return {404, "messages are not taken at this path"};
  if (head.method != "POST") return {405, "a message is sent by POST"};
  if (const Refusal refusal = check_head(settings_.auth, head, now); refusal.status != 0) return refusal;
  if (!head.chunked && !head.length) return {411, "the length of the body is not given"};
  if (head.count("content-type") > 1) return {400, "the form of the body is given twice"};
  if (!form_of(head.field("content-type"))) return {415, "the body is in a form that is not taken; application/hl7-v2 is"};
  const std::string_view coding = head.field("content-encoding");
  if (!coding.empty() && !same_word(coding, "identity")) return {415, "the body is compressed"};
  if (head.count("idempotency-key") > 1 || head.field("idempotency-key").size() > kLongestKey)
    return {400, "the Idempotency-Key is given twice, or has more than 256 characters"};
  return {};
}

Task<bool> HttpsSource::let_in(Worker* worker, Connection* connection) {
  const Head& head = connection->decoder.head();
  const Refusal refusal = judge_head(head, worker->env.clock.wall());
  if (refusal.status != 0) {
    co_await refuse(worker, connection, refusal);
    co_return false;
  }
  if (!head.expects_continue) co_return true;
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  Result<void> written = co_await connection->stream->write(kContinue, worker->env.executor.now() + kAnswerTime);
  if (!written) tell(EventKind::broken, connection->peer, "an answer could not be written: " + written.error().describe());
  co_return written.has_value();
}

/// Pipes out of the body, whatever form it has.
Refusal HttpsSource::read_content(Worker& worker, const Head& head, std::string& content) const {
  const hl7::Encoding form = form_of(head.field("content-type")).value_or(hl7::Encoding::pipes);
  if (form == hl7::Encoding::pipes) {
    if (content.find_first_of(std::string_view("\x0b\x1c", 2)) != std::string::npos)
      return {400, "the body is framed as for MLLP (VT, FS); HTTP carries the message alone"};
    return has_header(content) ? Refusal{} : Refusal{400, "the body does not begin with MSH, FHS or BHS"};
  }
  std::string pipes;
  const Result<void> read = worker.encoder.convert(content, form, hl7::Encoding::pipes, pipes);
  if (!read)
    return {400, form == hl7::Encoding::xml ? "the body is no message in HL7 v2 XML" : "the body is no message in JSON"};
  content = std::move(pipes);
  return {};
}

// Order: the request is whole -> the receiver decides and stores -> its answer is written -> the next request is looked at.
Task<bool> HttpsSource::answer(Worker* worker, Connection* connection) {
  std::string content = connection->decoder.take_body();
  Refusal refusal;
  if (connection->keeper.spooled()) refusal = co_await bring_back(worker, connection, &content);
  const Head& head = connection->decoder.head();
  if (refusal.status == 0) refusal = check_body(settings_.auth, head, content);
  if (refusal.status == 0) refusal = read_content(*worker, head, content);
  if (refusal.status != 0) {
    co_await refuse(worker, connection, refusal);
    co_return false;
  }
  ++counters_.requests;
  Received received;
  received.message = SharedBytes(std::move(content));
  received.peer = connection->peer;
  received.at = worker->env.clock.wall();
  received.at_steady = worker->env.executor.now();
  received.once_key = head.field("idempotency-key");
  received.once_within = settings_.once_within;
  connection->in_hand = true;
  Reply reply = co_await receiver_->on_message(std::move(received));
  // One request has one response: the last word that the receiver has to say.
  if (reply.later) {
    SharedBytes later = co_await *reply.later;
    if (!later.empty()) reply.answer = std::move(later);
  } else if (!reply.second.empty()) {
    reply.answer = std::move(reply.second);
  }
  const bool written = co_await respond(worker, connection, &reply);
  connection->in_hand = false;
  if (!reply.answer.empty()) receiver_->answer_written(reply.token, written);
  connection->since = worker->env.executor.now();
  const bool goes_on = written && head.keep_alive && !reply.close_after && !stopping_;
  if (written && !goes_on) co_await close_gently(worker, connection);
  co_return goes_on;
}

/// A message that was received into a file comes back into memory when there is room for it.
Task<Refusal> HttpsSource::bring_back(Worker* worker, Connection* connection, std::string* content) {
  env::Executor& executor = worker->env.executor;
  const SteadyTime deadline = executor.now() + kRoomTime;
  while (!connection->keeper.has_room(content->size())) {
    if (stopping_ || executor.now() >= deadline) {
      tell(EventKind::broken, connection->peer, "there was no memory for a large message; its sender has to send it again");
      co_return Refusal{503, "there is no memory for a large message now"};
    }
    co_await env::sleep_until(executor.now() + kRoomPause);
  }
  Result<std::string> whole = connection->keeper.bring_back(*content);
  if (!whole) {
    tell(EventKind::broken, connection->peer, "a large message was lost: " + whole.error().describe());
    co_return Refusal{503, "a large message could not be received"};
  }
  *content = std::move(*whole);
  co_return Refusal{};
}

/// 200 for an acknowledgement of any code (HL7 over HTTP, 2.3); 503 if the message was not kept and has to be sent again.
Task<bool> HttpsSource::respond(Worker* worker, Connection* connection, const Reply* reply) {
  const Head& head = connection->decoder.head();
  const hl7::Encoding form = form_of(head.field("content-type")).value_or(hl7::Encoding::pipes);
  std::string converted;
  std::string_view body = reply->answer.view();
  if (!body.empty() && form != hl7::Encoding::pipes) {
    const Result<void> made = worker->encoder.convert(body, hl7::Encoding::pipes, form, converted);
    if (made) body = converted;
  }
  const bool as_asked = body.empty() || form == hl7::Encoding::pipes || body.data() == converted.data();
  const std::string type = as_asked ? media_type(head.field("content-type")) : media_type({});
  Response response;
  response.status = reply->kept ? 200 : 503;
  response.content_type = body.empty() ? std::string_view{} : type;
  response.extra = reply->kept ? std::string_view{} : kTryAgain;
  response.keep_alive = head.keep_alive && !reply->close_after && !stopping_;
  const bool written = co_await write(worker, connection, response, body);
  co_return written;
}

/// Answers and closes: what follows on the connection is the body of a request that is not taken, or nobody knows what.
Task<void> HttpsSource::refuse(Worker* worker, Connection* connection, Refusal why) {
  ++counters_.bad;
  const EventKind kind = why.status == 401 ? EventKind::refused : EventKind::bad_frame;
  if (why.status != 408 && why.status != 503)
    tell(kind, connection->peer, std::to_string(why.status) + ": " + std::string(why.text));
  std::string extra;
  if (why.status == 401) extra = "WWW-Authenticate: " + std::string(challenge(settings_.auth)) + "\r\n";
  if (why.status == 405) extra = "Allow: POST\r\n";
  if (why.status == 503) extra = kTryAgain;
  Response response;
  response.status = why.status;
  response.reason = why.text;
  response.extra = extra;
  response.keep_alive = false;
  const bool written = co_await write(worker, connection, response, {});
  if (written) co_await close_gently(worker, connection);
}

Task<bool> HttpsSource::write(Worker* worker, Connection* connection, Response response, std::string_view body) {
  response.length = body.size();
  const std::string head = head_of(response, worker->env.clock.wall());
  const std::array<std::string_view, 2> pieces{head, body};
  const std::span<const std::string_view> all(pieces.data(), body.empty() ? 1 : 2);
  Result<void> written = co_await connection->stream->write_pieces(all, worker->env.executor.now() + kAnswerTime);
  if (written)
    counters_.bytes_out += head.size() + body.size();
  else
    tell(EventKind::broken, connection->peer, "an answer could not be written: " + written.error().describe());
  co_return written.has_value();
}

// A socket that is closed with unread bytes in it sends a reset, which can overtake our last answer.
Task<void> HttpsSource::close_gently(Worker* worker, Connection* connection) {
  const SteadyTime deadline = worker->env.executor.now() + kLingerTime;
  Result<void> finished = co_await connection->stream->finish(deadline);
  if (!finished) co_return;
  std::string dropped(4096, '\0');
  while (true) {
    Result<std::size_t> count = co_await connection->stream->read_some(dropped, deadline);
    if (!count || *count == 0) co_return;
  }
}

void HttpsSource::tell(EventKind kind, const std::shared_ptr<const Peer>& peer, std::string text) {
  if (kind == EventKind::broken) ++counters_.broken;
  receiver_->on_event(Event{kind, peer, std::move(text)});
}

Task<void> HttpsSource::stop(SteadyTime deadline) {
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

Task<void> HttpsSource::drain(Worker* worker, SteadyTime deadline, env::Completion<bool>* done) {
  for (Connection* connection : worker->connections)
    if (!connection->in_hand) connection->stream->close();
  const env::TimerId timer = worker->env.executor.at(deadline, [worker] {
    for (Connection* connection : worker->connections) connection->stream->close();
  });
  co_await worker->gate.drained();
  worker->env.executor.cancel(timer);
  // In a job of its own, when this frame has gone: the source may be destroyed right after.
  worker->env.executor.post([done] { done->complete(true); });
}

SourceStats HttpsSource::stats() const {
  SourceStats stats;
  const Counters& c = counters_;
  stats.open = c.open;
  stats.accepted = c.accepted;
  stats.refused = c.refused;
  stats.frames = c.requests;
  stats.bytes_in = c.bytes_in;
  stats.bytes_out = c.bytes_out;
  stats.bad_frames = c.bad;
  stats.timed_out = c.timed_out;
  stats.broken = c.broken;
  return stats;
}

}  // namespace smarthl7::transport::https
