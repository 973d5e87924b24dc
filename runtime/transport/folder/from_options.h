// SPDX-License-Identifier: Apache-2.0
// What options say of a folder, on whatever file system: the ones that all transports of files have. Ownership: none. Any
// thread. Failure: ErrorCode::invalid, which names the option.
#pragma once

#include "runtime/transport/folder/destination.h"
#include "runtime/transport/folder/source.h"
#include "runtime/transport/options.h"

namespace smarthl7::transport::folder {

/// `read`, `pattern`, `order`, `stable`, `every`, `done`, `failed`, `answers`, `lock`, `envelope`, `largest`. How it is shown
/// (`where`) and known (`known_as`) is the transport's to say; times that no option says are those of `given`.
[[nodiscard]] Result<SourceSettings> read_source_settings(const Options& options, SourceSettings given = {});

/// `write`; `where` is the transport's.
[[nodiscard]] Result<DestinationSettings> read_destination_settings(const Options& options);

}  // namespace smarthl7::transport::folder
