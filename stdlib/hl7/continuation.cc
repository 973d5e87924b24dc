// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/continuation.h"

#include <fmt/format.h>

#include <algorithm>

#include "stdlib/hl7/dictionary/dictionary.h"
#include "stdlib/hl7/editor.h"
#include "stdlib/hl7/escape.h"

namespace smarthl7::hl7 {
namespace {

constexpr std::uint16_t kControlId = 10;
constexpr std::uint16_t kPointer = 14;
constexpr std::size_t kMostControlId = 20;
constexpr NameKey kAdd = name_key("ADD");
constexpr NameKey kDsc = name_key("DSC");

[[nodiscard]] bool is_empty_add(const SegmentView& segment) { return segment.key() == kAdd && segment.raw().size() <= 4; }

/// What stands between the id and the number. One of these is no delimiter, since there are six of those at most: a pointer
/// with a delimiter in it would be two fields.
[[nodiscard]] char joint_of(const Delimiters& delimiters) {
  constexpr std::string_view kJoints = "-._:+/=";
  return *std::ranges::find_if(kJoints, [&](char c) { return !delimiters.has(c); });
}

/// "ID" and "-2", cut so that both are 20 characters at most; not within a character or an escape sequence.
[[nodiscard]] std::string numbered(std::string_view id, std::size_t number, const Delimiters& delimiters) {
  const std::string suffix = fmt::format("{}{}", joint_of(delimiters), number);
  std::string_view kept = id.substr(0, kMostControlId - suffix.size());
  while (!kept.empty() && kept.size() < id.size() && (static_cast<unsigned char>(id[kept.size()]) & 0xC0U) == 0x80U) {
    kept.remove_suffix(1);
  }
  const char escape = delimiters.escape;
  if (escape != 0 && kept.size() < id.size() && std::ranges::count(kept, escape) % 2 != 0)
    kept = kept.substr(0, kept.rfind(escape));
  return std::string(kept) + suffix;
}

class Splitter {
 public:
  Splitter(const Message& message, std::size_t most)
      : message_(message), bytes_(message.bytes()), most_(most), separator_(message.delimiters().field) {
    header_end_ = end_of(0);
    with_style_ = compare_versions(message.version(), "2.4").value_or(1) >= 0;
    control_id_ = message.control_id();
  }

  [[nodiscard]] Result<std::vector<std::string>> run() {
    std::vector<std::string> fragments;
    std::size_t at = header_end_;
    bool inside = false;  // of a segment
    while (true) {
      TRY(std::string fragment, header(fragments.size() + 1));
      if (inside) fragment.append("ADD").push_back(separator_);
      if (fragment.size() + (bytes_.size() - at) <= most_) {
        fragment.append(bytes_.substr(at));
        fragments.push_back(std::move(fragment));
        return fragments;
      }
      std::string end = "DSC";
      end.push_back(separator_);
      end.append(pointer(fragments.size() + 1));
      if (with_style_) end.append({separator_, 'F'});
      end.push_back('\r');
      // Room for the bytes of the message, with the ADD that a cut segment needs.
      constexpr std::size_t kCut = 6;  // CR ADD | CR
      constexpr std::size_t kLeast = 8;
      if (fragment.size() + end.size() + kCut + kLeast > most_) {
        return fail(ErrorCode::invalid, fmt::format("a fragment of {} bytes does not hold the header and its pointers", most_));
      }
      const std::size_t room = most_ - fragment.size() - end.size();
      const std::size_t whole_end = last_segment_end(at, at + room);
      const std::size_t cut = whole_end > at ? whole_end : cut_inside(at, at + room - kCut);
      if (cut <= at) return fail(ErrorCode::invalid, "so many blank lines between segments that they fill a fragment");
      fragment.append(bytes_.substr(at, cut - at));
      inside = whole_end <= at;
      if (inside) fragment.append("\rADD").append({separator_, '\r'});
      fragment.append(end);
      fragments.push_back(std::move(fragment));
      at = cut;
    }
  }

 private:
  [[nodiscard]] std::string pointer(std::size_t number) const {
    return numbered(control_id_, number + 1, message_.delimiters());
  }

  /// The message's own first bytes; of later fragments the header with a new control id and the pointer.
  [[nodiscard]] Result<std::string> header(std::size_t number) {
    if (number == 1) return std::string(bytes_.substr(0, header_end_));
    const auto extent = message_.extent(0);
    Message alone;
    TRY_VOID(alone.reset(bytes_.substr(extent.begin, extent.next - extent.begin)));
    Editor editor(alone);
    const std::string id = numbered(control_id_, number, message_.delimiters());
    const bool set = editor.set_raw({0, kControlId, 0, 0, 0}, id) && editor.set_raw({0, kPointer, 0, 0, 0}, id);
    if (!set) return fail(ErrorCode::invalid, "the header of a fragment cannot be written");
    std::string out;
    editor.write(out);
    return out;
  }

  /// Where the next segment begins: blank lines belong to the one before.
  [[nodiscard]] std::size_t end_of(std::uint32_t segment) const {
    return segment + 1 < message_.segment_count() ? message_.extent(segment + 1).begin : bytes_.size();
  }

  /// The end of the last segment (with its terminator) in (from, limit]; from if there is none.
  [[nodiscard]] std::size_t last_segment_end(std::size_t from, std::size_t limit) {
    std::size_t end = from;
    while (segment_ < message_.segment_count() && end_of(segment_) <= limit) {
      end = std::max(end, end_of(segment_));
      ++segment_;
    }
    return end;
  }

  /// A place in (from, limit] within the segment: before a field if one begins there, else not within a character or sequence.
  [[nodiscard]] std::size_t cut_inside(std::size_t from, std::size_t limit) const {
    limit = std::min<std::size_t>(limit, message_.extent(segment_).end - std::size_t{1});  // something is left for the ADD
    if (limit <= from) return from;
    const std::string_view piece = bytes_.substr(from, limit - from);
    const std::size_t field = piece.rfind(separator_);
    if (field != std::string_view::npos && field > 0) return from + field;
    std::size_t cut = limit;
    const char escape = message_.delimiters().escape;
    if (escape != 0 && std::ranges::count(piece, escape) % 2 != 0) {
      const std::size_t open = piece.rfind(escape);
      if (open > 0) cut = from + open;
    }
    std::size_t back = cut;
    while (back > from + 1 && cut - back < 3 && (static_cast<unsigned char>(bytes_[back]) & 0xC0U) == 0x80U) --back;
    if ((static_cast<unsigned char>(bytes_[back]) & 0xC0U) != 0x80U) cut = back;  // no UTF-8: anywhere
    // The beginning of a segment like "DSCX" must not look like the one that ends a fragment.
    return bytes_.substr(from, cut - from) == "DSC" ? cut - 1 : cut;
  }

  const Message& message_;
  std::string_view bytes_;
  std::size_t most_;
  char separator_;
  std::size_t header_end_ = 0;
  bool with_style_ = true;
  std::string_view control_id_;
  std::uint32_t segment_ = 0;
};

[[nodiscard]] std::string address_of(const Message& message) {
  std::string address;
  for (const std::size_t field : {2U, 3U, 4U, 5U, 6U, 9U, 11U, 12U}) {
    address.append(message.header(field).raw()).push_back('\r');
  }
  return address;
}

}  // namespace

Result<std::vector<std::string>> split_message(const Message& message, std::size_t most) {
  if (message.bytes().size() <= most) return std::vector<std::string>{std::string(message.bytes())};
  if (!message.header(kPointer).raw().empty() || message.find("DSC")) {
    return fail(ErrorCode::invalid, "the message is a part of a continued one already (MSH-14 or DSC)");
  }
  for (std::uint32_t index = 1; index < message.segment_count(); ++index) {
    if (is_empty_add(message.segment(index))) {
      return fail(ErrorCode::invalid, "the message holds an empty ADD, which marks the end of a fragment");
    }
  }
  return Splitter(message, most).run();
}

bool is_fragment(const Message& message) {
  if (!message.header(kPointer).raw().empty()) return true;
  const std::uint32_t count = message.segment_count();
  if (count == 0 || message.segment_key(count - 1) != kDsc) return false;
  const SegmentView dsc = message.segment(count - 1);
  return !dsc.raw_field(1).empty() && dsc.raw_field(2) != "I";  // I: an interactive continuation of a query
}

Result<FragmentJoiner::Step> FragmentJoiner::add(const Message& fragment) {
  auto step = join(fragment);
  if (!step) {
    const std::size_t most = most_bytes_;
    *this = FragmentJoiner(most);
  }
  return step;
}

Result<FragmentJoiner::Step> FragmentJoiner::join(const Message& fragment) {
  const std::string_view continues = fragment.header(kPointer).raw();
  const std::uint32_t count = fragment.segment_count();
  if (count_ > 0 && pointer_.empty()) return fail(ErrorCode::invalid, "the message was whole; take it before the next one");
  if (count_ == 0 && !continues.empty())
    return fail(ErrorCode::invalid, "the fragment continues one that was not given (MSH-14)");
  if (count_ > 0 && continues != pointer_) {
    return fail(ErrorCode::invalid,
                "the fragment's MSH-14 is not the pointer (DSC-1) of the one before: one is missing, or the order is wrong");
  }
  if (count_ == 0) {
    address_ = address_of(fragment);
  } else if (address_of(fragment) != address_) {
    return fail(ErrorCode::invalid, "the fragment has another sender, receiver, type or version than the one before");
  }
  std::uint32_t last = count;  // the segment after those that are the message's
  std::string next;
  for (std::uint32_t index = 1; index < count; ++index) {
    if (fragment.segment_key(index) != kDsc) continue;
    if (index + 1 != count) return fail(ErrorCode::invalid, "a DSC stands before the end of the fragment");
    next = fragment.segment(index).raw_field(1);
    if (next.empty()) return fail(ErrorCode::invalid, "DSC-1, the pointer to the next fragment, is empty");
    if (fragment.segment(index).raw_field(2) == "I") {
      return fail(ErrorCode::invalid, "DSC-2 says that a query is continued (I), not a message (F)");
    }
    last = index;
  }
  const std::string_view bytes = fragment.bytes();
  const std::size_t header_end = fragment.extent(0).next;
  std::size_t begin = count_ == 0 ? 0 : header_end;
  if (cut_segment_) {
    if (count < 2 || fragment.segment_key(1) != kAdd) {
      return fail(ErrorCode::invalid, "a segment was cut, and the next fragment does not begin with ADD");
    }
    begin = std::min<std::size_t>(fragment.extent(1).begin + 4, bytes.size());
  }
  bool cut = false;
  std::size_t end = last < count ? fragment.extent(last).begin : bytes.size();
  if (last < count && last > 1 && is_empty_add(fragment.segment(last - 1))) {
    cut = true;
    end = fragment.extent(last - 2).end;
  }
  if (end < begin) return fail(ErrorCode::invalid, "the fragment holds nothing of the message");
  if (whole_.size() + (end - begin) > most_bytes_) {
    return fail(ErrorCode::full, fmt::format("the fragments are more than {} bytes", most_bytes_));
  }
  whole_.append(bytes.substr(begin, end - begin));
  cut_segment_ = cut;
  pointer_ = std::move(next);
  ++count_;
  return pointer_.empty() ? Step::whole : Step::more;
}

std::string FragmentJoiner::take() {
  std::string whole = std::move(whole_);
  const std::size_t most = most_bytes_;
  *this = FragmentJoiner(most);
  return whole;
}

}  // namespace smarthl7::hl7
