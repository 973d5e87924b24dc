// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/ack.h"

#include <algorithm>
#include <array>

#include "stdlib/hl7/ack_text.h"
#include "stdlib/hl7/ack_writer.h"
#include "stdlib/hl7/escape.h"

namespace smarthl7::hl7 {
namespace {

constexpr std::array<std::string_view, 6> kCodeNames = {"AA", "AE", "AR", "CA", "CE", "CR"};
constexpr std::size_t kMostText = 80;       // MSA-3
constexpr std::size_t kMostUserText = 250;  // ERR-8

/// Cut to at most `most` bytes, not within a UTF-8 character.
[[nodiscard]] std::string_view shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

[[nodiscard]] std::string number_or_empty(std::uint32_t number) { return number == 0 ? std::string() : std::to_string(number); }

[[nodiscard]] std::string coded_condition(std::uint16_t code, const AckWriter& writer, char separator) {
  return AckWriter::join({std::to_string(code), writer.encoded(condition_text(code)), "HL70357"}, separator);
}

/// ERR-1 before 2.5: segment ^ sequence ^ field ^ code&text&table.
[[nodiscard]] std::string code_and_location(const Finding& finding, const AckForm& form, const AckWriter& writer,
                                            const Delimiters& delimiters) {
  const std::string code =
      form.coded_condition ? coded_condition(finding.code, writer, delimiters.subcomponent) : std::to_string(finding.code);
  return AckWriter::join(
      {writer.encoded(finding.segment_name), number_or_empty(finding.sequence), number_or_empty(finding.location.field), code},
      delimiters.component);
}

/// ERR-2 from 2.5 on: segment ^ sequence ^ field ^ repetition ^ component ^ subcomponent.
[[nodiscard]] std::string error_location(const Finding& finding, const AckWriter& writer, const Delimiters& delimiters) {
  const Location& place = finding.location;
  const std::uint16_t repetition = place.field != 0 && place.repetition == 0 ? std::uint16_t{1} : place.repetition;
  return AckWriter::join({writer.encoded(finding.segment_name), number_or_empty(finding.sequence), number_or_empty(place.field),
                          number_or_empty(repetition), number_or_empty(place.component), number_or_empty(place.subcomponent)},
                         delimiters.component);
}

[[nodiscard]] std::string_view severity_code(Severity severity) {
  switch (severity) {
    case Severity::error: return "E";
    case Severity::warning: return "W";
    case Severity::information: return "I";
  }
  return "E";
}

[[nodiscard]] std::vector<const Finding*> chosen(const AckContent& content) {
  std::vector<const Finding*> all;
  for (const Severity severity : {Severity::error, Severity::warning, Severity::information}) {
    for (const Finding& finding : content.findings) {
      if (all.size() == content.most_findings) return all;
      if (finding.severity == severity) all.push_back(&finding);
    }
  }
  return all;
}

/// Our words, escaped; in the set of the message that is answered, where there is one.
[[nodiscard]] std::string words(const Message* asked, const AckContent& content, const AckWriter& writer, std::string_view text,
                                std::string_view instead) {
  std::string escaped = writer.encoded(text);
  return asked == nullptr ? escaped : in_set_of(*asked, std::move(escaped), instead, content.charset);
}

void write_errors(const Message* asked, const AckContent& content, const AckForm& form, const Delimiters& delimiters,
                  std::string& out) {
  const auto findings = chosen(content);
  if (findings.empty()) return;
  AckWriter writer(delimiters, out);
  if (form.many_err) {
    for (const Finding* finding : findings) {
      writer.begin("ERR");
      writer.raw({}).raw(error_location(*finding, writer, delimiters));
      writer.raw(coded_condition(finding->code, writer, delimiters.component)).raw(severity_code(finding->severity));
      writer.skip(2).text(finding->path);  // ERR-7: for who has to find the place
      if (content.with_texts) {
        writer.raw(words(asked, content, writer, shortened(finding->text, kMostUserText), writer.encoded(finding->path)));
      }
      writer.end();
    }
    return;
  }
  std::string all;
  for (const Finding* finding : findings) {
    if (!all.empty()) {
      if (delimiters.repetition == 0) break;
      all.push_back(delimiters.repetition);
    }
    all += code_and_location(*finding, form, writer, delimiters);
  }
  writer.begin("ERR");
  writer.raw(all);
  writer.end();
}

void write_msa(const Message* asked, const AckContent& content, const AckForm& form, const Delimiters& delimiters,
               std::string_view control_id, std::string_view sequence, std::string& out) {
  AckWriter writer(delimiters, out);
  const auto findings = chosen(content);
  // Before 2.5 no ERR has a place for people's words: MSA-3 carries those of the first finding.
  const bool in_words = !form.many_err && content.text.empty() && content.with_texts && !findings.empty();
  const std::string_view text = in_words ? std::string_view(findings.front()->text) : content.text;
  writer.begin("MSA");
  writer.raw(name_of(content.code)).raw(control_id);
  const std::string instead = in_words ? writer.encoded(findings.front()->path) : std::string();
  writer.raw(form.text_in_msa ? words(asked, content, writer, shortened(text, kMostText), instead) : std::string());
  writer.raw(sequence).raw({});
  if (form.condition_in_msa && !findings.empty()) {
    writer.raw(coded_condition(findings.front()->code, writer, delimiters.component));
  }
  writer.end();
}

[[nodiscard]] bool asks_for(std::string_view type) { return !type.empty() && type != "\"\""; }

}  // namespace

std::string_view name_of(AckCode code) { return kCodeNames[static_cast<std::size_t>(code)]; }

std::optional<AckCode> ack_code(std::string_view name) {
  const auto found = std::find(kCodeNames.begin(), kCodeNames.end(), name);
  if (found == kCodeNames.end()) return std::nullopt;
  return static_cast<AckCode>(found - kCodeNames.begin());
}

bool is_enhanced_mode(const Message& message) {
  return asks_for(message.accept_ack_type()) || asks_for(message.application_ack_type());
}

bool is_acknowledgement(const Message& message) {
  const std::string_view code = message.message_code();
  return code == "ACK" || code == "MCF" || message.find("MSA").has_value();
}

void write_answer_body(const Message& message, const AckContent& content, std::string& out) {
  const AckForm form = ack_form(message.version());
  const std::string_view sequence = content.expected_sequence.value_or(message.header(13).raw());
  write_msa(&message, content, form, message.delimiters(), message.control_id(), sequence, out);
  write_errors(&message, content, form, message.delimiters(), out);
}

void build_ack(const Message& message, const AckContent& content, std::string& out) {
  const AckForm form = ack_form(message.version());
  const std::string event(form.event ? message.trigger_event() : std::string_view());
  const std::string structure(form.structure && !event.empty() ? "ACK" : "");
  write_answer_header(message, content, AckWriter::join({"ACK", event, structure}, message.delimiters().component), out);
  write_answer_body(message, content, out);
}

void build_ack_without_header(std::string_view version, const AckContent& content, std::string& out) {
  const Delimiters delimiters;
  const AckForm form = ack_form(version);
  AckWriter writer(delimiters, out);
  writer.begin("MSH");
  writer.raw(delimiters.encoding_characters()).raw({}).raw({}).raw({}).raw({}).text(content.timestamp).raw({}).raw("ACK");
  writer.text(content.control_id).raw("P").text(version);
  writer.end();
  write_msa(nullptr, content, form, delimiters, {}, {}, out);
  write_errors(nullptr, content, form, delimiters, out);
}

Result<Ack> parse_ack(std::string_view bytes) {
  TRY(const Message message, Message::parse(bytes));
  const auto index = message.find("MSA");
  if (!index) return fail(ErrorCode::invalid, "the answer has no MSA segment");
  const SegmentView msa = message.segment(*index);
  const Delimiters& delimiters = message.delimiters();
  const auto value = [&](std::string_view raw) { return raw == "\"\"" ? std::string() : decoded(raw, delimiters); };
  Ack ack;
  ack.code = ack_code(msa.field(1).text());
  ack.control_id = value(msa.field(2).raw());
  ack.text = value(msa.field(3).raw());
  const auto add_code = [&](std::string_view raw) {
    std::string code = value(raw);
    const bool known = std::find(ack.error_codes.begin(), ack.error_codes.end(), code) != ack.error_codes.end();
    if (!code.empty() && !known) ack.error_codes.push_back(std::move(code));
  };
  constexpr std::size_t kMostCodes = 100;  // a flood of ERR segments tells nothing more
  for (std::uint32_t segment = 0; segment < message.segment_count() && ack.error_codes.size() < kMostCodes; ++segment) {
    if (message.segment_key(segment) != name_key("ERR")) continue;
    const SegmentView err = message.segment(segment);
    add_code(err.field(3).text());
    const FieldView located = err.field(1);
    const std::size_t repetitions = std::min(located.repetition_count(), kMostCodes);
    for (std::size_t n = 1; n <= repetitions; ++n) add_code(located.repetition(n).component(4).text());
    for (const std::size_t field : {std::size_t{8}, std::size_t{7}}) {
      if (ack.text.empty()) ack.text = value(err.field(field).raw());
    }
  }
  add_code(msa.field(6).text());
  return ack;
}

}  // namespace smarthl7::hl7
