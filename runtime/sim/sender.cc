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
  constexpr std::uint32_t kMostNotNow = 6;  // a message that its receiver gave up is never delivered
  while (next_ < promises_.size()) {
    Promise* promise = &promises_[next_];
    bool settled = false;
    while (!settled) {
      settled = co_await send_once(promise, false);
      if (!settled && options_.delivered && promise->not_now >= kMostNotNow) break;
      if (!settled) co_await env::sleep_until(world_.now() + rng_.micros(1'000, 400'000));
    }
    if (promise->accepted && rng_.chance(options_.again_per_mille)) {
      world_.injected().add(Injected::copy);
      co_await send_once(promise, false);
    }
    ++next_;
    if (rng_.chance(options_.late_again_per_mille)) {
      Promise* old = earlier();
      const bool other_time = rng_.chance(500);
      if (old != nullptr) {
        world_.injected().add(Injected::late_copy);
        co_await send_once(old, other_time);
      }
    }
    co_await env::sleep_until(world_.now() + rng_.micros(0, options_.most_pause_micros));
  }
  if (line_) line_->close();
}

/// One that was accepted and is the last one so far of its control id: another one's content would make it a conflict.
Promise* Sender::earlier() {
  Promise* one = &promises_[rng_.below(next_)];
  if (!one->accepted) return nullptr;
  for (std::size_t i = static_cast<std::size_t>(one - promises_.data()) + 1; i < next_; ++i)
    if (promises_[i].control_id == one->control_id && !promises_[i].refused) return nullptr;
  return one;
}

/// False: the connection has ended and nothing was said about the message.
env::Task<bool> Sender::send_rudely(Promise* promise, SteadyTime deadline) {
  std::string bytes = "\x0B" + promise->message;
  const auto way = rng_.below(4);
  if (way == 0) {
    world_.injected().add(Injected::noise);
    std::string noise = "\r\nnoise " + std::string(rng_.below(40), '.');
    Result<void> written = co_await line_->write_raw(std::move(noise), deadline);
    co_return written.has_value();
  }
  if (way == 1) {
    world_.injected().add(Injected::half_message);
    bytes.resize(rng_.between(1, bytes.size()));
  } else if (way == 2) {
    world_.injected().add(Injected::nested_frame);
    const std::size_t half = rng_.between(2, bytes.size());
    bytes = bytes.substr(0, half) + bytes + "\x1C\r";
  } else {
    world_.injected().add(Injected::impatient);
    bytes += "\x1C\r";
  }
  Result<void> written = co_await line_->write_raw(std::move(bytes), deadline);
  if (written && way == 2) co_await line_->read(deadline);
  line_.reset();
  co_return false;
}

env::Task<bool> Sender::send_once(Promise* promise, bool other_time) {
  const SteadyTime deadline = world_.now() + options_.patience;
  if (!line_) {
    Result<std::unique_ptr<env::Stream>> stream = co_await network_.connect(options_.hub, deadline);
    if (!stream) co_return false;
    line_ = std::make_unique<FrameLine>(std::move(*stream));
  }
  ++promise->sends;
  if (promise->sent_at == kNever) promise->sent_at = world_.now();
  if (rng_.chance(options_.rude_per_mille)) {
    const bool on = co_await send_rudely(promise, deadline);
    if (!on) {
      line_.reset();
      co_return false;
    }
  }
  std::string message = promise->message;
  if (other_time) {
    const std::string time = field_of(message, "MSH", 7);
    message.replace(message.find("|" + time + "|") + 1, time.size(), "20260102030405");
  }
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
  if ((options_.relayed || options_.delivered) && not_now) {  // the receiver has not answered yet: it asks again
    ++promise.not_now;
    return false;
  }
  const bool fits = field_of(answer, "MSA", 1) == "AA" || options_.relayed;
  if (!fits || field_of(answer, "MSA", 2) != promise.control_id) {
    complaints_.push_back(promise.control_id + ": CA was not followed by its AA");
    return true;
  }
  if (promise.delivered_at == kNever) promise.delivered_at = world_.now();
  if (!options_.delivered && !promise.second.empty() && promise.second != answer)
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
    const bool own = options_.delivered && !enhanced;
    if (own && promise.delivered_at == kNever) promise.delivered_at = world_.now();
    if (!own && promise.accepted && promise.answer != answer)
      complaints_.push_back(promise.control_id + ": a copy got another acknowledgement");
    if (!promise.accepted) {
      promise.accepted = true;
      promise.accepted_at = world_.now();
      promise.answer = answer;
    }
    return true;
  }
  const bool not_now = field_of(answer, "ERR", 3).starts_with("207");
  if (not_now) {
    ++promise.not_now;
    return false;
  }
  if (promise.accepted) complaints_.push_back(promise.control_id + ": refused after it had been taken");
  promise.refused = true;
  return true;
}

}  // namespace smarthl7::sim
