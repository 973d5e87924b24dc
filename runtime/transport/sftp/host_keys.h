// SPDX-License-Identifier: Apache-2.0
// The keys by which an SFTP server is known: the lines of an OpenSSH known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT),
// or one fingerprint. Nothing is ever learned: a key that is not there is refused. Value type; any thread. Failure: Result; the
// texts hold fingerprints, which are no secret.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/env/stream.h"
#include "stdlib/base/result.h"

struct ssh_session_struct;
struct ssh_key_struct;

namespace smarthl7::transport::sftp {

class HostKeys {
 public:
  static Result<HostKeys> from_known_hosts(std::string text);
  /// "SHA256:" and 43 characters, as `ssh-keygen -l` shows it.
  static Result<HostKeys> from_fingerprint(std::string text);

  /// What to ask the server for, the kinds of its known keys first: it shows one key only, and should show one that is known.
  [[nodiscard]] std::string algorithms(const env::Endpoint& at) const;
  /// The key that the server of a session showed. ErrorCode::refused: it is not the one.
  [[nodiscard]] Result<void> judge(ssh_session_struct* session, const env::Endpoint& at) const;

 private:
  std::vector<std::string> lines_;  // of known_hosts
  std::string fingerprint_;
};

/// "SHA256:..." of a key.
[[nodiscard]] std::string fingerprint_of(ssh_key_struct* key);
/// "ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa".
[[nodiscard]] std::string kind_of(ssh_key_struct* key);

}  // namespace smarthl7::transport::sftp
