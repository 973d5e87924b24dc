// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/mllp/frame.h"

#include <algorithm>
#include <cstring>

#include "stdlib/base/assert.h"

namespace smarthl7::transport::mllp {

namespace {

constexpr std::size_t kBufferSize = 8192;  // holds a usual message; there is one per connection
constexpr std::size_t kLeastRoom = 512;
constexpr std::size_t kSpillStep = std::size_t{64} << 10;
constexpr std::size_t kMostRoom = std::size_t{256} << 10;

const char* find(char byte, std::string_view bytes) {
  return bytes.empty() ? nullptr : static_cast<const char*>(std::memchr(bytes.data(), byte, bytes.size()));
}

}  // namespace

bool can_be_framed(std::string_view message) {
  return find(kStartBlock, message) == nullptr && find(kEndBlock, message) == nullptr;
}

bool has_header(std::string_view message) {
  if (message.starts_with("\xEF\xBB\xBF")) message.remove_prefix(3);
  while (message.starts_with('\r') || message.starts_with('\n')) message.remove_prefix(1);
  return message.starts_with("MSH") || message.starts_with("FHS") || message.starts_with("BHS");
}

std::string_view describe(BadFrame why) {
  switch (why) {
    case BadFrame::none: return "";
    case BadFrame::start_inside: return "a start block (VT) stands inside a frame";
    case BadFrame::too_large: return "a frame is larger than allowed";
    case BadFrame::no_return: return "an end block (FS) is not followed by a carriage return";
  }
  SMARTHL7_UNREACHABLE("a bad frame without a description");
}

FrameDecoder::FrameDecoder(Rules rules) : rules_(rules) {}

std::span<char> FrameDecoder::room() {
  if (spilled_ && state_ == State::inside) {
    if (frame_.size() - spilled_size_ < kLeastRoom) {
      const std::size_t more = std::max(kSpillStep, frame_.size() / 2);
      const std::size_t largest = rules_.largest > taken_ ? rules_.largest - taken_ : 0;
      frame_.resize(std::min(frame_.size() + more, std::max(largest, frame_.size()) + kLeastRoom));
    }
    return {frame_.data() + spilled_size_, std::min(frame_.size() - spilled_size_, kMostRoom)};
  }
  if (begin_ == end_) begin_ = end_ = scanned_ = 0;
  if (buffer_.size() < end_ + kLeastRoom) {
    if (begin_ > 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      scanned_ -= std::min(scanned_, begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (buffer_.size() < end_ + kLeastRoom) buffer_.resize(std::max(kBufferSize, end_ + kLeastRoom));
  }
  return {buffer_.data() + end_, buffer_.size() - end_};
}

void FrameDecoder::filled(std::size_t count) {
  if (spilled_ && state_ == State::inside) {
    spilled_size_ += count;
    SMARTHL7_ASSERT(spilled_size_ <= frame_.size(), "more bytes than there was room for");
  } else {
    end_ += count;
    SMARTHL7_ASSERT(end_ <= buffer_.size(), "more bytes than there was room for");
  }
}

std::size_t FrameDecoder::pending_bytes() const {
  if (state_ == State::ended) return taken_ + frame_.size();
  if (state_ != State::inside) return 0;
  return taken_ + (spilled_ ? spilled_size_ : end_ - begin_);
}

std::string FrameDecoder::take_part() {
  // Only what was looked at: no VT and no FS is in it.
  if (!spilled_ || state_ != State::inside || spilled_scanned_ != spilled_size_) return {};
  std::string part = std::move(frame_);
  part.resize(spilled_size_);
  taken_ += spilled_size_;
  frame_.clear();
  spilled_size_ = spilled_scanned_ = 0;
  return part;
}

void FrameDecoder::take_end() {
  if (ended_without_return()) end_taken_ = true;
}

FrameDecoder::Step FrameDecoder::fail(BadFrame why) {
  state_ = State::bad;
  bad_ = why;
  return Step::bad;
}

FrameDecoder::Step FrameDecoder::next() {
  if (state_ == State::bad) return Step::bad;
  if (state_ == State::outside && find_start() == Step::need_more) return Step::need_more;
  if (state_ == State::inside) {
    const Step step = find_end();
    if (step != Step::frame) return step;
  }
  return check_return();
}

FrameDecoder::Step FrameDecoder::find_start() {
  const std::string_view bytes(buffer_.data() + begin_, end_ - begin_);
  const char* start = find(kStartBlock, bytes);
  if (start == nullptr) {
    noise_bytes_ += bytes.size();
    begin_ = end_ = 0;
    return Step::need_more;
  }
  const auto skipped = static_cast<std::size_t>(start - bytes.data());
  noise_bytes_ += skipped;
  begin_ += skipped + 1;
  scanned_ = begin_;
  taken_ = 0;
  state_ = State::inside;
  return Step::frame;
}

// Looks at the bytes of `content` from `before` on: `end` is the place of FS, or the size if there is none.
BadFrame FrameDecoder::inspect(std::string_view content, std::size_t before, std::size_t& end) const {
  const std::string_view fresh = content.substr(before);
  const char* stop = find(kEndBlock, fresh);
  const std::string_view part = stop == nullptr ? fresh : fresh.substr(0, static_cast<std::size_t>(stop - fresh.data()));
  end = stop == nullptr ? content.size() : before + part.size();
  // The first fault in the order of the bytes counts, so that chunks make no difference.
  const char* start = find(kStartBlock, part);
  const std::size_t start_at = start == nullptr ? content.size() + 1 : before + static_cast<std::size_t>(start - part.data());
  if (taken_ + end > rules_.largest && taken_ + start_at > rules_.largest) return BadFrame::too_large;
  return start == nullptr ? BadFrame::none : BadFrame::start_inside;
}

FrameDecoder::Step FrameDecoder::find_end() {
  std::size_t end = 0;
  if (spilled_) {
    const std::string_view content(frame_.data(), spilled_size_);
    if (const BadFrame why = inspect(content, spilled_scanned_, end); why != BadFrame::none) return fail(why);
    spilled_scanned_ = end;
    if (end == content.size()) return Step::need_more;
    const std::string_view rest = content.substr(end + 1);
    if (buffer_.size() < rest.size()) buffer_.resize(rest.size());
    std::memcpy(buffer_.data(), rest.data(), rest.size());
    begin_ = 0;
    end_ = rest.size();
    frame_.resize(end);
    spilled_ = false;
  } else {
    const std::string_view content(buffer_.data() + begin_, end_ - begin_);
    if (const BadFrame why = inspect(content, scanned_ - begin_, end); why != BadFrame::none) return fail(why);
    scanned_ = begin_ + end;
    if (end == content.size()) {
      if (end_ + kLeastRoom > kBufferSize && content.size() + kLeastRoom > kBufferSize / 2) spill();
      return Step::need_more;
    }
    frame_.assign(content.substr(0, end));
    begin_ = scanned_ + 1;
  }
  state_ = State::ended;
  return Step::frame;
}

void FrameDecoder::spill() {
  spilled_size_ = end_ - begin_;
  spilled_scanned_ = scanned_ - begin_;
  frame_.clear();
  frame_.reserve(spilled_size_ + kSpillStep);
  frame_.assign(buffer_.data() + begin_, spilled_size_);
  begin_ = end_ = scanned_ = 0;
  spilled_ = true;
}

FrameDecoder::Step FrameDecoder::check_return() {
  if (begin_ == end_) {
    if (!end_taken_) return Step::need_more;
    if (!rules_.tolerant_end) return fail(BadFrame::no_return);
    ++tolerated_endings_;
    return give();
  }
  const char after = buffer_[begin_];
  if (after == '\r') {
    ++begin_;
    return give();
  }
  if (!rules_.tolerant_end || (after != kStartBlock && after != '\n')) return fail(BadFrame::no_return);
  ++tolerated_endings_;
  return give();
}

FrameDecoder::Step FrameDecoder::give() {
  state_ = State::outside;
  end_taken_ = false;
  return Step::frame;
}

}  // namespace smarthl7::transport::mllp
