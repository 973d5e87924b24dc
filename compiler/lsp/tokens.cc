// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "compiler/lsp/features.h"
#include "compiler/lsp/find.h"

namespace smarthl7::lsp {
namespace {

using syntax::DeclKind;

// The order is the protocol's: a token names its type by its place here.
constexpr std::array<std::string_view, 12> kTypes = {"namespace", "type",     "class",    "interface",  "struct", "parameter",
                                                     "variable",  "property", "function", "enumMember", "event",  "macro"};
enum class Kind : std::uint8_t {
  namespace_,
  type,
  class_,
  interface,
  struct_,
  parameter,
  variable,
  property,
  function,
  enum_member,
  event,
  macro,
};
constexpr std::array<std::string_view, 3> kModifiers = {"declaration", "readonly", "defaultLibrary"};
constexpr std::uint32_t kDeclaration = 1;
constexpr std::uint32_t kReadonly = 2;
constexpr std::uint32_t kLibrary = 4;

struct Token {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  Kind kind = Kind::variable;
  std::uint32_t modifiers = 0;
};

Kind kind_of(DeclKind kind) {
  switch (kind) {
    case DeclKind::message: return Kind::type;
    case DeclKind::source:
    case DeclKind::destination: return Kind::interface;
    case DeclKind::table: return Kind::struct_;
    case DeclKind::mapping:
    case DeclKind::redaction:
    case DeclKind::flow: return Kind::function;
    case DeclKind::environment: return Kind::namespace_;
    case DeclKind::alert: return Kind::event;
    default: return Kind::variable;
  }
}

class Collector final : public TreeVisitor {
 public:
  explicit Collector(const resolve::Project& project) : project_(project) {}

  void name(const syntax::Name& name, Role role, const Around& around) override {
    switch (role) {
      case Role::declared:
        add(name.span, kind_of(around.declaration->kind), kDeclaration | readonly(around.declaration->kind));
        break;
      case Role::used:
        if (const resolve::Entry* entry = project_.use_of(name)) use(name.span, *entry);
        break;
      case Role::function: add(name.span, Kind::function, kLibrary); break;
      case Role::option: add(name.span, Kind::property, 0); break;
      case Role::column:
      case Role::field: add(name.span, Kind::property, role == Role::field ? kDeclaration : 0); break;
      case Role::transport:
      case Role::module: add(name.span, Kind::namespace_, kLibrary); break;
      case Role::type:
      case Role::datatype: add(name.span, Kind::type, kLibrary); break;
      case Role::structure: add(name.span, Kind::class_, kLibrary); break;
      case Role::segment: add(name.span, Kind::class_, kDeclaration); break;
      case Role::phi:
      case Role::ack:
      case Role::table: add(name.span, Kind::enum_member, 0); break;
      case Role::metric: add(name.span, Kind::property, kLibrary); break;
      case Role::method: add(name.span, Kind::macro, kLibrary); break;
      case Role::format:
      case Role::version: break;
    }
  }
  void expr(const syntax::Expr& expr, const syntax::Expr* /*parent*/, const Around& /*around*/) override {
    if (const auto* path = expr.try_as<syntax::PathExpr>()) {
      for (const syntax::PathNode& node : path->nodes) {
        const std::uint32_t length = static_cast<std::uint32_t>(node.text.size());
        add({node.span.file, node.span.begin, node.span.begin + length}, Kind::class_, 0);
      }
      for (const syntax::PathPart& part : path->parts) {
        std::uint32_t end = part.span.end;
        if (part.index.kind != syntax::IndexKind::none) end = part.index.span.begin;
        add({part.span.file, part.span.begin, end}, Kind::property, 0);
      }
    } else if (expr.kind == syntax::ExprKind::name) {
      if (option_ != nullptr && std::ranges::find(option_->values, &expr) != option_->values.end() &&
          !is_reference(spec_, expr.as<syntax::NameExpr>().text)) {
        add(expr.span, Kind::enum_member, 0);
      } else if (const resolve::Entry* entry = project_.use_of(expr)) {
        use(expr.span, *entry);
      }
    } else if (expr.kind == syntax::ExprKind::event) {
      add(expr.span, Kind::event, 0);
    }
  }
  void option(const syntax::Option& option, const OptionPlace& place, const Around& /*around*/) override {
    option_ = &option;
    spec_ = place.spec;
  }

  std::vector<Token> tokens;

 private:
  static std::uint32_t readonly(DeclKind kind) {
    return kind == DeclKind::secret || kind == DeclKind::setting || kind == DeclKind::retry ? kReadonly : 0;
  }
  void use(source::Span span, const resolve::Entry& entry) {
    add(span, kind_of(entry.kind), readonly(entry.kind) | (entry.standard ? kLibrary : 0));
  }
  void add(source::Span span, Kind kind, std::uint32_t modifiers) {
    if (span.end > span.begin) tokens.push_back({span.begin, span.end, kind, modifiers});
  }

  const resolve::Project& project_;
  const syntax::Option* option_ = nullptr;
  const connectors::OptionSpec* spec_ = nullptr;
};

}  // namespace

json::object token_legend() {
  json::array types;
  for (const std::string_view type : kTypes) types.push_back(to_json(type));
  json::array modifiers;
  for (const std::string_view modifier : kModifiers) modifiers.push_back(to_json(modifier));
  return {{"tokenTypes", std::move(types)}, {"tokenModifiers", std::move(modifiers)}};
}

std::vector<std::uint32_t> semantic_tokens(const View& view, std::uint32_t begin, std::uint32_t end) {
  Collector collector(view.analysis.project);
  for (const syntax::Declaration* declaration : view.tree.declarations) {
    if (declaration->span.end >= begin && declaration->span.begin <= end) visit(view.analysis, *declaration, collector);
  }
  auto& tokens = collector.tokens;
  std::sort(tokens.begin(), tokens.end(), [](const Token& a, const Token& b) { return a.begin < b.begin; });
  std::vector<std::uint32_t> data;
  data.reserve(tokens.size() * 5);
  Position last;
  std::uint32_t behind = 0;
  for (const Token& token : tokens) {
    if (token.begin < behind || token.end < begin || token.begin > end) continue;  // no overlaps
    behind = token.end;
    const Range range = view.range(token.begin, token.end);
    if (range.start.line != range.end.line) continue;
    const std::uint32_t lines = range.start.line - last.line;
    data.insert(data.end(),
                {lines, lines == 0 ? range.start.character - last.character : range.start.character,
                 range.end.character - range.start.character, static_cast<std::uint32_t>(token.kind), token.modifiers});
    last = range.start;
  }
  return data;
}

}  // namespace smarthl7::lsp
