// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/observer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <unordered_map>

#include "tests/support/line.h"
#include "tests/support/oru_generator.h"

namespace smarthl7::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::array<const char*, 3> kNames = {"in_order", "by_patient", "in_any_order"};
constexpr std::array<std::size_t, 3> kLanes = {1, 4, 8};
constexpr std::size_t kWindow = 256;
constexpr std::size_t kFindings = 20;

OruOptions options_of(int sender) {
  OruOptions options;
  options.seed = static_cast<std::uint64_t>(sender) + 1;
  options.patients = 50;
  options.control_prefix = "S" + std::to_string(sender) + "X";
  return options;
}

struct Sent {  // what a control id says
  int sender = 0;
  std::uint64_t number = 0;
};

Sent sent_of(const std::string& id) {
  Sent out;
  const auto x = id.find('X');
  std::from_chars(id.data() + 1, id.data() + x, out.sender);
  std::from_chars(id.data() + x + 1, id.data() + id.size(), out.number);
  return out;
}

std::string patient_of(const Sent& sent) {
  const std::string message = make_oru(options_of(sent.sender), sent.number);
  const auto at = message.find("PID|1||") + 7;
  return message.substr(at, message.find('|', at) - at);
}

}  // namespace

std::size_t Account::lost() const {
  std::size_t sum = 0;
  for (const auto& one : destinations) sum += one.lost;
  return sum;
}
std::size_t Account::out_of_order() const {
  std::size_t sum = 0;
  for (const auto& one : destinations) sum += one.out_of_order;
  return sum;
}
std::size_t Account::repeats() const {
  std::size_t sum = 0;
  for (const auto& one : destinations) sum += one.repeats;
  return sum;
}
std::size_t Account::unlisted() const {
  std::size_t sum = 0;
  for (const auto& one : destinations) sum += one.unlisted;
  return sum;
}

std::string Account::text() const {
  std::string out =
      fmt::format("acknowledged {}\n{:14}{:>10}{:>8}{:>14}{:>15}{:>16}{:>10}{:>14}\n", acknowledged, "destination", "arrived",
                  "lost", "out of order", "arrived twice", "not in ledger", "ledger", "most at once");
  for (const Destination& one : destinations)
    out += fmt::format("{:14}{:>10}{:>8}{:>14}{:>15}{:>16}{:>10}{:>14}\n", one.name, one.arrived, one.lost, one.out_of_order,
                       one.repeats, one.unlisted, one.ledger, one.most_at_once);
  for (const std::string& finding : findings) out += "  " + finding + "\n";
  return out;
}

Observer::Observer(const std::string& program, const std::string& folder, int senders)
    : hub_(program, std::string(SMARTHL7_SOURCE_DIR) + "/tests/crash/three.route", folder,
           {{"hub_port", std::to_string(port_)},
            {"fifo_port", std::to_string(receivers_[0].port())},
            {"patient_port", std::to_string(receivers_[1].port())},
            {"none_port", std::to_string(receivers_[2].port())}}) {
  for (int i = 0; i < senders; ++i) {
    const auto make = [i](std::uint64_t n) { return make_oru(options_of(i), n); };
    senders_.push_back(std::make_unique<Sender>(port_, make, unanswered_));
  }
}

std::size_t Observer::acknowledged() const {
  std::size_t sum = 0;
  for (const auto& sender : senders_) sum += sender->count();
  return sum;
}

bool Observer::load(std::size_t answers, std::chrono::seconds within) {
  const std::size_t before = acknowledged();
  bool ended = false;
  const bool known = eventually(within, [&] {
    ended = hub_.process().poll() != -1;
    return ended || acknowledged() >= before + answers;
  });
  return known && !ended;
}

void Observer::stop_senders() {
  for (auto& sender : senders_) sender->stop();
}

void Observer::slow_receivers(int milliseconds) {
  for (auto& receiver : receivers_) receiver.slow_down(milliseconds);
}

Account Observer::account(bool drained) {
  Account out;
  if (drained && !eventually(180s, [&] { return hub_.queued() == 0; })) out.findings.emplace_back("the queues do not drain");
  std::vector<std::string> acknowledged;
  for (const auto& sender : senders_) {
    if (!sender->trouble().empty()) out.findings.push_back("a sender got: " + sender->trouble());
    const auto ids = sender->acknowledged();
    acknowledged.insert(acknowledged.end(), ids.begin(), ids.end());
  }
  out.acknowledged = acknowledged.size();
  const auto note = [&](std::string text) {
    if (out.findings.size() < kFindings) out.findings.push_back(std::move(text));
  };
  std::unordered_map<std::string, std::string> patients;
  for (std::size_t i = 0; i < receivers_.size(); ++i) {
    Account::Destination& to = out.destinations[i];
    to.name = kNames[i];
    std::set<std::string> seen;
    std::vector<std::string> repeated;
    std::map<std::string, std::uint64_t> latest;  // by what orders
    for (const std::string& id : receivers_[i].arrivals()) {
      if (!seen.insert(id).second) {
        repeated.push_back(id);
        continue;
      }
      if (i == 2) continue;
      const Sent sent = sent_of(id);
      const std::string key = std::to_string(sent.sender) + (i == 1 ? patient_of(sent) : std::string());
      std::uint64_t& last = latest[key];
      if (sent.number < last) {
        ++to.out_of_order;
        note(fmt::format("{} arrived out of order at {}", id, to.name));
      }
      last = std::max(last, sent.number);
    }
    to.arrived = seen.size();
    to.repeats = repeated.size();
    for (const std::string& id : acknowledged) {
      if (seen.contains(id)) continue;
      ++to.lost;
      note(fmt::format("{} was acknowledged and did not arrive at {}", id, to.name));
    }
    if (drained) read_ledger(to, repeated, out);
  }
  return out;
}

void Observer::read_ledger(Account::Destination& to, const std::vector<std::string>& repeated, Account& into) {
  std::map<std::uint64_t, std::size_t> entries;  // of a message
  std::map<std::string, std::size_t> at_once;
  for (std::uint64_t after = 0;;) {
    const auto page = hub_.get(fmt::format("/v1/ambiguous?destination={}&limit=10000&after={}", to.name, after));
    if (!page.is_object()) {
      into.findings.push_back("the ledger of " + to.name + " cannot be read");
      return;
    }
    const auto& rows = page.at("ambiguous").as_array();
    // A page may end amid a message's entries: those of its last message are read again with the next page.
    const std::uint64_t last = rows.empty() ? 0 : rows.back().at("message").to_number<std::uint64_t>();
    const bool more = rows.size() == 10000;
    for (const auto& row : rows) {
      const auto message = row.at("message").to_number<std::uint64_t>();
      if (more && message == last) break;
      ++to.ledger;
      ++entries[message];
      ++at_once[std::string(row.at("found_at").as_string())];
      after = message;
    }
    if (!more) break;
  }
  for (const auto& [when, count] : at_once) to.most_at_once = std::max(to.most_at_once, count);
  const std::size_t window = kWindow * kLanes[static_cast<std::size_t>(&to - into.destinations.data())];
  if (to.most_at_once > window)
    into.findings.push_back(fmt::format("{}: {} entries found by one start", to.name, to.most_at_once));
  std::map<std::string, std::size_t> times;
  for (const std::string& id : repeated) ++times[id];
  for (const auto& [id, count] : times) {
    std::size_t listed = 0;
    const auto found = hub_.get("/v1/messages?control_id=" + id);
    if (found.is_object())
      for (const auto& row : found.at("messages").as_array()) {
        const auto known = entries.find(row.at("id").to_number<std::uint64_t>());
        if (known != entries.end()) listed += known->second;
      }
    if (listed >= count) continue;
    to.unlisted += count - listed;
    if (into.findings.size() < kFindings)
      into.findings.push_back(fmt::format("{} came {} times more to {}, and is listed {} times", id, count, to.name, listed));
  }
}

}  // namespace smarthl7::testing
