// SPDX-License-Identifier: Apache-2.0
// One group on its way to the journal: bodies (borrowed from the requests), entries, and what is to be handed out once it is
// durable. Value type of the writer; the requests that own the bodies wait until the group is done.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/store/format.h"
#include "runtime/store/lanes.h"

namespace smarthl7::store {

class GroupRecord {
 public:
  GroupRecord(Location at, std::uint32_t seed) : at_(at), seed_(seed) {}

  /// The bytes must stay where they are until the record is written.
  std::uint32_t add_piece(std::string_view bytes) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    pieces_.push_back({size, crc32c(bytes, seed_), size});
    bodies_.push_back(bytes);
    offsets_.push_back(kRecordHeaderSize + body_size_);
    body_size_ += bytes.size();
    return static_cast<std::uint32_t>(pieces_.size() - 1);
  }
  /// A body of `whole` bytes as its difference from the piece `base`. `bytes` has room for the header in front, and that is
  /// filled in: `header` is where it stands.
  std::uint32_t add_difference(std::string_view bytes, std::uint32_t base, std::size_t whole, char* header);
  [[nodiscard]] Location place(std::uint32_t piece) const { return pieces_[piece].placed(at_ + offsets_[piece]); }
  [[nodiscard]] const Piece& piece(std::uint32_t piece) const { return pieces_[piece]; }
  void add(const Entry& entry) { encode_entry(entries_, entry); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] std::uint64_t body_size() const { return body_size_; }

  /// Header and meta; then pieces() is what to write.
  void finish(RecordHeader header);
  [[nodiscard]] const std::vector<std::string_view>& pieces() const { return written_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  Location at_;
  std::uint32_t seed_;
  std::vector<Piece> pieces_;
  std::vector<std::string_view> bodies_;
  std::vector<std::uint64_t> offsets_;
  std::uint64_t body_size_ = 0;
  std::string entries_;
  std::string head_;
  std::string table_;
  std::vector<std::string_view> written_;
  std::uint64_t size_ = 0;
};

struct SinkBatch {  // for one destination, after the commit
  Destination* destination = nullptr;
  struct FromJournal {
    Queued delivery;
    bool maybe_seen = false;
    std::int64_t released_at = 0;
  };
  std::vector<FromJournal> read_back;  // before the fresh ones
  std::vector<Released> fresh;
  std::size_t durable = 0;
  std::vector<std::pair<MessageId, Response>> responses;
  std::vector<std::pair<DeliveryId, OutcomeKind>> outcomes;  // that somebody waits for
};

}  // namespace smarthl7::store
