// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/service/certificates.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "runtime/app/service/file_stamp.h"
#include "stdlib/base/certificate.h"

namespace smarthl7::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookEvery = 2s;
constexpr long kSoonDays = 30;

std::string day_of(WallTime time) { return to_iso8601(time).substr(0, 10); }

}  // namespace

struct Certificates::Watched {
  struct File {
    std::string path;
    FileStamp stamp;
  };
  std::string end;
  const std::vector<plan::OptionValue>* options = nullptr;
  std::shared_ptr<transport::Renewals> renewals;
  std::vector<File> files;
  Sha256 digest{};  // of all their bytes
  bool in_trouble = false;
  WallTime told{};  // when its coming end was last in the log
  std::vector<observe::CertificateStatus> shown;
};

Certificates::Certificates(CertificatesSetup setup) : setup_(std::move(setup)) {}
Certificates::~Certificates() { stop(); }

namespace {

constexpr std::string_view kLogin[] = {"key", "passphrase", "password", "known_hosts"};  // of SSH

bool is_renewable(const plan::Plan& plan, const plan::OptionValue& option) {
  const std::string& name = plan.text(option.name);
  return (name.starts_with("tls.") || std::ranges::find(kLogin, name) != std::end(kLogin)) &&
         (option.kind == plan::OptionKind::file || option.kind == plan::OptionKind::secret);
}

std::string path_of(const plan::Plan& plan, const plan::OptionValue& option, const BindingPlaces& places) {
  if (option.kind == plan::OptionKind::secret) return places.secrets + "/" + plan.text(plan.secrets[option.secret]);
  const std::string& relative = plan.text(option.file);
  return relative.starts_with('/') || places.folder.empty() ? relative : places.folder + "/" + relative;
}

/// Over the values, so that a file that was touched and says the same changes nothing.
Sha256 digest_of(const transport::Options& values) {
  std::string all;
  for (const char* name : {"tls.certificate", "tls.ca", "tls.clients", "tls.crl", "known_hosts"}) {
    all += to_hex(sha256(values.get_text(name)));
  }
  for (const char* name : {"tls.key", "key", "passphrase", "password"}) {
    const Secret value = values.get_secret(name);
    all += to_hex(sha256(value.reveal()));
  }
  return sha256(all);
}

}  // namespace

void Certificates::add(std::string end, const std::vector<plan::OptionValue>& options, transport::Options& bound) {
  auto watched = std::make_unique<Watched>();
  const plan::Plan& plan = setup_.plan->plan();
  for (const plan::OptionValue& option : options) {
    if (!is_renewable(plan, option)) continue;
    const std::string path = path_of(plan, option, setup_.places);
    watched->files.push_back({path, stamp_of(path)});
  }
  if (watched->files.empty()) return;
  watched->end = std::move(end);
  watched->options = &options;
  watched->renewals = std::make_shared<transport::Renewals>();
  watched->digest = digest_of(bound);
  bound.set_renewals(watched->renewals);
  describe(*watched, bound);
  all_.push_back(std::move(watched));
}

void Certificates::describe(Watched& watched, const transport::Options& values) {
  std::vector<observe::CertificateStatus> shown;
  for (const auto& [option, what] :
       {std::pair{"tls.certificate", "certificate"}, {"tls.ca", "authority"}, {"tls.clients", "authority of clients"}}) {
    if (values.get_text(option).empty()) continue;
    const auto read = read_certificates(values.get_text(option));
    if (!read) continue;  // the transport says what is wrong with it
    // Of a chain the own certificate ends first as a rule; of authorities each counts.
    const auto first = std::ranges::min_element(*read, {}, &smarthl7::Certificate::not_after);
    observe::CertificateStatus one;
    one.end = watched.end;
    one.what = what;
    one.subject = first->subject;
    one.not_after = first->not_after;
    one.sha256 = first->fingerprint;
    one.since = setup_.clock->wall();
    shown.push_back(std::move(one));
  }
  const std::lock_guard lock(mutex_);
  watched.shown = std::move(shown);
}

void Certificates::start() {
  if (all_.empty()) return;
  running_ = true;
  thread_->start("certificates");
  thread_->executor().post([this] { gate_.spawn(watch()); });
}

void Certificates::stop() {
  if (!running_) return;
  running_ = false;
  std::promise<void> told;
  thread_->executor().post([&] {
    stopping_ = true;
    changed_.notify_all();
    told.set_value();
  });
  told.get_future().wait();
  std::promise<void> ended;  // the frame ends in a job before this one
  thread_->executor().post([&] { ended.set_value(); });
  ended.get_future().wait();
  thread_->stop();
}

void Certificates::look_now() {
  if (!running_) return;
  thread_->executor().post([this] {
    asked_ = true;
    changed_.notify_all();
  });
}

env::Task<void> Certificates::watch() {
  while (!stopping_) {
    tell_of_ends();
    const SteadyTime next = env::Executor::current()->now() + kLookEvery;
    if (!asked_) co_await changed_.wait(next);
    if (stopping_) co_return;
    look(std::exchange(asked_, false));
  }
}

void Certificates::look(bool all) {
  for (const auto& watched : all_) look_at(*watched, all);
  if (all) setup_.log("info", fmt::format("certificates and keys of {} sources and destinations were read again", all_.size()));
}

void Certificates::look_at(Watched& watched, bool all) {
  bool changed = all || watched.in_trouble;
  for (Watched::File& file : watched.files) {
    const FileStamp now = stamp_of(file.path);  // before it is read: what is written meanwhile is seen at the next look
    changed = changed || now != file.stamp;
    file.stamp = now;
  }
  if (!changed) return;
  auto fresh = bind_options(*setup_.plan, *watched.options, setup_.places, *setup_.disk);
  Result<void> renewed;
  Sha256 digest{};
  if (fresh) {
    digest = digest_of(*fresh);
    if (digest != watched.digest || watched.in_trouble) renewed = watched.renewals->renew(*fresh);
  } else {
    renewed = std::unexpected(fresh.error());
  }
  if (!renewed) {
    const std::string trouble = renewed.error().describe();
    bool known = watched.in_trouble;
    watched.in_trouble = true;
    {
      const std::lock_guard lock(mutex_);
      for (auto& one : watched.shown) {
        known = known && one.trouble == trouble;
        one.trouble = trouble;
      }
    }
    if (!known)
      setup_.log("warning",
                 fmt::format("{}: its files changed and cannot be used, the old ones go on: {}", watched.end, trouble));
    return;
  }
  const bool other = digest != watched.digest;
  if (!other && !watched.in_trouble) return;
  watched.digest = digest;
  watched.in_trouble = false;
  watched.told = {};
  describe(watched, *fresh);
  if (!other) return;
  std::string until;
  for (const auto& one : watched.shown)
    if (one.what == "certificate") until = fmt::format(": {} until {}", one.subject, day_of(one.not_after));
  setup_.log("info", fmt::format("{}: new connections use the renewed files{}", watched.end, until));
}

/// Once a day each, from 30 days before.
void Certificates::tell_of_ends() {
  const WallTime now = setup_.clock->wall();
  for (const auto& watched : all_) {
    if (now - watched->told < std::chrono::days(1) && now >= watched->told) continue;
    watched->told = now;
    for (const auto& one : watched->shown) {
      const long left = static_cast<long>(std::chrono::floor<std::chrono::days>(one.not_after - now).count());
      if (left >= kSoonDays) continue;
      const std::string when = left < 0 ? fmt::format("expired on {}", day_of(one.not_after))
                                        : fmt::format("expires on {}, in {} days", day_of(one.not_after), left);
      setup_.log(left < 0 ? "error" : "warning", fmt::format("{}: the {} {} {}", watched->end, one.what, one.subject, when));
    }
  }
}

std::vector<observe::CertificateStatus> Certificates::states() const {
  std::vector<observe::CertificateStatus> out;
  const std::lock_guard lock(mutex_);
  for (const auto& watched : all_) out.insert(out.end(), watched->shown.begin(), watched->shown.end());
  return out;
}

}  // namespace smarthl7::app
