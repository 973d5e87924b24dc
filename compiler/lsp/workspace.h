// SPDX-License-Identifier: Apache-2.0
// The open documents, the projects that they belong to, and the newest check of each. A project is a folder with all route
// files below it: one that the client names, or the highest folder above the file, within its workspace folder, that is
// reached through folders which hold route files. Open texts stand in for files; what is not open is read once and again when
// the client says that it changed.
// Belongs to one thread. What a file holds never fails: it is a diagnostic; a file that cannot be read is not in the project.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/driver/analysis.h"
#include "compiler/lsp/text.h"

namespace smarthl7::lsp {

struct Document {
  std::string uri;  // as the client writes it
  std::string path;
  std::string text;
  std::int64_t version = 0;
};

struct Project {
  std::string root;
  std::map<std::string, std::string, std::less<>> disk;  // path -> text, of files that are not open
  driver::Analyzer analyzer;
  std::shared_ptr<const driver::Analysis> analysis;
  bool dirty = true;
  bool fresh = false;   // checked, and the client was not told yet
  bool listed = false;  // the folder was read
  bool single = false;  // one text that is no file
};

class Workspace {
 public:
  // ---- what the client says
  void set_folders(std::vector<std::string> folders);
  void change_folders(const std::vector<std::string>& added, const std::vector<std::string>& removed);
  /// Project folders, absolute or below a workspace folder.
  void set_projects(std::vector<std::string> folders);
  void open(Document document);
  /// Null if it is not open.
  [[nodiscard]] Document* find(std::string_view uri);
  /// The text of an open document has changed.
  void changed(const Document& document);
  void close(std::string_view uri);
  /// A file on disk has changed, or is there no more.
  void file_changed(const std::string& path);

  // ---- what it gets
  /// The project that a path belongs to, checked with the newest texts.
  [[nodiscard]] Project& project_of(const std::string& path);
  /// Checks what has changed; the projects that were checked since the last call.
  std::vector<Project*> check();
  /// check() has something to give.
  [[nodiscard]] bool dirty() const;
  /// All projects that have a document open, or stand in a workspace folder.
  [[nodiscard]] std::vector<Project*> all();
  /// Reads the folders of the workspace for projects that no document has opened.
  void discover();
  [[nodiscard]] std::string uri_of(std::string_view path) const;
  [[nodiscard]] std::optional<std::int64_t> version_of(std::string_view path) const;
  [[nodiscard]] std::size_t checks() const { return checks_; }

 private:
  [[nodiscard]] std::string root_of(const std::string& path) const;
  Project& project_at(const std::string& path);
  void list(Project& project);
  void check(Project& project);

  std::vector<std::string> folders_;
  std::vector<std::string> project_folders_;
  std::map<std::string, Document, std::less<>> documents_;                 // by path
  std::map<std::string, std::unique_ptr<Project>, std::less<>> projects_;  // by root
  std::size_t checks_ = 0;
};

}  // namespace smarthl7::lsp
