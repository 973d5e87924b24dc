// SPDX-License-Identifier: Apache-2.0
// The file transport: messages in files of folders of this machine. Options: stdlib/connectors/file.cc. Ownership, threads and
// failure: as runtime/transport/transport.h says.
#pragma once

#include "runtime/transport/transport.h"

namespace smarthl7::transport::file {

[[nodiscard]] std::unique_ptr<Transport> make_transport();

}  // namespace smarthl7::transport::file
