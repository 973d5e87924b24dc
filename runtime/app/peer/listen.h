// SPDX-License-Identifier: Apache-2.0
// The work of `smarthl7 listen`: a receiver for trials that acknowledges, or misbehaves as it is told. Knows no command line
// and prints nothing: what happens goes to an observer. Threads: one executor. Stop it before it is destroyed.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/app/peer/url.h"
#include "runtime/env/env.h"
#include "runtime/env/signal.h"
#include "runtime/env/task.h"

namespace smarthl7::app::peer {

/// What is answered to every n-th message.
enum class Odd : std::uint8_t {
  no,         // nothing odd
  error,      // AE
  reject,     // AR
  not_now,    // AE with ERR-3 207: try again later
  nothing,    // no answer, the connection stays
  late,       // AA after `late_by`
  other,      // AA for another control id
  garbage,    // bytes that are no frame
  truncated,  // AA whose MSA-2 is cut to 15 characters
};
/// "AE", "AR", "207", "nothing", "late", "other", "garbage", "truncated".
[[nodiscard]] Result<Odd> read_odd(std::string_view word);

struct ListenSettings {
  std::string url;
  Tls tls;
  std::uint64_t release = 1;  // of MLLP
  std::string ack = "AA";     // the usual code
  Odd odd = Odd::no;
  std::uint64_t every = 0;            // odd answers to messages every, 2 * every, ...; 0: to all
  std::chrono::nanoseconds delay{0};  // before each answer
  std::chrono::nanoseconds late_by{std::chrono::seconds(35)};
  std::string out;          // folder: each message as a file of its number; empty: none
  std::uint64_t count = 0;  // finished() after so many; 0: never
};

/// Valid during the call only.
struct Heard {
  std::uint64_t number = 0;      // from 1, over all connections
  std::uint64_t connection = 0;  // from 1
  std::string_view control_id;   // MSH-10; empty without one
  std::string_view code;         // what is answered: "AA", or the word of the odd answer
  std::string_view message;      // patient data
};

class ListenObserver {
 public:
  virtual ~ListenObserver() = default;
  /// Before the answer goes out.
  virtual void on_message(const Heard& heard) = 0;
  /// Connections made, closed, refused, bytes outside of frames, ...
  virtual void on_event(std::string_view kind, std::string_view peer, std::string_view text) = 0;
};

struct ListenSummary {
  std::uint64_t messages = 0;
  std::uint64_t odd = 0;
  std::uint64_t bytes = 0;
  std::uint64_t connections = 0;
  Error trouble{};  // with `out`: the first message that could not be written; empty text: none
};

class Listening {
 public:
  virtual ~Listening() = default;
  [[nodiscard]] virtual env::Task<Result<void>> start() = 0;
  /// "host:port" where it listens, with the port chosen for port 0.
  [[nodiscard]] virtual std::string address() const = 0;
  /// Ends when `count` messages were answered or finish() is called.
  [[nodiscard]] virtual env::Task<void> finished() = 0;
  virtual void finish() = 0;
  [[nodiscard]] virtual env::Task<void> stop() = 0;
  [[nodiscard]] virtual ListenSummary summary() const = 0;
};

/// `observer` may be nullptr.
[[nodiscard]] Result<std::unique_ptr<Listening>> make_listening(ListenSettings settings, env::Env env,
                                                                ListenObserver* observer);

}  // namespace smarthl7::app::peer
