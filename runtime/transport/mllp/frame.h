// SPDX-License-Identifier: Apache-2.0
// The minimal lower layer protocol's frames: VT, message, FS, CR (HL7 2.5.1 appendix C / MLLP release 1), and the contents
// of the commit acknowledgements that release 2 adds (HL7 v3 transport specification, MLLP release 2).
// FrameDecoder takes bytes as they come and gives whole messages; what it gives does not depend on how the bytes were cut
// into chunks. A message is copied once, from the read buffer into its own string; a large one is read straight into that.
// Rules: bytes outside a frame are dropped and counted. VT inside a frame, a frame larger than allowed, or other bytes than CR
// after FS are `bad`, and nothing can be read after that (the caller closes). FS without CR is tolerated, if allowed, before VT
// or LF, at the end of the stream, or when the caller says that nothing came after it (take_end()).
// One thread. Does no I/O and knows no time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace smarthl7::transport::mllp {

inline constexpr char kStartBlock = '\x0b';
inline constexpr char kEndBlock = '\x1c';
inline constexpr std::string_view kStart{"\x0b", 1};
inline constexpr std::string_view kEnd{"\x1c\r", 2};
inline constexpr std::size_t kLargestFrame = std::size_t{64} << 20;

/// The pieces of a frame around `message`, for Stream::write_pieces.
[[nodiscard]] inline std::array<std::string_view, 3> frame_pieces(std::string_view message) { return {kStart, message, kEnd}; }
/// Release 2: the content of a block that says "kept" or "not kept, send it again" (MLLP release 2, 2.2.2).
inline constexpr std::string_view kCommitted{"\x06", 1};
inline constexpr std::string_view kNotCommitted{"\x15", 1};
[[nodiscard]] inline bool is_commit(std::string_view content) { return content == kCommitted || content == kNotCommitted; }
/// False: the message holds VT or FS and would be read as something else.
[[nodiscard]] bool can_be_framed(std::string_view message);
/// Begins with a header segment (MSH, FHS, BHS), after a byte order mark and line ends that are tolerated before it.
[[nodiscard]] bool has_header(std::string_view message);

enum class BadFrame : std::uint8_t { none, start_inside, too_large, no_return };
[[nodiscard]] std::string_view describe(BadFrame why);

class FrameDecoder {
 public:
  struct Rules {
    std::size_t largest = kLargestFrame;
    bool tolerant_end = true;
  };
  enum class Step : std::uint8_t {
    need_more,
    frame,  // message() is whole
    bad,    // bad() says why
  };

  FrameDecoder() : FrameDecoder(Rules{}) {}
  explicit FrameDecoder(Rules rules);

  /// Where the next bytes are to be read into; never empty. Valid until the next call of anything else.
  [[nodiscard]] std::span<char> room();
  /// So many bytes were read into room().
  void filled(std::size_t count);
  [[nodiscard]] Step next();
  /// Bytes of memory that the frame which is being read takes beyond the read buffer.
  [[nodiscard]] std::size_t memory() const { return spilled_ ? frame_.size() : 0; }
  /// What was read of that frame and is known to be within it; the frame goes on behind it. Empty: nothing to take now.
  [[nodiscard]] std::string take_part();
  /// The message of the last Step::frame, without the parts that were taken; take it once.
  [[nodiscard]] std::string take_message() { return std::move(frame_); }

  /// VT was read and the end was not.
  [[nodiscard]] bool inside() const { return state_ == State::inside || state_ == State::ended; }
  /// FS was read, and it is not known yet what comes after it.
  [[nodiscard]] bool ended_without_return() const { return state_ == State::ended && begin_ == end_; }
  /// Nothing comes after FS (a pause, or the end of the stream): the next Step is a frame, or bad if that is not tolerated.
  void take_end();
  /// Bytes of the frame that is not complete yet.
  [[nodiscard]] std::size_t pending_bytes() const;
  /// Whether bytes are there that were not looked at or are part of a frame.
  [[nodiscard]] bool empty() const { return state_ == State::outside && begin_ == end_; }

  [[nodiscard]] BadFrame bad() const { return bad_; }
  [[nodiscard]] std::uint64_t noise_bytes() const { return noise_bytes_; }
  [[nodiscard]] std::uint64_t tolerated_endings() const { return tolerated_endings_; }

 private:
  enum class State : std::uint8_t { outside, inside, ended, bad };
  Step fail(BadFrame why);
  Step find_start();
  Step find_end();
  Step check_return();
  Step give();
  void spill();
  [[nodiscard]] BadFrame inspect(std::string_view content, std::size_t before, std::size_t& end) const;

  Rules rules_;
  std::string buffer_;  // read buffer; unread bytes are [begin_, end_)
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t scanned_ = 0;  // inside, not spilled: the frame is [begin_, scanned_) so far
  std::string frame_;        // the message; while spilled_ its first spilled_size_ bytes are read
  std::size_t spilled_size_ = 0;
  std::size_t spilled_scanned_ = 0;
  std::size_t taken_ = 0;  // bytes of the frame that take_part() gave
  bool spilled_ = false;   // the frame did not fit into buffer_
  bool end_taken_ = false;
  State state_ = State::outside;
  BadFrame bad_ = BadFrame::none;
  std::uint64_t noise_bytes_ = 0;
  std::uint64_t tolerated_endings_ = 0;
};

}  // namespace smarthl7::transport::mllp
