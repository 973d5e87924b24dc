// SPDX-License-Identifier: Apache-2.0
#include "compiler/lower/tests.h"

#include "compiler/check/values.h"
#include "compiler/lower/expressions.h"

namespace smarthl7::lower {
namespace {

using syntax::TestItemKind;

plan::TrialSpan span_of(source::Span span) { return {span.file, span.begin, span.end}; }

std::uint64_t micros_of(const syntax::Expr* duration) {
  const auto* unit = duration == nullptr ? nullptr : duration->try_as<syntax::UnitExpr>();
  return unit == nullptr ? 0 : check::duration_micros(*unit).value_or(0);
}

std::uint64_t number_of(const syntax::Expr* number) {
  const auto* written = number == nullptr ? nullptr : number->try_as<syntax::NumberExpr>();
  return written == nullptr ? 0 : check::whole_number(written->text).value_or(0);
}

class TestLowerer {
 public:
  explicit TestLowerer(PlanBuilder& builder) : builder_(builder) {}

  plan::Trial test(const syntax::TestDecl& test) {
    plan::Trial lowered;
    lowered.title = test.title->text();
    lowered.span = span_of({test.span.file, test.span.begin, test.title->span.end});
    for (const syntax::TestItem* one : test.items) {
      plan::TrialItem item;
      item.span = span_of(one->span);
      if (fill(*one, item)) lowered.items.push_back(std::move(item));
    }
    return lowered;
  }

 private:
  bool fill(const syntax::TestItem& from, plan::TrialItem& item) {
    switch (from.kind) {
      case TestItemKind::given_answers: answers(from.as<syntax::GivenAnswersItem>(), item); return true;
      case TestItemKind::given_down:
        item.op = plan::TrialOp::down;
        item.end = builder_.id_of_use(from.as<syntax::GivenDownItem>().destination);
        item.micros = micros_of(from.as<syntax::GivenDownItem>().duration);
        return true;
      case TestItemKind::send: send(from.as<syntax::SendItem>(), item); return true;
      case TestItemKind::after:
        item.op = plan::TrialOp::after;
        item.micros = micros_of(from.as<syntax::AfterItem>().duration);
        return true;
      case TestItemKind::expect_ack:
        item.op = plan::TrialOp::expect_ack;
        item.code = from.as<syntax::ExpectAckItem>().code->text;
        return true;
      case TestItemKind::expect_gets: gets(from.as<syntax::ExpectGetsItem>(), item); return true;
      case TestItemKind::expect_alert:
        item.op = plan::TrialOp::expect_alert;
        item.end = builder_.id_of_use(from.as<syntax::ExpectAlertItem>().alert);
        return true;
      case TestItemKind::error: return false;
    }
    return false;
  }

  void answers(const syntax::GivenAnswersItem& from, plan::TrialItem& item) {
    item.op = plan::TrialOp::answers;
    item.end = builder_.id_of_use(from.destination);
    for (const syntax::Answer* one : from.answers) {
      plan::TrialAnswer answer;
      switch (one->kind) {
        case syntax::AnswerKind::code: answer.code = one->code->text; break;
        case syntax::AnswerKind::nothing: answer.kind = plan::TrialAnswer::Kind::nothing; break;
        case syntax::AnswerKind::garbage: answer.kind = plan::TrialAnswer::Kind::garbage; break;
      }
      answer.late_micros = micros_of(one->late);
      answer.times = number_of(one->times);
      item.answers.push_back(std::move(answer));
    }
  }

  void send(const syntax::SendItem& from, plan::TrialItem& item) {
    const check::Context& context = builder_.context();
    item.op = plan::TrialOp::send;
    item.end = from.source != nullptr ? builder_.id_of_use(from.source)
                                      : builder_.id_of(*context.source_ends.begin()->second.declaration);
    if (const auto frames = context.frames.find(from.id); frames != context.frames.end()) item.frames = frames->second;
  }

  void gets(const syntax::ExpectGetsItem& from, plan::TrialItem& item) {
    const bool dead = from.destination->text == "dead";
    item.op = dead ? plan::TrialOp::expect_dead : plan::TrialOp::expect_gets;
    if (!dead) item.end = builder_.id_of_use(from.destination);
    item.span.end = from.count->span.end;
    item.count = number_of(from.count);
    const auto arrivals = builder_.context().arrivals.find(from.id);
    if (arrivals == builder_.context().arrivals.end()) return;
    for (const syntax::Expr* condition : from.conditions) item.conditions.push_back({span_of(condition->span), {}});
    for (const check::Arrival& arrival : arrivals->second) {
      const syntax::MessageDecl* profile = arrival.state.type.profile;
      item.messages.push_back(profile == nullptr ? plan::kNone : builder_.id_of(*profile));
      builder_.use_facts(&arrival.facts);
      for (std::size_t i = 0; i < item.conditions.size(); ++i)
        item.conditions[i].exprs.push_back(lower_expression(builder_, *from.conditions[i]));
      builder_.use_facts(nullptr);
    }
  }

  PlanBuilder& builder_;
};

}  // namespace

std::vector<plan::Trial> lower_tests(PlanBuilder& builder) {
  std::vector<plan::Trial> tests;
  for (const syntax::ParsedFile& file : builder.context().project.files) {
    for (const syntax::Declaration* declaration : file.declarations) {
      if (const auto* test = declaration->try_as<syntax::TestDecl>()) tests.push_back(TestLowerer(builder).test(*test));
    }
  }
  return tests;
}

}  // namespace smarthl7::lower
