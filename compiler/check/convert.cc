// SPDX-License-Identifier: Apache-2.0
// `as xml`, `as json`, `as bytes`, `as hl7 [VERSION [STRUCTURE]]`: what a message becomes, and who can take that.
// HL7 v2 XML: HL7's XML encoding rules, release 2; the JSON form: docs/hl7/json.md.
#include <fmt/format.h>

#include "compiler/check/flow_checker.h"
#include "stdlib/connectors/spec.h"

namespace smarthl7::check {

using diag::Code;

namespace {

MessageType::Kind kind_of(std::string_view format) {
  if (format == "xml") return MessageType::Kind::xml;
  if (format == "json") return MessageType::Kind::json;
  if (format == "bytes") return MessageType::Kind::bytes;
  return format == "hl7" ? MessageType::Kind::open : MessageType::Kind::error;
}

}  // namespace

Way FlowChecker::convert(const syntax::ConvertStep& step, Way way) {
  if (step.type == nullptr || step.type->format == nullptr) return way;
  const syntax::MessageType& type = *step.type;
  const MessageType::Kind comes = way.state.type.kind;
  const MessageType::Kind becomes = kind_of(type.format->text);
  const auto refuse = [&](source::Span span, std::string message, std::string help) {
    context_.sink.report(Code::E0450, span, std::move(message), std::move(help));
    way.state = {};
    way.state.type.kind = MessageType::Kind::error;
    return way;
  };
  if (becomes == MessageType::Kind::error) {
    return refuse(type.span, fmt::format("nothing can be made a `{}` by saying so", type.format->text),
                  "`as hl7` makes a message of a document; `validate` says whether it is the one that is meant");
  }
  if (comes == MessageType::Kind::error) {
    way.state.type.kind = becomes;
    return way;
  }
  const bool message = !way.state.type.is_document();
  if ((message && becomes == MessageType::Kind::open) || becomes == comes) {
    return refuse(type.span, fmt::format("what comes here is {} already", message ? "hl7" : type.format->text),
                  message ? "`validate` narrows its type" : "remove the step");
  }
  if (becomes == MessageType::Kind::open && type.version != nullptr) {
    const hl7::VersionMatch version = hl7::find_version(type.version->text);
    if (!version.exact || type.from_version != nullptr) {
      return refuse((type.from_version != nullptr ? type.from_version : type.version)->span,
                    type.from_version != nullptr ? "a document is of one version" : "this version of HL7 is not known",
                    "write one version: `as hl7 2.5.1 ORU_R01`");
    }
    if (type.structure != nullptr && !version.version.structure(type.structure->text)) {
      return refuse(type.structure->span,
                    fmt::format("HL7 {} has no structure `{}`", version.version.name(), type.structure->text),
                    "write one that it has, or leave it out");
    }
  }
  if (becomes == MessageType::Kind::bytes) {
    if (step.otherwise != nullptr) {
      context_.sink.report(
          {.code = Code::W0402,
           .span = step.otherwise->span,
           .message = "this `else` is never reached: bytes can be made of everything",
           .help = "remove it",
           .fixes = {diag::replace({type.span.file, type.span.end, step.otherwise->span.end}, "", "remove the `else`")}});
    }
  } else {
    check_failure(step, step.otherwise, way, fmt::format("`as {}`", type.format->text), false);
  }
  way.state = {};
  way.state.type.kind = becomes;
  return way;
}

bool FlowChecker::needs_message(const syntax::Step& step, std::string_view word, const Way& way) {
  if (!way.state.type.is_document()) return false;
  context_.sink.report(Code::E0451,
                       {step.span.file, step.span.begin, step.span.begin + static_cast<std::uint32_t>(word.size())},
                       fmt::format("`{}` works on a message, and what comes here is {}", word, describe(way.state.type)),
                       "put it before the `as`, or make a message of it again: `as hl7 ... else ...`");
  return true;
}

/// What a transport carries is said by its spec.
void FlowChecker::check_content(const syntax::Name& use, const DestinationInfo& destination, const Way& way) {
  if (!way.state.type.is_document() || destination.refused) return;
  const std::string_view transport =
      destination.declaration->transport != nullptr ? destination.declaration->transport->text : std::string_view{};
  const connectors::ConnectorSpec* spec = connectors::find_connector(transport);
  if (spec == nullptr || spec->documents) return;
  context_.sink.report(Code::E0452, use.span,
                       fmt::format("`{}` takes HL7 messages, and what comes here is {}", use.text, describe(way.state.type)),
                       fmt::format("{} carries messages alone; make one of it again: `as hl7 ... else ...`", transport));
}

}  // namespace smarthl7::check
