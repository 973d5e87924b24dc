// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>

#include <array>

#include "runtime/transport/proxy/tunnels.h"

namespace smarthl7::transport {

using env::Task;

namespace {

constexpr char kVersion = 5;
constexpr char kNoCredentials = 0;
constexpr char kNameAndPassword = 2;
constexpr std::size_t kLongest = 255;

std::string_view words_of(unsigned char reply) {
  switch (reply) {
    case 1: return "it failed";
    case 2: return "it does not allow this receiver";
    case 3: return "the receiver's network is unreachable";
    case 4: return "the receiver is unreachable";
    case 5: return "the receiver refuses connections";
    case 6: return "the way to the receiver is too long";
    case 7: return "it does not connect for others";
    case 8: return "it does not know this kind of address";
    default: return "it says no";
  }
}

/// Exactly so many, so that nothing of the receiver's words is taken.
Task<Result<std::string>> read_exactly(env::Stream* stream, std::size_t count, SteadyTime deadline) {
  std::string bytes(count, '\0');
  std::size_t have = 0;
  while (have < count) {
    Result<std::size_t> got = co_await stream->read_some(std::span(bytes).subspan(have), deadline);
    if (!got) co_return std::unexpected(std::move(got).error());
    if (*got == 0) co_return fail(ErrorCode::closed, "it closed the connection before it said yes");
    have += *got;
  }
  co_return bytes;
}

Task<Result<void>> log_in(env::Stream* stream, const Proxy* proxy, SteadyTime deadline) {
  const std::string_view password = proxy->password.reveal();
  std::string text{'\x01', static_cast<char>(proxy->user.size())};
  text.append(proxy->user).push_back(static_cast<char>(password.size()));
  text.append(password);
  const Secret request(std::move(text));
  Result<void> sent = co_await stream->write(request.reveal(), deadline);
  if (!sent) co_return sent;
  Result<std::string> answer = co_await read_exactly(stream, 2, deadline);
  if (!answer) co_return std::unexpected(std::move(answer).error());
  if ((*answer)[1] != 0) co_return fail(ErrorCode::refused, "it rejects name or password");
  co_return Result<void>();
}

/// Which way of saying who we are it takes, and saying it.
Task<Result<void>> greet(env::Stream* stream, const Proxy* proxy, SteadyTime deadline) {
  const bool named = !proxy->user.empty();
  std::string hello{kVersion, static_cast<char>(named ? 2 : 1), kNoCredentials};
  if (named) hello.push_back(kNameAndPassword);
  Result<void> sent = co_await stream->write(hello, deadline);
  if (!sent) co_return sent;
  Result<std::string> answer = co_await read_exactly(stream, 2, deadline);
  if (!answer) co_return std::unexpected(std::move(answer).error());
  if ((*answer)[0] != kVersion) co_return fail(ErrorCode::unreachable, "it does not speak SOCKS5");
  const char chosen = (*answer)[1];
  if (chosen == kNoCredentials) co_return Result<void>();
  if (chosen != kNameAndPassword || !named)
    co_return fail(ErrorCode::refused, named ? "it takes no name and password" : "it asks for a name and password");
  Result<void> in = co_await log_in(stream, proxy, deadline);
  co_return in;
}

/// Address and port as they stand in the request (RFC 1928 section 4); a name is the proxy's to resolve.
std::string address_of(const env::Endpoint& to) {
  std::string text;
  std::array<char, 16> bytes{};
  if (::inet_pton(AF_INET, to.host.c_str(), bytes.data()) == 1) {
    text.push_back(1);
    text.append(bytes.data(), 4);
  } else if (::inet_pton(AF_INET6, to.host.c_str(), bytes.data()) == 1) {
    text.push_back(4);
    text.append(bytes.data(), 16);
  } else {
    text.push_back(3);
    text.push_back(static_cast<char>(to.host.size()));
    text.append(to.host);
  }
  text.push_back(static_cast<char>(to.port >> 8U));
  text.push_back(static_cast<char>(to.port & 255U));
  return text;
}

}  // namespace

Task<Result<void>> open_socks_tunnel(env::Stream* stream, const Proxy* proxy, env::Endpoint to, SteadyTime deadline) {
  const bool fits = proxy->user.size() <= kLongest && proxy->password.reveal().size() <= kLongest && to.host.size() <= kLongest;
  if (!fits) co_return fail(ErrorCode::refused, "name, password or receiver are longer than SOCKS5 carries");
  Result<void> greeted = co_await greet(stream, proxy, deadline);
  if (!greeted) co_return greeted;
  std::string request{kVersion, 1, 0};
  request += address_of(to);
  Result<void> sent = co_await stream->write(request, deadline);
  if (!sent) co_return sent;
  Result<std::string> answer = co_await read_exactly(stream, 5, deadline);
  if (!answer) co_return std::unexpected(std::move(answer).error());
  const auto reply = static_cast<unsigned char>((*answer)[1]);
  if ((*answer)[0] != kVersion) co_return fail(ErrorCode::unreachable, "it does not speak SOCKS5");
  if (reply != 0) co_return fail(ErrorCode::unreachable, std::string(words_of(reply)));
  const char kind = (*answer)[3];
  const auto first = static_cast<unsigned char>((*answer)[4]);
  std::size_t rest = 2;  // the port; one byte of the address has been read
  if (kind == 1) rest += 3;
  if (kind == 4) rest += 15;
  if (kind == 3) rest += first;
  if (kind != 1 && kind != 3 && kind != 4) co_return fail(ErrorCode::unreachable, "its answer names no address");
  Result<std::string> bound = co_await read_exactly(stream, rest, deadline);
  if (!bound) co_return std::unexpected(std::move(bound).error());
  co_return Result<void>();
}

}  // namespace smarthl7::transport
