// SPDX-License-Identifier: Apache-2.0
// Files of an SFTP server, open: read and written in pieces, each of which takes a round trip. Ownership: they share the
// session; closing waits for its next call. Threads and failure: as folder/file_system.h.
#pragma once

#include <memory>
#include <string>

#include "runtime/transport/folder/file_system.h"
#include "runtime/transport/sftp/session.h"

namespace smarthl7::transport::sftp {

using Attributes = std::unique_ptr<sftp_attributes_struct, void (*)(sftp_attributes)>;

[[nodiscard]] folder::FileFacts facts_of(const sftp_attributes_struct& facts, std::string name);
[[nodiscard]] Result<std::unique_ptr<folder::FileReader>> make_reader(std::shared_ptr<Session> session, sftp_file file,
                                                                      std::string folder, std::string name);
[[nodiscard]] std::unique_ptr<folder::FileWriter> make_writer(std::shared_ptr<Session> session, sftp_file file,
                                                              std::string folder);

}  // namespace smarthl7::transport::sftp
