// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/sftp/login.h"

#include <libssh/libssh.h>

#include <utility>

namespace smarthl7::transport::sftp {

namespace {

Result<std::shared_ptr<ssh_key_struct>> read_key(const Secret& text, const Secret& passphrase) {
  const Secret whole(std::string(text.reveal()) +
                     "\n");  // secrets come without their last line end, and the format asks for it
  const char* phrase = passphrase.empty() ? nullptr : passphrase.reveal().data();
  ssh_key key = nullptr;
  const int read = ssh_pki_import_privkey_base64(whole.reveal().data(), phrase, nullptr, nullptr, &key);
  if (read == SSH_OK && key != nullptr) return std::shared_ptr<ssh_key_struct>(key, &ssh_key_free);
  return fail(ErrorCode::invalid, phrase != nullptr ? "`key` is no private key, or `passphrase` does not open it"
                                                    : "`key` is no private key that can be read: expected the OpenSSH or PEM "
                                                      "form, and `passphrase` if it is encrypted");
}

}  // namespace

Result<Login> read_login(const Options& options) {
  Login login;
  TRY(login.at, env::Endpoint::parse(options.get_text("connect")));
  login.at.via = options.get_text("via");
  login.user = options.get_text("user");
  login.password = options.get_secret("password");
  login.connect_within = options.get_duration("connect_time", login.connect_within);
  login.silence = options.get_duration("silence", login.silence);
  if (options.has("key")) {
    TRY(login.key, read_key(options.get_secret("key"), options.get_secret("passphrase")));
  }
  if (login.user.empty() || (login.key == nullptr && login.password.empty()))
    return fail(ErrorCode::invalid, "sftp needs `user`, and `key` or `password`");
  if (options.has("known_hosts")) {
    TRY(login.hosts, HostKeys::from_known_hosts(std::string(options.get_text("known_hosts"))));
  } else {
    TRY(login.hosts, HostKeys::from_fingerprint(std::string(options.get_text("host_key"))));
  }
  return login;
}

Result<std::shared_ptr<Logins>> Logins::make(const Options& options) {
  TRY(Login first, read_login(options));
  auto logins = std::make_shared<Logins>(std::move(first));
  if (options.renewals() != nullptr) options.renewals()->add(logins);
  return logins;
}

Result<void> Logins::renew(const Options& fresh) {
  TRY(Login login, read_login(fresh));
  auto next = std::make_shared<const Login>(std::move(login));
  const std::lock_guard lock(mutex_);
  now_.swap(next);
  renewed_ = true;
  return {};
}

std::shared_ptr<const Login> Logins::now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

bool Logins::renewed() {
  const std::lock_guard lock(mutex_);
  return std::exchange(renewed_, false);
}

}  // namespace smarthl7::transport::sftp
