// SPDX-License-Identifier: Apache-2.0
// The frame decoder gives the same whatever the chunks. The first bytes of the input choose limits and chunk sizes.
#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/transport/mllp/frame.h"
#include "stdlib/base/assert.h"

namespace {

using smarthl7::transport::mllp::BadFrame;
using smarthl7::transport::mllp::FrameDecoder;

struct Told {
  std::vector<std::string> frames;
  BadFrame bad = BadFrame::none;
  std::uint64_t noise = 0;
  std::uint64_t tolerated = 0;
  friend bool operator==(const Told&, const Told&) = default;
};

void drain(FrameDecoder& decoder, Told& told, std::string& taken) {
  while (true) {
    const auto step = decoder.next();
    if (step == FrameDecoder::Step::bad) told.bad = decoder.bad();
    if (step != FrameDecoder::Step::frame) return;
    told.frames.push_back(taken + decoder.take_message());
    taken.clear();
  }
}

Told decode(std::string_view bytes, FrameDecoder::Rules rules, std::string_view chunks, bool in_parts = false) {
  FrameDecoder decoder(rules);
  Told told;
  std::string taken;  // parts of the frame that is being read
  for (std::size_t i = 0; !bytes.empty() && told.bad == BadFrame::none; ++i) {
    const std::size_t chunk = chunks.empty() ? bytes.size() : 1 + static_cast<unsigned char>(chunks[i % chunks.size()]);
    const auto room = decoder.room();
    SMARTHL7_ASSERT(!room.empty(), "there is always room");
    const std::size_t count = std::min({bytes.size(), chunk, room.size()});
    std::memcpy(room.data(), bytes.data(), count);
    decoder.filled(count);
    bytes.remove_prefix(count);
    drain(decoder, told, taken);
    if (in_parts) taken += decoder.take_part();
  }
  decoder.take_end();
  drain(decoder, told, taken);
  told.noise = decoder.noise_bytes();
  told.tolerated = decoder.tolerated_endings();
  for (const std::string& frame : told.frames) {
    SMARTHL7_ASSERT(frame.size() <= rules.largest, "a frame is larger than allowed");
    SMARTHL7_ASSERT(smarthl7::transport::mllp::can_be_framed(frame), "a frame holds framing bytes");
  }
  return told;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 6) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const FrameDecoder::Rules rules{.largest = data[0] % 4 == 0 ? data[1] : std::size_t{1} << 20,
                                  .tolerant_end = data[0] % 2 == 0};
  const std::string_view chunks = input.substr(2, 4);
  std::string bytes;  // small inputs reach the paths of large frames: a byte 0xFE stands for a run
  int runs = 0;
  for (const char byte : input.substr(6)) {
    if (byte == '\xfe' && ++runs <= 4)
      bytes.append(3000, 'x');
    else
      bytes += byte;
  }
  const Told whole = decode(bytes, rules, {});
  SMARTHL7_ASSERT(decode(bytes, rules, chunks) == whole, "chunks make a difference");
  SMARTHL7_ASSERT(decode(bytes, rules, chunks, true) == whole, "parts that are taken make a difference");
  if (runs == 0) SMARTHL7_ASSERT(decode(bytes, rules, std::string_view("\0", 1)) == whole, "single bytes make a difference");
  return 0;
}
