// SPDX-License-Identifier: Apache-2.0
// Evaluation of plans made by hand. What the compiler makes is tested by the golden files in tests/golden/eval.
#include "runtime/eval/evaluator.h"

#include <gmock/gmock.h>

#include <functional>

#include "compiler/plan/testing/plan_builder.h"
#include "runtime/eval/keys.h"
#include "runtime/eval/live_tables.h"

namespace smarthl7::eval {
namespace {

using plan::ExprOp;
using plan::Id;
using plan::kNone;
using plan::StatementOp;
using plan::ValueType;
using plan::testing::At;
using plan::testing::PlanBuilder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kOru =
    "MSH|^~\\&|ANALYSER|LAB|HUB|REGION|20261123101500||ORU^R01^ORU_R01|LAB0001|P|2.5.1\r"
    "PID|1||1001^^^MERCY^MR~2002^^^REGION^PI||Smith^Anna||19700101|F\r"
    "PV1|1|I|4W^401^1^MERCY\r"
    "OBR|1|||24323-8^Panel^LN\r"
    "OBX|1|NM|2345-7^Glucose^LN||05.40|mmol/L|||||F\r"
    "OBX|2|ST|1234-5^Note^LN||clear \\T\\ bright||||||P\r"
    "NTE|1|L|kept\r"
    "NTE|2|O|internal\r"
    "OBR|2|||24324-6^Other^LN\r"
    "OBX|1|NM|2951-2^Sodium^LN||n/a|mmol/L|||||F\r";

struct Run {
  std::shared_ptr<const BoundPlan> bound;
  std::unique_ptr<Evaluator> evaluator;
  hl7::Message message;
  Effects effects;
};

Bindings bindings() {
  Bindings result;
  for (std::size_t i = 0; i < result.hash_key.size(); ++i) result.hash_key[i] = static_cast<unsigned char>(i);
  return result;
}

Effects run(const PlanBuilder& builder, std::string_view text = kOru, Id source = 0) {
  auto bound = bind(builder.plan, {}, bindings());
  EXPECT_TRUE(bound) << bound.error().describe();
  if (!bound) return {};
  auto message = hl7::Message::parse(text);
  EXPECT_TRUE(message);
  return make_evaluator(*bound)->evaluate(source, *message);
}

std::string body_text(const std::optional<SharedBytes>& body, std::string_view otherwise = "-") {
  return std::string(body ? body->view() : otherwise);
}

/// The message that a mapping with these statements makes of a text; "reject: ..." or "dead: ..." if it does not.
std::string mapped(PlanBuilder& b, const std::vector<Id>& statements, std::string_view text = kOru, Id profile = kNone) {
  const Id source = b.source("lab");
  b.flow("f", source, {b.map(b.mapping("m", statements, profile)), b.deliver(b.destination("out"))}, profile);
  const Effects effects = run(b, text);
  if (effects.verdict != Verdict::accept) {
    const std::string where = effects.findings.empty()
                                  ? ""
                                  : effects.findings[0].segment_name + "-" + std::to_string(effects.findings[0].location.field);
    return "reject: " + effects.reason + " at " + where;
  }
  const FlowEffects& flow = effects.flows.at(0);
  if (!flow.endings.empty()) return (flow.endings[0].dead ? "dead: " : "drop: ") + flow.endings[0].reason;
  return body_text(flow.deliveries.at(0).body, "as received");
}

/// kOru with one text replaced by another.
std::string oru_with(std::string_view what, std::string_view with) {
  std::string text = kOru;
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

bool holds(PlanBuilder& b, Id condition, std::string_view text = kOru) {
  const Id source = b.source("lab");
  const Id yes = b.destination("yes");
  const Id no = b.destination("no");
  b.flow("f", source, {b.when(condition, {b.deliver(yes)}, {b.deliver(no)})});
  const Effects effects = run(b, text);
  return effects.flows.at(0).deliveries.at(0).destination == yes;
}

// ---- values -----------------------------------------------------------------------------------------------------------------

TEST(Conditions, absentAndNullAreDifferentAndNeitherIsPresent) {
  struct Case {
    const char* gender;
    bool present, absent, null;
  };
  for (const Case& c : {Case{"F", true, false, false}, Case{"", false, true, false}, Case{"\"\"", false, false, true}}) {
    const std::string text = oru_with("|19700101|F", std::string("|19700101|") + c.gender);
    for (const auto& [op, expected] :
         {std::pair{ExprOp::present, c.present}, {ExprOp::is_absent, c.absent}, {ExprOp::is_null, c.null}}) {
      PlanBuilder b;
      EXPECT_EQ(holds(b, b.expr(op, ValueType::boolean, b.path("PID-8")), text), expected) << c.gender;
    }
  }
}

TEST(Conditions, anAbsentValueEqualsNothing) {
  const std::string none = oru_with("|19700101|F", "|19700101|");
  PlanBuilder equal;
  EXPECT_FALSE(holds(equal, equal.is("PID-8", "F"), none));
  PlanBuilder unequal;
  EXPECT_TRUE(
      holds(unequal, unequal.expr(ExprOp::not_equal, ValueType::boolean, unequal.read("PID-8"), unequal.literal("F")), none));
  PlanBuilder both;
  EXPECT_FALSE(holds(both, both.equal(both.read("PID-8"), both.read("PID-9")), none)) << "two absent identifiers are no match";
  PlanBuilder either;
  EXPECT_TRUE(holds(either,
                    either.equal(either.expr(ExprOp::either, ValueType::text, either.read("PID-8"), either.literal("U")),
                                 either.literal("U")),
                    none));
  PlanBuilder call;
  EXPECT_FALSE(holds(call, call.call("contains", ValueType::boolean, {call.read("PID-8"), call.literal("")}), none));
  PlanBuilder order;
  EXPECT_FALSE(holds(order,
                     order.expr(ExprOp::less, ValueType::boolean,
                                order.call("number", ValueType::number, {order.read("PID-8")}), order.number("5")),
                     none));
}

TEST(Conditions, speakOfAllOccurrencesOrOfOne) {
  const auto finals = [](PlanBuilder& b, ExprOp op) {
    return b.expr(op, ValueType::boolean, b.path("OBX[*]-11"), b.equal(b.expr(ExprOp::value, ValueType::text), b.literal("F")));
  };
  PlanBuilder every;
  EXPECT_FALSE(holds(every, finals(every, ExprOp::every_value)));
  PlanBuilder any;
  EXPECT_TRUE(holds(any, finals(any, ExprOp::any_value)));
  PlanBuilder there;
  EXPECT_TRUE(holds(there, finals(there, ExprOp::every_value), oru_with("||||||P\r", "||||||\r")))
      << "an empty field is no value";
  PlanBuilder scope;
  const Id units = scope.expr(ExprOp::every_scope, ValueType::boolean,
                              scope.scope_segment("OBX", scope.is("OBX[.]-2", "NM", {1})), scope.present("OBX[.]-6", {1}));
  EXPECT_TRUE(holds(scope, units));
  PlanBuilder last;
  EXPECT_TRUE(holds(last, last.is("OBX[last]-3.1", "2951-2")));
  PlanBuilder third;
  EXPECT_TRUE(holds(third, third.is("OBX[3]-3.1", "2951-2")));
  PlanBuilder fourth;
  EXPECT_FALSE(holds(fourth, fourth.present("OBX[4]-3.1")));
}

TEST(Conditions, compareNumbersByValueAndTextsWhole) {
  PlanBuilder number;
  EXPECT_TRUE(
      holds(number, number.equal(number.call("number", ValueType::number, {number.read("OBX[1]-5")}), number.number("5.4"))));
  PlanBuilder greater;
  EXPECT_TRUE(holds(
      greater, greater.expr(ExprOp::greater, ValueType::boolean,
                            greater.call("number", ValueType::number, {greater.read("OBX[1]-5")}), greater.number("5.39"))));
  PlanBuilder whole;
  EXPECT_FALSE(holds(whole, whole.expr(ExprOp::matches, ValueType::boolean, whole.read("PID-3.1"), whole.text("[0-9]{3}"))));
  PlanBuilder all;
  EXPECT_TRUE(holds(all, all.expr(ExprOp::matches, ValueType::boolean, all.read("PID-3.1"), all.text("[0-9]{4}"))));
  PlanBuilder escaped;
  EXPECT_TRUE(holds(escaped, escaped.is("OBX[2]-5", "clear & bright")));
  PlanBuilder raw;
  EXPECT_TRUE(holds(
      raw, raw.equal(raw.expr(ExprOp::read_raw, ValueType::text, raw.path("OBX[2]-5")), raw.literal("clear \\T\\ bright"))));
}

// ---- mappings
// -----------------------------------------------------------------------------------------------------------------

TEST(Mapping, changesWhatItAssignsAndNothingElse) {
  PlanBuilder b;
  const Id upper = b.call("upper", ValueType::text, {b.read("PID-5.1.1")});
  EXPECT_EQ(mapped(b, {b.assign("PID-5.1.1", upper)}), oru_with("Smith", "SMITH"));
}

TEST(Mapping, anUnchangedMessageHasNoBodyOfItsOwn) {
  PlanBuilder b;
  EXPECT_EQ(mapped(b, {b.assign("PID-8", b.read("PID-8"))}), "as received");
}

TEST(Mapping, readsSeeTheInputWhateverTheOrder) {
  PlanBuilder b;
  EXPECT_EQ(mapped(b, {b.assign("PID-5.1", b.read("PID-5.2")), b.assign("PID-5.2", b.read("PID-5.1"))}),
            oru_with("Smith^Anna", "Anna^Smith"));
}

TEST(Mapping, failedStatementsDoWhatTheirElseSays) {
  const auto numeric = [](PlanBuilder& b, plan::Else on_failure) {
    const Id number = b.call("number", ValueType::number, {b.read("OBX[.]-5", {1})});
    return b.each(b.scope_segment("OBX", b.is("OBX[.]-2", "NM", {1})),
                  {b.assign("OBX[.]-5", b.expr(ExprOp::add, ValueType::number, number, b.number("1")), on_failure, {1})});
  };
  PlanBuilder keep;
  EXPECT_EQ(mapped(keep, {numeric(keep, PlanBuilder::keep())}), oru_with("05.40", "6.40"));
  PlanBuilder reject;
  EXPECT_EQ(mapped(reject, {numeric(reject, PlanBuilder::reject(reject.literal("no number")))}), "reject: no number at OBX-5");
  PlanBuilder dead;
  EXPECT_EQ(
      mapped(dead, {numeric(dead, PlanBuilder::dead_letter(dead.reason({dead.literal("value "), dead.read("OBX[.]-5", {1}),
                                                                        dead.literal(" of "), dead.read("PID-19")})))}),
      "dead: value n/a of -");
  PlanBuilder value;
  plan::Else instead{plan::ElseKind::value, kNone, kNone, value.literal("?")};
  EXPECT_EQ(mapped(value, {numeric(value, instead)}), [] {
    std::string text = oru_with("05.40", "6.40");
    return text.replace(text.find("n/a"), 3, "?");
  }());
  PlanBuilder none;
  EXPECT_THAT(mapped(none, {numeric(none, {})}), ::testing::StartsWith("reject: "))
      << "a plan without else still loses nothing";
}

TEST(Mapping, looksUpEachRepetition) {
  const auto normalise = [](PlanBuilder& b, plan::Else on_failure) {
    const Id table = b.table("facilities", {"code", "oid"}, {{"MERCY", "1.2.3"}, {"REGION", "1.2&4"}});
    return b.each(b.scope_repetition("PID-3"),
                  {b.assign("PID-3[.].4.1", b.lookup(table, b.read("PID-3[.].4.1", {1})), on_failure, {1})});
  };
  PlanBuilder b;
  EXPECT_EQ(mapped(b, {normalise(b, PlanBuilder::reject())}),
            oru_with("1001^^^MERCY^MR~2002^^^REGION^PI", "1001^^^1.2.3^MR~2002^^^1.2\\T\\4^PI"));
  PlanBuilder unknown;
  EXPECT_EQ(mapped(unknown, {normalise(unknown, PlanBuilder::reject(unknown.literal("unknown facility")))},
                   oru_with("REGION^PI", "MARS^PI")),
            "reject: unknown facility at PID-3");
  PlanBuilder absent;
  EXPECT_EQ(mapped(absent, {normalise(absent, PlanBuilder::reject(absent.literal("no facility")))},
                   oru_with("^^^REGION^PI", "^^^^PI")),
            "reject: no facility at PID-3");
}

std::shared_ptr<TableVersion> rows_of(const std::vector<std::vector<std::string_view>>& rows, unsigned char version) {
  tables::TableBuilder builder(2, 1, 0);
  for (const auto& row : rows) EXPECT_TRUE(builder.add(row));
  auto made = std::make_shared<TableVersion>();
  made->rows = *builder.finish();
  made->digest[7] = version;
  made->since = WallTime(std::chrono::seconds(version));
  return made;
}

TEST(Mapping, aTableThatReloadsIsReadInOneVersionWhichIsNamed) {
  PlanBuilder b;
  const Id table = b.table("facilities", {"code", "oid"}, {});
  b.plan.tables[table].reload = plan::TableReload::when_changed;
  b.plan.tables[table].file = b.text("facilities.csv");
  const Id other = b.table("others", {"code", "oid"}, {});
  b.plan.tables[other].reload = plan::TableReload::when_told;
  b.plan.tables[other].file = b.text("others.csv");
  const Id each = b.each(b.scope_repetition("PID-3"), {b.assign("PID-3[.].4.1", b.lookup(table, b.read("PID-3[.].4.1", {1})),
                                                                PlanBuilder::reject(b.literal("unknown")), {1})});
  const Id source = b.source("lab");
  b.flow("f", source, {b.map(b.mapping("m", {each})), b.deliver(b.destination("out"))});
  EXPECT_FALSE(bind(b.plan, {}, bindings())) << "its rows are not in the plan";
  Bindings given = bindings();
  given.tables["facilities"] = rows_of({{"MERCY", "1"}, {"REGION", "1"}}, 7);
  given.tables["others"] = rows_of({}, 8);
  auto bound = bind(b.plan, {}, given);
  ASSERT_TRUE(bound) << bound.error().describe();
  auto message = hl7::Message::parse(kOru);
  const auto evaluator = make_evaluator(*bound);
  const Effects& effects = evaluator->evaluate(0, *message);
  EXPECT_THAT(body_text(effects.flows.at(0).deliveries.at(0).body), ::testing::HasSubstr("1001^^^1^MR~2002^^^1^PI"));
  ASSERT_THAT(effects.tables, SizeIs(1)) << "the table that was read, once, and not the other one";
  EXPECT_EQ(effects.tables[0].table, table);
  EXPECT_EQ(effects.tables[0].version, 7U);
  EXPECT_EQ(effects.tables[0].since, WallTime(std::chrono::seconds(7)));
  (*bound)->live_tables().replace(table, rows_of({{"MERCY", "2"}}, 9));
  EXPECT_TRUE((*bound)->live_tables().settle()) << "the verdict left the old version";
  const Effects& rejected = evaluator->evaluate(0, *message);
  EXPECT_EQ(rejected.verdict, Verdict::reject_error);
  ASSERT_THAT(rejected.tables, SizeIs(1)) << "a reject tells too what it was looked up in";
  EXPECT_EQ(rejected.tables[0].version, 9U);
}

TEST(Mapping, aRepetitionChosenByWhatItHoldsMustBeTheOnlyOne) {
  const auto choose = [](PlanBuilder& b, const char* type) {
    const Id id = b.read("PID-3[?].1", {0, plan::kNoNode, plan::kNoNode, b.is("PID-3[.].5", type, {1})});
    return b.assign("PID-18.1", id, PlanBuilder::reject(b.literal("not one")));
  };
  PlanBuilder one;
  EXPECT_EQ(mapped(one, {choose(one, "PI")}), oru_with("|19700101|F\r", "|19700101|F||||||||||2002\r"));
  PlanBuilder none;
  EXPECT_EQ(mapped(none, {choose(none, "SS")}), "reject: not one at PID-18");
  PlanBuilder two;
  EXPECT_EQ(mapped(two, {choose(two, "MR")}, oru_with("REGION^PI", "REGION^MR")), "reject: not one at PID-18");
}

TEST(Mapping, nullAbsentAndEmptyAreThreeThings) {
  PlanBuilder null;
  plan::Statement s;
  s.op = StatementOp::assign_null;
  s.target = null.path("PID-8");
  EXPECT_EQ(mapped(null, {null.statement(s)}), oru_with("|19700101|F", "|19700101|\"\""));
  PlanBuilder absent;
  EXPECT_EQ(mapped(absent, {absent.assign("PID-8", absent.read("PID-9"))}), oru_with("|19700101|F", "|19700101|"));
  PlanBuilder empty;
  EXPECT_EQ(mapped(empty, {empty.assign("PID-8", empty.literal(""))}), oru_with("|19700101|F", "|19700101|"));
  PlanBuilder copy;
  plan::Statement c;
  c.op = StatementOp::copy;
  c.target = copy.path("PID-9[]");
  c.value = copy.path("PID-8[]");
  EXPECT_EQ(mapped(copy, {copy.statement(c)}, oru_with("|19700101|F", "|19700101|\"\"")),
            oru_with("|19700101|F", "|19700101|\"\"|\"\""))
      << "copying keeps null";
}

TEST(Mapping, deletesSegmentsFieldsAndRepetitions) {
  PlanBuilder notes;
  plan::Statement s;
  s.op = StatementOp::remove_segments;
  s.scope = notes.scope_segment("NTE", notes.is("NTE[.]-2", "O", {1}));
  EXPECT_EQ(mapped(notes, {notes.statement(s)}), oru_with("NTE|2|O|internal\r", ""));
  PlanBuilder repetition;
  plan::Statement r;
  r.op = StatementOp::remove;
  r.target = repetition.path("PID-3[1]");
  EXPECT_EQ(mapped(repetition, {repetition.statement(r)}), oru_with("1001^^^MERCY^MR~", ""));
  PlanBuilder field;
  plan::Statement f;
  f.op = StatementOp::remove;
  f.target = field.path("PID-3[]");
  EXPECT_EQ(mapped(field, {field.statement(f)}), oru_with("1001^^^MERCY^MR~2002^^^REGION^PI", ""));
  PlanBuilder missing;
  plan::Statement m;
  m.op = StatementOp::remove;
  m.target = missing.path("PD1-3");
  EXPECT_EQ(mapped(missing, {missing.statement(m)}), "as received");
}

TEST(Mapping, insertsASegmentWithItsFields) {
  PlanBuilder b;
  plan::Statement s;
  s.op = StatementOp::insert;
  s.target = b.path("NTE");
  s.value = b.path("OBX[last]");
  const plan::Id number = b.assign("NTE[.]-1", b.literal("1"), {}, {1});
  const plan::Id text = b.assign("NTE[.]-3", b.read("PID-5.1"), {}, {1});
  for (const plan::Id made : {number, text}) b.plan.statements[made].made = true;
  s.body = b.list({number, text});
  EXPECT_EQ(mapped(b, {b.statement(s)}), std::string(kOru) + "NTE|1||Smith\r");
}

TEST(Mapping, aSegmentThatIsNotThereCannotBeAssigned) {
  PlanBuilder b;
  EXPECT_EQ(mapped(b, {b.assign("PD1-3", b.literal("x"), PlanBuilder::reject(b.literal("no PD1")))}),
            "reject: no PD1 at PD1-0");
}

TEST(Mapping, twoWritesToOnePlaceEndInARejectAndNotInAnAssertion) {
  PlanBuilder b;
  EXPECT_THAT(mapped(b, {b.assign("PID-3[2].1", b.literal("x")), b.assign("PID-3[last].1", b.literal("y"))}),
              ::testing::StartsWith("reject: cannot be mapped"));
  PlanBuilder part;
  EXPECT_THAT(mapped(part, {part.assign("PID-3[2]", part.literal("x")), part.assign("PID-3[last].1", part.literal("y"))}),
              ::testing::StartsWith("reject: "));
  PlanBuilder header;
  EXPECT_THAT(mapped(header, {header.assign("MSH-2", header.literal("x"))}), ::testing::StartsWith("reject: "));
}

TEST(Mapping, textIsEncodedForTheMessageAtHand) {
  PlanBuilder b;
  EXPECT_EQ(mapped(b, {b.assign("PID-5.1.1", b.literal("A|B^C&D~E\\F"))}),
            oru_with("Smith", "A\\F\\B\\S\\C\\T\\D\\R\\E\\E\\F"));
  PlanBuilder other;
  std::string text = oru_with("clear \\T\\ bright", "plain");
  for (char& c : text) c = c == '^' ? '!' : c;
  EXPECT_THAT(mapped(other, {other.assign("PID-5.1.1", other.literal("A!B^C"))}, text), ::testing::HasSubstr("A\\S\\B^C!Anna"));
}

TEST(Mapping, settingsAndArithmetic) {
  PlanBuilder b;
  const Id site = b.setting("site", "text", "NORTH");
  const Id sum = b.expr(ExprOp::divide, ValueType::number, b.number("1"), b.number("3"));
  EXPECT_EQ(mapped(b, {b.assign("PID-8", b.expr(ExprOp::setting, ValueType::text, site)),
                       b.assign("PID-9", b.call("round", ValueType::number, {sum, b.number("2")}))}),
            oru_with("|19700101|F", "|19700101|NORTH|0.33"));
  PlanBuilder zero;
  EXPECT_EQ(mapped(zero, {zero.assign("PID-9", zero.expr(ExprOp::divide, ValueType::number, zero.number("1"), zero.number("0")),
                                      PlanBuilder::reject(zero.literal("by zero")))}),
            "reject: by zero at PID-9");
}

// ---- groups
// ---------------------------------------------------------------------------------------------------------------------

std::uint16_t node_of(std::string_view name, std::string_view parent = {}) {
  const hl7::Structure structure = hl7::find_version("2.5.1").version.structure("ORU_R01");
  for (hl7::NodeIndex i = 0; i < structure.node_count(); ++i) {
    if (structure.node(i).name() == name && (parent.empty() || structure.node(i).parent().name() == parent)) return i;
  }
  ADD_FAILURE() << name;
  return 0;
}

TEST(Groups, aSegmentOfAnEnclosingGroupIsThatOfTheFrame) {
  // each OBX: its own group's OBR, not the first of the message.
  PlanBuilder b;
  const Id profile = b.message("oru", "2.5.1", "ORU_R01");
  const std::uint16_t order = node_of("ORDER_OBSERVATION");
  const std::uint16_t obx = node_of("OBX", "OBSERVATION");
  const Id code = b.read("OBR-4.1", {1, order, node_of("OBR")});
  const std::string result =
      mapped(b, {b.each(b.scope_segment("OBX", kNone, 0, obx), {b.assign("OBX[.]-4", code, {}, {1})})}, kOru, profile);
  EXPECT_THAT(result, ::testing::HasSubstr("Glucose^LN|24323-8|05.40"));
  EXPECT_THAT(result, ::testing::HasSubstr("Note^LN|24323-8|clear"));
  EXPECT_THAT(result, ::testing::HasSubstr("Sodium^LN|24324-6|n/a"));
}

TEST(Groups, aGroupIsAFrame) {
  PlanBuilder b;
  const Id profile = b.message("oru", "2.5.1", "ORU_R01");
  const Id scope = b.scope_group("ORDER_OBSERVATION", node_of("ORDER_OBSERVATION"));
  const Id last = b.read("OBX[last]-3.1", {1});
  const std::string result = mapped(b, {b.each(scope, {b.assign("OBR-18", last, {}, {1})})}, kOru, profile);
  EXPECT_THAT(result, ::testing::HasSubstr("Panel^LN||||||||||||||1234-5\r"));
  EXPECT_THAT(result, ::testing::HasSubstr("Other^LN||||||||||||||2951-2\r"));
}

// ---- validation
// -----------------------------------------------------------------------------------------------------------------

struct Validation {
  Effects effects;
  std::vector<std::string> findings;
};

/// kOru without the result that is no number.
std::string valid_with(std::string_view what, std::string_view with) {
  std::string text = oru_with("||n/a|", "||140|");
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

Validation validated(PlanBuilder& b, const std::function<void(plan::Message&)>& agree,
                     const std::string& text = valid_with("140", "140")) {
  const Id profile = b.message("oru", "2.5.1", "ORU_R01");
  agree(b.plan.messages[profile]);
  b.flow("f", b.source("lab"), {b.validate(profile, PlanBuilder::reject()), b.deliver(b.destination("out"))});
  Validation result{run(b, text), {}};
  for (const hl7::Finding& f : result.effects.findings) {
    if (f.severity != hl7::Severity::error) continue;
    result.findings.push_back(f.segment_name + "[" + std::to_string(f.sequence) + "]-" + std::to_string(f.location.field) +
                              "." + std::to_string(f.location.component) + " " + std::to_string(f.code) + " " + f.text);
  }
  return result;
}

void nothing_more(plan::Message&) {}

TEST(Validate, acceptsWhatFits) {
  PlanBuilder b;
  const Validation v = validated(b, nothing_more);
  EXPECT_EQ(v.effects.verdict, Verdict::accept) << ::testing::PrintToString(v.findings);
  EXPECT_THAT(v.effects.flows, SizeIs(1));
}

TEST(Validate, requiresSpeakOfEverySegmentThatIsThere) {
  PlanBuilder b;
  const Validation v = validated(b, [&](plan::Message& m) {
    m.rules = {{plan::RuleKind::require, b.path("OBX[*]-6"), kNone, 0, kNone},
               {plan::RuleKind::require, b.path("PID-3[*].4"), kNone, 0, kNone},
               {plan::RuleKind::require, b.path("PD1-4"), kNone, 0, kNone}};
  });
  EXPECT_EQ(v.effects.verdict, Verdict::reject_error);
  EXPECT_EQ(v.effects.reason, "not a valid oru: 2 errors");
  EXPECT_THAT(v.findings, ElementsAre("OBX[2]-6.0 101 OBX[*]-6 is required", "PD1[0]-0.0 101 PD1-4 is required"));
  EXPECT_THAT(v.effects.flows, IsEmpty());
}

TEST(Validate, conditionsPointAtTheValueThatFails) {
  PlanBuilder b;
  const Validation v = validated(b, [&](plan::Message& m) {
    const Id value = b.expr(ExprOp::value, ValueType::text);
    const Id known = b.list_expr(ExprOp::in_list, ValueType::boolean, value, {b.literal("MERCY"), b.literal("STJOHN")});
    m.rules = {{plan::RuleKind::condition, kNone,
                b.expr(ExprOp::every_value, ValueType::boolean, b.path("PID-3[*].4.1"), known),
                b.text("PID-3.4.1 in MERCY, STJOHN"), kNone}};
  });
  EXPECT_THAT(v.findings, ElementsAre("PID[1]-3.4 103 PID-3.4.1 in MERCY, STJOHN"));
  EXPECT_EQ(v.effects.findings.back().location.repetition, 2);
}

TEST(Validate, rulesPointAtTheSegmentThatBreaksThem) {
  PlanBuilder b;
  const Validation v = validated(b, [&](plan::Message& m) {
    const Id body = b.present("OBX[.]-8", {1});
    const Id rule = b.expr(ExprOp::every_scope, ValueType::boolean, b.scope_segment("OBX", b.is("OBX[.]-2", "NM", {1})), body);
    m.rules = {{plan::RuleKind::rule, kNone, rule, b.text("numeric results have flags"), kNone}};
  });
  EXPECT_THAT(v.findings,
              ElementsAre("OBX[1]-8.0 101 numeric results have flags", "OBX[3]-8.0 101 numeric results have flags"));
}

TEST(Validate, cardinalitiesAndLocalSegments) {
  PlanBuilder b;
  const auto agree = [&](plan::Message& m) {
    m.cardinalities = {{node_of("VISIT"), 1, 1}};
    b.plan.local_fields = {{1, b.text("instrument"), b.text("ST"), 20, true, false, b.text("none")}};
    m.segments = {{b.text("ZLR"), node_of("OBR"), false, false, {0, 1}}};
  };
  const Validation without = validated(b, agree, valid_with("PV1|1|I|4W^401^1^MERCY\r", ""));
  EXPECT_THAT(without.findings, ElementsAre("PV1[1]-0.0 100 VISIT is required"));
  PlanBuilder c;
  std::swap(b, c);
  const Validation local = validated(b, agree, valid_with("Panel^LN\r", "Panel^LN\rZLR|\r"));
  ASSERT_THAT(local.findings, SizeIs(1));
  EXPECT_THAT(local.findings[0], ::testing::StartsWith("ZLR[1]-1.0 101"));
}

TEST(Validate, olderVersionsInTheWindow) {
  const std::string older = valid_with("|P|2.5.1", "|P|2.3");
  PlanBuilder strict;
  EXPECT_THAT(validated(strict, nothing_more, older).findings, ElementsAre(::testing::StartsWith("MSH[1]-12.0 203")));
  PlanBuilder window;
  EXPECT_THAT(validated(window, [&](plan::Message& m) { m.from_version = window.text("2.3"); }, older).findings, IsEmpty());
}

TEST(Validate, tolerantAndContinueCountAndGoOn) {
  for (const bool tolerant : {true, false}) {
    PlanBuilder b;
    const Id profile = b.message("oru", "2.5.1", "ORU_R01");
    const Id step = b.validate(profile, {tolerant ? plan::ElseKind::none : plan::ElseKind::proceed, kNone, kNone, kNone});
    b.plan.steps[step].tolerant = tolerant;
    b.flow("f", b.source("lab"), {step, b.deliver(b.destination("out"))});
    const Effects effects = run(b, valid_with("PID|1||1001^^^MERCY^MR~2002^^^REGION^PI|", "PID|1|||"));
    EXPECT_EQ(effects.verdict, Verdict::accept);
    EXPECT_GE(effects.flows.at(0).findings, 1U);
    EXPECT_THAT(effects.flows.at(0).deliveries, SizeIs(1));
  }
}

// ---- flows
// --------------------------------------------------------------------------------------------------------------------

std::vector<std::string> where_to(const PlanBuilder& b, const FlowEffects& flow) {
  std::vector<std::string> names;
  for (const Delivery& d : flow.deliveries) names.push_back(b.plan.text(b.plan.destinations[d.destination].name));
  for (const Ending& e : flow.endings) names.push_back((e.dead ? "dead: " : "drop: ") + e.reason);
  return names;
}

TEST(Flow, routesByValueAndSaysWhyNot) {
  const auto routed = [](std::string_view text) {
    PlanBuilder b;
    const Id mercy = b.destination("mercy");
    const Id john = b.destination("john");
    const Id archive = b.destination("archive");
    const Id why = b.reason({b.literal("no hospital for '"), b.read("PV1-3.4.1"), b.literal("'")});
    const Id route =
        b.route(b.read("PV1-3.4.1"), {b.arm({b.literal("MERCY"), b.literal("M2")}, {b.deliver(mercy)}),
                                      b.arm({b.literal("JOHN")}, {b.deliver(john)}), b.arm_otherwise({b.dead(why)})});
    b.flow("f", b.source("lab"), {route, b.deliver(archive)});
    return where_to(b, run(b, text).flows.at(0));
  };
  EXPECT_THAT(routed(kOru), ElementsAre("mercy", "archive"));
  EXPECT_THAT(routed(oru_with("^1^MERCY", "^1^JOHN")), ElementsAre("john", "archive"));
  EXPECT_THAT(routed(oru_with("^1^MERCY", "^1^X")), ElementsAre("dead: no hospital for 'X'")) << "a dead letter ends the line";
  EXPECT_THAT(routed(oru_with("^1^MERCY", "")), ElementsAre("dead: no hospital for '-'"));
}

TEST(Flow, routesByTypeAndFansOut) {
  PlanBuilder b;
  const Id a = b.destination("a");
  const Id c = b.destination("c");
  const Id d = b.destination("d");
  const Id by_type = b.route_type({b.arm({b.text("ADT^A01")}, {b.deliver(d)}), b.arm({b.text("ORU_R01")}, {b.deliver(a)})});
  const Id fan = b.fanout({b.arm_when(b.is("PID-8", "F"), {b.deliver(a)}), b.arm_when(b.is("PV1-2", "I"), {b.deliver(c)}),
                           b.arm_otherwise({b.deliver(d)})});
  const Id none = b.fanout({b.arm_when(b.is("PID-8", "M"), {b.deliver(a)}), b.arm_otherwise({b.deliver(d)})});
  b.flow("f", b.source("lab"), {by_type, fan, none});
  EXPECT_THAT(where_to(b, run(b).flows.at(0)), ElementsAre("a", "a", "c", "d"));
}

TEST(Flow, aBranchDoesNotTouchTheMainLine) {
  PlanBuilder b;
  const Id a = b.destination("a");
  const Id c = b.destination("c");
  const Id change = b.map(b.mapping("m", {b.assign("PID-8", b.literal("U"))}));
  b.flow("f", b.source("lab"), {b.branch({change, b.deliver(a), b.drop(b.literal("done"))}), b.deliver(c)});
  const Effects effects = run(b);
  const FlowEffects& flow = effects.flows.at(0);
  ASSERT_THAT(flow.deliveries, SizeIs(2));
  EXPECT_EQ(body_text(flow.deliveries[0].body), oru_with("|19700101|F", "|19700101|U"));
  EXPECT_FALSE(flow.deliveries[1].body);
  ASSERT_TRUE(flow.endings.at(0).body);
  EXPECT_TRUE(flow.endings.at(0).body->same_as(*flow.deliveries[0].body)) << "one message, not copied";
}

TEST(Flow, stepsAfterAMappingSeeItsResult) {
  PlanBuilder b;
  const Id a = b.destination("a");
  const Id c = b.destination("c");
  const Id change = b.map(b.mapping("m", {b.assign("PV1-3.4.1", b.literal("JOHN"))}));
  b.flow("f", b.source("lab"), {change, b.when(b.is("PV1-3.4.1", "JOHN"), {b.deliver(a)}, {b.deliver(c)})});
  EXPECT_THAT(where_to(b, run(b).flows.at(0)), ElementsAre("a"));
}

TEST(Flow, oneRejectingFlowTakesAllWithIt) {
  PlanBuilder b;
  const Id source = b.source("lab");
  const Id out = b.destination("out");
  b.flow("good", source, {b.deliver(out)});
  b.flow("bad", source,
         {b.deliver(out), b.map(b.mapping("m", {b.assign("PD1-3", b.literal("x"),
                                                         {plan::ElseKind::reject, b.literal("go away"), kNone, kNone})}))});
  const Effects effects = run(b);
  EXPECT_EQ(effects.verdict, Verdict::reject);
  EXPECT_EQ(effects.reason, "go away");
  EXPECT_THAT(effects.flows, IsEmpty());
}

TEST(Flow, aFailureAfterTheAnswerIsADeadLetter) {
  PlanBuilder b;
  const Id out = b.destination("out");
  const Id bad = b.map(b.mapping("m", {b.assign("PD1-3", b.literal("x"), PlanBuilder::reject(b.literal("why")))}));
  b.flow("f", b.source("lab"), {b.branch({bad, b.deliver(out)}), b.deliver(out)});
  EXPECT_THAT(where_to(b, run(b).flows.at(0)), ElementsAre("out", "dead: why"));
}

TEST(Flow, theSourceTakesOnlyWhatItLists) {
  const auto answer = [](std::string_view text) {
    PlanBuilder b;
    const Id source = b.source("lab");
    b.plan.sources[source].accepts = {{b.text("ADT"), b.text("A01"), 0}, {b.text("ORU"), b.text("R01"), b.text("ORU_R01")}};
    b.flow("f", source, {b.deliver(b.destination("out"))});
    const Effects effects = run(b, text);
    return effects.verdict == Verdict::accept
               ? 0
               : static_cast<int>(effects.findings.at(0).code) + (effects.verdict == Verdict::reject ? 0 : 1000);
  };
  EXPECT_EQ(answer(kOru), 0);
  EXPECT_EQ(answer(oru_with("ORU^R01^ORU_R01", "ORU^R01")), 0) << "the event's structure stands in table 0354";
  EXPECT_EQ(answer(oru_with("ORU^R01^ORU_R01", "ORM^O01")), 200);
  EXPECT_EQ(answer(oru_with("ORU^R01^ORU_R01", "ADT^A04^ADT_A01")), 201);
  EXPECT_EQ(answer(oru_with("ORU^R01^ORU_R01", "")), 200);
}

// ---- keys
// ---------------------------------------------------------------------------------------------------------------------

TEST(Keys, dedupKnowsTheSameMessageSentAgain) {
  PlanBuilder b;
  b.flow("f", b.source("lab"), {b.dedup({b.read("MSH-3"), b.read("MSH-10")}, 604800), b.deliver(b.destination("out"))});
  const auto dedup = [&](std::string_view text) { return run(b, text).flows.at(0).dedup; };
  const auto first = dedup(kOru);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->window_seconds, 604800U);
  const auto again = dedup(oru_with("20261123101500", "20261123101733"));
  EXPECT_EQ(again->key, first->key);
  EXPECT_EQ(again->content, first->content) << "MSH-7 does not count";
  EXPECT_EQ(dedup(oru_with("|P|2.5.1", "|P|2.5.1|77"))->key, first->key);
  EXPECT_NE(dedup(oru_with("05.40", "05.41"))->content, first->content);
  EXPECT_NE(dedup(oru_with("LAB0001", "LAB0002"))->key, first->key);
  EXPECT_NE(dedup(oru_with("ANALYSER|LAB|HUB|REGION|20261123101500||ORU^R01^ORU_R01|LAB0001",
                           "ANALYSERLAB|LAB|HUB|REGION|20261123101500||ORU^R01^ORU_R01|0001"))
                ->key,
            first->key);
  const Effects absent = run(b, oru_with("|LAB0001|", "||"));
  EXPECT_FALSE(absent.flows.at(0).dedup);
  EXPECT_TRUE(absent.flows.at(0).dedup_key_absent);
}

std::vector<std::uint64_t> patient_keys(std::string_view text) {
  PlanBuilder b;
  b.flow("f", b.source("lab"), {b.deliver(b.destination("out", plan::Order::patient))});
  return run(b, text).flows.at(0).deliveries.at(0).keys;
}

TEST(Keys, orderByPatientTakesEveryIdentifier) {
  const auto two = patient_keys(kOru);
  EXPECT_THAT(two, SizeIs(2));
  EXPECT_TRUE(std::ranges::is_sorted(two));
  const auto one = patient_keys(oru_with("~2002^^^REGION^PI", ""));
  ASSERT_THAT(one, SizeIs(1));
  EXPECT_TRUE(std::ranges::find(two, one[0]) != two.end());
  EXPECT_NE(patient_keys(oru_with("1001^^^MERCY^MR~2002^^^REGION^PI", "1001^^^JOHN^MR")), one)
      << "another authority's number is another patient";
  EXPECT_THAT(patient_keys(oru_with("PID|1||", "PID|1|77|")), SizeIs(3));
  const auto nobody = patient_keys(oru_with("1001^^^MERCY^MR~2002^^^REGION^PI", ""));
  EXPECT_THAT(nobody, SizeIs(1)) << "messages of nobody keep their order";
}

TEST(Keys, mergesConcernEveryIdentifierOfPidAndMrg) {
  const auto merge = [](const char* event) {
    return patient_keys(std::string("MSH|^~\\&|A|B|C|D|2026||ADT^") + event +
                        "|1|P|2.5.1\rPID|1||1^^^M~2^^^M\rMRG|3^^^M~4^^^M||5^^^M|6\rPID|2||7^^^M\rMRG|8^^^M\r");
  };
  EXPECT_THAT(merge("A40"), SizeIs(8));
  EXPECT_THAT(merge("A08"), SizeIs(6)) << "MRG-1 only";
}

/// HL7 2.8.2 chapter 3, 3.3: which events name two patients, or identifiers that were and are.
TEST(Keys, theStandardsMergesAreThese) {
  const std::string_view merges[] = {"A17", "A18", "A24", "A30", "A34", "A35", "A36", "A37", "A39", "A40", "A41",
                                     "A42", "A43", "A44", "A45", "A46", "A47", "A48", "A49", "A50", "A51"};
  for (int number = 1; number <= 62; ++number) {
    const std::string event = (number < 10 ? "A0" : "A") + std::to_string(number);
    EXPECT_EQ(is_patient_merge(event), std::ranges::find(merges, event) != std::end(merges)) << event;
  }
  EXPECT_FALSE(is_patient_merge("R01"));
  EXPECT_FALSE(is_patient_merge("A4"));
}

TEST(Keys, aSwapNamesBothPatients) {
  const auto first = patient_keys("MSH|^~\\&|A|B|C|D|2026||ADT^A08|1|P|2.5.1\rPID|1||1^^^M\r");
  const auto second = patient_keys("MSH|^~\\&|A|B|C|D|2026||ADT^A08|1|P|2.5.1\rPID|1||2^^^M\r");
  const auto swap = patient_keys("MSH|^~\\&|A|B|C|D|2026||ADT^A17|1|P|2.5.1\rPID|1||1^^^M\rPV1|1|I\rPID|2||2^^^M\rPV1|2|I\r");
  std::vector<std::uint64_t> both = {first[0], second[0]};
  std::ranges::sort(both);
  EXPECT_EQ(swap, both);
}

TEST(Keys, aDeclaredEventNamesWhatAMergeNames) {
  const std::string message =
      "MSH|^~\\&|A|B|C|D|2026||ADT^A08|1|P|2.5.1\rPID|1||1^^^M\rMRG|2^^^M||3^^^M||4^^^M|5^^^M|SMITH^ANN\r";
  const auto keys = [&](plan::Order order, bool declared) {
    PlanBuilder b;
    const plan::Id out = b.destination("out", order);
    b.flow("f", b.source("adt"), {b.deliver(out, {b.read("PID-3[1].1")})});
    if (declared) b.plan.destinations[out].barriers = {{b.text("ADT"), b.text("A08"), 0}};
    return run(b, message).flows.at(0).deliveries.at(0).keys;
  };
  EXPECT_THAT(keys(plan::Order::patient, false), SizeIs(2));
  EXPECT_THAT(keys(plan::Order::patient, true), SizeIs(5)) << "all identifiers of MRG, and not the name";
  EXPECT_THAT(keys(plan::Order::keys, false), SizeIs(1));
  EXPECT_EQ(keys(plan::Order::keys, true), std::vector<std::uint64_t>{kEveryKey});
}

TEST(Keys, urgentIsWhatThePathsSay) {
  const auto urgent = [](const char* priority) {
    PlanBuilder b;
    const plan::Id step = b.deliver(b.destination("out", plan::Order::none), {});
    b.flow("f", b.source("lab"), {step});
    const plan::Id path = b.read("OBR[*]-27.6");
    b.plan.steps[step].urgent = true;
    b.plan.steps[step].ignoring = b.list({b.plan.exprs[path].a});
    b.plan.steps[step].otherwise = b.list({b.text("S"), b.text("A")});
    return run(b,
               std::string(
                   "MSH|^~\\&|A|B|C|D|2026||ORU^R01|1|P|2.5.1\rPID|1||1\rOBR|1|||X|||||||||||||||||||||||^^^^^R\rOBR|2|||Y") +
                   "|||||||||||||||||||||||^^^^^" + priority + "\r")
        .flows.at(0)
        .deliveries.at(0)
        .urgent;
  };
  EXPECT_TRUE(urgent("S"));
  EXPECT_TRUE(urgent("A"));
  EXPECT_FALSE(urgent("R"));
  EXPECT_FALSE(urgent(""));
}

TEST(Keys, orderByPathTakesEveryValue) {
  PlanBuilder b;
  b.flow("f", b.source("lab"), {b.deliver(b.destination("out", plan::Order::keys), {b.read("OBR[*]-4.1")})});
  EXPECT_THAT(run(b).flows.at(0).deliveries.at(0).keys, SizeIs(2));
}

// ---- the whole
// ------------------------------------------------------------------------------------------------------------------

TEST(Bind, saysWhatIsMissing) {
  PlanBuilder b;
  b.setting("hub_port", "port", nullptr);
  b.plan.environments = {{b.text("production"), {{0, b.text("2575")}}}};
  const auto text = [&](Bindings bindings) {
    const auto bound = bind(b.plan, {}, std::move(bindings));
    return bound ? "fine" : bound.error().text;
  };
  EXPECT_EQ(text({}), "setting `hub_port` has no value: give it in the environment or with --set");
  EXPECT_EQ(text({"staging", {}, {}}), "the plan has no environment `staging`");
  EXPECT_EQ(text({"production", {}, {}}), "fine");
  EXPECT_EQ(text({"production", {{"hub_port", "99999"}}, {}}), "setting `hub_port` is not a port: `99999`");
  EXPECT_EQ(text({"production", {{"port", "1"}}, {}}), "the plan has no setting `port`");
}

TEST(Bind, putsSettingsIntoOptions) {
  PlanBuilder b;
  b.setting("port", "port", "2575");
  b.setting("patience", "duration", "30s");
  plan::OptionValue listen;
  listen.value =
      b.list_expr(ExprOp::concat, ValueType::text, kNone, {b.literal("0.0.0.0:"), b.expr(ExprOp::setting, ValueType::text, 0)});
  plan::OptionValue within;
  within.kind = plan::OptionKind::duration;
  within.value = b.expr(ExprOp::setting, ValueType::duration, 1);
  const auto bound = bind(b.plan, {}, {"", {{"port", "12575"}}, {}});
  ASSERT_TRUE(bound);
  EXPECT_EQ((*bound)->option_text(listen), "0.0.0.0:12575");
  EXPECT_EQ((*bound)->option_text(within), "30000000");
}

TEST(Bind, refusesAFunctionOrPatternThatCannotBe) {
  PlanBuilder unknown;
  unknown.call("uppercase", ValueType::text, {unknown.literal("x")});
  EXPECT_EQ(bind(unknown.plan, {}, {}).error().code, ErrorCode::version);
  PlanBuilder wrong;
  wrong.call("upper", ValueType::text, {wrong.number("5")});
  EXPECT_EQ(bind(wrong.plan, {}, {}).error().code, ErrorCode::version);
  PlanBuilder pattern;
  pattern.expr(ExprOp::matches, ValueType::boolean, pattern.literal("x"), pattern.text("("));
  EXPECT_EQ(bind(pattern.plan, {}, {}).error().code, ErrorCode::invalid);
}

TEST(Evaluator, sameInputSameEffectsWhateverCameBefore) {
  PlanBuilder b;
  const Id profile = b.message("oru", "2.5.1", "ORU_R01");
  const Id upper = b.call("upper", ValueType::text, {b.read("PID-5.1.1")});
  b.flow(
      "f", b.source("lab"),
      {b.validate(profile, PlanBuilder::reject()), b.dedup({b.read("MSH-10")}, 60),
       b.map(b.mapping("m", {b.assign("PID-5.1.1", upper)}, profile)), b.deliver(b.destination("out", plan::Order::patient))});
  const auto bound = bind(b.plan, {}, bindings());
  ASSERT_TRUE(bound);
  const auto shown = [](const Effects& effects) {
    std::string text = std::to_string(static_cast<int>(effects.verdict)) + effects.reason;
    for (const hl7::Finding& f : effects.findings) text += f.segment_name + f.text;
    for (const FlowEffects& flow : effects.flows) {
      if (flow.dedup) text += std::to_string(flow.dedup->key.low) + std::to_string(flow.dedup->content.high);
      for (const Delivery& d : flow.deliveries) text += body_text(d.body) + ::testing::PrintToString(d.keys);
    }
    return text;
  };
  const auto evaluator = make_evaluator(*bound);
  const std::string good = valid_with("140", "140");
  const std::string bad = valid_with("PID|1||1001^^^MERCY^MR~2002^^^REGION^PI|", "PID|1|||");
  std::vector<std::string> seen;
  for (const std::string& text : {good, bad, good, bad, valid_with("Smith", "Jones")}) {
    const auto message = hl7::Message::parse(std::string_view(text));
    seen.push_back(shown(evaluator->evaluate(0, *message)));
    const auto fresh = make_evaluator(*bound);
    EXPECT_EQ(shown(fresh->evaluate(0, *message)), seen.back());
  }
  EXPECT_EQ(seen[0], seen[2]);
  EXPECT_EQ(seen[1], seen[3]);
  EXPECT_NE(seen[0], seen[4]);
}

}  // namespace
}  // namespace smarthl7::eval
