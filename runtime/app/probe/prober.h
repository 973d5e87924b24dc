// SPDX-License-Identifier: Apache-2.0
// One run of a probe: the steps, and what they note. Internal to this folder. Ownership: lives in the frame of probe().
// Threads: one executor. Failure: as probe.h.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "runtime/app/probe/framing.h"
#include "runtime/app/probe/probe.h"
#include "runtime/transport/sftp/inspect.h"
#include "runtime/transport/tls/inspect.h"

namespace smarthl7::app::probe {

struct Target {
  env::Endpoint at;
  bool tls = false;
  std::string user{};       // of SFTP; empty: none is named
  std::string authority{};  // of HTTP, as it stands in Host; empty: another protocol
  std::string path{};       // of HTTP
};
[[nodiscard]] Result<Target> read_target(const std::string& url);
/// https:// or http://
[[nodiscard]] Result<Target> read_http_target(const std::string& url);
/// sftp://[USER@]HOST[:PORT]
[[nodiscard]] Result<Target> read_sftp_target(const std::string& url);

class Prober {
 public:
  Prober(env::Env env, const Settings& settings, Target target, Report* report)
      : env_(env), settings_(settings), target_(std::move(target)), report_(report) {}

  /// Resolve, connect to each address, TLS. Null: there is no connection to go on with.
  env::Task<std::unique_ptr<env::Stream>> reach();
  /// What the other end accepts that it should not, over connections of their own.
  env::Task<void> scan();
  /// Nothing is sent: does something come, does it close?
  env::Task<bool> stay_quiet(env::Stream* stream);
  /// False: the connection cannot be used any more.
  env::Task<bool> send_and_judge(env::Stream* stream, SharedBytes message, bool own_query);
  env::Task<void> send_no_message(env::Stream* stream);
  [[nodiscard]] SharedBytes query() const;
  /// Of a receiver that speaks HTTP: what it says to OPTIONS; to a message; to what is none.
  env::Task<void> look_at_http(std::unique_ptr<env::Stream> stream);
  env::Task<void> post_and_judge(SharedBytes message, bool own_query);
  env::Task<void> post_no_message();
  /// Of an SFTP server: SSH, host keys, logins.
  env::Task<void> look_at_ssh(std::unique_ptr<env::Stream> stream);

 private:
  struct Handshake {
    std::unique_ptr<env::Stream> stream;
    std::shared_ptr<transport::tls::Inspection> inspection;
    Error error{};
  };
  struct Answer {
    std::string bytes;
    Framing framing;
    bool closed = false;  // by the other end
    Error error{};        // a failure of the connection; empty text: none
    std::chrono::nanoseconds took{0};
  };

  struct HttpAnswer {
    std::string bytes;   // as they came
    bool whole = false;  // they are a response
    bool closed = false;
    unsigned status = 0;
    std::string body, allow, authenticate;
    Error error{};  // of the connection; code io and no text: none
  };

  [[nodiscard]] SteadyTime deadline() const { return env_.executor.now() + settings_.wait; }
  void note(std::string_view stage, Severity severity, std::string_view code, std::string text, std::string help = {});
  void fine(std::string_view stage, std::string text) { note(stage, Severity::fine, {}, std::move(text)); }
  void note_connect_failure(const env::Endpoint& at, const Error& error, bool others);
  env::Task<Result<std::unique_ptr<env::Stream>>> open();
  /// Over `stream`, or a new connection if it is null.
  env::Task<Result<transport::sftp::Inspection>> ask_ssh(std::unique_ptr<env::Stream> stream, std::string user,
                                                         std::string_view kinds);
  void judge_no_ssh(const Error& error, bool old);
  env::Task<std::unique_ptr<env::Stream>> open_for_request();
  /// Over `stream`, or a new connection if it is null.
  env::Task<HttpAnswer> ask_http(std::unique_ptr<env::Stream> stream, std::string request);
  env::Task<HttpAnswer> post(std::string_view body);
  bool judge_response(std::string_view stage, const HttpAnswer& answer);
  bool judge_status(std::string_view stage, const HttpAnswer& answer, bool asked_to_do);
  env::Task<Handshake> shake_hands(transport::tls::Offer offer, std::string name);
  void judge_failed_handshake(const Error& error, bool old, bool weak);
  void judge_handshake(const transport::tls::Inspection& inspection);
  void judge_certificate(const transport::tls::Inspection& inspection);
  void judge_strength(const Certificate& own);
  env::Task<Answer> exchange(env::Stream* stream, std::string_view frame);
  bool judge_framing(std::string_view stage, const Answer& answer);
  void judge_acknowledgement(const Answer& answer, std::string_view control_id, bool own_query);
  env::Task<bool> judge_after(env::Stream* stream, const Answer& answer);

  env::Env env_;
  const Settings& settings_;
  Target target_;
  Report* report_;
  env::Endpoint reached_;
};

}  // namespace smarthl7::app::probe
