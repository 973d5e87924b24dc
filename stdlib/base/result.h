// SPDX-License-Identifier: Apache-2.0
// Errors of the world (files, sockets, peers, stores) as values.
// An Error is a code, a short text for people and an optional cause. It never holds message content:
// texts go to logs and terminals. Value type; any thread. Our own bugs are assertions (assert.h), and
// mistakes of a route's author are diagnostics (compiler/diag), not Errors.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace smarthl7 {

enum class ErrorCode {
  invalid,      // what was given cannot be right (wrong bytes, wrong argument)
  not_found,    // a thing that was named does not exist
  exists,       // a thing that must be new is there already, or is in use
  closed,       // the other end, or we, closed it
  timeout,      // a deadline passed
  unreachable,  // nobody answers at that address
  refused,      // the peer or the system said no (permission, TLS, credentials)
  full,         // no room: disk, budget, queue
  corrupt,      // stored bytes are not what was written
  version,      // a format of another version
  io,           // the system failed in some other way
  stopped,      // we are shutting down, or have stopped after a failed sync
};

struct Error {
  ErrorCode code = ErrorCode::io;
  std::string text;
  std::shared_ptr<const Error> cause = nullptr;

  /// "text: cause text: ...", for people.
  [[nodiscard]] std::string describe() const;
};

[[nodiscard]] std::string_view name_of(ErrorCode code);

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string text) {
  return std::unexpected(Error{code, std::move(text), nullptr});
}

/// The same failure seen from one level up.
[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string text, Error cause) {
  return std::unexpected(Error{code, std::move(text), std::make_shared<const Error>(std::move(cause))});
}

/// fail() with the message of an errno value.
[[nodiscard]] std::unexpected<Error> fail_errno(std::string what, int error_number);

}  // namespace smarthl7

#define SMARTHL7_CONCAT_INNER(a, b) a##b
#define SMARTHL7_CONCAT(a, b) SMARTHL7_CONCAT_INNER(a, b)

// TRY(auto x, expression): the value, or return its Error.  TRY_VOID(expression): go on, or return its Error.
// CO_TRY and CO_TRY_VOID are the same inside a coroutine.
#define TRY(declaration, ...) TRY_AS(return, SMARTHL7_CONCAT(try_, __COUNTER__), declaration, __VA_ARGS__)
#define CO_TRY(declaration, ...) TRY_AS(co_return, SMARTHL7_CONCAT(try_, __COUNTER__), declaration, __VA_ARGS__)
#define TRY_AS(leave, temporary, declaration, ...)                         \
  auto temporary = (__VA_ARGS__);                                          \
  if (!temporary) leave ::std::unexpected(::std::move(temporary).error()); \
  declaration = *::std::move(temporary)
#define TRY_VOID(...) \
  if (auto try_result = (__VA_ARGS__); !try_result) return ::std::unexpected(::std::move(try_result).error())
#define CO_TRY_VOID(...) \
  if (auto try_result = (__VA_ARGS__); !try_result) co_return ::std::unexpected(::std::move(try_result).error())
