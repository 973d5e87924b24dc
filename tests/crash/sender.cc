// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/sender.h"

#include <chrono>

#include "tests/support/line.h"

namespace smarthl7::testing {

Sender::Sender(unsigned short port, std::function<std::string(std::uint64_t)> make, std::atomic<int>& unanswered)
    : port_(port), make_(std::move(make)), unanswered_(unanswered), thread_([this] { work(); }) {}

void Sender::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

std::vector<std::string> Sender::acknowledged() const {
  const std::lock_guard lock(mutex_);
  return acknowledged_;
}

void Sender::work() {
  Line line;
  std::uint64_t n = 1;
  std::string message = make_(n);
  while (true) {
    if (!line.open() && !line.connect(port_)) {
      if (stopping_) return;  // the hub is down: what is in hand was not acknowledged
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      continue;
    }
    bool answered = false;
    std::string answer;
    if (line.write_frame(message)) {
      ++unanswered_;
      answered = line.read_frame(answer, 20);
      --unanswered_;
    }
    if (!answered) {
      line.close();
      continue;
    }
    const auto [code, id] = msa_of(answer);
    if (id != control_id_of(message)) {
      trouble_ = "answer for `" + id + "` to `" + control_id_of(message) + "`";
      return;
    }
    if (code != "AA") {  // 207 while the store stops: send again
      if (answer.find("|207") == std::string::npos) {
        trouble_ = "answer " + code + " to `" + id + "`";
        return;
      }
      line.close();
      continue;
    }
    {
      const std::lock_guard lock(mutex_);
      acknowledged_.push_back(id);
      ++count_;
    }
    if (stopping_) return;
    message = make_(++n);
  }
}

}  // namespace smarthl7::testing
