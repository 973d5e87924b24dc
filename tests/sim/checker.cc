// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checker.h"

#include <fmt/format.h>

#include <algorithm>

#include "tests/sim/checker_parts.h"
#include "tests/sim/traffic.h"

namespace smarthl7::sim {

const store::Trace& Books::trace_of(store::MessageId id) const {
  static const store::Trace none;
  if (const auto found = messages.find(id); found != messages.end()) return found->second.trace;
  if (const auto found = replays.find(id); found != replays.end()) return found->second.trace;
  for (const auto& [control_id, batch] : batches)
    if (batch.id == id) return batch.trace;
  return none;
}

Facts::Facts(const History& given) : history(given) {
  std::map<std::string, const Books::Message*> books;
  std::map<std::string, store::MessageId> ids;
  for (const auto& [id, message] : history.books.messages) {
    if (!books.try_emplace(message.identity, &message).second)
      complain(message.identity + ": taken twice by the hub, as " + std::to_string(ids[message.identity]) + " and " +
               std::to_string(id));
    ids[message.identity] = id;
  }
  for (const Sender* sender : history.senders) {
    std::set<std::string> accepted;
    for (const Promise& promise : sender->promises()) {
      Message message;
      message.promise = &promise;
      message.sender = sender;
      message.identity = identity_of(promise.message);
      message.conflicts = accepted.contains(promise.control_id);
      if (promise.accepted) accepted.insert(promise.control_id);
      if (const auto book = books.find(message.identity); book != books.end()) {
        message.book = book->second;
        message.id = ids[message.identity];
        for (const Route* route : history.routes)
          if (route->digest == book->second->trace.plan) message.route = route;
      }
      places[message.identity] = messages.size();
      messages.push_back(std::move(message));
    }
  }
  for (const auto& entry : history.books.dead) dead.insert({entry.destination, entry.identity});
  for (const auto& entry : history.books.ambiguities) ++listed[{entry.destination, entry.delivery.message}];
}

const Facts::Message* Facts::find(const std::string& identity) const {
  const auto found = places.find(identity);
  return found == places.end() ? nullptr : &messages[found->second];
}

const RouteDestination* Facts::destination(const std::string& name) const {
  for (const Route* route : history.routes)
    if (const RouteDestination* const found = route->find(name)) return found;
  return nullptr;
}

std::string Facts::as_sent(const RouteDestination& destination, std::string message, const std::string& sent) const {
  constexpr std::string_view kSet = "|||AL|AL";
  if (!destination.enhanced || sent.find(kSet) != std::string::npos) return message;
  const std::size_t at = message.find(kSet);
  return at < message.find('\r') ? message.erase(at, kSet.size()) : "MSH-15 and MSH-16 are not set";
}

namespace {

class Checker {
 public:
  Checker(const History& history, HistoryCounts& counts) : facts_(history), history_(history), counts_(counts) {}

  std::vector<std::string> run() {
    for (const Sender* sender : history_.senders)
      for (const std::string& complaint : sender->complaints()) complain(complaint);
    for (const Facts::Message& message : facts_.messages) {
      words_kept(message);
      if (message.book != nullptr) trace_whole(*message.book);
    }
    replays_kept();
    for (const auto& [name, sink] : history_.sinks) {
      counts_.arrivals += sink->arrivals().size();
      const RouteDestination* const destination = facts_.destination(name);
      if (destination == nullptr) {
        if (!sink->arrivals().empty()) complain(name + " got messages though no plan named it");
        continue;
      }
      duplicates_told(*destination, *sink);
      if (destination->once) once_taken(*destination, *sink);
      if (!destination->main_line) continue;
      nothing_lost(*destination, *sink);
      nothing_foreign(*destination, *sink);
    }
    check_order(facts_);
    check_batches(facts_, counts_);
    check_split(facts_, counts_);
    windows_kept();
    counts_.dead += facts_.dead.size();
    return std::move(facts_.broken);
  }

 private:
  void complain(std::string text) { facts_.complain(std::move(text)); }

  /// What the sender was told is what the hub's books say.
  void words_kept(const Facts::Message& message) {
    const Promise& promise = *message.promise;
    if (promise.accepted && message.book == nullptr)
      complain(message.identity + ": lost: acknowledged, and the hub does not know it");
    if (message.book != nullptr && message.route == nullptr) complain(message.identity + ": taken by a plan that never ran");
    // A sender that hears the receiver's own refusal: the hub took the message all the same.
    if (promise.refused && !promise.accepted && message.book != nullptr && !history_.responds)
      complain(message.identity + ": refused, yet taken");
    if (message.conflicts && history_.conflicts_refused && message.book != nullptr)
      complain(message.identity + ": other bytes under a known control id were taken");
    if (message.conflicts && !history_.conflicts_refused && promise.refused &&
        promise.message.find("|ADT^A01") == std::string::npos)
      complain(message.identity + ": other bytes under a known control id were refused");
  }

  /// Each replay that went is one message, whatever the hub went through meanwhile, and no other went.
  void replays_kept() {
    std::set<store::MessageId> told;
    for (const Replayed& replay : history_.replays) {
      if (!told.insert(replay.made).second) complain(fmt::format("message {}: told of two replays", replay.made));
      if (!history_.books.replays.contains(replay.made))
        complain(fmt::format("message {}: a replay that the hub does not know", replay.made));
    }
    for (const auto& [id, replay] : history_.books.replays) {
      if (!told.contains(id)) complain(fmt::format("message {}: a replay of {} that nobody was told of", id, replay.identity));
      ends_whole(replay);
      const auto batch = history_.books.batches.find(replay.identity);
      const store::MessageId origin =
          batch != history_.books.batches.end() ? batch->second.id : origin_of(std::string(), replay.identity);
      again_[origin].push_back(id);
    }
  }

  void trace_whole(const Books::Message& message) {
    std::set<std::string> seen;
    for (const store::TraceEvent& event : message.trace.events) seen.insert(event.what);
    for (const char* what : {"received", "validated", "stored", "acknowledged"})
      if (!seen.contains(what)) complain(message.identity + ": its trace has no \"" + what + "\"");
    ends_whole(message);
  }

  void ends_whole(const Books::Message& message) {
    std::size_t ends = 0;
    for (const store::TraceEvent& event : message.trace.events)
      ends += event.what == "outcome" || event.what == "dead" ? 1U : 0U;
    if (ends != message.deliveries.size())
      complain(fmt::format("{}: its trace has {} ends of {} deliveries", message.identity, ends, message.deliveries.size()));
    for (const store::DeliveryState& delivery : message.deliveries)
      if (!delivery.outcome) complain(fmt::format("{}: delivery {} has not ended", message.identity, delivery.number));
  }

  void nothing_lost(const RouteDestination& destination, const Sink& sink) {
    std::map<std::string, SteadyTime> taken;
    for (const Arrival& arrival : sink.arrivals())
      if (arrival.taken) taken.try_emplace(identity_of(arrival.message), arrival.at);
    for (const Facts::Message& message : facts_.messages) {
      const std::string& name = destination.name;
      const bool due = message.route != nullptr && message.route->find(name) != nullptr;
      const auto found = taken.find(message.identity);
      const bool dead = facts_.dead.contains({name, message.identity});
      if (!due) {
        if (found != taken.end()) complain(message.identity + ": reached " + name + ", where nothing sent it");
        continue;
      }
      if (found == taken.end() && !dead)
        complain(message.identity +
                 (message.promise->accepted ? ": lost: acknowledged, and never taken by " : ": stored, and never taken by ") +
                 name);
      if (found == taken.end() && !dead && message.book != nullptr) tell(sink, message.book->trace, message.id);
      if (dead && !sink.refused().contains(message.promise->control_id))
        complain(message.identity + ": given up, though " + name + " never refused it");
      // A copy that comes under a plan without the destination does not ask about it.
      const bool asked = std::ranges::all_of(history_.routes, [&](const Route* route) { return route->find(name) != nullptr; });
      if (message.promise->delivered_at != kNever && !history_.responds && delivered_mode() && (asked || !dead) &&
          (found == taken.end() || found->second > message.promise->delivered_at))
        complain(message.identity + ": acknowledged as delivered before " + name + " took it");
    }
  }

  [[nodiscard]] bool delivered_mode() const {
    return history_.routes.front()->text.find("when delivered") != std::string::npos;
  }

  void nothing_foreign(const RouteDestination& destination, const Sink& sink) {
    for (const Arrival& arrival : sink.arrivals()) {
      const Facts::Message* const message = facts_.find(identity_of(arrival.message));
      if (message == nullptr) {
        complain(destination.name + " got a message that nobody sent");
      } else if (message->book == nullptr) {
        complain(message->identity + ": reached " + destination.name + ", and the hub has not taken it");
      } else if (message->promise->message != facts_.as_sent(destination, arrival.message, message->promise->message)) {
        complain(message->identity + ": reached " + destination.name + " with other bytes than were sent");
      }
    }
  }

  /// What a receiver took more than once is in the ledger, or the trace says why it was sent again; as often as it came.
  void duplicates_told(const RouteDestination& destination, const Sink& sink) {
    std::map<std::string, std::size_t> taken;
    for (const Arrival& arrival : sink.arrivals())
      if (arrival.taken) ++taken[arrival.control_id + "\n" + identity_of(arrival.message)];
    std::map<store::MessageId, std::size_t> surplus;
    for (const auto& [key, times] : taken) {
      if (times < 2) continue;
      ++counts_.duplicates;
      const std::string control_id = key.substr(0, key.find('\n'));
      const store::MessageId id = origin_of(control_id, key.substr(key.find('\n') + 1));
      if (id == 0) {
        complain(control_id + ": taken twice by " + destination.name + ", unknown to the hub");
      } else {
        surplus[id] += times - 1;
      }
    }
    for (const auto& [id, times] : surplus) {
      // What was tried just before a crash is listed, and may be told nowhere else.
      if (facts_.listed.contains({destination.name, id})) continue;
      const store::Trace& trace = history_.books.trace_of(id);
      std::size_t told = attempts(trace, destination.name, true);
      std::size_t tried = attempts(trace, destination.name, false);
      bool listed = false;
      if (const auto replays = again_.find(id); replays != again_.end()) {  // they bear the same control id
        for (const store::MessageId replay : replays->second) {
          const store::Trace& again = history_.books.trace_of(replay);
          listed |= facts_.listed.contains({destination.name, replay});
          told += attempts(again, destination.name, true);
          tried += attempts(again, destination.name, false);
        }
      }
      if (listed || times <= told || tried >= kTracedOneByOne) continue;
      complain(fmt::format("message {}: taken {} times too often by {}, of which the ledger tells none and the trace {}", id,
                           times, destination.name, told));
      tell(sink, trace, id);
    }
  }

  /// A receiver that knows copies takes each message once, and nobody need look at what the ledger says of it.
  void once_taken(const RouteDestination& destination, const Sink& sink) {
    std::set<std::string> taken;
    for (const Arrival& arrival : sink.arrivals()) {
      const std::string identity = identity_of(arrival.message);
      if (arrival.taken && !taken.insert(identity).second) complain(identity + ": taken twice by " + destination.name);
      if (arrival.copy && !taken.contains(identity)) complain(identity + ": taken for a copy by " + destination.name);
      counts_.copies_known += arrival.copy ? 1U : 0U;
    }
    if (history_.clock_jumps) return;  // past what the receiver remembers
    for (const store::Ambiguity& ambiguity : history_.books.ambiguities)
      if (ambiguity.destination == destination.name && !ambiguity.covered)
        complain(fmt::format("message {}: a resend to {}, which knows copies, was listed as not covered",
                             ambiguity.delivery.message, destination.name));
  }

  /// The batch, the message that a part was made of, or the message itself.
  [[nodiscard]] store::MessageId origin_of(const std::string& control_id, const std::string& identity) const {
    if (const auto batch = history_.books.batches.find(control_id); batch != history_.books.batches.end())
      return batch->second.id;
    if (const Facts::Message* const message = facts_.find(identity)) return message->id;
    // "LABA-0001.2/TLABA1-2" is of "LABA-0001/TLABA1-1"
    const std::size_t slash = identity.find('/');
    const std::size_t dot = identity.rfind('.', slash);
    const std::size_t dash = identity.rfind('-');
    if (dot == std::string::npos || dash < slash) return 0;
    const Facts::Message* const whole = facts_.find(identity.substr(0, dot) + identity.substr(slash, dash - slash) + "-1");
    return whole == nullptr ? 0 : whole->id;
  }

  static constexpr std::size_t kTracedOneByOne = 10;  // attempts of a delivery; later ones at powers of two

  /// Those that the trace tells; `unsure`: of which nobody knows whether the receiver took the message.
  static std::size_t attempts(const store::Trace& trace, const std::string& destination, bool unsure) {
    return static_cast<std::size_t>(std::ranges::count_if(trace.events, [&](const store::TraceEvent& event) {
      if (event.where != destination || event.what != "attempt") return false;
      return !unsure || event.detail.find(": unanswered") != std::string::npos ||
             event.detail.find(": mismatched") != std::string::npos;
    }));
  }

  /// What receiver and hub know of a message, for the one who reads the report.
  void tell(const Sink& sink, const store::Trace& trace, store::MessageId id) {
    for (const Arrival& arrival : sink.arrivals())
      if (origin_of(arrival.control_id, identity_of(arrival.message)) == id)
        complain("    arrived at " + std::to_string(arrival.at.time_since_epoch().count() / 1000 - 1'000'000'000) +
                 (arrival.taken ? " taken" : " refused") + (arrival.answered_well ? " answered" : ""));
    for (const store::TraceEvent& event : trace.events)
      complain("    " + to_iso8601(event.at) + " " + event.what + " " + event.where + ": " + event.detail);
  }

  /// One restart finds at most a window of each lane; members of a batch are never in doubt.
  void windows_kept() {
    std::map<std::pair<std::string, WallTime>, std::uint64_t> found;
    for (const store::Ambiguity& ambiguity : history_.books.ambiguities) {
      ++found[{ambiguity.destination, ambiguity.found_at}];
      if (ambiguity.destination.find(' ') != std::string::npos)
        complain(ambiguity.destination + ": a member of a batch was listed as sent twice");
    }
    for (const auto& [where, count] : found) {
      const std::optional<std::uint64_t> lanes = most_lanes(history_.routes, where.first);
      if (lanes && count > *lanes * history_.window_messages)
        complain(where.first + ": " + std::to_string(count) + " resends after one restart, more than the window");
    }
    counts_.listed += history_.books.ambiguities.size();
  }

  Facts facts_;
  const History& history_;
  HistoryCounts& counts_;
  std::map<store::MessageId, std::vector<store::MessageId>> again_;  // replays, by what they replay
};

}  // namespace

std::vector<std::string> check_promises(const History& history, HistoryCounts& counts) {
  return Checker(history, counts).run();
}

}  // namespace smarthl7::sim
