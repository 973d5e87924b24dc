// SPDX-License-Identifier: Apache-2.0
// Acknowledgements: building one in the sender's version and delimiters (HL7 chapter 2, MSA and ERR; 2.5.1: 2.15.8, 2.15.5),
// and reading the one that a receiver sent. Which code is answered is decided by the table in stdlib/route/ack.h. Building
// never fails; what is echoed is echoed as it came. Reading trusts nothing and gives an Error only if there is no MSA. Pure
// functions; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/base/result.h"
#include "stdlib/hl7/charset.h"
#include "stdlib/hl7/finding.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::hl7 {

enum class AckCode : std::uint8_t { aa, ae, ar, ca, ce, cr };
[[nodiscard]] std::string_view name_of(AckCode code);  // "AA"
[[nodiscard]] std::optional<AckCode> ack_code(std::string_view name);

/// What was decided about a message.
enum class Verdict : std::uint8_t {
  accept,
  error,    // taken in, and wrong in content
  unfit,    // cannot be taken in: no control id, a sequence number that does not follow
  reject,   // not for us: type, event, processing id or version
  not_now,  // could not be stored; may be sent again
};

/// Is MSH-15 or MSH-16 valued?
[[nodiscard]] bool is_enhanced_mode(const Message& message);
/// Is the message itself an answer (MSH-9.1 ACK or MCF, or an MSA)? Such a one is never answered in original mode.
[[nodiscard]] bool is_acknowledgement(const Message& message);

struct AckContent {
  AckCode code = AckCode::aa;
  std::string_view timestamp = {};        // MSH-7
  std::string_view control_id = {};       // MSH-10 of the acknowledgement
  std::string_view accept_ack = {};       // MSH-15: what the acknowledgement itself asks for, in versions that have it
  std::string_view application_ack = {};  // MSH-16
  std::string_view text = {};             // MSA-3, in versions that have it
  std::optional<std::string_view> expected_sequence = {};  // MSA-4; nothing: MSH-13 as it came
  std::span<const Finding> findings = {};
  std::size_t most_findings = 10;   // errors first, then warnings
  bool with_texts = true;           // ERR-8: what was expected
  Charset charset = Charset::utf8;  // of texts, which are given in UTF-8, where the message's MSH-18 is silent
};

/// Appends the acknowledgement of a message. Segments end in CR.
void build_ack(const Message& message, const AckContent& content, std::string& out);
/// Appends the application's answer to a message: a general acknowledgement, but to MFN (chapter 8.4) MFK, which repeats MFI
/// and says for each MFE in an MFA what became of it. S only where the message was taken: the hub takes it whole or not at all.
void build_application_ack(const Message& message, const AckContent& content, std::string& out);
/// For a frame that has no usable MSH: usual delimiters, nothing to echo, MSA-2 empty.
void build_ack_without_header(std::string_view version, const AckContent& content, std::string& out);

struct Ack {
  std::optional<AckCode> code;           // MSA-1; nullopt if it is none of the six
  std::string control_id;                // MSA-2, decoded; empty if absent
  std::vector<std::string> error_codes;  // ERR-3.1, ERR-1.4.1, MSA-6.1, in this order, each once
  std::string text;                      // MSA-3, else ERR-8, else ERR-7 (treat as patient data)
};
[[nodiscard]] Result<Ack> parse_ack(std::string_view bytes);

}  // namespace smarthl7::hl7
