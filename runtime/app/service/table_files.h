// SPDX-License-Identifier: Apache-2.0
// The files of tables that are read again while the hub runs: which they are, and how one becomes a version of its table, by
// the rules that `check` has (stdlib/tables). A file is read once, piece by piece; what is read can be written elsewhere on the
// way, so that what is kept is what was taken.
// Value types and functions; any thread. Failure: Result, whose text names the file, line and column, never a cell.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/plan/plan.h"
#include "runtime/env/disk.h"
#include "runtime/eval/live_tables.h"
#include "stdlib/base/result.h"
#include "stdlib/tables/reader.h"

namespace smarthl7::app {

struct TableFile {
  plan::Id table = plan::kNone;
  std::string name;   // of the table
  std::string shown;  // the file as the plan names it
  std::string path;
  plan::TableReload reload = plan::TableReload::never;
  tables::TableShape shape;
};

/// Those of the plan's tables that reload; `folder` is what the plan's files are relative to.
[[nodiscard]] std::vector<TableFile> reloading_tables(const plan::Plan& plan, const std::string& folder);

/// `path` is file.path or where a copy of it is kept; `copy`, unless null, is given all bytes (it is not synced).
[[nodiscard]] Result<std::shared_ptr<eval::TableVersion>> read_table(env::Disk& disk, const TableFile& file,
                                                                     const std::string& path, WallTime now, env::File* copy);

/// The version that a file would be; nothing is checked.
[[nodiscard]] Result<Sha256> digest_of_file(env::Disk& disk, const std::string& path);

/// All of them, for a command that works with a plan beside the hub.
[[nodiscard]] Result<std::map<std::string, std::shared_ptr<const eval::TableVersion>>> read_tables(env::Disk& disk,
                                                                                                   const plan::Plan& plan,
                                                                                                   const std::string& folder);

/// "3f9a21c07b12ee01"
[[nodiscard]] std::string version_text(const Sha256& digest);

}  // namespace smarthl7::app
