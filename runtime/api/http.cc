// SPDX-License-Identifier: Apache-2.0
#include "runtime/api/http.h"

#include <boost/beast/http.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url_view.hpp>
#include <sstream>
#include <utility>

namespace smarthl7::api {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using namespace std::chrono_literals;

constexpr std::size_t kMostConnections = 64;
constexpr std::size_t kBodyLimit = 96ULL << 20;  // an edited message of 64 MiB, in base64
constexpr auto kIdle = 30s;
constexpr std::string_view kServer = "smarthl7";

struct ParsedTarget {
  std::string path;
  std::map<std::string, std::string> query;
};

Result<ParsedTarget> parse_target(std::string_view target) {
  const auto url = boost::urls::parse_origin_form(boost::urls::string_view(target.data(), target.size()));
  if (!url) return fail(ErrorCode::invalid, "the request's target is not a path");
  ParsedTarget out;
  out.path = url->path();
  for (const auto& param : url->params()) out.query.insert_or_assign(param.key, param.value);
  return out;
}

std::string to_text(unsigned status, const std::string& content_type, std::string body, bool keep_alive) {
  http::response<http::string_body> message{static_cast<http::status>(status), 11};
  message.set(http::field::server, kServer);
  message.set(http::field::content_type, content_type);
  message.set(http::field::cache_control, "no-store");
  if (status == 401) message.set(http::field::www_authenticate, "Bearer");
  message.keep_alive(keep_alive);
  message.body() = std::move(body);
  message.prepare_payload();
  std::ostringstream out;
  out << message;
  return std::move(out).str();
}

std::string to_text(Response response, bool keep_alive) {
  return to_text(response.status, response.content_type, std::move(response.body), keep_alive);
}

enum class Until { head, end };

/// Beast asserts that it has so many bytes of a body without chunks when it looks again (parse_chunk_header).
constexpr std::size_t kLeastChunked = 5;  // "0\r\n\r\n"

/// Feeds a Beast parser from a stream until the message, or its head, is whole. False: the stream ended before a first byte.
template <class Parser>
env::Task<Result<bool>> read_message(env::Stream* stream, Parser* parser, std::string* pending, env::Executor* executor,
                                     Until until) {
  char chunk[16384];
  bool any = !pending->empty() || parser->got_some();
  bool in_chunks = false;
  while (until == Until::head ? !parser->is_header_done() : !parser->is_done()) {
    const bool in_body = parser->is_header_done();
    const bool too_few = in_body && parser->chunked() && !in_chunks && pending->size() < kLeastChunked;
    if (!pending->empty() && !too_few) {
      error_code error;
      const std::size_t used = parser->put(boost::asio::buffer(*pending), error);
      pending->erase(0, used);
      in_chunks = in_chunks || (in_body && used > 0);
      if (error && error != http::error::need_more) co_return fail(ErrorCode::invalid, "not HTTP: " + error.message());
      if (parser->is_done() || (until == Until::head && parser->is_header_done())) break;
      if (!error && used > 0) continue;
    }
    auto got = co_await stream->read_some(chunk, executor->now() + kIdle);
    if (!got) co_return std::unexpected(std::move(got).error());
    if (*got == 0) {
      if (!any) co_return false;
      error_code error;
      parser->put_eof(error);
      if (error || !parser->is_done()) co_return fail(ErrorCode::closed, "the connection ended in the middle of a message");
      break;
    }
    any = true;
    pending->append(chunk, *got);
  }
  co_return true;
}

}  // namespace

std::string percent_encode(std::string_view text) {
  return boost::urls::encode(boost::urls::string_view(text.data(), text.size()), boost::urls::unreserved_chars);
}

struct HttpServer::Connection {  // a link in the list of open connections, so that stop() can close them
  HttpServer* server;
  env::Stream* stream;
  Connection* next;
  Connection** link;
  Connection(HttpServer* owner, env::Stream* what)
      : server(owner), stream(what), next(owner->connections_), link(&owner->connections_) {
    if (next != nullptr) next->link = &next;
    server->connections_ = this;
    ++server->open_;
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    --server->open_;
    *link = next;
    if (next != nullptr) next->link = link;
  }
};

Result<void> HttpServer::start(const env::Endpoint& at) {
  TRY(listener_, env_.network.listen(at));
  gate_.spawn(accept_loop());
  return {};
}

env::Task<void> HttpServer::accept_loop() {
  while (true) {
    auto incoming = co_await listener_->accept();
    if (!incoming) {
      if (incoming.error().code == ErrorCode::closed) co_return;
      co_await env::sleep_until(env_.executor.now() + 100ms);  // out of descriptors, say
      continue;
    }
    auto stream = env_.network.adopt(std::move(*incoming));
    if (stream) gate_.spawn(serve(std::move(*stream)));
  }
}

env::Task<void> HttpServer::serve(std::unique_ptr<env::Stream> stream) {
  const Connection connection(this, stream.get());
  std::string pending;
  bool keep_alive = open_ <= kMostConnections;
  while (keep_alive) {
    const std::string answer = co_await answer_one(stream.get(), &pending, &keep_alive);
    if (answer.empty()) break;
    auto written = co_await stream->write(answer, env_.executor.now() + kIdle);
    if (!written) break;
  }
  stream->close();
}

namespace {

/// The head of a request, without what its body will be.
template <class Message>
Request head_of(const Message& message, ParsedTarget target, const env::Stream& stream) {
  Request request;
  request.method = std::string(message.method_string());
  request.path = std::move(target.path);
  request.query = std::move(target.query);
  request.actor = stream.peer();
  request.host = std::string(message[http::field::host]);
  request.origin = std::string(message[http::field::origin]);
  request.authorization = std::string(message[http::field::authorization]);
  return request;
}

}  // namespace

/// Reads a request and gives what is answered; empty: the connection is over.
env::Task<std::string> HttpServer::answer_one(env::Stream* stream, std::string* pending, bool* keep_alive) {
  http::request_parser<http::string_body> parser;
  parser.body_limit(kBodyLimit);
  auto whole = co_await read_message(stream, &parser, pending, &env_.executor, Until::head);
  Request request;
  if (whole && *whole) {
    const auto raw = parser.get().target();
    auto target = parse_target(std::string_view(raw.data(), raw.size()));
    *keep_alive = target.has_value() && parser.get().keep_alive();
    if (!target) co_return to_text(400, "text/plain", target.error().text + "\n", false);
    request = head_of(parser.get(), std::move(*target), *stream);
    if (std::optional<Response> refused = handler_->refuse(request)) {
      *keep_alive = false;
      co_return to_text(std::move(*refused), false);
    }
    whole = co_await read_message(stream, &parser, pending, &env_.executor, Until::end);
  }
  if (!whole) {
    *keep_alive = false;
    const bool says_why = whole.error().code == ErrorCode::invalid;
    co_return says_why ? to_text(400, "text/plain", whole.error().text + "\n", false) : std::string();
  }
  if (!*whole) co_return std::string();
  request.body = std::move(parser.get().body());
  Response response = co_await handler_->handle(std::move(request));
  co_return to_text(std::move(response), *keep_alive);
}

env::Task<void> HttpServer::stop() {
  if (listener_) listener_->close();
  for (Connection* at = connections_; at != nullptr; at = at->next) at->stream->close();
  co_await gate_.drained();
}

env::Task<Result<Response>> http_call(env::Env env, env::Endpoint to, Request request, SteadyTime deadline) {
  auto connected = co_await env.network.connect(to, deadline);
  if (!connected) co_return std::unexpected(std::move(connected).error());
  std::unique_ptr<env::Stream> stream = std::move(*connected);

  std::string target = request.path;
  char separator = '?';
  for (const auto& [name, value] : request.query) {
    target += separator + percent_encode(name) + '=' + percent_encode(value);
    separator = '&';
  }
  http::request<http::string_body> message;
  message.method_string(request.method);
  message.target(target);
  message.version(11);
  message.set(http::field::host, to.unix_path.empty() ? to.text() : "smarthl7");
  if (!request.authorization.empty()) message.set(http::field::authorization, request.authorization);
  message.keep_alive(false);
  message.body() = std::move(request.body);
  message.prepare_payload();
  std::ostringstream out;
  out << message;
  const std::string text = std::move(out).str();
  auto written = co_await stream->write(text, deadline);
  if (!written) co_return std::unexpected(std::move(written).error());

  http::response_parser<http::string_body> parser;
  parser.body_limit(256ULL << 20);
  std::string pending;
  auto whole = co_await read_message(stream.get(), &parser, &pending, &env.executor, Until::end);
  if (!whole) co_return std::unexpected(std::move(whole).error());
  if (!*whole) co_return fail(ErrorCode::closed, "the service closed the connection without an answer");
  auto answer = parser.release();
  Response response;
  response.status = answer.result_int();
  response.content_type = std::string(answer[http::field::content_type]);
  response.body = std::move(answer.body());
  stream->close();
  co_return response;
}

}  // namespace smarthl7::api
