// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/service/alerts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <array>
#include <set>

#include "runtime/alert/watch.h"
#include "runtime/app/notify/notifier.h"
#include "runtime/env/completion.h"
#include "runtime/env/real/real.h"

namespace smarthl7::app {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

}  // namespace

class Alerts::Body final : public alert::Subject, public alert::Teller {
 public:
  explicit Body(AlertSetup setup) : setup_(std::move(setup)), hub_(host_name()) {}

  void start();
  env::Task<void> stop();
  env::Task<std::vector<observe::AlertStatus>> states();

  env::Task<Result<alert::Observed>> observe() override;
  env::Task<std::optional<WallTime>> last_message(std::string source) override;
  bool tell(const alert::Event& event) override;
  void warn(const Error& error) override { setup_.log("warning", "alerts: " + error.describe()); }

 private:
  [[nodiscard]] NotifierSetup notifier_setup();
  env::Task<void> gather(env::Completion<Result<alert::Observed>>* done);
  env::Task<void> live();
  env::Task<void> end(env::Completion<bool>* done);

  AlertSetup setup_;
  std::string hub_;
  std::unique_ptr<alert::Watch> watch_;
  env::Signal ended_;
  bool over_ = false;
  env::Gate gate_;
  std::unique_ptr<env::RealReactor> reactor_ = env::make_reactor();
  std::unique_ptr<Notifier> notifier_;  // ends first: it posts to the reactor
};

NotifierSetup Alerts::Body::notifier_setup() {
  NotifierSetup out;
  out.mail_server = setup_.mail_server;
  out.mail_from = setup_.mail_from.empty() ? "smarthl7@" + hub_ : setup_.mail_from;
  const plan::Plan& plan = setup_.plan->plan();
  std::set<std::string> contacts;
  for (const plan::Alert& alert : plan.alerts)
    for (plan::Id at = 0; at < alert.notify.count; ++at) contacts.insert(plan.text(plan.lists[alert.notify.first + at]));
  for (const std::string& name : contacts) {
    ContactAddress address;
    address.contact = name;
    for (const auto& [contact, target] : setup_.contacts) {
      if (contact != name) continue;
      constexpr std::string_view kMail = "mailto:";
      if (target.starts_with(kMail)) {
        address.email = target.substr(kMail.size());
      } else {
        address.page = target;
      }
    }
    if (address.email.empty() && address.page.empty())
      setup_.log("warning", fmt::format("contact {} is not reached: its alerts are only logged (see run --contact)", name));
    if (!address.email.empty() && setup_.mail_server.empty())
      setup_.log("warning", fmt::format("contact {} is to get e-mails, and there is no --mail-server", name));
    out.contacts.push_back(std::move(address));
  }
  for (const auto& [contact, target] : setup_.contacts)
    if (!contacts.contains(contact)) setup_.log("warning", fmt::format("no alert tells the contact {} of --contact", contact));
  out.done = [this](const Notice& notice, bool over, const std::string& problem) {
    if (!problem.empty())
      setup_.log("warning", fmt::format("alert {}: {} {}", notice.alert, problem, over ? "(given up)" : "(tried again)"));
    reactor_->executor().post([this, notice, over, problem] {
      if (over) {
        watch_->told(notice.alert, notice.began, notice.over, problem);
      } else {
        watch_->telling(notice.alert, problem);
      }
    });
  };
  return out;
}

void Alerts::Body::start() {
  alert::WatchSetup setup;
  setup.plan = setup_.plan;
  setup.subject = this;
  setup.teller = this;
  setup.clock = setup_.clock;
  setup.disk = setup_.disk;
  setup.folder = setup_.data;
  setup.reserve_bytes = setup_.reserve_bytes;
  watch_ = std::make_unique<alert::Watch>(std::move(setup));
  notifier_ = std::make_unique<Notifier>(notifier_setup());
  reactor_->start("alerts");
  reactor_->executor().post([this] { gate_.spawn(live()); });
}

env::Task<void> Alerts::Body::live() {
  co_await watch_->run();
  over_ = true;
  ended_.notify_all();
}

env::Task<void> Alerts::Body::end(env::Completion<bool>* done) {
  watch_->stop();
  while (!over_) co_await ended_.wait();
  done->complete(true);
}

env::Task<void> Alerts::Body::stop() {
  env::Completion<bool> ended;
  reactor_->executor().post([this, target = &ended] { gate_.spawn(end(target)); });
  co_await ended;
}

env::Task<std::vector<observe::AlertStatus>> Alerts::Body::states() {
  env::Completion<std::vector<observe::AlertStatus>> asked;
  reactor_->executor().post([this, target = &asked] { target->complete(watch_->states()); });
  std::vector<observe::AlertStatus> states = co_await asked;
  co_return states;
}

env::Task<void> Alerts::Body::gather(env::Completion<Result<alert::Observed>>* done) {
  alert::Observed observed;
  flow::EngineSnapshot engine = co_await setup_.engine->snapshot();
  observed.engine = std::move(engine);
  Result<store::StoreStatus> kept = co_await setup_.store->status();
  if (!kept) {
    done->complete(std::unexpected(std::move(kept).error()));
    co_return;
  }
  observed.store = std::move(*kept);
  for (observe::TableStatus& table : setup_.tables())
    observed.tables.emplace_back(std::move(table.name), std::move(table.trouble));
  done->complete(std::move(observed));
}

env::Task<Result<alert::Observed>> Alerts::Body::observe() {
  env::Completion<Result<alert::Observed>> looked;
  setup_.first->post([this, target = &looked] { setup_.gate->spawn(gather(target)); });
  Result<alert::Observed> observed = co_await looked;
  co_return observed;
}

env::Task<std::optional<WallTime>> Alerts::Body::last_message(std::string source) {
  store::MessageFilter filter;
  filter.source = std::move(source);
  filter.newest_first = true;
  filter.limit = 1;
  const auto rows = co_await setup_.store->messages(std::move(filter));
  if (!rows || rows->empty()) co_return std::optional<WallTime>();
  co_return std::optional<WallTime>(rows->front().received_at);
}

bool Alerts::Body::tell(const alert::Event& event) {
  const std::string tells = event.contacts.empty() ? "" : fmt::format(" (tells {})", fmt::join(event.contacts, ", "));
  setup_.log(event.over ? "info" : "warning",
             fmt::format("alert {} {}: {}{}", event.alert, event.over ? "is over" : "fires", event.text, tells));
  if (!notifier_->reaches(event.contacts)) return true;
  Notice notice;
  notice.alert = event.alert;
  notice.over = event.over;
  notice.began = event.began;
  notice.at = event.at;
  notice.text = event.text;
  notice.hub = hub_;
  notice.environment = setup_.environment;
  notice.contacts = event.contacts;
  if (!notifier_->tell(std::move(notice)))
    setup_.log("error", fmt::format("alert {}: too many wait to be told; this one is told after the next start", event.alert));
  return false;
}

Alerts::Alerts(AlertSetup setup) : body_(std::make_unique<Body>(std::move(setup))) {}
Alerts::~Alerts() = default;
void Alerts::start() { body_->start(); }
env::Task<void> Alerts::stop() { return body_->stop(); }
env::Task<std::vector<observe::AlertStatus>> Alerts::states() { return body_->states(); }

}  // namespace smarthl7::app
