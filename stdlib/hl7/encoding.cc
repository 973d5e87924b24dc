// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/encoding.h"

#include <fmt/format.h>

#include <vector>

#include "stdlib/hl7/charset_message.h"
#include "stdlib/hl7/finding.h"

namespace smarthl7::hl7 {
namespace {

[[nodiscard]] bool is_utf8(const TextEncoding& encoding) {
  return encoding.base == Charset::utf8 && encoding.switching == Switching::none;
}

[[nodiscard]] std::unexpected<Error> fail_at(const Finding& finding, std::string_view what) {
  std::string place = finding.segment_name;
  if (finding.sequence > 1) place += fmt::format("({})", finding.sequence);
  place += path_in_segment(finding.location);
  return fail(ErrorCode::invalid, place.empty() ? std::string(what) : fmt::format("{}: {}", place, what));
}

constexpr std::string_view kNotInSet = "bytes that are not in the message's character set (MSH-18)";

}  // namespace

std::string_view name_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::pipes: return "pipes";
    case Encoding::xml: return "xml";
    case Encoding::json: return "json";
  }
  return "pipes";
}

std::optional<Encoding> find_encoding(std::string_view name) {
  for (const Encoding encoding : {Encoding::pipes, Encoding::xml, Encoding::json}) {
    if (name_of(encoding) == name) return encoding;
  }
  return std::nullopt;
}

Encoding encoding_of(std::string_view bytes) {
  // UTF-16 XML (libxml2 reads it) begins with its own byte order mark.
  if (bytes.starts_with(std::string_view("\xFF\xFE<\0", 4)) || bytes.starts_with(std::string_view("\xFE\xFF\0<", 4))) {
    return Encoding::xml;
  }
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  const std::size_t at = bytes.find_first_not_of(" \t\r\n");
  if (at == std::string_view::npos) return Encoding::pipes;
  if (bytes[at] == '<') return Encoding::xml;
  return bytes[at] == '{' || bytes[at] == '[' ? Encoding::json : Encoding::pipes;
}

Result<void> Encoder::read(std::string_view bytes, Encoding encoding, Tree& tree) {
  switch (encoding) {
    case Encoding::xml: return read_xml(bytes, tree, options_.limits);
    case Encoding::json: return read_json(bytes, tree, options_.limits);
    case Encoding::pipes: break;
  }
  tree.clear();
  if (bytes.size() > options_.limits.bytes) return fail(ErrorCode::invalid, "the message is too large");
  TRY_VOID(message_.reset(bytes));
  return read(message_, tree);
}

Result<void> Encoder::read(const Message& message, Tree& tree) {
  const TextEncoding encoding = text_encoding(message, options_.configured);
  if (!can_carry_messages(encoding.base)) {
    return fail(ErrorCode::invalid, "MSH-18: a character set that pipes can be carried in, not UTF-16 or UTF-32");
  }
  if (is_utf8(encoding) || is_ascii(message.bytes())) {
    const bool switches = encoding.switching != Switching::none;
    if (!switches) {
      maker_.make(message, tree);
      return {};
    }
  }
  Misfits misfits;
  message_to_utf8(message, encoding, buffer_, &misfits);
  if (misfits.count > 0) {
    std::vector<Finding> findings;
    check_charset(message, encoding, findings, 1);
    return findings.empty() ? fail(ErrorCode::invalid, std::string(kNotInSet)) : fail_at(findings.front(), kNotInSet);
  }
  TRY_VOID(converted_.reset(std::string_view(buffer_)));
  maker_.make(converted_, tree);
  return {};
}

Result<void> Encoder::read_unicode(std::string_view pipes, Tree& tree) {
  tree.clear();
  if (pipes.size() > options_.limits.bytes) return fail(ErrorCode::invalid, "the message is too large");
  TRY_VOID(message_.reset(pipes));
  maker_.make(message_, tree);
  return {};
}

Result<void> Encoder::write(const Tree& tree, Encoding encoding, std::string& out) {
  out.clear();
  switch (encoding) {
    case Encoding::xml: return write_xml(tree, out, options_.xml);
    case Encoding::json: return write_json(tree, out, options_.json);
    case Encoding::pipes: break;
  }
  return write_pipes(tree, out);
}

Result<void> Encoder::write_pipes(const Tree& tree, std::string& out) {
  to_pipes(tree, out);
  TRY_VOID(converted_.reset(std::string_view(out)));
  const TextEncoding encoding = text_encoding(converted_, options_.configured);
  if (is_utf8(encoding) || (is_ascii(out) && encoding.switching == Switching::none)) return {};
  buffer_.clear();
  const auto unfit = message_from_utf8(converted_, encoding, buffer_);
  if (unfit) return fail_at(*unfit, "a character that the message's character set (MSH-18) does not have");
  std::swap(out, buffer_);
  return {};
}

Result<void> Encoder::convert(std::string_view bytes, Encoding from, Encoding to, std::string& out) {
  TRY_VOID(read(bytes, from, tree_));
  return write(tree_, to, out);
}

}  // namespace smarthl7::hl7
