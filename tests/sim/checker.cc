// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "tests/sim/history.h"
#include "tests/sim/plan.h"

namespace smarthl7::sim {

namespace {

class Checker {
 public:
  Checker(const History& history, HistoryCounts& counts) : history_(history), counts_(counts) {
    for (const Sender* sender : *history.senders)
      for (const Promise& promise : sender->promises()) promises_[promise.control_id] = &promise;
    for (const auto& [id, control_id] : history.books.control_ids) ids_[control_id] = id;
    for (const auto& dead : history.books.dead) dead_.insert({dead.destination, dead.control_id});
    for (const auto& listed : history.books.ambiguities) listed_.insert({listed.destination, listed.delivery.message});
  }

  std::vector<std::string> run() {
    for (const Sender* sender : *history_.senders)
      for (const std::string& complaint : sender->complaints()) broken_.push_back(complaint);
    for (const auto& [destination, sink] : history_.sinks) {
      nothing_lost(destination, *sink);
      nothing_foreign(destination, *sink);
      duplicates_are_listed(destination, *sink);
    }
    for (const Sender* sender : *history_.senders)
      order_kept(kFifoName, *sender, [](const Promise&) { return std::set<std::string>{""}; });
    keyed_order_kept();
    windows_kept();
    if (history_.registry != nullptr) batches_kept(*history_.registry);
    return std::move(broken_);
  }

 private:
  void nothing_lost(const std::string& destination, const Sink& sink) {
    std::set<std::string> taken;
    for (const Arrival& arrival : sink.arrivals())
      if (arrival.taken) taken.insert(arrival.control_id);
    for (const auto& [id, promise] : promises_) {
      // A sender that hears the receiver's own refusal: the hub took the message all the same.
      const bool by_receiver = history_.responds && dead_.contains({kFifoName, id});
      if (promise->refused && !by_receiver && taken.contains(id))
        broken_.push_back(id + ": refused, yet delivered to " + destination);
      if (!promise->accepted) continue;
      const bool dead = dead_.contains({destination, id});
      if (!taken.contains(id) && !dead) broken_.push_back(id + ": lost: acknowledged, and never taken by " + destination);
      if (dead && !sink.refused().contains(id))
        broken_.push_back(id + ": given up, though " + destination + " never refused it");
    }
    counts_.dead +=
        static_cast<std::uint64_t>(std::ranges::count_if(dead_, [&](const auto& d) { return d.first == destination; }));
  }

  /// Without what the plan sets in MSH-15 and MSH-16; some senders have set the same.
  [[nodiscard]] std::string as_sent(std::string message, const std::string& sent) const {
    constexpr std::string_view kSet = "|||AL|AL";
    if (!history_.enhanced || sent.find(kSet) != std::string::npos) return message;
    const std::size_t at = message.find(kSet);
    return at < message.find('\r') ? message.erase(at, kSet.size()) : "MSH-15 and MSH-16 are not set";
  }

  void nothing_foreign(const std::string& destination, const Sink& sink) {
    for (const Arrival& arrival : sink.arrivals()) {
      const auto found = promises_.find(arrival.control_id);
      if (found == promises_.end()) {
        broken_.push_back(destination + " got a message that nobody sent");
      } else if (found->second->message != as_sent(arrival.message, found->second->message)) {
        broken_.push_back(arrival.control_id + ": reached " + destination + " with other bytes than were sent");
      }
    }
    counts_.arrivals += sink.arrivals().size();
  }

  /// A receiver that took a message twice finds it in the ledger, or the trace says why it was sent again.
  void duplicates_are_listed(const std::string& destination, const Sink& sink) {
    std::map<std::string, int> taken;
    for (const Arrival& arrival : sink.arrivals())
      if (arrival.taken) ++taken[arrival.control_id];
    for (const auto& [control_id, times] : taken) {
      if (times < 2) continue;
      ++counts_.duplicates;
      const auto id = ids_.find(control_id);
      if (id == ids_.end()) {
        broken_.push_back(control_id + ": taken twice by " + destination + ", unknown to the hub");
        continue;
      }
      if (listed_.contains({destination, id->second})) continue;
      if (explained(destination, id->second)) continue;
      broken_.push_back(control_id + ": taken " + std::to_string(times) + " times by " + destination + ", listed nowhere");
      tell(sink, control_id, id->second);
    }
  }

  /// What receiver and hub know of a message, for the one who reads the report.
  void tell(const Sink& sink, const std::string& control_id, store::MessageId id) {
    for (const Arrival& arrival : sink.arrivals())
      if (arrival.control_id == control_id)
        broken_.push_back("    arrived at " + std::to_string(arrival.at.time_since_epoch().count() / 1000 - 1'000'000'000) +
                          (arrival.taken ? " taken" : " refused") + (arrival.answered_well ? " answered" : ""));
    const auto trace = history_.books.traces.find(id);
    if (trace == history_.books.traces.end()) return;
    for (const store::TraceEvent& event : trace->second.events)
      broken_.push_back("    " + to_iso8601(event.at) + " " + event.what + " " + event.where + ": " + event.detail);
  }

  bool explained(const std::string& destination, store::MessageId id) const {
    const auto trace = history_.books.traces.find(id);
    if (trace == history_.books.traces.end()) return false;
    return std::ranges::any_of(trace->second.events, [&](const store::TraceEvent& event) {
      const bool unsure =
          event.detail.find("unanswered") != std::string::npos || event.detail.find("mismatched") != std::string::npos ||
          event.what.find("unanswered") != std::string::npos || event.what.find("mismatched") != std::string::npos;
      return event.where == destination && unsure;
    });
  }

  template <class Keys>
  void order_kept(const std::string& destination, const Sender& sender, Keys keys_of) {
    const Sink& sink = *history_.sinks.at(destination);
    std::map<std::string, std::size_t> first;  // place of its first arrival
    for (std::size_t i = 0; i < sink.arrivals().size(); ++i) first.try_emplace(sink.arrivals()[i].control_id, i);
    std::map<std::string, std::pair<std::size_t, std::string>> last;  // of a key
    for (const Promise& promise : sender.promises()) {
      const auto found = first.find(promise.control_id);
      if (found == first.end()) continue;
      for (const std::string& key : keys_of(promise)) {
        auto& before = last[key];
        if (!before.second.empty() && found->second < before.first)
          broken_.push_back(promise.control_id + ": reached " + destination + " before " + before.second);
        before = {found->second, promise.control_id};
      }
    }
  }

  void keyed_order_kept() {
    for (const Sender* sender : *history_.senders) {
      order_kept(kKeyedName, *sender, [](const Promise& promise) {
        std::set<std::string> keys;
        for (const int field : {3, 4}) {
          const std::string value = field_of(promise.message, "PID", field);
          if (!value.empty()) keys.insert(value);
        }
        return keys;
      });
    }
  }

  /// Each message that was taken is in exactly one batch, in the order of its sender, and no batch is longer than it may be.
  void batches_kept(const Sink& registry) {
    std::map<std::string, std::string> bytes;              // by the batch's id
    std::map<std::string, std::set<std::string>> batches;  // by the message's
    std::map<std::string, std::size_t> places;
    std::size_t place = 0;
    for (const Arrival& arrival : registry.arrivals()) {
      const auto [known, fresh] = bytes.try_emplace(arrival.control_id, arrival.message);
      if (!fresh && known->second != arrival.message)
        broken_.push_back("batch " + arrival.control_id + ": sent with other bytes");
      if (!fresh) continue;
      std::size_t members = 0;
      for (std::size_t at = arrival.message.find("\rMSH|"); at != std::string::npos;
           at = arrival.message.find("\rMSH|", at + 1)) {
        const std::string_view member = std::string_view(arrival.message).substr(at + 1);
        const std::string id = field_of(member, "MSH", 10);
        ++members;
        batches[id].insert(arrival.control_id);
        places.try_emplace(id, place++);
        const auto promise = promises_.find(id);
        if (promise == promises_.end() || !member.starts_with(promise->second->message))
          broken_.push_back(id + ": is in a batch with other bytes than were sent");
      }
      ++counts_.batches;
      counts_.batched += members;
      if (members == 0 || members > history_.batch_messages)
        broken_.push_back("batch " + arrival.control_id + " has " + std::to_string(members) + " messages");
    }
    for (const auto& [id, promise] : promises_) {
      const std::size_t count = batches[id].size();
      if (count > 1) broken_.push_back(id + ": is in " + std::to_string(count) + " batches");
      if (promise->accepted && count == 0) broken_.push_back(id + ": acknowledged, and in no batch");
    }
    for (const Sender* sender : *history_.senders) {
      std::size_t last = 0;
      for (const Promise& promise : sender->promises()) {
        const auto at = places.find(promise.control_id);
        if (at == places.end()) continue;
        if (at->second < last) broken_.push_back(promise.control_id + ": is in a batch before an earlier message");
        last = at->second;
      }
    }
    for (const store::Ambiguity& ambiguity : history_.books.ambiguities)
      if (ambiguity.destination.find(' ') != std::string::npos)
        broken_.push_back(ambiguity.destination + ": a member of a batch was listed as sent twice");
  }

  /// One restart finds at most a window of each lane.
  void windows_kept() {
    std::map<std::pair<std::string, WallTime>, std::uint64_t> found;
    for (const store::Ambiguity& ambiguity : history_.books.ambiguities) ++found[{ambiguity.destination, ambiguity.found_at}];
    for (const auto& [where, count] : found) {
      const std::uint64_t lanes = where.first == kKeyedName ? history_.keyed_lanes : 1;
      if (count > lanes * history_.window_messages)
        broken_.push_back(where.first + ": " + std::to_string(count) + " resends after one restart, more than the window");
    }
    counts_.listed += history_.books.ambiguities.size();
  }

  const History& history_;
  HistoryCounts& counts_;
  std::map<std::string, const Promise*> promises_;
  std::map<std::string, store::MessageId> ids_;
  std::set<std::pair<std::string, std::string>> dead_;
  std::set<std::pair<std::string, store::MessageId>> listed_;
  std::vector<std::string> broken_;
};

}  // namespace

std::vector<std::string> check_promises(const History& history, HistoryCounts& counts) {
  return Checker(history, counts).run();
}

}  // namespace smarthl7::sim
