// SPDX-License-Identifier: Apache-2.0
#include "compiler/lsp/workspace.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "compiler/driver/driver.h"
#include "compiler/lsp/uri.h"
#include "compiler/source/source.h"

namespace smarthl7::lsp {
namespace {

namespace fs = std::filesystem;

/// More route files than this in one workspace folder are not looked at unless they are opened.
constexpr std::size_t kMostFiles = 20000;

bool is_route(std::string_view path) { return path.ends_with(".route"); }

bool is_inside(std::string_view path, std::string_view folder) {
  if (folder.empty() || !path.starts_with(folder)) return false;
  return folder.ends_with('/') || path.size() == folder.size() || path[folder.size()] == '/';
}

bool holds_routes(const std::string& folder) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (is_route(at->path().native()) && at->is_regular_file(error)) return true;
  }
  return false;
}

/// The route files below a folder, in the order of their names; hidden folders and those of Node packages are left out.
std::vector<std::string> routes_below(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error);
  for (const fs::recursive_directory_iterator end; !error && at != end && files.size() < kMostFiles; at.increment(error)) {
    const std::string name = at->path().filename().string();
    std::error_code unknown;
    if (at->is_directory(unknown)) {
      if (name.starts_with('.') || name == "node_modules") at.disable_recursion_pending();
    } else if (is_route(name) && at->is_regular_file(unknown)) {
      files.push_back(at->path().generic_string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

void Workspace::set_folders(std::vector<std::string> folders) { folders_ = std::move(folders); }

void Workspace::change_folders(const std::vector<std::string>& added, const std::vector<std::string>& removed) {
  std::erase_if(folders_, [&](const std::string& folder) { return std::ranges::find(removed, folder) != removed.end(); });
  for (const std::string& folder : added) {
    if (std::ranges::find(folders_, folder) == folders_.end()) folders_.push_back(folder);
  }
  projects_.clear();
}

void Workspace::set_projects(std::vector<std::string> folders) {
  project_folders_.clear();
  for (std::string& folder : folders) {
    if (folder.starts_with('/')) {
      project_folders_.push_back(fs::path(folder).lexically_normal().generic_string());
      continue;
    }
    for (const std::string& around : folders_)
      project_folders_.push_back((fs::path(around) / folder).lexically_normal().generic_string());
  }
  for (std::string& folder : project_folders_) {
    while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  }
  projects_.clear();
}

std::string Workspace::root_of(const std::string& path) const {
  if (!path.starts_with('/')) return path;
  std::string named;
  for (const std::string& folder : project_folders_) {
    if (is_inside(path, folder) && folder.size() > named.size()) named = folder;
  }
  if (!named.empty()) return named;
  std::string root = folder_of(path);
  for (const std::string& folder : folders_) {
    if (!is_inside(root, folder)) continue;
    std::string above = root;
    while (above != folder && above.size() > 1) {
      above = folder_of(above);
      if (!holds_routes(above)) break;
      root = above;
    }
    return root;
  }
  return root;
}

Project& Workspace::project_at(const std::string& path) {
  // A project that is known holds the path, but a folder inside may be one of its own only by name.
  const std::string root = root_of(path);
  auto& project = projects_[root];
  if (project == nullptr) {
    project = std::make_unique<Project>();
    project->root = root;
    project->single = !path.starts_with('/');
  }
  return *project;
}

void Workspace::open(Document document) {
  Project& project = project_at(document.path);
  project.dirty = true;
  documents_.insert_or_assign(document.path, std::move(document));
}

Document* Workspace::find(std::string_view uri) {
  const auto at = documents_.find(path_of_uri(uri));
  return at == documents_.end() ? nullptr : &at->second;
}

void Workspace::changed(const Document& document) { project_at(document.path).dirty = true; }

void Workspace::close(std::string_view uri) {
  const std::string path = path_of_uri(uri);
  if (documents_.erase(path) == 0) return;
  Project& project = project_at(path);
  if (project.single) {
    projects_.erase(path);
    return;
  }
  file_changed(path);
}

void Workspace::file_changed(const std::string& path) {
  if (is_route(path)) {
    Project& project = project_at(path);
    project.disk.erase(path);
    project.listed = false;
    project.dirty = true;
    return;
  }
  for (auto& [root, project] : projects_) {
    if (is_inside(path, root)) project->dirty = true;
  }
}

void Workspace::list(Project& project) {
  project.listed = true;
  std::map<std::string, std::string, std::less<>> known = std::move(project.disk);
  project.disk.clear();
  if (project.single) return;
  for (std::string& path : routes_below(project.root)) {
    if (root_of(path) != project.root) continue;
    if (const auto at = known.find(path); at != known.end()) {
      project.disk.emplace(std::move(path), std::move(at->second));
      continue;
    }
    source::SourceSet sources;
    if (const auto read = sources.load(path)) project.disk.emplace(std::move(path), std::string((*read)->bytes()));
  }
}

void Workspace::check(Project& project) {
  if (!project.listed) list(project);
  std::map<std::string_view, std::string_view> texts;
  for (const auto& [path, text] : project.disk) texts.emplace(path, text);
  for (const auto& [path, document] : documents_) {
    if (root_of(path) == project.root) texts[path] = document.text;
  }
  check::Files files = driver::files_of(project.single ? "" : project.root);
  project.analysis = project.analyzer.analyze({texts.begin(), texts.end()}, files);
  project.dirty = false;
  project.fresh = true;
  ++checks_;
}

Project& Workspace::project_of(const std::string& path) {
  Project& project = project_at(path);
  if (project.dirty || project.analysis == nullptr) check(project);
  return project;
}

std::vector<Project*> Workspace::check() {
  std::vector<Project*> checked;
  for (auto& [root, project] : projects_) {
    if (project->dirty) check(*project);
    if (!std::exchange(project->fresh, false)) continue;
    checked.push_back(project.get());
  }
  return checked;
}

bool Workspace::dirty() const {
  return std::ranges::any_of(projects_, [](const auto& item) { return item.second->dirty || item.second->fresh; });
}

std::vector<Project*> Workspace::all() {
  std::vector<Project*> projects;
  for (auto& [root, project] : projects_) projects.push_back(project.get());
  return projects;
}

void Workspace::discover() {
  for (const std::string& folder : folders_) {
    for (const std::string& path : routes_below(folder)) project_at(path);
  }
  for (auto& [path, document] : documents_) project_at(path);
}

std::string Workspace::uri_of(std::string_view path) const {
  const auto at = documents_.find(path);
  return at == documents_.end() ? uri_of_path(path) : at->second.uri;
}

std::optional<std::int64_t> Workspace::version_of(std::string_view path) const {
  const auto at = documents_.find(path);
  if (at == documents_.end()) return std::nullopt;
  return at->second.version;
}

}  // namespace smarthl7::lsp
