// SPDX-License-Identifier: Apache-2.0
// MLLP frames for simulated peers, written apart from the hub's own decoder so that the two check each other.
// A FrameLine owns one connection. Threads: its stream's executor. Failure: Result.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/env/stream.h"

namespace smarthl7::sim {

class FrameLine {
 public:
  explicit FrameLine(std::unique_ptr<env::Stream> stream) : stream_(std::move(stream)) {}

  [[nodiscard]] env::Task<Result<void>> write(std::string message, SteadyTime deadline);
  /// Bytes as they are, without a frame around them.
  [[nodiscard]] env::Task<Result<void>> write_raw(std::string bytes, SteadyTime deadline);
  /// The next whole frame's content.
  [[nodiscard]] env::Task<Result<std::string>> read(SteadyTime deadline);
  void close() { stream_->close(); }

 private:
  std::unique_ptr<env::Stream> stream_;
  std::string buffer_;
};

/// Field `number` of the first segment of that name (MSH counted as HL7 does), taken apart by hand; empty if there is none.
[[nodiscard]] std::string field_of(std::string_view message, std::string_view segment, int number);

}  // namespace smarthl7::sim
