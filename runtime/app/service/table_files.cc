// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/service/table_files.h"

#include <fmt/format.h>

#include "stdlib/base/sha256_stream.h"

namespace smarthl7::app {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;

std::vector<std::string> texts(const plan::Plan& plan, plan::Range range) {
  std::vector<std::string> out;
  for (plan::Id at = 0; at < range.count; ++at) out.push_back(plan.text(plan.lists[range.first + at]));
  return out;
}

}  // namespace

std::vector<TableFile> reloading_tables(const plan::Plan& plan, const std::string& folder) {
  std::vector<TableFile> out;
  for (plan::Id id = 0; id < plan.tables.size(); ++id) {
    const plan::Table& table = plan.tables[id];
    if (table.reload == plan::TableReload::never) continue;
    TableFile& file = out.emplace_back();
    file.table = id;
    file.name = plan.text(table.name);
    file.shown = plan.text(table.file);
    file.path = file.shown.starts_with('/') || folder.empty() ? file.shown : folder + "/" + file.shown;
    file.reload = table.reload;
    file.shape.columns = texts(plan, table.columns);
    file.shape.keys = table.keys;
    file.shape.optional = texts(plan, table.optional);
    file.shape.least_rows = table.least_rows;
    file.shape.reloads = true;
  }
  return out;
}

Result<std::shared_ptr<eval::TableVersion>> read_table(env::Disk& disk, const TableFile& file, const std::string& path,
                                                       WallTime now, env::File* copy) {
  TRY(const auto input, disk.open(path, env::OpenMode::read));
  TRY(const std::uint64_t size, input->size());
  tables::TableReader reader(file.shape, size);
  Sha256Stream digest;
  std::string piece(kPiece, '\0');
  for (std::uint64_t at = 0;;) {
    TRY(const std::size_t read, input->read_at(at, piece));
    if (read == 0) break;
    const std::string_view bytes = std::string_view(piece).substr(0, read);
    digest.add(bytes);
    if (!reader.feed(bytes)) break;  // finish() says why
    if (copy != nullptr) TRY_VOID(copy->write_at(at, bytes));
    at += read;
  }
  auto rows = reader.finish();
  if (!rows) return fail(ErrorCode::invalid, tables::describe(rows.error(), file.shown, file.shape));
  auto version = std::make_shared<eval::TableVersion>();
  version->rows = std::move(*rows);
  version->digest = digest.finish();
  version->since = now;
  return version;
}

Result<Sha256> digest_of_file(env::Disk& disk, const std::string& path) {
  TRY(const auto input, disk.open(path, env::OpenMode::read));
  Sha256Stream digest;
  std::string piece(kPiece, '\0');
  for (std::uint64_t at = 0;;) {
    TRY(const std::size_t read, input->read_at(at, piece));
    if (read == 0) return digest.finish();
    digest.add(std::string_view(piece).substr(0, read));
    at += read;
  }
}

Result<std::map<std::string, std::shared_ptr<const eval::TableVersion>>> read_tables(env::Disk& disk, const plan::Plan& plan,
                                                                                     const std::string& folder) {
  std::map<std::string, std::shared_ptr<const eval::TableVersion>> out;
  for (const TableFile& file : reloading_tables(plan, folder)) {
    auto version = read_table(disk, file, file.path, {}, nullptr);
    if (!version) return fail(version.error().code, fmt::format("table `{}`", file.name), version.error());
    out.emplace(file.name, std::move(*version));
  }
  return out;
}

std::string version_text(const Sha256& digest) { return to_hex(digest).substr(0, 16); }

}  // namespace smarthl7::app
