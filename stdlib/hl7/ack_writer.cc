// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/ack_writer.h"

#include "stdlib/hl7/dictionary/dictionary.h"
#include "stdlib/hl7/escape.h"

namespace smarthl7::hl7 {

AckForm ack_form(std::string_view version) {
  const auto before = [&](std::string_view other) { return compare_versions(version, other).value_or(1) < 0; };
  AckForm form;
  form.event = !before("2.3");
  form.structure = !before("2.3.1");
  form.modes = !before("2.2");
  form.text_in_msa = before("2.7");
  form.condition_in_msa = before("2.4") && !before("2.2");
  form.many_err = !before("2.5");
  form.coded_condition = !before("2.2");
  form.key_types = !before("2.3.1");
  return form;
}

std::string AckWriter::encoded(std::string_view value) const {
  std::string result;
  if (encode(value, delimiters_, result)) return result;
  for (const char c : value) {  // no escape character: what cannot be written becomes a blank
    const bool plain = !delimiters_.has(c) && c != '\r' && c != '\n' && c != '\x0B' && c != '\x1C';
    result.push_back(plain ? c : ' ');
  }
  return result;
}

std::string AckWriter::join(std::initializer_list<std::string> parts, char separator) {
  std::string joined;
  std::size_t pending = 0;
  for (const std::string& part : parts) {
    if (!part.empty()) {
      if (pending > 0 && separator == 0) break;
      joined.append(pending, separator);
      joined += part;
      pending = 0;
    }
    ++pending;
  }
  return joined;
}

void write_answer_header(const Message& message, const AckContent& content, std::string_view type, std::string& out) {
  const Delimiters& delimiters = message.delimiters();
  const std::string_view sent = message.header(2).raw();
  AckWriter writer(delimiters, out);
  writer.begin("MSH");
  writer.raw(sent.empty() ? delimiters.encoding_characters() : std::string(sent));
  writer.raw(message.receiving_application()).raw(message.receiving_facility());
  writer.raw(message.sending_application()).raw(message.sending_facility());
  writer.text(content.timestamp).skip(1).raw(type);
  writer.text(content.control_id).raw(message.header(11).raw()).raw(message.header(12).raw()).skip(2);
  const bool modes = ack_form(message.version()).modes;
  writer.raw(modes ? content.accept_ack : std::string_view()).raw(modes ? content.application_ack : std::string_view()).skip(1);
  // What is echoed is in the sender's character set, with the sender's way to switch between several.
  writer.raw(message.header(18).raw()).skip(1).raw(message.header(20).raw());
  writer.end();
}

}  // namespace smarthl7::hl7
