// SPDX-License-Identifier: Apache-2.0
// A connection to an SFTP server: SSH handshake, the host key judged, the user let in, the SFTP channel open. Ownership: owns
// the descriptor that it is made of; borrows the Watch. Threads: one at a time, and it blocks. Failure: Result; closed and
// timeout mean that the connection is gone. What the server says in words is left out: it may name files.
#pragma once

#include <libssh/libssh.h>
#include <libssh/sftp.h>

#include <memory>
#include <string>
#include <vector>

#include "runtime/transport/sftp/login.h"
#include "runtime/transport/sftp/watch.h"

namespace smarthl7::transport::sftp {

class Session {
 public:
  /// ErrorCode::refused: the host key is not the one, or the user is not let in.
  static Result<std::unique_ptr<Session>> open(int descriptor, const Login& login, Watch& watch);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  /// The channel, after the files that were left are closed.
  [[nodiscard]] sftp_session channel();
  /// A file that is not needed any more: closing it takes the server's answer, so it is done in the next call.
  void leave(sftp_file file) { left_.push_back(file); }
  /// A call that may take `silence`.
  [[nodiscard]] Watch::Call call() { return {watch_, silence_}; }
  /// What the last call failed with. `what` is "cannot list /in".
  [[nodiscard]] Error error(const std::string& what);
  [[nodiscard]] bool is_openssh() const { return openssh_; }
  [[nodiscard]] bool can_sync() const { return can_sync_; }

 private:
  Session(Watch& watch, const Login& login);
  Result<void> begin(int descriptor, const Login& login);
  Result<void> let_in(const Login& login);
  Result<bool> show_password(const Login& login);
  [[nodiscard]] unsigned methods();
  Result<bool> answer_prompts(const Login& login);
  [[nodiscard]] Error ssh_error(const std::string& what, ErrorCode otherwise);

  Watch& watch_;
  const std::string where_;
  const std::chrono::nanoseconds silence_;
  const std::chrono::nanoseconds connect_within_;
  std::unique_ptr<ssh_session_struct, void (*)(ssh_session)> ssh_;
  std::unique_ptr<sftp_session_struct, void (*)(sftp_session)> sftp_;
  std::vector<sftp_file> left_;
  bool openssh_ = false;
  bool can_sync_ = false;
};

/// What libssh is given for every connection, so that no file of the machine's user has a say in it.
[[nodiscard]] Result<void> set_options(ssh_session session, int descriptor, const env::Endpoint& at, const std::string& user,
                                       const std::string& algorithms, std::chrono::nanoseconds within);
/// "publickey, password".
[[nodiscard]] std::string methods_text(unsigned methods);

}  // namespace smarthl7::transport::sftp
