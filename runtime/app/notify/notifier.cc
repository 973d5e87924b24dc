// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/notify/notifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "runtime/app/notify/carrier.h"

namespace smarthl7::app {
namespace {

using Clock = std::chrono::steady_clock;

struct Way {  // one address of one contact
  std::string contact;
  std::string address;
  bool is_mail = false;
};

struct Job {
  Notice notice;
  std::vector<Way> left;              // who has not heard
  std::vector<std::string> given_up;  // "oncall: the pager answered 404"
  Clock::time_point began;
  Clock::time_point due;
  std::chrono::milliseconds pause;
};

/// Who has not heard of the beginning need not hear of it after the end.
bool supersedes(const Notice& newer, const Notice& older) {
  return newer.over && !older.over && newer.alert == older.alert && newer.began == older.began;
}

}  // namespace

struct Notifier::State {
  explicit State(NotifierSetup given) : setup(std::move(given)) {}

  void run();
  void attempt(Job& job);
  [[nodiscard]] std::vector<Way> ways_to(const std::vector<std::string>& contacts) const;
  Result<void> carry(const Way& way, const Notice& notice) {
    if (way.is_mail)
      return carrier.mail(setup.mail_server, setup.mail_from, way.address, to_mail(notice, setup.mail_from, way.address));
    return carrier.post(way.address, to_json(notice), notice.key());
  }

  NotifierSetup setup;
  Carrier carrier;
  std::mutex mutex;  // of the following
  std::condition_variable changed;
  std::deque<Job> jobs;
  bool stopping = false;
  std::thread thread;
};

std::vector<Way> Notifier::State::ways_to(const std::vector<std::string>& contacts) const {
  std::vector<Way> ways;
  for (const ContactAddress& one : setup.contacts) {
    if (std::ranges::find(contacts, one.contact) == contacts.end()) continue;
    if (!one.page.empty()) ways.push_back({one.contact, one.page, false});
    if (!one.email.empty() && !setup.mail_server.empty()) ways.push_back({one.contact, one.email, true});
  }
  return ways;
}

void Notifier::State::attempt(Job& job) {
  std::vector<Way> left;
  std::string last;
  const bool too_long = Clock::now() - job.began >= setup.give_up_after;
  for (const Way& way : job.left) {
    const Result<void> carried = carry(way, job.notice);
    if (carried) continue;
    const std::string why = fmt::format("{}: {}", way.contact, carried.error().describe());
    if (carried.error().code == ErrorCode::invalid || too_long) {
      job.given_up.push_back(why);
    } else {
      last = why;
      left.push_back(way);
    }
  }
  job.left = std::move(left);
  {
    const std::lock_guard lock(mutex);
    if (stopping) return;  // interrupted: the next start tells it
  }
  if (!job.left.empty()) {
    job.due = Clock::now() + job.pause;
    job.pause = std::min(job.pause * 2, setup.most_pause);
    setup.done(job.notice, false, last);
    return;
  }
  std::string problem;
  for (const std::string& one : job.given_up) problem += (problem.empty() ? "" : "; ") + one;
  setup.done(job.notice, true, problem);
}

void Notifier::State::run() {
  std::unique_lock lock(mutex);
  while (!stopping) {
    const auto next = std::ranges::min_element(jobs, {}, &Job::due);
    if (next == jobs.end()) {
      changed.wait(lock);
      continue;
    }
    if (next->due > Clock::now()) {
      const auto until = next->due;
      changed.wait_until(lock, until);
      continue;
    }
    Job job = std::move(*next);
    jobs.erase(next);
    lock.unlock();
    attempt(job);
    lock.lock();
    const auto ends_it = [&job](const Job& other) { return supersedes(other.notice, job.notice); };
    if (!job.left.empty() && std::ranges::none_of(jobs, ends_it)) jobs.push_back(std::move(job));
  }
}

Notifier::Notifier(NotifierSetup setup) : state_(std::make_unique<State>(std::move(setup))) {
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

Notifier::~Notifier() { stop(); }

bool Notifier::reaches(const std::vector<std::string>& contacts) const { return !state_->ways_to(contacts).empty(); }

bool Notifier::tell(Notice notice) {
  Job job;
  job.left = state_->ways_to(notice.contacts);
  job.notice = std::move(notice);
  job.began = job.due = Clock::now();
  job.pause = state_->setup.first_pause;
  const std::lock_guard lock(state_->mutex);
  std::erase_if(state_->jobs, [&job](const Job& older) { return supersedes(job.notice, older.notice); });
  if (state_->jobs.size() >= kMostNotices) return false;
  state_->jobs.push_back(std::move(job));
  state_->changed.notify_all();
  return true;
}

void Notifier::stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    state_->changed.notify_all();
  }
  state_->carrier.interrupt();
  if (state_->thread.joinable()) state_->thread.join();
}

}  // namespace smarthl7::app
