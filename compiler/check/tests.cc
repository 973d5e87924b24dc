// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "compiler/check/expressions.h"
#include "compiler/check/values.h"

namespace smarthl7::check {
namespace {

using diag::Code;
using syntax::TestItemKind;

constexpr std::array<std::string_view, 6> kAckCodes = {"AA", "AE", "AR", "CA", "CE", "CR"};
constexpr std::uint64_t kMostTimes = 1'000'000;
constexpr std::uint64_t kFirstCondition = 100;  // table 0357: error conditions from 100, rejections from 200
constexpr std::uint64_t kLastCondition = 299;

/// The first words of an item, for messages that are not about its block.
source::Span word_of(const syntax::TestItem& item, std::size_t length) {
  return {item.span.file, item.span.begin, std::min(item.span.end, item.span.begin + static_cast<std::uint32_t>(length))};
}

class TestChecker {
 public:
  TestChecker(Context& context, const syntax::TestDecl& test) : context_(context), test_(test) {}

  void check() {
    for (const syntax::TestItem* one : test_.items) item(*one);
    for (const auto& [name, given] : waiting_) unused(*given, "nothing is sent after it");
    const bool broken = test_.poisoned || std::any_of(test_.items.begin(), test_.items.end(), [](const auto* one) {
                          return one->kind == TestItemKind::error || one->poisoned;
                        });
    if (!expects_ && !broken) {
      context_.sink.report(Code::W0561, head(), "this test expects nothing, so it cannot fail",
                           "say what must come of it: `expect ack AA`, `expect DESTINATION gets 1`, `expect dead gets 0`");
    }
  }

 private:
  [[nodiscard]] source::Span head() const { return {test_.span.file, test_.span.begin, test_.title->span.end}; }

  void item(const syntax::TestItem& item) {
    switch (item.kind) {
      case TestItemKind::given_answers: answers(item.as<syntax::GivenAnswersItem>()); break;
      case TestItemKind::given_down: {
        const auto& down = item.as<syntax::GivenDownItem>();
        if (down.duration != nullptr) duration(*down.duration);
        given(item, down.destination);
        break;
      }
      case TestItemKind::send: send(item.as<syntax::SendItem>()); break;
      case TestItemKind::after:
        duration(*item.as<syntax::AfterItem>().duration);
        waiting_.clear();
        break;
      case TestItemKind::expect_ack: ack(item.as<syntax::ExpectAckItem>()); break;
      case TestItemKind::expect_gets: gets(item.as<syntax::ExpectGetsItem>()); break;
      case TestItemKind::expect_alert: alert(item.as<syntax::ExpectAlertItem>()); break;
      case TestItemKind::error: expects_ = true; break;
    }
  }

  void unused(const syntax::TestItem& given, std::string_view why) {
    context_.sink.report(Code::W0560, word_of(given, 5), fmt::format("this `given` changes nothing: {}", why),
                         "take it out, or put it before the `send` that it is about");
  }

  /// A destination behaves like this from now on.
  void given(const syntax::TestItem& item, const syntax::Name* destination) {
    if (destination == nullptr || context_.project.declared<syntax::DestinationDecl>(destination) == nullptr) return;
    if (delivered_to(context_, destination->text).empty()) {
      unused(item, fmt::format("no flow delivers to `{}`", destination->text));
      return;
    }
    const auto [at, added] = waiting_.emplace(destination->text, &item);
    // `is down for 1m` and then `answers AE` speak of different things: only the same kind replaces.
    if (!added && at->second->kind == item.kind)
      unused(*at->second, fmt::format("another one for `{}` follows before anything is sent", destination->text));
    at->second = &item;
  }

  void answers(const syntax::GivenAnswersItem& item) {
    for (std::size_t i = 0; i < item.answers.size(); ++i) {
      const syntax::Answer& one = *item.answers[i];
      if (one.poisoned) continue;
      if (one.kind == syntax::AnswerKind::code) answer_code(*one.code);
      if (one.late != nullptr) duration(*one.late);
      if (one.times != nullptr) {
        number(*one.times, 1);
      } else if (i + 1 < item.answers.size()) {
        context_.sink.report(Code::E0566, item.answers[i + 1]->span,
                             fmt::format("this answer is never given: `{}` before it has no end", context_.text(one.span)),
                             "say how often, as in `AE 2 times, then AA`");
      }
    }
    given(item, item.destination);
  }

  /// AA ... CR, or a condition of table 0357.
  void answer_code(const syntax::Name& code) {
    const auto condition = whole_number(code.text);
    if (condition && *condition >= kFirstCondition && *condition <= kLastCondition) return;
    if (!condition && known(code.text)) return;
    context_.sink.report(Code::E0515, code.span, fmt::format("`{}` is no answer to a message", code.text),
                         "receivers answer AA, AE, AR, CA, CE, CR, or with a condition of table 0357, as in `207`");
  }

  [[nodiscard]] static bool known(std::string_view code) {
    return std::find(kAckCodes.begin(), kAckCodes.end(), code) != kAckCodes.end();
  }

  void send(const syntax::SendItem& item) {
    waiting_.clear();
    sent_ = true;
    if (item.source == nullptr && context_.source_ends.size() != 1 && !item.poisoned) {
      context_.sink.report(Code::E0564, word_of(item, 4),
                           context_.source_ends.empty() ? "there is no source to send to"
                                                        : "there are several sources, and this `send` names none",
                           "write `to SOURCE` behind what is sent");
    }
    std::vector<std::string> frames = frames_of(context_, item);
    if (!frames.empty()) context_.frames[item.id] = std::move(frames);
  }

  void ack(const syntax::ExpectAckItem& item) {
    expects_ = true;
    if (!item.code->text.empty() && !known(item.code->text)) {
      context_.sink.report(Code::E0515, item.code->span, fmt::format("`{}` is no acknowledgement", item.code->text),
                           "one is AA, AE, AR, CA, CE or CR");
    }
    if (!sent_) {
      context_.sink.report(Code::E0561, item.span, "no message is sent before this, so none is acknowledged",
                           "`expect ack` is about the last `send` above it");
    }
  }

  /// No test restarts the hub, so what is counted after a restart cannot be expected.
  void alert(const syntax::ExpectAlertItem& item) {
    expects_ = true;
    const auto* declared = context_.project.declared<syntax::AlertDecl>(item.alert);
    if (declared == nullptr || declared->poisoned || declared->conditions.empty()) return;
    for (const syntax::AlertCondition* condition : declared->conditions)
      if (condition->metric == nullptr || condition->metric->text != "resent") return;
    context_.sink.report(
        Code::E0563, item.alert->span,
        fmt::format("`{}` watches what is sent again after a restart, and a test does not restart the hub", item.alert->text),
        "this version cannot run it; expect an alert that watches something else");
  }

  void gets(const syntax::ExpectGetsItem& item) {
    expects_ = true;
    const auto count = item.count == nullptr ? std::nullopt : number(*item.count, 0);
    if (item.destination == nullptr) return;
    std::vector<MessageState> types;
    if (item.destination->text == "dead") {
      types.emplace_back();  // anything may end there, at any step: the open type
    } else {
      if (context_.project.declared<syntax::DestinationDecl>(item.destination) == nullptr) return;
      types = delivered_to(context_, item.destination->text);
    }
    if (types.empty() && (count.value_or(0) > 0 || !item.conditions.empty())) {
      context_.sink.report(Code::E0565, item.destination->span,
                           fmt::format("no flow delivers to `{}`, so it gets nothing", item.destination->text));
      return;
    }
    if (count == 0 && !item.conditions.empty()) {
      context_.sink.report(Code::W0562, item.conditions.front()->span, "no message comes that this could be about",
                           "the conditions are for each message that arrives; take them out, or expect some");
    }
    if (!item.conditions.empty()) conditions(item, types);
  }

  void conditions(const syntax::ExpectGetsItem& item, const std::vector<MessageState>& types) {
    std::vector<Arrival>& arrivals = context_.arrivals[item.id];
    for (const MessageState& state : types) {
      // The same conditions mean other places in another message, so each type has facts of its own.
      Facts own;
      own.messages = context_.facts.messages;
      std::swap(context_.facts, own);
      for (const syntax::Expr* condition : item.conditions) {
        if (!condition->poisoned) check_condition(context_, state, *condition);
      }
      std::swap(context_.facts, own);
      context_.facts.used.insert(own.used.begin(), own.used.end());
      if (arrivals.empty()) {  // what an editor shows
        context_.facts.types.insert(own.types.begin(), own.types.end());
        context_.facts.paths.insert(own.paths.begin(), own.paths.end());
      }
      arrivals.push_back({state, std::move(own)});
    }
  }

  void duration(const syntax::Expr& value) {
    if (value.poisoned || value.kind == syntax::ExprKind::error) return;
    const auto* unit = value.try_as<syntax::UnitExpr>();
    if (unit != nullptr && duration_micros(*unit)) return;
    context_.sink.report(Code::E0562, value.span, fmt::format("`{}` is no length of time", context_.text(value.span)),
                         "write a number and its unit, as in `500ms`, `30s`, `5m`, `24h` or `7d`");
  }

  std::optional<std::uint64_t> number(const syntax::Expr& value, std::uint64_t least) {
    if (value.poisoned || value.kind == syntax::ExprKind::error) return std::nullopt;
    const auto* written = value.try_as<syntax::NumberExpr>();
    const auto read = written == nullptr ? std::nullopt : whole_number(written->text);
    if (read && *read >= least && *read <= kMostTimes) return read;
    context_.sink.report(Code::E0562, value.span, fmt::format("`{}` cannot stand here", context_.text(value.span)),
                         fmt::format("it is a whole number from {} to {}", least, kMostTimes));
    return std::nullopt;
  }

  Context& context_;
  const syntax::TestDecl& test_;
  std::map<std::string_view, const syntax::TestItem*> waiting_;  // `given`s that nothing was sent after yet, by destination
  bool sent_ = false;
  bool expects_ = false;
};

}  // namespace

std::set<NodeId> names_in_tests(const Context& context) {
  std::set<NodeId> names;
  const auto add = [&names](const syntax::Name* name) {
    if (name != nullptr) names.insert(name->id);
  };
  for (const syntax::ParsedFile& file : context.project.files) {
    for (const syntax::Declaration* declaration : file.declarations) {
      const auto* test = declaration->try_as<syntax::TestDecl>();
      if (test == nullptr) continue;
      for (const syntax::TestItem* item : test->items) {
        if (const auto* answers = item->try_as<syntax::GivenAnswersItem>()) add(answers->destination);
        if (const auto* down = item->try_as<syntax::GivenDownItem>()) add(down->destination);
        if (const auto* send = item->try_as<syntax::SendItem>()) add(send->source);
        if (const auto* gets = item->try_as<syntax::ExpectGetsItem>()) add(gets->destination);
      }
    }
  }
  return names;
}

void check_tests(Context& context) {
  std::map<std::string_view, source::Span> titles;
  for (const syntax::ParsedFile& file : context.project.files) {
    for (const syntax::Declaration* declaration : file.declarations) {
      const auto* test = declaration->try_as<syntax::TestDecl>();
      if (test == nullptr || test->title == nullptr) continue;
      if (!test->title->is_literal()) {
        context.sink.report(Code::E0483, test->title->span, "the title of a test is a plain text: nothing is put into it");
      } else {
        const auto [at, added] = titles.emplace(test->title->text(), test->title->span);
        if (!added) {
          context.sink.report({.code = Code::E0567,
                               .span = test->title->span,
                               .message = "two tests have this title",
                               .secondary = {{at->second, "the first one"}},
                               .help = "reports and `--filter` tell tests apart by their titles"});
        }
      }
      TestChecker(context, *test).check();
    }
  }
}

}  // namespace smarthl7::check
