// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/converter.h"

#include <fmt/format.h>

#include "runtime/eval/bound_plan.h"
#include "stdlib/hl7/encoding.h"

namespace smarthl7::eval {

using plan::Content;

struct Converter::Tools {
  hl7::Encoder encoder;
  hl7::Message message;
};

Converter::Converter(const Bound& bound) : bound_(bound) {}
Converter::~Converter() = default;

namespace {

hl7::Encoding encoding_of(Content content, std::string_view bytes) {
  switch (content) {
    case Content::hl7: return hl7::Encoding::pipes;
    case Content::xml: return hl7::Encoding::xml;
    case Content::json: return hl7::Encoding::json;
    case Content::bytes: break;
  }
  return hl7::encoding_of(bytes);
}

}  // namespace

bool Converter::convert(std::string_view from, Content content, Content to, std::span<const plan::Id> wanted, std::string& out,
                        std::string& why) {
  if (to == Content::bytes) return true;
  if (tools_ == nullptr) tools_ = std::make_unique<Tools>();
  if (const auto done = tools_->encoder.convert(from, encoding_of(content, from), encoding_of(to, {}), out); !done) {
    why = done.error().describe();
    return false;
  }
  if (to != Content::hl7) return true;
  if (!tools_->message.reset(std::string_view(out))) {
    why = "a message";
    return false;
  }
  const hl7::Message& message = tools_->message;
  const bool version = wanted.empty() || message.version() == bound_.text(wanted[0]);
  const bool structure = wanted.size() < 2 || message.structure_id() == bound_.text(wanted[1]);
  if (version && structure) return true;
  why = fmt::format("a message of HL7 {}{}{}", bound_.text(wanted[0]), wanted.size() < 2 ? "" : " ",
                    wanted.size() < 2 ? std::string_view{} : bound_.text(wanted[1]));
  return false;
}

}  // namespace smarthl7::eval
