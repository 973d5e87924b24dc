// SPDX-License-Identifier: Apache-2.0
// Route files and messages in, effects out: each NAME.golden holds route files, data files, messages and what must happen to
// each. The plan goes through its file, and every message is evaluated twice, once after others and once alone: the effects
// must be the same to the byte. SMARTHL7_UPDATE_GOLDEN=1 writes what is as what must be.
//
//   ==== route lab.route        a route file
//   ==== file facilities.csv    a file that it names
//   ==== message lab_feed       a message to that source, a segment a line
//   ==== effects                what happens
//
// A byte that is no UTF-8 is spelled ‹FC›.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "compiler/diag/render.h"
#include "compiler/driver/driver.h"
#include "compiler/plan/plan_file.h"
#include "runtime/eval/evaluator.h"
#include "stdlib/hl7/charset.h"

namespace smarthl7 {
namespace {

namespace fs = std::filesystem;

struct Section {
  std::string kind;
  std::string name;
  std::string body;
};

std::vector<Section> sections_of(const std::string& text) {
  std::vector<Section> sections;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("==== ")) {
      std::istringstream words(line.substr(5));
      Section& section = sections.emplace_back();
      words >> section.kind >> section.name;
    } else if (!sections.empty()) {
      sections.back().body += line + "\n";
    }
  }
  return sections;
}

std::string joined(const std::vector<Section>& sections) {
  std::string text;
  for (const Section& section : sections) {
    text += "==== " + section.kind + (section.name.empty() ? "" : " " + section.name) + "\n" + section.body;
  }
  return text;
}

constexpr std::string_view kOpen = "\xE2\x80\xB9";   // ‹
constexpr std::string_view kClose = "\xE2\x80\xBA";  // ›

std::string message_bytes(std::string text) {
  std::replace(text.begin(), text.end(), '\n', '\r');
  for (std::size_t at = text.find(kOpen); at != std::string::npos; at = text.find(kOpen, at + 1)) {
    const std::string digits = text.substr(at + kOpen.size(), 2);
    EXPECT_EQ(text.substr(at + kOpen.size() + 2, kClose.size()), kClose);
    text.replace(at, kOpen.size() + 2 + kClose.size(), 1, static_cast<char>(std::stoi(digits, nullptr, 16)));
  }
  return text;
}

/// Text that can stand in a file: what is no UTF-8, and ESC, is spelled.
std::string spelled(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const std::size_t good = std::min({hl7::utf8_misfits(bytes).first, bytes.find('\x1B'), bytes.size()});
    text.append(bytes.substr(0, good));
    bytes.remove_prefix(good);
    if (bytes.empty()) break;
    text += fmt::format("{}{:02X}{}", kOpen, static_cast<unsigned char>(bytes[0]), kClose);
    bytes.remove_prefix(1);
  }
  return text;
}

std::vector<std::string> segments(std::string_view bytes) {
  std::vector<std::string> lines;
  std::istringstream all{std::string(bytes)};
  for (std::string line; std::getline(all, line, '\r');) lines.push_back(line);
  return lines;
}

/// The segments that differ: `-` as received, `+` as it is now. Longest common subsequence, so that it reads as a diff.
std::string difference(std::string_view before, std::string_view after) {
  const auto a = segments(before);
  const auto b = segments(after);
  std::vector<std::vector<std::size_t>> common(a.size() + 1, std::vector<std::size_t>(b.size() + 1, 0));
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      common[i][j] = a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::string text;
  for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      ++i, ++j;
    } else if (i < a.size() && (j == b.size() || common[i + 1][j] >= common[i][j + 1])) {
      text += "    - " + a[i++] + "\n";
    } else {
      text += "    + " + b[j++] + "\n";
    }
  }
  return text;
}

class Shown {
 public:
  Shown(const plan::Plan& plan, std::string_view received) : plan_(plan), received_(received) {}

  std::string operator()(const eval::Effects& effects) {
    std::string text;
    if (effects.misfits > 0) text += fmt::format("misfits {}\n", effects.misfits);
    if (effects.verdict != eval::Verdict::accept) {
      text += fmt::format("reject {}: {}\n", effects.verdict == eval::Verdict::reject ? "AR" : "AE", effects.reason);
    }
    for (const hl7::Finding& finding : effects.findings) text += shown(finding);
    for (const eval::FlowEffects& flow : effects.flows) text += shown(flow);
    return text;
  }

 private:
  static std::string shown(const hl7::Finding& f) {
    std::string place = f.segment_name;
    if (f.sequence > 0) place += fmt::format("[{}]", f.sequence);
    if (f.location.field > 0) place += fmt::format("-{}", f.location.field);
    if (f.location.repetition > 0) place += fmt::format("[{}]", f.location.repetition);
    if (f.location.component > 0) place += fmt::format(".{}", f.location.component);
    if (f.location.subcomponent > 0) place += fmt::format(".{}", f.location.subcomponent);
    const char* severity = f.severity == hl7::Severity::error     ? "error"
                           : f.severity == hl7::Severity::warning ? "warning"
                                                                  : "information";
    return fmt::format("  {} {} {}: {}\n", severity, f.code, place, f.text);
  }

  std::string shown(const eval::FlowEffects& flow) {
    std::string text = fmt::format("flow {}\n", plan_.text(plan_.flows[flow.flow].name));
    if (flow.findings > 0) text += fmt::format("  findings {}\n", flow.findings);
    if (flow.dedup) {
      text += fmt::format("  dedup key {:016x} content {:016x} within {} s{}\n", flow.dedup->key.low, flow.dedup->content.low,
                          flow.dedup->window_seconds, flow.dedup->reject_conflict ? ", conflict rejects" : "");
    }
    if (flow.dedup_key_absent) text += "  dedup key absent\n";
    for (const eval::Delivery& delivery : flow.deliveries) {
      text += delivery.batch != plan::kNone ? "  collected: " + plan_.text(plan_.batches[delivery.batch].name)
                                            : "  -> " + plan_.text(plan_.destinations[delivery.destination].name);
      if (delivery.in_branch) text += " (of a branch)";
      for (const std::uint64_t key : delivery.keys) text += fmt::format(" {:08x}", key & 0xFFFFFFFFU);
      text += "\n" + body(delivery.body);
    }
    for (const eval::Ending& ending : flow.endings) {
      text += fmt::format("  {}: {}\n", ending.dead ? "dead" : "drop", ending.reason) + body(ending.body);
    }
    return text;
  }

  std::string body(const std::optional<SharedBytes>& body) const {
    return body ? difference(received_, body->view()) : std::string();
  }

  const plan::Plan& plan_;
  std::string_view received_;
};

driver::Compilation compile(const std::vector<Section>& sections) {
  std::vector<driver::Text> texts;
  std::map<std::string, std::string> data;
  for (const Section& section : sections) {
    if (section.kind == "route") texts.emplace_back(section.name, section.body);
    if (section.kind == "file") data[section.name] = section.body;
  }
  check::Files files;
  files.read = [data](const std::string& path) -> Result<std::string> {
    const auto found = data.find(path);
    if (found == data.end()) return fail(ErrorCode::not_found, "there is no such file");
    return found->second;
  };
  files.exists = [data](const std::string& path) { return data.contains(path); };
  return driver::compile_texts(std::move(texts), files);
}

plan::Id source_named(const plan::Plan& plan, std::string_view name) {
  for (plan::Id id = 0; id < plan.sources.size(); ++id) {
    if (plan.text(plan.sources[id].name) == name) return id;
  }
  ADD_FAILURE() << "there is no source " << name;
  return 0;
}

/// Fills in the effects of each message.
void run(std::vector<Section>& sections) {
  const driver::Compilation compilation = compile(sections);
  std::string findings;
  for (const diag::Diagnostic& diagnostic : compilation.diagnostics)
    findings += diag::render_human(diagnostic, *compilation.sources);
  ASSERT_TRUE(compilation.plan) << findings;

  const std::string file = plan::write_plan(*compilation.plan);
  const auto plan = plan::read_plan(file);
  ASSERT_TRUE(plan) << plan.error().describe();
  ASSERT_EQ(plan::write_plan(*plan), file);
  eval::Bindings bindings;
  for (const plan::Id secret : plan->secrets) bindings.secrets[plan->text(secret)] = Secret("the secret of the golden files");
  const auto bound = eval::bind(*plan, plan::plan_digest(file).value(), std::move(bindings));
  ASSERT_TRUE(bound) << bound.error().describe();
  const auto evaluator = eval::make_evaluator(*bound);

  for (std::size_t i = 0; i + 1 < sections.size(); ++i) {
    if (sections[i].kind != "message") continue;
    ASSERT_EQ(sections[i + 1].kind, "effects") << "effects follow a message";
    const std::string bytes = message_bytes(sections[i].body);
    const auto message = hl7::Message::parse(std::string_view(bytes));
    ASSERT_TRUE(message) << message.error().describe();
    const plan::Id source = source_named(*plan, sections[i].name);
    Shown shown(*plan, bytes);
    sections[i + 1].body = spelled(shown(evaluator->evaluate(source, *message)));
    EXPECT_EQ(spelled(shown(eval::make_evaluator(*bound)->evaluate(source, *message))), sections[i + 1].body)
        << "what came before must not matter";
  }
}

class EvalGolden : public ::testing::TestWithParam<fs::path> {};

TEST_P(EvalGolden, hasTheEffectsThatItSays) {
  std::ostringstream read;
  read << std::ifstream(GetParam(), std::ios::binary).rdbuf();
  std::vector<Section> sections = sections_of(read.str());
  ASSERT_TRUE(std::ranges::any_of(sections, [](const Section& s) { return s.kind == "effects"; })) << "nothing is expected";
  run(sections);
  if (HasFatalFailure()) return;
  const std::string actual = joined(sections);
  if (std::getenv("SMARTHL7_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(GetParam(), std::ios::binary) << actual;
    return;
  }
  EXPECT_EQ(actual, read.str()) << "SMARTHL7_UPDATE_GOLDEN=1 rewrites it";
}

std::vector<fs::path> golden_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(SMARTHL7_SOURCE_DIR) / "tests/golden/eval")) {
    if (entry.path().extension() == ".golden") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

INSTANTIATE_TEST_SUITE_P(Files, EvalGolden, ::testing::ValuesIn(golden_files()),
                         [](const auto& each) { return each.param.stem().string(); });

}  // namespace
}  // namespace smarthl7
