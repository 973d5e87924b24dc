// SPDX-License-Identifier: Apache-2.0
#include "runtime/trial/diff.h"

#include <algorithm>
#include <cstdint>

namespace smarthl7::trial {
namespace {

constexpr std::size_t kMostLines = 30;
constexpr std::size_t kMostSegments = 2000;  // beyond, only the first ones are compared
constexpr std::string_view kSent = "sent       ";
constexpr std::string_view kDelivered = "delivered  ";
constexpr std::string_view kMarks = "           ";

using Segments = std::vector<std::string_view>;

Segments split(std::string_view text, char at) {
  Segments parts;
  while (!text.empty()) {
    const std::size_t end = text.find(at);
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parts;
}

Segments segments_of(std::string_view message) {
  Segments segments = split(message, '\r');
  if (segments.size() > kMostSegments) segments.resize(kMostSegments);
  return segments;
}

/// Pairs of segments that belong together, by the longest common run of names; npos: has none.
struct Pair {
  std::size_t sent;
  std::size_t delivered;
};
constexpr std::size_t kNone = std::string_view::npos;

std::vector<Pair> align(const Segments& sent, const Segments& delivered) {
  const std::size_t rows = sent.size() + 1;
  const std::size_t columns = delivered.size() + 1;
  // A like segment is worth more than one of the same name, so that a deleted NTE is the one that is missing.
  const auto worth = [&](std::size_t i, std::size_t j) -> std::uint32_t {
    if (sent[i] == delivered[j]) return 3;
    return sent[i].substr(0, 3) == delivered[j].substr(0, 3) ? 2 : 0;
  };
  std::vector<std::uint32_t> best(rows * columns, 0);
  for (std::size_t i = sent.size(); i-- > 0;) {
    for (std::size_t j = delivered.size(); j-- > 0;) {
      const std::uint32_t gain = worth(i, j);
      std::uint32_t most = std::max(best[(i + 1) * columns + j], best[i * columns + j + 1]);
      if (gain > 0) most = std::max(most, gain + best[(i + 1) * columns + j + 1]);
      best[i * columns + j] = most;
    }
  }
  std::vector<Pair> pairs;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < sent.size() || j < delivered.size()) {
    const std::uint32_t gain = i < sent.size() && j < delivered.size() ? worth(i, j) : 0;
    if (gain > 0 && best[i * columns + j] == gain + best[(i + 1) * columns + j + 1]) {
      pairs.push_back({i++, j++});
    } else if (j == delivered.size() || (i < sent.size() && best[i * columns + j] == best[(i + 1) * columns + j])) {
      pairs.push_back({i++, kNone});
    } else {
      pairs.push_back({kNone, j++});
    }
  }
  return pairs;
}

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// Under each field of `delivered` that is another one in `sent`.
std::string marks(std::string_view sent, std::string_view delivered, char separator) {
  const Segments before = split(sent, separator);
  std::string line;
  std::size_t field = 0;
  while (!delivered.empty() || field < before.size()) {
    const std::size_t end = delivered.find(separator);
    const std::string here = printable(delivered.substr(0, end));
    const bool same = field < before.size() ? before[field] == delivered.substr(0, end) : here.empty();
    line.append(std::max<std::size_t>(width(here), same ? 0 : 1), same ? ' ' : '~');
    line += ' ';
    delivered.remove_prefix(end == std::string_view::npos ? delivered.size() : end + 1);
    ++field;
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

}  // namespace

std::string printable(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const auto first = static_cast<unsigned char>(bytes.front());
    const std::size_t length = first < 0x80            ? 1
                               : (first >> 5U) == 0x06 ? 2
                               : (first >> 4U) == 0x0E ? 3
                               : (first >> 3U) == 0x1E ? 4
                                                       : 0;
    const bool whole = length > 0 && length <= bytes.size() &&
                       std::all_of(bytes.begin() + 1, bytes.begin() + static_cast<std::ptrdiff_t>(length),
                                   [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; });
    if (!whole || first < 0x20 || first == 0x7F) {
      out += '?';
      bytes.remove_prefix(1);
      continue;
    }
    out += bytes.substr(0, length);
    bytes.remove_prefix(length);
  }
  return out;
}

std::vector<std::string> segment_diff(std::string_view sent, std::string_view delivered, std::string_view only) {
  std::vector<std::string> lines;
  const char separator = delivered.size() > 3 ? delivered[3] : '|';
  const Segments after = segments_of(delivered);
  if (sent.empty()) {
    for (const std::string_view segment : after) {
      if (only.empty() || segment.starts_with(only)) lines.push_back(std::string(kDelivered) + printable(segment));
    }
  } else {
    const Segments before = segments_of(sent);
    for (const Pair& pair : align(before, after)) {
      const std::string_view was = pair.sent == kNone ? std::string_view() : before[pair.sent];
      const std::string_view is = pair.delivered == kNone ? std::string_view() : after[pair.delivered];
      const bool wanted = only.empty() ? was != is : (was.starts_with(only) || is.starts_with(only));
      if (!wanted) continue;
      if (was == is) {
        lines.push_back(std::string(kDelivered) + printable(is) + "   (as sent)");
      } else if (pair.delivered == kNone) {
        lines.push_back(std::string(kSent) + printable(was) + "   (deleted)");
      } else if (pair.sent == kNone) {
        lines.push_back(std::string(kDelivered) + printable(is) + "   (added)");
      } else {
        lines.push_back(std::string(kSent) + printable(was));
        lines.push_back(std::string(kDelivered) + printable(is));
        lines.push_back(std::string(kMarks) + marks(was, is, separator));
      }
    }
    if (lines.empty() && !only.empty()) lines.push_back("there is no " + std::string(only) + " in it");
    if (lines.empty()) lines.emplace_back("delivered as it was sent");
  }
  if (lines.size() > kMostLines) {
    lines.resize(kMostLines);
    lines.emplace_back("...");
  }
  return lines;
}

}  // namespace smarthl7::trial
