// SPDX-License-Identifier: Apache-2.0
#include "runtime/store/group.h"

#include "stdlib/base/assert.h"

namespace smarthl7::store {

std::uint32_t GroupRecord::add_difference(std::string_view bytes, std::uint32_t base, std::size_t whole, char* header) {
  const std::uint64_t distance = kRecordHeaderSize + body_size_ - offsets_[base];
  SMARTHL7_ASSERT(distance <= UINT32_MAX, "a group is far smaller");
  encode(DifferenceHeader{static_cast<std::uint32_t>(bytes.size()), static_cast<std::uint32_t>(distance), pieces_[base].size,
                          pieces_[base].crc},
         header);
  const std::uint32_t piece = add_piece(bytes);
  pieces_[piece].whole = static_cast<std::uint32_t>(whole);
  return piece;
}

void GroupRecord::finish(RecordHeader header) {
  encode_table(table_, pieces_);
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
