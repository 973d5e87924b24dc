// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/delivery_options.h"

#include <fmt/format.h>

#include "compiler/check/options.h"

namespace smarthl7::check {

using diag::Code;

namespace {

constexpr std::uint64_t kSecond = 1'000'000;
constexpr std::uint64_t kLongestPace = 86'400 * kSecond;
constexpr std::uint64_t kMostInPace = 10'000;

/// A path of MSH by number, which stands in every message whatever its type: "MSH-10"; empty: something else.
std::string header_path(const syntax::PathExpr& path) {
  const bool plain = path.root == syntax::PathRoot::absolute && path.nodes.size() == 1 && path.nodes.front().text == "MSH" &&
                     path.nodes.front().index.kind == syntax::IndexKind::none && path.parts.size() == 1;
  if (!plain || path.parts.front().number == 0 || path.parts.front().index.kind != syntax::IndexKind::none) return {};
  return fmt::format("MSH-{}", path.parts.front().number);
}

/// `idempotent by MSH-3, MSH-10 within 7d`.
void read_idempotent(Context& context, OptionReader& reader, DestinationInfo& destination) {
  const syntax::Option* option = reader.find("idempotent");
  const syntax::Option* within = reader.find("within");
  const std::string_view name = destination.declaration->name->text;
  destination.values.idempotent_within_micros = reader.duration("within", 0);
  if (option == nullptr) {
    if (within != nullptr)
      context.sink.report(Code::E0715, within->span, "`within` belongs to `idempotent by`: how long the receiver knows a copy",
                          "say `idempotent by MSH-10 within 7d`, or take `within` out");
    return;
  }
  destination.idempotent_option = option;
  if (option->poisoned) return;
  for (const syntax::Expr* value : option->values) {
    const auto* path = value->try_as<syntax::PathExpr>();
    const std::string text = path == nullptr ? std::string() : header_path(*path);
    if (text.empty()) {
      if (value->poisoned) continue;
      report_kind(context, value->span, "idempotent", "fields of MSH, which every message has",
                  "idempotent by MSH-3, MSH-10 within 7d");
      destination.refused = true;
      continue;
    }
    if (text == "MSH-7") {
      context.sink.report(Code::E0702, value->span, "many messages have one MSH-7: nobody knows a copy by its time",
                          "name MSH-10, the control id, or MSH-3 and MSH-10");
      destination.refused = true;
      continue;
    }
    destination.idempotent.push_back(text);
  }
  if (within == nullptr) {
    context.sink.report(Code::E0703, option->span, fmt::format("`{}` does not say how long its receiver knows a copy", name),
                        "add `within 7d`: for so long a message that comes again is taken once; ask the receiver's maker");
    destination.refused = true;
  } else if (destination.values.idempotent_within_micros < kSecond && !reader.broken()) {
    context.sink.report(Code::E0702, within->span, "a receiver that knows copies knows them for a second at least");
    destination.refused = true;
  }
}

/// `delivery exactly_once`.
void read_delivery(Context& context, OptionReader& reader, DestinationInfo& destination) {
  const syntax::Option* option = reader.find("delivery");
  destination.values.exactly_once = reader.word("delivery") == "exactly_once";
  if (!destination.values.exactly_once) return;
  destination.delivery_option = option;
  if (destination.idempotent_option != nullptr) return;
  destination.refused = true;
  context.sink.report(
      Code::E0740, option->span,
      fmt::format("nothing says that the receiver of `{}` knows a copy of a message that it has taken",
                  destination.declaration->name->text),
      "what was sent when the hub or the connection broke is sent again: add `idempotent by MSH-10 within 7d` if "
      "the receiver drops copies, or say `delivery at_least_once`");
}

/// `urgent by OBR-27.6, ORC-7.6  codes "S", "A"`.
void read_urgent(Context& context, OptionReader& reader, DestinationInfo& destination) {
  constexpr std::string_view kExample = "urgent by OBR-27.6";
  const syntax::Option* option = reader.find("urgent");
  const syntax::Option* codes = reader.find("codes");
  if (codes != nullptr && !codes->poisoned) {
    for (const syntax::Expr* value : codes->values) {
      const auto text = read_literal(context, "a code of `codes`", *value);
      if (text && !text->empty()) destination.urgent_codes.push_back(*text);
      if (text && text->empty()) context.sink.report(Code::E0702, value->span, "an empty code makes nothing urgent");
    }
    if (option == nullptr)
      context.sink.report(Code::E0715, codes->span, "`codes` belongs to `urgent by`: which of them are urgent",
                          "say `urgent by OBR-27.6  codes \"S\"`, or take `codes` out");
  }
  if (option == nullptr || option->poisoned) return;
  if (codes == nullptr) destination.urgent_codes.emplace_back("S");
  for (const syntax::Expr* value : option->values) {
    if (const auto* path = value->try_as<syntax::PathExpr>()) {
      destination.urgent_keys.push_back(path);
    } else if (!value->poisoned) {
      report_kind(context, value->span, "urgent", "paths", kExample);
      destination.refused = true;
    }
  }
  if (destination.values.order == plan::Order::fifo) {
    diag::Diagnostic diagnostic{
        .code = Code::E0715,
        .span = option->span,
        .message = fmt::format("`{}` keeps all messages in order, so none may overtake", destination.declaration->name->text)};
    if (const syntax::Option* order = reader.find("order")) diagnostic.secondary.push_back({order->span, "its order"});
    diagnostic.help = "say `order by patient`, `order by PATH` or `order none`, or take `urgent` out";
    context.sink.report(std::move(diagnostic));
    destination.refused = true;
  }
}

/// `pace 50 per 1s`.
void read_pace(Context& context, OptionReader& reader, DestinationInfo& destination) {
  const syntax::Option* pace = reader.find("pace");
  const syntax::Option* per = reader.find("per");
  const std::uint64_t messages = reader.number("pace", 1, kMostInPace, 1);
  const std::uint64_t micros = reader.duration("per", 0);
  if (pace == nullptr && per == nullptr) return;
  if (pace == nullptr || per == nullptr) {
    context.sink.report(
        Code::E0703, (pace != nullptr ? pace : per)->span,
        pace != nullptr ? "`pace` does not say in what time" : "`per` says a time, and no `pace` so many messages",
        "write it as in `pace 50 per 1s`");
    destination.refused = true;
    return;
  }
  if ((micros == 0 || micros > kLongestPace) && !reader.broken()) {
    context.sink.report(Code::E0702, per->span, "a pace is for some time, a day at most", "write it as in `pace 50 per 1s`");
    destination.refused = true;
    return;
  }
  destination.values.pace_messages = static_cast<std::uint32_t>(messages);
  destination.values.pace_micros = micros;
}

}  // namespace

void read_delivery_options(Context& context, OptionReader& reader, DestinationInfo& destination) {
  read_idempotent(context, reader, destination);
  read_delivery(context, reader, destination);
  read_urgent(context, reader, destination);
  read_pace(context, reader, destination);
}

}  // namespace smarthl7::check
