// SPDX-License-Identifier: Apache-2.0
// What every check gets: the project with its names, the tables with their rows, the settings with their types, the sink,
// and the facts to fill. Built by the driver, filled by check(); lives for one compilation; one thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "compiler/check/ends.h"
#include "compiler/check/facts.h"
#include "compiler/check/redaction_info.h"
#include "compiler/diag/diagnostic.h"
#include "compiler/plan/plan.h"
#include "compiler/resolve/resolve.h"
#include "compiler/source/source.h"
#include "stdlib/base/digest.h"
#include "stdlib/base/result.h"
#include "stdlib/base/time.h"
#include "stdlib/tables/table.h"

namespace smarthl7::check {

/// A declared table and its rows. The key columns are the first; `broken`: it could not be read, which was reported, so
/// look-ups in it stay silent.
struct TableInfo {
  const syntax::TableDecl* declaration = nullptr;
  std::string file;                           // relative to the project folder
  std::vector<std::string> columns;           // keys, then the value columns as declared
  std::size_t keys = 1;                       // that many columns are the key
  std::shared_ptr<const tables::Table> rows;  // cells in the order of `columns`; null if broken
  plan::TableReload reload = plan::TableReload::never;
  std::vector<std::string> optional;  // of a table that reloads: value columns that may be empty
  std::uint32_t least_rows = 0;
  bool broken = false;

  /// Index into columns of a value column; an empty name means the only one (or the first).
  [[nodiscard]] std::optional<std::size_t> column(std::string_view name) const;
  [[nodiscard]] bool contains(std::string_view key) const;
  /// Some row is empty there, or may be in a file that comes later.
  [[nodiscard]] bool may_be_empty(std::size_t column) const;
};

struct SettingInfo {
  const syntax::SettingDecl* declaration = nullptr;
  Type type;
  std::string type_name;             // "port"
  std::optional<std::string> value;  // default, as text; none: each environment gives it
};

/// A file that went into the compilation.
struct InputFile {
  std::string path;  // relative to the project folder, with `/`
  Sha256 digest{};
  friend auto operator<=>(const InputFile&, const InputFile&) = default;
};

/// How checking reaches the files that a route file names; paths are joined to the route file's folder already.
struct Files {
  std::function<Result<std::string>(const std::string& path)> read;
  std::function<bool(const std::string& path)> exists;
  std::string root;  // the project folder; "" is the current one
};

/// What a destination gets, as a test sees it: a type that some flow delivers there, and what its conditions mean for it.
struct Arrival {
  MessageState state;
  Facts facts;
};

/// A place where a flow delivers to a destination whose receiver knows copies, and what was done to the message before it.
struct Delivered {
  const syntax::FlowDecl* flow = nullptr;
  const syntax::Name* use = nullptr;                 // the name of the destination there
  std::vector<const syntax::MappingDecl*> mappings;  // in order
  std::vector<std::pair<NodeId, std::size_t>> arms;  // of choices around: which step, which arm
  std::vector<AcceptedEvent> types;                  // that can come there; none: any
  bool otherwise = false;                            // by the `else` of a step: the line ends with it
  bool split = false;                                // a part of a message
};

struct Context {
  const source::SourceSet& sources;
  const resolve::Project& project;
  const Files& files;
  diag::Sink& sink;
  Facts& facts;
  std::string_view environment = {};                          // the one asked for; empty: all
  std::optional<WallTime> now = {};                           // certificates must be valid then; none: nobody looks into them
  std::map<std::string, TableInfo, std::less<>> tables = {};  // by name
  std::map<std::string, SettingInfo, std::less<>> settings = {};      // by name
  std::map<std::string_view, RetryInfo> retries = {};                 // by name, those of the standard library too
  std::map<std::string_view, OauthInfo> oauth_clients = {};           // by name
  std::map<std::string_view, SourceInfo> source_ends = {};            // by name
  std::map<std::string_view, DestinationInfo> destinations = {};      // by name
  std::map<std::pair<NodeId, std::string_view>, Facts> keys = {};     // of `order by`, by DeliverStep and destination
  std::map<NodeId, std::vector<std::string>> frames = {};             // by SendItem: messages and batches, segments ended by CR
  std::map<NodeId, std::vector<Arrival>> arrivals = {};               // by ExpectGetsItem with conditions, one for each type
  std::map<std::string_view, RedactionInfo> redactions = {};          // by name, those of the standard library too
  std::map<std::string_view, std::vector<Delivered>> delivered = {};  // by destination; those with `idempotent by` only
  std::vector<InputFile> inputs = {};                                 // sorted by path after check()

  /// The table that a name in an expression refers to; null if unknown (reported).
  [[nodiscard]] const TableInfo* table(const syntax::Name& name) const;
  /// The type of a declared message, as declare_message() stored it; error if that failed.
  [[nodiscard]] MessageType message_type(const syntax::MessageDecl& message) const;
  [[nodiscard]] std::string_view text(source::Span span) const { return sources.text(span); }
  /// A file that stands in the route file of `at`, joined to that file's folder.
  [[nodiscard]] std::string path_of(source::Span at, std::string_view file) const;
  /// The same path as seen from the project folder.
  [[nodiscard]] std::string from_root(std::string_view path) const;
};

}  // namespace smarthl7::check
