// SPDX-License-Identifier: Apache-2.0
// HL7 v2 XML (HL7 Version 2: XML Encoding Syntax, release 2): the root is the message structure, then groups
// (ORU_R01.PATIENT_RESULT), segments, fields (PID.3), components by their data type (CX.4), all in urn:hl7-org:v2xml. Escape
// sequences of delimiters become the characters; all others become <escape V=".br"/>. What pipes can say and XML cannot is
// listed in docs/hl7/encodings.md. A document is never trusted: no document type, no entities, no network; limits.
// Pure functions; any thread. Errors name a place (of the message, or line and column) and hold no values.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "stdlib/base/result.h"
#include "stdlib/hl7/tree.h"

namespace smarthl7::hl7 {

inline constexpr std::string_view kXmlNamespace = "urn:hl7-org:v2xml";

struct XmlOptions {
  bool indent = true;
  bool declaration = true;
  /// Separators at the end of a segment, field or component are kept as an empty last element; else they are left out.
  bool keep_trailing = true;
};

/// Appends the document; after an Error `out` is as it was.
[[nodiscard]] Result<void> write_xml(const Tree& tree, std::string& out, const XmlOptions& options = {});

struct ReadLimits {
  std::size_t bytes = std::size_t{256} << 20U;  // of the document
  std::size_t segments = 2'000'000;
  std::size_t depth = 80;  // groups within groups and all below
};

/// Reads a document in any encoding that its declaration names; the tree's text is UTF-8. After an Error the tree is empty.
[[nodiscard]] Result<void> read_xml(std::string_view document, Tree& tree, const ReadLimits& limits = {});

}  // namespace smarthl7::hl7
