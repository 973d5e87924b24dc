// SPDX-License-Identifier: Apache-2.0
// The name of a file that is written for a message: a template with fields of MSH (`{MSH-10}`, `{MSH-4.1|none}`), of BHS for a
// batch. Whatever the message says, the name is one of a file in the folder: no slash, no control character, no hidden or
// relative name, not too long.
// Value type; any thread. Failure: Result for a template that cannot be read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stdlib/base/result.h"

namespace smarthl7::transport::folder {

class Naming {
 public:
  /// The last part of a path.
  static Result<Naming> parse(std::string_view text);
  [[nodiscard]] std::string name_for(std::string_view message) const;

 private:
  struct Part {
    std::string text;  // as it is, or what stands for an absent field
    int field = 0;     // 0: text
    int component = 0;
  };
  std::vector<Part> parts_;
};

/// "out/" and "{MSH-10}.hl7".
[[nodiscard]] std::pair<std::string, std::string> split_path(std::string_view path);

}  // namespace smarthl7::transport::folder
