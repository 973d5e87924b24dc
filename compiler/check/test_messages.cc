// SPDX-License-Identifier: Apache-2.0
// What a test sends. Route texts and fixtures end segments as editors do, with LF or CR LF; on the wire they end with CR.
#include <fmt/format.h>

#include "compiler/check/options.h"
#include "compiler/check/tests.h"
#include "stdlib/hl7/batch.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::check {
namespace {

using diag::Code;

constexpr char kFrameStart = '\x0B';
constexpr char kFrameEnd = '\x1C';

/// Segments that end with CR each; blank lines and MLLP's own bytes are left out.
std::string as_sent(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of("\r\n");
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    while (!line.empty() && (line.front() == kFrameStart || line.front() == kFrameEnd)) line.remove_prefix(1);
    while (!line.empty() && line.back() == kFrameEnd) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    out += line;
    out += '\r';
  }
  return out;
}

class Reading {
 public:
  Reading(Context& context, const syntax::SendItem& send) : context_(context), send_(send) {}

  std::vector<std::string> read() {
    const auto literal = read_literal(context_, send_.file ? "the name of a file" : "a message to send", *send_.text);
    if (!literal) return {};
    std::string bytes(*literal);
    if (send_.file) {
      file_ = context_.path_of(send_.text->span, *literal);
      auto read = context_.files.read(file_);
      if (!read) {
        context_.sink.report(Code::E0720, send_.text->span,
                             fmt::format("\"{}\" cannot be read: {}", *literal, read.error().text),
                             "paths are relative to the folder of the route file");
        return {};
      }
      bytes = std::move(*read);
    }
    return frames(bytes);
  }

 private:
  std::vector<std::string> frames(std::string_view bytes) {
    hl7::BatchReader reader(bytes);
    std::vector<std::string> found;
    hl7::BatchItem item;
    while (reader.next(item) == hl7::BatchReader::Step::message) {
      found.push_back(as_sent(item.bytes));
      hl7::Message message;
      const auto indexed = message.reset(std::string_view(found.back()));
      if (!indexed) {
        refuse(fmt::format("message {}: {}", found.size(), indexed.error().text));
        return {};
      }
    }
    if (found.empty()) {
      refuse("it begins with `MSH`, or with `FHS` or `BHS` for a batch");
      return {};
    }
    for (const hl7::BatchFinding& finding : reader.findings()) {
      if (finding.problem != hl7::BatchProblem::outside) continue;  // a broken batch is a fair thing to send
      refuse(fmt::format("{}{}", finding.text, finding.segment_name.empty() ? "" : " (" + finding.segment_name + ")"));
      return {};
    }
    if (reader.has_envelope()) return {as_sent(bytes)};
    return found;
  }

  void refuse(const std::string& why) {
    context_.sink.report(Code::E0560, send_.text->span, send_.file ? "the file is no HL7" : "this is no HL7 message", why);
  }

  Context& context_;
  const syntax::SendItem& send_;
  std::string file_;
};

}  // namespace

std::vector<std::string> frames_of(Context& context, const syntax::SendItem& send) {
  if (send.text == nullptr || send.text->poisoned) return {};
  return Reading(context, send).read();
}

}  // namespace smarthl7::check
