// SPDX-License-Identifier: Apache-2.0
// Any bytes with escape sequences: tokens put together are the value, decode and encode are inverse. Any message: its fragments
// are small enough and join to the same bytes; any bytes as fragments are refused or taken, never lost halfway.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "stdlib/hl7/continuation.h"
#include "stdlib/hl7/escape.h"
#include "stdlib/hl7/escape_check.h"

namespace {

using namespace smarthl7;

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t most = std::size_t{data[0]} * 4 + data[1] % 4U;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const hl7::Delimiters delimiters{'|', '^', '~', '\\', '&', data[1] % 2U == 0 ? '#' : '\0'};
  std::string together;
  hl7::EscapeTokens tokens(bytes, delimiters);
  for (hl7::EscapeToken token; tokens.next(token);) {
    require(!token.raw.empty());
    together += token.raw;
  }
  require(together == bytes);
  std::string encoded;
  require(hl7::encode(bytes, delimiters, encoded));
  require(hl7::decoded(encoded, delimiters) == bytes);
  std::string plain;
  hl7::append_plain_text(bytes, delimiters, plain);

  hl7::Message message;
  if (!message.reset(bytes)) return 0;
  std::vector<hl7::Finding> findings;
  hl7::check_escapes(message, findings);
  hl7::FragmentJoiner any;
  static_cast<void>(any.add(message).has_value());
  const auto fragments = hl7::split_message(message, most);
  if (!fragments) return 0;
  hl7::FragmentJoiner joiner;
  for (std::size_t n = 0; n < fragments->size(); ++n) {
    const std::string& fragment = (*fragments)[n];
    require(fragment.size() <= most);
    if (fragments->size() == 1) {
      require(fragment == bytes);
      break;
    }
    hl7::Message part;
    require(part.reset(std::string_view(fragment)).has_value());
    require(hl7::is_fragment(part));
    const auto step = joiner.add(part);
    require(step.has_value());
    require((*step == hl7::FragmentJoiner::Step::whole) == (n + 1 == fragments->size()));
  }
  if (fragments->size() > 1) require(joiner.take() == bytes);
  return 0;
}
