// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/naming.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/check/options.h"
#include "compiler/check/values.h"

namespace smarthl7::check {

using diag::Code;
using syntax::Expr;
using syntax::ExprKind;

namespace {

constexpr std::uint32_t kFirstField = 3;
constexpr std::uint32_t kLastField = 21;
constexpr std::uint32_t kAlwaysThere[] = {7, 9, 10, 11, 12};  // required in each version, and checked before a message is taken

struct HeaderPart {
  const syntax::PathExpr* path = nullptr;
  std::optional<std::string_view> otherwise;  // `or "none"`
};

std::optional<HeaderPart> header_part(const Expr& part) {
  HeaderPart found;
  found.path = part.try_as<syntax::PathExpr>();
  if (const auto* either = part.try_as<syntax::BinaryExpr>(); either != nullptr && either->op == syntax::BinaryOp::logic_or) {
    found.path = either->left->try_as<syntax::PathExpr>();
    const auto* text = either->right->try_as<syntax::StringExpr>();
    if (text == nullptr || !text->is_literal()) return std::nullopt;
    found.otherwise = text->text();
  }
  if (found.path == nullptr || found.path->root != syntax::PathRoot::absolute || found.path->nodes.size() != 1)
    return std::nullopt;
  const syntax::PathNode& segment = found.path->nodes.front();
  if (segment.text != "MSH" || segment.index.kind != syntax::IndexKind::none || found.path->parts.empty()) return std::nullopt;
  for (const syntax::PathPart& one : found.path->parts)
    if (one.number == 0 || one.index.kind != syntax::IndexKind::none) return std::nullopt;
  const std::uint32_t field = found.path->parts.front().number;
  if (field < kFirstField || field > kLastField || found.path->parts.size() > 2) return std::nullopt;
  return found;
}

bool check_part(Context& context, const Expr& part) {
  if (part.poisoned || part.kind == ExprKind::error) return false;
  if (setting_of(context, part) != nullptr) return true;
  if (const auto* word = part.try_as<syntax::NameExpr>()) {
    resolve::lookup(context.project, word->text, word->span, {syntax::DeclKind::setting}, context.sink);
    return false;
  }
  const auto header = header_part(part);
  if (!header) {
    context.sink.report(
        Code::E0483, part.span, fmt::format("`{}` is neither a setting nor a field of MSH", context.text(part.span)),
        "a file name is seen by everybody who can list the folder: write `{MSH-10}`, `{MSH-3.1 or \"none\"}` or a "
        "setting");
    return false;
  }
  const syntax::PathPart& field = header->path->parts.front();
  const bool there = std::ranges::find(kAlwaysThere, field.number) != std::end(kAlwaysThere) &&
                     (header->path->parts.size() == 1 || header->path->parts[1].number == 1);
  if (there || header->otherwise) return true;
  context.sink.report(Code::E0483, part.span,
                      fmt::format("`{}` may be absent, and a file needs a name", context.text(part.span)),
                      fmt::format("say what stands there then: `{{{} or \"none\"}}`", context.text(part.span)));
  return false;
}

}  // namespace

bool check_naming(Context& context, const syntax::StringExpr& name) {
  bool good = true;
  const Expr* first = nullptr;  // part that the message says
  for (const syntax::StringPart& part : name.parts) {
    if (part.value != nullptr) {
      good = check_part(context, *part.value) && good;
      if (first == nullptr && naming_part(*part.value)) first = part.value;
    } else if (first != nullptr && part.text.find('/') != std::string_view::npos) {
      context.sink.report(Code::E0483, first->span, "what a message says can name a file, not a folder",
                          "the folders of a path are fixed: literal, or settings");
      first = nullptr;
      good = false;
    }
  }
  if (!good) return false;
  const bool folder = name.parts.empty() || (name.parts.back().value == nullptr && name.parts.back().text.ends_with('/'));
  if (!folder) return true;
  context.sink.report(Code::E0702, name.span, "`write` takes the path of a file: this is a folder",
                      "add a name, as in `{MSH-10}.hl7`");
  return false;
}

std::optional<std::string> naming_part(const Expr& part) {
  const auto header = header_part(part);
  if (!header) return std::nullopt;
  std::string text = "{MSH";
  for (const syntax::PathPart& one : header->path->parts)
    text += fmt::format("{}{}", &one == &header->path->parts.front() ? '-' : '.', one.number);
  if (header->otherwise) text += fmt::format("|{}", *header->otherwise);
  return text + "}";
}

std::optional<std::string> naming_pattern(const Expr& name, const std::map<std::string_view, std::string>& settings) {
  const auto* text = name.try_as<syntax::StringExpr>();
  if (text == nullptr) return text_with(name, settings);
  std::string pattern;
  for (const syntax::StringPart& part : text->parts) {
    if (part.value == nullptr) {
      pattern += part.text;
    } else if (naming_part(*part.value)) {
      pattern += '*';
    } else {
      const auto value = text_with(*part.value, settings);
      if (!value) return std::nullopt;
      pattern += *value;
    }
  }
  return pattern;
}

}  // namespace smarthl7::check
