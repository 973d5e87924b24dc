// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/https/web.h"

#include <fmt/format.h>

#include "runtime/env/gate.h"

namespace smarthl7::transport::https {

using env::Task;

namespace {

/// Closes the stream when the fetch is abandoned.
Task<void> close_if_abandoned(env::Abandon* abandon, env::Stream* stream, const bool* ended) {
  while (!*ended && !abandon->requested) co_await abandon->changed.wait();
  if (!*ended) stream->close();
}

}  // namespace

Secret WebFetcher::written(const oauth::WebRequest& request) const {
  std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: smarthl7\r\nAccept: application/json\r\n",
                                 request.form.empty() ? "GET" : "POST", url_.target, url_.authority);
  if (!request.authorization.empty()) text.append("Authorization: ").append(request.authorization.reveal()).append("\r\n");
  if (!request.form.empty())
    text +=
        fmt::format("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n", request.form.reveal().size());
  text.append("Connection: close\r\n\r\n").append(request.form.reveal());
  return Secret(std::move(text));
}

Task<Result<oauth::WebAnswer>> WebFetcher::fetch(env::Env env, oauth::WebRequest request, SteadyTime deadline,
                                                 env::Abandon* abandon) {
  const Proxy* proxy = proxy_ ? &*proxy_ : nullptr;
  Result<std::unique_ptr<env::Stream>> stream = co_await connect_through(&env.network, proxy, url_.endpoint, deadline, abandon);
  if (!stream) co_return std::unexpected(std::move(stream).error());
  stream = co_await tls::connect(tls_, std::move(*stream), deadline);
  if (!stream) {
    // Its certificate is not our credentials: the next attempt may meet a repaired one.
    co_return fail(ErrorCode::unreachable, "no connection to " + place_, std::move(stream).error());
  }
  bool ended = false;
  env::Gate gate;
  gate.spawn(close_if_abandoned(abandon, stream->get(), &ended));
  Secret text = written(request);
  Result<oauth::WebAnswer> answer = co_await exchange(stream->get(), std::move(text), deadline);
  ended = true;
  abandon->changed.notify_all();
  co_await gate.drained();
  (*stream)->close();
  co_return answer;
}

Task<Result<oauth::WebAnswer>> WebFetcher::exchange(env::Stream* stream, Secret request, SteadyTime deadline) const {
  Result<void> sent = co_await stream->write(request.reveal(), deadline);
  if (!sent) co_return std::unexpected(std::move(sent).error());
  ResponseReader reader;
  while (true) {
    ResponseReader::Step step = reader.next();
    if (step == ResponseReader::Step::need_more) {
      Result<std::size_t> got = co_await stream->read_some(reader.room(), deadline);
      if (!got) co_return std::unexpected(std::move(got).error());
      if (*got > 0) {
        reader.filled(*got);
        continue;
      }
      step = reader.finish();
    }
    if (step != ResponseReader::Step::response) co_return fail(ErrorCode::unreachable, place_ + ": " + reader.why());
    Answered answered = reader.take();
    oauth::WebAnswer answer{answered.status, std::move(answered.body)};
    co_return answer;
  }
}

}  // namespace smarthl7::transport::https
