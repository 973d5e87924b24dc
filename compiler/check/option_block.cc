// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/option_block.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compiler/check/certificates.h"
#include "compiler/check/naming.h"
#include "compiler/check/options.h"
#include "compiler/check/values.h"
#include "compiler/diag/suggest.h"
#include "stdlib/base/networks.h"
#include "stdlib/hl7/charset.h"

namespace smarthl7::check {

using connectors::OptionKind;
using connectors::OptionSpec;
using diag::Code;
using syntax::Expr;

namespace {

std::string_view leaf_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

std::string_view parent_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : path.substr(0, dot);
}

std::string join_path(std::string_view prefix, std::string_view name) {
  return prefix.empty() ? std::string(name) : fmt::format("{}.{}", prefix, name);
}

std::string as_in(const OptionSpec& spec) {
  return spec.example.empty() ? "" : fmt::format("write it as in `{}`", spec.example);
}

}  // namespace

OptionReader::OptionReader(Context& context, const connectors::ConnectorSpec& connector, connectors::Role role,
                           const syntax::Name& owner)
    : context_(context),
      what_(fmt::format("{} {}", connector.name, role == connectors::Role::source ? "source" : "destination")),
      owner_(owner),
      specs_(connectors::options_of(connector, role)) {}

OptionReader::OptionReader(Context& context, std::string what, std::span<const OptionSpec> specs, const syntax::Name& owner)
    : context_(context), what_(std::move(what)), owner_(owner) {
  for (const OptionSpec& spec : specs) specs_.push_back(&spec);
}

std::string OptionReader::a_what() const {
  const std::string owner = what_;
  return (std::string_view("aehimo").find(owner.front()) != std::string_view::npos ? "an " : "a ") + owner;
}

const OptionSpec* OptionReader::spec_of(std::string_view path) const {
  const auto at = std::find_if(specs_.begin(), specs_.end(), [path](const OptionSpec* spec) { return spec->path == path; });
  return at == specs_.end() ? nullptr : *at;
}

std::vector<std::string_view> OptionReader::names_below(std::string_view prefix) const {
  std::vector<std::string_view> names;
  for (const OptionSpec* spec : specs_) {
    if (parent_of(spec->path) == prefix) names.push_back(leaf_of(spec->path));
  }
  return names;
}

const syntax::Option* OptionReader::find(std::string_view path) const {
  const auto at = given_.find(path);
  return at == given_.end() ? nullptr : at->second.option;
}

void OptionReader::read(const syntax::OptionBlock& block) {
  read_block(block, "");
  check_required(block, "", owner_);
}

void OptionReader::read_block(const syntax::OptionBlock& block, std::string_view prefix) {
  broken_ = broken_ || block.poisoned;
  for (const syntax::Option* option : block.options) {
    if (option->name == nullptr)
      broken_ = true;
    else
      read_option(*option, prefix);
  }
}

void OptionReader::read_option(const syntax::Option& option, std::string_view prefix) {
  const std::string path = join_path(prefix, option.name->text);
  const OptionSpec* spec = spec_of(path);
  if (spec == nullptr) return unknown(option, prefix);
  if (spec->kind == OptionKind::block && option.connective != syntax::Connective::none && !option.poisoned)
    return read_named(option, *spec);
  if (option.nested != nullptr && option.nested->name != nullptr && spec->kind == OptionKind::block)
    return read_option(*option.nested, path);
  if (given_.contains(path) && spec->kind != OptionKind::block) {
    broken_ = true;
    context_.sink.report({.code = Code::E0704,
                          .span = option.name->span,
                          .message = fmt::format("`{}` is given twice", option.name->text),
                          .secondary = {{given_.at(path).option->name->span, "first here"}}});
    return;
  }
  if (given_.emplace(path, GivenOption{spec, &option}).second) order_.push_back(path);
  if (option.poisoned) {
    broken_ = true;
    return;
  }
  if (spec->kind == OptionKind::block) {
    if (option.block == nullptr) {
      broken_ = true;
      context_.sink.report(Code::E0702, option.span, fmt::format("`{}` takes options of its own", option.name->text),
                           as_in(*spec));
      return;
    }
    read_block(*option.block, path);
    check_required(*option.block, path, *option.name);
    return;
  }
  if (lost_value(option, *spec, prefix) || !check_connective(option, *spec)) broken_ = true;
}

/// `auth oauth NAME`: what would stand in the block is declared by that name.
void OptionReader::read_named(const syntax::Option& option, const OptionSpec& block) {
  const std::string path = join_path(block.path, spelling(option.connective));
  const OptionSpec* spec = spec_of(path);
  if (spec == nullptr) {
    broken_ = true;
    context_.sink.report(Code::E0702, option.span, fmt::format("`{}` takes options of its own", option.name->text),
                         as_in(block));
    return;
  }
  if (given_.contains(path)) {
    broken_ = true;
    context_.sink.report({.code = Code::E0704,
                          .span = option.name->span,
                          .message = fmt::format("`{}` is given twice", option.name->text),
                          .secondary = {{given_.at(path).option->name->span, "first here"}}});
    return;
  }
  if (given_.emplace(std::string(block.path), GivenOption{&block, &option}).second) order_.emplace_back(block.path);
  given_.emplace(path, GivenOption{spec, &option});
  order_.push_back(path);
}

void OptionReader::unknown(const syntax::Option& option, std::string_view prefix) {
  broken_ = true;
  const std::string_view name = option.name->text;
  const std::string owner = prefix.empty() ? a_what() : fmt::format("`{}` of {}", prefix, a_what());
  diag::Diagnostic diagnostic{
      .code = Code::E0701, .span = option.name->span, .message = fmt::format("{} has no option `{}`", owner, name)};
  const std::vector<std::string_view> known = names_below(prefix);
  const auto elsewhere =
      std::find_if(specs_.begin(), specs_.end(), [name](const OptionSpec* spec) { return leaf_of(spec->path) == name; });
  if (const auto near = diag::suggest(name, known)) {
    diagnostic.help = fmt::format("did you mean `{}`?", *near);
    diagnostic.fixes.push_back(diag::replace(option.name->span, std::string(*near)));
  } else if (elsewhere != specs_.end()) {
    const std::string_view parent = parent_of((*elsewhere)->path);
    diagnostic.help = parent.empty() ? fmt::format("`{}` stands outside of `{}`", name, prefix)
                                     : fmt::format("`{}` stands inside of `{} {{ ... }}`", name, parent);
  } else {
    diagnostic.help = fmt::format("its options are {}", fmt::join(known, ", "));
  }
  context_.sink.report(std::move(diagnostic));
}

bool OptionReader::lost_value(const syntax::Option& option, const OptionSpec& spec, std::string_view prefix) {
  if (option.values.size() != 1 || option.connective != syntax::Connective::none) return false;
  const auto* word = option.values.front()->try_as<syntax::NameExpr>();
  if (word == nullptr || context_.project.find(word->text) != nullptr) return false;
  if (std::find(spec.words.begin(), spec.words.end(), word->text) != spec.words.end()) return false;
  const std::vector<std::string_view> names = names_below(prefix);
  if (std::find(names.begin(), names.end(), word->text) == names.end()) return false;
  context_.sink.report(Code::E0712, word->span,
                       fmt::format("`{}` is an option, not a value: did `{}` lose its value?", word->text, option.name->text),
                       as_in(spec));
  return true;
}

bool OptionReader::check_connective(const syntax::Option& option, const OptionSpec& spec) {
  // `ack on receipt`: the word `on` followed by the value, which the grammar reads as an option of its own.
  const bool on = option.nested != nullptr && option.nested->name != nullptr;
  const std::string_view found = on ? option.nested->name->text : spelling(option.connective);
  if (std::find(spec.connectives.begin(), spec.connectives.end(), found) != spec.connectives.end()) return true;
  diag::Diagnostic diagnostic{.code = Code::E0705, .span = option.name->span, .message = {}, .help = as_in(spec)};
  const std::string_view due = spec.connectives.empty() ? std::string_view{} : spec.connectives.front();
  if (due.empty())
    diagnostic.message = fmt::format("`{}` takes its value without `{}`", option.name->text, found);
  else if (found.empty())
    diagnostic.message = fmt::format("`{}` needs `{}` before its value", option.name->text, due);
  else
    diagnostic.message = fmt::format("`{}` takes `{}`, not `{}`", option.name->text, due, found);
  if (!due.empty() && found.empty() && spec.connectives.size() == 1) {
    const source::Span at{option.name->span.file, option.name->span.end, option.name->span.end};
    diagnostic.fixes.push_back(diag::replace(at, fmt::format(" {}", due)));
  }
  context_.sink.report(std::move(diagnostic));
  return false;
}

/// Whether a required option is missing. What stands in its stead does without it, and the two do not go together.
bool OptionReader::check_instead(const OptionSpec& spec) {
  const auto given = given_.find(spec.path);
  const auto other = spec.unless.empty() ? given_.end() : given_.find(spec.unless);
  if (given == given_.end()) return other == given_.end();
  if (other == given_.end() || parent_of(spec.path) != parent_of(spec.unless)) return false;
  broken_ = true;
  context_.sink.report({.code = Code::E0715,
                        .span = other->second.option->name->span,
                        .message = fmt::format("{} says `{}` and `{}`: it does one of the two", a_what(), leaf_of(spec.path),
                                               leaf_of(spec.unless)),
                        .secondary = {{given->second.option->name->span, "the other one"}},
                        .help = "take one of them out"});
  return false;
}

void OptionReader::check_required(const syntax::OptionBlock& block, std::string_view prefix, const syntax::Node& place) {
  if (block.poisoned) return;
  for (const OptionSpec* spec : specs_) {
    if (!spec->required || parent_of(spec->path) != prefix || !check_instead(*spec)) continue;
    const std::string owner = prefix.empty() ? fmt::format("the {} `{}`", what_, owner_.text) : fmt::format("`{}`", prefix);
    broken_ = true;
    const OptionSpec* instead = spec->unless.empty() ? nullptr : spec_of(spec->unless);
    context_.sink.report(
        Code::E0703, place.span, fmt::format("{} does not say `{}`", owner, leaf_of(spec->path)),
        fmt::format(
            "add `{}`: {}{}", spec->example, spec->doc,
            instead == nullptr || parent_of(instead->path) != prefix ? "" : fmt::format("; or `{}`", instead->example)));
  }
}

std::vector<OptionInfo> OptionReader::own_options(std::span<const OptionSpec> common) {
  std::vector<OptionInfo> options;
  for (const std::string& path : order_) {
    const GivenOption& given = given_.find(path)->second;
    const auto in_common = [&path](const OptionSpec& spec) { return spec.path == path; };
    if (std::any_of(common.begin(), common.end(), in_common)) continue;
    OptionInfo info;
    info.name = path;
    if (read_value(info, given))
      options.push_back(std::move(info));
    else
      broken_ = true;
  }
  std::sort(options.begin(), options.end(), [](const OptionInfo& a, const OptionInfo& b) { return a.name < b.name; });
  return options;
}

bool OptionReader::read_value(OptionInfo& info, const GivenOption& given) {
  const OptionSpec& spec = *given.spec;
  if (spec.kind == OptionKind::block) {
    info.kind = plan::OptionKind::block;
    return true;
  }
  const std::size_t before = context_.sink.errors();
  if (spec.many && given.option->values.size() > 1) return read_many(info, given);
  const Expr* value = single_value(context_, *given.option, spec.example);
  if (value == nullptr) return false;
  if (given.option->values.empty() || before != context_.sink.errors()) return false;
  switch (spec.kind) {
    case OptionKind::text:
    case OptionKind::address:
    case OptionKind::networks:
    case OptionKind::url:
    case OptionKind::charset: return read_text(info, spec, *value);
    case OptionKind::number:
    case OptionKind::port:
    case OptionKind::duration:
    case OptionKind::size: return read_counted(info, spec, *value);
    case OptionKind::file: return read_file(info, spec, *value);
    case OptionKind::folder: return read_folder(info, spec, *value);
    case OptionKind::naming: return read_naming(info, spec, *value);
    case OptionKind::secret: return read_secret(info, spec, *value);
    case OptionKind::words: return read_word(info, spec, *value);
    case OptionKind::name: return read_name(info, spec, *value);
    case OptionKind::path:
    case OptionKind::events:
    case OptionKind::block: return true;
  }
  return false;
}

/// Of a connector's own options only `oauth` names a declaration; what that holds is put beside it by who reads it.
bool OptionReader::read_name(OptionInfo& info, const OptionSpec& spec, const Expr& value) {
  info.kind = plan::OptionKind::text;
  info.value = &value;
  const auto* word = value.try_as<syntax::NameExpr>();
  if (word == nullptr) {
    report_kind(context_, value.span, leaf_of(spec.path), fmt::format("the name of an {} client", spec.declared), spec.example);
    return false;
  }
  const resolve::Entry* entry =
      resolve::lookup(context_.project, word->text, word->span, {syntax::DeclKind::oauth}, context_.sink);
  if (entry == nullptr) return false;
  context_.facts.use(entry->name);
  return true;
}

/// A list: `info` gets the first text, and the others in `more`.
bool OptionReader::read_many(OptionInfo& info, const GivenOption& given) {
  if (given.option->poisoned || given.option->block != nullptr || given.option->nested != nullptr) return false;
  std::set<std::string_view> seen;
  for (const Expr* value : given.option->values) {
    OptionInfo one;
    if (value->poisoned || value->kind == syntax::ExprKind::error || !read_text(one, *given.spec, *value)) return false;
    if (!seen.insert(context_.text(value->span)).second) {
      context_.sink.report(Code::E0704, value->span, fmt::format("{} is named twice", context_.text(value->span)));
      return false;
    }
    if (info.value == nullptr) {
      info.kind = one.kind;
      info.value = value;
    } else {
      info.more.push_back(value);
    }
  }
  return true;
}

bool OptionReader::check_networks(const Expr& value, const OptionSpec& spec) {
  const auto known = text_with(value, setting_values(context_, context_.environment));
  const auto networks = known ? Networks::parse(*known) : Result<Networks>();
  if (networks) return true;
  context_.sink.report(Code::E0702, value.span, fmt::format("`{}`: {}", leaf_of(spec.path), networks.error().text),
                       as_in(spec));
  return false;
}

bool OptionReader::read_text(OptionInfo& info, const OptionSpec& spec, const Expr& value) {
  info.kind = plan::OptionKind::text;
  info.value = &value;
  const auto* text = value.try_as<syntax::StringExpr>();
  if (text == nullptr) {
    const SettingInfo* setting = setting_of(context_, value);
    const TypeKind kind = setting == nullptr ? TypeKind::error : setting->type.kind;
    if (setting != nullptr &&
        (kind == TypeKind::error || kind == TypeKind::text || kind == TypeKind::address || kind == TypeKind::url))
      return true;
    report_kind(context_, value.span, spec.path,
                spec.kind == OptionKind::address ? "host and port in quotes" : "a text in quotes", spec.example);
    return false;
  }
  if (!check_option_text(context_, *text)) return false;
  const auto known = text_with(value, setting_values(context_, context_.environment));
  if (spec.kind == OptionKind::address && known && !is_address(*known)) {
    report_kind(context_, value.span, spec.path, "host and port, as in \"hl7.example:2575\"", spec.example);
    return false;
  }
  if (spec.kind == OptionKind::networks && !check_networks(value, spec)) return false;
  if (spec.kind == OptionKind::charset && known && !check_charset(*known, value, spec)) return false;
  if (spec.kind == OptionKind::url && known && !is_url(*known)) {
    report_kind(context_, value.span, spec.path, "a URL, as in \"https://host/path\"", spec.example);
    return false;
  }
  return true;
}

bool OptionReader::check_charset(std::string_view name, const Expr& value, const OptionSpec& spec) {
  const auto found = hl7::find_charset(name);
  const std::string_view option = leaf_of(spec.path);
  if (!found) {
    report_kind(context_, value.span, option, "a character set of HL7 table 0211", spec.example);
  } else if (!hl7::can_carry_messages(*found)) {
    context_.sink.report(Code::E0702, value.span,
                         fmt::format("`{}`: messages cannot be carried in {}", option, hl7::name_of(*found)),
                         "MSH and the end of a frame cannot be found in it; write `\"UNICODE UTF-8\"`");
  } else {
    return true;
  }
  return false;
}

bool OptionReader::read_counted(OptionInfo& info, const OptionSpec& spec, const Expr& value) {
  const bool duration = spec.kind == OptionKind::duration;
  const bool size = spec.kind == OptionKind::size;
  info.kind = duration ? plan::OptionKind::duration : size ? plan::OptionKind::size : plan::OptionKind::number;
  if (const SettingInfo* setting = setting_of(context_, value)) {
    const TypeKind kind = setting->type.kind;
    const bool number = kind == TypeKind::number || kind == TypeKind::port;
    if (kind == TypeKind::error || (duration && kind == TypeKind::duration) || (size && kind == TypeKind::size) ||
        (!duration && !size && number)) {
      info.value = &value;
      return true;
    }
  }
  const std::string_view name = leaf_of(spec.path);
  const auto number =
      duration ? read_duration(context_, name, value, spec.example)
      : size   ? read_size(context_, name, value, spec.example)
             : read_number(context_, name, value, spec.least, spec.kind == OptionKind::port ? 65535 : spec.most, spec.example);
  if (number) info.number = *number;
  return number.has_value();
}

bool OptionReader::read_file(OptionInfo& info, const OptionSpec& spec, const Expr& value) {
  info.kind = plan::OptionKind::file;
  const auto file = read_literal(context_, fmt::format("the file of `{}`", leaf_of(spec.path)), value);
  if (!file) return false;
  const std::string path = context_.path_of(value.span, *file);
  info.file = context_.from_root(path);
  if (!context_.files.exists(path)) {
    context_.sink.report(Code::W0701, value.span, fmt::format("\"{}\" is not there now", *file),
                         "it must be there when the hub starts; paths are relative to the folder of the route file");
  } else {
    check_certificates(context_, spec.path, value.span, path);
  }
  return true;
}

bool OptionReader::read_folder(OptionInfo& info, const OptionSpec& spec, const Expr& value) {
  const auto* word = value.try_as<syntax::NameExpr>();
  if (word != nullptr && std::ranges::find(spec.words, word->text) != spec.words.end()) {
    info.kind = plan::OptionKind::text;
    info.value = &value;
    return true;
  }
  if (!read_text(info, spec, value)) return false;
  const auto known = text_with(value, setting_values(context_, context_.environment));
  if (!known || std::ranges::find(spec.words, *known) == spec.words.end()) return true;
  context_.sink.report(
      Code::E0702, value.span, fmt::format("`\"{}\"` in quotes is a folder", *known),
      fmt::format("write `{} {}` without quotes, or `\"./{}\"` for a folder of that name", leaf_of(spec.path), *known, *known));
  return false;
}

bool OptionReader::read_naming(OptionInfo& info, const OptionSpec& spec, const Expr& value) {
  info.kind = plan::OptionKind::text;
  info.value = &value;
  const auto* text = value.try_as<syntax::StringExpr>();
  if (text == nullptr) {
    report_kind(context_, value.span, spec.path, "the path of a file in quotes", spec.example);
    return false;
  }
  return check_naming(context_, *text);
}

bool OptionReader::read_secret(OptionInfo& info, const OptionSpec& spec, const Expr& value) {
  info.kind = plan::OptionKind::secret;
  if (value.kind == syntax::ExprKind::string) {
    context_.sink.report(
        Code::E0707, value.span, fmt::format("`{}` holds a secret in clear", leaf_of(spec.path)),
        "declare it, `secret NAME`, and refer to it by its name; its value is given to the hub when it starts");
    return false;
  }
  const auto* word = value.try_as<syntax::NameExpr>();
  if (word == nullptr) {
    report_kind(context_, value.span, leaf_of(spec.path), "the name of a secret", spec.example);
    return false;
  }
  const resolve::Entry* entry =
      resolve::lookup(context_.project, word->text, word->span, {syntax::DeclKind::secret}, context_.sink);
  if (entry == nullptr) return false;
  context_.facts.use(entry->name);
  info.secret = entry->name;
  return true;
}

namespace {

/// A word as a value: `stored`, or upper-case `AL`, which reads as a path; empty if it is none.
std::string_view word_text(const Expr& value) {
  if (const auto* word = value.try_as<syntax::NameExpr>()) return word->text;
  const auto* path = value.try_as<syntax::PathExpr>();
  return path != nullptr && path->is_bare_word() ? path->nodes.front().text : std::string_view{};
}

}  // namespace

std::string_view OptionReader::present_word(std::string_view word, const OptionSpec& spec, source::Span span) {
  const auto former = std::ranges::find(spec.former, word, &connectors::FormerWord::was);
  if (former == spec.former.end()) return word;
  context_.sink.report({.code = Code::W0203,
                        .span = span,
                        .message = fmt::format("`{}` is written `{}` now", former->was, former->is),
                        .help = "`check --fix` writes it so; the older spelling will be refused by a later version",
                        .fixes = {diag::replace(span, std::string(former->is))}});
  return former->is;
}

bool OptionReader::read_word(OptionInfo& info, const OptionSpec& spec, const Expr& value) {
  info.kind = plan::OptionKind::text;
  info.value = &value;
  const std::string_view word = present_word(word_text(value), spec, value.span);
  if (std::find(spec.words.begin(), spec.words.end(), word) != spec.words.end()) return true;
  diag::Diagnostic diagnostic{.code = Code::E0702,
                              .span = value.span,
                              .message = fmt::format("`{}` takes {}, not `{}`", leaf_of(spec.path),
                                                     fmt::join(spec.words, " or "), context_.text(value.span)),
                              .help = fmt::format("write it as in `{}`", spec.example)};
  if (!word.empty()) {
    if (const auto near = diag::suggest(word, spec.words)) {
      diagnostic.help = fmt::format("did you mean `{}`?", *near);
      diagnostic.fixes.push_back(diag::replace(value.span, std::string(*near)));
    }
  }
  context_.sink.report(std::move(diagnostic));
  return false;
}

std::string_view OptionReader::word(std::string_view path) {
  const auto at = given_.find(path);
  if (at == given_.end() || at->second.option->poisoned) return {};
  const syntax::Option* option = at->second.option;
  if (option->nested != nullptr) option = option->nested;
  const Expr* value = single_value(context_, *option, at->second.spec->example);
  OptionInfo info;
  if (value == nullptr || !read_word(info, *at->second.spec, *value)) {
    broken_ = true;
    return {};
  }
  const std::string_view word = word_text(*value);
  const auto former = std::ranges::find(at->second.spec->former, word, &connectors::FormerWord::was);
  return former == at->second.spec->former.end() ? word : former->is;
}

std::uint64_t OptionReader::number(std::string_view path, std::uint64_t least, std::uint64_t most, std::uint64_t otherwise) {
  const auto at = given_.find(path);
  if (at == given_.end()) return otherwise;
  const Expr* value = single_value(context_, *at->second.option, at->second.spec->example);
  const auto number =
      value == nullptr ? std::nullopt : read_number(context_, path, *value, least, most, at->second.spec->example);
  if (!number) broken_ = true;
  return number.value_or(otherwise);
}

std::uint64_t OptionReader::duration(std::string_view path, std::uint64_t otherwise) {
  const auto at = given_.find(path);
  if (at == given_.end()) return otherwise;
  const Expr* value = single_value(context_, *at->second.option, at->second.spec->example);
  const auto micros = value == nullptr ? std::nullopt : read_duration(context_, path, *value, at->second.spec->example);
  if (!micros) broken_ = true;
  return micros.value_or(otherwise);
}

}  // namespace smarthl7::check
