// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <iterator>

namespace smarthl7::hl7 {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

[[nodiscard]] bool is_break(char c) { return c == '\r' || c == '\n' || c == '\x0B' || c == '\x1C'; }
[[nodiscard]] bool is_frame(char c) { return c == '\x0B' || c == '\x1C'; }

[[nodiscard]] bool can_separate(char c) {
  const bool letter_or_digit = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  return c > ' ' && c < 0x7F && !letter_or_digit;
}

/// The next CR, LF, VT or FS. Eight bytes at a time while there is nothing below a blank in them.
[[nodiscard]] std::size_t find_break(std::string_view text, std::size_t from) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  constexpr std::uint64_t kHighs = 0x8080808080808080ULL;
  std::size_t at = from;
  while (at < text.size()) {
    for (; at + 8 <= text.size(); at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data() + at, sizeof word);
      if (((word - kOnes * 0x20U) & ~word & kHighs) != 0) break;
    }
    const std::size_t end = std::min(at + 8, text.size());
    for (; at < end; ++at) {
      if (is_break(text[at])) return at;
    }
  }
  return std::string_view::npos;
}

}  // namespace

bool begins_batch(std::string_view bytes) {
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  while (!bytes.empty() && is_break(bytes.front())) bytes.remove_prefix(1);
  return (bytes.starts_with("FHS") || bytes.starts_with("BHS")) && bytes.size() > 3 && can_separate(bytes[3]);
}

std::string describe(const BatchPlace& place) {
  std::string text;
  const auto add = [&](std::string_view what, std::uint64_t number) {
    if (number == 0) return;
    fmt::format_to(std::back_inserter(text), "{}{} {}", text.empty() ? "" : ", ", what, number);
  };
  add("file", place.file);
  add("batch", place.batch);
  add("message", place.message);
  return text;
}

std::string_view BatchSegment::field(std::size_t n) const {
  const bool header = raw_.size() > 1 && raw_[1] == 'H';
  std::string_view rest = raw_;
  if (rest.size() <= 3) return {};
  if (header && n == 1) return rest.substr(3, 1);
  for (std::size_t skip = header ? n - 1 : n; skip > 0; --skip) {
    const std::size_t mark = rest.find(separator_);
    if (mark == std::string_view::npos) return {};
    rest.remove_prefix(mark + 1);
  }
  return rest.substr(0, rest.find(separator_));
}

Delimiters BatchSegment::delimiters() const {
  Delimiters delimiters;
  delimiters.field = separator_;
  const std::string_view sent = field(2);
  char* const places[] = {&delimiters.component, &delimiters.repetition, &delimiters.escape, &delimiters.subcomponent,
                          &delimiters.truncation};
  for (std::size_t n = 0; n < std::min(sent.size(), std::size(places)); ++n) {
    if (can_separate(sent[n])) *places[n] = sent[n];
  }
  return delimiters;
}

void BatchReader::feed(std::string_view piece) {
  const std::size_t keep_from = at_;
  buffer_.erase(0, keep_from);
  buffer_.append(piece);
  text_ = buffer_;
  discarded_ += keep_from;
  at_ = 0;
  scan_ = scan_ < keep_from ? 0 : scan_ - keep_from;
}

/// What a line is, by its name; unknown if it takes more bytes to tell.
BatchReader::Line BatchReader::line_at(std::size_t at) const {
  const std::string_view rest = text_.substr(at);
  if (rest.size() < 4 && !finished_) return Line::unknown;
  const std::string_view name = rest.substr(0, 3);
  const bool separated = rest.size() > 3 && can_separate(rest[3]);
  if (separated && name == "MSH") return Line::message;
  if (separated && name == "FHS") return Line::file_header;
  if (separated && name == "BHS") return Line::batch_header;
  const bool alone = rest.size() == 3 || (rest.size() > 3 && is_break(rest[3]));
  if ((separated || alone) && name == "BTS") return Line::batch_trailer;
  if ((separated || alone) && name == "FTS") return Line::file_trailer;
  return Line::other;
}

BatchReader::Step BatchReader::next(BatchItem& item) {
  if (discarded_ + at_ == 0) {
    if (text_.size() < kByteOrderMark.size() && !finished_) return Step::need_more;
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  }
  while (true) {
    if (!in_message_) {
      while (at_ < text_.size() && is_break(text_[at_])) ++at_;
      if (at_ == text_.size()) {
        if (!finished_) return Step::need_more;
        end_input();
        return Step::end;
      }
      const Line kind = line_at(at_);
      if (kind == Line::unknown) return Step::need_more;
      scan_ = std::max(scan_, at_);
      if (kind == Line::message) {
        in_message_ = true;
        continue;
      }
      std::size_t end = find_break(text_, scan_);
      if (end == std::string_view::npos) {
        scan_ = end = text_.size();
        if (!finished_) return Step::need_more;
      }
      read_line(kind, text_.substr(at_, end - at_));
      at_ = scan_ = end;
      continue;
    }
    const std::size_t found = find_break(text_, scan_);
    if (found == std::string_view::npos) {
      scan_ = text_.size();
      if (!finished_) return Step::need_more;
      return emit(text_.size(), text_.size(), item);
    }
    if (is_frame(text_[found])) return emit(found, found, item);
    std::size_t next = found;
    while (next < text_.size() && (text_[next] == '\r' || text_[next] == '\n')) ++next;
    const bool crlf = text_[found] == '\r' && found + 1 < text_.size() && text_[found + 1] == '\n';
    const std::size_t end = found + (crlf ? 2 : 1);
    if (next < text_.size() && is_frame(text_[next])) return emit(end, next, item);
    const Line kind = next == text_.size() ? Line::unknown : line_at(next);
    if (next == text_.size() ? !finished_ : kind == Line::unknown) {
      scan_ = found;
      return Step::need_more;
    }
    if (kind != Line::other) return emit(end, next, item);
    scan_ = next;
  }
}

BatchReader::Step BatchReader::emit(std::size_t end, std::size_t next, BatchItem& item) {
  in_message_ = false;
  ++place_.number;
  place_.offset = discarded_ + at_;
  if (batch_header_.empty()) {
    place_.message = ++loose_messages_;
  } else {
    place_.message = ++batch_messages_;
  }
  if (after_file_) add(BatchProblem::after_end, Severity::warning, "FTS", "an FHS before what follows the end of a file");
  after_file_ = false;
  item.bytes = text_.substr(at_, end - at_);
  item.place = place_;
  at_ = scan_ = next;
  return Step::message;
}

void BatchReader::read_line(Line kind, std::string_view line) {
  place_.offset = discarded_ + at_;
  if (kind != Line::other) has_envelope_ = true;
  if (after_file_ && kind != Line::file_header) {
    add(BatchProblem::after_end, Severity::warning, "FTS", "an FHS before what follows the end of a file");
  }
  after_file_ = false;
  switch (kind) {
    case Line::file_header: begin_file(line); return;
    case Line::batch_header: begin_batch(line); return;
    case Line::batch_trailer: end_batch(line); return;
    case Line::file_trailer: end_file(line); return;
    case Line::unknown:
    case Line::message:
    case Line::other: break;
  }
  add(BatchProblem::outside, Severity::error, {}, "only segments of a message, FHS, BHS, BTS and FTS");
}

void BatchReader::begin_file(std::string_view line) {
  close_batch();
  close_file();
  file_header_ = BatchSegment(line, line[3]);
  place_.file = ++files_;
  batches_of_file_ = 0;
  loose_messages_ = 0;
  place_.batch = 0;
  place_.message = 0;
}

void BatchReader::begin_batch(std::string_view line) {
  close_batch();
  batch_header_ = BatchSegment(line, line[3]);
  ++batches_;
  place_.batch = ++batches_of_file_;
  place_.message = 0;
  batch_messages_ = 0;
}

void BatchReader::end_batch(std::string_view line) {
  if (batch_header_.empty()) {
    add(BatchProblem::batch_not_begun, Severity::error, "BTS", "a BHS before the BTS");
    return;
  }
  check_count(line, line.size() > 3 ? line[3] : '|', batch_messages_, batch_messages_, "messages");
  if (batch_messages_ == 0) add(BatchProblem::empty_batch, Severity::warning, "BTS", "a message in the batch");
  batch_header_ = {};
  place_.batch = 0;
  place_.message = loose_messages_;
}

void BatchReader::end_file(std::string_view line) {
  close_batch();
  if (file_header_.empty()) {
    add(BatchProblem::file_not_begun, Severity::error, "FTS", "an FHS before the FTS");
    batches_of_file_ = 0;
    loose_messages_ = 0;
    return;
  }
  // Messages that no BHS begins are a batch too: BHS may be left out.
  check_count(line, line.size() > 3 ? line[3] : '|', batches_of_file_, batches_of_file_ + (loose_messages_ > 0 ? 1 : 0),
              "batches");
  const bool beside = batches_of_file_ > 0 && loose_messages_ > 0;
  if (beside) add(BatchProblem::messages_beside, Severity::warning, "FTS", "all messages of the file in its batches");
  file_header_ = {};
  place_.file = 0;
  place_.message = 0;
  batches_of_file_ = 0;
  loose_messages_ = 0;
  after_file_ = true;
}

void BatchReader::close_batch() {
  if (batch_header_.empty()) return;
  add(BatchProblem::batch_not_ended, Severity::error, "BHS", "a BTS at the end of the batch");
  batch_header_ = {};
  place_.batch = 0;
}

void BatchReader::close_file() {
  if (file_header_.empty()) return;
  add(BatchProblem::file_not_ended, Severity::error, "FHS", "an FTS at the end of the file");
  file_header_ = {};
  place_.file = 0;
}

void BatchReader::check_count(std::string_view line, char separator, std::uint32_t found, std::uint32_t also_right,
                              std::string_view what) {
  const BatchSegment trailer(line, separator);
  std::string_view sent = trailer.field(1);
  while (sent.starts_with(' ')) sent.remove_prefix(1);
  while (sent.ends_with(' ')) sent.remove_suffix(1);
  if (sent.empty() || sent == "\"\"") return;  // optional in every version
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(sent.data(), sent.data() + sent.size(), count);
  if (error != std::errc() || end != sent.data() + sent.size()) {
    add(BatchProblem::unreadable_count, Severity::error, trailer.name(),
        fmt::format("{}-1 is the number of {}", trailer.name(), what));
  } else if (count != found && count != also_right) {
    add(BatchProblem::wrong_count, Severity::error, trailer.name(),
        fmt::format("{}-1 is the number of {}: there are {}", trailer.name(), what, found));
  }
}

void BatchReader::end_input() {
  if (ended_) return;
  ended_ = true;
  place_.offset = discarded_ + text_.size();
  close_batch();
  close_file();
  if (place_.number == 0) add(BatchProblem::nothing, Severity::error, {}, "a message");
}

void BatchReader::add(BatchProblem problem, Severity severity, std::string_view segment, std::string text) {
  if (++finding_count_ > kMostFindings) return;
  findings_.push_back({problem, severity, place_, std::string(segment), std::move(text)});
}

}  // namespace smarthl7::hl7
