// SPDX-License-Identifier: Apache-2.0
// The folders of this machine as a folder transport sees them. Links are never followed; nothing is written over but by
// replace(). Threads: one at a time. Failure: Result; texts name folders, never files.
#pragma once

#include <memory>

#include "runtime/transport/folder/file_system.h"

namespace smarthl7::transport::file {

[[nodiscard]] std::unique_ptr<folder::FileSystem> make_local_file_system();

}  // namespace smarthl7::transport::file
