// SPDX-License-Identifier: Apache-2.0
// The delimiter characters of a message (MSH-1 and MSH-2). Zero stands for "there is none": a NUL byte in a
// message is never taken for a delimiter. Value type.
#pragma once

#include <string>

namespace smarthl7::hl7 {

struct Delimiters {
  char field = '|';
  char component = '^';
  char repetition = '~';
  char escape = '\\';
  char subcomponent = '&';
  char truncation = 0;  // MSH-2 has a fifth character from 2.7 on

  friend bool operator==(const Delimiters&, const Delimiters&) = default;

  /// Is this one of the delimiters in use?
  [[nodiscard]] bool has(char c) const {
    return c != 0 && (c == field || c == component || c == repetition || c == escape || c == subcomponent || c == truncation);
  }
  /// MSH-2 for these delimiters.
  [[nodiscard]] std::string encoding_characters() const {
    std::string text;
    for (const char c : {component, repetition, escape, subcomponent, truncation}) {
      if (c == 0) break;
      text.push_back(c);
    }
    return text;
  }
};

}  // namespace smarthl7::hl7
