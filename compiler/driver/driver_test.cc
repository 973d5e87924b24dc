// SPDX-License-Identifier: Apache-2.0
#include "compiler/driver/driver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "compiler/driver/analysis.h"
#include "compiler/plan/plan_file.h"

namespace smarthl7::driver {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnds = R"(setting lab_port : port = 2575
environment sandbox { lab_port = 12575 }
secret hub_key
source lab = mllp {
  listen "0.0.0.0:{lab_port}"
  tls    { certificate file "tls/hub.pem"  key secret hub_key }
  accept ORU^R01
  largest 20MiB
}
destination mercy = mllp { connect "10.0.0.5:2575"  insecure because "same room"  ack within 45s
                           order by MSH-4, MSH-3  connections 4  match id prefix 20  on AE for now  on refusal hold key }
destination west = mllp { connect "10.0.0.6:2575"  insecure because "same room" }
)";
constexpr std::string_view kFlow = R"(table sites from csv "sites.csv" { key code  value city, name }
flow results {
  from lab
  dedup by MSH-3, MSH-10 within 7d
  when MSH-11.1 == "T" { drop "a test" } otherwise when MSH-4.1 in sites { -> mercy, west } otherwise { dead "unknown site" }
}
)";

check::Files files() {
  check::Files files;
  files.read = [](const std::string& path) -> Result<std::string> {
    if (path != "sites.csv") return fail(ErrorCode::not_found, "there is no such file");
    return std::string("name,code,city\nMercy,M,Rome\nBeta,A,Oslo\n");
  };
  files.exists = [](const std::string&) { return true; };
  return files;
}

plan::Plan plan_of(const Compilation& compilation) {
  for (const auto& diagnostic : compilation.diagnostics) ADD_FAILURE() << diagnostic.message;
  return compilation.plan.value_or(plan::Plan{});
}

TEST(Driver, lowers_ends_as_their_options_say) {
  const plan::Plan plan =
      plan_of(compile_texts({{"ends.route", std::string(kEnds)}, {"flow.route", std::string(kFlow)}}, files()));
  ASSERT_EQ(plan.sources.size(), 1U);
  ASSERT_EQ(plan.destinations.size(), 2U);
  const plan::Destination& mercy = plan.destinations[0];
  EXPECT_EQ(plan.text(mercy.name), "mercy");
  EXPECT_EQ(mercy.order, plan::Order::keys);
  EXPECT_EQ(mercy.connections, 4U);
  EXPECT_EQ(mercy.ack_within_micros, 45'000'000U);
  EXPECT_EQ(mercy.match, plan::Match::id_prefix);
  EXPECT_EQ(mercy.match_prefix, 20U);
  EXPECT_EQ(mercy.on_ae, plan::Refusal::for_now);
  EXPECT_EQ(mercy.after_refusal, plan::AfterRefusal::hold_key);
  ASSERT_LT(mercy.retry, plan.retries.size());
  EXPECT_EQ(plan.text(plan.retries[mercy.retry].name), "std.retry.standard");
  ASSERT_EQ(plan.sources[0].accepts.size(), 1U);
  EXPECT_EQ(plan.text(plan.sources[0].accepts[0].code), "ORU");
  const auto& options = plan.sources[0].options;
  const auto named = [&plan](std::string_view name) {
    return [&plan, name](const plan::OptionValue& option) { return plan.text(option.name) == name; };
  };
  const auto key = std::find_if(options.begin(), options.end(), named("tls.key"));
  ASSERT_NE(key, options.end());
  EXPECT_EQ(plan.text(plan.secrets[key->secret]), "hub_key");
  const auto largest = std::find_if(options.begin(), options.end(), named("largest"));
  ASSERT_NE(largest, options.end());
  EXPECT_EQ(plan.text(plan.exprs[largest->value].a), std::to_string(20U << 20));
}

TEST(Driver, lowers_tables_sorted_by_key_and_flows_with_keys) {
  const plan::Plan plan =
      plan_of(compile_texts({{"ends.route", std::string(kEnds)}, {"flow.route", std::string(kFlow)}}, files()));
  ASSERT_EQ(plan.tables.size(), 1U);
  std::vector<std::string> cells;
  for (const plan::Id cell : plan.tables[0].cells) cells.push_back(plan.text(cell));
  EXPECT_EQ(cells, (std::vector<std::string>{"A", "Oslo", "Beta", "M", "Rome", "Mercy"}));
  ASSERT_EQ(plan.inputs.size(), 3U);
  EXPECT_EQ(plan.text(plan.inputs[plan.tables[0].input].path), "sites.csv");
  EXPECT_EQ(plan.inputs[plan.tables[0].input].digest, sha256("name,code,city\nMercy,M,Rome\nBeta,A,Oslo\n"));
  std::size_t keyed = 0;
  for (const plan::Step& step : plan.steps) keyed += step.op == plan::StepOp::deliver && step.list.count == 2 ? 1 : 0;
  EXPECT_EQ(keyed, 1U) << "only mercy orders by paths";
}

TEST(Driver, the_same_files_give_the_same_plan) {
  const auto compile = [] {
    return compile_texts({{"ends.route", std::string(kEnds)}, {"flow.route", std::string(kFlow)}}, files());
  };
  const plan::Plan plan = plan_of(compile());
  EXPECT_EQ(plan, plan_of(compile()));
  const std::string bytes = plan::write_plan(plan);
  EXPECT_EQ(bytes, plan::write_plan(plan_of(compile())));
  const auto read = plan::read_plan(bytes);
  ASSERT_TRUE(read) << read.error().describe();
  EXPECT_EQ(*read, plan);
}

TEST(Driver, a_folder_means_all_its_route_files_and_is_the_root) {
  const fs::path root = fs::temp_directory_path() /
                        ("driver_test_" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) + "_folder");
  fs::create_directories(root / "inside");
  std::ofstream(root / "inside/ends.route") << kEnds;
  std::ofstream(root / "flow.route") << kFlow;
  std::ofstream(root / "sites.csv") << "name,code,city\nMercy,M,Rome\n";
  const auto compilation = compile_project({root.string()});
  ASSERT_TRUE(compilation);
  EXPECT_EQ(compilation->errors, 0U);
  ASSERT_TRUE(compilation->plan);
  const plan::Plan& plan = *compilation->plan;
  ASSERT_EQ(plan.inputs.size(), 3U);
  EXPECT_EQ(plan.text(plan.inputs[0].path), "flow.route");
  EXPECT_EQ(plan.text(plan.inputs[1].path), "inside/ends.route");
  for (const plan::OptionValue& option : plan.sources[0].options) {
    if (option.kind != plan::OptionKind::file) continue;
    EXPECT_EQ(plan.text(option.file), "inside/tls/hub.pem");
  }
  Options elsewhere;
  elsewhere.environment = "sandbox";
  EXPECT_TRUE(compile_project({root.string()}, elsewhere));
  elsewhere.environment = "sandbx";
  EXPECT_FALSE(compile_project({root.string()}, elsewhere));
  fs::remove_all(root);
  EXPECT_FALSE(compile_project({root.string()}));
}

constexpr std::string_view kTest = R"(test "a message from Mercy" {
  given mercy answers AE late by 5s 2 times, then AA
  send """
    MSH|^~\\&|LAB|M|HUB|HUB|20260101||ORU^R01^ORU_R01|1|P|2.5.1
    PID|1||P1
    """
  after 1m
  expect ack AA
  expect mercy gets 1 { MSH-4 == "M"  PID-5 absent }
  expect dead gets 0
}
)";

TEST(Driver, tests_are_no_part_of_the_plan) {
  const std::string ends(kEnds);
  const std::string flow(kFlow);
  const std::string test(kTest);
  const auto bytes = [](std::vector<Text> texts) {
    return plan::write_plan(plan_of(compile_texts(std::move(texts), files())));
  };
  const std::string without = bytes({{"ends.route", ends}, {"flow.route", flow}});
  EXPECT_EQ(bytes({{"ends.route", ends}, {"flow.route", flow}, {"tests.route", "language 1\n\n" + test}}), without);
  EXPECT_EQ(bytes({{"ends.route", ends}, {"flow.route", flow + "\n// What Mercy gets.\n/// In its order.\n" + test}}), without);
  EXPECT_EQ(
      bytes({{"ends.route", ends}, {"flow.route", flow + test + "\n\n" + "test \"nothing comes\" { expect dead gets 0 }\n"}}),
      without);
  EXPECT_NE(bytes({{"ends.route", ends}, {"flow.route", flow + "// a comment\n" + "\n" + test}}), without);
  EXPECT_NE(bytes({{"ends.route", ends}, {"flow.route", test + "\n" + flow}}), without) << "lines have moved";
}

TEST(Driver, tests_are_lowered_when_asked_for) {
  Options options;
  options.tests = true;
  const std::string flow = std::string(kFlow) + std::string(kTest);
  const Compilation compilation = compile_texts({{"ends.route", std::string(kEnds)}, {"flow.route", flow}}, files(), options);
  ASSERT_TRUE(compilation.trials);
  const plan::Trials& trials = *compilation.trials;
  ASSERT_EQ(trials.tests.size(), 1U);
  const plan::Trial& test = trials.tests.front();
  EXPECT_EQ(test.title, "a message from Mercy");
  ASSERT_EQ(test.items.size(), 6U);
  EXPECT_EQ(test.items[0].answers[0].late_micros, 5'000'000U);
  EXPECT_EQ(test.items[0].answers[0].times, 2U);
  ASSERT_EQ(test.items[1].frames.size(), 1U);
  EXPECT_EQ(test.items[1].frames[0], "MSH|^~\\&|LAB|M|HUB|HUB|20260101||ORU^R01^ORU_R01|1|P|2.5.1\rPID|1||P1\r");
  EXPECT_EQ(test.items[4].op, plan::TrialOp::expect_gets);
  ASSERT_EQ(test.items[4].conditions.size(), 2U);
  EXPECT_EQ(test.items[4].messages, std::vector<plan::Id>{plan::kNone});
  EXPECT_EQ(test.items[5].op, plan::TrialOp::expect_dead);
  // The plan is the same but for what stands behind it.
  plan::Plan plan = trials.plan;
  ASSERT_GT(plan.exprs.size(), compilation.plan->exprs.size());
  plan.exprs.resize(compilation.plan->exprs.size());
  EXPECT_EQ(plan.exprs, compilation.plan->exprs);
  EXPECT_EQ(plan.steps, compilation.plan->steps);
  EXPECT_FALSE(compile_texts({{"ends.route", std::string(kEnds)}, {"flow.route", flow}}, files()).trials);
}

TEST(Analyzer, ParsesOnlyWhatChangedAndSaysWhatACompilationSays) {
  Analyzer analyzer;
  const std::string ends(kEnds);
  const std::string flow(kFlow);
  const auto codes = [](const std::vector<diag::Diagnostic>& diagnostics) {
    std::vector<std::string> all;
    for (const auto& one : diagnostics)
      all.push_back(std::string(diag::name_of(one.code)) + "@" + std::to_string(one.span.begin) + " " + one.message);
    return all;
  };
  const auto first = analyzer.analyze({{"ends.route", ends}, {"flow.route", flow}}, files());
  EXPECT_EQ(analyzer.parses(), 2U);
  EXPECT_EQ(codes(first->diagnostics), codes(compile_texts({{"ends.route", ends}, {"flow.route", flow}}, files()).diagnostics));

  std::string broken = flow;
  broken.replace(broken.find("from lab"), 8, "from lap");
  broken.replace(broken.find("mercy, west"), 11, "mercy west,");
  const auto second = analyzer.analyze({{"ends.route", ends}, {"flow.route", broken}}, files());
  EXPECT_EQ(analyzer.parses(), 3U);
  EXPECT_FALSE(second->diagnostics.empty());
  EXPECT_EQ(codes(second->diagnostics),
            codes(compile_texts({{"ends.route", ends}, {"flow.route", broken}}, files()).diagnostics));

  const auto third = analyzer.analyze({{"ends.route", ends}, {"flow.route", flow}}, files());
  EXPECT_EQ(analyzer.parses(), 4U);
  EXPECT_EQ(codes(third->diagnostics), codes(first->diagnostics));
  // The older ones are still whole.
  ASSERT_NE(second->file("flow.route"), nullptr);
  EXPECT_EQ(second->file("flow.route")->source->bytes(), broken);
  EXPECT_EQ(third->file("flow.route")->source->bytes(), flow);

  const auto fourth = analyzer.analyze({{"flow.route", flow}, {"new.route", ends}}, files());
  EXPECT_EQ(analyzer.parses(), 5U);
  EXPECT_EQ(fourth->file("ends.route"), nullptr);
  EXPECT_EQ(codes(fourth->diagnostics), codes(first->diagnostics));
}

}  // namespace
}  // namespace smarthl7::driver
