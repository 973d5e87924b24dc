// SPDX-License-Identifier: Apache-2.0
// The transport `sftp`: messages and batches in files of a server (SFTP version 3 over SSH, draft-ietf-secsh-filexfer-02). It
// is runtime/transport/folder over remote.h. Ownership, threads and failure: as transport.h.
#pragma once

#include "runtime/transport/transport.h"

namespace smarthl7::transport::sftp {

[[nodiscard]] std::unique_ptr<Transport> make_transport();

}  // namespace smarthl7::transport::sftp
