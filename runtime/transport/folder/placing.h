// SPDX-License-Identifier: Apache-2.0
// Putting a file in its place: under the name that is wanted or, if another file has it, one with a number, so that nothing is
// ever written over.
// Threads: a Worker's. Failure: Result of the file system.
#pragma once

#include <string>

#include "runtime/transport/folder/file_system.h"

namespace smarthl7::transport::folder {

struct Placed {
  std::string name;
  bool was_there = false;  // with the same bytes: the new one was removed
};

/// Moves it. With `same_is_enough` a file that is there with the same bytes counts as this one.
[[nodiscard]] Result<Placed> place_file(FileSystem& files, const std::string& folder, const std::string& name,
                                        const std::string& to_folder, const std::string& wanted, bool same_is_enough);

/// "day.hl7", then "day-2.hl7", "day-3.hl7".
[[nodiscard]] std::string numbered(const std::string& name, unsigned number);
/// What a file is called while it is written: hidden, and never what somebody else's file is called.
[[nodiscard]] std::string temporary_name(const std::string& name);
inline constexpr std::string_view kTemporaryPrefix = ".smarthl7-";

}  // namespace smarthl7::transport::folder
