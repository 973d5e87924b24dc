// SPDX-License-Identifier: Apache-2.0
#include "runtime/store/group.h"

#include "runtime/store/codec.h"

namespace smarthl7::store {

void GroupRecord::finish(RecordHeader header) {
  ByteWriter table(table_);
  table.varint(pieces_.size());
  for (const Piece& piece : pieces_) {
    table.u32(piece.size);
    table.u32(piece.crc);
  }
  header.meta_size = static_cast<std::uint32_t>(table_.size() + entries_.size());
  header.body_size = body_size_;
  header.meta_crc = crc32c(entries_, crc32c(table_, seed_));
  head_ = encode(header, seed_);
  size_ = header.size();
  written_.reserve(bodies_.size() + 3);
  written_.push_back(head_);
  for (const std::string_view body : bodies_) written_.push_back(body);
  written_.push_back(table_);
  written_.push_back(entries_);
}

}  // namespace smarthl7::store
