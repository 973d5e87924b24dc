// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/intake_batch.h"

#include <algorithm>

#include "runtime/flow/control_id.h"

namespace smarthl7::flow {

namespace {

/// The same envelope, the same id, however often it comes.
std::string envelope_id(const hl7::BatchSegment& header) { return derived_control_id(header.raw(), "batch of answers"); }

std::shared_ptr<const hl7::BatchSegment> shared(const hl7::BatchSegment& header) {
  return header.empty() ? nullptr : std::make_shared<const hl7::BatchSegment>(header);
}

}  // namespace

BatchFrame::BatchFrame(std::string_view frame, std::string timestamp)
    : frame_(frame), scan_(frame), reader_(frame), writer_(std::move(timestamp)) {
  hl7::BatchItem item;
  while (scan_.next(item) == hl7::BatchReader::Step::message) {
  }
}

bool BatchFrame::next(hl7::BatchItem& item) { return reader_.next(item) == hl7::BatchReader::Step::message; }

std::string BatchFrame::note(const hl7::BatchItem& item) const {
  std::string text = "message " + std::to_string(item.place.number) + " of " + std::to_string(scan_.messages());
  text += ": " + hl7::describe(item.place);
  if (scan_.finding_count() > 0) text += "; expected in its envelope: " + scan_.findings().front().text;
  return text;
}

BatchFrame::Place BatchFrame::place(const hl7::BatchItem& item) {
  const bool new_file = item.place.file != last_.at.file;
  if (new_file) last_.file = shared(reader_.file_header());
  if (new_file || item.place.batch != last_.at.batch) last_.batch = shared(reader_.batch_header());
  last_.at = item.place;
  return last_;
}

void BatchFrame::answer(const Place& place, std::string_view acknowledgement) {
  if (acknowledgement.empty()) return;
  open(place);
  writer_.add(acknowledgement);
}

void BatchFrame::open(const Place& place) {
  const bool same_file = place.at.file == written_.at.file;
  if (writer_.in_batch() && !(same_file && place.at.batch == written_.at.batch)) close_batch();
  if (writer_.in_file() && !same_file) close_file();
  written_ = place;
  if (place.file && !writer_.in_file()) writer_.begin_file(*place.file, envelope_id(*place.file));
  if (place.batch && !writer_.in_batch()) writer_.begin_batch(*place.batch, envelope_id(*place.batch));
}

/// Of the batch that is open: what is wrong with it; without a file around it all that no other batch has.
std::string BatchFrame::comment(bool of_file) const {
  std::string text;
  for (const hl7::BatchFinding& finding : scan_.findings()) {
    const bool about_file = finding.segment_name == "FHS" || finding.segment_name == "FTS" || finding.place.batch == 0;
    if (finding.place.file != written_.at.file) continue;
    if (about_file ? of_file != writer_.in_file() : of_file || finding.place.batch != written_.at.batch) continue;
    text += (text.empty() ? "" : "; ") + finding.text;
  }
  return text;
}

void BatchFrame::close_batch() {
  const std::string text = comment(false);
  writer_.end_batch(text);
}

void BatchFrame::close_file() {
  const std::string text = comment(true);
  writer_.end_file(text);
}

void BatchFrame::answer_empty() {
  const auto begin = frame_.find("HS");
  if (begin == std::string_view::npos || begin == 0 || begin + 2 >= frame_.size()) return;
  const std::string_view line = frame_.substr(begin - 1, frame_.find_first_of("\r\n", begin) - begin + 1);
  const hl7::BatchSegment header(line, line[3]);
  if (header.field(11).empty() || !header.field(12).empty()) return;
  const bool file = header.name() == "FHS";
  Place place;
  (file ? place.file : place.batch) = shared(header);
  place.at.file = file ? 1 : 0;
  place.at.batch = file ? 0 : 1;
  open(place);
}

std::string BatchFrame::finish() {
  if (scan_.messages() == 0) answer_empty();
  if (writer_.in_batch()) close_batch();
  if (writer_.in_file()) close_file();
  return writer_.take();
}

}  // namespace smarthl7::flow
