// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/redaction.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compiler/check/options.h"
#include "compiler/check/redaction_paths.h"
#include "compiler/check/values.h"
#include "compiler/diag/suggest.h"

namespace smarthl7::check {
namespace {

using diag::Code;
using hl7::PhiMethod;

constexpr std::uint32_t kShiftDays = 365;
constexpr std::uint32_t kMostShiftDays = 3650;
constexpr std::uint64_t kMicrosInDay = 86'400'000'000;
constexpr std::uint32_t kHashLength = 16;
constexpr std::uint32_t kLeastHash = 8;
constexpr std::uint32_t kMostHash = 52;
constexpr std::uint32_t kMostShown = 32;

/// What an item says is done.
struct Method {
  PhiMethod method = PhiMethod::keep;
  RedactionRuleInfo details;  // but for the place
};

std::vector<std::string_view> method_words() {
  std::vector<std::string_view> words;
  for (const hl7::PhiMethodRow& row : hl7::phi_methods()) {
    if (row.method != PhiMethod::keep && row.method != PhiMethod::mask_part) words.push_back(row.word);
  }
  return words;
}

/// Reads the method of one item.
class MethodReader {
 public:
  MethodReader(Context& context, const syntax::RedactionItem& item) : context_(context), item_(item) {}

  std::optional<Method> read() {
    Method read;
    if (item_.method == nullptr) return read;
    const std::string_view word = item_.method->text;
    if (word == "token") {
      context_.sink.report(Code::E0643, item_.method->span, "this version has no vault, so it does not run `token` yet",
                           "`hash key secret K` gives codes that nobody can turn back");
      return std::nullopt;
    }
    const auto method = hl7::phi_method(word);
    if (!method || *method == PhiMethod::keep) return unknown(word);
    read.method = *method;
    bool right = true;
    for (const syntax::Option* option : item_.arguments) {
      if (option->poisoned || option->name == nullptr) return std::nullopt;
      right = argument(*option, read) && right;
    }
    return right && complete(read) ? std::optional(read) : std::nullopt;
  }

 private:
  std::nullopt_t unknown(std::string_view word) {
    diag::Diagnostic diagnostic{
        .code = Code::E0643, .span = item_.method->span, .message = fmt::format("a redaction has no method `{}`", word)};
    const auto words = method_words();
    if (const auto near = diag::suggest(word, words)) {
      diagnostic.help = fmt::format("did you mean `{}`?", *near);
      diagnostic.fixes.push_back(diag::replace(item_.method->span, std::string(*near)));
    } else {
      diagnostic.help = fmt::format("its methods are {}; what stays is written without one", fmt::join(words, ", "));
    }
    context_.sink.report(std::move(diagnostic));
    return std::nullopt;
  }

  bool wrong(source::Span span, std::string message, std::string help = {}) {
    context_.sink.report(Code::E0644, span, std::move(message), std::move(help));
    return false;
  }

  bool argument(const syntax::Option& option, Method& read) {
    const std::string_view name = option.name->text;
    if (!given_.insert(name).second) return wrong(option.name->span, fmt::format("`{}` is given twice", name));
    switch (read.method) {
      case PhiMethod::mask:
      case PhiMethod::mask_part:
        if (name == "keep") return shown(option, read);
        break;
      case PhiMethod::shift:
        if (name == "days") return key_path(option, read);
        if (name == "range") return range(option, read);
        if (name == "secret") return secret(option, option, read);
        break;
      case PhiMethod::hash:
        if (name == "key") return secret(option, option, read);
        if (name == "length") return length(option, read);
        break;
      case PhiMethod::synthetic:
        if (name == "key") return secret(option, option, read);
        break;
      case PhiMethod::keep:
      case PhiMethod::remove:
      case PhiMethod::year:
      case PhiMethod::zip3: break;
    }
    return wrong(option.name->span, fmt::format("`{}` has no option `{}`", item_.method->text, name), usage(read.method));
  }

  static std::string usage(PhiMethod method) {
    switch (method) {
      case PhiMethod::mask:
      case PhiMethod::mask_part: return "write `mask`, `mask keep 4` or `mask keep shape`";
      case PhiMethod::shift: return "write it as in `shift days by key PID-3.1 range 365d secret study_key`";
      case PhiMethod::hash: return "write it as in `hash key secret study_key length 16`";
      case PhiMethod::synthetic: return "write `synthetic` or `synthetic key secret study_key`";
      case PhiMethod::keep:
      case PhiMethod::remove:
      case PhiMethod::year:
      case PhiMethod::zip3: break;
    }
    return "it takes none";
  }

  bool complete(Method& read) {
    if (read.method == PhiMethod::hash) {
      if (read.details.secret.empty()) {
        return wrong(item_.method->span, "a hash needs a secret: without one, anybody could try all values",
                     usage(read.method));
      }
      if (read.details.amount == 0) read.details.amount = kHashLength;
    }
    if (read.method == PhiMethod::shift) {
      if (read.details.key.field == 0) {
        return wrong(item_.method->span, "a shift needs a key: the dates of one person move by the same days",
                     usage(read.method));
      }
      if (read.details.amount == 0) read.details.amount = kShiftDays;
    }
    return true;
  }

  const syntax::Expr* value(const syntax::Option& option, PhiMethod method) {
    if (option.values.size() == 1 && option.block == nullptr && option.nested == nullptr) return option.values.front();
    wrong(option.span, fmt::format("`{}` takes one value", option.name->text), usage(method));
    return nullptr;
  }

  /// `key secret K`, `secret K`.
  bool secret(const syntax::Option& option, const syntax::Option& at, Method& read) {
    const bool connected = option.connective == syntax::Connective::secret || option.name->text == "secret";
    const syntax::Expr* given = connected ? value(option, read.method) : nullptr;
    if (!connected) return wrong(at.span, "the key is a secret, and is referred to by its name", usage(read.method));
    if (given == nullptr) return false;
    const auto* word = given->try_as<syntax::NameExpr>();
    if (word == nullptr) {
      return wrong(given->span, "the key is a secret, and is referred to by its name",
                   "declare it, `secret NAME`; its value is given to the hub when it starts");
    }
    const resolve::Entry* entry =
        resolve::lookup(context_.project, word->text, word->span, {syntax::DeclKind::secret}, context_.sink);
    if (entry == nullptr) return false;
    context_.facts.use(entry->name);
    read.details.secret = entry->name;
    return true;
  }

  /// `days by key PATH`.
  bool key_path(const syntax::Option& option, Method& read) {
    const syntax::Option* nested = option.nested;
    const bool form = option.connective == syntax::Connective::by && nested != nullptr && nested->name != nullptr &&
                      nested->name->text == "key" && nested->values.size() == 1;
    const auto* path = form ? nested->values.front()->try_as<syntax::PathExpr>() : nullptr;
    if (path == nullptr) return wrong(option.span, "`days` says whose dates move together", usage(read.method));
    if (path->poisoned) return false;
    const auto target = read_target(context_, *path);
    if (!target) return false;
    if (target->field == 0) return wrong(path->span, "a key is a field, not a segment", usage(read.method));
    read.details.key = *target;
    return true;
  }

  bool range(const syntax::Option& option, Method& read) {
    const syntax::Expr* given = value(option, read.method);
    if (given == nullptr) return false;
    const auto* unit = given->try_as<syntax::UnitExpr>();
    const auto micros = unit == nullptr ? std::nullopt : duration_micros(*unit);
    if (!micros || *micros % kMicrosInDay != 0 || *micros == 0 || *micros / kMicrosInDay > kMostShiftDays) {
      return wrong(given->span, fmt::format("`range` is a number of whole days from 1d to {}d", kMostShiftDays),
                   usage(read.method));
    }
    read.details.amount = static_cast<std::uint32_t>(*micros / kMicrosInDay);
    return true;
  }

  bool number(const syntax::Option& option, Method& read, std::uint32_t least, std::uint32_t most) {
    const syntax::Expr* given = value(option, read.method);
    if (given == nullptr) return false;
    const auto* digits = given->try_as<syntax::NumberExpr>();
    const auto amount = digits == nullptr ? std::nullopt : whole_number(digits->text);
    if (!amount || *amount < least || *amount > most) {
      return wrong(given->span, fmt::format("`{}` is a number from {} to {}", option.name->text, least, most),
                   usage(read.method));
    }
    read.details.amount = static_cast<std::uint32_t>(*amount);
    return true;
  }
  bool length(const syntax::Option& option, Method& read) { return number(option, read, kLeastHash, kMostHash); }

  bool shown(const syntax::Option& option, Method& read) {
    read.method = PhiMethod::mask_part;
    const auto* word = option.values.size() == 1 ? option.values.front()->try_as<syntax::NameExpr>() : nullptr;
    if (word == nullptr) return number(option, read, 1, kMostShown);
    read.details.shape = word->text == "shape";
    return read.details.shape || wrong(word->span, fmt::format("`mask` cannot keep `{}`", word->text), usage(read.method));
  }

  Context& context_;
  const syntax::RedactionItem& item_;
  std::set<std::string_view> given_;
};

class RedactionReader {
 public:
  explicit RedactionReader(Context& context) : context_(context) {}

  /// Reads it after its base; the second visit on one way is a circle.
  void read(const resolve::Entry& entry) {
    const auto* declaration = entry.declaration->try_as<syntax::RedactionDecl>();
    if (declaration == nullptr || context_.redactions.contains(entry.name)) return;
    if (!visiting_.insert(declaration).second) {
      context_.sink.report(Code::E0645, declaration->base->span,
                           fmt::format("`{}` starts from itself", declaration->name->text));
      return;
    }
    RedactionInfo info;
    if (declaration->base != nullptr) info = base_of(*declaration);
    check_allow(*declaration, info);
    info.declaration = declaration;
    info.broken = info.broken || declaration->poisoned;
    for (const syntax::RedactionItem* item : declaration->items) {
      if (item->poisoned || !read_item(*item, info, entry.standard)) info.broken = true;
    }
    if (!info.broken) check_says_something(*declaration, info);
    ++info.layers;
    visiting_.erase(declaration);
    context_.redactions.emplace(entry.name, std::move(info));
  }

 private:
  RedactionInfo base_of(const syntax::RedactionDecl& declaration) {
    RedactionInfo base;
    base.broken = true;
    const resolve::Entry* entry = context_.project.use_of(*declaration.base);
    if (entry == nullptr || entry->poisoned) return base;
    read(*entry);
    const auto at = context_.redactions.find(entry->name);
    return at == context_.redactions.end() ? base : at->second;
  }

  /// What starts from an `allow` is one; what starts from a list of changes cannot become one.
  void check_allow(const syntax::RedactionDecl& declaration, RedactionInfo& info) {
    if (declaration.base == nullptr) {
      info.allow = declaration.allow;
      return;
    }
    if (info.broken || info.allow || !declaration.allow) return;
    info.broken = true;
    context_.sink.report({.code = Code::E0645,
                          .span = declaration.base->span,
                          .message = fmt::format("`{}` lists what changes, and `{}` what may stay", declaration.base->text,
                                                 declaration.name->text),
                          .help = "an `allow` starts from nothing, or from another `allow`"});
  }

  bool read_item(const syntax::RedactionItem& item, RedactionInfo& info, bool standard) {
    const auto method = MethodReader(context_, item).read();
    bool right = method.has_value();
    hl7::RedactionRule rule;
    rule.layer = info.layers;
    if (method) rule.method = method->method;
    RedactionRuleInfo details = method ? method->details : RedactionRuleInfo{};
    details.item = &item;
    details.standard = standard;
    if (!item.labels.empty()) return read_labels(item, rule, std::move(details), info) && right;
    for (const syntax::PathExpr* path : item.paths) {
      if (path->poisoned) {
        right = false;
        continue;
      }
      const auto target = read_target(context_, *path);
      if (!target) {
        right = false;
        continue;
      }
      rule.segment = hl7::name_key(target->segment);
      rule.field = target->field;
      rule.component = target->component;
      rule.subcomponent = target->subcomponent;
      details.span = path->span;
      details.target = *target;
      if (!right) continue;
      right = allowed(*path, rule) && fits(*path, rule, *target) && once(*path, details, info);
      if (!right) continue;
      info.rules.push_back(rule);
      info.details.push_back(details);
    }
    return right;
  }

  bool read_labels(const syntax::RedactionItem& item, hl7::RedactionRule rule, RedactionRuleInfo details, RedactionInfo& info) {
    bool right = true;
    for (const syntax::Name* name : item.labels) {
      const hl7::RedactionLabel* label = hl7::redaction_label(name->text);
      if (label == nullptr) {
        right = unknown_label(*name);
        continue;
      }
      for (std::size_t i = 0; i < info.rules.size(); ++i) {
        const auto& before = info.rules[i];
        if (before.layer != rule.layer || before.segment != 0) continue;
        const auto& words = info.details[i].labels;
        if (std::find(words.begin(), words.end(), name->text) != words.end())
          right = twice(*name, name->text, info.details[i].span);
      }
      if (std::find(details.labels.begin(), details.labels.end(), name->text) != details.labels.end())
        right = twice(*name, name->text, name->span);
      rule.kinds |= label->kinds;
      rule.labels |= label->labels;
      details.labels.push_back(name->text);
    }
    details.span = item.span;
    if (!right) return false;
    info.rules.push_back(rule);
    info.details.push_back(std::move(details));
    return true;
  }

  bool unknown_label(const syntax::Name& name) {
    std::vector<std::string_view> words;
    for (const hl7::RedactionLabel& one : hl7::redaction_labels()) words.push_back(one.word);
    diag::Diagnostic diagnostic{
        .code = Code::E0640, .span = name.span, .message = fmt::format("there is no label `{}`", name.text)};
    if (const auto near = diag::suggest(name.text, words)) {
      diagnostic.help = fmt::format("did you mean `{}`?", *near);
      diagnostic.fixes.push_back(diag::replace(name.span, std::string(*near)));
    } else {
      diagnostic.help = fmt::format("the labels and kinds are {}", fmt::join(words, ", "));
    }
    context_.sink.report(std::move(diagnostic));
    return false;
  }

  bool twice(const syntax::Node& node, std::string_view what, source::Span first) {
    diag::Diagnostic diagnostic{
        .code = Code::E0646, .span = node.span, .message = fmt::format("the redaction speaks of `{}` twice", what)};
    if (!(first == node.span)) diagnostic.secondary.push_back({first, "first here"});
    diagnostic.help = "one item says what happens to it; a redaction that starts `from` this one may say otherwise";
    context_.sink.report(std::move(diagnostic));
    return false;
  }

  bool once(const syntax::PathExpr& path, const RedactionRuleInfo& details, const RedactionInfo& info) {
    for (std::size_t i = 0; i < info.rules.size(); ++i) {
      if (info.rules[i].layer == info.layers && info.details[i].target == details.target)
        return twice(path, describe(details.target), info.details[i].span);
    }
    return true;
  }

  /// Without its delimiters, type and version nobody could read what is left.
  bool allowed(const syntax::PathExpr& path, const hl7::RedactionRule& rule) {
    if (rule.segment != hl7::name_key("MSH") || rule.method == PhiMethod::keep) return true;
    const bool needed = rule.field <= 2 || rule.field == 9 || rule.field == 12 || rule.field == 18;
    if (!needed) return true;
    context_.sink.report(Code::E0647, path.span,
                         rule.field == 0 ? std::string("a receiver needs MSH to read what is left")
                                         : fmt::format("a receiver needs MSH-{} to read what is left", rule.field),
                         "MSH-1, MSH-2, MSH-9, MSH-12 and MSH-18 stay; name the other fields of MSH one by one");
    return false;
  }

  /// `year` of a name: whatever its writer thought of, it is not what happens.
  bool fits(const syntax::PathExpr& path, const hl7::RedactionRule& rule, const RedactionTarget& target) {
    if (rule.method != PhiMethod::year && rule.method != PhiMethod::zip3 && rule.method != PhiMethod::shift) return true;
    if (rule.field == 0) {
      return misfit(path, target, rule.method);
    }
    if (target.segment.starts_with('Z')) return true;  // the site knows
    for (std::size_t i = 0; i < hl7::version_count(); ++i) {
      const hl7::Version version = hl7::version_at(i);
      const hl7::Segment segment = version.segment(target.segment);
      const hl7::Field field = segment ? segment.field(target.field) : hl7::Field();
      if (!field) continue;
      if (field.varies()) return true;
      // Of an address any part may be the ZIP code; a date is the first part of its type.
      const bool all = target.component == 0 && field.datatype() && rule.method == PhiMethod::zip3;
      const unsigned most = all ? field.datatype().component_count() : 1;
      for (unsigned n = 1; n <= std::max(most, 1U); ++n) {
        const unsigned component = target.component == 0 ? n : target.component;
        const hl7::PhiMark mark = hl7::label_of(version, target.segment, target.field, component, target.subcomponent);
        const hl7::Component part = field.datatype() ? field.datatype().component(component) : hl7::Component();
        if (hl7::method_fits(rule.method, mark.kind) || is_date(part ? part.type() : field.type(), rule.method)) return true;
      }
    }
    return misfit(path, target, rule.method);
  }

  /// Of a type whose values are dates, though nobody's.
  static bool is_date(std::string_view type, PhiMethod method) {
    return method != PhiMethod::zip3 && (type == "DT" || type == "TS" || type == "DTM" || type == "DR");
  }

  bool misfit(const syntax::PathExpr& path, const RedactionTarget& target, PhiMethod method) {
    context_.sink.report(Code::E0648, path.span,
                         fmt::format("{} is no {}, so `{}` has nothing to work on", describe(target),
                                     method == PhiMethod::zip3 ? "ZIP code" : "date", hl7::row_of(method).word),
                         "`remove` leaves nothing; `mask`, `hash` and `synthetic` work on any text");
    return false;
  }

  /// A redaction that changes nothing, by mistake.
  void check_says_something(const syntax::RedactionDecl& declaration, RedactionInfo& info) {
    if (info.allow || declaration.base != nullptr) return;
    for (std::size_t i = 0; i < info.rules.size(); ++i) {
      if (info.rules[i].method != PhiMethod::keep) continue;
      context_.sink.report(
          Code::E0649, info.details[i].span, "this stays, and so does everything else that the redaction does not name",
          "write what happens to it, as in `PID-5 remove`, or `redaction NAME allow` for a list of what stays");
      info.broken = true;
    }
  }

  Context& context_;
  std::set<const syntax::RedactionDecl*> visiting_;
};

}  // namespace

void check_redactions(Context& context) {
  RedactionReader reader(context);
  for (const auto& [name, entry] : context.project.names) {
    if (entry.kind == syntax::DeclKind::redaction && !entry.poisoned) reader.read(entry);
  }
}

const RedactionInfo* redaction_of(const Context& context, const syntax::RedactStep& step) {
  if (step.redaction == nullptr) return nullptr;
  const resolve::Entry* entry = context.project.use_of(*step.redaction);
  if (entry == nullptr || entry->poisoned) return nullptr;
  const auto at = context.redactions.find(entry->name);
  return at == context.redactions.end() || at->second.broken ? nullptr : &at->second;
}

}  // namespace smarthl7::check
