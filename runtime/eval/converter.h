// SPDX-License-Identifier: Apache-2.0
// Converter: the `as` step: pipes, HL7 v2 XML, JSON and plain bytes, each into each. Owns the encoder's tables and buffers; one
// thread. Failure: false with what was expected, which holds no values. Internal to this folder.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "compiler/plan/plan.h"

namespace smarthl7::eval {

class Bound;

class Converter {
 public:
  explicit Converter(const Bound& bound);
  ~Converter();
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  /// `wanted`: of a message, the version and the structure that it must have; perhaps empty. To bytes nothing is made: they are
  /// the same.
  [[nodiscard]] bool convert(std::string_view from, plan::Content content, plan::Content to, std::span<const plan::Id> wanted,
                             std::string& out, std::string& why);

 private:
  struct Tools;
  const Bound& bound_;
  std::unique_ptr<Tools> tools_;  // made when first used: most plans convert nothing
};

}  // namespace smarthl7::eval
