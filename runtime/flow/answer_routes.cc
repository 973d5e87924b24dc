// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/answer_routes.h"

#include "runtime/flow/asking.h"
#include "stdlib/hl7/ack.h"

namespace smarthl7::flow {

namespace {

constexpr std::size_t kFirstSegments = 4096;  // MSA follows MSH, SFT and UAC

env::Task<AnswerFit> ask_fit(const Destination* destination, const ArrivedAnswer* arrived) {
  const AnswerFit fits = destination->fit(*arrived);
  co_return fits;
}

}  // namespace

bool AnswerRoutes::may_be_answer(std::string_view message) {
  message = message.substr(0, kFirstSegments);
  return message.find("\rMSA") != std::string_view::npos || message.find("\nMSA") != std::string_view::npos;
}

env::Task<bool> AnswerRoutes::route(SharedBytes message) const {
  const Result<hl7::Ack> ack = hl7::parse_ack(message.view());
  if (!ack || !ack->code || ack->control_id.empty()) co_return false;
  ArrivedAnswer arrived;
  arrived.bytes = message;
  arrived.control_id = ack->control_id;
  arrived.application = std::string(header_field(message.view(), 3));
  arrived.facility = std::string(header_field(message.view(), 4));
  const End* found = nullptr;
  AnswerFit best = AnswerFit::none;
  bool several = false;
  for (const End& end : ends_) {
    env::Task<AnswerFit> asking = ask_fit(end.destination, &arrived);
    const AnswerFit fits = co_await on_reactor(end.reactor, std::move(asking));
    if (fits == AnswerFit::none || fits < best) continue;
    several = fits == best;
    best = fits;
    found = &end;
  }
  if (found == nullptr || several) co_return false;
  env::Task<bool> taking = found->destination->take(std::move(arrived));
  const bool taken = co_await on_reactor(found->reactor, std::move(taking));
  co_return taken;
}

}  // namespace smarthl7::flow
