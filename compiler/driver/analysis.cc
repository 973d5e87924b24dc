// SPDX-License-Identifier: Apache-2.0
#include "compiler/driver/analysis.h"

#include <algorithm>

#include "compiler/check/check.h"
#include "compiler/driver/silence.h"
#include "compiler/syntax/parser.h"

namespace smarthl7::driver {
namespace {

/// Node ids grow with every parse; before they run out, everything is parsed anew.
constexpr syntax::NodeId kMostNodes = syntax::NodeId{1} << 31U;

}  // namespace

const syntax::ParsedFile* Analysis::file(std::string_view path) const {
  for (const syntax::ParsedFile& file : project.files) {
    if (file.source->path() == path) return &file;
  }
  return nullptr;
}

Analyzer::Parsed& Analyzer::parsed(std::string_view path, std::string_view text) {
  auto at = cache_.find(path);
  if (at != cache_.end() && at->second.source->bytes() == text) return at->second;
  source::FileId id = 0;
  if (at != cache_.end()) {
    id = at->second.source->id();
  } else {
    if (!free_ids_.empty()) {
      id = free_ids_.back();
      free_ids_.pop_back();
    } else {
      id = next_id_++;
    }
    at = cache_.emplace(std::string(path), Parsed{}).first;
  }
  Parsed& entry = at->second;
  entry.source = std::make_shared<const source::SourceFile>(id, std::string(path), std::string(text));
  diag::Sink sink;
  entry.tree = syntax::parse(*entry.source, sink, next_node_);
  entry.diagnostics = sink.diagnostics();
  next_node_ = entry.tree.end_id;
  ++parses_;
  return entry;
}

std::shared_ptr<const Analysis> Analyzer::analyze(const std::vector<TextView>& texts, const check::Files& files) {
  if (next_node_ > kMostNodes) {
    cache_.clear();
    free_ids_.clear();
    next_id_ = 0;
    next_node_ = 0;
  }
  for (auto& [path, entry] : cache_) entry.wanted = false;
  auto analysis = std::make_shared<Analysis>();
  analysis->files = files;
  std::vector<syntax::ParsedFile> trees;
  for (const auto& [path, text] : texts) {
    Parsed& entry = parsed(path, text);
    entry.wanted = true;
    analysis->sources.place(entry.source);
    trees.push_back(entry.tree);
    for (const diag::Diagnostic& diagnostic : entry.diagnostics) analysis->sink.report(diagnostic);
  }
  std::erase_if(cache_, [this](const auto& item) {
    if (!item.second.wanted) free_ids_.push_back(item.second.source->id());
    return !item.second.wanted;
  });
  // What was found out last time is about as much as now: tables that do not grow save time.
  analysis->facts.types.reserve(last_types_);
  analysis->facts.paths.reserve(last_paths_);
  analysis->facts.steps.reserve(last_steps_);
  analysis->project = resolve::resolve(std::move(trees), analysis->sources, analysis->sink);
  check::check(analysis->context);
  last_types_ = analysis->facts.types.size();
  last_paths_ = analysis->facts.paths.size();
  last_steps_ = analysis->facts.steps.size();
  analysis->diagnostics =
      silence(analysis->sink.sorted(), analysis->project.files, analysis->sources, !analysis->sink.has_errors()).diagnostics;
  return analysis;
}

}  // namespace smarthl7::driver
