// SPDX-License-Identifier: Apache-2.0
// Any bytes as a message through safe harbor, typed and open: what comes out is a message with the same header, and a second
// time changes nothing; a patient's name that was put into PID-5, PID-9, NK1-2 and an undeclared segment is not in it, wherever
// the input's delimiters and the other segments lead. Corpus: tests/fuzz/corpus/redaction.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "compiler/driver/driver.h"
#include "compiler/plan/plan_file.h"
#include "runtime/eval/message_redactor.h"

namespace {

using namespace smarthl7;

constexpr std::string_view kWord = "QZXJVWKQ";

void require(bool condition) {
  if (!condition) std::abort();
}

std::unique_ptr<eval::MessageRedactor> redactor(std::string_view steps) {
  const std::string text =
      "language 1\nuse std.phi\nsource lab = mllp { listen \"0.0.0.0:2575\"  insecure because \"a test\" }\n"
      "message result = hl7 2.5.1 ORU_R01 {\n}\nflow f {\n  from lab\n" +
      std::string(steps) + "  redact std.phi.safe_harbor\n  drop \"a test\"\n}\n";
  const driver::Compilation compilation = driver::compile_texts({{"test.route", text}}, {});
  require(compilation.plan.has_value() && compilation.plan->redactions.size() == 1);
  const std::string bytes = plan::write_plan(*compilation.plan);
  auto bound = eval::bind(*compilation.plan, plan::plan_digest(bytes).value(), {});
  require(bound.has_value());
  auto made = eval::make_message_redactor(*std::move(bound), 0);
  require(made.has_value());
  return *std::move(made);
}

void hold(eval::MessageRedactor& redactor, const hl7::Message& message, bool has_word) {
  const std::string left(redactor.redact(message, hl7::Charset::utf8));
  if (has_word) require(left.find(kWord) == std::string::npos);
  hl7::Message after;
  require(after.reset(std::string_view(left)).has_value());
  require(after.delimiters() == message.delimiters());
  const std::string_view control_id = message.segment(0).field(10).raw();
  const bool has_parts = std::ranges::any_of(control_id, [&](char c) { return message.delimiters().has(c); });
  require(after.control_id() == message.control_id() || has_parts);
  require(std::string(redactor.redact(after, hl7::Charset::utf8)) == left);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto typed = redactor("  validate result else reject AE\n");
  static const auto open = redactor("");
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  hl7::Message message;
  if (!message.reset(bytes)) return 0;
  hold(*typed, message, false);
  hold(*open, message, false);
  // The same with a name, in the input's own delimiters; only if the word is not there already.
  if (bytes.find(kWord) != std::string_view::npos || message.delimiters().has('Q')) return 0;
  const char field = message.delimiters().field;
  const char component = message.delimiters().component;
  std::string named(bytes);
  named += "\rPID" + std::string(5, field) + std::string(kWord) + component + std::string(kWord) + std::string(4, field) +
           std::string(kWord);
  named += "\rNK1" + std::string(2, field) + std::string(kWord) + component + std::string(kWord);
  named += "\rZQQ" + std::string(1, field) + std::string(kWord) + "\r";
  hl7::Message with_name;
  if (!with_name.reset(std::string_view(named))) return 0;
  for (char c : kWord) {
    if (message.delimiters().has(c)) return 0;
  }
  hold(*typed, with_name, true);
  hold(*open, with_name, true);
  return 0;
}
