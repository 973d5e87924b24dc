// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "compiler/syntax/lower.h"
#include "compiler/syntax/scan.h"

namespace smarthl7::syntax {
namespace {

DeclKind decl_named(std::string_view word) {
  for (int i = 0; i < static_cast<int>(DeclKind::error); ++i) {
    if (spelling(static_cast<DeclKind>(i)) == word) return static_cast<DeclKind>(i);
  }
  return DeclKind::error;
}

std::string snake(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_upper(c) && !out.empty() && out.back() != '_') out += '_';
    out += is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

}  // namespace

List<Declaration> Lowering::file() {
  std::vector<const Declaration*> all;
  for (std::uint32_t index = 0; index < state_.nodes.size(); index = state_.nodes[index].next) {
    all.push_back(declaration(At(&state_.nodes, index)));
  }
  foreign_blanks();
  return list(all);
}

std::span<const std::string_view> Lowering::docs(std::uint32_t begin) {
  const std::string_view bytes = state_.file.bytes();
  const auto& comments = state_.comments;
  auto last =
      std::partition_point(comments.begin(), comments.end(), [begin](const Comment& c) { return c.span.begin < begin; });
  std::vector<std::string_view> lines;
  std::uint32_t next = begin;
  while (last != comments.begin()) {
    const Comment& comment = *--last;
    const std::string_view between = bytes.substr(comment.span.end, next - comment.span.end);
    const bool blank = std::all_of(between.begin(), between.end(), [](char c) { return is_blank(c) || c == '\n'; });
    if (!comment.doc || !blank || std::count(between.begin(), between.end(), '\n') != 1) break;
    const std::string_view before = bytes.substr(0, comment.span.begin);
    const std::string_view line_head = before.substr(before.rfind('\n') + 1);  // npos + 1 is 0
    if (!std::all_of(line_head.begin(), line_head.end(), is_blank)) break;
    std::string_view line = bytes.substr(comment.span.begin + 3, comment.span.length() - 3);
    if (line.starts_with(' ')) line.remove_prefix(1);
    lines.push_back(line);
    next = comment.span.begin;
  }
  std::reverse(lines.begin(), lines.end());
  return copy(lines);
}

template <class T>
T* Lowering::declare(At at) {
  T* result = make<T>(at);
  result->docs = docs(at.node().begin);
  const Kind kind = at.kind();
  if (kind == Kind::language || kind == Kind::use || kind == Kind::test) return result;
  for (const At part : at) {
    if (part.kind() != Kind::name) continue;
    result->name = name(part);
    const std::string_view word = text(part);
    if (std::any_of(word.begin(), word.end(), is_upper)) {
      report(diag::Code::E0114, span(part), fmt::format("the name `{}` has capitals", word), {},
             fmt::format("names are lower case with underscores: {}", snake(word)));
    }
    break;
  }
  return result;
}

const Declaration* Lowering::declare_options(At at) {
  const auto fill = [this, at](auto* result) -> const Declaration* {
    bool named = false;
    for (const At part : at) {
      if (part.kind() == Kind::block || part.kind() == Kind::block_open) result->options = options(part);
      if constexpr (requires { result->base; }) {
        if (part.kind() == Kind::base_clause) result->base = name(part.first());
      }
      if (part.kind() != Kind::name || !std::exchange(named, true)) continue;
      if constexpr (requires { result->transport; }) result->transport = name(part);
      if constexpr (requires { result->format; }) result->format = name(part);
    }
    return result;
  };
  switch (at.kind()) {
    case Kind::oauth: return fill(declare<OauthDecl>(at));
    case Kind::contact: return fill(declare<ContactDecl>(at));
    case Kind::retry: return fill(declare<RetryDecl>(at));
    case Kind::source: return fill(declare<SourceDecl>(at));
    case Kind::destination: return fill(declare<DestinationDecl>(at));
    default: break;
  }
  auto* table = declare<TableDecl>(at);
  for (const At part : at) {
    if (part.kind() != Kind::name && part.kind() != Kind::block && part.kind() != Kind::block_open) table->file = string(part);
  }
  return fill(table);
}

const Declaration* Lowering::declaration(At at) {
  switch (at.kind()) {
    case Kind::language: {
      auto* result = declare<LanguageDecl>(at);
      result->version = text(at.first());
      return result;
    }
    case Kind::use: {
      auto* result = declare<UseDecl>(at);
      result->what = name(at.first());
      return result;
    }
    case Kind::setting: {
      auto* result = declare<SettingDecl>(at);
      for (const At part : at) {
        if (part.kind() == Kind::name) continue;
        if (part.kind() == Kind::type) {
          result->type = type(part);
        } else {
          result->value = expression(part);
        }
      }
      return result;
    }
    case Kind::secret: return declare<SecretDecl>(at);
    case Kind::oauth:
    case Kind::contact:
    case Kind::retry:
    case Kind::source:
    case Kind::destination:
    case Kind::table: return declare_options(at);
    case Kind::environment: {
      auto* result = declare<EnvironmentDecl>(at);
      std::vector<const SettingValue*> values;
      for (const At item : *++at.begin()) {
        if (item.kind() != Kind::setting_value) continue;
        auto* value = make<SettingValue>(item);
        value->setting = name(item.first());
        value->value = expression(*++item.begin());
        values.push_back(value);
      }
      result->values = list(values);
      return result;
    }
    case Kind::message: {
      auto* result = declare<MessageDecl>(at);
      for (const At part : at) {
        if (part.kind() == Kind::message_type) result->type = message_type(part);
        if (part.kind() == Kind::block || part.kind() == Kind::block_open) result->items = message_items(part);
      }
      return result;
    }
    case Kind::mapping: {
      auto* result = declare<MappingDecl>(at);
      bool named = false;
      for (const At part : at) {
        if (part.kind() == Kind::name && std::exchange(named, true)) result->from = name(part);
        if (part.kind() == Kind::to_clause) result->to = name(part.first());
        if (part.kind() == Kind::block || part.kind() == Kind::block_open) result->items = mapping_items(part);
      }
      return result;
    }
    case Kind::redaction: {
      auto* result = declare<RedactionDecl>(at);
      for (const At part : at) {
        if (part.kind() == Kind::base_clause) result->base = name(part.first());
        if (part.kind() == Kind::allow) result->allow = true;
        if (part.kind() == Kind::block || part.kind() == Kind::block_open) result->items = redaction_items(part);
      }
      return result;
    }
    case Kind::flow: {
      auto* result = declare<FlowDecl>(at);
      result->steps = steps(*++at.begin());
      return result;
    }
    case Kind::alert: {
      auto* result = declare<AlertDecl>(at);
      std::vector<const AlertCondition*> conditions;
      std::vector<const Name*> contacts;
      for (const At item : *++at.begin()) {
        if (item.kind() == Kind::alert_when) conditions.push_back(alert_condition(item));
        if (item.kind() != Kind::notify) continue;
        for (const At contact : item) contacts.push_back(name(contact));
      }
      result->conditions = list(conditions);
      result->notify = list(contacts);
      return result;
    }
    case Kind::test: {
      auto* result = declare<TestDecl>(at);
      result->title = string(at.first());
      result->items = test_items(*++at.begin());
      return result;
    }
    default: {
      auto* result = declare<ErrorDecl>(at);
      result->intended = decl_named(text(at.first()));
      result->poisoned = true;
      return result;
    }
  }
}

const AlertCondition* Lowering::alert_condition(At at) {
  auto* result = make<AlertCondition>(at);
  for (const At part : at) {
    switch (part.kind()) {
      case Kind::quantile: result->quantile = name(part); break;
      case Kind::name: result->metric = name(part); break;
      case Kind::of_clause: result->of_destination = true; [[fallthrough]];
      case Kind::in_clause: result->subject = name(part.first()); break;
      case Kind::op_binary: result->op = binary_op(part); break;
      case Kind::for_clause: result->duration = only_expression(part); break;
      default: result->value = expression(part);
    }
  }
  return result;
}

List<TestItem> Lowering::test_items(At block) {
  std::vector<const TestItem*> items;
  for (const At item : block) items.push_back(test_item(item));
  return list(items);
}

const TestItem* Lowering::given_answers(At at) {
  auto* item = make<GivenAnswersItem>(at);
  std::vector<const Answer*> answers;
  for (const At part : at) {
    if (part.kind() == Kind::name) {
      item->destination = name(part);
      continue;
    }
    auto* answer = make<Answer>(part);
    for (const At piece : part) {
      switch (piece.kind()) {
        case Kind::answer_nothing: answer->kind = AnswerKind::nothing; break;
        case Kind::answer_garbage: answer->kind = AnswerKind::garbage; break;
        case Kind::name: answer->code = name(piece); break;
        case Kind::late_clause: answer->late = only_expression(piece); break;
        default: answer->times = only_expression(piece);
      }
    }
    answers.push_back(answer);
  }
  item->answers = list(answers);
  return item;
}

const TestItem* Lowering::test_item(At at) {
  switch (at.kind()) {
    case Kind::given_answers: return given_answers(at);
    case Kind::given_down: {
      auto* item = make<GivenDownItem>(at);
      for (const At part : at) {
        if (part.kind() == Kind::name) item->destination = name(part);
        if (part.kind() == Kind::for_clause) item->duration = only_expression(part);
      }
      return item;
    }
    case Kind::send: {
      auto* item = make<SendItem>(at);
      for (const At part : at) {
        if (part.kind() == Kind::send_file) {
          item->file = true;
        } else if (part.kind() == Kind::name) {
          item->source = name(part);
        } else {
          item->text = string(part);
        }
      }
      return item;
    }
    case Kind::after_item: {
      auto* item = make<AfterItem>(at);
      item->duration = only_expression(at);
      return item;
    }
    case Kind::expect_ack: {
      auto* item = make<ExpectAckItem>(at);
      item->code = name(at.first());
      return item;
    }
    case Kind::expect_alert: {
      auto* item = make<ExpectAlertItem>(at);
      item->alert = name(at.first());
      return item;
    }
    case Kind::expect_gets: {
      auto* item = make<ExpectGetsItem>(at);
      std::vector<const Expr*> conditions;
      for (const At part : at) {
        if (part.kind() == Kind::name) item->destination = name(part);
        if (part.kind() == Kind::number) item->count = expression(part);
        if (part.kind() != Kind::block && part.kind() != Kind::block_open) continue;
        item->block = true;
        for (const At condition : part) {
          if (condition.kind() == Kind::condition) conditions.push_back(only_expression(condition));
        }
      }
      item->conditions = list(conditions);
      return item;
    }
    default: return make<ErrorTestItem>(at);
  }
}

}  // namespace smarthl7::syntax
