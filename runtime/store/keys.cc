// SPDX-License-Identifier: Apache-2.0
#include "runtime/store/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "runtime/store/codec.h"
#include "stdlib/base/assert.h"

namespace smarthl7::store {

namespace {

constexpr std::string_view kRunMagic = "SH7KEYS\n";
constexpr std::size_t kRunHeaderSize = 64;
constexpr std::size_t kBlockKeys = 64;  // one index word for each 4 KiB of keys
constexpr std::size_t kFlushBytes = 1 << 18;
constexpr unsigned kProbes = 7;

std::string_view bytes_of(const std::vector<std::uint64_t>& words) {
  return {reinterpret_cast<const char*>(words.data()), words.size() * sizeof(std::uint64_t)};
}

}  // namespace

std::string run_name(std::uint64_t number) { return fmt::format("keys-{:010}", number); }

// ---- table ------------------------------------------------------------------------------------------------------------------

void KeyTable::insert(const KeyFacts& facts) {
  SMARTHL7_ASSERT(facts.message != 0, "message 0 marks an empty slot");
  if ((size_ + 1) * 10 > slots_.size() * 7) grow();
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = facts.key.low & mask;; at = (at + 1) & mask) {
    KeyFacts& slot = slots_[at];
    if (slot.message == 0) ++size_;
    if (slot.message == 0 || slot.key == facts.key) {
      slot = facts;
      return;
    }
  }
}

const KeyFacts* KeyTable::find(const Hash128& key) const {
  if (slots_.empty()) return nullptr;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = key.low & mask; slots_[at].message != 0; at = (at + 1) & mask)
    if (slots_[at].key == key) return &slots_[at];
  return nullptr;
}

void KeyTable::grow() {
  std::vector<KeyFacts> before(slots_.empty() ? 1024 : slots_.size() * 2);
  before.swap(slots_);
  size_ = 0;
  for (const KeyFacts& facts : before)
    if (facts.message != 0) insert(facts);
}

void KeyTable::clear() {
  slots_.clear();
  slots_.shrink_to_fit();
  size_ = 0;
}

std::vector<KeyFacts> KeyTable::sorted() const {
  std::vector<KeyFacts> out;
  out.reserve(size_);
  for (const KeyFacts& facts : slots_)
    if (facts.message != 0) out.push_back(facts);
  std::sort(out.begin(), out.end(), [](const KeyFacts& a, const KeyFacts& b) { return a.key < b.key; });
  return out;
}

// ---- filter -----------------------------------------------------------------------------------------------------------------

KeyFilter::KeyFilter(std::size_t keys) : words_(std::max<std::size_t>(1, (keys * 12 + 511) / 512) * 8, 0) {}

void KeyFilter::insert(const Hash128& key) {
  const std::size_t block = (key.high % (words_.size() / 8)) * 8;
  std::uint64_t bits = key.low;
  for (unsigned i = 0; i < kProbes; ++i, bits >>= 9) words_[block + ((bits >> 6) & 7U)] |= 1ULL << (bits & 63U);
}

bool KeyFilter::may_contain(const Hash128& key) const {
  const std::size_t block = (key.high % (words_.size() / 8)) * 8;
  std::uint64_t bits = key.low;
  for (unsigned i = 0; i < kProbes; ++i, bits >>= 9)
    if ((words_[block + ((bits >> 6) & 7U)] >> (bits & 63U) & 1U) == 0) return false;
  return true;
}

// ---- run: header | keys | index | filter ------------------------------------------------------------------------------------

Result<KeyRunWriter> KeyRunWriter::create(env::Disk& disk, const std::string& path, std::size_t expected) {
  TRY(auto file, disk.open(path, env::OpenMode::create));
  TRY_VOID(file->truncate(0));
  KeyRunWriter writer(std::move(file), expected);
  writer.offset_ = kRunHeaderSize;
  return writer;
}

Result<void> KeyRunWriter::add(const KeyFacts& facts) {
  if (count_ % kBlockKeys == 0) index_.push_back(facts.key.high);
  filter_.insert(facts.key);
  buffer_.append(reinterpret_cast<const char*>(&facts), sizeof facts);
  expires_ = std::max(expires_, facts.expires);
  ++count_;
  return buffer_.size() >= kFlushBytes ? flush() : Result<void>{};
}

Result<void> KeyRunWriter::flush() {
  TRY_VOID(file_->write_at(offset_, std::string_view(buffer_)));
  offset_ += buffer_.size();
  buffer_.clear();
  return {};
}

Result<void> KeyRunWriter::finish() {
  TRY_VOID(flush());
  const std::string_view index = bytes_of(index_);
  const std::string_view filter = bytes_of(filter_.words());
  TRY_VOID(file_->write_at(offset_, index));
  TRY_VOID(file_->write_at(offset_ + index.size(), filter));
  std::string head;
  ByteWriter out(head);
  out.bytes(kRunMagic);
  out.u32(kFormatVersion);
  out.u64(count_);
  out.u64(filter_.words().size());
  out.u32(crc32c(filter, crc32c(index)));
  head.resize(kRunHeaderSize - 4, '\0');
  out.u32(crc32c(head));
  TRY_VOID(file_->write_at(0, std::string_view(head)));
  return file_->sync_now();
}

Result<std::unique_ptr<KeyRun>> KeyRun::open(env::Disk& disk, const std::string& path) {
  TRY(auto file, disk.open(path, env::OpenMode::read));
  std::unique_ptr<KeyRun> run(new KeyRun(std::move(file), path));
  std::string head(kRunHeaderSize, '\0');
  TRY(const std::size_t got, run->file_->read_at(0, head));
  ByteReader check(std::string_view(head).substr(kRunHeaderSize - 4));
  if (got != head.size() || !head.starts_with(kRunMagic) ||
      check.u32() != crc32c(std::string_view(head).substr(0, kRunHeaderSize - 4)))
    return fail(ErrorCode::corrupt, path + ": offset 0: the header of a file of keys is damaged");
  ByteReader in(std::string_view(head).substr(kRunMagic.size()));
  if (in.u32() > kFormatVersion) return fail(ErrorCode::version, path + ": written by a newer program");
  run->count_ = in.u64();
  const std::uint64_t words = in.u64();
  const std::uint32_t crc = in.u32();
  TRY(const std::uint64_t size, run->file_->size());
  const std::uint64_t blocks = (run->count_ + kBlockKeys - 1) / kBlockKeys;
  const std::uint64_t index_at = kRunHeaderSize + run->count_ * sizeof(KeyFacts);
  if (size != index_at + (blocks + words) * 8 || words < 8)
    return fail(ErrorCode::corrupt, path + ": a file of keys has the wrong length");
  run->index_.resize(blocks);
  std::vector<std::uint64_t> filter(words);
  TRY_VOID(run->file_->read_at(index_at, std::span(reinterpret_cast<char*>(run->index_.data()), blocks * 8)));
  TRY_VOID(run->file_->read_at(index_at + blocks * 8, std::span(reinterpret_cast<char*>(filter.data()), words * 8)));
  if (crc32c(bytes_of(filter), crc32c(bytes_of(run->index_))) != crc)
    return fail(ErrorCode::corrupt, fmt::format("{}: offset {}: the index of a file of keys is damaged", path, index_at));
  run->filter_ = KeyFilter(std::move(filter));
  return run;
}

Result<void> KeyRun::read(std::uint64_t first, std::vector<KeyFacts>& out, std::size_t count) {
  out.resize(static_cast<std::size_t>(std::min<std::uint64_t>(count, count_ - std::min(first, count_))));
  const std::span<char> into(reinterpret_cast<char*>(out.data()), out.size() * sizeof(KeyFacts));
  TRY(const std::size_t got, file_->read_at(kRunHeaderSize + first * sizeof(KeyFacts), into));
  if (got != into.size()) return fail(ErrorCode::corrupt, path_ + ": a file of keys is too short");
  return {};
}

Result<std::optional<KeyFacts>> KeyRun::find(const Hash128& key) {
  if (!filter_.may_contain(key)) return std::nullopt;
  // The block whose first key is the last one not above; equal high halves may begin a block earlier.
  auto at = std::lower_bound(index_.begin(), index_.end(), key.high);
  std::size_t block = at == index_.begin() ? 0 : static_cast<std::size_t>(at - index_.begin()) - 1;
  std::vector<KeyFacts> keys;
  for (; block < index_.size() && index_[block] <= key.high; ++block) {
    TRY_VOID(read(block * kBlockKeys, keys, kBlockKeys));
    const auto found =
        std::lower_bound(keys.begin(), keys.end(), key, [](const KeyFacts& a, const Hash128& b) { return a.key < b; });
    if (found != keys.end()) {
      if (found->key == key) return *found;
      return std::nullopt;
    }
  }
  return std::nullopt;
}

// ---- merge ------------------------------------------------------------------------------------------------------------------

namespace {

struct Cursor {
  KeyRun* run = nullptr;
  std::uint64_t next = 0;
  std::vector<KeyFacts> buffer;
  std::size_t at = 0;

  Result<const KeyFacts*> peek() {
    if (at == buffer.size()) {
      TRY_VOID(run->read(next, buffer, 1024));
      next += buffer.size();
      at = 0;
    }
    return buffer.empty() ? nullptr : &buffer[at];
  }
};

}  // namespace

Result<KeyRunWriter> merge_runs(env::Disk& disk, const std::string& path, std::vector<std::unique_ptr<KeyRun>>& runs,
                                std::int64_t now) {
  std::vector<Cursor> cursors;
  std::uint64_t total = 0;
  for (const auto& run : runs) {
    cursors.emplace_back().run = run.get();
    total += run->count();
  }
  TRY(auto writer, KeyRunWriter::create(disk, path, static_cast<std::size_t>(total)));
  for (;;) {
    std::optional<KeyFacts> lowest;
    for (Cursor& cursor : cursors) {  // later runs are newer and win a tie
      TRY(const KeyFacts* const facts, cursor.peek());
      if (facts != nullptr && (!lowest || facts->key <= lowest->key)) lowest = *facts;
    }
    if (!lowest) break;
    for (Cursor& cursor : cursors) {
      TRY(const KeyFacts* const facts, cursor.peek());
      if (facts != nullptr && facts->key == lowest->key) ++cursor.at;
    }
    if (lowest->expires > now) TRY_VOID(writer.add(*lowest));
  }
  TRY_VOID(writer.finish());
  return writer;
}

}  // namespace smarthl7::store
