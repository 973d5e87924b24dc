// SPDX-License-Identifier: Apache-2.0
// The work of `smarthl7 send`: messages over N connections, each waiting for its acknowledgement. Knows no command line and
// prints nothing: results go to an observer. Threads: one executor. Failure: an Error if nothing at all could be sent.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/app/peer/url.h"
#include "runtime/env/env.h"
#include "runtime/env/task.h"
#include "stdlib/base/bytes.h"

namespace smarthl7::app::peer {

/// The messages of a file: each begins at a line with MSH. LF and CRLF become CR; MLLP framing bytes and the lines of a batch
/// (FHS, BHS, BTS, FTS) are left out. invalid: there is no MSH.
[[nodiscard]] Result<std::vector<SharedBytes>> split_messages(std::string_view file);

struct SendSettings {
  std::string to;  // mllp://host:port, mllps://host:port, https://host/path
  Tls tls;
  std::uint64_t release = 1;  // of MLLP
  unsigned connections = 1;
  double rate = 0;  // messages a second over all connections; 0: as fast as answers come
  std::uint64_t repeat = 1;
  std::chrono::nanoseconds answer_within{std::chrono::seconds(30)};
  /// How long a message without an answer is sent again (after connecting anew); 0: it counts as unanswered at once.
  std::chrono::nanoseconds resend_for{0};
};

enum class SendOutcome : std::uint8_t {
  accepted,    // AA or CA, or a status of success without an acknowledgement
  refused,     // any other code or status
  unanswered,  // sent, no answer of its own
  not_sent,
};
[[nodiscard]] std::string_view name_of(SendOutcome outcome);

/// Valid during the call only.
struct SendResult {
  SendOutcome outcome = SendOutcome::not_sent;
  std::uint64_t number = 0;     // of the message, from 0, counted through repeats
  unsigned connection = 0;      // from 0
  std::string_view control_id;  // MSH-10 of the message
  std::string_view code;        // MSA-1; empty without an answer
  std::vector<std::string> error_codes;
  std::string_view text;                // what the receiver said (treat as patient data), or our reason
  std::chrono::nanoseconds latency{0};  // of the last attempt, from sending to the answer
  unsigned attempts = 0;
};

class SendObserver {
 public:
  virtual ~SendObserver() = default;
  virtual void on_result(const SendResult& result) = 0;
};

struct SendSummary {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::uint64_t unanswered = 0;
  std::uint64_t not_sent = 0;
  std::uint64_t resent = 0;  // attempts after the first
  std::chrono::nanoseconds elapsed{0};
  double per_second = 0;                                        // answered messages
  std::chrono::nanoseconds p50{0}, p90{0}, p99{0}, longest{0};  // of answers

  [[nodiscard]] std::uint64_t total() const { return accepted + refused + unanswered + not_sent; }
};

/// `observer` may be nullptr. Within one connection messages go out in their order.
env::Task<Result<SendSummary>> send_messages(env::Env env, SendSettings settings, std::vector<SharedBytes> messages,
                                             SendObserver* observer);

}  // namespace smarthl7::app::peer
