// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/ack_batch.h"

#include "stdlib/hl7/ack_writer.h"

namespace smarthl7::hl7 {
namespace {

constexpr std::size_t kMostComment = 80;  // BTS-2 and FTS-2

[[nodiscard]] std::string_view shortened(std::string_view text) {
  if (text.size() <= kMostComment) return text;
  std::size_t end = kMostComment;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

}  // namespace

void BatchAckWriter::write_header(std::string_view name, const BatchSegment& header, std::string_view control_id) {
  AckWriter writer(header.delimiters(), out_);
  writer.begin(name);
  writer.raw(header.delimiters().encoding_characters());
  writer.raw(header.field(5)).raw(header.field(6)).raw(header.field(3)).raw(header.field(4)).text(timestamp_).skip(3);
  writer.text(control_id).raw(header.field(11));
  writer.end();
}

void BatchAckWriter::write_trailer(std::string_view name, std::uint64_t count, std::string_view comment,
                                   const Delimiters& delimiters) {
  AckWriter writer(delimiters, out_);
  writer.begin(name);
  writer.raw(std::to_string(count)).text(shortened(comment));
  writer.end();
}

void BatchAckWriter::begin_file(const BatchSegment& header, std::string_view control_id) {
  if (in_file_) end_file({});
  in_file_ = true;
  batches_ = of_file_ = 0;
  file_delimiters_ = header.delimiters();
  write_header("FHS", header, control_id);
}

void BatchAckWriter::begin_batch(const BatchSegment& header, std::string_view control_id) {
  if (in_batch_) end_batch({});
  in_batch_ = true;
  of_batch_ = 0;
  ++batches_;
  batch_delimiters_ = header.delimiters();
  write_header("BHS", header, control_id);
}

void BatchAckWriter::add(std::string_view acknowledgement) {
  ++count_;
  ++of_batch_;
  ++of_file_;
  out_ += acknowledgement;
}

void BatchAckWriter::end_batch(std::string_view comment) {
  write_trailer("BTS", of_batch_, comment, batch_delimiters_);
  in_batch_ = false;
}

void BatchAckWriter::end_file(std::string_view comment) {
  if (in_batch_) end_batch({});
  write_trailer("FTS", batches_ > 0 || of_file_ == 0 ? batches_ : 1, comment, file_delimiters_);
  in_file_ = false;
}

std::string BatchAckWriter::take() {
  if (in_batch_) end_batch({});
  if (in_file_) end_file({});
  return std::move(out_);
}

}  // namespace smarthl7::hl7
