// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compiler/check/checked.h"
#include "compiler/lower/lower.h"

namespace smarthl7::lower {
namespace {

using plan::ExprOp;
using plan::Pick;
using plan::StatementOp;
using testing::ElementsAre;
using testing::IsEmpty;

plan::Plan lowered(std::string_view profile, std::string_view items) {
  const check::Checked checked(
      fmt::format("table facilities from csv \"facilities.csv\" {{ key code  value namespace }}\n"
                  "message m = hl7 2.5.1 from 2.3 ORU_R01 {{\none PATIENT_RESULT\n{}\n}}\nmapping n : m {{\n{}\n}}\n",
                  profile, items));
  EXPECT_THAT(checked.findings(), IsEmpty());
  return lower(checked.context, "test", Sha256{});
}

std::vector<StatementOp> operations(const plan::Plan& plan, plan::Range body) {
  std::vector<StatementOp> found;
  for (plan::Id i = 0; i < body.count; ++i) found.push_back(plan.statements[plan.lists[body.first + i]].op);
  return found;
}
const plan::Statement& statement(const plan::Plan& plan, plan::Range body, plan::Id index) {
  return plan.statements[plan.lists[body.first + index]];
}
const std::string& path_text(const plan::Plan& plan, plan::Id path) { return plan.text(plan.paths[path].text); }

TEST(LowerMessage, says_what_the_profile_says) {
  const plan::Plan plan = lowered(
      "require PID-3, PV1-3.4.1\nsegment ZLR optional after OBR {\n 1 instrument : ST(20) required phi none\n}\ntable 0001 "
      "adds \"X\"",
      "");
  ASSERT_EQ(plan.messages.size(), 1U);
  const plan::Message& message = plan.messages.front();
  EXPECT_EQ(plan.text(message.version), "2.5.1");
  EXPECT_EQ(plan.text(message.from_version), "2.3");
  EXPECT_EQ(plan.text(message.structure), "ORU_R01");
  ASSERT_EQ(message.cardinalities.size(), 1U);
  EXPECT_EQ(message.cardinalities.front().min, 1);
  EXPECT_EQ(message.cardinalities.front().max, 1);
  ASSERT_EQ(message.segments.size(), 1U);
  EXPECT_EQ(plan.text(message.segments.front().name), "ZLR");
  const plan::LocalField& field = plan.local_fields[message.segments.front().fields.first];
  EXPECT_EQ(field.length, 20);
  EXPECT_TRUE(field.required);
  ASSERT_EQ(message.rules.size(), 2U);
  EXPECT_EQ(message.rules[0].kind, plan::RuleKind::require);
  EXPECT_EQ(path_text(plan, message.rules[1].path), "PV1-3.4.1");
  ASSERT_EQ(message.tables.size(), 1U);
  EXPECT_EQ(message.tables.front().table, 1);
}

TEST(LowerMessage, a_condition_holds_for_every_value) {
  const plan::Plan plan = lowered("PID-3.4.1 in facilities\nrule \"r\" :\n each OBX where OBX-2 == \"NM\" : OBX-6 present", "");
  const plan::Message& message = plan.messages.front();
  ASSERT_EQ(message.rules.size(), 2U);
  const plan::Expr& every = plan.exprs[message.rules[0].condition];
  ASSERT_EQ(every.op, ExprOp::every_value);
  EXPECT_EQ(path_text(plan, every.a), "PID-3.4.1");
  EXPECT_EQ(plan.paths[every.a].repetition, Pick::every);
  const plan::Expr& in = plan.exprs[every.b];
  ASSERT_EQ(in.op, ExprOp::in_table);
  EXPECT_EQ(plan.exprs[in.a].op, ExprOp::value);
  const plan::Expr& each = plan.exprs[message.rules[1].condition];
  ASSERT_EQ(each.op, ExprOp::every_scope);
  EXPECT_EQ(plan.text(plan.scopes[each.a].name), "OBX");
  EXPECT_EQ(plan.scopes[each.a].node, plan::kNoNode) << "every place";
  EXPECT_EQ(plan.exprs[plan.scopes[each.a].where].op, ExprOp::equal);
  const plan::Expr& body = plan.exprs[each.b];
  ASSERT_EQ(body.op, ExprOp::present);
  EXPECT_EQ(plan.paths[body.a].segment.pick, Pick::current);
  EXPECT_EQ(plan.paths[body.a].segment.frame, 1);
}

TEST(LowerMapping, statements_by_what_they_do) {
  const plan::Plan plan =
      lowered("require PID-3, PID-5",
              "PID-18 = PID-3[1]\nPID-19 = upper(PID-19)\nPID-4 = null\ndelete NTE where NTE-2 == \"O\"\ndelete PID-30\n"
              "delete PID-10 where .1 == \"X\"\nPID-26[*] = PID-10[*]");
  const plan::Range body = plan.mappings.front().body;
  EXPECT_THAT(operations(plan, body),
              ElementsAre(StatementOp::copy, StatementOp::assign, StatementOp::assign_null, StatementOp::remove_segments,
                          StatementOp::remove, StatementOp::each, StatementOp::copy));
  EXPECT_EQ(path_text(plan, statement(plan, body, 0).value), "PID-3[1]");
  EXPECT_EQ(plan.exprs[statement(plan, body, 1).value].op, ExprOp::call);
  EXPECT_EQ(plan.paths[statement(plan, body, 2).target].repetition_n, 0) << "the whole field";
  const plan::Statement& each = statement(plan, body, 5);
  EXPECT_EQ(plan.scopes[each.scope].kind, plan::ScopeKind::repetition);
  EXPECT_THAT(operations(plan, each.body), ElementsAre(StatementOp::remove));
  EXPECT_EQ(plan.paths[statement(plan, each.body, 0).target].repetition, Pick::current);
  EXPECT_EQ(plan.paths[statement(plan, body, 6).target].repetition_n, 0);
}

TEST(LowerMapping, else_and_arms) {
  const plan::Plan plan = lowered("require PID-3",
                                  "each PID-3 {\n .4.1 = facilities[.4.1] else reject AR \"unknown '{.4.1}'\"\n}\n"
                                  "when PID-8 == \"F\" {\n PID-10[1].1 = \"A\"\n} otherwise when PID-8 == \"M\" {\n "
                                  "PID-10[1].1 = \"B\"\n} otherwise {\n PID-10[1].1 = \"C\"\n}");
  const plan::Range body = plan.mappings.front().body;
  ASSERT_THAT(operations(plan, body), ElementsAre(StatementOp::each, StatementOp::when));
  const plan::Statement& assign = statement(plan, statement(plan, body, 0).body, 0);
  EXPECT_EQ(plan.exprs[assign.value].op, ExprOp::lookup);
  EXPECT_EQ(assign.on_failure.kind, plan::ElseKind::reject);
  const plan::Expr& reason = plan.exprs[assign.on_failure.reason];
  ASSERT_EQ(reason.op, ExprOp::concat);
  EXPECT_TRUE(reason.print_absent);
  const plan::Statement& when = statement(plan, body, 1);
  ASSERT_THAT(operations(plan, when.otherwise), ElementsAre(StatementOp::when));
  EXPECT_THAT(operations(plan, statement(plan, when.otherwise, 0).otherwise), ElementsAre(StatementOp::assign));
}

TEST(LowerExpressions, or_is_logic_or_a_default) {
  const plan::Plan plan = lowered(
      "require PID-3", "when PID-8 == \"F\" or PID-8 == \"M\" {\n PID-19 = PID-18.1 or \"none\"\n}\nPID-23 = \"{PID-19}!\"");
  const plan::Range body = plan.mappings.front().body;
  const plan::Statement& when = statement(plan, body, 0);
  EXPECT_EQ(plan.exprs[when.condition].op, ExprOp::logical_or);
  EXPECT_EQ(plan.exprs[statement(plan, when.body, 0).value].op, ExprOp::either);
  const plan::Expr& text = plan.exprs[statement(plan, body, 1).value];
  EXPECT_EQ(text.op, ExprOp::concat);
  EXPECT_FALSE(text.print_absent);
}

TEST(LowerExpressions, a_choice_is_kept_with_its_condition) {
  const plan::Plan plan = lowered("require PID-3", "PID-19 = PID-3[.5 == \"MR\"].1 else keep");
  const plan::Statement& assign = statement(plan, plan.mappings.front().body, 0);
  ASSERT_EQ(assign.op, StatementOp::copy) << "both are ST";
  const plan::Path& path = plan.paths[assign.value];
  EXPECT_EQ(path.repetition, Pick::chosen);
  ASSERT_NE(path.choice, plan::kNone);
  const plan::Expr& condition = plan.exprs[path.choice];
  EXPECT_EQ(condition.op, ExprOp::equal);
  EXPECT_EQ(plan.paths[plan.exprs[condition.a].a].repetition, Pick::current);
  EXPECT_EQ(plan.paths[plan.exprs[condition.a].a].component, 5);
}

}  // namespace
}  // namespace smarthl7::lower
