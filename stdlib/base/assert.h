// SPDX-License-Identifier: Apache-2.0
// Assertions for our own bugs. They stay on in release builds: a hub that has lost its mind must stop
// before it acknowledges. The text never holds message content. Any thread; never returns on failure.
#pragma once

namespace smarthl7 {

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line, const char* why);

}  // namespace smarthl7

#define SMARTHL7_ASSERT(condition, why) \
  ((condition) ? static_cast<void>(0) : ::smarthl7::assertion_failed(#condition, __FILE__, __LINE__, why))
#define SMARTHL7_UNREACHABLE(why) ::smarthl7::assertion_failed("unreachable", __FILE__, __LINE__, why)
