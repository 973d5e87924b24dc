// SPDX-License-Identifier: Apache-2.0
// The folders of an SFTP server as folder/file_system.h wants them. Ownership, threads and failure: as there. Durable is what
// fsync@openssh.com made so; a server without it, and the names of a folder on any server, are as durable as the server makes
// them.
#pragma once

#include <memory>

#include "runtime/transport/folder/file_system.h"
#include "runtime/transport/sftp/login.h"

namespace smarthl7::transport::sftp {

[[nodiscard]] std::unique_ptr<folder::FileSystem> make_remote_file_system(std::shared_ptr<Logins> logins);

}  // namespace smarthl7::transport::sftp
