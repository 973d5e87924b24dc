// SPDX-License-Identifier: Apache-2.0
#include "runtime/trial/receiver.h"

namespace smarthl7::trial {
namespace {

/// What one message gets: acknowledgement codes in the order in which they are sent, and a condition of table 0357.
struct Reply {
  std::vector<std::string> codes;
  std::string condition;
  bool taken = false;
};

/// `always`, or only where something was wrong or right (table 0155).
bool asks(std::string_view condition, bool error) {
  return condition == "AL" || (condition == "ER" && error) || (condition == "SU" && !error);
}

Reply reply_to(const std::string& message, std::string code) {
  Reply reply;
  if (!code.empty() && code.front() >= '0' && code.front() <= '9') {
    reply.condition = code;
    code = code.front() == '1' ? "AE" : "AR";
  }
  const bool commit = code.front() == 'C';
  const bool error = code[1] != 'A';
  reply.taken = !error;
  const std::string accept = sim::field_of(message, "MSH", 15);
  const std::string application = sim::field_of(message, "MSH", 16);
  const bool enhanced = !accept.empty() || !application.empty();
  if (commit || !enhanced) {
    reply.codes.push_back(code);
    return reply;
  }
  // An application that refuses has the message all the same, unless nobody asks for its answer.
  const bool second = asks(application, error);
  if (asks(accept, error && !second)) reply.codes.push_back(error && !second ? "C" + code.substr(1) : "CA");
  if (second) reply.codes.push_back(code);
  return reply;
}

std::string text_of(std::size_t number, const std::string& message, const std::string& code, const std::string& condition) {
  const std::string id = sim::field_of(message, "MSH", 10);
  std::string text = "MSH|^~\\&|RECEIVER|TEST|HUB|HUB|20260101000000||ACK|R" + std::to_string(number) + code + "|P|2.5.1\r";
  text += "MSA|" + code + "|" + id + "\r";
  if (!condition.empty() && code.front() == 'A') text += "ERR||MSH^1|" + condition + "^^HL70357|E\r";
  return text;
}

}  // namespace

Receiver::Receiver(sim::World& world, sim::Wire& wire, const env::Endpoint& at)
    : world_(world), network_(wire, nullptr), at_(at), executor_(world) {}

void Receiver::start() {
  executor_.post([this] { gate_.spawn(listen()); });
}

void Receiver::answer(std::vector<plan::TrialAnswer> script) {
  script_ = std::move(script);
  step_ = 0;
  given_ = 0;
}

void Receiver::go_down(std::chrono::microseconds length) {
  back_at_ = length.count() == 0 ? kNever : world_.now() + length;
  if (listener_) listener_->close();
  for (sim::FrameLine* line : lines_) line->close();
}

plan::TrialAnswer Receiver::next_answer() {
  while (step_ < script_.size() && script_[step_].times != 0 && given_ == script_[step_].times) {
    ++step_;
    given_ = 0;
  }
  plan::TrialAnswer answer;
  answer.code = "AA";
  if (step_ < script_.size()) answer = script_[step_];
  ++given_;
  return answer;
}

env::Task<void> Receiver::listen() {
  while (true) {
    while (world_.now() < back_at_) co_await wake_.wait(back_at_);
    auto listening = network_.listen(at_);
    SMARTHL7_ASSERT(listening.has_value(), "each receiver has an address of its own");
    listener_ = std::move(*listening);
    while (true) {
      Result<std::unique_ptr<env::Incoming>> incoming = co_await listener_->accept();
      if (!incoming) break;
      auto stream = network_.adopt(std::move(*incoming));
      if (stream) gate_.spawn(serve(std::move(*stream)));
    }
    listener_.reset();
  }
}

env::Task<void> Receiver::serve(std::unique_ptr<env::Stream> stream) {
  sim::FrameLine line(std::move(stream));
  lines_.insert(&line);
  while (true) {
    Result<std::string> message = co_await line.read(kNever);
    if (!message) break;
    Arrival arrival;
    arrival.message = std::move(*message);
    arrival.at = world_.now();
    arrivals_.push_back(std::move(arrival));
    plan::TrialAnswer answer = next_answer();
    const bool on = co_await reply(&line, arrivals_.size() - 1, std::move(answer));
    if (!on) break;
  }
  line.close();
  lines_.erase(&line);
}

/// false: the connection ends.
env::Task<bool> Receiver::reply(sim::FrameLine* line, std::size_t arrival, plan::TrialAnswer answer) {
  const std::string late = answer.late_micros == 0 ? "" : ", late";
  if (answer.kind == plan::TrialAnswer::Kind::nothing) {
    arrivals_[arrival].answer = "nothing";
    co_return true;
  }
  if (answer.kind == plan::TrialAnswer::Kind::garbage) {
    arrivals_[arrival].answer = "garbage" + late;
    co_await env::sleep_until(world_.now() + std::chrono::microseconds(answer.late_micros));
    std::string garbage = "HTTP/1.1 400 Bad Request";
    Result<void> written = co_await line->write(std::move(garbage), kNever);
    co_return written.has_value();
  }
  const std::string message = arrivals_[arrival].message;
  const Reply replies = reply_to(message, answer.code);
  arrivals_[arrival].taken = replies.taken;
  for (const std::string& code : replies.codes) {
    std::string& said = arrivals_[arrival].answer;
    said += (said.empty() ? "" : " ") + code;
  }
  if (!replies.condition.empty()) arrivals_[arrival].answer += " " + replies.condition;
  arrivals_[arrival].answer += late;
  if (answer.late_micros != 0) co_await env::sleep_until(world_.now() + std::chrono::microseconds(answer.late_micros));
  for (const std::string& code : replies.codes) {
    std::string text = text_of(arrival + 1, message, code, replies.condition);
    Result<void> written = co_await line->write(std::move(text), kNever);
    if (!written) co_return false;
  }
  co_return true;
}

}  // namespace smarthl7::trial
