// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/wire_options.h"

#include <fmt/format.h>

namespace smarthl7::check {

using diag::Code;

namespace {

bool answers_nothing(OptionReader& reader) { return reader.find("answers") != nullptr && reader.word("answers") == "none"; }

/// What belongs to answers, where there are none.
void without_answers(Context& context, const OptionReader& reader, std::string_view path, std::string_view name) {
  const syntax::Option* option = reader.find(path);
  if (option == nullptr) return;
  context.sink.report({.code = Code::E0715,
                       .span = option->span,
                       .message = fmt::format("`{}` belongs to answers, and `{}` has none", option->name->text, name),
                       .secondary = {{reader.find("answers")->span, "here"}},
                       .help = "take one of the two out"});
}

}  // namespace

void check_wire_source(Context& context, OptionReader& reader, const SourceInfo& source) {
  if (!answers_nothing(reader)) return;
  const std::string_view name = source.declaration->name->text;
  context.sink.report(
      Code::W0706, reader.find("answers")->span,
      fmt::format("`{}` answers nothing: its sender learns neither that a message is stored nor that it is refused", name),
      "what the sender loses on the way is lost without notice, and what is refused stands only in the hub's own "
      "records; take `answers none` out if the sender can read answers");
  for (const std::string_view path : {"ack", "application_ack"}) without_answers(context, reader, path, name);
}

void check_wire_destination(Context& context, OptionReader& reader, const DestinationInfo& destination) {
  if (!answers_nothing(reader)) return;
  const std::string_view name = destination.declaration->name->text;
  // An application acknowledgement comes at a source of the hub, whatever is said on this connection.
  if (reader.find("application.ack") == nullptr)
    context.sink.report(
        Code::W0702, reader.find("answers")->span, fmt::format("`{}` takes the writing of a message for the delivery", name),
        "what the network or the receiver loses after that is lost without notice; take `answers none` out if the "
        "receiver can answer");
  for (const std::string_view path : {"ack", "match", "prefix", "on.AE", "on.AR", "accept_ack"})
    without_answers(context, reader, path, name);
}

}  // namespace smarthl7::check
