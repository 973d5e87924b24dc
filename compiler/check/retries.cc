// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/retries.h"

#include <fmt/format.h>

#include <set>
#include <vector>

#include "compiler/check/options.h"
#include "compiler/check/values.h"
#include "compiler/diag/suggest.h"
#include "stdlib/connectors/spec.h"

namespace smarthl7::check {
namespace {

using diag::Code;

std::vector<std::string_view> option_names() {
  std::vector<std::string_view> names;
  for (const connectors::OptionSpec& option : connectors::declaration_options("retry")) {
    if (option.path.find('.') == std::string_view::npos) names.push_back(option.path);
  }
  return names;
}

constexpr std::string_view kGiveUp = "give_up after 24h";

class RetryReader {
 public:
  explicit RetryReader(Context& context) : context_(context) {}

  /// Reads it after its base; the second visit on one way is a circle.
  void read(const resolve::Entry& entry) {
    const auto* declaration = entry.declaration->try_as<syntax::RetryDecl>();
    if (declaration == nullptr || context_.retries.contains(entry.name)) return;
    if (!visiting_.insert(declaration).second) {
      context_.sink.report(Code::E0713, declaration->base->span,
                           fmt::format("`{}` starts from itself", declaration->name->text));
      return;
    }
    RetryInfo retry;
    if (declaration->base != nullptr) retry = base_of(*declaration);
    retry.declaration = declaration;
    retry.broken = retry.broken || declaration->poisoned;
    own_options(*declaration, retry);
    if (!retry.broken) check_complete(*declaration, retry);
    visiting_.erase(declaration);
    context_.retries.emplace(entry.name, retry);
  }

 private:
  RetryInfo base_of(const syntax::RetryDecl& declaration) {
    RetryInfo base;
    base.broken = true;
    const resolve::Entry* entry = context_.project.use_of(*declaration.base);
    if (entry == nullptr || entry->poisoned) return base;
    read(*entry);
    const auto at = context_.retries.find(entry->name);
    return at == context_.retries.end() ? base : at->second;
  }

  void own_options(const syntax::RetryDecl& declaration, RetryInfo& retry) {
    if (declaration.options == nullptr) return;
    std::set<std::string_view> given;
    for (const syntax::Option* option : declaration.options->options) {
      if (option->name == nullptr || option->poisoned) {
        retry.broken = true;
        continue;
      }
      if (!given.insert(option->name->text).second) {
        context_.sink.report(Code::E0704, option->name->span, fmt::format("`{}` is given twice", option->name->text));
        continue;
      }
      if (!read_option(*option, retry)) retry.broken = true;
    }
  }

  bool read_option(const syntax::Option& option, RetryInfo& retry) {
    const std::string_view name = option.name->text;
    if (name == "first" || name == "most") return read_pause(option, name == "first" ? retry.first_micros : retry.most_micros);
    if (name == "jitter") {
      const syntax::Expr* value = plain(option, "jitter 20");
      const auto percent = value == nullptr ? std::nullopt : read_number(context_, name, *value, 0, 100, "jitter 20");
      if (percent) retry.jitter_percent = static_cast<std::uint32_t>(*percent);
      return percent.has_value();
    }
    if (name == "give_up") return read_give_up(option, retry.give_up_micros, &retry.give_up_attempts);
    if (name == "unreachable") {
      if (option.nested != nullptr && option.nested->name != nullptr && option.nested->name->text == "give_up") {
        return read_give_up(*option.nested, retry.unreachable_give_up_micros, nullptr);
      }
      context_.sink.report(Code::E0702, option.span, "`unreachable` says how long a receiver that cannot be reached is tried",
                           "write it as in `unreachable give_up after 7d`; without it, it is tried for ever");
      return false;
    }
    return unknown(*option.name);
  }

  bool unknown(const syntax::Name& name) {
    diag::Diagnostic diagnostic{
        .code = Code::E0701, .span = name.span, .message = fmt::format("a retry has no option `{}`", name.text)};
    const std::vector<std::string_view> names = option_names();
    if (const auto near = diag::suggest(name.text, names)) {
      diagnostic.help = fmt::format("did you mean `{}`?", *near);
      diagnostic.fixes.push_back(diag::replace(name.span, std::string(*near)));
    } else {
      diagnostic.help = fmt::format("its options are {}", fmt::join(names, ", "));
    }
    context_.sink.report(std::move(diagnostic));
    return false;
  }

  const syntax::Expr* plain(const syntax::Option& option, std::string_view example) {
    if (option.connective != syntax::Connective::none) {
      context_.sink.report(Code::E0705, option.span,
                           fmt::format("`{}` takes its value without `{}`", option.name->text, spelling(option.connective)),
                           fmt::format("write it as in `{}`", example));
      return nullptr;
    }
    return single_value(context_, option, example);
  }

  bool read_pause(const syntax::Option& option, std::optional<std::uint64_t>& pause) {
    const std::string example = fmt::format("{} {}", option.name->text, option.name->text == "first" ? "1s" : "5m");
    const syntax::Expr* value = plain(option, example);
    const auto micros = value == nullptr ? std::nullopt : read_duration(context_, option.name->text, *value, example);
    if (micros && *micros == 0) {
      context_.sink.report(Code::E0702, value->span, fmt::format("`{}` must be longer than nothing", option.name->text));
      return false;
    }
    if (micros) pause = micros;
    return micros.has_value();
  }

  bool read_give_up(const syntax::Option& option, std::uint64_t& micros, std::uint32_t* attempts) {
    if (option.poisoned) return false;
    if (option.connective != syntax::Connective::after) {
      context_.sink.report(Code::E0705, option.name->span, "`give_up` needs `after`",
                           fmt::format("write it as in `{}`", kGiveUp));
      return false;
    }
    const syntax::Expr* value = single_value(context_, option, kGiveUp);
    if (value == nullptr) return false;
    if (const auto* count = value->try_as<syntax::CountExpr>(); count != nullptr && attempts != nullptr) {
      const auto number = whole_number(count->number);
      if (number && *number > 0 && *number <= 1'000'000) {
        *attempts = static_cast<std::uint32_t>(*number);
        micros = 0;
        return true;
      }
    }
    const auto duration = read_duration(context_, "give_up after", *value,
                                        attempts != nullptr ? "give_up after 24h` or `give_up after 20 attempts" : kGiveUp);
    if (!duration) return false;
    if (*duration == 0) {
      context_.sink.report(Code::E0702, value->span, "`give_up after` must leave time for a try");
      return false;
    }
    micros = *duration;
    if (attempts != nullptr) *attempts = 0;
    return true;
  }

  void check_complete(const syntax::RetryDecl& declaration, RetryInfo& retry) {
    std::vector<std::string_view> missing;
    if (!retry.first_micros) missing.push_back("`first`");
    if (!retry.most_micros) missing.push_back("`most`");
    if (retry.give_up_micros == 0 && retry.give_up_attempts == 0) missing.push_back("`give_up after`");
    if (!missing.empty()) {
      retry.broken = true;
      context_.sink.report(Code::E0709, declaration.name->span,
                           fmt::format("the retry `{}` does not say {}", declaration.name->text, fmt::join(missing, ", ")),
                           "a retry says its first pause, its longest, and when a refused message is given up: "
                           "`first 1s  most 5m  give_up after 24h`, or it starts `from` another");
    } else if (*retry.first_micros > *retry.most_micros) {
      retry.broken = true;
      context_.sink.report(Code::E0715, declaration.name->span,
                           fmt::format("in the retry `{}` the first pause is longer than the longest", declaration.name->text),
                           "`first` is where the pause begins to double, `most` where it stops");
    }
  }

  Context& context_;
  std::set<const syntax::RetryDecl*> visiting_;
};

}  // namespace

void check_retries(Context& context) {
  RetryReader reader(context);
  for (const auto& [name, entry] : context.project.names) {
    if (entry.kind == syntax::DeclKind::retry && !entry.poisoned) reader.read(entry);
  }
}

}  // namespace smarthl7::check
