// SPDX-License-Identifier: Apache-2.0
// Any bytes as JSON, and as pipes written to it: what was read reads back as the same tree; pipes come back byte for byte.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "stdlib/hl7/json.h"
#include "stdlib/hl7/json_text.h"
#include "stdlib/hl7/message.h"
#include "stdlib/hl7/tree.h"

namespace {

using namespace smarthl7;

void require(bool condition) {
  if (!condition) std::abort();
}

constexpr hl7::ReadLimits kLimits{.bytes = 1U << 20U, .segments = 10'000, .depth = 80};

void check_same(const hl7::Tree& tree) {
  for (const bool indent : {false, true}) {
    std::string document;
    if (!hl7::write_json(tree, document, {.indent = indent})) return;  // bytes that are no text
    hl7::Tree back;
    require(hl7::read_json(document, back).has_value());
    require(back == tree);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  hl7::JsonText tokens(bytes, 16);
  for (;;) {
    const auto token = tokens.next();
    if (!token || *token == hl7::JsonText::Token::end) break;
  }
  std::size_t cut = 0;
  for (const std::string_view document : hl7::split_json(bytes)) cut += document.size();
  require(cut <= bytes.size());

  hl7::Tree tree;
  if (hl7::read_json(bytes, tree, kLimits)) check_same(tree);
  hl7::Message message;
  if (!message.reset(bytes)) return 0;
  static hl7::TreeMaker maker;
  maker.make(message, tree);
  check_same(tree);
  std::string pipes;
  hl7::to_pipes(tree, pipes);
  require(pipes == bytes);
  return 0;
}
