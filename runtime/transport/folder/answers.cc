// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/folder/answers.h"

#include "runtime/transport/folder/placing.h"

namespace smarthl7::transport::folder {

namespace {

constexpr std::size_t kFlush = 256 << 10;
constexpr std::size_t kIdLength = 20;  // the most that versions before 2.7 allow

/// The same envelope, the same id, however often it is answered.
std::string envelope_id(const hl7::BatchSegment& header) {
  const Hash128 hash = keyed_hash(HashKey{}, header.raw());
  const char bytes[] = {static_cast<char>(hash.high >> 56), static_cast<char>(hash.high >> 48),
                        static_cast<char>(hash.high >> 40), static_cast<char>(hash.high >> 32),
                        static_cast<char>(hash.high >> 24), static_cast<char>(hash.high >> 16),
                        static_cast<char>(hash.high >> 8),  static_cast<char>(hash.high),
                        static_cast<char>(hash.low >> 8),   static_cast<char>(hash.low)};
  return to_hex(std::string_view(bytes, sizeof bytes)).substr(0, kIdLength);
}

}  // namespace

AnswerFile::AnswerFile(FileSystem& files, std::string folder, std::string name, std::string timestamp,
                       std::vector<hl7::BatchFinding> findings)
    : files_(files),
      folder_(std::move(folder)),
      name_(std::move(name)),
      temporary_(temporary_name(name_)),
      findings_(std::move(findings)),
      writer_(std::move(timestamp)) {}

Result<void> AnswerFile::add(const FileMessage& message, std::string_view acknowledgement) {
  if (acknowledgement.empty()) return {};
  TRY_VOID(open(message));
  writer_.add(acknowledgement);
  return flush(kFlush);
}

Result<void> AnswerFile::open(const FileMessage& message) {
  const bool same_file = message.at.file == written_.at.file;
  if (writer_.in_batch() && !(same_file && message.at.batch == written_.at.batch)) close_batch();
  if (writer_.in_file() && !same_file) close_file();
  written_.at = message.at;
  if (message.file && !writer_.in_file()) writer_.begin_file(*message.file, envelope_id(*message.file));
  if (message.batch && !writer_.in_batch()) writer_.begin_batch(*message.batch, envelope_id(*message.batch));
  return {};
}

std::string AnswerFile::comment(bool of_file) const {
  std::string text;
  for (const hl7::BatchFinding& finding : findings_) {
    const bool about_file = finding.segment_name == "FHS" || finding.segment_name == "FTS" || finding.place.batch == 0;
    if (finding.place.file != written_.at.file) continue;
    if (about_file ? of_file != writer_.in_file() : of_file || finding.place.batch != written_.at.batch) continue;
    text += (text.empty() ? "" : "; ") + finding.text;
  }
  return text;
}

void AnswerFile::close_batch() { writer_.end_batch(comment(false)); }

void AnswerFile::close_file() { writer_.end_file(comment(true)); }

Result<void> AnswerFile::flush(std::size_t least) {
  if (writer_.pending() < least) return {};
  if (!out_) {
    TRY(out_, files_.create(folder_, temporary_));
  }
  return out_->write(writer_.drain());
}

Result<void> AnswerFile::finish() {
  if (writer_.in_batch()) close_batch();
  if (writer_.in_file()) close_file();
  TRY_VOID(flush(0));
  TRY_VOID(out_->finish());
  out_.reset();
  TRY([[maybe_unused]] const Placed placed, place_file(files_, folder_, temporary_, folder_, name_ + ".ack", true));
  return files_.sync(folder_);
}

}  // namespace smarthl7::transport::folder
