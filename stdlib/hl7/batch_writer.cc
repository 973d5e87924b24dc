// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/batch_writer.h"

#include "stdlib/hl7/escape.h"

namespace smarthl7::hl7 {

void BatchWriter::text(std::string_view value) {
  if (encode(value, delimiters_, out_)) return;
  for (const char c : value) {  // no escape character: what cannot be written becomes a blank
    const bool plain = !delimiters_.has(c) && c != '\r' && c != '\n' && c != '\x0B' && c != '\x1C';
    out_.push_back(plain ? c : ' ');
  }
}

void BatchWriter::header(std::string_view name, const BatchHeader& header) {
  out_.append(name).push_back(delimiters_.field);
  out_.append(delimiters_.encoding_characters());
  struct Field {
    std::string_view value;
    bool is_text = false;
  };
  // Field 8 (security) is never written: what it holds is not for a hub to say.
  const Field fields[] = {{header.sending_application}, {header.sending_facility}, {header.receiving_application},
                          {header.receiving_facility},  {header.created},          {},
                          {header.name, true},          {header.comment, true},    {header.control_id},
                          {header.reference_control_id}};
  std::size_t pending = 0;
  for (const Field& field : fields) {
    ++pending;
    if (field.value.empty()) continue;
    out_.append(pending, delimiters_.field);
    pending = 0;
    if (field.is_text) {
      text(field.value);
    } else {
      out_.append(field.value);
    }
  }
  out_.push_back('\r');
}

void BatchWriter::trailer(std::string_view name, std::uint32_t count, std::string_view comment) {
  out_.append(name).push_back(delimiters_.field);
  out_.append(std::to_string(count));
  if (!comment.empty()) {
    out_.push_back(delimiters_.field);
    text(comment);
  }
  out_.push_back('\r');
}

void BatchWriter::begin_file(const BatchHeader& given) {
  batches_ = 0;
  messages_ = 0;
  header("FHS", given);
}

void BatchWriter::begin_batch(const BatchHeader& given) {
  messages_ = 0;
  ++batches_;
  header("BHS", given);
}

Result<void> BatchWriter::add(std::string_view message) {
  if (!message.starts_with("MSH")) return fail(ErrorCode::invalid, "only messages that begin with MSH can be put into a batch");
  BatchReader reader(message);
  BatchItem item;
  const bool one = reader.next(item) == BatchReader::Step::message && reader.next(item) == BatchReader::Step::end &&
                   !reader.has_envelope() && reader.finding_count() == 0;
  if (!one) return fail(ErrorCode::invalid, "what is put into a batch holds more than one message, or a batch of its own");
  if (message.find_first_of("\x0B\x1C") != std::string_view::npos) {
    return fail(ErrorCode::invalid, "what is put into a batch holds the bytes that frame a message (VT, FS)");
  }
  out_.append(message);
  if (message.back() != '\r' && message.back() != '\n') out_.push_back('\r');
  ++messages_;
  return {};
}

void BatchWriter::end_batch(std::string_view comment) {
  trailer("BTS", messages_, comment);
  messages_ = 0;
}

void BatchWriter::end_file(std::string_view comment) {
  trailer("FTS", batches_, comment);
  batches_ = 0;
}

BatchHeader answer_header(const BatchSegment& received, std::string_view created, std::string_view control_id,
                          std::string_view comment) {
  BatchHeader header;
  const auto field = [&](std::size_t n) { return std::string(received.field(n)); };
  if (!received.empty()) {
    header.sending_application = field(5);
    header.sending_facility = field(6);
    header.receiving_application = field(3);
    header.receiving_facility = field(4);
    header.reference_control_id = field(11);
  }
  header.created = created;
  header.comment = comment;
  header.control_id = control_id;
  return header;
}

}  // namespace smarthl7::hl7
