// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "compiler/syntax/lower.h"
#include "compiler/syntax/scan.h"
#include "compiler/syntax/words.h"

namespace smarthl7::syntax {
namespace {

/// A value of two words, whatever blanks the author put between them.
std::string_view one_blank(std::string_view text) {
  const std::size_t first = text.find_first_of(" \t");
  if (first == std::string_view::npos) return text;
  return two_word_value(text.substr(0, first), text.substr(text.find_last_of(" \t") + 1));
}

using diag::Code;

constexpr std::size_t kMaxOperators = 100;  // in one chain, so that the tree stays shallow
constexpr int kLevelAnd = 2;
constexpr int kLevelCompare = 4;
constexpr int kLevelMatches = 5;
constexpr int kLevelAdd = 6;
constexpr int kLevelMultiply = 7;

int level(BinaryOp op) {
  switch (op) {
    case BinaryOp::logic_or: return 1;
    case BinaryOp::logic_and: return kLevelAnd;
    case BinaryOp::equal:
    case BinaryOp::not_equal:
    case BinaryOp::less:
    case BinaryOp::less_equal:
    case BinaryOp::greater:
    case BinaryOp::greater_equal: return kLevelCompare;
    case BinaryOp::add:
    case BinaryOp::subtract: return kLevelAdd;
    case BinaryOp::multiply:
    case BinaryOp::divide: return kLevelMultiply;
  }
  return 0;
}

BinaryOp op_named(std::string_view text) {
  if (text == "or" || text == "||") return BinaryOp::logic_or;
  if (text == "and" || text == "&&") return BinaryOp::logic_and;
  for (const BinaryOp op : {BinaryOp::equal, BinaryOp::not_equal, BinaryOp::less, BinaryOp::less_equal, BinaryOp::greater,
                            BinaryOp::greater_equal, BinaryOp::add, BinaryOp::subtract, BinaryOp::multiply}) {
    if (spelling(op) == text) return op;
  }
  return BinaryOp::divide;
}

/// Blanks before the first character of each line of a block string, the least of them; the first line is empty.
std::size_t common_indent(std::string_view inner) {
  if (inner.empty() || (inner[0] != '\n' && !inner.starts_with("\r\n"))) return 0;
  std::size_t least = std::string_view::npos;
  for (std::size_t at = inner.find('\n'); at != std::string_view::npos; at = inner.find('\n', at + 1)) {
    const std::size_t text = inner.find_first_not_of(" \t", at + 1);
    if (text == std::string_view::npos) {
      least = std::min(least, inner.size() - at - 1);
    } else if (inner[text] != '\n' && inner[text] != '\r') {
      least = std::min(least, text - at - 1);
    }
  }
  return least == std::string_view::npos ? 0 : least;
}

std::string double_quoted(std::string_view inner) {
  std::string out = "\"";
  for (const char c : inner) {
    if (c == '"' || c == '\\' || c == '{' || c == '}') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

const Expr* Lowering::expression(At at) {
  if (at.kind() == Kind::chain) return chain(at);
  return primary(at);
}

const Expr* Lowering::chain(At at) {
  std::vector<At> items;
  std::size_t operators = 0;
  for (const At item : at) {
    items.push_back(item);
    const Kind kind = item.kind();
    operators += kind == Kind::op_binary || kind == Kind::op_not || kind == Kind::op_test || kind == Kind::op_in ||
                         kind == Kind::op_matches
                     ? 1U
                     : 0U;
  }
  if (operators > kMaxOperators) {
    report(Code::E0103, span(at), fmt::format("more than {} operators in one expression", kMaxOperators));
    auto* error = make<ErrorExpr>(at);
    error->poisoned = true;
    return error;
  }
  std::size_t next = 0;
  return climb(items, next, 1);
}

const Expr* Lowering::climb(const std::vector<At>& items, std::size_t& next, int least) {
  const Expr* left = nullptr;
  const At first = items[next++];
  if (first.kind() == Kind::op_not) {
    if (text(first) == "!") {
      report(Code::E0122, span(first), "`!` is written `not`", {{span(first), "not "}});
    } else if (least > kLevelCompare - 1) {
      report(Code::E0109, span(first), "`not` after an operator stands in parentheses");
    }
    const Expr* operand = climb(items, next, kLevelCompare);
    auto* result = make<NotExpr>(join(span(first), operand->span));
    result->operand = operand;
    left = result;
  } else {
    left = primary(first);
  }
  bool compared = false;
  while (next < items.size()) {
    const At op = items[next];
    const bool binary = op.kind() == Kind::op_binary;
    const int op_level = binary ? level(op_named(text(op))) : op.kind() == Kind::op_matches ? kLevelMatches : kLevelCompare;
    if (op_level < least) break;
    ++next;
    if (op_level == kLevelCompare && std::exchange(compared, true)) {
      report(Code::E0109, span(op), "comparisons cannot be chained", {}, "join them with `and`, or use parentheses");
    }
    if (!binary) {
      left = postfix(op, left);
      continue;
    }
    const BinaryOp kind = binary_op(op);
    const Expr* right = climb(items, next, op_level + 1);
    auto* result = make<BinaryExpr>(join(left->span, right->span));
    result->op = kind;
    result->op_span = span(op);
    result->left = left;
    result->right = right;
    left = result;
  }
  return left;
}

BinaryOp Lowering::binary_op(At at) {
  const std::string_view sign = text(at);
  const BinaryOp op = op_named(sign);
  if (sign != spelling(op)) {
    report(Code::E0122, span(at), fmt::format("`{}` is written `{}`", sign, spelling(op)),
           {{span(at), std::string(spelling(op))}});
  }
  return op;
}

const Expr* Lowering::postfix(At op, const Expr* operand) {
  const Span where = join(operand->span, span(op));
  if (op.kind() == Kind::op_test) {
    auto* result = make<TestExpr>(where);
    const std::string_view word = text(op);
    result->test = word == "present" ? TestKind::present : word == "absent" ? TestKind::absent : TestKind::null;
    result->operand = operand;
    return result;
  }
  const At what = op.first();
  if (op.kind() == Kind::op_matches) {
    auto* result = make<MatchesExpr>(where);
    result->operand = operand;
    result->pattern = pattern(what);
    return result;
  }
  auto* result = make<InExpr>(where);
  result->operand = operand;
  if (what.kind() == Kind::name) {
    result->table = name(what);
    return result;
  }
  if (what.kind() == Kind::path || what.kind() == Kind::call) {
    result->list = primary(what);
    return result;
  }
  result->bracketed = what.kind() == Kind::in_bracketed;
  std::vector<const Expr*> values;
  for (const At value : what) values.push_back(primary(value));
  result->values = list(values);
  return result;
}

const Expr* Lowering::primary(At at) {
  switch (at.kind()) {
    case Kind::string:
    case Kind::string_raw:
    case Kind::string_block:
    case Kind::string_single: return string(at);
    case Kind::path: return path(at);
    case Kind::chain: return chain(at);
    case Kind::paren: {
      const Expr* inner = expression(at.first());
      auto* marked = const_cast<Expr*>(inner);  // still being built: nobody else has seen it
      marked->parenthesised = true;
      return inner;
    }
    case Kind::number: {
      auto* result = make<NumberExpr>(at);
      result->text = text(at);
      return result;
    }
    case Kind::version: {
      auto* result = make<VersionExpr>(at);
      result->text = text(at);
      return result;
    }
    case Kind::unit: {
      auto* result = make<UnitExpr>(at);
      const std::string_view all = text(at);
      const auto* letter = std::find_if(all.begin(), all.end(), [](char c) { return !is_digit(c) && c != '.'; });
      result->number = all.substr(0, static_cast<std::size_t>(letter - all.begin()));
      result->unit = all.substr(result->number.size());
      return result;
    }
    case Kind::count: {
      auto* result = make<CountExpr>(at);
      result->number = text(at.first());
      result->word = text(*++at.begin());
      return result;
    }
    case Kind::event: {
      auto* result = make<EventExpr>(at);
      const std::string_view all = text(at);
      const std::size_t one = all.find('^');
      const std::size_t two = std::min(all.find('^', one + 1), all.size());
      result->code = all.substr(0, one);
      result->trigger = all.substr(one + 1, two - one - 1);
      if (two < all.size()) result->structure = all.substr(two + 1);
      return result;
    }
    case Kind::boolean: {
      auto* result = make<BoolExpr>(at);
      result->value = text(at) == "true";
      return result;
    }
    case Kind::null_value: return make<NullExpr>(at);
    case Kind::name_value: {
      if (text(at) == "true" || text(at) == "false") {
        auto* result = make<BoolExpr>(at);
        result->value = text(at) == "true";
        return result;
      }
      auto* result = make<NameExpr>(at);
      result->text = one_blank(text(at));
      return result;
    }
    case Kind::raw: {
      auto* result = make<RawExpr>(at);
      result->path = path(at.first());
      return result;
    }
    case Kind::call: {
      auto* result = make<CallExpr>(at);
      std::vector<const Expr*> arguments;
      for (const At part : at) {
        if (part.kind() == Kind::name) {
          result->function = name(part);
        } else {
          arguments.push_back(expression(part));
        }
      }
      result->arguments = list(arguments);
      return result;
    }
    case Kind::lookup: {
      auto* result = make<LookupExpr>(at);
      std::vector<const Expr*> keys;
      for (const At part : at) {
        if (part.kind() == Kind::name) {
          result->table = name(part);
        } else if (part.kind() == Kind::column) {
          result->column = name(part);
        } else {
          keys.push_back(expression(part));
        }
      }
      result->keys = list(keys);
      return result;
    }
    case Kind::each: {
      auto* result = make<EachExpr>(at);
      for (const At part : at) {
        if (part.kind() == Kind::path) {
          result->scope = path(part);
        } else if (part.kind() == Kind::where) {
          result->where = only_expression(part);
        } else {
          result->body = expression(part);
        }
      }
      return result;
    }
    default: SMARTHL7_UNREACHABLE("the grammar writes only operands here");
  }
}

std::string_view Lowering::decode(At piece, StringForm form, std::size_t indent, bool first, bool last) {
  std::string_view raw = text(piece);
  if (form == StringForm::raw) return raw;
  if (form == StringForm::plain && raw.find('\\') == std::string_view::npos) return raw;
  std::string out;
  const bool strip = form == StringForm::block;
  std::size_t at = 0;
  if (strip && first && (raw.starts_with('\n') || raw.starts_with("\r\n"))) at = raw.find('\n');
  const bool drop_first = at < raw.size() && raw[at] == '\n' && strip && first;
  for (std::size_t i = drop_first ? at : 0; i < raw.size(); ++i) {
    const char c = raw[i];
    if (strip && c == '\r' && i + 1 < raw.size() && raw[i + 1] == '\n') continue;
    if (strip && c == '\n') {
      if (!(drop_first && i == at)) out += '\n';
      std::size_t blanks = 0;
      for (; blanks < indent && i + 1 < raw.size() && is_blank(raw[i + 1]); ++blanks) ++i;
      continue;
    }
    if (c != '\\' || i + 1 == raw.size()) {
      out += c;
      continue;
    }
    const char escape = raw[++i];
    switch (escape) {
      case 'n': out += '\n'; break;
      case 't': out += '\t'; break;
      case '"':
      case '\\':
      case '{':
      case '}': out += escape; break;
      default: {
        const auto offset = piece.node().begin + static_cast<std::uint32_t>(i) - 1;
        const Span where{state_.file.id(), offset, offset + 2};
        report(Code::E0106, where, "this escape is not known", {{{state_.file.id(), offset, offset}, "\\"}},
               "a string knows \\\" \\\\ \\n \\t \\{ and \\}; a raw string r\"...\" knows none");
        out += '\\';
        out += escape;
      }
    }
  }
  if (strip && last && out.ends_with('\n')) out.pop_back();
  return keep(out);
}

const StringExpr* Lowering::string(At at) {
  auto* result = make<StringExpr>(at);
  const std::string_view all = text(at);
  if (at.kind() == Kind::string_single) {
    report(Code::E0124, span(at), "a string stands in double quotes",
           {{span(at), double_quoted(all.substr(1, all.size() - 2))}});
  }
  result->form = at.kind() == Kind::string_block ? StringForm::block
                 : at.kind() == Kind::string     ? StringForm::plain
                                                 : StringForm::raw;
  const bool block = result->form == StringForm::block;
  const std::string_view inner = block ? all.substr(3, all.size() - 6) : std::string_view{};
  const bool indented = block && (inner.starts_with('\n') || inner.starts_with("\r\n"));
  const std::size_t indent = block ? common_indent(inner) : 0;
  const std::uint32_t inner_end = at.node().end - (block ? 3 : 1);
  std::vector<StringPart> parts;
  for (const At piece : at) {
    StringPart part;
    part.span = span(piece);
    if (piece.kind() == Kind::text_part) {
      const bool first = piece.index() == at.index() + 1;
      part.text = decode(piece, result->form, indent, first, indented && piece.node().end == inner_end);
      if (part.text.empty()) continue;
    } else {
      part.value = expression(piece);
    }
    parts.push_back(part);
  }
  if (at.kind() == Kind::string_single) result->form = StringForm::plain;
  result->parts = copy(parts);
  return result;
}

const StringExpr* Lowering::pattern(At at) {
  if (at.kind() != Kind::pattern_slash) return string(at);
  const std::string_view inner = text(at).substr(1, text(at).size() - 2);
  std::vector<diag::Edit> fix;
  if (inner.find('"') == std::string_view::npos) fix.push_back({span(at), fmt::format("r\"{}\"", inner)});
  report(Code::E0127, span(at), "a pattern is written r\"...\", and matches the whole value", std::move(fix));
  auto* result = make<StringExpr>(at);
  result->form = StringForm::raw;
  if (!inner.empty()) result->parts = copy(std::vector<StringPart>{{inner, nullptr, span(at)}});
  return result;
}

Index Lowering::index(At owner) {
  Index result;
  for (const At part : owner) {
    result.span = {state_.file.id(), static_cast<std::uint32_t>(state_.file.bytes().find('[', owner.node().begin)),
                   owner.node().end};
    switch (part.kind()) {
      case Kind::index_number:
        result.kind = IndexKind::number;
        result.number = number(part, span(part));
        break;
      case Kind::index_all: result.kind = IndexKind::all; break;
      case Kind::index_last: result.kind = IndexKind::last; break;
      default: result.kind = IndexKind::selection; result.selection = only_expression(part);
    }
  }
  return result;
}

void Lowering::path_parts(At at, PathExpr& result) {
  std::vector<PathNode> nodes;
  std::vector<PathPart> parts;
  for (const At piece : at) {
    const std::string_view all = text(piece);
    if (piece.kind() == Kind::path_node) {
      nodes.push_back({all.substr(0, std::min(all.find('['), all.size())), index(piece), span(piece)});
      continue;
    }
    PathPart part;
    part.span = span(piece);
    const std::string_view word = all.substr(1, std::min(all.find('['), all.size()) - 1);
    if (is_digit(word[0])) {
      part.number = number(word, span(piece));
    } else {
      part.name = word;
    }
    part.index = index(piece);
    parts.push_back(part);
  }
  result.nodes = copy(nodes);
  result.parts = copy(parts);
}

const PathExpr* Lowering::path(At at) {
  auto* result = make<PathExpr>(at);
  const char first = text(at)[0];
  result->root = first == '-' ? PathRoot::segment : first == '.' ? PathRoot::repetition : PathRoot::absolute;
  path_parts(at, *result);
  const std::size_t levels = result->root == PathRoot::repetition ? 2 : 3;
  if (result->parts.size() > levels) {
    report(Code::E0110, result->parts[levels].span, "a path ends at the subcomponent");
    result->poisoned = true;
    result->parts = result->parts.first(levels);
  }
  for (std::size_t i = 0; i < result->parts.size(); ++i) {
    const PathPart& part = result->parts[i];
    if (part.index.kind != IndexKind::none && result->level(i) != PathLevel::field) {
      report(Code::E0112, part.index.span, "only a segment and a field have an index", {{part.index.span, ""}});
      result->poisoned = true;
    }
  }
  foreign_path(*result);
  return result;
}

void Lowering::foreign_path(const PathExpr& path) {
  std::vector<diag::Edit> edits;
  Code code = Code::E0121;
  for (std::size_t i = 0; i < path.parts.size(); ++i) {
    const PathPart& part = path.parts[i];
    const char sign = state_.file.bytes()[part.span.begin];
    const Span where{part.span.file, part.span.begin, part.span.begin + 1};
    const bool first_field = i == 0 && path.root == PathRoot::absolute && part.number != 0;
    if (first_field && sign == '.') {
      code = Code::E0120;
      edits.push_back({where, "-"});
    } else if (sign == '-' && i > 0) {
      edits.push_back({where, "."});
    }
  }
  if (edits.empty()) return;
  const char* message = code == Code::E0120 ? "a dash stands between segment and field, as in `PID-5.1`"
                                            : "a dot stands between field and component, as in `PID-5.1`";
  std::string right(state_.file.text(path.span));
  for (const diag::Edit& edit : edits) right.replace(edit.span.begin - path.span.begin, 1, edit.replacement);
  report(code, path.span, message, std::move(edits), "write " + right);
}

void Lowering::foreign_blanks() {
  for (const ForeignBlank& blank : state_.foreign) {
    const Span where{state_.file.id(), blank.begin, blank.end};
    if (state_.file.text(where) == ";") {
      report(Code::E0125, where, "a statement has no `;` at its end", {{where, ""}});
    } else {
      report(Code::E0126, where, "a comment begins with `//`", {{{where.file, where.begin, where.begin + 1}, "//"}});
    }
  }
}

}  // namespace smarthl7::syntax
