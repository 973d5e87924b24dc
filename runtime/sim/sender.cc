// SPDX-License-Identifier: Apache-2.0
#include "runtime/sim/sender.h"

#include "runtime/env/signal.h"

namespace smarthl7::sim {

Sender::Sender(World& world, Wire& wire, SenderOptions options)
    : world_(world), rng_(world.rng().split()), options_(std::move(options)), network_(wire, nullptr), executor_(world) {
  for (const std::string& message : options_.messages) {
    Promise promise;
    promise.message = message;
    promise.control_id = field_of(message, "MSH", 10);
    promises_.push_back(std::move(promise));
  }
}

void Sender::start() {
  executor_.post([this] { gate_.spawn(run()); });
}

env::Task<void> Sender::run() {
  while (next_ < promises_.size()) {
    Promise* promise = &promises_[next_];
    bool settled = false;
    while (!settled) {
      settled = co_await send_once(promise);
      if (!settled) co_await env::sleep_until(world_.now() + rng_.micros(1'000, 400'000));
    }
    if (promise->accepted && rng_.chance(options_.again_per_mille)) co_await send_once(promise);
    ++next_;
    co_await env::sleep_until(world_.now() + rng_.micros(0, options_.most_pause_micros));
  }
  if (line_) line_->close();
}

env::Task<bool> Sender::send_once(Promise* promise) {
  const SteadyTime deadline = world_.now() + options_.patience;
  if (!line_) {
    Result<std::unique_ptr<env::Stream>> stream = co_await network_.connect(options_.hub, deadline);
    if (!stream) co_return false;
    line_ = std::make_unique<FrameLine>(std::move(*stream));
  }
  ++promise->sends;
  std::string message = promise->message;
  Result<void> written = co_await line_->write(std::move(message), deadline);
  if (!written) {
    line_.reset();
    co_return false;
  }
  Result<std::string> answer = co_await line_->read(deadline);
  if (!answer) {  // a late answer must not be taken for the next message's
    line_.reset();
    co_return false;
  }
  const bool settled = judge(*promise, *answer);
  if (field_of(*answer, "MSA", 1) != "CA") co_return settled;
  Result<std::string> second = co_await line_->read(deadline);
  if (!second) {
    line_.reset();
    co_return false;
  }
  co_return judge_second(*promise, *second);
}

bool Sender::judge_second(Promise& promise, const std::string& answer) {
  const bool not_now = field_of(answer, "ERR", 3).starts_with("207");
  if (options_.relayed && not_now) return false;  // the receiver has not answered yet: it asks again
  const bool fits = field_of(answer, "MSA", 1) == "AA" || options_.relayed;
  if (!fits || field_of(answer, "MSA", 2) != promise.control_id) {
    complaints_.push_back(promise.control_id + ": CA was not followed by its AA");
    return true;
  }
  if (!promise.second.empty() && promise.second != answer)
    complaints_.push_back(promise.control_id + ": a copy got another application acknowledgement");
  promise.second = answer;
  return true;
}

bool Sender::judge(Promise& promise, const std::string& answer) {
  const std::string code = field_of(answer, "MSA", 1);
  const std::string id = field_of(answer, "MSA", 2);
  if (id != promise.control_id) {
    complaints_.push_back(promise.control_id + ": answered with MSA-2 '" + id + "'");
    return false;
  }
  const bool enhanced = field_of(promise.message, "MSH", 15) == "AL";
  if (code == (enhanced ? "CA" : "AA")) {
    if (promise.refused) complaints_.push_back(promise.control_id + ": taken after it had been refused");
    if (promise.accepted && promise.answer != answer)
      complaints_.push_back(promise.control_id + ": a copy got another acknowledgement");
    if (!promise.accepted) {
      promise.accepted = true;
      promise.accepted_at = world_.now();
      promise.answer = answer;
    }
    return true;
  }
  const bool not_now = field_of(answer, "ERR", 3).starts_with("207");
  if (not_now) return false;
  if (promise.accepted) complaints_.push_back(promise.control_id + ": refused after it had been taken");
  promise.refused = true;
  return true;
}

}  // namespace smarthl7::sim
