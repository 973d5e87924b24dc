// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/sftp/remote_file.h"

#include <algorithm>
#include <utility>

namespace smarthl7::transport::sftp {

using folder::FileFacts;
using folder::FileReader;
using folder::FileWriter;

namespace {

constexpr std::size_t kPiece = 32 << 10;        // what every server takes and gives (draft, chapter 3)
constexpr std::size_t kLargePiece = 128 << 10;  // OpenSSH takes twice that, and gives less if it is an old one
constexpr std::int64_t kSecond = 1'000'000'000;

std::size_t piece_of(const Session& session) { return session.is_openssh() ? kLargePiece : kPiece; }

class RemoteReader final : public FileReader {
 public:
  RemoteReader(std::shared_ptr<Session> session, sftp_file file, std::string folder, std::string name)
      : session_(std::move(session)), file_(file), folder_(std::move(folder)), name_(std::move(name)) {}
  ~RemoteReader() override { session_->leave(file_); }

  Result<void> begin() {
    TRY(const FileFacts now, facts());
    if (!now.regular) return fail(ErrorCode::refused, "what is to be read in " + folder_ + " is no regular file");
    size_ = now.size;
    return {};
  }

  /// Up to the size that it had when it was opened: whoever reads it compares its facts at the end. A piece is asked for when
  /// the one before has come: what libssh 0.10 asks for ahead it may wait for in vain once anything else was asked.
  Result<std::size_t> read(std::span<char> into) override {
    const std::uint64_t left = size_ - position_;
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>({into.size(), piece_of(*session_), left}));
    if (count == 0) return 0;
    const Watch::Call call = session_->call();
    const ssize_t got = sftp_read(file_, into.data(), count);
    if (got < 0) return std::unexpected(failed());
    if (got == 0) size_ = position_;  // it has become shorter
    position_ += static_cast<std::uint64_t>(got);
    return static_cast<std::size_t>(got);
  }

  Result<FileFacts> facts() override {
    const Watch::Call call = session_->call();
    const Attributes facts(sftp_fstat(file_), &sftp_attributes_free);
    if (facts == nullptr) return std::unexpected(failed());
    return facts_of(*facts, name_);
  }

 private:
  Error failed() { return session_->error("cannot read a file of " + folder_); }

  const std::shared_ptr<Session> session_;
  const sftp_file file_;
  const std::string folder_;
  const std::string name_;
  std::uint64_t size_ = 0;
  std::uint64_t position_ = 0;
};

class RemoteWriter final : public FileWriter {
 public:
  RemoteWriter(std::shared_ptr<Session> session, sftp_file file, std::string folder)
      : session_(std::move(session)), file_(file), folder_(std::move(folder)) {}
  ~RemoteWriter() override {
    if (file_ != nullptr) session_->leave(file_);
  }

  Result<void> write(std::string_view bytes) override {
    const std::size_t piece = piece_of(*session_);
    while (!bytes.empty()) {
      const Watch::Call call = session_->call();
      const std::size_t count = std::min(bytes.size(), piece);
      if (sftp_write(file_, bytes.data(), count) != static_cast<ssize_t>(count))
        return std::unexpected(session_->error("cannot write a file of " + folder_));
      bytes.remove_prefix(count);
    }
    return {};
  }

  Result<void> finish() override {
    const Watch::Call call = session_->call();
    if (session_->can_sync() && sftp_fsync(file_) != 0)
      return std::unexpected(session_->error("cannot sync a file of " + folder_));
    if (sftp_close(std::exchange(file_, nullptr)) != 0)
      return std::unexpected(session_->error("cannot finish a file of " + folder_));
    return {};
  }

 private:
  const std::shared_ptr<Session> session_;
  sftp_file file_;
  const std::string folder_;
};

}  // namespace

FileFacts facts_of(const sftp_attributes_struct& facts, std::string name) {
  FileFacts out;
  out.name = std::move(name);
  out.size = facts.size;
  out.changed = static_cast<std::int64_t>(facts.mtime) * kSecond;
  // A server that tells no permissions tells no kind either; a long name is a line of `ls -l`.
  const bool unknown = (facts.flags & SSH_FILEXFER_ATTR_PERMISSIONS) == 0;
  const bool plain = facts.longname == nullptr || facts.longname[0] == '-';
  out.regular = unknown ? plain : facts.type == SSH_FILEXFER_TYPE_REGULAR;
  return out;
}

Result<std::unique_ptr<FileReader>> make_reader(std::shared_ptr<Session> session, sftp_file file, std::string folder,
                                                std::string name) {
  auto reader = std::make_unique<RemoteReader>(std::move(session), file, std::move(folder), std::move(name));
  TRY_VOID(reader->begin());
  return reader;
}

std::unique_ptr<FileWriter> make_writer(std::shared_ptr<Session> session, sftp_file file, std::string folder) {
  return std::make_unique<RemoteWriter>(std::move(session), file, std::move(folder));
}

}  // namespace smarthl7::transport::sftp
