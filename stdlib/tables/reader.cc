// SPDX-License-Identifier: Apache-2.0
#include "stdlib/tables/reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace smarthl7::tables {

std::string describe(const Problem& problem, std::string_view file, const TableShape& shape) {
  using Kind = Problem::Kind;
  switch (problem.kind) {
    case Kind::syntax: return fmt::format("line {} of \"{}\": {}", problem.line, file, problem.text);
    case Kind::no_header: return fmt::format("\"{}\" has no header line", file);
    case Kind::no_column:
      return fmt::format("\"{}\" has no column `{}`", file,
                         shape.columns[problem.missing.empty() ? 0 : problem.missing.front()]);
    case Kind::width:
      return fmt::format("line {} of \"{}\" has {} cells, its header {}", problem.line, file, problem.found, problem.wanted);
    case Kind::empty_key: return fmt::format("line {} of \"{}\": the key is empty", problem.line, file);
    case Kind::twice:
      return fmt::format("\"{}\" has one key in line {} and in line {}", file, problem.other_line, problem.line);
    case Kind::empty_cell: return fmt::format("line {} of \"{}\": `{}` is empty", problem.line, file, problem.column);
    case Kind::not_ended:
      return fmt::format("line {} of \"{}\", the last one, has no line break at its end", problem.line, file);
    case Kind::few_rows: return fmt::format("\"{}\" has {} rows, and {} are the least", file, problem.found, problem.wanted);
    case Kind::too_large: return fmt::format("\"{}\" is larger than 1 GiB", file);
  }
  return {};
}

TableReader::TableReader(TableShape shape, std::uint64_t file_bytes)
    : shape_(std::move(shape)),
      csv_([this](std::uint32_t line, std::span<const std::string_view> cells) { return take_row(line, cells); }),
      builder_(static_cast<std::uint32_t>(shape_.columns.size()), shape_.keys,
               static_cast<std::size_t>(std::min(file_bytes, kMostFileBytes))) {}

bool TableReader::wrong(Problem problem) {
  problem_ = std::move(problem);
  return false;
}

bool TableReader::take_header(std::span<const std::string_view> cells) {
  headed_ = true;
  header_.assign(cells.begin(), cells.end());
  Problem problem;
  problem.kind = Problem::Kind::no_column;
  for (std::size_t column = 0; column < shape_.columns.size(); ++column) {
    const std::string& name = shape_.columns[column];
    const auto at = std::ranges::find(header_, name);
    if (at == header_.end()) problem.missing.push_back(column);
    positions_.push_back(static_cast<std::size_t>(at - header_.begin()));
    may_be_empty_.push_back(column >= shape_.keys &&
                            (!shape_.reloads || std::ranges::find(shape_.optional, name) != shape_.optional.end()));
  }
  if (problem.missing.empty()) return true;
  problem.header = header_;
  return wrong(std::move(problem));
}

bool TableReader::take_row(std::uint32_t line, std::span<const std::string_view> cells) {
  if (!headed_) return take_header(cells);
  Problem problem;
  problem.line = line;
  if (cells.size() != header_.size()) {
    problem.kind = Problem::Kind::width;
    problem.found = cells.size();
    problem.wanted = header_.size();
    return wrong(std::move(problem));
  }
  row_.clear();
  for (std::size_t column = 0; column < positions_.size(); ++column) {
    row_.push_back(cells[positions_[column]]);
    if (!row_.back().empty() || may_be_empty(column)) continue;
    problem.kind = column < shape_.keys ? Problem::Kind::empty_key : Problem::Kind::empty_cell;
    problem.column = shape_.columns[column];
    return wrong(std::move(problem));
  }
  lines_.push_back(line);
  if (builder_.add(row_)) return true;
  problem.kind = Problem::Kind::too_large;
  return wrong(std::move(problem));
}

bool TableReader::feed(std::string_view bytes) {
  if (problem_) return false;
  bytes_ += bytes.size();
  Problem problem;
  problem.kind = Problem::Kind::too_large;
  if (bytes_ > kMostFileBytes) return wrong(std::move(problem));
  if (csv_.feed(bytes)) return true;
  if (problem_) return false;
  problem.kind = Problem::Kind::syntax;
  problem.line = csv_.error().line;
  problem.text = csv_.error().text;
  return wrong(std::move(problem));
}

std::expected<Table, Problem> TableReader::finish() {
  if (problem_) return std::unexpected(*problem_);
  Problem problem;
  // Where a file that is being written ends, a cell may be cut short and look like another one.
  if (shape_.reloads && headed_ && !csv_.ended()) {
    problem.kind = Problem::Kind::not_ended;
    problem.line = csv_.line();
    return std::unexpected(std::move(problem));
  }
  if (!csv_.finish()) {
    if (problem_) return std::unexpected(*problem_);
    problem.line = csv_.error().line;
    problem.text = csv_.error().text;
    return std::unexpected(std::move(problem));
  }
  if (!headed_) {
    problem.kind = Problem::Kind::no_header;
    return std::unexpected(std::move(problem));
  }
  if (shape_.reloads && lines_.size() < shape_.least_rows) {
    problem.kind = Problem::Kind::few_rows;
    problem.found = lines_.size();
    problem.wanted = shape_.least_rows;
    return std::unexpected(std::move(problem));
  }
  auto made = builder_.finish();
  if (made) return std::move(*made);
  problem.kind = Problem::Kind::twice;
  problem.other_line = lines_[made.error().first];
  problem.line = lines_[made.error().second];
  for (std::uint32_t key = 0; key < shape_.keys; ++key) problem.key.emplace_back(builder_.table().cell(made.error().row, key));
  return std::unexpected(std::move(problem));
}

}  // namespace smarthl7::tables
