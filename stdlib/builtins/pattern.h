// SPDX-License-Identifier: Apache-2.0
// Patterns of dates and times as Java, .NET and Unicode have them (UTS 35 part 4, "Date Format Patterns", a part of its
// letters):
//   yyyy yy M MM MMM MMMM d dd EEE EEEE  H HH h hh a m mm s ss S..SSSS (fraction)  xx +0100, xxx +01:00, in capitals the same
//   with Z for UTC
// 'quoted' text, '' an apostrophe; what is no letter stands for itself. English names. Read where they stand, nothing is kept.
// Pure functions; any thread; what does not fit is false or nullopt.
#pragma once

#include <optional>
#include <string_view>

#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/moment.h"

namespace smarthl7::builtins {

inline constexpr std::size_t kMostPattern = 100;  // characters

[[nodiscard]] bool is_pattern(std::string_view pattern);
/// One that a text can be read by: not `yy` (the century would be a guess) nor names of weekdays, every part at most once, no
/// part without the next coarser one.
[[nodiscard]] bool is_date_pattern(std::string_view pattern);
[[nodiscard]] bool is_time_pattern(std::string_view pattern);
[[nodiscard]] bool is_timestamp_pattern(std::string_view pattern);

/// Room that the text of a moment needs at most.
[[nodiscard]] constexpr std::size_t pattern_room(std::string_view pattern) { return pattern.size() * 10; }
/// False: the moment has no such part, or is less precise, or the pattern is none.
[[nodiscard]] bool put_moment(MomentKind kind, const Moment& moment, std::string_view pattern, Builder& out);

/// The text must fit from its first to its last character; M, d, H, h, m and s take one or two digits, names any case.
[[nodiscard]] std::optional<Moment> read_by_pattern(MomentKind kind, std::string_view text, std::string_view pattern);

}  // namespace smarthl7::builtins
