// SPDX-License-Identifier: Apache-2.0
// Writes the laboratory's day for the demo: make_results COUNT PREFIX > results.hl7
// Most results are right and go to one of five hospitals; every 50th is for a facility that nobody knows, every 60th breaks
// what was agreed, every 70th is of the test ward, every 40th is sent twice. Deterministic.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "stdlib/hl7/editor.h"
#include "stdlib/hl7/message.h"
#include "tests/support/oru_generator.h"

namespace {

using namespace smarthl7;

std::string with_last_status(const std::string& bytes, std::string_view status) {  // OBX-11 of the last OBX
  const auto message = hl7::Message::parse(bytes);
  if (!message) std::abort();
  hl7::Editor editor(*message);
  hl7::Location place;
  place.segment = message->segment_count() - 1;
  place.field = 11;
  if (!editor.set_text(place, status)) std::abort();
  std::string out;
  editor.write(out);
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: make_results COUNT PREFIX > results.hl7\n", stderr);
    return 2;
  }
  const std::uint64_t count = std::strtoull(argv[1], nullptr, 10);
  testing::OruOptions usual;
  usual.facilities = {"MERCY", "STJOHN", "COUNTY", "LAKESIDE", "VALLEY"};
  usual.control_prefix = argv[2];
  usual.local_segment = true;
  testing::OruOptions unknown = usual;
  unknown.facilities = {"NOWHERE"};
  testing::OruOptions test_ward = usual;
  test_ward.facilities = {"TEST"};
  for (std::uint64_t n = 1; n <= count; ++n) {
    std::string message = testing::make_oru(n % 50 == 0 ? unknown : n % 70 == 0 ? test_ward : usual, n);
    if (n % 60 == 0) message = with_last_status(message, "Q");
    std::cout << message;
    if (n % 40 == 0) std::cout << message;
  }
  return 0;
}
