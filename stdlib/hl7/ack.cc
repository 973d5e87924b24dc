// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/ack.h"

#include <algorithm>
#include <array>

#include "stdlib/hl7/dictionary/dictionary.h"
#include "stdlib/hl7/escape.h"

namespace smarthl7::hl7 {
namespace {

constexpr std::array<std::string_view, 6> kCodeNames = {"AA", "AE", "AR", "CA", "CE", "CR"};
constexpr std::size_t kMostText = 80;       // MSA-3
constexpr std::size_t kMostUserText = 250;  // ERR-8

/// What the acknowledgement looks like in a version. An unreadable version gets the newest form.
struct Form {
  bool event_and_structure = true;  // MSH-9 is ACK^R01^ACK
  bool text_in_msa = false;         // MSA-3
  bool condition_in_msa = false;    // MSA-6
  bool many_err = true;             // [{ERR}] with ERR-2, 3, 4, 8; before that [ERR] with repeating ERR-1
};

[[nodiscard]] Form form_of(std::string_view version) {
  const auto before = [&](std::string_view other) { return compare_versions(version, other).value_or(1) < 0; };
  return {!before("2.3.1"), before("2.7"), before("2.5") && !before("2.2"), !before("2.5")};
}

/// Is an acknowledgement wanted with this verdict? (table 0155)
[[nodiscard]] bool wants(std::string_view condition, Verdict verdict) {
  if (condition == "AL") return true;
  if (condition == "SU") return verdict == Verdict::accept;
  if (condition == "ER") return verdict != Verdict::accept;
  return false;
}

/// Cut to at most `most` bytes, not within a UTF-8 character.
[[nodiscard]] std::string_view shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

class Writer {
 public:
  Writer(const Delimiters& delimiters, std::string& out) : delimiters_(delimiters), out_(out) {}

  void begin(std::string_view segment) {
    out_.append(segment);
    pending_ = 0;
  }
  void end() { out_.push_back('\r'); }
  /// The next field, as it is. Empty ones at the end of a segment leave no separators.
  Writer& raw(std::string_view value) {
    ++pending_;
    if (value.empty()) return *this;
    out_.append(pending_, delimiters_.field);
    pending_ = 0;
    out_.append(value);
    return *this;
  }
  Writer& text(std::string_view value) { return raw(encoded(value)); }

  [[nodiscard]] std::string encoded(std::string_view value) const {
    std::string result;
    if (encode(value, delimiters_, result)) return result;
    for (const char c : value) {  // no escape character: what cannot be written becomes a blank
      const bool plain = !delimiters_.has(c) && c != '\r' && c != '\n' && c != '\x0B' && c != '\x1C';
      result.push_back(plain ? c : ' ');
    }
    return result;
  }
  /// Parts with a separator between, without empty ones at the end. A missing delimiter leaves only the first part.
  [[nodiscard]] static std::string join(std::initializer_list<std::string> parts, char separator) {
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

 private:
  Delimiters delimiters_;
  std::string& out_;
  std::size_t pending_ = 0;
};

[[nodiscard]] std::string number_or_empty(std::uint32_t number) { return number == 0 ? std::string() : std::to_string(number); }

[[nodiscard]] std::string coded_condition(std::uint16_t code, const Writer& writer, char separator) {
  return Writer::join({std::to_string(code), writer.encoded(condition_text(code)), "HL70357"}, separator);
}

/// ERR-1 before 2.5: segment ^ sequence ^ field ^ code&text&table.
[[nodiscard]] std::string code_and_location(const Finding& finding, const Writer& writer, const Delimiters& delimiters) {
  return Writer::join({writer.encoded(finding.segment_name), number_or_empty(finding.sequence),
                       number_or_empty(finding.location.field), coded_condition(finding.code, writer, delimiters.subcomponent)},
                      delimiters.component);
}

/// ERR-2 from 2.5 on: segment ^ sequence ^ field ^ repetition ^ component ^ subcomponent.
[[nodiscard]] std::string error_location(const Finding& finding, const Writer& writer, const Delimiters& delimiters) {
  const Location& place = finding.location;
  const std::uint16_t repetition = place.field != 0 && place.repetition == 0 ? std::uint16_t{1} : place.repetition;
  return Writer::join({writer.encoded(finding.segment_name), number_or_empty(finding.sequence), number_or_empty(place.field),
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

void write_errors(const AckContent& content, const Form& form, const Delimiters& delimiters, std::string& out) {
  const auto findings = chosen(content);
  if (findings.empty()) return;
  Writer writer(delimiters, out);
  if (form.many_err) {
    for (const Finding* finding : findings) {
      writer.begin("ERR");
      writer.raw({}).raw(error_location(*finding, writer, delimiters));
      writer.raw(coded_condition(finding->code, writer, delimiters.component)).raw(severity_code(finding->severity));
      writer.raw({}).raw({}).raw({});
      if (content.with_texts) writer.text(shortened(finding->text, kMostUserText));
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
    all += code_and_location(*finding, writer, delimiters);
  }
  writer.begin("ERR");
  writer.raw(all);
  writer.end();
}

void write_msa(const AckContent& content, const Form& form, const Delimiters& delimiters, std::string_view control_id,
               std::string_view sequence, std::string& out) {
  Writer writer(delimiters, out);
  writer.begin("MSA");
  writer.raw(name_of(content.code)).raw(control_id);
  writer.text(form.text_in_msa ? shortened(content.text, kMostText) : std::string_view()).raw(sequence).raw({});
  const auto findings = chosen(content);
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

std::optional<AckCode> answer_code(const Message& message, Verdict verdict) {
  const auto step = static_cast<std::uint8_t>(verdict);
  const auto application = static_cast<AckCode>(step);
  const auto commit = static_cast<AckCode>(static_cast<std::uint8_t>(AckCode::ca) + step);
  if (!is_enhanced_mode(message)) {
    if (is_acknowledgement(message)) return std::nullopt;
    return application;
  }
  if (wants(message.accept_ack_type(), verdict)) return commit;
  if (wants(message.application_ack_type(), verdict)) return application;
  return std::nullopt;
}

void build_ack(const Message& message, const AckContent& content, std::string& out) {
  const Delimiters& delimiters = message.delimiters();
  const std::string_view version = message.version();
  const Form form = form_of(version);
  const std::string_view sent = message.header(2).raw();
  Writer writer(delimiters, out);
  writer.begin("MSH");
  writer.raw(sent.empty() ? delimiters.encoding_characters() : std::string(sent));
  writer.raw(message.receiving_application()).raw(message.receiving_facility());
  writer.raw(message.sending_application()).raw(message.sending_facility());
  writer.text(content.timestamp).raw({});
  const std::string event(form.event_and_structure ? message.trigger_event() : std::string_view());
  writer.raw(Writer::join({"ACK", event, event.empty() ? "" : "ACK"}, delimiters.component));
  writer.text(content.control_id).raw(message.header(11).raw()).raw(message.header(12).raw());
  for (int skipped = 13; skipped <= 17; ++skipped) writer.raw({});
  writer.raw(message.header(18).raw());  // what is echoed is in the sender's character set
  writer.end();
  write_msa(content, form, delimiters, message.control_id(), message.header(13).raw(), out);
  write_errors(content, form, delimiters, out);
}

void build_ack_without_header(std::string_view version, const AckContent& content, std::string& out) {
  const Delimiters delimiters;
  const Form form = form_of(version);
  Writer writer(delimiters, out);
  writer.begin("MSH");
  writer.raw(delimiters.encoding_characters()).raw({}).raw({}).raw({}).raw({}).text(content.timestamp).raw({}).raw("ACK");
  writer.text(content.control_id).raw("P").text(version);
  writer.end();
  write_msa(content, form, delimiters, {}, {}, out);
  write_errors(content, form, delimiters, out);
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
