// SPDX-License-Identifier: Apache-2.0
#include <re2/re2.h>

#include "compiler/check/checker.h"
#include "compiler/check/shadow.h"

namespace smarthl7::check {

std::optional<std::string> pattern_error(std::string_view pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(re2::RE2::Options::EncodingUTF8);
  const re2::RE2 compiled(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (compiled.ok()) return std::nullopt;
  return compiled.error();
}

bool pattern_matches(std::string_view pattern, std::string_view text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(re2::RE2::Options::EncodingUTF8);
  const re2::RE2 compiled(re2::StringPiece(pattern.data(), pattern.size()), options);
  return compiled.ok() && re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), compiled);
}

}  // namespace smarthl7::check
