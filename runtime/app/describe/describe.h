// SPDX-License-Identifier: Apache-2.0
// The standard in brief: what a version says of a segment, field, component, data type, message structure, table or trigger
// event, as text for people or as JSON for programs. Pure: reads the dictionary and returns what is to be printed. Any thread;
// a name that is not there gives a complaint with the nearest one.
#pragma once

#include <string>

namespace smarthl7::app::describing {

struct Request {
  std::string version;  // "2.5.1"
  std::string what;     // "PID-3", "ORU_R01", "CX", "table 0203", "ADT^A08"; empty: what there is
  bool json = false;
  bool colours = false;
};

struct Answer {
  bool found = false;
  std::string text;       // for standard output; empty if not found
  std::string complaint;  // for standard error: what is not there and what is meant, or a note
};

[[nodiscard]] Answer describe(const Request& request);

}  // namespace smarthl7::app::describing
