// SPDX-License-Identifier: Apache-2.0
#include "runtime/trial/sender.h"

namespace smarthl7::trial {
namespace {

constexpr auto kPatience = std::chrono::minutes(1);

std::string_view piece(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return taken;
}

}  // namespace

std::vector<Ack> acks_in(std::string_view answer) {
  std::vector<Ack> acks;
  while (!answer.empty()) {
    const std::string_view segment = piece(answer, '\r');
    if (segment.starts_with("MSA") && segment.size() > 4) {
      std::string_view rest = segment.substr(4);
      Ack& ack = acks.emplace_back();
      ack.code = piece(rest, segment[3]);
      ack.control_id = piece(rest, segment[3]);
      ack.text = segment;
    } else if (segment.starts_with("ERR") && !acks.empty()) {
      acks.back().text.append("\r").append(segment);
    }
  }
  return acks;
}

Sender::Sender(sim::World& world, sim::Wire& wire, const env::Endpoint& hub)
    : world_(world), network_(wire, nullptr), hub_(hub), executor_(world) {}

void Sender::send(std::vector<std::string> frames) {
  before_ = acks_.size();
  refused_ = false;
  frames_ = std::move(frames);
  executor_.post([this] { gate_.spawn(run()); });
}

env::Task<void> Sender::run() {
  for (const std::string& frame : frames_) {
    std::string text = frame;
    const bool sent = co_await send_one(std::move(text));
    if (!sent) refused_ = true;
  }
  frames_.clear();
}

env::Task<bool> Sender::send_one(std::string frame) {
  const SteadyTime deadline = world_.now() + kPatience;
  if (!line_) {
    Result<std::unique_ptr<env::Stream>> stream = co_await network_.connect(hub_, deadline);
    if (!stream) co_return false;
    line_ = std::make_shared<sim::FrameLine>(std::move(*stream));
    std::shared_ptr<sim::FrameLine> line = line_;
    gate_.spawn(read(std::move(line)));
  }
  const std::size_t had = acks_.size();
  const std::shared_ptr<sim::FrameLine> line = line_;
  Result<void> written = co_await line->write(std::move(frame), deadline);
  if (!written) {
    line_.reset();
    co_return false;
  }
  while (acks_.size() == had && line_ == line && world_.now() < deadline) co_await answered_.wait(deadline);
  co_return line_ == line || acks_.size() > had;
}

env::Task<void> Sender::read(std::shared_ptr<sim::FrameLine> line) {
  while (true) {
    Result<std::string> answer = co_await line->read(kNever);
    if (!answer) break;
    for (Ack& ack : acks_in(*answer)) acks_.push_back(std::move(ack));
    answered_.notify_all();
  }
  line->close();
  if (line_ == line) line_.reset();
  answered_.notify_all();
}

}  // namespace smarthl7::trial
