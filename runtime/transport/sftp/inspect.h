// SPDX-License-Identifier: Apache-2.0
// A look at an SSH server from outside: what it is, which keys it shows, what it takes for a login. Nothing is trusted, and
// nothing that is a secret is shown to it. Ownership: takes the descriptor. Threads: it blocks, at most `within` for each step
// of the server. Failure: Result; closed and timeout mean the connection.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "runtime/env/stream.h"
#include "stdlib/base/result.h"

namespace smarthl7::transport::sftp {

struct Inspection {
  std::string banner;    // "SSH-2.0-OpenSSH_9.2p1"
  std::string exchange;  // "curve25519-sha256"
  std::string cipher;    // "chacha20-poly1305@openssh.com"
  std::string host_key;  // "ssh-ed25519 SHA256:..."
  std::string methods;   // "publickey, password"; empty: nobody was named
  bool open = false;     // it let the user in without anything
};

/// The kinds of host keys that the hub takes, one by one, as `algorithms` of inspect(); and the one that it does not take any
/// more, because it signs with SHA-1.
inline constexpr std::string_view kHostKeyKinds[] = {
    "ssh-ed25519", "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521", "rsa-sha2-512,rsa-sha2-256"};
inline constexpr std::string_view kOldHostKeyKind = "ssh-rsa";

/// `user`: asks what that one may log in with; empty: the connection ends after the handshake.
[[nodiscard]] Result<Inspection> inspect(int descriptor, const env::Endpoint& at, const std::string& user,
                                         std::string_view algorithms, std::chrono::nanoseconds within);

}  // namespace smarthl7::transport::sftp
