// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "compiler/check/options.h"
#include "compiler/diag/suggest.h"
#include "stdlib/connectors/spec.h"
#include "stdlib/tables/reader.h"

namespace smarthl7::check {
namespace {

using diag::Code;

struct Column {
  std::string_view name;
  source::Span span;
};

class TableReader {
 public:
  TableReader(Context& context, const syntax::TableDecl& declaration) : context_(context), declaration_(declaration) {
    table_.declaration = &declaration;
  }

  TableInfo read() {
    table_.broken = true;
    if (read_options() && read_file()) table_.broken = false;
    return std::move(table_);
  }

 private:
  void report(Code code, source::Span span, std::string message, std::string help = {}) {
    context_.sink.report(code, span, std::move(message), std::move(help));
  }

  void unknown_option(const syntax::Name& name) {
    std::vector<std::string_view> known;
    for (const connectors::OptionSpec& option : connectors::declaration_options("table")) known.push_back(option.path);
    diag::Diagnostic diagnostic{
        .code = Code::E0701, .span = name.span, .message = fmt::format("a table has no option `{}`", name.text)};
    if (const auto near = diag::suggest(name.text, known)) {
      diagnostic.help = fmt::format("did you mean `{}`?", *near);
      diagnostic.fixes.push_back(diag::replace(name.span, std::string(*near)));
    } else {
      diagnostic.help = "a table says `key COLUMN` and `value COLUMN`";
    }
    context_.sink.report(std::move(diagnostic));
  }

  bool read_options() {
    if (declaration_.poisoned || declaration_.format == nullptr || declaration_.options == nullptr) return false;
    if (declaration_.format->text != "csv") {
      report(Code::E0702, declaration_.format->span,
             fmt::format("a table is read from `csv`, not from `{}`", declaration_.format->text));
      return false;
    }
    bool good = !declaration_.options->poisoned;
    for (const syntax::Option* option : declaration_.options->options) {
      if (option->name == nullptr || option->poisoned) {
        good = false;
        continue;
      }
      const std::string_view name = option->name->text;
      if (name == "key" || name == "value" || name == "optional") {
        good = columns_of(*option, name == "key" ? key_ : name == "value" ? values_ : optional_) && good;
      } else if (name == "reload") {
        good = reload(*option) && good;
      } else if (name == "least") {
        good = least(*option) && good;
      } else if (name != "phi") {
        unknown_option(*option->name);
        good = false;
      }
    }
    if (good && key_.empty()) {
      report(Code::E0703, declaration_.name->span,
             fmt::format("the table `{}` does not say which column is its key", declaration_.name->text), "add `key COLUMN`");
      return false;
    }
    return good && fit_together();
  }

  bool columns_of(const syntax::Option& option, std::vector<Column>& columns) {
    if (!columns.empty()) {
      report(Code::E0704, option.name->span, fmt::format("`{}` is given twice", option.name->text),
             "name several value columns after one `value`, with commas");
      return false;
    }
    for (const syntax::Expr* value : option.values) {
      if (value->poisoned) return false;
      if (const auto* word = value->try_as<syntax::NameExpr>())
        columns.push_back({word->text, word->span});
      else if (const auto* text = value->try_as<syntax::StringExpr>(); text != nullptr && text->is_literal())
        columns.push_back({text->text(), text->span});
      else {
        report_kind(context_, value->span, option.name->text, "the name of a column", "value namespace");
        return false;
      }
    }
    return true;
  }

  bool once(const syntax::Option& option, const syntax::Name*& given) {
    if (given != nullptr) {
      report(Code::E0704, option.name->span, fmt::format("`{}` is given twice", option.name->text));
      return false;
    }
    given = option.name;
    return true;
  }

  bool reload(const syntax::Option& option) {
    if (!once(option, reload_)) return false;
    const auto* word = option.values.size() == 1 ? option.values.front()->try_as<syntax::NameExpr>() : nullptr;
    const bool known = word != nullptr && (word->text == "changed" || word->text == "told");
    if (!known || option.connective != syntax::Connective::when) {
      report_kind(context_, option.span, "reload", "`when changed` or `when told`", "reload when changed");
      return false;
    }
    table_.reload = word->text == "told" ? plan::TableReload::when_told : plan::TableReload::when_changed;
    return true;
  }

  bool least(const syntax::Option& option) {
    if (!once(option, least_)) return false;
    const auto* number = option.values.size() == 1 ? option.values.front()->try_as<syntax::NumberExpr>() : nullptr;
    const char* const end = number == nullptr ? nullptr : number->text.data() + number->text.size();
    if (number == nullptr || option.connective != syntax::Connective::none ||
        std::from_chars(number->text.data(), end, table_.least_rows).ptr != end) {
      report_kind(context_, option.span, "least", "a number of rows", "least 1000");
      return false;
    }
    return true;
  }

  /// `optional` and `least` are promises about files that come later.
  bool fit_together() {
    const bool reloads = table_.reload != plan::TableReload::never;
    const auto only_reloading = [&](std::string_view name, source::Span span) {
      report(Code::E0715, span, fmt::format("`{}` is for a table that is read again while the hub runs", name),
             "say `reload when changed` too, or leave it out: what a fixed table holds is known");
      return false;
    };
    if (!reloads && !optional_.empty()) return only_reloading("optional", optional_.front().span);
    if (!reloads && least_ != nullptr) return only_reloading("least", least_->span);
    for (const Column& column : optional_) {
      if (std::ranges::any_of(values_, [&](const Column& value) { return value.name == column.name; })) continue;
      report(Code::E0715, column.span, fmt::format("`{}` is no value column, and only those may be empty", column.name),
             "name it after `value` too");
      return false;
    }
    return true;
  }

  bool read_file() {
    if (declaration_.file == nullptr) return false;
    const auto name = read_literal(context_, "the file of a table", *declaration_.file);
    if (!name) return false;
    file_ = *name;
    const std::string path = context_.path_of(declaration_.span, *name);
    table_.file = context_.from_root(path);
    auto bytes = context_.files.read(path);
    if (!bytes) {
      report(Code::E0720, declaration_.file->span, fmt::format("\"{}\" cannot be read: {}", *name, bytes.error().describe()),
             "paths are relative to the folder of the route file");
      return false;
    }
    table_.keys = key_.size();
    for (const std::vector<Column>* columns : {&key_, &values_})
      for (const Column& column : *columns) table_.columns.emplace_back(column.name);
    for (const Column& column : optional_) table_.optional.emplace_back(column.name);
    const bool reloads = table_.reload != plan::TableReload::never;
    // What a table that reloads holds is no part of the plan.
    if (!reloads) context_.inputs.push_back({table_.file, sha256(*bytes)});
    tables::TableShape shape{table_.columns, static_cast<std::uint32_t>(key_.size()), table_.optional, table_.least_rows,
                             reloads};
    tables::TableReader reader(shape, bytes->size());
    static_cast<void>(reader.feed(*bytes));
    auto made = reader.finish();
    if (!made) {
      tell(made.error(), shape);
      return false;
    }
    table_.rows = std::make_shared<const tables::Table>(std::move(*made));
    return true;
  }

  void tell(const tables::Problem& problem, const tables::TableShape& shape) {
    using Kind = tables::Problem::Kind;
    const source::Span file = declaration_.file->span;
    const std::string text = tables::describe(problem, file_, shape);
    switch (problem.kind) {
      case Kind::syntax:
      case Kind::empty_key:
      case Kind::too_large: return report(Code::E0721, file, text);
      case Kind::no_header: return report(Code::E0721, file, text, "its first line names the columns");
      case Kind::no_column: return missing_columns(problem);
      case Kind::width: return report(Code::E0724, file, text);
      case Kind::twice:
        return report(Code::E0723, file,
                      fmt::format("\"{}\" has the key `{}` in line {} and in line {}", file_, fmt::join(problem.key, ", "),
                                  problem.other_line, problem.line),
                      "a look-up must find one row: remove one of them");
      case Kind::empty_cell:
        return report(
            Code::E0725, file, text,
            fmt::format("fill it, or say `optional {}`: then look-ups of it say what happens if it is empty", problem.column));
      case Kind::not_ended:
        return report(Code::E0726, file, text, "end it with a line break: without one it may have been cut short");
      case Kind::few_rows:
        return report(Code::E0726, file, text, "a file that is cut short has fewer rows; if it is whole, lower `least`");
    }
  }

  void missing_columns(const tables::Problem& problem) {
    const std::vector<std::string_view> known(problem.header.begin(), problem.header.end());
    for (const std::size_t at : problem.missing) {
      const Column& column = at < key_.size() ? key_[at] : values_[at - key_.size()];
      diag::Diagnostic diagnostic{
          .code = Code::E0722, .span = column.span, .message = fmt::format("\"{}\" has no column `{}`", file_, column.name)};
      if (const auto near = diag::suggest(column.name, known)) {
        diagnostic.help = fmt::format("did you mean `{}`?", *near);
        diagnostic.fixes.push_back(diag::replace(column.span, std::string(*near)));
      } else {
        diagnostic.help = fmt::format("its columns are {}", fmt::join(problem.header, ", "));
      }
      context_.sink.report(std::move(diagnostic));
    }
  }

  Context& context_;
  const syntax::TableDecl& declaration_;
  TableInfo table_;
  std::vector<Column> key_;
  std::vector<Column> values_;
  std::vector<Column> optional_;
  const syntax::Name* reload_ = nullptr;
  const syntax::Name* least_ = nullptr;
  std::string file_;
};

}  // namespace

void check_tables(Context& context) {
  for (const syntax::TableDecl* declaration : context.project.all<syntax::TableDecl>()) {
    context.tables.emplace(declaration->name->text, TableReader(context, *declaration).read());
  }
}

}  // namespace smarthl7::check
