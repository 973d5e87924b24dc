// SPDX-License-Identifier: Apache-2.0
// What a group consists of: dedup, rejects, deliveries and releases, decided in commit order.
#include <algorithm>
#include <cstring>

#include "runtime/store/delta.h"
#include "runtime/store/writer.h"
#include "stdlib/base/assert.h"

namespace smarthl7::store {

namespace {
constexpr std::int64_t kDaySeconds = 86'400;
std::int64_t micros_of(WallTime time) { return time.time_since_epoch().count(); }
}  // namespace

Hash128 Writer::hashed(const Hash128& key) const {
  char bytes[16];
  std::memcpy(bytes, &key.high, 8);
  std::memcpy(bytes + 8, &key.low, 8);
  return keyed_hash(manifest_.hash_key, {bytes, sizeof bytes});
}

SinkBatch& Writer::sink_batch(Group& group, Destination& destination) {
  for (SinkBatch& batch : group.sinks)
    if (batch.destination == &destination) return batch;
  SinkBatch& batch = group.sinks.emplace_back();
  batch.destination = &destination;
  return batch;
}

DeliveryRef Writer::ref_of(const Queued& delivery, const Destination& destination) const {
  DeliveryRef ref{delivery.id, destination.id, {}};
  if (delivery.barrier) {
    ref.lanes = *delivery.barrier;
  } else {
    ref.lanes.push_back(delivery.lane);
  }
  return ref;
}

void Writer::add_opens(Group& group) {
  for (OpenRequest* const request : std::exchange(opens_, {})) {
    Destination* known = lanes_.find(request->options.name);
    if (known != nullptr && known->sink != nullptr) {
      request->done->complete(fail(ErrorCode::exists, "the destination `" + request->options.name + "` is open already"));
      continue;
    }
    const bool in_making = std::any_of(group.makes.begin(), group.makes.end(),
                                       [&](const OpenRequest* other) { return other->options.name == request->options.name; });
    if (in_making) {
      opens_.push_back(request);
      continue;
    }
    // What another plan left in the express lane keeps its order with what comes, though nothing is urgent any more.
    if (known != nullptr && lanes_.has_express(*known)) request->options.express = request->options.keep_keys = true;
    // Keys that were not kept or counted are read again, by way of making the lanes anew.
    const bool other_keys =
        known != nullptr && known->queued > 0 &&
        ((request->options.keep_keys && !known->options.keep_keys) || request->options.express != known->options.express);
    const bool other_order = known != nullptr && known->options.order != request->options.order;
    if (known == nullptr || known->options.lanes != request->options.lanes || other_order || other_keys) {
      request->id = known != nullptr ? known->id : next_destination_++;
      group.makes.push_back(request);
      continue;
    }
    request->id = known->id;
    known->options = request->options;
    known->sink = request->sink;
    known->home = request->home;
    known->ready = true;
    group.attaches.push_back(request);
    SinkBatch& batch = sink_batch(group, *known);
    const bool seen = !request->options.own_queue;
    for (const Outstanding* const outstanding : lanes_.outstanding_of(*known)) {
      const std::int64_t remembers = std::chrono::duration_cast<Micros>(known->options.remembers).count();
      const bool covered = remembers > 0 && group.at - outstanding->released_at < remembers;
      if (seen) {
        group.record.add(AmbiguityEntry{ref_of(outstanding->delivery, *known), outstanding->released_at, covered});
        ++group.ambiguities[known->name];
      }
      batch.read_back.push_back({outstanding->delivery, seen, outstanding->released_at});
    }
  }
}

void Writer::add_outcomes(Group& group) {
  group.outcomes = std::exchange(outcomes_, {});
  group.attempts = std::exchange(attempts_, {});
  outcomes_due_ = kNever;
  urgent_ = false;
  for (const Attempt& attempt : group.attempts) {
    Outstanding* const outstanding = lanes_.outstanding(attempt.delivery);
    if (outstanding == nullptr) continue;
    outstanding->delivery.attempts = std::max(outstanding->delivery.attempts, attempt.number);
    if (attempt.outcome == kRefusedForNow && outstanding->delivery.refused_at == 0)
      outstanding->delivery.refused_at = micros_of(attempt.at);
    AttemptEntry entry;
    entry.delivery = ref_of(outstanding->delivery, *outstanding->destination);
    entry.number = attempt.number;
    entry.outcome = attempt.outcome;
    entry.detail = attempt.detail;
    entry.at = micros_of(attempt.at);
    group.record.add(entry);
  }
  for (const Outcome& outcome : group.outcomes) {
    lanes_.withdraw(outcome.delivery);
    add_outcome(group, outcome, outcome.answer);
  }
}

void Writer::add_outcome(Group& group, const Outcome& outcome, std::string_view answer) {
  const bool dead = outcome.kind == OutcomeKind::dead;
  const auto done = lanes_.finish(outcome.delivery, dead);
  if (!done) return;
  if (dead) {
    ++group.totals.dead;
    ++group.letters[done->destination->name];
  }
  if (watch_.search != nullptr) watch_.search->ended(outcome.delivery, outcome.kind);
  OutcomeEntry entry;
  entry.delivery = ref_of(done->delivery, *done->destination);
  entry.kind = outcome.kind;
  entry.reason = outcome.reason;
  entry.answer = answer;
  entry.attempts = outcome.attempts;
  entry.at = micros_of(outcome.at);
  group.record.add(entry);
  SinkBatch& batch = sink_batch(group, *done->destination);
  ++batch.durable;
  if (outcome.awaited) batch.outcomes.emplace_back(outcome.delivery, outcome.kind);
  if (outcome.response) add_response(group, outcome, *done->destination);
}

/// What this message was made of: in the same record, so that it is in exactly one message.
void Writer::add_completes(Group& group, const NewMessage& message, MessageId id) {
  if (message.completes.empty()) return;
  const std::string in_message = "in message " + std::to_string(id);
  for (const Outcome& outcome : message.completes)
    add_outcome(group, outcome, outcome.answer.empty() ? std::string_view(in_message) : std::string_view(outcome.answer));
  urgent_ = true;  // the queue that they came from may have more
}

Hash128 Writer::response_key(MessageId message, DestinationId destination) const {
  constexpr std::uint64_t kResponseMark = 0x52455350'00000000;  // apart from the keys of flows, which are hashes of 128 bits
  return hashed({message, kResponseMark | destination});
}

/// A response is a key like those of dedup, found by the message that it answers.
void Writer::add_response(Group& group, const Outcome& outcome, Destination& destination) {
  const MessageId message = outcome.delivery.message;
  ResponseEntry entry;
  entry.kind = outcome.kind;
  entry.destination = destination.id;
  entry.message = message;
  entry.key = response_key(message, destination.id);
  entry.expires = group.at / 1'000'000 + std::chrono::duration_cast<std::chrono::seconds>(options_.body_retention).count();
  KeyFacts facts{entry.key, content_of(entry.kind), message, entry.expires, 0, 0, 0};
  if (!outcome.response->empty()) {
    entry.piece = group.record.add_piece(outcome.response->view());
    const Piece& piece = group.record.piece(entry.piece);
    facts.acknowledgement = group.record.place(entry.piece);
    facts.acknowledgement_size = piece.size;
    facts.acknowledgement_crc = piece.crc;
  }
  group.record.add(entry);
  group.keys[facts.key.low].push_back({facts, *outcome.response});
  sink_batch(group, destination).responses.emplace_back(message, Response{outcome.kind, *outcome.response});
}

/// The response to the message that this one is a copy of, if it is there. False: it cannot be read now.
bool Writer::find_response(Group& group, AcceptRequest& request, std::int64_t now_seconds) {
  Accepted& result = *request.result;
  auto claim = look_up(group, response_key(result.response_of, request.message.respond->destination), {}, now_seconds);
  if (!claim) {
    request.result = std::unexpected(claim.error());
    stop(request.result.error());
    return false;
  }
  if (!claim->seen && !claim->conflict) return true;  // not there yet
  const KeyFacts& facts = claim->first;
  Response& response = result.response.emplace();
  response.kind = static_cast<OutcomeKind>(facts.content.low);
  response.bytes = claim->acknowledgement;
  if (!response.bytes.empty() || facts.acknowledgement_size == 0) return true;
  auto bytes = files_.body({facts.acknowledgement, facts.acknowledgement_size, facts.acknowledgement_crc});
  if (!bytes && bytes.error().code != ErrorCode::not_found) {
    request.result = std::unexpected(bytes.error());
    return false;
  }
  if (bytes) response.bytes = std::move(*bytes);  // else its segment is no longer kept
  return true;
}

void Writer::add_given_back(Group& group) {
  for (const DeliveryId& id : std::exchange(given_back_, {}))
    if (const auto back = lanes_.give_back(id)) group.record.add(GiveBackEntry{ref_of(back->delivery, *back->destination)});
}

void Writer::add_releases(Group& group) {
  std::vector<Queued> released;
  for (const auto& destination : lanes_.all()) {
    if (!destination->ready || destination->sink == nullptr) continue;
    released.clear();
    destination->paged = false;
    lanes_.release(*destination, group.at, released);
    if (released.empty()) continue;
    SinkBatch& batch = sink_batch(group, *destination);
    for (Queued& delivery : released) {
      group.record.add(ReleaseEntry{ref_of(delivery, *destination)});
      batch.read_back.push_back({std::move(delivery), false, group.at});
    }
  }
}

// ---- one message ------------------------------------------------------------------------------------------------------------

Result<Writer::Claim> Writer::look_up(Group& group, const Hash128& key, const Hash128& content, std::int64_t now_seconds) {
  Claim claim;
  const KeyFacts* found = nullptr;
  KeyFacts from_run;
  if (const auto at = group.keys.find(key.low); at != group.keys.end()) {
    for (const GroupKey& one : at->second) {
      if (one.facts.key != key) continue;
      found = &one.facts;
      claim.acknowledgement = one.acknowledgement;
    }
  }
  if (found == nullptr) found = keys_.find(key);
  if (found == nullptr && frozen_keys_) found = frozen_keys_->find(key);
  for (auto run = runs_.rbegin(); found == nullptr && run != runs_.rend(); ++run) {
    TRY(const auto in_run, run->second->find(key));
    if (!in_run) continue;
    from_run = *in_run;
    found = &from_run;
  }
  if (found == nullptr || now_seconds > found->expires) return claim;
  claim.first = *found;
  claim.seen = found->content == content;
  claim.conflict = !claim.seen;
  return claim;
}

bool Writer::keep_reject_body(const std::string& source, std::int64_t at, std::size_t size) {
  auto& [day, bytes] = reject_bytes_[source];
  const std::int64_t today = at / 1'000'000 / kDaySeconds;
  if (day != today) {
    day = today;
    bytes = 0;
  }
  if (bytes + size > options_.reject_bytes) return false;
  bytes += size;
  return true;
}

void Writer::add_reject(Group& group, AcceptRequest& request, MessageEntry& entry) {
  NewMessage& message = request.message;
  entry.verdict = Verdict::rejected;
  ++group.totals.rejected;
  if (keep_reject_body(message.source, group.at, message.body.size()))
    request.body = group.record.add_piece(message.body.view());
  const SharedBytes& answer = request.result->acknowledgement;
  if (!answer.empty()) request.acknowledgement = group.record.add_piece(answer.view());
  entry.body = request.body;
  entry.acknowledgement = request.acknowledgement;
  add_answers(group, request, entry, 0);
  group.record.add(entry);
}

/// Answers that a destination sends are deliveries like others, of a flow without name.
void Writer::add_answers(Group& group, AcceptRequest& request, MessageEntry& entry, std::uint32_t number) {
  if (request.message.answers.empty()) return;
  FlowEntry& flow = entry.flows.emplace_back();
  for (NewDelivery& answer : request.message.answers) add_delivery(group, request, flow, answer, entry.id, number++);
}

void Writer::add_accept(Group& group, AcceptRequest& request) {
  NewMessage& message = request.message;
  MessageEntry entry;
  entry.id = next_message_ + group.messages++;
  entry.source = message.source;
  entry.connection = message.connection;
  entry.received_at = micros_of(message.received_at);
  entry.plan = {reinterpret_cast<const char*>(message.plan.data()), message.plan.size()};
  entry.type = message.type;
  entry.control = keyed_hash(manifest_.hash_key, message.control_id).low;
  entry.reason = message.reason;
  entry.size = message.body.size();
  std::copy(std::begin(message.stage_micros), std::end(message.stage_micros), entry.stage_micros.begin());
  for (const TableUse& table : message.tables) entry.tables.push_back({table.name, table.version, micros_of(table.since)});
  Accepted& result = *request.result;
  result.id = result.of = entry.id;
  result.acknowledgement = message.acknowledgement;
  if (message.verdict == Verdict::rejected) return add_reject(group, request, entry);

  const std::int64_t now_seconds = entry.received_at / 1'000'000;
  std::size_t claims = 0;
  std::size_t copies = 0;
  std::size_t rejecting = 0;
  Claim first;
  MessageId response_of = entry.id;
  for (std::size_t i = 0; i < message.flows.size(); ++i) {
    const FlowEffects& flow = message.flows[i];
    FlowEntry& flow_entry = entry.flows.emplace_back();
    flow_entry.name = flow.flow;
    if (!flow.dedup) continue;
    ++claims;
    flow_entry.key = hashed(flow.dedup->key);
    flow_entry.content = flow.dedup->content;
    flow_entry.expires = now_seconds + flow.dedup->window.count();
    auto claim = look_up(group, flow_entry.key, flow_entry.content, now_seconds);
    if (!claim) {
      request.result = std::unexpected(claim.error());
      claim = Claim{};
      stop(request.result.error());
      return;
    }
    flow_entry.duplicate = claim->seen;
    flow_entry.claimed = !claim->seen;
    if (claim->seen && copies++ == 0) first = *claim;
    if (claim->seen && message.respond && message.respond->flow == i) response_of = claim->first.message;
    if (claim->conflict) {
      result.conflict = true;
      entry.duplicate_of = claim->first.message;
      if (flow.dedup->reject_conflict) ++rejecting;
    }
  }
  entry.conflict = result.conflict;
  if (result.conflict) ++group.totals.conflicts;
  if (rejecting > 0) {
    entry.flows.clear();
    message.answers.clear();  // they speak of a message that was taken
    entry.reason = "same key, other bytes";
    result.acknowledgement = message.conflict_acknowledgement;
    return add_reject(group, request, entry);
  }
  if (message.respond) {
    result.response_of = response_of;
    if (response_of != entry.id && !find_response(group, request, now_seconds)) {
      --group.messages;
      return;
    }
  }
  result.duplicate = claims > 0 && copies == claims;
  if (result.duplicate) {
    entry.duplicate_of = result.of = first.first.message;
    if (!first.acknowledgement.empty()) {
      result.acknowledgement = first.acknowledgement;
    } else if (first.first.acknowledgement_size > 0) {
      auto bytes =
          files_.body({first.first.acknowledgement, first.first.acknowledgement_size, first.first.acknowledgement_crc});
      if (!bytes && bytes.error().code != ErrorCode::not_found) {  // not now: the copy must get the same bytes or none
        --group.messages;
        request.result = std::unexpected(bytes.error());
        return;
      }
      if (bytes) result.acknowledgement = std::move(*bytes);  // else its segment is no longer kept: its own says the same
    }
    if (claims == message.flows.size()) {  // nothing is left to do: no body is stored again
      entry.duplicate = true;
      ++group.totals.duplicates;
      group.record.add(entry);
      return;
    }
  }
  ++group.totals.messages;
  request.body = group.record.add_piece(message.body.view());
  if (!result.acknowledgement.empty()) {
    group.held.push_back(result.acknowledgement);
    request.acknowledgement = group.record.add_piece(result.acknowledgement.view());
  }
  entry.body = request.body;
  entry.acknowledgement = request.acknowledgement;
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < message.flows.size(); ++i) {
    FlowEntry& flow_entry = entry.flows[i];
    if (flow_entry.duplicate) continue;
    FlowEffects& flow = message.flows[i];
    if (flow_entry.claimed) {
      KeyFacts facts{flow_entry.key, flow_entry.content, entry.id, flow_entry.expires, 0, 0, 0};
      if (request.acknowledgement != kNoPiece) {
        const Piece& piece = group.record.piece(request.acknowledgement);
        facts.acknowledgement = group.record.place(request.acknowledgement);
        facts.acknowledgement_size = piece.size;
        facts.acknowledgement_crc = piece.crc;
      }
      group.keys[facts.key.low].push_back({facts, result.acknowledgement});
    }
    for (NewDelivery& delivery : flow.deliveries) {
      const auto& awaited = message.awaited;
      if (std::ranges::find(awaited, delivery.destination) != awaited.end()) result.awaited.push_back(number);
      add_delivery(group, request, flow_entry, delivery, entry.id, number++);
    }
    for (const Ending& ending : flow.endings) {
      const std::uint32_t piece = ending.kind == Ending::Kind::dead ? piece_for(group, request, ending.body) : kNoPiece;
      flow_entry.endings.push_back({ending.kind, ending.reason, piece});
      ++(ending.kind == Ending::Kind::dead ? group.totals.dead : group.totals.dropped);
      if (ending.kind == Ending::Kind::dead) ++group.letters[flow.flow];
    }
  }
  add_answers(group, request, entry, number);
  group.record.add(entry);
  add_completes(group, message, entry.id);
}

/// kNoPiece: the body as received.
std::uint32_t Writer::piece_for(Group& group, AcceptRequest& request, const std::optional<SharedBytes>& body) {
  if (!body || body->same_as(request.message.body)) return kNoPiece;
  const auto known = std::find_if(request.edited.begin(), request.edited.end(),
                                  [&](const EditedBody& one) { return one.bytes->same_as(*body); });
  SMARTHL7_ASSERT(known != request.edited.end(), "find_differences() saw every body");
  if (known->piece != kNoPiece) return known->piece;
  if (known->difference.empty() || request.body == kNoPiece) {
    known->piece = group.record.add_piece(body->view());
  } else {
    known->piece = group.record.add_difference(known->difference, request.body, body->size(), known->difference.data());
  }
  return known->piece;
}

/// On the caller's thread: the writer has enough to do.
void Writer::find_differences(AcceptRequest& request) {
  const SharedBytes& received = request.message.body;
  const auto look_at = [&](const std::optional<SharedBytes>& body) {
    if (!body || body->same_as(received)) return;
    for (const EditedBody& one : request.edited)
      if (one.bytes->same_as(*body)) return;
    EditedBody& edited = request.edited.emplace_back();
    edited.bytes = &*body;
    edited.difference.resize(kDifferenceHeaderSize);
    if (!make_delta(received.view(), body->view(), edited.difference)) edited.difference.clear();
  };
  for (const NewDelivery& answer : request.message.answers)  // bytes of their own: not worth a look
    request.edited.emplace_back().bytes = &*answer.body;
  for (const FlowEffects& flow : request.message.flows) {
    for (const NewDelivery& delivery : flow.deliveries) look_at(delivery.body);
    for (const Ending& ending : flow.endings) look_at(ending.body);
  }
}

void Writer::add_delivery(Group& group, AcceptRequest& request, FlowEntry& flow, NewDelivery& delivery, MessageId id,
                          std::uint32_t number) {
  Destination* const destination = lanes_.find(delivery.destination);
  SMARTHL7_ASSERT(destination != nullptr, "accept() checks its destinations");
  DeliveryEntry& entry = flow.deliveries.emplace_back();
  entry.destination = delivery.destination;
  entry.piece = piece_for(group, request, delivery.body);
  if (watch_.search != nullptr && !flow.name.empty())
    watch(delivery, delivery.body ? *delivery.body : request.message.body, {id, number});
  const std::uint32_t piece = entry.piece == kNoPiece ? request.body : entry.piece;
  lanes_.choose_lane(*destination, delivery.urgent, delivery.keys);
  entry.keys = delivery.keys;
  auto lanes = lanes_of(delivery.keys, destination->options.lanes);
  Queued queued;
  queued.id = {id, number};
  queued.size = group.record.piece(piece).whole;
  queued.crc = group.record.piece(piece).crc;
  queued.body = group.record.place(piece);
  queued.received_at = micros_of(request.message.received_at);
  queued.lane = lanes.front();
  if (lanes.size() > 1) queued.barrier = std::make_shared<const std::vector<LaneNumber>>(lanes);
  if (destination->options.keep_keys && !delivery.keys.empty())
    queued.keys = std::make_shared<const std::vector<std::uint64_t>>(delivery.keys);
  entry.released = lanes_.accept(*destination, std::move(queued), group.at);
  if (!entry.released) return;
  Released& released = sink_batch(group, *destination).fresh.emplace_back();
  released.delivery = {id, number};
  released.lanes = std::move(lanes);
  released.body = delivery.body ? *delivery.body : request.message.body;
  released.received_at = request.message.received_at;
  released.released_at = WallTime(Micros(group.at));
  if (destination->options.keep_keys) released.keys = delivery.keys;
}

void Writer::watch(const NewDelivery& delivery, const SharedBytes& body, DeliveryId id) {
  LaterSearch& search = *watch_.search;
  if (!search.concerns(delivery.destination)) return;
  std::vector<std::uint64_t> people;
  if (search.needs_people(delivery.destination, delivery.keys)) people = (*watch_.identities)(body.view());
  search.came(delivery.destination, id, id.message, delivery.keys, people);
}

}  // namespace smarthl7::store
