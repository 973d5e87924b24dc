// SPDX-License-Identifier: Apache-2.0
// The plan as a file: what is written comes back, and what is not a plan is refused.
#include <gmock/gmock.h>

#include <functional>

#include "compiler/plan/plan_check.h"
#include "compiler/plan/plan_file.h"
#include "compiler/plan/testing/plan_builder.h"

namespace smarthl7::plan {
namespace {

using plan::testing::PlanBuilder;
using ::testing::HasSubstr;

/// One of everything, with values in every field that a default would hide.
Plan rich_plan() {
  PlanBuilder b;
  b.plan.compiler_version = "0.1.0";
  b.plan.library[0] = 7;
  b.plan.places = {{0, 12, 3}};
  b.setting("port", "port", "2575");
  b.setting("host", "address", nullptr);
  b.plan.secrets = {b.text("key")};
  b.plan.environments = {{b.text("production"), {{1, b.text("hub.example")}}}};
  const Id facilities = b.table("facilities", {"code", "namespace"}, {{"A", "MERCY"}, {"B", "ST \"JOHN\""}});
  const Id message = b.message("lab_result", "2.5.1", "ORU_R01");
  Message& profile = b.plan.messages[message];
  profile.from_version = b.text("2.3");
  profile.cardinalities = {{3, 1, 1}};
  b.plan.local_fields = {{1, b.text("instrument"), b.text("ST"), 20, true, false, b.text("none")}};
  profile.segments = {{b.text("ZLR"), 12, false, true, {0, 1}}};
  profile.tables = {{105, b.list({b.text("INTERNAL")})}};
  const Id standing = b.expr(ExprOp::value, ValueType::text);
  const Id known = b.expr(ExprOp::in_table, ValueType::boolean, standing, facilities);
  const Id every = b.expr(ExprOp::every_value, ValueType::boolean, b.path("PID-3[*].4.1"), known);
  const Id in_list = b.list_expr(ExprOp::in_list, ValueType::boolean, b.read("OBX-11", {1}), {b.literal("P"), b.literal("F")});
  const Id rule = b.expr(ExprOp::every_scope, ValueType::boolean, b.scope_segment("OBX", b.is("OBX-2", "NM", {1})),
                         b.both(in_list, b.present("OBX-6", {1})));
  profile.rules = {{RuleKind::require, b.path("PID-3"), kNone, 0, 0},
                   {RuleKind::condition, kNone, every, 0, 0},
                   {RuleKind::rule, kNone, rule, b.text("a final result has units"), 0}};
  const Id upper = b.call("upper", ValueType::text, {b.read("PID-5.1.1")});
  const Id chosen = b.read("PID-3[?].1", {0, kNoNode, kNoNode, b.is("PID-3[.].5", "MR", {1})});
  const Id sum = b.expr(ExprOp::multiply, ValueType::number,
                        b.expr(ExprOp::add, ValueType::number, b.number("1.50"), b.number("2")), b.number("3"));
  const Id total = b.call("text", ValueType::text, {sum});
  const Id fallback = b.expr(ExprOp::either, ValueType::text, b.read("PID-8"), b.literal("U"));
  const Id not_male = b.expr(ExprOp::logical_not, ValueType::boolean, b.equal(fallback, b.literal("M")));
  Statement remove;
  remove.op = StatementOp::remove_segments;
  remove.scope = b.scope_segment("NTE", b.is("NTE-2", "O", {1}));
  remove.place = 0;
  Statement when;
  when.op = StatementOp::when;
  when.condition = not_male;
  when.body =
      b.list({b.assign("PID-18.1", chosen, PlanBuilder::reject(b.reason({b.literal("no \"MR\" in {"), b.read("PID-3.1")})))});
  when.otherwise = b.list({b.assign("PID-19", total)});
  const Id ids =
      b.each(b.scope_repetition("PID-3"),
             {b.assign("PID-3[.].4.1", b.lookup(facilities, b.read("PID-3[.].4.1", {1})), PlanBuilder::keep(), {1})});
  const Id mapping =
      b.mapping("normalise", {b.assign("PID-5.1.1", upper), ids, b.statement(remove), b.statement(when)}, message);
  Redaction redaction;
  redaction.name = b.text("research_use");
  redaction.allow = true;
  redaction.version = b.text("2.5.1");
  redaction.message = message;
  RedactionItem labels;
  labels.labels = b.list({b.text("none"), b.text("clinical")});
  labels.place = 0;
  RedactionItem hash;
  hash.layer = 1;
  hash.segment = b.text("PID");
  hash.field = 3;
  hash.component = 1;
  hash.subcomponent = 1;
  hash.method = RedactMethod::hash;
  hash.secret = 0;
  hash.amount = 20;
  RedactionItem shift;
  shift.layer = 2;
  shift.segment = b.text("OBR");
  shift.field = 7;
  shift.method = RedactMethod::shift;
  shift.key_segment = b.text("PID");
  shift.key_field = 3;
  shift.key_component = 1;
  shift.key_subcomponent = 2;
  shift.amount = 365;
  RedactionItem mask;
  mask.layer = 2;
  mask.segment = b.text("PID");
  mask.field = 13;
  mask.method = RedactMethod::mask;
  mask.shape = true;
  redaction.items = {labels, hash, shift, mask};
  b.plan.redactions = {redaction};
  Step redact;
  redact.op = StepOp::redact;
  redact.a = 0;
  const Id lab = b.source("lab");
  b.plan.sources[lab].accepts = {{b.text("ORU"), b.text("R01"), 0}};
  b.plan.sources[lab].options = {{b.text("listen"), OptionKind::text,
                                  b.list_expr(ExprOp::concat, ValueType::text, kNone,
                                              {b.literal("0.0.0.0:"), b.expr(ExprOp::setting, ValueType::text, 0)}),
                                  kNone, kNone},
                                 {b.text("tls.key"), OptionKind::secret, kNone, 0, kNone},
                                 {b.text("tls.certificate"), OptionKind::file, kNone, kNone, b.text("hub.pem")}};
  b.plan.retries = {{b.text("steady"), 1'000'000, 300'000'000, 20, 86'400'000'000, 20, 7'000'000}};
  const Id mercy = b.destination("mercy", Order::patient);
  Destination& to = b.plan.destinations[mercy];
  to.retry = 0;
  to.connections = 4;
  to.holds = Level::limited;
  to.match = Match::id_prefix;
  to.on_ae = Refusal::for_good;
  to.on_ar = Refusal::for_now;
  to.after_refusal = AfterRefusal::hold_key;
  const Id archive = b.destination("archive");
  Step tolerant;
  tolerant.op = StepOp::validate;
  tolerant.a = message;
  tolerant.tolerant = true;
  tolerant.place = 0;
  const Id route =
      b.route(b.read("PV1-3.4.1"), {b.arm({b.literal("MERCY"), b.literal("M2")}, {b.deliver(mercy)}),
                                    b.arm_otherwise({b.dead(b.reason({b.literal("no hospital for "), b.read("PV1-3.4.1")}))})});
  b.flow("results", lab,
         {b.step(tolerant), b.dedup({b.read("MSH-3"), b.read("MSH-10")}, 604800), b.map(mapping), route,
          b.branch({b.step(redact), b.deliver(archive)}), b.route_type({b.arm({b.text("ORU^R01")}, {b.drop(kNone)})}),
          b.fanout({b.arm_when(not_male, {b.deliver(archive)}), b.arm_otherwise({b.deliver(mercy)})})},
         message);
  return std::move(b.plan);
}

std::string code_of(const Result<Plan>& result) { return result ? "fine" : std::string(name_of(result.error().code)); }

TEST(PlanFile, comesBackAsItWasWritten) {
  const Plan plan = rich_plan();
  ASSERT_TRUE(check_plan(plan)) << check_plan(plan).error().describe();
  const std::string bytes = write_plan(plan);
  const auto read = read_plan(bytes);
  ASSERT_TRUE(read) << read.error().describe();
  EXPECT_TRUE(*read == plan);
  EXPECT_EQ(write_plan(*read), bytes);
  EXPECT_EQ(plan_checksum(bytes).value(), plan_checksum(write_plan(rich_plan())).value());
}

TEST(PlanFile, theDigestIsOfWhatAPlanDoes) {
  const Plan plan = rich_plan();
  Plan moved = plan;
  ASSERT_FALSE(moved.places.empty());
  moved.places.front().line += 7;
  EXPECT_EQ(plan_digest(moved), plan_digest(plan));
  EXPECT_NE(plan_checksum(write_plan(moved)).value(), plan_checksum(write_plan(plan)).value());
  Plan other = plan;
  ASSERT_FALSE(other.destinations.empty());
  other.destinations.front().connections += 1;
  EXPECT_NE(plan_digest(other), plan_digest(plan));
}

TEST(PlanFile, refusesWhatIsNoPlan) {
  const std::string bytes = write_plan(rich_plan());
  EXPECT_EQ(code_of(read_plan("")), "invalid");
  EXPECT_EQ(code_of(read_plan("language 1\n")), "invalid");
  EXPECT_EQ(code_of(read_plan(bytes.substr(0, 20))), "corrupt");
  EXPECT_EQ(code_of(read_plan(bytes.substr(0, bytes.size() - 8))), "corrupt");
  for (const std::size_t at : {std::size_t{13}, std::size_t{20}, std::size_t{48}, bytes.size() / 2, bytes.size() - 1}) {
    std::string broken = bytes;
    broken[at] = static_cast<char>(broken[at] ^ 1);
    EXPECT_EQ(code_of(read_plan(broken)), "corrupt") << at;
  }
}

TEST(PlanFile, namesBothVersions) {
  std::string bytes = write_plan(rich_plan());
  bytes[8] = 99;
  const auto read = read_plan(bytes);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::version);
  EXPECT_THAT(read.error().text, HasSubstr("version 99"));
  EXPECT_THAT(read.error().text, HasSubstr("version " + std::to_string(kSchemaVersion)));
}

TEST(PlanFile, aPlanThatWasDamagedBeforeItWasHashedIsRefused) {
  struct Damage {
    const char* what;
    std::function<void(Plan&)> apply;
  };
  const std::vector<Damage> damages = {
      {"path of an expression",
       [](Plan& p) {
         for (Expr& e : p.exprs)
           if (e.op == ExprOp::read) e.a = 9999;
       }},
      {"an expression in itself",
       [](Plan& p) {
         for (Id i = 0; i < p.exprs.size(); ++i)
           if (p.exprs[i].op == ExprOp::logical_not) p.exprs[i].a = i;
       }},
      {"a choice that reads its own path",
       [](Plan& p) {
         for (Id i = 0; i < p.paths.size(); ++i)
           if (p.paths[i].repetition == Pick::chosen) p.exprs[p.exprs[p.paths[i].choice].a].a = i;
       }},
      {"a list past the end", [](Plan& p) { p.flows[0].body.count = 0xFFFFFFFF; }},
      {"a list from past the end", [](Plan& p) { p.flows[0].body.first = 0xFFFFFFFF; }},
      {"a step in itself",
       [](Plan& p) {
         for (Id i = 0; i < p.steps.size(); ++i)
           if (p.steps[i].op == StepOp::branch) p.lists[p.steps[i].body.first] = i;
       }},
      {"a statement in itself",
       [](Plan& p) {
         for (Id i = 0; i < p.statements.size(); ++i)
           if (p.statements[i].op == StatementOp::each) p.lists[p.statements[i].body.first] = i;
       }},
      {"a condition that is text",
       [](Plan& p) {
         for (Statement& s : p.statements)
           if (s.op == StatementOp::when) s.condition = 0;
         p.exprs[0] = {ExprOp::text, ValueType::text, false, 0, kNone, kNone, {}, kNone};
       }},
      {"an item of a redaction without place", [](Plan& p) { p.redactions[0].items[1].segment = 0; }},
      {"a hash without secret", [](Plan& p) { p.redactions[0].items[1].secret = kNone; }},
      {"a shift without key", [](Plan& p) { p.redactions[0].items[2].key_field = 0; }},
      {"layers out of order", [](Plan& p) { p.redactions[0].items[0].layer = 9; }},
      {"a redaction that is not there",
       [](Plan& p) {
         for (Step& s : p.steps)
           if (s.op == StepOp::redact) s.a = 1;
       }},
      {"an unsorted table", [](Plan& p) { std::swap(p.tables[0].cells[0], p.tables[0].cells[2]); }},
      {"a table that reloads with rows of its own",
       [](Plan& p) {
         p.tables[0].reload = TableReload::when_told;
         p.tables[0].file = 1;
       }},
      {"a table that reloads without a file",
       [](Plan& p) {
         p.tables[0].reload = TableReload::when_told;
         p.tables[0].cells.clear();
       }},
      {"half a row", [](Plan& p) { p.tables[0].cells.pop_back(); }},
      {"a column that is not there",
       [](Plan& p) {
         for (Expr& e : p.exprs)
           if (e.op == ExprOp::lookup) e.c = 2;
       }},
      {"an unknown destination",
       [](Plan& p) {
         for (Step& s : p.steps)
           if (s.op == StepOp::deliver) s.a = 99;
       }},
      {"a source that is not there", [](Plan& p) { p.lists[p.flows[0].sources.first] = 7; }},
      {"a place in no file", [](Plan& p) { p.places[0].file = 3; }},
      {"no connections", [](Plan& p) { p.destinations[0].connections = 0; }},
      {"no empty string", [](Plan& p) { p.strings[0] = "x"; }},
      {"a secret that is not there", [](Plan& p) { p.sources[0].options[1].secret = 5; }},
      {"a dedup without window",
       [](Plan& p) {
         for (Step& s : p.steps) s.window_seconds = 0;
       }},
      {"an unknown local field", [](Plan& p) { p.messages[0].segments[0].fields.count = 2; }},
      {"a reason that is not there", [](Plan& p) { p.steps[0].on_failure.reason = 9999; }},
      {"arithmetic with text",
       [](Plan& p) {
         for (Expr& e : p.exprs)
           if (e.op == ExprOp::add) e.type = ValueType::text;
       }},
  };
  for (const Damage& damage : damages) {
    Plan plan = rich_plan();
    damage.apply(plan);
    ASSERT_FALSE(plan == rich_plan()) << damage.what;
    EXPECT_EQ(code_of(read_plan(write_plan(plan))), "corrupt") << damage.what;
  }
}

TEST(PlanFile, aPlanThatWouldRunForEverIsRefused) {
  PlanBuilder b;
  Id both = b.present("PID-3");
  for (int i = 0; i < 40; ++i) both = b.both(both, both);  // 2^40 reads
  b.flow("f", b.source("s"), {b.when(both, {})});
  const auto checked = check_plan(b.plan);
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().text, HasSubstr("too big"));

  PlanBuilder deep;
  Id inner = deep.present("PID-3");
  for (int i = 0; i < 5000; ++i) inner = deep.expr(ExprOp::logical_not, ValueType::boolean, inner);
  std::reverse(deep.plan.exprs.begin(), deep.plan.exprs.end());
  for (Id i = 0; i + 1 < deep.plan.exprs.size(); ++i) deep.plan.exprs[i].a = i + 1;
  const auto refused = check_plan(deep.plan);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text, HasSubstr("too deep"));
}

TEST(DescribePlan, saysEverythingInTheWordsOfTheLanguage) {
  const std::string text = describe_plan(rich_plan());
  for (const char* line :
       {"plan of schema 3, semantics 3",
        "redaction research_use allow : lab_result",
        "  labels none, clinical keep",
        "  PID-3.1.1 hash length 20 secret key",
        "  OBR-7 shift days by key PID-3.1.2 range 365d",
        "  PID-13 mask keep shape",
        "setting port : port = 2575",
        "  host = hub.example",
        "table facilities (code, namespace), 2 rows",
        "message lab_result = hl7 2.5.1 from 2.3 ORU_R01",
        "  segment ZLR optional repeats after node 12",
        "    1 instrument : ST(20) required  phi none",
        "  require PID-3",
        "(test.route:12)",
        "  every value of PID-3[*].4.1 : value in facilities",
        "  rule \"a final result has units\" : each OBX where OBX-2 == \"NM\" : OBX-11 in (\"P\", \"F\") and OBX-6 present",
        "  table 0105 adds \"INTERNAL\"",
        "mapping normalise : lab_result",
        "  PID-5.1.1 = upper(PID-5.1.1)",
        "    PID-3[.].4.1 = facilities[PID-3[.].4.1]  else keep",
        "  delete NTE where NTE-2 == \"O\"",
        "  when not (PID-8 or \"U\") == \"M\"",
        "else reject AE \"no \\\"MR\\\" in \\{{PID-3.1}\"",
        "    PID-19 = text((1.50 + 2) * 3)",
        "retry steady: first 1s, most 5m, jitter 20 %, give up after 1d, give up after 20 attempts, unreachable give up after "
        "7s",
        "source lab = mllp, identified, ack when stored",
        "  listen \"0.0.0.0:{port}\"",
        "  tls.key secret key",
        "  tls.certificate file \"hub.pem\"",
        "  accept ORU^R01",
        "destination mercy = mllp, holds limited, order by patient, 4 connections",
        "  ack within 30s, match id prefix 20, on refusal hold key, AE is refused for good, AR is refused for now, retry "
        "steady",
        "flow results from lab",
        "  1 validate lab_result tolerant",
        "  2 dedup by MSH-3, MSH-10 within 7d",
        "  3 map normalise",
        "  4 route PV1-3.4.1",
        "    4.1 \"MERCY\", \"M2\"",
        "      4.1.1 -> mercy",
        "    4.2 otherwise",
        "      4.2.1 dead \"no hospital for {PV1-3.4.1}\"",
        "  5 branch",
        "  6 route type",
        "    6.1 ORU^R01",
        "  7 fanout",
        "  -- checkpoint: commit, then acknowledge --"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

}  // namespace
}  // namespace smarthl7::plan
