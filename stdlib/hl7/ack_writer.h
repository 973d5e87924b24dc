// SPDX-License-Identifier: Apache-2.0
// What the builders of answers share (ack.cc, ack_master_files.cc, ack_batch.cc): the form of an answer in a version, and a
// writer of segments with the sender's delimiters. Internal to this folder. Pure; one thread; no failure: what cannot be
// written with these delimiters becomes a blank.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "stdlib/hl7/ack.h"
#include "stdlib/hl7/delimiters.h"

namespace smarthl7::hl7 {

/// What an answer looks like in a version (chapter 2 of each: MSH, MSA, ERR). An unreadable version gets the newest form.
struct AckForm {
  bool event = true;              // MSH-9.2, from 2.3 on
  bool structure = true;          // MSH-9.3, from 2.3.1 on
  bool modes = true;              // MSH-15 and MSH-16, from 2.2 on
  bool text_in_msa = false;       // MSA-3, withdrawn in 2.7
  bool condition_in_msa = false;  // MSA-6: from 2.2 on, only for backward compatibility from 2.4 on, withdrawn in 2.7
  bool many_err = true;           // [{ERR}] with ERR-2, 3, 4, 8, from 2.5 on; before that one ERR with repeating ERR-1
  bool coded_condition = true;    // ERR-1.4 is a coded element, from 2.2 on; in 2.1 the bare code
  bool key_types = true;          // MFA-6, from 2.3.1 on
};
[[nodiscard]] AckForm ack_form(std::string_view version);

class AckWriter {
 public:
  AckWriter(const Delimiters& delimiters, std::string& out) : delimiters_(delimiters), out_(out) {}

  void begin(std::string_view segment) {
    out_.append(segment);
    pending_ = 0;
  }
  void end() { out_.push_back('\r'); }
  /// The next field, as it is. Empty ones at the end of a segment leave no separators.
  AckWriter& raw(std::string_view value) {
    ++pending_;
    if (value.empty()) return *this;
    out_.append(pending_, delimiters_.field);
    pending_ = 0;
    out_.append(value);
    return *this;
  }
  AckWriter& text(std::string_view value) { return raw(encoded(value)); }
  AckWriter& skip(std::size_t fields) {
    pending_ += fields;
    return *this;
  }

  [[nodiscard]] std::string encoded(std::string_view value) const;
  /// Parts with a separator between, without empty ones at the end. A missing delimiter leaves only the first part.
  [[nodiscard]] static std::string join(std::initializer_list<std::string> parts, char separator);

 private:
  Delimiters delimiters_;
  std::string& out_;
  std::size_t pending_ = 0;
};

/// MSH of an answer: the ends swapped; version, processing id and character set as the sender has them. `type` is MSH-9.
void write_answer_header(const Message& message, const AckContent& content, std::string_view type, std::string& out);
/// MSA and ERR.
void write_answer_body(const Message& message, const AckContent& content, std::string& out);

}  // namespace smarthl7::hl7
