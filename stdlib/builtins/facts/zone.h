// SPDX-License-Identifier: Apache-2.0
// Time zones of the IANA database by name ("Europe/Berlin"), as it was when the program was built (zones.py), so that an answer
// never depends on the machine. A local time that does not exist or exists twice is read as RFC 5545 section 3.3.5 says: by the
// offset before the gap, and as the first of the two. Constants; any thread; an unknown name is null.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace smarthl7::builtins {

struct Zone;

[[nodiscard]] const Zone* find_zone(std::string_view name);

/// Seconds east of UTC at an instant (seconds since 1970 UTC).
[[nodiscard]] std::int32_t offset_at(const Zone& zone, std::int64_t instant);

/// Seconds east of UTC that a local time is read with (seconds since 1970 on the zone's clocks).
[[nodiscard]] std::int32_t offset_of_local(const Zone& zone, std::int64_t local);

[[nodiscard]] std::size_t zone_name_count();
[[nodiscard]] std::string_view zone_name(std::size_t index);

}  // namespace smarthl7::builtins
