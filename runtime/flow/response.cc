// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/response.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "runtime/flow/asking.h"
#include "runtime/flow/control_id.h"
#include "runtime/flow/reactor.h"
#include "stdlib/hl7/ack.h"

namespace smarthl7::flow {

// ---- those who wait -------------------------------------------------------------------------------------------------------

struct Responses::Waiting {
  env::Executor& executor;
  std::unordered_multimap<store::MessageId, Waiter*> waiters;
  SteadyTime end = kNever;
};

Responses::Responses(env::Executor& executor) : waiting_(std::make_shared<Waiting>(executor)) {}

Responses::Waiter::Waiter(Responses* responses, store::MessageId message, store::DestinationId destination)
    : waiting_(responses->waiting_), message_(message), destination_(destination) {
  waiting_->waiters.emplace(message_, this);
}

Responses::Waiter::~Waiter() {
  const auto [first, last] = waiting_->waiters.equal_range(message_);
  for (auto at = first; at != last; ++at) {
    if (at->second != this) continue;
    waiting_->waiters.erase(at);
    return;
  }
}

env::Task<std::optional<store::Response>> Responses::Waiter::wait(SteadyTime until) {
  env::Executor& executor = waiting_->executor;
  while (!response_ && executor.now() < std::min(until, waiting_->end)) co_await came_.wait(std::min(until, waiting_->end));
  co_return response_;
}

void Responses::arrived(store::MessageId message, store::DestinationId destination, const store::Response& response) {
  const auto [first, last] = waiting_->waiters.equal_range(message);
  for (auto at = first; at != last; ++at) {
    Waiter& waiter = *at->second;
    if (waiter.destination_ != destination) continue;
    waiter.response_ = response;
    waiter.came_.notify_all();
  }
}

void Responses::end(SteadyTime until) {
  waiting_->end = until;
  for (const auto& [message, waiter] : waiting_->waiters) waiter->came_.notify_all();
}

std::size_t Responses::waiting() const { return waiting_->waiters.size(); }

// ---- the response, for its sender -----------------------------------------------------------------------------------------

namespace {

/// Bytes of a field written with one message's delimiters, for another one's.
std::string with_delimiters(std::string_view raw, const hl7::Delimiters& from, const hl7::Delimiters& to) {
  if (from == to) return std::string(raw);
  std::string out;
  for (const char c : raw) {
    if (c == from.component) {
      out += to.component;
    } else if (c == from.repetition) {
      out += to.repetition;
    } else if (c == from.subcomponent) {
      out += to.subcomponent;
    } else if (c == from.escape) {
      out += to.escape;
    } else {
      out += to.has(c) ? ' ' : c;
    }
  }
  return out;
}

/// Field `number` of the segment that begins at `begin`: from its first byte to its last, or where it would stand.
struct Place {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t missing = 0;  // separators that the segment does not have
};
Place find_field(std::string_view text, std::size_t begin, char separator, std::size_t number) {
  const std::size_t stop = std::min(text.find_first_of("\r\n", begin), text.size());
  std::size_t at = begin;
  for (std::size_t passed = 0; passed < number; ++passed) {
    const std::size_t next = text.find(separator, at);
    if (next >= stop) return {stop, stop, number - passed};
    at = next + 1;
  }
  return {at, std::min(text.find(separator, at), stop), 0};
}

void set_field(std::string& text, std::size_t segment, char separator, std::size_t number, std::string_view value) {
  const Place place = find_field(text, segment, separator, number);
  if (place.missing > 0 && value.empty()) return;
  text.replace(place.begin, place.end - place.begin, std::string(place.missing, separator) + std::string(value));
}

std::size_t find_msa(std::string_view text) {
  for (std::size_t at = text.find("MSA"); at != std::string_view::npos; at = text.find("MSA", at + 1))
    if (at > 0 && (text[at - 1] == '\r' || text[at - 1] == '\n')) return at;
  return std::string_view::npos;
}

}  // namespace

std::optional<std::string> relayed(std::string_view response, std::string_view request) {
  const Result<hl7::Message> answer = hl7::Message::parse(response);
  const Result<hl7::Message> asked = hl7::Message::parse(request);
  if (!answer || !asked) return std::nullopt;
  const hl7::Delimiters& to = answer->delimiters();
  const hl7::Delimiters& from = asked->delimiters();
  std::string text(response);
  const std::size_t msa = find_msa(text);
  const std::size_t msh = text.find("MSH");
  if (msa == std::string_view::npos || msh == std::string_view::npos) return std::nullopt;

  // From the end to the front, so that what is still to be set stays in its place.
  set_field(text, msa, to.field, 2, with_delimiters(asked->control_id(), from, to));
  const Place code = find_field(text, msa, to.field, 1);
  if (code.end - code.begin == 2 && text[code.begin] == 'C') text[code.begin] = 'A';
  // MSH-1 is the separator itself: MSH-n is the (n - 1)-th field of the text.
  set_field(text, msh, to.field, 5, with_delimiters(asked->sending_facility(), from, to));
  set_field(text, msh, to.field, 4, with_delimiters(asked->sending_application(), from, to));
  const std::string facility = with_delimiters(asked->receiving_facility(), from, to);
  const std::string application = with_delimiters(asked->receiving_application(), from, to);
  if (!facility.empty()) set_field(text, msh, to.field, 3, facility);
  if (!application.empty()) set_field(text, msh, to.field, 2, application);
  return text;
}

// ---- one source's side ----------------------------------------------------------------------------------------------------

Responder::Responder(const plan::Plan& plan, plan::Id source, std::span<const store::DestinationId> destinations)
    : destinations_(destinations) {
  for (const plan::Flow& flow : plan.flows) {
    const auto* first = plan.lists.data() + flow.sources.first;
    if (flow.respond_from == plan::kNone || std::find(first, first + flow.sources.count, source) == first + flow.sources.count)
      continue;
    within_ = std::chrono::microseconds(static_cast<std::int64_t>(flow.respond_within_micros));
  }
}

void Responder::ask(const plan::Plan& plan, const eval::Effects& effects, store::NewMessage& message) const {
  if (within_.count() == 0) return;
  for (std::size_t i = 0; i < effects.flows.size(); ++i) {
    const plan::Id from = plan.flows[effects.flows[i].flow].respond_from;
    if (from == plan::kNone) continue;
    for (const eval::Delivery& delivery : effects.flows[i].deliveries)
      if (delivery.destination == from) message.respond = store::RespondsFrom{i, destinations_[from]};
  }
}

void Responder::answer(Reactor& reactor, const SharedBytes& request, store::DestinationId destination,
                       const store::Accepted& accepted, transport::Reply& reply) const {
  const Asked asked = asked_of(request.view());
  const bool commits = wants(asked.accept, true);
  // Taken before the flow responded, a message may have both answers stored: the commit acknowledgement is the first.
  if (commits) reply.answer = SharedBytes(std::string(split_answers(accepted.acknowledgement.view()).first));
  if (is_enhanced(asked) && !wants(asked.application, true) && !wants(asked.application, false)) return;
  std::unique_ptr<Responses::Waiter> waiter;
  if (!accepted.response) waiter = std::make_unique<Responses::Waiter>(&reactor.responses, accepted.response_of, destination);
  reply.later.emplace(relay(&reactor, request, accepted.response, std::move(waiter)));
}

env::Task<SharedBytes> Responder::relay(Reactor* reactor, SharedBytes request, std::optional<store::Response> response,
                                        std::unique_ptr<Responses::Waiter> waiter) const {
  if (waiter != nullptr) {
    std::optional<store::Response> came = co_await waiter->wait(reactor->env.executor.now() + within_);
    waiter.reset();
    response = std::move(came);
  }
  const Asked asked = asked_of(request.view());
  const bool accepted = response && response->kind == store::OutcomeKind::accepted;
  if (is_enhanced(asked) && !wants(asked.application, accepted)) co_return SharedBytes();
  if (response && !response->bytes.empty()) {
    std::optional<std::string> text = relayed(response->bytes.view(), request.view());
    if (text) co_return SharedBytes(std::move(*text));
  }
  const store::OutcomeKind kind = response ? response->kind : store::OutcomeKind::dead;
  co_return own_answer(*reactor, request, kind, !response);
}

SharedBytes application_answer(Reactor& reactor, const SharedBytes& request, bool accepted, std::string_view why_not) {
  const Result<hl7::Message> message = hl7::Message::parse(request.view());
  if (!message) return {};
  hl7::Finding finding;
  finding.code = hl7::condition::kInternalError;
  finding.text = why_not;
  const std::string time = to_hl7_timestamp(reactor.env.clock.wall());
  const std::string id = new_control_id(reactor.env.random);
  hl7::AckContent content;
  content.code = accepted ? hl7::AckCode::aa : hl7::AckCode::ae;
  content.timestamp = time;
  content.control_id = id;
  if (!accepted) content.findings = std::span<const hl7::Finding>(&finding, 1);
  std::string text;
  hl7::build_ack(*message, content, text);
  return SharedBytes(std::move(text));
}

/// Where the destination said nothing: AA if it has the message all the same, else AE 207.
SharedBytes Responder::own_answer(Reactor& reactor, const SharedBytes& request, store::OutcomeKind kind, bool late) {
  return application_answer(reactor, request, kind == store::OutcomeKind::accepted,
                            late ? "the receiving system has not answered yet; the message is kept and will be delivered"
                                 : "the receiving system did not take the message");
}

}  // namespace smarthl7::flow
