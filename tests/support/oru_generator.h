// SPDX-License-Identifier: Apache-2.0
// Makes ORU^R01 messages (HL7 2.5.1, about 2.5 KB, 20 OBX) for tests, benchmarks and the demo. Deterministic: the same
// options and number give the same bytes. Patients, hospitals and results are invented. Any thread; no failure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace smarthl7::testing {

struct OruOptions {
  std::uint64_t seed = 1;
  std::uint64_t patients = 1000;                              // how many different patients there are
  std::vector<std::string> facilities = {"MERCY", "STJOHN"};  // PV1-3.4.1 and PID-3.4.1, chosen by number
  std::string control_prefix = "LAB";                         // MSH-10 is this and the number
  std::string sending_application = "ANALYSER";
  std::string sending_facility = "REGLAB";
  std::string receiving_application = "HUB";
  std::string receiving_facility = "REGION";
  std::string terminator = "\r";
  std::uint64_t observations = 20;
  bool local_segment = false;  // a ZLR segment (instrument, run) after OBR
};

/// The n-th message.
[[nodiscard]] std::string make_oru(const OruOptions& options, std::uint64_t n);
/// Its MSH-10: the prefix and n in ten digits.
[[nodiscard]] std::string oru_control_id(const OruOptions& options, std::uint64_t n);
/// The facility code that the n-th message carries.
[[nodiscard]] const std::string& oru_facility(const OruOptions& options, std::uint64_t n);

}  // namespace smarthl7::testing
