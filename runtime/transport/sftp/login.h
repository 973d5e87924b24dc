// SPDX-License-Identifier: Apache-2.0
// Where an SFTP server is, how it is known and what is shown to it. Value type. Failure: Result for options that cannot be
// used: a private key that cannot be read, known hosts without a key.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "runtime/env/stream.h"
#include "runtime/transport/options.h"
#include "runtime/transport/renewals.h"
#include "runtime/transport/sftp/host_keys.h"
#include "stdlib/base/protect.h"

struct ssh_key_struct;

namespace smarthl7::transport::sftp {

struct Login {
  env::Endpoint at;
  std::string user;
  std::shared_ptr<ssh_key_struct> key;  // null: none is shown
  Secret password;                      // empty: none is shown
  HostKeys hosts;
  std::chrono::nanoseconds connect_within = std::chrono::seconds(10);
  std::chrono::nanoseconds silence = std::chrono::seconds(30);  // of the server in a call

  /// "sftp://host:22", for people.
  [[nodiscard]] std::string text() const { return "sftp://" + at.text(); }
};

[[nodiscard]] Result<Login> read_login(const Options& options);

/// The login of now: keys, passwords and known hosts may be replaced while the hub runs; a connection is made with those of its
/// beginning. Any thread.
class Logins final : public Renewable {
 public:
  explicit Logins(Login first) : now_(std::make_shared<const Login>(std::move(first))) {}
  /// Is told of renewals for as long as it lives.
  static Result<std::shared_ptr<Logins>> make(const Options& options);
  Result<void> renew(const Options& fresh) override;
  [[nodiscard]] std::shared_ptr<const Login> now() const;
  /// It was replaced since the last call.
  [[nodiscard]] bool renewed();

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Login> now_;
  bool renewed_ = false;
};

}  // namespace smarthl7::transport::sftp
