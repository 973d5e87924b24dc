// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tests/sim/checker_parts.h"
#include "tests/sim/traffic.h"

namespace smarthl7::sim {

namespace {

struct Placed {                                          // where the members of batches were found
  std::map<std::string, std::set<std::string>> batches;  // ids, by the member's identity
  std::map<std::string, std::size_t> places;
};

/// The messages of a batch, in their order, by hand.
std::vector<std::string> members_of(const std::string& batch) {
  std::vector<std::string> members;
  for (std::size_t at = batch.find("\rMSH|"); at != std::string::npos;) {
    const std::size_t next = batch.find("\rMSH|", at + 1);
    const std::size_t end = next != std::string::npos ? next : batch.find("\rBTS|", at + 1);
    members.push_back(batch.substr(at + 1, end == std::string::npos ? end : end - at));
    at = next;
  }
  return members;
}

void take_batch(Facts& facts, HistoryCounts& counts, const Arrival& arrival, Placed& placed) {
  const std::vector<std::string> members = members_of(arrival.message);
  for (const std::string& member : members) {
    const std::string identity = identity_of(member);
    placed.batches[identity].insert(arrival.control_id);
    placed.places.try_emplace(identity, placed.places.size());
    const Facts::Message* const message = facts.find(identity);
    if (message == nullptr || member != message->promise->message)
      facts.complain(identity + ": is in a batch with other bytes than were sent");
  }
  ++counts.batches;
  counts.batched += members.size();
  if (members.empty() || members.size() > kBatchMessages)
    facts.complain("batch " + arrival.control_id + " has " + std::to_string(members.size()) + " messages");
}

void check_part_order(Facts& facts, const Sink& sink) {
  std::map<std::string, std::size_t> first;
  for (std::size_t i = 0; i < sink.arrivals().size(); ++i) first.try_emplace(identity_of(sink.arrivals()[i].message), i);
  std::vector<const Facts::Message*> taken;
  for (const Facts::Message& message : facts.messages)
    if (message.id != 0) taken.push_back(&message);
  std::ranges::sort(taken, {}, &Facts::Message::id);
  std::pair<std::size_t, std::string> last;
  for (const Facts::Message* message : taken) {
    for (const std::string& part : parts_of(message->promise->message)) {
      const std::string identity = identity_of(part);
      const auto found = first.find(identity);
      if (found == first.end()) continue;
      if (!last.second.empty() && found->second < last.first)
        facts.complain(identity + ": reached orders before " + last.second);
      last = {found->second, identity};
    }
  }
}

}  // namespace

/// Each message that was taken is in exactly one batch, in the order of the commits, and no batch is longer than it may be.
void check_batches(Facts& facts, HistoryCounts& counts) {
  const auto registry = facts.history.sinks.find("registry");
  if (registry == facts.history.sinks.end()) return;
  std::map<std::string, std::string> bytes;  // by the batch's id
  Placed placed;
  for (const Arrival& arrival : registry->second->arrivals()) {
    const auto [known, fresh] = bytes.try_emplace(arrival.control_id, arrival.message);
    if (!fresh && known->second != arrival.message) facts.complain("batch " + arrival.control_id + ": sent with other bytes");
    if (fresh) take_batch(facts, counts, arrival, placed);
  }
  std::vector<const Facts::Message*> taken;
  for (const Facts::Message& message : facts.messages) {
    const std::size_t count = placed.batches[message.identity].size();
    if (count > 1) facts.complain(message.identity + ": is in " + std::to_string(count) + " batches");
    if (message.id != 0 && count == 0) facts.complain(message.identity + ": taken, and in no batch");
    if (message.id == 0 && count != 0) facts.complain(message.identity + ": is in a batch, and the hub has not taken it");
    if (message.id != 0) taken.push_back(&message);
  }
  std::ranges::sort(taken, {}, &Facts::Message::id);
  std::size_t last = 0;
  for (const Facts::Message* message : taken) {
    const auto at = placed.places.find(message->identity);
    if (at == placed.places.end()) continue;
    if (at->second < last) facts.complain(message->identity + ": is in a batch before an earlier message");
    last = at->second;
  }
}

/// Each order of each result that was taken has reached its destination, with the bytes that it had, in order.
void check_split(Facts& facts, HistoryCounts& counts) {
  const auto orders = facts.history.sinks.find("orders");
  if (orders == facts.history.sinks.end()) return;
  const Sink& sink = *orders->second;
  std::map<std::string, std::string> expected;  // bytes by identity
  for (const Facts::Message& message : facts.messages) {
    if (message.id == 0 || message.promise->message.find("|ORU^R01") == std::string::npos) continue;
    for (const std::string& part : parts_of(message.promise->message)) expected[identity_of(part)] = part;
  }
  std::set<std::string> taken;
  for (const Arrival& arrival : sink.arrivals()) {
    const std::string identity = identity_of(arrival.message);
    const auto part = expected.find(identity);
    if (part == expected.end()) {
      facts.complain(identity + ": reached orders, and is no part of anything");
    } else if (part->second != arrival.message) {
      facts.complain(identity + ": reached orders with other bytes than it had in its message");
    }
    if (arrival.taken) taken.insert(identity);
  }
  counts.parts += taken.size();
  for (const auto& [identity, part] : expected) {
    const bool dead = facts.dead.contains({"orders", identity});
    if (!taken.contains(identity) && !dead) facts.complain(identity + ": its message was taken, and it never reached orders");
    if (dead && !sink.refused().contains(field_of(part, "MSH", 10)))
      facts.complain(identity + ": given up, though orders never refused it");
  }
  check_part_order(facts, sink);
}

}  // namespace smarthl7::sim
