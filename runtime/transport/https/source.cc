// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/https/source.h"

#include <algorithm>
#include <array>

#include "runtime/transport/https/content.h"

namespace smarthl7::transport::https {

using env::Task;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kLeastRate = 64 << 10;  // bytes a second that a long body must come with
constexpr std::size_t kLongestKey = 256;        // an idempotency key
constexpr Refusal kNoRoom{503, "there is no room for a large message"};
constexpr Refusal kNoKeys{503, "the keys that tokens are checked with cannot be fetched now"};
constexpr std::string_view kTryAgain = "Retry-After: 5\r\n";

}  // namespace

struct HttpsSource::Connection final : Server::Link {
  Connection(IntakeMemory* memory, RequestDecoder::Rules rules) : Link(memory), decoder(rules) {}
  RequestDecoder decoder;
  SteadyTime request_since;  // when the request that is being read began
  bool in_request = false;
};

HttpsSource::HttpsSource(SourceSettings settings, EnvSet envs, Receiver* receiver)
    : Server(std::move(settings.server), std::move(envs), receiver), settings_(std::move(settings.https)) {
  const hl7::Encoder::Options options{.configured = settings_.charset};
  for (std::size_t i = 0; i < worker_count(); ++i) own_.push_back(std::make_unique<Own>(options));
}

std::unique_ptr<Server::Link> HttpsSource::make_link(IntakeMemory* memory) {
  return std::make_unique<Connection>(memory, settings_.rules);
}

Task<void> HttpsSource::talk(Worker* worker, Link* link) {
  auto* connection = static_cast<Connection*>(link);
  while (!stopping()) {
    const bool whole = co_await read_request(worker, connection);
    if (!whole || stopping()) co_return;
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
      co_await refuse(worker, connection, kNoRoom);
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
    counters().bytes_in += *got;
    decoder.filled(*got);
    co_return true;
  }
  if (stopping()) co_return false;
  if (!got && got.error().code == ErrorCode::timeout) {
    ++counters().timed_out;
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

Refusal HttpsSource::judge_place(const Head& head, WallTime now) const {
  if (head.path != settings_.path) return {404, "messages are not taken at this path"};
  if (head.method != "POST") return {405, "a message is sent by POST"};
  return check_head(settings_.auth, head, now);
}

/// A token is looked at before the body is read, and its signature once for all messages that show it.
Task<Refusal> HttpsSource::judge_token(Worker* worker, std::string token) {
  if (token.empty()) co_return kNoCredentials;
  Own& own = *own_[worker->number];
  oauth::KeyKeeper& keeper = *settings_.tokens.keys;
  Result<oauth::KeyKeeper::Keys> keys = co_await keeper.get(worker->env, &own.abandon);
  if (!keys) co_return no_keys(keys.error());
  const WallTime now = worker->env.clock.wall();
  if (own.tokens.knows(token, *keys, now)) co_return Refusal{};
  oauth::TokenVerdict verdict = oauth::check_token(token, **keys, settings_.tokens.rules, now);
  if (verdict.kind == oauth::TokenVerdict::Kind::unknown_key) {
    keys = co_await keeper.get_newer(worker->env, *keys, &own.abandon);
    if (!keys) co_return no_keys(keys.error());
    verdict = oauth::check_token(token, **keys, settings_.tokens.rules, now);
  }
  if (verdict.kind == oauth::TokenVerdict::Kind::good) {
    own.tokens.keep(token, *keys, verdict);
    co_return Refusal{};
  }
  const unsigned status = verdict.kind == oauth::TokenVerdict::Kind::lacks_scope ? 403 : 401;
  co_return Refusal{status, verdict.text};
}

Refusal HttpsSource::no_keys(const Error& error) {
  tell(EventKind::refused, nullptr, "tokens cannot be checked: " + error.describe());
  return kNoKeys;
}

Refusal HttpsSource::judge_form(const Head& head) {
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
  Refusal refusal = judge_place(head, worker->env.clock.wall());
  if (refusal.status == 0 && settings_.tokens.keys != nullptr) {
    std::string token(of_scheme(head, "Bearer"));
    refusal = co_await judge_token(worker, std::move(token));
  }
  if (refusal.status == 0) refusal = judge_form(head);
  if (refusal.status != 0) {
    co_await refuse(worker, connection, refusal);
    co_return false;
  }
  if (!head.expects_continue) co_return true;
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  const std::array<std::string_view, 1> piece{kContinue};
  const std::span<const std::string_view> all(piece);
  Result<void> written = co_await write_pieces(worker, connection, all);
  co_return written.has_value();
}

/// Pipes out of the body, whatever form it has.
Refusal HttpsSource::read_content(const Worker& worker, const Head& head, std::string& content) const {
  const hl7::Encoding form = form_of(head.field("content-type")).value_or(hl7::Encoding::pipes);
  if (form == hl7::Encoding::pipes) {
    if (content.find_first_of(std::string_view("\x0b\x1c", 2)) != std::string::npos)
      return {400, "the body is framed as for MLLP (VT, FS); HTTP carries the message alone"};
    return has_header(content) ? Refusal{} : Refusal{400, "the body does not begin with MSH, FHS or BHS"};
  }
  std::string pipes;
  const Result<void> read = encoder(worker).convert(content, form, hl7::Encoding::pipes, pipes);
  if (!read)
    return {400, form == hl7::Encoding::xml ? "the body is no message in HL7 v2 XML" : "the body is no message in JSON"};
  content = std::move(pipes);
  return {};
}

// Order: the request is whole -> the receiver decides and stores -> its answer is written -> the next request is looked at.
Task<bool> HttpsSource::answer(Worker* worker, Connection* connection) {
  std::string content = connection->decoder.take_body();
  Refusal refusal;
  if (connection->keeper.spooled()) {
    Result<void> whole = co_await bring_back(worker, connection, &content);
    if (!whole) refusal = kNoRoom;
  }
  const Head& head = connection->decoder.head();
  if (refusal.status == 0) refusal = check_body(settings_.auth, head, content);
  if (refusal.status == 0) refusal = read_content(*worker, head, content);
  if (refusal.status != 0) {
    co_await refuse(worker, connection, refusal);
    co_return false;
  }
  ++counters().messages;
  Received received;
  received.message = SharedBytes(std::move(content));
  received.peer = connection->peer;
  received.at = worker->env.clock.wall();
  received.at_steady = worker->env.executor.now();
  received.once_key = head.field("idempotency-key");
  received.once_within = settings_.once_within;
  connection->in_hand = 1;
  Reply reply = co_await receiver().on_message(std::move(received));
  // One request has one response: the last word that the receiver has to say.
  if (reply.later) {
    SharedBytes later = co_await *reply.later;
    if (!later.empty()) reply.answer = std::move(later);
  } else if (!reply.second.empty()) {
    reply.answer = std::move(reply.second);
  }
  const bool written = co_await respond(worker, connection, &reply);
  connection->in_hand = 0;
  if (!reply.answer.empty()) receiver().answer_written(reply.token, written);
  connection->since = worker->env.executor.now();
  const bool goes_on = written && head.keep_alive && !reply.close_after && !stopping();
  if (written && !goes_on) co_await close_gently(worker, connection);
  co_return goes_on;
}

/// 200 for an acknowledgement of any code (HL7 over HTTP, 2.3); 503 if the message was not kept and has to be sent again.
Task<bool> HttpsSource::respond(Worker* worker, Connection* connection, const Reply* reply) {
  const Head& head = connection->decoder.head();
  const hl7::Encoding form = form_of(head.field("content-type")).value_or(hl7::Encoding::pipes);
  std::string converted;
  std::string_view body = reply->answer.view();
  if (!body.empty() && form != hl7::Encoding::pipes) {
    const Result<void> made = encoder(*worker).convert(body, hl7::Encoding::pipes, form, converted);
    if (made) body = converted;
  }
  const bool as_asked = body.empty() || form == hl7::Encoding::pipes || body.data() == converted.data();
  const std::string type = as_asked ? media_type(head.field("content-type")) : media_type({});
  Response response;
  response.status = reply->kept ? 200 : 503;
  response.content_type = body.empty() ? std::string_view{} : type;
  response.extra = reply->kept ? std::string_view{} : kTryAgain;
  response.keep_alive = head.keep_alive && !reply->close_after && !stopping();
  const bool written = co_await write(worker, connection, response, body);
  co_return written;
}

/// Answers and closes: what follows on the connection is the body of a request that is not taken, or nobody knows what.
Task<void> HttpsSource::refuse(Worker* worker, Connection* connection, Refusal why) {
  ++counters().bad;
  const EventKind kind = why.status == 401 || why.status == 403 ? EventKind::refused : EventKind::bad_frame;
  if (why.status != 408 && why.status != 503)
    tell(kind, connection->peer, std::to_string(why.status) + ": " + std::string(why.text));
  std::string extra;
  if (why.status == 401) extra = "WWW-Authenticate: " + std::string(challenge_for(why)) + "\r\n";
  if (why.status == 403) extra = "WWW-Authenticate: " + std::string(kLacksScope) + "\r\n";
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

std::string_view HttpsSource::challenge_for(const Refusal& why) const {
  const bool shown = settings_.tokens.keys != nullptr && why.text != kNoCredentials.text;
  return shown ? kWrongToken : challenge(settings_.auth);
}

Task<bool> HttpsSource::write(Worker* worker, Connection* connection, Response response, std::string_view body) {
  response.length = body.size();
  const std::string head = head_of(response, worker->env.clock.wall());
  const std::array<std::string_view, 2> pieces{head, body};
  const std::span<const std::string_view> all(pieces.data(), body.empty() ? 1 : 2);
  Result<void> written = co_await write_pieces(worker, connection, all);
  co_return written.has_value();
}

}  // namespace smarthl7::transport::https
