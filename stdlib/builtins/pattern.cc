// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/pattern.h"

#include <algorithm>
#include <array>

namespace smarthl7::builtins {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"January", "February", "March",     "April",   "May",      "June",
                                                      "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kDays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                   "Friday", "Saturday", "Sunday"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// A run of one letter, or a text that stands for itself.
struct Piece {
  char letter = 0;  // 0: literal
  std::size_t count = 0;
  std::string_view literal;
};

/// Takes the next piece off the pattern; false: a quote that does not end.
bool next_piece(std::string_view& pattern, Piece& piece) {
  piece = {};
  const char c = pattern[0];
  if (c == '\'') {
    if (pattern.size() > 1 && pattern[1] == '\'') {
      piece.literal = pattern.substr(0, 1);
      pattern.remove_prefix(2);
      return true;
    }
    const std::size_t end = pattern.find('\'', 1);
    if (end == std::string_view::npos) return false;
    piece.literal = pattern.substr(1, end - 1);
    pattern.remove_prefix(end + 1);
    return true;
  }
  if (!is_letter(c)) {
    piece.literal = pattern.substr(0, 1);
    pattern.remove_prefix(1);
    return true;
  }
  piece.letter = c;
  piece.count = std::min(pattern.find_first_not_of(c), pattern.size());
  pattern.remove_prefix(piece.count);
  return true;
}

bool is_known(const Piece& piece) {
  const std::size_t n = piece.count;
  switch (piece.letter) {
    case 0: return true;
    case 'y': return n == 2 || n == 4;
    case 'M': return n <= 4;
    case 'E': return n == 3 || n == 4;
    case 'S': return n <= 4;
    case 'x': return n == 2 || n == 3;
    case 'X': return n == 3;
    case 'a': return n == 1;
    case 'd':
    case 'H':
    case 'h':
    case 'm':
    case 's': return n <= 2;
    default: return false;
  }
}

Precision precision_of(const Piece& piece) {
  switch (piece.letter) {
    case 'M': return Precision::month;
    case 'd':
    case 'E': return Precision::day;
    case 'H':
    case 'h':
    case 'a': return Precision::hour;
    case 'm': return Precision::minute;
    case 's': return Precision::second;
    case 'S':
      return piece.count == 1   ? Precision::tenth
             : piece.count == 2 ? Precision::hundredth
             : piece.count == 3 ? Precision::millisecond
                                : Precision::ten_thousandth;
    default: return Precision::year;
  }
}

bool is_offset(const Piece& piece) { return piece.letter == 'x' || piece.letter == 'X'; }
bool is_of_date(const Piece& piece) { return std::string_view("yMdE").find(piece.letter) != std::string_view::npos; }

void put_number(int value, std::size_t digits, Builder& out) {
  char text[8];
  std::size_t at = sizeof text;
  do {
    text[--at] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value > 0 || sizeof text - at < digits);
  out.put(std::string_view(text + at, sizeof text - at));
}

void put_offset(int minutes, const Piece& piece, Builder& out) {
  if (piece.letter == 'X' && minutes == 0) {
    out.put('Z');
    return;
  }
  out.put(minutes < 0 ? '-' : '+');
  minutes = std::abs(minutes);
  put_number(minutes / 60, 2, out);
  if (piece.count == 3) out.put(':');
  put_number(minutes % 60, 2, out);
}

void put_piece(const Moment& moment, const Piece& piece, Builder& out) {
  const std::size_t n = piece.count;
  switch (piece.letter) {
    case 0: out.put(piece.literal); break;
    case 'y': put_number(n == 2 ? moment.year % 100 : moment.year, n, out); break;
    case 'M':
      if (n <= 2) {
        put_number(moment.month, n, out);
      } else {
        out.put(kMonths[moment.month - 1U].substr(0, n == 3 ? 3 : std::string_view::npos));
      }
      break;
    case 'd': put_number(moment.day, n, out); break;
    case 'E':
      out.put(kDays[static_cast<std::size_t>(weekday(moment) - 1)].substr(0, n == 3 ? 3 : std::string_view::npos));
      break;
    case 'H': put_number(moment.hour, n, out); break;
    case 'h': put_number((moment.hour + 11) % 12 + 1, n, out); break;
    case 'a': out.put(moment.hour < 12 ? "AM" : "PM"); break;
    case 'm': put_number(moment.minute, n, out); break;
    case 's': put_number(moment.second, n, out); break;
    case 'S': {
      constexpr int kDivisors[] = {1000, 100, 10, 1};
      put_number(moment.ten_thousandths / kDivisors[n - 1], n, out);
      break;
    }
    default: put_offset(moment.offset_minutes, piece, out); break;
  }
}

/// The parts that a pattern for reading has.
struct Parts {
  bool year = false, month = false, day = false, hour = false, half = false, minute = false, second = false, fraction = false,
       offset = false;
  bool twelve = false;
};

bool collect(std::string_view pattern, Parts& parts) {
  if (pattern.empty() || pattern.size() > kMostPattern) return false;
  const auto once = [](bool& part) {
    const bool first = !part;
    part = true;
    return first;
  };
  for (Piece piece; !pattern.empty();) {
    if (!next_piece(pattern, piece) || !is_known(piece)) return false;
    bool right = true;
    switch (piece.letter) {
      case 0: break;
      case 'y': right = piece.count == 4 && once(parts.year); break;
      case 'M': right = once(parts.month); break;
      case 'd': right = once(parts.day); break;
      case 'h': parts.twelve = true; [[fallthrough]];
      case 'H': right = once(parts.hour); break;
      case 'a': right = once(parts.half); break;
      case 'm': right = once(parts.minute); break;
      case 's': right = once(parts.second); break;
      case 'S': right = once(parts.fraction); break;
      case 'x':
      case 'X': right = once(parts.offset); break;
      default: right = false;
    }
    if (!right) return false;
  }
  return true;
}

bool is_clock(const Parts& parts) {
  return parts.twelve == parts.half && (parts.hour || !parts.minute) && (parts.minute || !parts.second) &&
         (parts.second || !parts.fraction);
}

bool is_calendar(const Parts& parts) { return parts.year && (parts.month || !parts.day); }

class TextReader {
 public:
  explicit TextReader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }

  bool literal(std::string_view wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(wanted.size());
    return true;
  }
  bool number(std::size_t least, std::size_t most, int& value) {
    std::size_t count = 0;
    value = 0;
    while (count < most && count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9') {
      value = value * 10 + (rest_[count++] - '0');
    }
    rest_.remove_prefix(count);
    return count >= least;
  }
  /// The number (from 1) of the name, the first `size` letters of it, in any case.
  template <std::size_t N>
  bool name(const std::array<std::string_view, N>& names, std::size_t size, int& value) {
    for (std::size_t i = 0; i < N; ++i) {
      const std::string_view wanted = names[i].substr(0, size);
      if (!begins(wanted)) continue;
      rest_.remove_prefix(wanted.size());
      value = static_cast<int>(i) + 1;
      return true;
    }
    return false;
  }
  bool half(bool& afternoon) {
    afternoon = begins("PM");
    if (!afternoon && !begins("AM")) return false;
    rest_.remove_prefix(2);
    return true;
  }
  bool offset(const Piece& piece, int& minutes) {
    minutes = 0;
    if (piece.letter == 'X' && literal("Z")) return true;
    const bool west = literal("-");
    if (!west && !literal("+")) return false;
    int hours = 0;
    if (!number(2, 2, hours) || (piece.count == 3 && !literal(":")) || !number(2, 2, minutes)) return false;
    if (hours > 14 || minutes > 59) return false;
    minutes = (hours * 60 + minutes) * (west ? -1 : 1);
    return true;
  }

 private:
  [[nodiscard]] bool begins(std::string_view wanted) const {
    const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return rest_.size() >= wanted.size() &&
           std::equal(wanted.begin(), wanted.end(), rest_.begin(), [&](char a, char b) { return small(a) == small(b); });
  }

  std::string_view rest_;
};

struct Read {
  int year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, fraction = 0, offset = Moment::kNoOffset;
  bool afternoon = false;
  bool twelve = false;
};

bool read_piece(const Piece& piece, TextReader& in, Read& read) {
  const std::size_t least = piece.count == 2 ? 2 : 1;
  switch (piece.letter) {
    case 0: return in.literal(piece.literal);
    case 'y': return in.number(4, 4, read.year);
    case 'M':
      return piece.count <= 2 ? in.number(least, 2, read.month)
                              : in.name(kMonths, piece.count == 3 ? 3 : std::string_view::npos, read.month);
    case 'd': return in.number(least, 2, read.day);
    case 'h': read.twelve = true; return in.number(least, 2, read.hour) && read.hour >= 1 && read.hour <= 12;
    case 'H': return in.number(least, 2, read.hour);
    case 'a': return in.half(read.afternoon);
    case 'm': return in.number(least, 2, read.minute);
    case 's': return in.number(least, 2, read.second);
    case 'S': {
      if (!in.number(piece.count, piece.count, read.fraction)) return false;
      for (std::size_t i = piece.count; i < 4; ++i) read.fraction *= 10;
      return true;
    }
    default: return in.offset(piece, read.offset);
  }
}

}  // namespace

bool is_pattern(std::string_view pattern) {
  if (pattern.empty() || pattern.size() > kMostPattern) return false;
  for (Piece piece; !pattern.empty();) {
    if (!next_piece(pattern, piece) || !is_known(piece)) return false;
  }
  return true;
}

bool is_date_pattern(std::string_view pattern) {
  Parts parts;
  return collect(pattern, parts) && is_calendar(parts) && !parts.hour && !parts.offset && is_clock(parts);
}

bool is_time_pattern(std::string_view pattern) {
  Parts parts;
  return collect(pattern, parts) && !parts.year && !parts.month && !parts.day && parts.hour && is_clock(parts);
}

bool is_timestamp_pattern(std::string_view pattern) {
  Parts parts;
  return collect(pattern, parts) && is_calendar(parts) && is_clock(parts) && (parts.day || !parts.hour);
}

bool put_moment(MomentKind kind, const Moment& moment, std::string_view pattern, Builder& out) {
  if (!is_pattern(pattern)) return false;
  for (Piece piece; !pattern.empty();) {
    if (!next_piece(pattern, piece)) return false;
    if (is_offset(piece)) {
      if (!moment.has_offset()) return false;
    } else if (piece.letter != 0) {
      if (is_of_date(piece) ? kind == MomentKind::time : kind == MomentKind::date) return false;
      if (precision_of(piece) > moment.precision) return false;
    }
    put_piece(moment, piece, out);
  }
  return true;
}

std::optional<Moment> read_by_pattern(MomentKind kind, std::string_view text, std::string_view pattern) {
  const bool right = kind == MomentKind::date   ? is_date_pattern(pattern)
                     : kind == MomentKind::time ? is_time_pattern(pattern)
                                                : is_timestamp_pattern(pattern);
  if (!right) return std::nullopt;
  TextReader in(text);
  Read read;
  Precision precision = kind == MomentKind::time ? Precision::hour : Precision::year;
  for (Piece piece; !pattern.empty();) {
    if (!next_piece(pattern, piece) || !read_piece(piece, in, read)) return std::nullopt;
    if (piece.letter != 0 && !is_offset(piece)) precision = std::max(precision, precision_of(piece));
  }
  if (!in.done()) return std::nullopt;
  if (read.twelve) read.hour = read.hour % 12 + (read.afternoon ? 12 : 0);
  if (read.month < 1 || read.month > 12 || read.day < 1 || read.hour > 23 || read.minute > 59 || read.second > 59)
    return std::nullopt;
  if (static_cast<unsigned>(read.day) > days_in_month(static_cast<unsigned>(read.year), static_cast<unsigned>(read.month)))
    return std::nullopt;
  Moment moment;
  moment.year = static_cast<std::uint16_t>(read.year);
  moment.month = static_cast<std::uint8_t>(read.month);
  moment.day = static_cast<std::uint8_t>(read.day);
  moment.hour = static_cast<std::uint8_t>(read.hour);
  moment.minute = static_cast<std::uint8_t>(read.minute);
  moment.second = static_cast<std::uint8_t>(read.second);
  moment.ten_thousandths = static_cast<std::uint16_t>(read.fraction);
  moment.precision = precision;
  moment.offset_minutes = static_cast<std::int16_t>(read.offset);
  return moment;
}

}  // namespace smarthl7::builtins
