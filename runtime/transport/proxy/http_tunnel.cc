// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "runtime/transport/proxy/tunnels.h"
#include "stdlib/base/base64.h"

namespace smarthl7::transport {

using env::Task;

namespace {

constexpr std::size_t kLargestHead = std::size_t{16} << 10;
constexpr std::string_view kEnd = "\r\n\r\n";
constexpr unsigned kAuthenticate = 407;
constexpr unsigned kUnauthorized = 401;  // which tinyproxy says to a wrong password

Secret request_for(const Proxy& proxy, const env::Endpoint& to) {
  const std::string authority = to.text();
  std::string text = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n";
  if (!proxy.user.empty()) {
    text += "Proxy-Authorization: Basic ";
    append_base64(proxy.user + ":" + std::string(proxy.password.reveal()), text);
    text += "\r\n";
  }
  return Secret(text + "\r\n");
}

/// 0: the line is no status line of HTTP/1.
unsigned status_of(std::string_view head) {
  if (!head.starts_with("HTTP/1.") || head.size() < 12 || head[8] != ' ') return 0;
  unsigned status = 0;
  const auto [end, error] = std::from_chars(head.data() + 9, head.data() + 12, status);
  return error == std::errc{} && end == head.data() + 12 && status >= 100 ? status : 0;
}

}  // namespace

Task<Result<void>> open_http_tunnel(env::Stream* stream, const Proxy* proxy, env::Endpoint to, SteadyTime deadline) {
  const Secret request = request_for(*proxy, to);
  Result<void> sent = co_await stream->write(request.reveal(), deadline);
  if (!sent) co_return sent;
  std::string head;
  std::string chunk(4096, '\0');
  std::size_t end = std::string::npos;
  while (end == std::string::npos) {
    Result<std::size_t> got = co_await stream->read_some(chunk, deadline);
    if (!got) co_return std::unexpected(std::move(got).error());
    if (*got == 0) co_return fail(ErrorCode::closed, "it closed the connection before it said yes");
    head.append(chunk.data(), *got);
    end = head.find(kEnd);
    if (end == std::string::npos && head.size() > kLargestHead)
      co_return fail(ErrorCode::unreachable, "its answer does not end");
  }
  const unsigned status = status_of(head);
  if (status == kAuthenticate || status == kUnauthorized)
    co_return fail(ErrorCode::refused, proxy->user.empty() ? "it asks for a name and password" : "it rejects name or password");
  if (status < 200 || status > 299)
    co_return fail(ErrorCode::unreachable, status == 0 ? "it does not speak HTTP" : "HTTP " + std::to_string(status));
  // The receiver speaks after us, so these would not be its words.
  if (head.size() > end + kEnd.size()) co_return fail(ErrorCode::unreachable, "it sent more than its answer");
  co_return Result<void>();
}

}  // namespace smarthl7::transport
