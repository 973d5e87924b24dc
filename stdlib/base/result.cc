// SPDX-License-Identifier: Apache-2.0
#include "stdlib/base/result.h"

#include <system_error>

namespace smarthl7 {

std::string Error::describe() const {
  std::string out = text;
  for (const Error* at = cause.get(); at != nullptr; at = at->cause.get()) out += ": " + at->text;
  return out;
}

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid: return "invalid";
    case ErrorCode::not_found: return "not found";
    case ErrorCode::exists: return "exists";
    case ErrorCode::closed: return "closed";
    case ErrorCode::timeout: return "timeout";
    case ErrorCode::unreachable: return "unreachable";
    case ErrorCode::refused: return "refused";
    case ErrorCode::full: return "full";
    case ErrorCode::corrupt: return "corrupt";
    case ErrorCode::version: return "version";
    case ErrorCode::io: return "io";
    case ErrorCode::stopped: return "stopped";
  }
  return "?";
}

std::unexpected<Error> fail_errno(std::string what, int error_number) {
  ErrorCode code = ErrorCode::io;
  switch (error_number) {
    case ENOENT: code = ErrorCode::not_found; break;
    case EEXIST:
    case EADDRINUSE: code = ErrorCode::exists; break;
    case ENOSPC:
    case EDQUOT: code = ErrorCode::full; break;
    case EACCES:
    case EPERM:
    case EROFS: code = ErrorCode::refused; break;
    case ETIMEDOUT: code = ErrorCode::timeout; break;
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH: code = ErrorCode::unreachable; break;
    case ECONNRESET:
    case EPIPE: code = ErrorCode::closed; break;
    case EINVAL: code = ErrorCode::invalid; break;
    default: break;
  }
  return fail(code, std::move(what) + ": " + std::generic_category().message(error_number));
}

}  // namespace smarthl7
