// SPDX-License-Identifier: Apache-2.0
// `fmt` on route files: what can be read is read again from what it writes, means the same, compiles to the plan of the same
// digest, keeps its comments, and is written the same way a second time. The mutator moves blanks, line breaks and
// comments half of the time, which is what formatting is about, and bytes the other half.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "compiler/driver/driver.h"
#include "compiler/format/format.h"
#include "compiler/plan/plan_file.h"
#include "compiler/syntax/dump.h"
#include "compiler/syntax/parser.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

using namespace smarthl7;

[[noreturn]] void complain(const char* what, std::string_view before, std::string_view after) {
  std::fprintf(stderr, "%s\n--- before\n%.*s\n--- after\n%.*s\n", what, static_cast<int>(before.size()), before.data(),
               static_cast<int>(after.size()), after.data());
  std::abort();
}

std::optional<plan::Plan> compiled(const std::string& text) {
  check::Files files;
  files.read = [](const std::string& path) -> Result<std::string> {
    if (path.ends_with("facilities.csv")) return std::string("code,namespace\nMERCY01,MERCY\n");
    return fail(ErrorCode::not_found, "there is no such file");
  };
  files.exists = [](const std::string&) { return true; };
  return driver::compile_texts({{"lab.route", text}}, files).plan;
}

/// xorshift: the mutator's choices follow from its seed.
struct Choice {
  std::uint32_t state;
  std::uint32_t operator()(std::uint32_t below) {
    state ^= state << 13U;
    state ^= state >> 17U;
    state ^= state << 5U;
    return below == 0 ? 0 : state % below;
  }
};

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned int seed) {
  Choice choose{seed | 1U};
  if (choose(2) == 0) return LLVMFuzzerMutate(data, size, max_size);
  std::string text(reinterpret_cast<const char*>(data), size);
  static constexpr std::string_view kInserted[] = {
      " ", "  ", "\n", "\n\n", "\n\n\n", "\t", " // a note\n", "\n// a line\n", "\n/// a doc\n", "\r\n"};
  for (std::uint32_t change = choose(6) + 1; change > 0; --change) {
    const std::size_t at = choose(static_cast<std::uint32_t>(text.size() + 1));
    const std::size_t border = text.find_first_of(" \n{}(),=:", at);
    if (border == std::string::npos) continue;
    if (choose(3) == 0 && (text[border] == ' ' || text[border] == '\n')) {
      text.replace(border, 1, choose(2) == 0 ? "\n" : " ");
    } else {
      text.insert(border, kInserted[choose(static_cast<std::uint32_t>(std::size(kInserted)))]);
    }
  }
  if (text.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, text.data(), text.size());
  return text.size();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 64 * 1024) return 0;
  const std::string text(reinterpret_cast<const char*>(data), size);
  source::SourceSet sources;
  diag::Sink sink;
  const syntax::ParsedFile file = syntax::parse(sources.add("lab.route", text), sink);
  if (sink.has_errors()) return 0;
  const std::string once = format::format(file);

  diag::Sink again;
  const syntax::ParsedFile second = syntax::parse(sources.add("lab.route", once), again);
  if (again.has_errors()) complain("what fmt writes cannot be read", text, once);
  if (syntax::dump(second) != syntax::dump(file)) complain("fmt changed the meaning", text, once);
  if (second.comments.size() != file.comments.size()) complain("fmt lost or doubled a comment", text, once);
  const std::string twice = format::format(second);
  if (twice != once) complain("formatting twice differs from once", once, twice);

  const std::optional<plan::Plan> before = compiled(text);
  const std::optional<plan::Plan> after = compiled(once);
  if (before.has_value() != after.has_value()) complain("only one of them compiles", text, once);
  if (before && plan::plan_digest(*before) != plan::plan_digest(*after)) complain("fmt changed the plan", text, once);
  return 0;
}
