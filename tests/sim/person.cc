// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/person.h"

#include <functional>

#include "tests/sim/traffic.h"

namespace smarthl7::sim {

namespace {

constexpr unsigned kMostRequests = 12;

std::vector<std::uint64_t> people_of(std::string_view body) {
  std::vector<std::uint64_t> out;
  for (const std::string& identifier : all_identifiers(body)) out.push_back(std::hash<std::string>{}(identifier));
  return out;
}

}  // namespace

/// False: there is nothing to ask for.
env::Task<bool> Person::choose(store::Store* store) {
  if (requests_ == kMostRequests) co_return false;
  store::LetterFilter filter;
  Result<std::vector<store::Letter>> letters = co_await store->acts()->letters(std::move(filter));
  if (!letters || letters->empty()) co_return false;
  const store::Letter& letter = (*letters)[rng_.below(letters->size())];
  Request& request = asked_.emplace();
  request.id = "request " + std::to_string(++requests_);
  request.letter = letter.delivery;
  request.despite_order = rng_.chance(600);
  co_return true;
}

env::Task<void> Person::replay(store::Store* store) {
  if (store->acts() == nullptr) co_return;
  if (!asked_) {
    const bool any = co_await choose(store);
    if (!any) co_return;
  }
  if (++asked_->times > 1) world_.injected().add(Injected::replay_repeated);
  store::ReplayWish wish;
  wish.choice.some.push_back({asked_->letter.message, asked_->letter.number});
  wish.despite_order = asked_->despite_order;
  wish.identities = people_of;
  store::ByWhom whom;
  whom.actor = "a person";
  whom.reason = "the receiver takes it now";
  whom.request = asked_->id;
  Result<std::vector<store::ReplayVerdict>> verdicts = co_await store->acts()->replay(std::move(wish), std::move(whom));
  if (!verdicts) co_return;  // a full disk, or the store has stopped
  if (verdicts->size() != 1) {
    complaints_.push_back("a replay of one letter has " + std::to_string(verdicts->size()) + " verdicts");
    co_return;
  }
  take(verdicts->front());
}

void Person::take(const store::ReplayVerdict& verdict) {
  if (verdict.made != 0) {
    world_.injected().add(Injected::replayed);
    replayed_.push_back({verdict.delivery, verdict.made});
    if (verdict.before && asked_->times == 1) complaints_.push_back("a replay that nobody had asked for was there before");
  } else if (!verdict.later.empty()) {
    world_.injected().add(Injected::replay_refused);
    if (asked_->despite_order) complaints_.push_back("a replay was refused for its order, which it was asked to pass over");
  } else if (!verdict.refused.ends_with("has no destination `" + verdict.destination + "`")) {  // or the hub is being stopped
    complaints_.push_back("a replay did not go: " + verdict.refused);
  }
  asked_.reset();
}

}  // namespace smarthl7::sim
