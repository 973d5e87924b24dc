// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/sftp/inspect.h"

#include <unistd.h>

#include <memory>

#include "runtime/transport/sftp/session.h"
#include "runtime/transport/sftp/watch.h"

namespace smarthl7::transport::sftp {

namespace {

std::string text_or_empty(const char* text) { return text == nullptr ? std::string() : std::string(text); }

}  // namespace

Result<Inspection> inspect(int descriptor, const env::Endpoint& at, const std::string& user, std::string_view algorithms,
                           std::chrono::nanoseconds within) {
  Watch watch;
  watch.guard(descriptor);
  const std::unique_ptr<ssh_session_struct, void (*)(ssh_session)> ssh(ssh_new(), &ssh_free);
  if (auto set = set_options(ssh.get(), descriptor, at, user.empty() ? "nobody" : user, std::string(algorithms), within);
      !set) {
    ::close(descriptor);
    return std::unexpected(std::move(set).error());
  }
  const Watch::Call call(watch, within);
  const auto failed = [&]() -> std::unexpected<Error> {
    const std::string why = text_or_empty(ssh_get_error(ssh.get()));
    const bool silent = watch.was_silent() || why.starts_with("Timeout");  // the library has a clock for the handshake
    return fail(silent ? ErrorCode::timeout : watch.open() ? ErrorCode::io : ErrorCode::closed, why);
  };
  Inspection found;
  if (ssh_connect(ssh.get()) != SSH_OK) return failed();
  found.banner = text_or_empty(ssh_get_serverbanner(ssh.get()));
  found.exchange = text_or_empty(ssh_get_kex_algo(ssh.get()));
  found.cipher = text_or_empty(ssh_get_cipher_in(ssh.get()));
  ssh_key key = nullptr;
  if (ssh_get_server_publickey(ssh.get(), &key) != SSH_OK) return failed();
  found.host_key = kind_of(key) + " " + fingerprint_of(key);
  ssh_key_free(key);
  if (!user.empty()) {
    const int state = ssh_userauth_none(ssh.get(), nullptr);
    if (state == SSH_AUTH_ERROR) return failed();
    found.open = state == SSH_AUTH_SUCCESS;
    found.methods = methods_text(static_cast<unsigned>(ssh_userauth_list(ssh.get(), nullptr)));
  }
  ssh_disconnect(ssh.get());
  return found;
}

}  // namespace smarthl7::transport::sftp
