// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/intake_memory.h"

#include <algorithm>

namespace smarthl7::transport {

namespace {
constexpr std::uint64_t kCheckEvery = 4ULL << 20;  // bytes of a spool between two looks at the free space
}

IntakeMemory::IntakeMemory(env::Disk& disk, std::string folder, IntakeLimits limits)
    : disk_(disk), folder_(std::move(folder)), limits_(limits) {}

Result<std::unique_ptr<IntakeMemory>> IntakeMemory::open(env::Disk& disk, std::string folder, IntakeLimits limits) {
  TRY_VOID(disk.make_folder(folder));
  TRY(const std::vector<std::string> left, disk.list(folder));
  for (const std::string& name : left) TRY_VOID(disk.remove(folder + "/" + name));
  return std::unique_ptr<IntakeMemory>(new IntakeMemory(disk, std::move(folder), limits));
}

IntakeMemoryStatus IntakeMemory::status() const {
  const std::lock_guard lock(mutex_);
  return {growing_, whole_, queue_.size(), spooled_};
}

bool IntakeMemory::grow(std::uint64_t bytes) {
  std::uint64_t now = growing_.load(std::memory_order_relaxed);
  do {
    if (now + bytes > limits_.growing) return false;
  } while (!growing_.compare_exchange_weak(now, now + bytes, std::memory_order_relaxed));
  return true;
}

void IntakeMemory::shrink(std::uint64_t bytes) { growing_.fetch_sub(bytes, std::memory_order_relaxed); }

IntakeMemory::Place::Place(IntakeMemory& memory, std::uint64_t bytes) : memory_(memory), bytes_(bytes) {
  const std::lock_guard lock(memory_.mutex_);
  memory_.queue_.push_back(this);
}

IntakeMemory::Place::~Place() {
  const std::lock_guard lock(memory_.mutex_);
  if (taken_)
    memory_.whole_ -= bytes_;
  else
    std::erase(memory_.queue_, this);
}

bool IntakeMemory::Place::taken() {
  if (taken_) return true;
  const std::lock_guard lock(memory_.mutex_);
  const bool room = memory_.whole_ == 0 || memory_.whole_ + bytes_ <= memory_.limits_.whole;
  if (memory_.queue_.front() != this || !room) return false;
  memory_.queue_.pop_front();
  memory_.whole_ += bytes_;
  taken_ = true;
  return true;
}

Result<std::unique_ptr<IntakeMemory::Spool>> IntakeMemory::spool() {
  const std::string path = folder_ + "/" + std::to_string(++spooled_);
  TRY(auto file, disk_.open(path, env::OpenMode::create));
  return std::unique_ptr<Spool>(new Spool(*this, path, std::move(file)));
}

IntakeMemory::Spool::Spool(IntakeMemory& memory, std::string path, std::unique_ptr<env::File> file)
    : memory_(memory), path_(std::move(path)), file_(std::move(file)) {}

IntakeMemory::Spool::~Spool() {
  file_.reset();
  // What cannot be removed now goes at the next start.
  static_cast<void>(memory_.disk_.remove(path_));
}

Result<void> IntakeMemory::Spool::append(std::string_view bytes) {
  if (size_ == 0 || size_ - checked_ >= kCheckEvery) {
    TRY(const std::uint64_t free, memory_.disk_.free_bytes(memory_.folder_));
    if (free < memory_.limits_.disk_reserve + kCheckEvery)
      return fail(ErrorCode::full, "the disk has no room for a large message");
    checked_ = size_;
  }
  TRY_VOID(file_->write_at(size_, bytes));
  size_ += bytes.size();
  return {};
}

Result<std::string> IntakeMemory::Spool::read(std::string_view rest) {
  std::string all(size_ + rest.size(), '\0');
  TRY(const std::size_t count, file_->read_at(0, std::span<char>(all.data(), size_)));
  if (count != size_) return fail(ErrorCode::corrupt, "a file of a message that was being received is shorter than it was");
  std::ranges::copy(rest, all.begin() + static_cast<std::ptrdiff_t>(size_));
  return all;
}

}  // namespace smarthl7::transport
