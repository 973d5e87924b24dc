// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/peer/send.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>

#include "runtime/env/gate.h"
#include "stdlib/base/assert.h"
#include "stdlib/hl7/ack.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::app::peer {

using env::Task;
using std::chrono::nanoseconds;
using namespace std::chrono_literals;

namespace {

constexpr auto kConnectTime = 10s;
constexpr nanoseconds kFirstPause = 20ms;  // between attempts; doubles up to kLongestPause
constexpr nanoseconds kLongestPause = 500ms;

bool is_batch_line(std::string_view line) {
  return line.starts_with("FHS") || line.starts_with("BHS") || line.starts_with("BTS") || line.starts_with("FTS");
}

// What all connections of one run share.
struct Run {
  env::Env env;
  SendSettings settings;
  End end;
  std::vector<SharedBytes> messages;
  std::vector<std::string> control_ids;
  SendObserver* observer;
  std::uint64_t total = 0;
  std::uint64_t next = 0;
  SteadyTime start{};
  SendSummary summary{};
  std::vector<std::uint32_t> latencies{};  // microseconds
  std::optional<Error> first_error{};
};

struct Connection {
  unsigned index = 0;
  std::unique_ptr<transport::Destination> destination;
  hl7::Ack ack;  // of the last answer that was the message's own; no code where the protocol alone answered
};

// One attempt at one message.
struct Attempt {
  SendOutcome outcome = SendOutcome::not_sent;
  Error error{};
  nanoseconds latency{0};
};

Task<Attempt> await_own_answer(Run* run, Connection* connection, std::string_view control_id, SteadyTime began,
                               SteadyTime deadline, transport::Sent sent) {
  while (sent.outcome == transport::Sent::Outcome::answered) {
    Result<hl7::Ack> ack = hl7::parse_ack(sent.answer.view());
    if (!ack || !ack->code) {
      connection->destination->close();
      co_return Attempt{SendOutcome::unanswered, Error{ErrorCode::invalid, "the answer is no acknowledgement"}};
    }
    if (control_id.empty() || ack->control_id == control_id) {
      const bool good = *ack->code == hl7::AckCode::aa || *ack->code == hl7::AckCode::ca;
      connection->ack = std::move(*ack);
      co_return Attempt{good ? SendOutcome::accepted : SendOutcome::refused, {}, run->env.executor.now() - began};
    }
    sent = co_await connection->destination->await_more_answer(deadline);
  }
  if (sent.outcome == transport::Sent::Outcome::accepted || sent.outcome == transport::Sent::Outcome::judged) {
    const bool good = sent.outcome == transport::Sent::Outcome::accepted || sent.judgement == transport::Judgement::accepted;
    connection->ack = {};
    co_return Attempt{good ? SendOutcome::accepted : SendOutcome::refused, std::move(sent.error),
                      run->env.executor.now() - began};
  }
  const bool never = sent.outcome == transport::Sent::Outcome::not_sent;
  co_return Attempt{never ? SendOutcome::not_sent : SendOutcome::unanswered, std::move(sent.error)};
}

Task<Attempt> attempt(Run* run, Connection* connection, std::size_t message) {
  env::Executor& executor = run->env.executor;
  if (!connection->destination->connected()) {
    Result<void> connected = co_await connection->destination->connect(executor.now() + kConnectTime);
    if (!connected) co_return Attempt{SendOutcome::not_sent, std::move(connected).error()};
  }
  const SteadyTime began = executor.now();
  const SteadyTime deadline = began + run->settings.answer_within;
  transport::Sent sent = co_await connection->destination->send(run->messages[message], deadline);
  Attempt made = co_await await_own_answer(run, connection, run->control_ids[message], began, deadline, std::move(sent));
  co_return made;
}

void report(Run& run, const Connection& connection, std::uint64_t number, const Attempt& made, unsigned attempts) {
  SendSummary& summary = run.summary;
  const bool answered = made.outcome == SendOutcome::accepted || made.outcome == SendOutcome::refused;
  switch (made.outcome) {
    case SendOutcome::accepted: ++summary.accepted; break;
    case SendOutcome::refused: ++summary.refused; break;
    case SendOutcome::unanswered: ++summary.unanswered; break;
    case SendOutcome::not_sent: ++summary.not_sent; break;
  }
  summary.resent += attempts - 1;
  if (answered) {
    const auto micros = std::chrono::ceil<std::chrono::microseconds>(made.latency).count();
    run.latencies.push_back(static_cast<std::uint32_t>(std::min<long>(micros, std::numeric_limits<std::uint32_t>::max())));
  }
  if (run.observer == nullptr) return;
  const std::string reason = made.error.describe();
  SendResult result;
  result.outcome = made.outcome;
  result.number = number;
  result.connection = connection.index;
  result.control_id = run.control_ids[number % run.messages.size()];
  result.latency = made.latency;
  result.attempts = attempts;
  result.text = reason;
  if (answered && connection.ack.code) {
    result.code = hl7::name_of(*connection.ack.code);
    result.error_codes = connection.ack.error_codes;
    result.text = connection.ack.text;
  }
  run.observer->on_result(result);
}

// False: nothing could be sent on this connection, and it is given up.
Task<bool> deliver(Run* run, Connection* connection, std::uint64_t number) {
  env::Executor& executor = run->env.executor;
  const SteadyTime give_up = executor.now() + run->settings.resend_for;
  nanoseconds pause = kFirstPause;
  bool maybe_sent = false;
  for (unsigned attempts = 1;; ++attempts) {
    const bool fresh = !connection->destination->connected();
    Attempt made = co_await attempt(run, connection, number % run->messages.size());
    const bool answered = made.outcome == SendOutcome::accepted || made.outcome == SendOutcome::refused;
    maybe_sent = maybe_sent || made.outcome == SendOutcome::unanswered;
    // A connection that was closed meanwhile took nothing of the message: make a new one, at once and in any case.
    const bool stale = made.outcome == SendOutcome::not_sent && !fresh && made.error.code == ErrorCode::closed;
    if (!answered && stale) continue;
    if (!answered && executor.now() + pause < give_up) {
      co_await env::sleep_until(executor.now() + pause);
      pause = std::min(2 * pause, kLongestPause);
      continue;
    }
    if (!answered && maybe_sent) made.outcome = SendOutcome::unanswered;
    if (made.outcome == SendOutcome::not_sent && !run->first_error) run->first_error = made.error;
    report(*run, *connection, number, made, attempts);
    co_return answered || maybe_sent || made.error.code == ErrorCode::invalid;
  }
}

Task<void> run_connection(Run* run, unsigned index) {
  Connection connection;
  connection.index = index;
  connection.destination = std::move(run->end.transport->make_destination(run->end.options, run->env).value());
  while (run->next < run->total) {
    const std::uint64_t number = run->next++;
    if (run->settings.rate > 0) {
      const nanoseconds offset(static_cast<std::int64_t>(static_cast<double>(number) * 1e9 / run->settings.rate));
      const SteadyTime slot = run->start + offset;
      if (slot > run->env.executor.now()) co_await env::sleep_until(slot);
    }
    const bool go_on = co_await deliver(run, &connection, number);
    if (!go_on) break;
  }
  connection.destination->close();
}

nanoseconds percentile(std::vector<std::uint32_t>& sorted, double share) {
  if (sorted.empty()) return nanoseconds(0);
  const auto at = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size()))) - 1;
  return std::chrono::microseconds(sorted[std::min(at, sorted.size() - 1)]);
}

void finish(Run& run) {
  SendSummary& summary = run.summary;
  summary.elapsed = run.env.executor.now() - run.start;
  summary.not_sent += run.total - summary.total();  // what connections that were given up left behind
  const double seconds = std::chrono::duration<double>(summary.elapsed).count();
  summary.per_second = seconds > 0 ? static_cast<double>(run.latencies.size()) / seconds : 0;
  std::ranges::sort(run.latencies);
  summary.p50 = percentile(run.latencies, 0.5);
  summary.p90 = percentile(run.latencies, 0.9);
  summary.p99 = percentile(run.latencies, 0.99);
  summary.longest = percentile(run.latencies, 1);
}

}  // namespace

std::string_view name_of(SendOutcome outcome) {
  switch (outcome) {
    case SendOutcome::accepted: return "accepted";
    case SendOutcome::refused: return "refused";
    case SendOutcome::unanswered: return "unanswered";
    case SendOutcome::not_sent: return "not sent";
  }
  SMARTHL7_UNREACHABLE("an outcome without a name");
}

Result<std::vector<SharedBytes>> split_messages(std::string_view file) {
  std::vector<SharedBytes> messages;
  std::string message;
  const auto end_message = [&] {
    if (!message.empty()) messages.emplace_back(std::move(message));
    message.clear();
  };
  if (file.starts_with("\xEF\xBB\xBF")) file.remove_prefix(3);
  while (!file.empty()) {
    const std::size_t end = std::min(file.find_first_of("\r\n\x0b\x1c"), file.size());
    const std::string_view line = file.substr(0, end);
    file.remove_prefix(std::min(end + 1, file.size()));
    if (line.starts_with("MSH")) end_message();
    const bool before_first = message.empty() && !line.starts_with("MSH");
    if (line.empty() || before_first || is_batch_line(line)) continue;
    message += line;
    message += '\r';
  }
  end_message();
  if (messages.empty()) return fail(ErrorCode::invalid, "there is no line that begins with MSH");
  return messages;
}

Task<Result<SendSummary>> send_messages(env::Env env, SendSettings settings, std::vector<SharedBytes> messages,
                                        SendObserver* observer) {
  if (messages.empty()) co_return fail(ErrorCode::invalid, "there is no message to send");
  Result<End> end = destination_end(settings.to, settings.tls);
  if (!end) co_return std::unexpected(std::move(end).error());
  end->options.set_number("release", settings.release);
  const auto probe = end->transport->make_destination(end->options, env);
  if (!probe) co_return std::unexpected(probe.error());
  Run run{.env = env,
          .settings = std::move(settings),
          .end = std::move(*end),
          .messages = std::move(messages),
          .control_ids = {},
          .observer = observer};
  for (const SharedBytes& message : run.messages) {
    const auto parsed = hl7::Message::parse(message.view());
    run.control_ids.emplace_back(parsed ? parsed->control_id() : std::string_view());
  }
  run.total = run.settings.repeat * run.messages.size();
  run.start = env.executor.now();
  env::Gate gate;
  for (unsigned i = 0; i < std::max(1U, run.settings.connections); ++i) gate.spawn(run_connection(&run, i));
  co_await gate.drained();
  finish(run);
  const bool nothing = run.summary.not_sent == run.total && run.first_error.has_value();
  if (nothing) co_return std::unexpected(std::move(*run.first_error));
  co_return run.summary;
}

}  // namespace smarthl7::app::peer
