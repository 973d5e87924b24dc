// SPDX-License-Identifier: Apache-2.0
// Replay: what is meant, whether something later went before it, and the commit that makes it the newest message of its lanes.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/store/clerk.h"

namespace smarthl7::store {

namespace {
constexpr std::uint32_t kPage = 10'000;  // letters that are searched for together
constexpr std::size_t kChunkLetters = 128;
constexpr std::uint64_t kChunkBytes = 8ULL << 20;
constexpr std::string_view kEnding =
    "the hub is stopping; what was not replayed yet is still a dead letter: ask again when it runs";
}  // namespace

struct Clerk::Page {
  const ReplayWish* wish;
  const ByWhom* whom;
  std::vector<Replayable> items;
  std::vector<ReplayVerdict> verdicts;  // of the items
  LaterSearch past{{}};                 // what the journal says
  LaterSearch since{{}};                // what came while the past was looked at
  JournalPosition from;
  std::vector<DestinationId> targets;
};

struct Clerk::Chunk {
  Page* page;
  std::size_t first;
  std::vector<SharedBytes> bodies;  // empty: refused already
  std::vector<ReplayVerdict> verdicts;
};

env::Task<Result<std::vector<ReplayVerdict>>> Clerk::replay(ReplayWish wish, ByWhom whom) {
  co_await turn();
  std::vector<ReplayVerdict> verdicts;
  auto done = co_await replay_all(&wish, &whom, &verdicts);
  pass_turn();
  if (!done) co_return std::unexpected(done.error());
  co_return verdicts;
}

env::Task<Result<void>> Clerk::replay_all(const ReplayWish* wish, const ByWhom* whom, std::vector<ReplayVerdict>* verdicts) {
  MessageId after = wish->choice.filter.after;
  while (!ending_.load(std::memory_order_relaxed)) {
    std::function<Result<std::vector<Replayable>>(State&)> question = [&, after](State& state) {
      return state.replayables(wish->choice, wish->deliveries, whom->request, after, kPage);
    };
    auto items = co_await writer_.ask(std::move(question));
    if (!items) co_return std::unexpected(items.error());
    if (items->empty()) co_return Result<void>{};
    after = items->back().delivery.message;
    Page page{wish, whom, std::move(*items), {}, LaterSearch({}), LaterSearch({}), {}, {}};
    auto done = co_await replay_page(&page);
    if (!done) co_return done;
    std::ranges::move(page.verdicts, std::back_inserter(*verdicts));
    if (!wish->choice.some.empty()) co_return Result<void>{};
  }
  co_return fail(ErrorCode::stopped, std::string(kEnding));
}

/// The past is read while messages come; the writer notes those that come meanwhile.
env::Task<Result<void>> Clerk::replay_page(Page* page) {
  for (const Replayable& item : page->items) {
    ReplayVerdict& verdict = page->verdicts.emplace_back();
    verdict.delivery = item.delivery;
    verdict.destination = page->wish->to.value_or(item.name);
    verdict.made = item.before;
    verdict.before = item.before != 0;
    if (!verdict.before) verdict.refused = item.refused;
    if (verdict.before || !verdict.refused.empty() || page->wish->to || item.destination != 0) continue;
    verdict.refused = "a flow ended it before any destination; say where to with --to";
  }
  std::function<Result<bool>(State&)> question = [page](State& state) -> Result<bool> {
    DestinationId elsewhere = 0;
    if (page->wish->to) {
      TRY(const auto destinations, state.destinations());
      for (const DestinationFacts& facts : destinations)
        if (facts.name == *page->wish->to) elsewhere = facts.id;
      if (elsewhere == 0) return fail(ErrorCode::not_found, "there is no destination `" + *page->wish->to + "`");
    }
    std::vector<Subject> subjects(page->items.size());
    bool any = false;
    for (std::size_t i = 0; i < page->items.size(); ++i) {
      const Replayable& item = page->items[i];
      page->targets.push_back(elsewhere != 0 ? elsewhere : item.destination);
      if (page->verdicts[i].before || !page->verdicts[i].refused.empty()) continue;
      Subject& subject = subjects[i];
      subject.destination = page->targets.back();
      subject.age = item.age;
      const bool own = elsewhere == 0 || elsewhere == item.destination;
      if (own && item.original.at == 0) subject.keys = item.keys;
      for (const BodyPlace& place : {item.body, item.original}) {
        if (place.at == 0) continue;
        TRY(const SharedBytes body, state.read_body(place));
        const auto people = page->wish->identities(body.view());
        subject.people.insert(subject.people.end(), people.begin(), people.end());
      }
      if (!any || item.record < page->from.at) page->from = {item.record, item.group - 1};
      any = true;
    }
    page->past = LaterSearch(subjects);
    page->since = LaterSearch(std::move(subjects));
    return any;
  };
  auto any = co_await writer_.ask(std::move(question));
  if (!any) co_return std::unexpected(any.error());
  if (!*any) co_return Result<void>{};
  auto looked = co_await look(page);
  std::size_t next = 0;
  while (looked && next < page->items.size()) {
    if (ending_.load(std::memory_order_relaxed)) looked = fail(ErrorCode::stopped, std::string(kEnding));
    if (!looked) break;
    auto done = co_await replay_chunk(page, &next);
    if (!done) looked = std::move(done);
  }
  env::Completion<bool> ended;
  writer_.command([this, &ended] {
    writer_.watch_ = {};
    ended.complete(true);
  });
  co_await ended;
  co_return looked;
}

env::Task<Result<void>> Clerk::look(Page* page) {
  env::Completion<JournalPosition> begun;
  writer_.command([this, page, &begun] {
    writer_.watch_ = {&page->since, &page->wish->identities};
    begun.complete(writer_.journal_.end());
  });
  JournalPosition end = co_await begun;
  JournalPosition at = page->from;
  while (!ending_.load(std::memory_order_relaxed)) {
    std::function<Result<bool>(State&)> step = [page, &at, end](State& state) {
      return state.look_for_later(page->past, page->wish->identities, at, end);
    };
    auto there = co_await writer_.ask(std::move(step));
    if (!there) co_return std::unexpected(there.error());
    if (*there) co_return Result<void>{};
  }
  co_return fail(ErrorCode::stopped, std::string(kEnding));
}

env::Task<Result<void>> Clerk::replay_chunk(Page* page, std::size_t* next) {
  Chunk chunk{page, *next, {}, {}};
  std::function<Result<bool>(State&)> read = [&chunk](State& state) -> Result<bool> {
    std::uint64_t bytes = 0;
    for (std::size_t i = chunk.first; i < chunk.page->items.size(); ++i) {
      if (chunk.bodies.size() >= kChunkLetters ||
          (!chunk.bodies.empty() && bytes + chunk.page->items[i].body.size > kChunkBytes))
        return true;
      chunk.verdicts.push_back(chunk.page->verdicts[i]);
      SharedBytes& body = chunk.bodies.emplace_back();
      if (chunk.verdicts.back().before || !chunk.verdicts.back().refused.empty()) continue;
      TRY(body, state.read_body(chunk.page->items[i].body));
      bytes += body.size();
    }
    return true;
  };
  auto bodies = co_await writer_.ask(std::move(read));
  if (!bodies) co_return std::unexpected(bodies.error());
  const std::vector<ReplayVerdict> before = chunk.verdicts;
  std::function<void(Writer::Group&)> put = [this, &chunk, &before](Writer::Group& group) {
    chunk.verdicts = before;
    put_replays(group, chunk);
  };
  auto durable = co_await commit(std::move(put), true);
  if (!durable) co_return durable;
  std::ranges::move(chunk.verdicts, page->verdicts.begin() + static_cast<std::ptrdiff_t>(chunk.first));
  *next += chunk.bodies.size();
  co_return Result<void>{};
}

void Clerk::put_replays(Writer::Group& group, Chunk& chunk) {
  Page& page = *chunk.page;
  for (std::size_t i = 0; i < chunk.bodies.size(); ++i) {
    ReplayVerdict& verdict = chunk.verdicts[i];
    if (verdict.before || !verdict.refused.empty()) continue;
    const std::size_t at = chunk.first + i;
    Destination* const destination = writer_.lanes_.find(page.targets[at]);
    if (destination == nullptr || destination->sink == nullptr || destination->options.own_queue) {
      verdict.refused = destination != nullptr && destination->options.own_queue
                            ? "it went into a batch, which collects what is new only"
                            : "the running plan has no destination `" + verdict.destination + "`";
      continue;
    }
    LaterSearch::Found found = page.past.found(at);
    const LaterSearch::Found since = page.since.found(at);
    found.later.insert(found.later.end(), since.later.begin(), since.later.end());
    verdict.later = std::move(found.later);
    verdict.more_later = found.more || since.more;
    if (!page.wish->despite_order && (!verdict.later.empty() || verdict.more_later)) {
      verdict.refused = "later messages about the same went there since";
      continue;
    }
    if (!page.wish->despite_order && page.past.incomplete) {
      verdict.refused = page.past.looked_at > kMostLookedAt
                            ? fmt::format("more than {} messages came since; not all were looked at", kMostLookedAt)
                            : "some of the messages since are no longer kept and could not be looked at";
      continue;
    }
    put_replay(group, chunk, i, *destination);
  }
}

/// The same bytes as a new message: nothing of dedup, attempts or outcomes hangs on it.
void Clerk::put_replay(Writer::Group& group, Chunk& chunk, std::size_t i, Destination& destination) {
  const Page& page = *chunk.page;
  const Replayable& item = page.items[chunk.first + i];
  ReplayVerdict& verdict = chunk.verdicts[i];
  const SharedBytes& body = chunk.bodies[i];

  MessageEntry entry;
  entry.id = writer_.next_message_ + group.messages++;
  entry.source = item.source;
  entry.received_at = group.at;
  entry.plan = item.plan;
  entry.type = item.type;
  entry.control = item.control;
  entry.size = body.size();
  entry.body = group.record.add_piece(body.view());
  entry.replay = true;
  entry.replay_of = item.delivery;
  entry.replay_age = item.age;
  FlowEntry& flow = entry.flows.emplace_back();
  flow.name = item.flow;
  DeliveryEntry& delivery = flow.deliveries.emplace_back();
  delivery.destination = destination.id;
  delivery.piece = kNoPiece;
  if (destination.id == item.destination && item.original.at == 0) {
    delivery.keys = item.keys;
  } else {  // edited, or for elsewhere: its keys are not known here, so it is a barrier over all lanes
    delivery.keys = {kEveryKey};
  }
  writer_.lanes_.choose_lane(destination, false, delivery.keys);
  auto lanes = lanes_of(delivery.keys, destination.options.lanes);
  Queued queued;
  queued.id = {entry.id, 0};
  queued.size = group.record.piece(entry.body).whole;
  queued.crc = group.record.piece(entry.body).crc;
  queued.body = group.record.place(entry.body);
  queued.received_at = group.at;
  queued.lane = lanes.front();
  if (lanes.size() > 1) queued.barrier = std::make_shared<const std::vector<LaneNumber>>(lanes);
  if (destination.options.keep_keys && !delivery.keys.empty())
    queued.keys = std::make_shared<const std::vector<std::uint64_t>>(delivery.keys);
  delivery.released = writer_.lanes_.accept(destination, std::move(queued), group.at);
  if (delivery.released) {
    Released& released = writer_.sink_batch(group, destination).fresh.emplace_back();
    released.delivery = {entry.id, 0};
    released.lanes = std::move(lanes);
    released.body = body;
    released.received_at = WallTime(Micros(group.at));
    released.released_at = WallTime(Micros(group.at));
    if (destination.options.keep_keys) released.keys = delivery.keys;
  }
  group.record.add(entry);

  std::string detail;
  if (page.wish->to) detail = "to " + destination.name;
  if (!verdict.later.empty())
    detail += fmt::format("{}despite {}{} later message{}", detail.empty() ? "" : ", ", verdict.more_later ? "more than " : "",
                          verdict.later.size(), verdict.later.size() == 1 ? "" : "s");
  if (page.wish->despite_order && page.past.incomplete)
    detail += std::string(detail.empty() ? "" : ", ") + "not all later messages were looked at";
  ActEntry act;
  act.kind = ActKind::replayed;
  act.actor = page.whom->actor;
  act.reason = page.whom->reason;
  act.detail = detail;
  act.request = page.whom->request;
  act.name = item.name;
  act.delivery = item.delivery;
  act.made = entry.id;
  act.letter = item.letter;
  group.record.add(act);
  if (item.letter) --group.letters[item.name];
  verdict.made = entry.id;
}

}  // namespace smarthl7::store
