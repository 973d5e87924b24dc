// SPDX-License-Identifier: Apache-2.0
#include "runtime/env/stream.h"

#include <charconv>

namespace smarthl7::env {

std::string Endpoint::text() const {
  if (!unix_path.empty()) return "unix:" + unix_path;
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Endpoint> Endpoint::parse(std::string_view text) {
  const std::string shown(text);
  if (text.starts_with("unix:")) {
    if (text.size() == 5) return fail(ErrorCode::invalid, "`unix:` needs the path of a socket");
    return Endpoint{{}, 0, std::string(text.substr(5))};
  }
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return fail(ErrorCode::invalid, "the address `" + shown + "` has no port");
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) return fail(ErrorCode::invalid, "the address `" + shown + "` has no `]`");
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return fail(ErrorCode::invalid,
                "write an IPv6 address in brackets: `[" + std::string(host) + "]:PORT`, not `" + shown + "`");
  }
  if (host.empty()) return fail(ErrorCode::invalid, "the address `" + shown + "` has no host");
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port > 65535)
    return fail(ErrorCode::invalid, "`" + std::string(digits) + "` is not a port (0 to 65535)");
  return Endpoint{std::string(host), static_cast<std::uint16_t>(port), {}};
}

Task<Result<void>> Stream::write_pieces(std::span<const std::string_view> pieces, SteadyTime deadline) {
  std::string whole;
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  whole.reserve(size);
  for (const std::string_view piece : pieces) whole += piece;
  Result<void> written = co_await write(whole, deadline);
  co_return written;
}

Task<Result<std::unique_ptr<Stream>>> Network::connect_unless(Endpoint to, SteadyTime deadline, Abandon* /*abandon*/) {
  Result<std::unique_ptr<Stream>> stream = co_await connect(std::move(to), deadline);
  co_return stream;
}

Task<Result<std::vector<Endpoint>>> Network::resolve(Endpoint name, SteadyTime /*deadline*/) {
  std::vector<Endpoint> itself;
  itself.push_back(std::move(name));
  co_return itself;
}

}  // namespace smarthl7::env
