// SPDX-License-Identifier: Apache-2.0
// Turns, questions, and the acts that need no search: edit, drop, resolve, hold, release. replay: clerk_replay.cc.
#include "runtime/store/clerk.h"

#include <utility>

namespace smarthl7::store {

namespace {
constexpr std::uint32_t kLettersAtOnce = 1000;

std::unexpected<Error> not_one(std::size_t letters) {
  if (letters == 0) return fail(ErrorCode::not_found, "there is no such dead letter");
  return fail(ErrorCode::invalid, "the message has several dead letters; say which, as MESSAGE.DELIVERY");
}
}  // namespace

/// Acts are done one after the other: each sees in the state what those before it did.
env::Task<bool> Clerk::turn() {
  env::Completion<bool> mine;
  writer_.command([this, &mine] {
    if (std::exchange(acting_, true)) {
      waiting_.push_back(&mine);
    } else {
      mine.complete(true);
    }
  });
  bool there = co_await mine;
  co_return there;
}

void Clerk::pass_turn() {
  writer_.command([this] {
    if (waiting_.empty()) {
      acting_ = false;
      return;
    }
    env::Completion<bool>* const next = waiting_.front();
    waiting_.pop_front();
    next->complete(true);
  });
}

/// `put` adds to a group, on the writer's executor; durable when this returns.
env::Task<Result<void>> Clerk::commit(std::function<void(Writer::Group&)> put, bool grows) {
  env::Completion<Result<void>> done;
  Writer::Deed deed{std::move(put), &done, grows};
  if (writer_.refusing_.load(std::memory_order_acquire)) co_return fail(ErrorCode::stopped, "the store has stopped");
  writer_.command([this, &deed] { writer_.deeds_.push_back(&deed); });
  auto durable = co_await done;
  co_return durable;
}

env::Task<Result<void>> Clerk::record(AuditRecord record, MessageId message) {
  env::Completion<Result<void>> recorded;
  Writer::AuditRequest request{std::move(record), message, &recorded};
  writer_.command([this, &request] { writer_.audits_.push_back(&request); });
  auto durable = co_await recorded;
  co_return durable;
}

// ---- questions --------------------------------------------------------------------------------------------------------------

env::Task<Result<std::vector<Letter>>> Clerk::letters(LetterFilter filter) {
  std::function<Result<std::vector<Letter>>(State&)> question = [&filter](State& state) { return state.letters(filter); };
  auto result = co_await writer_.ask(std::move(question));
  co_return result;
}

env::Task<Result<std::vector<LedgerEntry>>> Clerk::ledger(LedgerFilter filter) {
  std::function<Result<std::vector<LedgerEntry>>(State&)> question = [&filter](State& state) { return state.ledger(filter); };
  auto result = co_await writer_.ask(std::move(question));
  co_return result;
}

env::Task<Result<std::vector<Hold>>> Clerk::holds() {
  std::function<Result<std::vector<Hold>>(State&)> question = [](State& state) { return state.holds(); };
  auto result = co_await writer_.ask(std::move(question));
  co_return result;
}

env::Task<Result<SharedBytes>> Clerk::letter_body(Chosen letter, AuditRecord record) {
  Choice choice;
  choice.some.push_back(letter);
  std::function<Result<BodyPlace>(State&)> where = [&choice](State& state) -> Result<BodyPlace> {
    TRY(const auto found, state.replayables(choice, false, "", 0, 0));
    if (found.size() != 1) return not_one(found.size());
    if (found.front().body.at == 0) return fail(ErrorCode::not_found, found.front().refused);
    return found.front().body;
  };
  auto place = co_await writer_.ask(std::move(where));
  if (!place) co_return std::unexpected(place.error());
  auto durable = co_await this->record(std::move(record), letter.message);
  if (!durable) co_return std::unexpected(durable.error());
  std::function<Result<SharedBytes>(State&)> read = [at = *place](State& state) { return state.read_body(at); };
  auto body = co_await writer_.ask(std::move(read));
  co_return body;
}

env::Task<Result<std::vector<SharedBytes>>> Clerk::bodies(std::vector<DeliveryId> deliveries, AuditRecord record) {
  auto durable = co_await this->record(std::move(record), MessageId{0});
  if (!durable) co_return std::unexpected(durable.error());
  std::function<Result<std::vector<SharedBytes>>(State&)> read =
      [&deliveries](State& state) -> Result<std::vector<SharedBytes>> {
    std::vector<SharedBytes> out(deliveries.size());
    TRY(const auto places, state.find_bodies(deliveries));
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (places[i].at == 0) continue;
      auto body = state.read_body(places[i]);
      if (!body && body.error().code == ErrorCode::not_found) continue;
      if (!body) return std::unexpected(body.error());
      out[i] = std::move(*body);
    }
    return out;
  };
  auto result = co_await writer_.ask(std::move(read));
  co_return result;
}

// ---- edit and drop ----------------------------------------------------------------------------------------------------------

env::Task<Result<Letter>> Clerk::edit(Chosen letter, SharedBytes body, std::string difference, ByWhom whom) {
  co_await turn();
  auto result = co_await edit_one(letter, &body, &difference, &whom);
  pass_turn();
  co_return result;
}

env::Task<Result<Letter>> Clerk::edit_one(Chosen letter, const SharedBytes* body, const std::string* difference,
                                          const ByWhom* whom) {
  Choice choice;
  choice.some.push_back(letter);
  std::function<Result<Replayable>(State&)> question = [&choice](State& state) -> Result<Replayable> {
    TRY(auto found, state.replayables(choice, false, "", 0, 0));
    if (found.size() != 1) return not_one(found.size());
    if (!found.front().refused.empty()) return fail(ErrorCode::exists, found.front().refused);
    return std::move(found.front());
  };
  auto one = co_await writer_.ask(std::move(question));
  if (!one) co_return std::unexpected(one.error());
  std::function<void(Writer::Group&)> put = [&](Writer::Group& group) {
    ActEntry act;
    act.kind = ActKind::edited;
    act.actor = whom->actor;
    act.reason = whom->reason;
    act.detail = *difference;
    act.name = one->name;
    act.delivery = one->delivery;
    act.piece = group.record.add_piece(body->view());
    group.record.add(act);
  };
  auto durable = co_await commit(std::move(put), true);
  if (!durable) co_return std::unexpected(durable.error());
  LetterFilter filter;
  filter.message = one->delivery.message;
  filter.destination = one->name;
  auto now = co_await letters(std::move(filter));
  if (!now) co_return std::unexpected(now.error());
  for (Letter& each : *now)
    if (each.delivery == one->delivery) co_return std::move(each);
  co_return fail(ErrorCode::corrupt, "the edited letter is gone");
}

env::Task<Result<std::vector<DropVerdict>>> Clerk::drop(Choice choice, ByWhom whom) {
  co_await turn();
  std::vector<DropVerdict> verdicts;
  auto done = co_await drop_all(&choice, &whom, &verdicts);
  pass_turn();
  if (!done) co_return std::unexpected(done.error());
  co_return verdicts;
}

env::Task<Result<void>> Clerk::drop_all(const Choice* choice, const ByWhom* whom, std::vector<DropVerdict>* verdicts) {
  MessageId after = choice->filter.after;
  for (;;) {
    std::function<Result<std::vector<Replayable>>(State&)> question = [choice, after](State& state) {
      return state.replayables(*choice, false, "", after, kLettersAtOnce);
    };
    auto page = co_await writer_.ask(std::move(question));
    if (!page) co_return std::unexpected(page.error());
    if (page->empty()) co_return Result<void>{};
    after = page->back().delivery.message;
    std::function<void(Writer::Group&)> put = [&](Writer::Group& group) {
      for (const Replayable& one : *page) {
        if (!one.letter) continue;
        ActEntry act;
        act.kind = ActKind::dropped;
        act.actor = whom->actor;
        act.reason = whom->reason;
        act.name = one.name;
        act.delivery = one.delivery;
        group.record.add(act);
        --group.letters[one.name];
      }
    };
    auto durable = co_await commit(std::move(put));
    if (!durable) co_return durable;
    for (const Replayable& one : *page)
      verdicts->push_back({one.delivery, one.name, one.letter, one.letter ? "" : one.refused});
    if (!choice->some.empty()) co_return Result<void>{};
  }
}

// ---- the ledger -------------------------------------------------------------------------------------------------------------

env::Task<Result<std::uint64_t>> Clerk::resolve(std::string destination, MessageId through, std::string outcome, ByWhom whom) {
  co_await turn();
  auto result = co_await resolve_open(&destination, through, &outcome, &whom);
  pass_turn();
  co_return result;
}

env::Task<Result<std::uint64_t>> Clerk::resolve_open(const std::string* destination, MessageId through,
                                                     const std::string* outcome, const ByWhom* whom) {
  struct Open {
    DestinationId id = 0;
    std::uint64_t count = 0;
  };
  std::function<Result<Open>(State&)> question = [destination, through](State& state) -> Result<Open> {
    Open open;
    TRY(const auto destinations, state.destinations());
    for (const DestinationFacts& facts : destinations)
      if (facts.name == *destination) open.id = facts.id;
    if (open.id == 0) return fail(ErrorCode::not_found, "there is no destination `" + *destination + "`");
    TRY(const auto counts, state.open_ambiguities(*destination, through));
    for (const auto& [name, count] : counts) open.count += count;
    return open;
  };
  auto open = co_await writer_.ask(std::move(question));
  if (!open) co_return std::unexpected(open.error());
  if (open->count == 0) co_return std::uint64_t{0};
  std::function<void(Writer::Group&)> put = [&](Writer::Group& group) {
    ActEntry act;
    act.kind = ActKind::resolved;
    act.actor = whom->actor;
    act.reason = whom->reason;
    act.name = *destination;
    act.made = through;
    act.outcome = *outcome;
    act.destination = open->id;
    act.request = whom->request;
    group.record.add(act);
    group.ambiguities[*destination] -= static_cast<std::int64_t>(open->count);
  };
  auto durable = co_await commit(std::move(put));
  if (!durable) co_return std::unexpected(durable.error());
  co_return open->count;
}

// ---- holds ------------------------------------------------------------------------------------------------------------------

env::Task<Result<void>> Clerk::hold(std::string name, std::uint32_t lane, ByWhom whom) {
  auto result = co_await hold_or_release(ActKind::held, std::move(name), lane, std::move(whom));
  co_return result;
}

env::Task<Result<void>> Clerk::release(std::string name, std::uint32_t lane, ByWhom whom) {
  auto result = co_await hold_or_release(ActKind::released, std::move(name), lane, std::move(whom));
  co_return result;
}

env::Task<Result<void>> Clerk::hold_or_release(ActKind kind, std::string name, std::uint32_t lane, ByWhom whom) {
  co_await turn();
  std::function<void(Writer::Group&)> put = [&](Writer::Group& group) {
    ActEntry act;
    act.kind = kind;
    act.actor = whom.actor;
    act.reason = whom.reason;
    act.name = name;
    act.lane = lane;
    group.record.add(act);
  };
  auto durable = co_await commit(std::move(put));
  pass_turn();
  co_return durable;
}

}  // namespace smarthl7::store
