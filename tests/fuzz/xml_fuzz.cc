// SPDX-License-Identifier: Apache-2.0
// Any bytes as HL7 v2 XML, and as pipes written to it: what was read once reads back as the same tree, and as the same pipes.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "stdlib/hl7/message.h"
#include "stdlib/hl7/tree.h"
#include "stdlib/hl7/xml.h"

namespace {

using namespace smarthl7;

void require(bool condition) {
  if (!condition) std::abort();
}

constexpr hl7::ReadLimits kLimits{.bytes = 1U << 20U, .segments = 10'000, .depth = 80};

/// What a tree says in XML, it says again.
void check_stable(const hl7::Tree& tree) {
  std::string document;
  const auto written = hl7::write_xml(tree, document);
  if (!written) return;  // names or bytes that XML does not have
  hl7::Tree again;
  require(hl7::read_xml(document, again).has_value());
  std::string second;
  require(hl7::write_xml(again, second).has_value());
  hl7::Tree third;
  require(hl7::read_xml(second, third).has_value());
  require(third == again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  hl7::Tree tree;
  if (hl7::read_xml(bytes, tree, kLimits)) {
    std::string pipes;
    hl7::to_pipes(tree, pipes);
    hl7::Message message;
    require(message.reset(std::string_view(pipes)).has_value());
    std::string document;
    require(hl7::write_xml(tree, document).has_value());
    hl7::Tree back;
    require(hl7::read_xml(document, back).has_value());
    require(back == tree);
  }
  hl7::Message message;
  if (!message.reset(bytes)) return 0;
  static hl7::TreeMaker maker;
  maker.make(message, tree);
  std::string pipes;
  hl7::to_pipes(tree, pipes);
  require(pipes == bytes);
  check_stable(tree);
  return 0;
}
