// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/folder/scan.h"

#include <fmt/format.h>

#include <cstring>

namespace smarthl7::transport::folder {

namespace {

constexpr std::size_t kPiece = 512 << 10;
constexpr std::uint64_t kSmall = 1 << 20;
constexpr std::size_t kChunkMessages = 128;
constexpr std::size_t kChunkBytes = 1 << 20;

/// Of pieces: the hash so far is the key of the next one, so their cuts are part of it, and they are always the same.
Hash128 add_piece(const Hash128& before, std::string_view piece) {
  HashKey key;
  std::memcpy(key.data(), &before.high, 8);
  std::memcpy(key.data() + 8, &before.low, 8);
  return keyed_hash(key, piece);
}

std::shared_ptr<const hl7::BatchSegment> shared(const hl7::BatchSegment& header) {
  return header.empty() ? nullptr : std::make_shared<const hl7::BatchSegment>(header);
}

/// Fills the piece as far as the file goes.
Result<std::size_t> read_piece(FileReader& reader, std::string& piece) {
  std::size_t got = 0;
  while (got < piece.size()) {
    TRY(const std::size_t more, reader.read(std::span(piece).subspan(got)));
    if (more == 0) break;
    got += more;
  }
  return got;
}

}  // namespace

std::string FileScan::fault(bool envelope_matters) const {
  if (facts.size == 0) return "the file is empty";
  if (too_large) return "a message in it is larger than `largest` allows";
  if (messages == 0 && !envelope) return "it is no HL7: expected MSH, FHS or BHS at the beginning of a line";
  if (!envelope_matters) return {};
  for (const hl7::BatchFinding& finding : findings) {
    if (finding.severity != hl7::Severity::error) continue;
    const std::string where = hl7::describe(finding.place);
    return fmt::format("its envelope is wrong{}{}: expected {}", where.empty() ? "" : " at ", where, finding.text);
  }
  return {};
}

Result<FileScan> scan_file(FileReader& reader, std::uint64_t largest, const std::atomic<bool>& stop) {
  FileScan scan;
  TRY(scan.facts, reader.facts());
  scan.kept_whole = scan.facts.size <= kSmall;
  hl7::BatchReader batch;
  hl7::BatchItem item;
  std::string piece(kPiece, '\0');
  std::uint64_t fed = 0;
  std::uint64_t ended = 0;  // where the last message does
  const auto take = [&] {
    while (batch.next(item) == hl7::BatchReader::Step::message) {
      ended = item.place.offset + item.bytes.size();
      scan.too_large = scan.too_large || item.bytes.size() > largest;
    }
  };
  while (!scan.too_large) {
    if (stop.load(std::memory_order_relaxed)) return fail(ErrorCode::closed, "the source stops");
    TRY(const std::size_t got, read_piece(reader, piece));
    const std::string_view bytes = std::string_view(piece).substr(0, got);
    scan.content = add_piece(scan.content, bytes);
    fed += got;
    if (scan.kept_whole && fed <= kSmall) scan.whole += bytes;
    batch.feed(bytes);
    if (got < piece.size()) batch.finish();
    take();
    if (fed - ended > largest + kPiece) scan.too_large = true;
    if (got < piece.size()) break;
  }
  scan.messages = batch.messages();
  scan.finding_count = batch.finding_count();
  scan.findings = batch.findings();
  scan.envelope = batch.has_envelope();
  TRY(const FileFacts after, reader.facts());
  scan.moved = !after.same_as(scan.facts) || (!scan.too_large && fed != scan.facts.size);
  return scan;
}

MessageStream::MessageStream(std::string whole, std::unique_ptr<FileReader> reader)
    : reader_(std::move(reader)), piece_(reader_ ? kPiece : 0, '\0') {
  if (reader_) return;
  batch_.feed(whole);
  batch_.finish();
}

Result<bool> MessageStream::read_more() {
  TRY(const std::size_t got, read_piece(*reader_, piece_));
  batch_.feed(std::string_view(piece_).substr(0, got));
  if (got < piece_.size()) batch_.finish();
  return true;
}

void MessageStream::place(FileMessage& message) {
  const bool new_file = message.at.file != last_.file;
  if (new_file) file_ = shared(batch_.file_header());
  if (new_file || message.at.batch != last_.batch) envelope_ = shared(batch_.batch_header());
  last_ = message.at;
  message.file = file_;
  message.batch = envelope_;
}

Result<std::vector<FileMessage>> MessageStream::next(std::uint64_t known) {
  std::vector<FileMessage> out;
  std::size_t bytes = 0;
  hl7::BatchItem item;
  while (!ended_ && out.size() < kChunkMessages && bytes < kChunkBytes) {
    const hl7::BatchReader::Step step = batch_.next(item);
    if (step == hl7::BatchReader::Step::need_more) {
      TRY([[maybe_unused]] const bool read, read_more());
      continue;
    }
    if (step == hl7::BatchReader::Step::end) {
      ended_ = true;
      break;
    }
    FileMessage& message = out.emplace_back();
    message.at = item.place;
    place(message);
    if (item.place.number <= known) continue;
    message.bytes = SharedBytes(std::string(item.bytes));
    bytes += item.bytes.size();
  }
  return out;
}

}  // namespace smarthl7::transport::folder
