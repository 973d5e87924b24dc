// SPDX-License-Identifier: Apache-2.0
// The encodings of a message for those who take and send them: pipes (ER7), HL7 v2 XML, JSON. An Encoder turns any into any and
// keeps its buffers and tables. XML and JSON are Unicode; pipes are in the character set that MSH-18 names (the configured one
// where it is silent): bytes or characters that do not fit are an Error with the place, never replaced.
// One thread at a time. Errors hold no values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stdlib/base/result.h"
#include "stdlib/hl7/charset.h"
#include "stdlib/hl7/json.h"
#include "stdlib/hl7/message.h"
#include "stdlib/hl7/tree.h"
#include "stdlib/hl7/xml.h"

namespace smarthl7::hl7 {

enum class Encoding : std::uint8_t { pipes, xml, json };

[[nodiscard]] std::string_view name_of(Encoding encoding);  // "pipes", "xml", "json"
[[nodiscard]] std::optional<Encoding> find_encoding(std::string_view name);
/// What these bytes begin like (after a byte order mark and blanks): `<` XML, `{` or `[` JSON, else pipes.
[[nodiscard]] Encoding encoding_of(std::string_view bytes);

class Encoder {
 public:
  struct Options {
    Charset configured = Charset::utf8;  // where MSH-18 is silent
    XmlOptions xml = {};
    JsonOptions json = {};
    ReadLimits limits = {};
  };
  Encoder() = default;
  explicit Encoder(const Options& options) : options_(options) {}

  /// A tree in UTF-8 of one message. Pipes must be whole and alone: see batch.h for more.
  [[nodiscard]] Result<void> read(std::string_view bytes, Encoding encoding, Tree& tree);
  [[nodiscard]] Result<void> read(const Message& message, Tree& tree);
  /// Pipes that are UTF-8 already, whatever MSH-18 says: text of a JSON or XML document.
  [[nodiscard]] Result<void> read_unicode(std::string_view pipes, Tree& tree);
  /// The message in that encoding replaces `out`. Of pipes: in its character set.
  [[nodiscard]] Result<void> write(const Tree& tree, Encoding encoding, std::string& out);

  [[nodiscard]] Result<void> convert(std::string_view bytes, Encoding from, Encoding to, std::string& out);

 private:
  [[nodiscard]] Result<void> write_pipes(const Tree& tree, std::string& out);

  Options options_;
  TreeMaker maker_;
  Message message_, converted_;
  Tree tree_;
  std::string buffer_;
};

}  // namespace smarthl7::hl7
