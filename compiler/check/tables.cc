// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "compiler/check/csv.h"
#include "compiler/check/options.h"
#include "compiler/diag/suggest.h"
#include "stdlib/connectors/spec.h"

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
    if (!read_options() || !read_file() || !find_columns()) return std::move(table_);
    if (take_rows()) table_.broken = false;
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
      if (name != "key" && name != "value" && name != "phi") {
        unknown_option(*option->name);
        good = false;
      } else if (name != "phi") {
        good = columns_of(*option) && good;
      }
    }
    if (good && key_.empty()) {
      report(Code::E0703, declaration_.name->span,
             fmt::format("the table `{}` does not say which column is its key", declaration_.name->text), "add `key COLUMN`");
      return false;
    }
    return good;
  }

  bool columns_of(const syntax::Option& option) {
    std::vector<Column>& columns = option.name->text == "key" ? key_ : values_;
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

  bool read_file() {
    if (declaration_.file == nullptr) return false;
    const auto name = read_literal(context_, "the file of a table", *declaration_.file);
    if (!name) return false;
    const std::string path = context_.path_of(declaration_.span, *name);
    table_.file = context_.from_root(path);
    auto bytes = context_.files.read(path);
    if (!bytes) {
      report(Code::E0720, declaration_.file->span, fmt::format("\"{}\" cannot be read: {}", *name, bytes.error().describe()),
             "paths are relative to the folder of the route file");
      return false;
    }
    context_.inputs.push_back({table_.file, sha256(*bytes)});
    auto rows = parse_csv(*bytes);
    if (!rows) {
      report(Code::E0721, declaration_.file->span,
             fmt::format("line {} of \"{}\": {}", rows.error().line, *name, rows.error().text));
      return false;
    }
    if (rows->empty()) {
      report(Code::E0721, declaration_.file->span, fmt::format("\"{}\" has no header line", *name),
             "its first line names the columns");
      return false;
    }
    rows_ = std::move(*rows);
    file_ = *name;
    return true;
  }

  bool find_columns() {
    const std::vector<std::string>& header = rows_.front().cells;
    const std::vector<std::string_view> known(header.begin(), header.end());
    table_.keys = key_.size();
    std::vector<Column> wanted = key_;
    wanted.insert(wanted.end(), values_.begin(), values_.end());
    bool good = true;
    for (const Column& column : wanted) {
      const auto at = std::find(header.begin(), header.end(), column.name);
      if (at != header.end()) {
        positions_.push_back(static_cast<std::size_t>(at - header.begin()));
        table_.columns.emplace_back(column.name);
        continue;
      }
      good = false;
      diag::Diagnostic diagnostic{
          .code = Code::E0722, .span = column.span, .message = fmt::format("\"{}\" has no column `{}`", file_, column.name)};
      if (const auto near = diag::suggest(column.name, known)) {
        diagnostic.help = fmt::format("did you mean `{}`?", *near);
        diagnostic.fixes.push_back(diag::replace(column.span, std::string(*near)));
      } else {
        diagnostic.help = fmt::format("its columns are {}", fmt::join(header, ", "));
      }
      context_.sink.report(std::move(diagnostic));
    }
    return good;
  }

  bool take_rows() {
    std::map<std::vector<std::string_view>, std::uint32_t> lines;  // of each key
    const std::size_t width = rows_.front().cells.size();
    for (std::size_t i = 1; i < rows_.size(); ++i) {
      const CsvRow& row = rows_[i];
      if (row.cells.size() != width) {
        report(Code::E0724, declaration_.file->span,
               fmt::format("line {} of \"{}\" has {} cells, its header {}", row.line, file_, row.cells.size(), width));
        return false;
      }
      std::vector<std::string_view> key;
      for (std::size_t part = 0; part < key_.size(); ++part) key.emplace_back(row.cells[positions_[part]]);
      if (std::find(key.begin(), key.end(), std::string_view{}) != key.end()) {
        report(Code::E0721, declaration_.file->span, fmt::format("line {} of \"{}\": the key is empty", row.line, file_));
        return false;
      }
      const auto [at, added] = lines.emplace(key, row.line);
      if (!added) {
        report(
            Code::E0723, declaration_.file->span,
            fmt::format("\"{}\" has the key `{}` in line {} and in line {}", file_, fmt::join(key, ", "), at->second, row.line),
            "a look-up must find one row: remove one of them");
        return false;
      }
      std::vector<std::string> cells;
      for (const std::size_t position : positions_) cells.push_back(row.cells[position]);
      table_.rows.push_back(std::move(cells));
    }
    std::sort(table_.rows.begin(), table_.rows.end());
    return true;
  }

  Context& context_;
  const syntax::TableDecl& declaration_;
  TableInfo table_;
  std::vector<Column> key_;
  std::vector<Column> values_;
  std::vector<CsvRow> rows_;
  std::vector<std::size_t> positions_;
  std::string file_;
};

}  // namespace

void check_tables(Context& context) {
  for (const syntax::TableDecl* declaration : context.project.all<syntax::TableDecl>()) {
    context.tables.emplace(declaration->name->text, TableReader(context, *declaration).read());
  }
}

}  // namespace smarthl7::check
