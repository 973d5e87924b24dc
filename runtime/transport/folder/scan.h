// SPDX-License-Identifier: Apache-2.0
// A file read twice: once to know what it is (its hash, how many messages, what is wrong with its envelope) before anything of
// it is taken, then message by message. Memory holds one message and one piece of the file, however large it is. Ownership:
// borrows the reader. Threads: a Worker's, one at a time. Failure: Result of the reader; what is wrong with the content is no
// failure but said in the scan.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "runtime/transport/folder/file_system.h"
#include "stdlib/base/bytes.h"
#include "stdlib/base/digest.h"
#include "stdlib/hl7/batch.h"

namespace smarthl7::transport::folder {

struct FileScan {
  FileFacts facts;     // the same before and after it was read
  bool moved = false;  // they were not: somebody is still writing
  Hash128 content;
  std::uint64_t messages = 0;
  std::uint64_t finding_count = 0;
  std::vector<hl7::BatchFinding> findings;  // the first of them
  bool too_large = false;                   // a message
  bool envelope = false;                    // FHS, BHS, BTS or FTS
  std::string whole;                        // the bytes of a small file
  bool kept_whole = false;

  /// Why it cannot be taken; empty: it can. Without values.
  [[nodiscard]] std::string fault(bool envelope_matters) const;
};

/// ErrorCode::closed: `stop` was set.
[[nodiscard]] Result<FileScan> scan_file(FileReader& reader, std::uint64_t largest, const std::atomic<bool>& stop);

struct FileMessage {
  SharedBytes bytes;
  hl7::BatchPlace at;
  std::shared_ptr<const hl7::BatchSegment> file;   // null: in no file envelope
  std::shared_ptr<const hl7::BatchSegment> batch;  // null: in no batch
};

class MessageStream {
 public:
  /// Of the bytes of a scan that kept them, or of `reader`.
  MessageStream(std::string whole, std::unique_ptr<FileReader> reader);

  /// Some messages more; none: the end. The bytes of those up to `known` are left out.
  Result<std::vector<FileMessage>> next(std::uint64_t known);
  /// Of the file that is open; of a small one that was closed long ago: as scanned.
  [[nodiscard]] FileReader* reader() const { return reader_.get(); }

 private:
  Result<bool> read_more();
  void place(FileMessage& message);

  std::unique_ptr<FileReader> reader_;
  hl7::BatchReader batch_;
  std::string piece_;
  bool ended_ = false;
  hl7::BatchPlace last_;
  std::shared_ptr<const hl7::BatchSegment> file_;
  std::shared_ptr<const hl7::BatchSegment> envelope_;
};

}  // namespace smarthl7::transport::folder
