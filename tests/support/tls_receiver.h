// SPDX-License-Identifier: Apache-2.0
// The receiver's end of TLS with OpenSSL's plain blocking calls, for receivers that break it. Threads: any. Failure: false.
#pragma once

#include <functional>
#include <string>

#include "tests/support/line.h"

namespace smarthl7::testing {

enum class TlsWays {
  well,
  breaks_once,        // the first connection: a record that is none, after the message came
  wants_certificate,  // of the client
  stranger,           // shows a certificate of another authority
};

/// ca.pem, receiver.pem and its key, stranger.pem and its key, in the folder.
void make_certificates(const std::string& folder);
/// The route of tests/e2e/misbehaviour.route with TLS to its destination, as tls.route in the folder.
void write_tls_route(const std::string& folder);
/// Serves one connection: each message is told to `came`, then answered with AA.
void serve_tls(const std::string& folder, TlsWays ways, int number, Line& line, const std::function<void()>& came);

}  // namespace smarthl7::testing
