// SPDX-License-Identifier: Apache-2.0
// The answer to a file: the acknowledgements of its messages in their order, within the sender's envelopes (HL7 2.5.1 chapter
// 2.10.3), written beside while the file is taken and put in its place at the end. What is wrong with the file's envelope
// stands in BTS-2 and FTS-2. Ownership: borrows the file system. Threads: a Worker's, one at a time. Failure: Result; the file
// under its temporary name is removed by the next attempt.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/transport/folder/file_system.h"
#include "runtime/transport/folder/scan.h"
#include "stdlib/hl7/ack_batch.h"

namespace smarthl7::transport::folder {

class AnswerFile {
 public:
  /// `timestamp` is that of its envelopes: taken from the file, so that a second writing after a crash gives the same bytes.
  AnswerFile(FileSystem& files, std::string folder, std::string name, std::string timestamp,
             std::vector<hl7::BatchFinding> findings);

  Result<void> add(const FileMessage& message, std::string_view acknowledgement);
  /// Durable under the file's name with `.ack` behind it, or one with a number if another answer is there.
  Result<void> finish();

 private:
  Result<void> open(const FileMessage& message);
  Result<void> flush(std::size_t least);
  void close_batch();
  void close_file();
  [[nodiscard]] std::string comment(bool of_file) const;

  FileSystem& files_;
  std::string folder_;
  std::string name_;
  std::string temporary_;
  std::vector<hl7::BatchFinding> findings_;
  hl7::BatchAckWriter writer_;
  std::unique_ptr<FileWriter> out_;
  FileMessage written_;  // of the envelope that is open
};

}  // namespace smarthl7::transport::folder
