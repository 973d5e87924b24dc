// SPDX-License-Identifier: Apache-2.0
// Message: a zero-copy index over the bytes of one HL7 v2 message. One pass finds the segments and fields; repetitions,
// components and subcomponents are found when asked for. It owns the index, not the bytes: a message made from a
// string_view must not outlive them; one made from SharedBytes keeps them alive. reset() indexes another message in the
// same buffers, so that a steady stream allocates nothing. One thread at a time may reset; reading is free for all.
// What cannot be a message is an Error (without content); what is merely unusual is a bit in quirks().
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "stdlib/base/bytes.h"
#include "stdlib/base/result.h"
#include "stdlib/hl7/scan.h"
#include "stdlib/hl7/view.h"

namespace smarthl7::hl7 {

/// What was tolerated. A set of bits.
enum class Quirk : std::uint32_t {
  byte_order_mark = 1U << 0U,              // UTF-8 byte order mark before MSH
  lf_terminator = 1U << 1U,                // a segment ends in LF
  crlf_terminator = 1U << 2U,              // a segment ends in CR LF
  mixed_terminators = 1U << 3U,            // more than one kind of segment end
  no_final_terminator = 1U << 4U,          // the last segment just stops
  empty_segment = 1U << 5U,                // a line without content, skipped
  bad_segment_name = 1U << 6U,             // a segment name that is not a letter and two letters or digits
  missing_encoding_characters = 1U << 7U,  // MSH-2 has fewer than four characters; the rest are the usual ones, or none
  extra_encoding_characters = 1U << 8U,    // MSH-2 has more than five characters
  nul_byte = 1U << 9U,                     // a NUL byte somewhere
  second_header = 1U << 10U,               // another MSH in the same bytes
  short_header = 1U << 11U,                // MSH ends before MSH-12
};

class Quirks {
 public:
  [[nodiscard]] bool has(Quirk quirk) const { return (bits_ & static_cast<std::uint32_t>(quirk)) != 0; }
  [[nodiscard]] bool none() const { return bits_ == 0; }
  [[nodiscard]] std::uint32_t bits() const { return bits_; }
  void add(Quirk quirk) { bits_ |= static_cast<std::uint32_t>(quirk); }
  friend bool operator==(const Quirks&, const Quirks&) = default;

 private:
  std::uint32_t bits_ = 0;
};

inline constexpr std::uint32_t kNoSegment = 0xFFFFFFFFU;

/// A place in a message. `segment` is the index of Message::segment() (0-based, MSH is 0); the others are 1-based as in
/// HL7's own paths and 0 where not given. A given part below one that is not given means the first of that.
struct Location {
  std::uint32_t segment = kNoSegment;
  std::uint16_t field = 0;
  std::uint16_t repetition = 0;
  std::uint16_t component = 0;
  std::uint16_t subcomponent = 0;

  friend auto operator<=>(const Location&, const Location&) = default;
};

/// Three characters of a segment name in one number; 0 for a name of another length.
using NameKey = std::uint32_t;
[[nodiscard]] constexpr NameKey name_key(std::string_view name) {
  if (name.size() != 3) return 0;
  const auto byte = [&](std::size_t at) { return static_cast<NameKey>(static_cast<unsigned char>(name[at])); };
  return (byte(0) << 16U) | (byte(1) << 8U) | byte(2);
}

/// MSH and its relatives, whose fields are counted from the separator itself.
[[nodiscard]] constexpr bool is_header(NameKey key) {
  return key == name_key("MSH") || key == name_key("FHS") || key == name_key("BHS");
}

class Message;

class SegmentView {
 public:
  SegmentView(const Message& message, std::uint32_t index) : message_(&message), index_(index) {}

  [[nodiscard]] std::uint32_t index() const { return index_; }
  /// What stands before the first field separator, whatever it is.
  [[nodiscard]] std::string_view name() const;
  [[nodiscard]] NameKey key() const;
  /// The whole segment without its terminator.
  [[nodiscard]] std::string_view raw() const;
  /// The number of the last field (MSH-1 and MSH-2 counted as HL7 does).
  [[nodiscard]] std::size_t field_count() const;
  /// Field n; absent if the segment is shorter. In MSH, fields 1 and 2 are the delimiters and have no parts.
  [[nodiscard]] FieldView field(std::size_t n) const;
  /// The bytes of field n alone: field(n).raw().
  [[nodiscard]] std::string_view raw_field(std::size_t n) const;
  /// Offsets in Message::bytes() of the field separators, then of the segment's end: one more than there are separators.
  [[nodiscard]] std::span<const std::uint32_t> marks() const;

 private:
  const Message* message_;
  std::uint32_t index_;
};

class Message {
 public:
  Message() = default;
  Message(Message&&) noexcept = default;
  Message& operator=(Message&&) noexcept = default;
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;
  ~Message() = default;

  [[nodiscard]] static Result<Message> parse(std::string_view bytes);  // the bytes outlive the message
  [[nodiscard]] static Result<Message> parse(SharedBytes bytes);
  /// Indexes other bytes in the same buffers. After an Error the message is empty.
  [[nodiscard]] Result<void> reset(std::string_view bytes, ScanKind kind = best_scan());
  [[nodiscard]] Result<void> reset(SharedBytes bytes, ScanKind kind = best_scan());

  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  [[nodiscard]] const Delimiters& delimiters() const { return delimiters_; }
  [[nodiscard]] Quirks quirks() const { return quirks_; }

  [[nodiscard]] std::uint32_t segment_count() const { return static_cast<std::uint32_t>(segment_count_); }
  [[nodiscard]] SegmentView segment(std::uint32_t index) const { return {*this, index}; }
  [[nodiscard]] NameKey segment_key(std::uint32_t index) const { return segments_[index].key; }
  /// The index of the nth (1-based) segment of that name.
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view name, std::size_t nth = 1) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;

  /// The bytes at a location: a whole segment if no field is given, a whole field with its repetitions if no repetition.
  /// Empty if there is nothing at that place.
  [[nodiscard]] std::string_view raw(const Location& location) const;
  [[nodiscard]] State state(const Location& location) const;
  /// raw(), then the first subcomponent of what is there: a composite read as text (still escaped).
  [[nodiscard]] std::string_view text(const Location& location) const;

  /// Where a segment stands in bytes(): begin, end of its content, and end with its terminator.
  struct Extent {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint32_t next = 0;
  };
  [[nodiscard]] Extent extent(std::uint32_t index) const;

  // The header, as sent (escaped). Absent is an empty view.
  [[nodiscard]] FieldView header(std::size_t n) const { return segment(0).field(n); }
  [[nodiscard]] std::string_view sending_application() const { return header(3).raw(); }
  [[nodiscard]] std::string_view sending_facility() const { return header(4).raw(); }
  [[nodiscard]] std::string_view receiving_application() const { return header(5).raw(); }
  [[nodiscard]] std::string_view receiving_facility() const { return header(6).raw(); }
  [[nodiscard]] std::string_view message_code() const { return header(9).component(1).text(); }
  [[nodiscard]] std::string_view trigger_event() const { return header(9).component(2).text(); }
  /// What code and event lead to in this version, or MSH-9.3 (message_type.h says how); empty if neither says.
  [[nodiscard]] std::string_view structure_id() const;
  [[nodiscard]] std::string_view control_id() const { return header(10).raw(); }
  [[nodiscard]] std::string_view processing_id() const { return header(11).text(); }
  [[nodiscard]] std::string_view version() const { return header(12).text(); }
  [[nodiscard]] std::string_view accept_ack_type() const { return header(15).text(); }
  [[nodiscard]] std::string_view application_ack_type() const { return header(16).text(); }
  [[nodiscard]] std::string_view character_set() const { return header(18).text(); }

 private:
  friend class SegmentView;

  struct Segment {
    std::uint32_t begin = 0;
    std::uint32_t first_mark = 0;  // the field separator after the name
    std::uint32_t separators = 0;  // the mark after the last one is the segment's end
    NameKey key = 0;
  };

  [[nodiscard]] Result<std::size_t> read_header(std::size_t begin);
  void read_segments(std::size_t begin);
  void clear();
  [[nodiscard]] std::uint32_t end_of(const Segment& segment) const {
    return scan_.marks[segment.first_mark + segment.separators];
  }

  SharedBytes owner_;
  std::string_view bytes_;
  Delimiters delimiters_;
  Quirks quirks_;
  ScanBuffers scan_;
  std::vector<Segment> segments_;
  std::size_t segment_count_ = 0;
};

inline std::span<const std::uint32_t> SegmentView::marks() const {
  const auto& segment = message_->segments_[index_];
  return std::span(message_->scan_.marks).subspan(segment.first_mark, std::size_t{segment.separators} + 1);
}

inline std::string_view SegmentView::raw_field(std::size_t n) const {
  const auto& segment = message_->segments_[index_];
  if (is_header(segment.key)) return field(n).raw();
  const std::uint32_t* marks = message_->scan_.marks.data() + segment.first_mark;
  if (n == 0 || n > segment.separators) return message_->bytes_.substr(marks[segment.separators], 0);
  return {message_->bytes_.data() + marks[n - 1] + 1, marks[n] - marks[n - 1] - 1};
}

}  // namespace smarthl7::hl7
