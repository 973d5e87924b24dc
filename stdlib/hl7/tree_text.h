// SPDX-License-Identifier: Apache-2.0
// What the encodings of a tree share: the type of a value, escape sequences one by one, text into ER7, places for errors.
// Internal to this folder. Pure functions; any thread; no failure but what is said.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "stdlib/base/result.h"
#include "stdlib/hl7/delimiters.h"
#include "stdlib/hl7/dictionary/dictionary.h"
#include "stdlib/hl7/tree.h"

namespace smarthl7::hl7 {

/// The data type of a value. The name is empty where it is not known; the datatype is empty for primitives too.
struct ValueType {
  std::string_view name;
  Datatype datatype;
};

/// Of a field; where it varies, the type is what another field names (OBX-2 for OBX-5, MFE-5 for MFE-4, MFA-6 for MFA-5).
[[nodiscard]] ValueType value_type(const Tree& tree, Tree::Index segment, const Field& field);
[[nodiscard]] ValueType component_type(const ValueType& of, std::uint32_t number);

/// One escape sequence of ER7 (HL7 2.5.1 chapter 2.7).
struct EscapeSequence {
  enum class Kind : std::uint8_t {
    delimiter,  // \F\ \S\ \T\ \R\ \E\: `character`
    other,      // \H\ \N\ \P\ \.br\ \X0D\ \C..\ \M..\ \Z..\: `body` without the escape characters
    none,       // the escape character begins no sequence
  };
  Kind kind = Kind::none;
  char character = 0;
  std::string_view body = {};
  std::size_t end = 0;  // one past it
};
/// raw[at] is the escape character.
[[nodiscard]] EscapeSequence read_escape(std::string_view raw, std::size_t at, const Delimiters& delimiters);

/// Appends text to ER7: delimiters and what would end a segment or frame are escaped; the truncation character is not. False if
/// the message has no escape character and the text needs one.
[[nodiscard]] bool append_er7(std::string_view text, const Delimiters& delimiters, std::string& out);

/// "PID-5[2].1.1" of a node below a segment, "OBX(3)-5" for the third segment of that name.
[[nodiscard]] std::string place_of(const Tree& tree, Tree::Index at);

/// What an encoding other than pipes leaves to do once a tree is read: whose facts it follows.
[[nodiscard]] Result<void> finish_reading(Tree& tree);

}  // namespace smarthl7::hl7
