// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/message.h"

#include <algorithm>
#include <utility>

#include "stdlib/hl7/dictionary/dictionary.h"
#include "stdlib/hl7/message_type.h"

namespace smarthl7::hl7 {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr NameKey kHeaderKey = name_key("MSH");
// Buffers grown for a giant are given back when ordinary messages follow.
constexpr std::size_t kGiantMarks = std::size_t{1} << 20U;

[[nodiscard]] bool can_delimit(char c) {
  const auto byte = static_cast<unsigned char>(c);
  const bool letter_or_digit = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  // Not what texts are made of, what frames a message, or half of a multi-byte character.
  return byte > 0 && byte < 0x7F && !letter_or_digit && c != ' ' && c != '\r' && c != '\n' && c != '\x0B' && c != '\x1C' &&
         c != '"';
}

[[nodiscard]] bool is_segment_name(NameKey key) {
  const auto upper = [](NameKey c) { return c >= 'A' && c <= 'Z'; };
  const auto digit = [](NameKey c) { return c >= '0' && c <= '9'; };
  const NameKey second = (key >> 8U) & 0xFFU;
  const NameKey third = key & 0xFFU;
  return upper(key >> 16U) && (upper(second) || digit(second)) && (upper(third) || digit(third));
}

[[nodiscard]] Result<void> read_encoding(std::string_view sent, Delimiters& delimiters, Quirks& quirks) {
  char* const places[] = {&delimiters.component, &delimiters.repetition, &delimiters.escape, &delimiters.subcomponent,
                          &delimiters.truncation};
  if (sent.size() > std::size(places)) {
    quirks.add(Quirk::extra_encoding_characters);
    sent = sent.substr(0, std::size(places));
  }
  for (std::size_t n = 0; n < sent.size(); ++n) {
    if (!can_delimit(sent[n])) return fail(ErrorCode::invalid, "MSH-2 holds a character that cannot be a delimiter");
    if (sent.find(sent[n]) != n || sent[n] == delimiters.field) {
      return fail(ErrorCode::invalid, "MSH-2 names one delimiter twice");
    }
  }
  const Delimiters usual;
  const char defaults[] = {usual.component, usual.repetition, usual.escape, usual.subcomponent, usual.truncation};
  if (sent.size() < 4) quirks.add(Quirk::missing_encoding_characters);
  for (std::size_t n = 0; n < std::size(places); ++n) {
    if (n < sent.size()) {
      *places[n] = sent[n];
    } else {  // the usual one, unless it already has another meaning here
      const bool taken = defaults[n] == delimiters.field || sent.find(defaults[n]) != std::string_view::npos;
      *places[n] = taken ? '\0' : defaults[n];
    }
  }
  return {};
}

}  // namespace

std::string_view SegmentView::raw() const {
  const auto& segment = message_->segments_[index_];
  return message_->bytes_.substr(segment.begin, message_->end_of(segment) - segment.begin);
}

std::string_view SegmentView::name() const {
  const auto& segment = message_->segments_[index_];
  return message_->bytes_.substr(segment.begin, message_->scan_.marks[segment.first_mark] - segment.begin);
}

NameKey SegmentView::key() const { return message_->segments_[index_].key; }

std::size_t SegmentView::field_count() const {
  const auto& segment = message_->segments_[index_];
  return segment.separators + (is_header(segment.key) && segment.separators > 0 ? 1U : 0U);
}

FieldView SegmentView::field(std::size_t n) const {
  const auto& segment = message_->segments_[index_];
  const auto& marks = message_->scan_.marks;
  const bool header = is_header(segment.key);
  if (n == 0 || n > field_count()) return {message_->bytes_.substr(message_->end_of(segment), 0), message_->delimiters_};
  if (header && n <= 2) {
    const std::uint32_t first = marks[segment.first_mark];
    const auto raw = n == 1 ? message_->bytes_.substr(first, 1)
                            : message_->bytes_.substr(first + 1, marks[segment.first_mark + 1] - first - 1);
    return {raw, Delimiters{0, 0, 0, 0, 0, 0}};
  }
  const std::size_t mark = segment.first_mark + n - (header ? 2 : 1);
  return {message_->bytes_.substr(marks[mark] + 1, marks[mark + 1] - marks[mark] - 1), message_->delimiters_};
}

Result<Message> Message::parse(std::string_view bytes) {
  Message message;
  TRY_VOID(message.reset(bytes));
  return message;
}

Result<Message> Message::parse(SharedBytes bytes) {
  Message message;
  TRY_VOID(message.reset(std::move(bytes)));
  return message;
}

Result<void> Message::reset(SharedBytes bytes, ScanKind kind) {
  TRY_VOID(reset(bytes.view(), kind));
  owner_ = std::move(bytes);
  return {};
}

Result<void> Message::reset(std::string_view bytes, ScanKind kind) {
  clear();
  if (bytes.size() >= kNoSegment) return fail(ErrorCode::invalid, "the message is larger than 4 GiB");
  bytes_ = bytes;
  std::size_t begin = 0;
  if (bytes.starts_with(kByteOrderMark)) {
    quirks_.add(Quirk::byte_order_mark);
    begin = kByteOrderMark.size();
  }
  while (begin < bytes.size() && (bytes[begin] == '\r' || bytes[begin] == '\n')) {
    quirks_.add(Quirk::empty_segment);
    ++begin;
  }
  auto scanned_from = read_header(begin);
  if (!scanned_from) {
    clear();
    return std::unexpected(std::move(scanned_from).error());
  }
  if (scan_.marks.size() > kGiantMarks && bytes.size() < kGiantMarks / 16) scan_ = ScanBuffers{};
  scan(kind, bytes, *scanned_from, delimiters_.field, scan_);
  scan_.marks[scan_.mark_count] = static_cast<std::uint32_t>(bytes.size());  // the end of a last segment that just stops
  if (scan_.has_nul) quirks_.add(Quirk::nul_byte);
  read_segments(*scanned_from);
  if (segment(0).field_count() < 12) quirks_.add(Quirk::short_header);
  return {};
}

void Message::clear() {
  owner_ = SharedBytes();
  bytes_ = {};
  delimiters_ = Delimiters{};
  quirks_ = Quirks{};
  segment_count_ = 0;
}

Result<std::size_t> Message::read_header(std::size_t begin) {
  const std::string_view rest = bytes_.substr(begin);
  if (rest.empty()) return fail(ErrorCode::invalid, "the message is empty");
  if (!rest.starts_with("MSH")) return fail(ErrorCode::invalid, "the message does not begin with MSH");
  if (rest.size() < 4 || !can_delimit(rest[3])) return fail(ErrorCode::invalid, "MSH-1 is not a field separator");
  delimiters_.field = rest[3];
  const char ends[] = {delimiters_.field, '\r', '\n'};
  const std::string_view after = rest.substr(4);
  const std::string_view encoding = after.substr(0, after.find_first_of(std::string_view(ends, sizeof ends)));
  TRY_VOID(read_encoding(encoding, delimiters_, quirks_));
  return begin;
}

void Message::read_segments(std::size_t begin) {
  const auto& marks = scan_.marks;
  std::size_t line_begin = begin;
  std::size_t mark = 0;
  std::size_t crs = 0;
  std::size_t lfs = 0;
  std::size_t crlfs = 0;
  const auto add = [&](std::size_t end_mark) {
    const Segment segment{static_cast<std::uint32_t>(line_begin), static_cast<std::uint32_t>(mark),
                          static_cast<std::uint32_t>(end_mark - mark),
                          name_key(bytes_.substr(line_begin, marks[mark] - line_begin))};
    if (!is_segment_name(segment.key)) quirks_.add(Quirk::bad_segment_name);
    if (segment.key == kHeaderKey && segment_count_ > 0) quirks_.add(Quirk::second_header);
    if (segment_count_ == segments_.size()) segments_.resize(std::max<std::size_t>(64, 2 * segments_.size()));
    segments_[segment_count_++] = segment;
  };
  for (std::size_t line = 0; line < scan_.line_count; ++line) {
    const std::size_t end_mark = scan_.lines[line];
    const std::uint32_t end = marks[end_mark];
    const bool feed = bytes_[end] == '\n';
    if (end > line_begin) {
      ++(feed ? lfs : crs);
      add(end_mark);
    } else if (feed && segment_count_ > 0 && bytes_[end - 1] == '\r' && end - 1 == end_of(segments_[segment_count_ - 1])) {
      --crs;  // the LF of a CR LF
      ++crlfs;
    } else {
      quirks_.add(Quirk::empty_segment);
    }
    line_begin = end + 1U;
    mark = end_mark + 1;
  }
  if (line_begin < bytes_.size()) {
    quirks_.add(Quirk::no_final_terminator);
    add(scan_.mark_count);
  }
  if (lfs != 0) quirks_.add(Quirk::lf_terminator);
  if (crlfs != 0) quirks_.add(Quirk::crlf_terminator);
  if ((crs != 0) + (lfs != 0) + (crlfs != 0) > 1) quirks_.add(Quirk::mixed_terminators);
}

std::optional<std::uint32_t> Message::find(std::string_view name, std::size_t nth) const {
  const NameKey key = name_key(name);
  for (std::uint32_t index = 0; index < segment_count(); ++index) {
    if (segments_[index].key == key && (key != 0 || segment(index).name() == name) && --nth == 0) return index;
  }
  return std::nullopt;
}

std::size_t Message::count(std::string_view name) const {
  const NameKey key = name_key(name);
  std::size_t found = 0;
  for (std::uint32_t index = 0; index < segment_count(); ++index) {
    if (segments_[index].key == key && (key != 0 || segment(index).name() == name)) ++found;
  }
  return found;
}

std::string_view Message::raw(const Location& location) const {
  if (location.segment >= segment_count()) return {};
  const SegmentView where = segment(location.segment);
  if (location.field == 0) return where.raw();
  const std::string_view field = where.raw_field(location.field);
  const bool inside = location.component != 0 || location.subcomponent != 0;
  if (location.repetition == 0 && !inside) return field;
  const bool delimiters_themselves = is_header(where.key()) && location.field <= 2;
  const Delimiters delimiters = delimiters_themselves ? Delimiters{0, 0, 0, 0, 0, 0} : delimiters_;
  const std::string_view repetition = part(field, delimiters.repetition, std::max<std::size_t>(1, location.repetition));
  if (!inside) return repetition;
  const std::string_view component = part(repetition, delimiters.component, std::max<std::size_t>(1, location.component));
  return location.subcomponent == 0 ? component : part(component, delimiters.subcomponent, location.subcomponent);
}

State Message::state(const Location& location) const {
  const bool delimiters_themselves = location.segment == 0 && (location.field == 1 || location.field == 2);
  return state_of(raw(location), delimiters_themselves ? Delimiters{0, 0, 0, 0, 0, 0} : delimiters_);
}

std::string_view Message::text(const Location& location) const {
  const bool delimiters_themselves = location.segment == 0 && (location.field == 1 || location.field == 2);
  if (delimiters_themselves) return raw(location);
  return FieldView(raw(location), delimiters_).text();
}

Message::Extent Message::extent(std::uint32_t index) const {
  const Segment& segment = segments_[index];
  const std::uint32_t end = end_of(segment);
  std::uint32_t next = end;
  if (next < bytes_.size()) ++next;
  if (next < bytes_.size() && bytes_[end] == '\r' && bytes_[next] == '\n') ++next;
  return {segment.begin, end, next};
}

std::string_view Message::structure_id() const {
  const std::string_view sent = header(9).component(3).text();
  const Structure structure = structure_of(message_code(), trigger_event(), sent, find_version(version()).version);
  return structure ? structure.name() : sent;
}

}  // namespace smarthl7::hl7
