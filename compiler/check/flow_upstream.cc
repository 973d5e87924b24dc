// SPDX-License-Identifier: Apache-2.0
// What the senders before a flow ask of its dedup: one that waits for the delivery asks again after its time, one that retries
// must not be forgotten before it stops. Senders are known by `resends within` of a source, and as destinations of the same
// project that deliver there.
#include <fmt/format.h>

#include "compiler/check/flow_checker.h"
#include "compiler/check/ports.h"

namespace smarthl7::check {

using diag::Code;

namespace {

constexpr std::uint64_t kSecond = 1'000'000;

std::string duration_text(std::uint64_t micros) {
  const std::uint64_t seconds = micros / kSecond;
  if (seconds != 0 && seconds % 86'400 == 0) return fmt::format("{}d", seconds / 86'400);
  if (seconds != 0 && seconds % 3600 == 0) return fmt::format("{}h", seconds / 3600);
  if (seconds != 0 && seconds % 60 == 0) return fmt::format("{}m", seconds / 60);
  return fmt::format("{}s", seconds);
}

/// How long a destination tries one message, as far as its retry says so; 0: it does not.
std::uint64_t horizon_of(const Context& context, const DestinationInfo& destination) {
  const auto at = context.retries.find(destination.retry);
  if (at == context.retries.end() || at->second.broken) return 0;
  const RetryInfo& retry = at->second;
  const std::uint64_t by_attempts = retry.give_up_attempts * retry.most_micros.value_or(0);
  return std::max({retry.give_up_micros, by_attempts, retry.unreachable_give_up_micros});
}

}  // namespace

void FlowChecker::check_dedup_window() {
  if (flow_.poisoned) return;
  for (const SourceInfo* source : sources_) {
    if (source->refused) continue;
    const std::string_view name = source->declaration->name->text;
    if (source->ack == plan::AckMode::when_delivered && dedup_ == nullptr) {
      diag::Diagnostic diagnostic{
          .code = Code::E0522,
          .span = flow_.name->span,
          .message = fmt::format("the sender of `{}` asks again when the delivery takes too long, and `{}` would deliver the "
                                 "message a second time",
                                 name, flow_.name->text)};
      if (const syntax::Option* ack = source->declaration->options->find("ack"))
        diagnostic.secondary.push_back({ack->span, "here its answer waits for the delivery"});
      diagnostic.help = "add `dedup by MSH-3, MSH-10 within 7d`, or acknowledge when stored";
      context_.sink.report(std::move(diagnostic));
    }
    if (!window_micros_) continue;
    if (source->resends_micros > *window_micros_) {
      diag::Diagnostic diagnostic{
          .code = Code::E0730,
          .span = dedup_->within->span,
          .message = fmt::format("`{}` sends a message again for {}, and it is forgotten after {}", name,
                                 duration_text(source->resends_micros), duration_text(*window_micros_))};
      if (const syntax::Option* resends = source->declaration->options->find("resends"))
        diagnostic.secondary.push_back({resends->span, "how long it tries"});
      diagnostic.help = fmt::format("write `within {}` or longer", duration_text(source->resends_micros));
      context_.sink.report(std::move(diagnostic));
    }
    for (const Link& link : links_) {
      const std::uint64_t horizon = horizon_of(context_, *link.destination);
      if (link.source != source || horizon <= *window_micros_) continue;
      context_.sink.report(
          {.code = Code::E0730,
           .span = dedup_->within->span,
           .message = fmt::format("`{}` delivers to `{}` and tries a message for {}, and it is forgotten after {}",
                                  link.destination->declaration->name->text, name, duration_text(horizon),
                                  duration_text(*window_micros_)),
           .secondary = {{link.connect->span, "the destination that delivers here"}},
           .help = fmt::format("write `within {}` or longer, or let its retry end earlier", duration_text(horizon))});
    }
  }
}

}  // namespace smarthl7::check
