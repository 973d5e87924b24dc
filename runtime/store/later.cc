// SPDX-License-Identifier: Apache-2.0
#include "runtime/store/later.h"

#include <algorithm>

namespace smarthl7::store {

namespace {
constexpr std::uint64_t kNobody[] = {0x6E6F626F6479ULL};
std::span<const std::uint64_t> somebody(std::span<const std::uint64_t> people) {
  return people.empty() ? std::span<const std::uint64_t>(kNobody) : people;
}
}  // namespace

LaterSearch::LaterSearch(std::vector<Subject> subjects)
    : subjects_(std::move(subjects)), counts_(subjects_.size()), lists_(subjects_.size()), more_(subjects_.size()) {
  for (std::uint32_t i = 0; i < subjects_.size(); ++i) {
    const Subject& subject = subjects_[i];
    if (subject.destination == 0) continue;
    bool& keyless = destinations_[subject.destination];
    keyless = keyless || hashes_of(subject.keys).empty();
    for (const std::uint64_t key : hashes_of(subject.keys)) by_key_[mix(subject.destination, key)].push_back(i);
    for (const std::uint64_t person : somebody(subject.people)) by_person_[mix(subject.destination, person)].push_back(i);
  }
}

bool LaterSearch::needs_people(DestinationId destination, std::span<const std::uint64_t> keys) const {
  const auto at = destinations_.find(destination);
  return at != destinations_.end() && (hashes_of(keys).empty() || at->second);
}

void LaterSearch::came(DestinationId destination, DeliveryId delivery, MessageId age, std::span<const std::uint64_t> keys,
                       std::span<const std::uint64_t> people) {
  const auto hashes = hashes_of(keys);
  for (const std::uint64_t key : hashes)
    if (const auto at = by_key_.find(mix(destination, key)); at != by_key_.end())
      for (const std::uint32_t subject : at->second) hit(subject, delivery, age);
  if (!needs_people(destination, keys)) return;
  for (const std::uint64_t person : somebody(people))
    if (const auto at = by_person_.find(mix(destination, person)); at != by_person_.end())
      for (const std::uint32_t subject : at->second)
        if (hashes.empty() || hashes_of(subjects_[subject].keys).empty()) hit(subject, delivery, age);
}

void LaterSearch::hit(std::uint32_t subject, DeliveryId delivery, MessageId age) {
  if (age <= subjects_[subject].age) return;
  if (counts_[subject] >= kMostLater) {
    more_[subject] = true;
    return;
  }
  Candidate& candidate = candidates_[delivery];
  if (std::ranges::find(candidate.of, subject) != candidate.of.end()) return;
  candidate.of.push_back(subject);
  lists_[subject].push_back(delivery);
  ++counts_[subject];
}

void LaterSearch::ended(DeliveryId delivery, OutcomeKind kind) {
  const auto at = candidates_.find(delivery);
  if (at == candidates_.end()) return;
  if (kind == OutcomeKind::accepted) {
    at->second.delivered = true;
    return;
  }
  for (const std::uint32_t subject : at->second.of) --counts_[subject];
  candidates_.erase(at);
}

void LaterSearch::forget_from(MessageId message) {
  std::erase_if(candidates_, [&](const auto& one) {
    if (one.first.message < message) return false;
    for (const std::uint32_t subject : one.second.of) --counts_[subject];
    return true;
  });
}

LaterSearch::Found LaterSearch::found(std::size_t subject) const {
  Found out;
  out.more = more_[subject];
  for (const DeliveryId& delivery : lists_[subject]) {
    const auto at = candidates_.find(delivery);
    if (at == candidates_.end()) continue;  // it died too
    if (out.later.empty() || out.later.back().message != delivery.message)
      out.later.push_back({delivery.message, at->second.delivered});
  }
  return out;
}

}  // namespace smarthl7::store
