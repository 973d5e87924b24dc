// SPDX-License-Identifier: Apache-2.0
#include "compiler/lsp/server.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <set>
#include <utility>

#include "compiler/driver/driver.h"
#include "compiler/lsp/features.h"
#include "compiler/lsp/uri.h"
#include "stdlib/route/library.h"

namespace smarthl7::lsp {
namespace {

// Error codes of JSON-RPC 2.0 and LSP 3.17.
constexpr int kParseError = -32700;
constexpr int kInvalidRequest = -32600;
constexpr int kMethodNotFound = -32601;
constexpr int kInvalidParams = -32602;
constexpr int kServerNotInitialized = -32002;
constexpr int kRequestCancelled = -32800;
constexpr int kRequestFailed = -32803;

// Kinds of messages in a client's window.
constexpr int kErrorMessage = 1;
constexpr int kInfoMessage = 3;

/// Why a request is refused.
struct Refusal {
  int code = 0;
  std::string message;
};

std::uint64_t digest(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

json::array number_array(const std::vector<std::uint32_t>& numbers, std::size_t from, std::size_t to) {
  json::array all;
  for (std::size_t i = from; i < to; ++i) all.emplace_back(numbers[i]);
  return all;
}

std::vector<std::string> texts_of(const json::value* list) {
  std::vector<std::string> texts;
  if (list == nullptr || !list->is_array()) return texts;
  for (const json::value& one : list->get_array()) {
    if (one.is_string()) texts.emplace_back(one.get_string().data(), one.get_string().size());
  }
  return texts;
}

}  // namespace

class Server::Impl {
 public:
  explicit Impl(Host host) : host_(std::move(host)) {}

  void handle(const std::vector<std::string>& messages);
  [[nodiscard]] bool dirty() const { return initialized_ && workspace_.dirty(); }
  void check();
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] int exit_code() const { return shut_down_ ? 0 : 1; }

 private:
  // A method's answer, or why there is none.
  struct Answer {
    json::value result = nullptr;
    Refusal refusal = {};
  };
  using Method = Answer (Impl::*)(const json::value& params);
  using Notice = void (Impl::*)(const json::value& params);
  using OnView = json::value (*)(const View& view, std::uint32_t offset);

  void message(const json::value& message, const std::set<std::string>& cancelled);
  void request(const json::value& id, std::string_view method, const json::value& params);
  void notice(std::string_view method, const json::value& params);
  void send(const json::object& message) { host_.send(json::serialize(message)); }
  void respond(const json::value& id, Answer answer);
  void notify(std::string_view method, json::object params) {
    send({{"jsonrpc", "2.0"}, {"method", to_json(method)}, {"params", std::move(params)}});
  }
  void show(int type, std::string_view text) { notify("window/showMessage", {{"type", type}, {"message", to_json(text)}}); }

  /// Calls f with a view of the document that the params name.
  template <class F>
  Answer with_view(const json::value& params, F&& f);
  template <class F>
  Answer with_offset(const json::value& params, F&& f) {
    return with_view(params, [&](const View& view) -> Answer {
      const auto position = position_at(params, "position");
      if (!position) return {nullptr, {kInvalidParams, "a position is due"}};
      return f(view, view.offset(*position));
    });
  }

  // Life of the server, server.cc.
  Answer initialize(const json::value& params);
  Answer shutdown(const json::value& params);
  void initialized(const json::value& params);
  void exit(const json::value& params);
  void configure(const json::value& options);
  void configuration_changed(const json::value& params);
  // Documents.
  void did_open(const json::value& params);
  void did_change(const json::value& params);
  void did_close(const json::value& params);
  void did_save(const json::value& params);
  void folders_changed(const json::value& params);
  void files_changed(const json::value& params);
  void publish(Project& project);
  Answer pull(const json::value& params);
  Answer pull_all(const json::value& params);
  // Features.
  Answer on_definition(const json::value& params);
  Answer on_references(const json::value& params);
  Answer on_prepare_rename(const json::value& params);
  Answer on_rename(const json::value& params);
  Answer on_symbols(const json::value& params);
  Answer on_format(const json::value& params);
  Answer on_format_range(const json::value& params);
  Answer on_actions(const json::value& params);
  Answer on_tokens(const json::value& params);
  Answer on_tokens_delta(const json::value& params);
  Answer on_tokens_range(const json::value& params);
  Answer on_hints(const json::value& params);
  Answer on_command(const json::value& params);
  Answer run_test(const json::value& arguments);
  Answer on_standard_text(const json::value& params);
  template <OnView kFeature>
  Answer at_offset(const json::value& params) {
    return with_offset(params, [](const View& view, std::uint32_t offset) -> Answer { return {kFeature(view, offset), {}}; });
  }
  template <json::value (*kFeature)(const View& view)>
  Answer of_document(const json::value& params) {
    return with_view(params, [](const View& view) -> Answer { return {kFeature(view), {}}; });
  }

  static const std::map<std::string_view, Method>& methods();
  static const std::map<std::string_view, Notice>& notices();

  Host host_;
  Client client_;
  Workspace workspace_;
  bool initialized_ = false;
  bool shut_down_ = false;
  bool ended_ = false;
  bool watches_ = false;  // the client can watch files for us
  std::int64_t next_request_ = 1;
  std::map<std::string, std::uint64_t, std::less<>> published_;  // by path: what the client was told last
  struct Tokens {
    std::uint64_t id = 0;
    std::vector<std::uint32_t> data;
  };
  std::map<std::string, Tokens, std::less<>> tokens_;  // by URI
  std::uint64_t token_id_ = 0;
};

// ---- messages ---------------------------------------------------------------------------------------------------------------

void Server::Impl::handle(const std::vector<std::string>& messages) {
  std::vector<json::value> values;
  std::set<std::string> cancelled;
  for (const std::string& text : messages) {
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = 256;
    json::value value = json::parse(text, error, {}, options);
    if (error) {
      send({{"jsonrpc", "2.0"},
            {"id", nullptr},
            {"error", json::object{{"code", kParseError}, {"message", "this is no JSON"}}}});
      continue;
    }
    if (text_at(value, "method") == "$/cancelRequest") {
      if (const json::value* id = member(value, "params.id")) cancelled.insert(json::serialize(*id));
    }
    values.push_back(std::move(value));
  }
  for (const json::value& value : values) {
    if (ended_) return;
    message(value, cancelled);
  }
}

void Server::Impl::message(const json::value& message, const std::set<std::string>& cancelled) {
  const json::object* object = message.if_object();
  const json::value* id = object == nullptr ? nullptr : object->if_contains("id");
  const std::string_view method = text_at(message, "method");
  if (method.empty()) {
    // An answer to a request of ours needs nothing; anything else is no message.
    if (id != nullptr && object != nullptr && (object->contains("result") || object->contains("error"))) return;
    respond(id == nullptr ? json::value(nullptr) : *id, {nullptr, {kInvalidRequest, "a message has a method"}});
    return;
  }
  static const json::value kNone = json::object{};
  const json::value* params = member(message, "params");
  if (id == nullptr) return notice(method, params == nullptr ? kNone : *params);
  if (cancelled.contains(json::serialize(*id))) return respond(*id, {nullptr, {kRequestCancelled, "cancelled"}});
  request(*id, method, params == nullptr ? kNone : *params);
}

void Server::Impl::respond(const json::value& id, Answer answer) {
  json::object message{{"jsonrpc", "2.0"}, {"id", id}};
  if (answer.refusal.code != 0) {
    message["error"] = json::object{{"code", answer.refusal.code}, {"message", to_json(answer.refusal.message)}};
  } else {
    message["result"] = std::move(answer.result);
  }
  send(message);
}

void Server::Impl::request(const json::value& id, std::string_view method, const json::value& params) {
  const auto at = methods().find(method);
  if (at == methods().end())
    return respond(id, {nullptr, {kMethodNotFound, fmt::format("there is no method `{}`", method.substr(0, 80))}});
  if (!initialized_ && method != "initialize")
    return respond(id, {nullptr, {kServerNotInitialized, "`initialize` comes first"}});
  if (shut_down_) return respond(id, {nullptr, {kInvalidRequest, "the server was shut down"}});
  respond(id, (this->*at->second)(params));
}

void Server::Impl::notice(std::string_view method, const json::value& params) {
  const auto at = notices().find(method);
  if (at == notices().end()) return;  // the protocol lets servers ignore what they do not know
  if (!initialized_ && method != "exit") return;
  (this->*at->second)(params);
}

template <class F>
Server::Impl::Answer Server::Impl::with_view(const json::value& params, F&& f) {
  const std::string_view uri = text_at(params, "textDocument.uri");
  const Document* document = workspace_.find(uri);
  if (document == nullptr) return {nullptr, {kInvalidParams, "the document is not open"}};
  Project& project = workspace_.project_of(document->path);
  const syntax::ParsedFile* tree = project.analysis->file(document->path);
  if (tree == nullptr) return {};
  const std::shared_ptr<const driver::Analysis> analysis = project.analysis;
  const View view{workspace_, *analysis, *tree, client_, Lines(tree->source->bytes())};
  return f(view);
}

// ---- life -------------------------------------------------------------------------------------------------------------------

void Server::Impl::configure(const json::value& options) {
  if (const json::value* pull = member(options, "diagnostics"))
    client_.pull = pull->is_string() && pull->get_string() == "pull";
  if (const json::value* documents = member(options, "virtualDocuments"))
    client_.virtual_documents = documents->is_bool() && documents->get_bool();
  if (const json::value* hints = member(options, "pathHints")) client_.path_hints = !hints->is_bool() || hints->get_bool();
  if (const json::value* projects = member(options, "projects")) workspace_.set_projects(texts_of(projects));
}

json::object capabilities(const Client& client) {
  json::object tokens{{"legend", token_legend()}, {"full", json::object{{"delta", true}}}, {"range", true}};
  json::object all{
      {"positionEncoding", client.encoding == Encoding::utf8 ? "utf-8" : "utf-16"},
      {"textDocumentSync", json::object{{"openClose", true}, {"change", 2}, {"save", json::object{{"includeText", false}}}}},
      {"completionProvider", json::object{{"triggerCharacters", json::array{"-", ".", "\"", " ", "(", ">", "{"}}}},
      {"hoverProvider", true},
      {"signatureHelpProvider", json::object{{"triggerCharacters", json::array{"(", ","}}}},
      {"definitionProvider", true},
      {"referencesProvider", true},
      {"documentHighlightProvider", true},
      {"documentSymbolProvider", true},
      {"workspaceSymbolProvider", true},
      {"documentFormattingProvider", true},
      {"documentRangeFormattingProvider", true},
      {"renameProvider", json::object{{"prepareProvider", true}}},
      {"codeActionProvider", json::object{{"codeActionKinds", json::array{"quickfix", "source.fixAll.smarthl7"}}}},
      {"semanticTokensProvider", std::move(tokens)},
      {"inlayHintProvider", true},
      {"foldingRangeProvider", true},
      {"documentLinkProvider", json::object{{"resolveProvider", false}}},
      {"codeLensProvider", json::object{{"resolveProvider", false}}},
      {"executeCommandProvider", json::object{{"commands", json::array{"smarthl7.runTest", "smarthl7.explain"}}}},
      {"workspace", json::object{{"workspaceFolders", json::object{{"supported", true}, {"changeNotifications", true}}}}}};
  if (client.pull) {
    all["diagnosticProvider"] =
        json::object{{"identifier", "smarthl7"}, {"interFileDependencies", true}, {"workspaceDiagnostics", true}};
  }
  if (client.virtual_documents) {
    // These commands belong to the client: it shows what the server gives.
    all["executeCommandProvider"] =
        json::object{{"commands", json::array{"smarthl7.server.runTest", "smarthl7.server.explain"}}};
  }
  return all;
}

Server::Impl::Answer Server::Impl::initialize(const json::value& params) {
  if (initialized_) return {nullptr, {kInvalidRequest, "`initialize` comes once"}};
  initialized_ = true;
  for (const std::string& encoding : texts_of(member(params, "capabilities.general.positionEncodings"))) {
    if (encoding == "utf-8") client_.encoding = Encoding::utf8;
  }
  client_.snippets = flag_at(params, "capabilities.textDocument.completion.completionItem.snippetSupport");
  watches_ = flag_at(params, "capabilities.workspace.didChangeWatchedFiles.dynamicRegistration");
  std::vector<std::string> folders;
  if (const json::value* list = member(params, "workspaceFolders"); list != nullptr && list->is_array()) {
    for (const json::value& folder : list->get_array()) folders.push_back(path_of_uri(text_at(folder, "uri")));
  }
  if (folders.empty() && !text_at(params, "rootUri").empty()) folders.push_back(path_of_uri(text_at(params, "rootUri")));
  if (folders.empty() && !text_at(params, "rootPath").empty()) folders.emplace_back(text_at(params, "rootPath"));
  workspace_.set_folders(std::move(folders));
  if (const json::value* options = member(params, "initializationOptions")) configure(*options);
  return {json::object{{"capabilities", capabilities(client_)},
                       {"serverInfo", json::object{{"name", "smarthl7"}, {"version", to_json(host_.version)}}}},
          {}};
}

void Server::Impl::initialized(const json::value& /*params*/) {
  if (watches_) {
    json::array watchers;
    for (const std::string_view pattern : {"**/*.route", "**/*.csv"})
      watchers.push_back(json::object{{"globPattern", to_json(pattern)}});
    json::object registration{{"id", "smarthl7-files"},
                              {"method", "workspace/didChangeWatchedFiles"},
                              {"registerOptions", json::object{{"watchers", std::move(watchers)}}}};
    send({{"jsonrpc", "2.0"},
          {"id", fmt::format("smarthl7-{}", next_request_++)},
          {"method", "client/registerCapability"},
          {"params", json::object{{"registrations", json::array{std::move(registration)}}}}});
  }
  workspace_.discover();
}

Server::Impl::Answer Server::Impl::shutdown(const json::value& /*params*/) {
  shut_down_ = true;
  return {};
}

void Server::Impl::exit(const json::value& /*params*/) { ended_ = true; }

void Server::Impl::configuration_changed(const json::value& params) {
  if (const json::value* options = member(params, "settings.smarthl7")) {
    configure(*options);
    workspace_.discover();
  }
}

// ---- documents --------------------------------------------------------------------------------------------------------------

void Server::Impl::did_open(const json::value& params) {
  const std::string_view uri = text_at(params, "textDocument.uri");
  if (uri.empty() || uri.starts_with("smarthl7:")) return;
  Document document{std::string(uri), path_of_uri(uri), std::string(text_at(params, "textDocument.text")),
                    number_at(params, "textDocument.version").value_or(0)};
  published_.erase(document.path);
  workspace_.open(std::move(document));
}

void Server::Impl::did_change(const json::value& params) {
  Document* document = workspace_.find(text_at(params, "textDocument.uri"));
  if (document == nullptr) return;
  const json::value* changes = member(params, "contentChanges");
  if (changes == nullptr || !changes->is_array()) return;
  for (const json::value& change : changes->get_array()) {
    const json::value* whole = member(change, "text");
    if (whole == nullptr || !whole->is_string()) continue;
    const std::string_view text = text_at(change, "text");
    if (const auto range = range_at(change, "range")) {
      apply_edit(document->text, *range, text, client_.encoding);
    } else if (member(change, "range") == nullptr) {
      document->text = text;
    }
  }
  document->version = number_at(params, "textDocument.version").value_or(document->version);
  workspace_.changed(*document);
}

void Server::Impl::did_close(const json::value& params) {
  const std::string_view uri = text_at(params, "textDocument.uri");
  const Document* document = workspace_.find(uri);
  if (document == nullptr) return;
  const std::string path = document->path;
  const std::string own_uri = document->uri;
  tokens_.erase(own_uri);
  workspace_.close(uri);
  if (path.starts_with('/')) return;
  // What was no file is gone.
  published_.erase(path);
  if (!client_.pull) notify("textDocument/publishDiagnostics", {{"uri", to_json(own_uri)}, {"diagnostics", json::array{}}});
}

void Server::Impl::did_save(const json::value& params) {
  if (const Document* document = workspace_.find(text_at(params, "textDocument.uri"))) workspace_.changed(*document);
}

void Server::Impl::folders_changed(const json::value& params) {
  const auto paths = [&](std::string_view list) {
    std::vector<std::string> all;
    const json::value* folders = member(params, list);
    if (folders == nullptr || !folders->is_array()) return all;
    for (const json::value& folder : folders->get_array()) all.push_back(path_of_uri(text_at(folder, "uri")));
    return all;
  };
  workspace_.change_folders(paths("event.added"), paths("event.removed"));
  workspace_.discover();
}

void Server::Impl::files_changed(const json::value& params) {
  const json::value* changes = member(params, "changes");
  if (changes == nullptr || !changes->is_array()) return;
  for (const json::value& change : changes->get_array()) {
    const std::string_view uri = text_at(change, "uri");
    if (uri.starts_with("file://")) workspace_.file_changed(path_of_uri(uri));
  }
}

void Server::Impl::publish(Project& project) {
  if (client_.pull) return;
  std::set<std::string_view> there;
  for (const syntax::ParsedFile& file : project.analysis->project.files) {
    const std::string& path = file.source->path();
    there.insert(path);
    json::array found = diagnostics_of(workspace_, client_, *project.analysis, *file.source);
    const std::string text = json::serialize(found);
    const auto version = workspace_.version_of(path);
    const auto at = published_.find(path);
    // An open document is told with each check, so that a client knows which version was checked; another one if it changed.
    if (at == published_.end() ? found.empty() && !version : at->second == digest(text) && !version) continue;
    published_[path] = digest(text);
    json::object params{{"uri", to_json(workspace_.uri_of(path))}, {"diagnostics", std::move(found)}};
    if (version) params["version"] = *version;
    notify("textDocument/publishDiagnostics", std::move(params));
  }
  for (auto at = published_.begin(); at != published_.end();) {
    const bool gone = at->first.starts_with(project.root + "/") && !there.contains(at->first) &&
                      project.disk.find(at->first) == project.disk.end();
    if (!gone) {
      ++at;
      continue;
    }
    notify("textDocument/publishDiagnostics", {{"uri", to_json(workspace_.uri_of(at->first))}, {"diagnostics", json::array{}}});
    at = published_.erase(at);
  }
}

void Server::Impl::check() {
  for (Project* project : workspace_.check()) publish(*project);
}

namespace {

json::object report(json::array found, std::string_view previous) {
  const std::string id = fmt::format("{:x}", digest(json::serialize(found)));
  if (id == previous) return {{"kind", "unchanged"}, {"resultId", id}};
  return {{"kind", "full"}, {"resultId", id}, {"items", std::move(found)}};
}

}  // namespace

Server::Impl::Answer Server::Impl::pull(const json::value& params) {
  return with_view(params, [&](const View& view) -> Answer {
    return {report(diagnostics_of(workspace_, client_, view.analysis, *view.tree.source), text_at(params, "previousResultId")),
            {}};
  });
}

Server::Impl::Answer Server::Impl::pull_all(const json::value& params) {
  std::map<std::string, std::string> previous;
  if (const json::value* list = member(params, "previousResultIds"); list != nullptr && list->is_array()) {
    for (const json::value& one : list->get_array()) previous[std::string(text_at(one, "uri"))] = text_at(one, "value");
  }
  check();
  json::array items;
  for (const Project* project : workspace_.all()) {
    if (project->analysis == nullptr) continue;
    for (const syntax::ParsedFile& file : project->analysis->project.files) {
      const std::string uri = workspace_.uri_of(file.source->path());
      json::object made = report(diagnostics_of(workspace_, client_, *project->analysis, *file.source), previous[uri]);
      made["uri"] = uri;
      const auto version = workspace_.version_of(file.source->path());
      made["version"] = version ? json::value(*version) : json::value(nullptr);
      items.push_back(std::move(made));
    }
  }
  return {json::object{{"items", std::move(items)}}, {}};
}

// ---- features ---------------------------------------------------------------------------------------------------------------

Server::Impl::Answer Server::Impl::on_definition(const json::value& params) { return at_offset<definition>(params); }

Server::Impl::Answer Server::Impl::on_references(const json::value& params) {
  const bool with_declaration = flag_at(params, "context.includeDeclaration");
  return with_offset(params, [&](const View& view, std::uint32_t offset) -> Answer {
    return {references(view, offset, with_declaration), {}};
  });
}

Server::Impl::Answer Server::Impl::on_prepare_rename(const json::value& params) {
  return with_offset(params, [](const View& view, std::uint32_t offset) -> Answer {
    Renamed renamed = prepare_rename(view, offset);
    if (!renamed.refusal.empty()) return {nullptr, {kRequestFailed, std::move(renamed.refusal)}};
    return {std::move(renamed.result), {}};
  });
}

Server::Impl::Answer Server::Impl::on_rename(const json::value& params) {
  const std::string_view name = text_at(params, "newName");
  return with_offset(params, [&](const View& view, std::uint32_t offset) -> Answer {
    Renamed renamed = rename(view, offset, name);
    if (!renamed.refusal.empty()) return {nullptr, {kRequestFailed, std::move(renamed.refusal)}};
    return {std::move(renamed.result), {}};
  });
}

Server::Impl::Answer Server::Impl::on_symbols(const json::value& params) {
  check();
  json::array all;
  for (const Project* project : workspace_.all()) {
    for (json::value& symbol : workspace_symbols(workspace_, client_, *project, text_at(params, "query")))
      all.push_back(std::move(symbol));
  }
  return {std::move(all), {}};
}

Server::Impl::Answer Server::Impl::on_format(const json::value& params) {
  return with_view(params, [](const View& view) -> Answer { return {formatting(view, nullptr), {}}; });
}

Server::Impl::Answer Server::Impl::on_format_range(const json::value& params) {
  const auto range = range_at(params, "range");
  if (!range) return {nullptr, {kInvalidParams, "a range is due"}};
  return with_view(params, [&](const View& view) -> Answer { return {formatting(view, &*range), {}}; });
}

Server::Impl::Answer Server::Impl::on_actions(const json::value& params) {
  const auto range = range_at(params, "range");
  if (!range) return {nullptr, {kInvalidParams, "a range is due"}};
  static const json::value kNone = json::object{};
  const json::value* context = member(params, "context");
  return with_view(params, [&](const View& view) -> Answer {
    return {code_actions(view, *range, context == nullptr ? kNone : *context), {}};
  });
}

Server::Impl::Answer Server::Impl::on_tokens(const json::value& params) {
  return with_view(params, [&](const View& view) -> Answer {
    Tokens& kept = tokens_[std::string(text_at(params, "textDocument.uri"))];
    kept.data = semantic_tokens(view, 0, static_cast<std::uint32_t>(view.text().size()));
    kept.id = ++token_id_;
    return {json::object{{"resultId", std::to_string(kept.id)}, {"data", number_array(kept.data, 0, kept.data.size())}}, {}};
  });
}

Server::Impl::Answer Server::Impl::on_tokens_delta(const json::value& params) {
  const auto at = tokens_.find(text_at(params, "textDocument.uri"));
  if (at == tokens_.end() || std::to_string(at->second.id) != text_at(params, "previousResultId")) return on_tokens(params);
  const std::vector<std::uint32_t> before = at->second.data;
  return with_view(params, [&](const View& view) -> Answer {
    Tokens& kept = at->second;
    kept.data = semantic_tokens(view, 0, static_cast<std::uint32_t>(view.text().size()));
    kept.id = ++token_id_;
    const std::vector<std::uint32_t>& now = kept.data;
    std::size_t front = 0;
    while (front < before.size() && front < now.size() && before[front] == now[front]) ++front;
    std::size_t back = 0;
    while (back < before.size() - front && back < now.size() - front &&
           before[before.size() - 1 - back] == now[now.size() - 1 - back])
      ++back;
    json::array edits;
    if (front < before.size() || front < now.size()) {
      edits.push_back(json::object{{"start", front},
                                   {"deleteCount", before.size() - front - back},
                                   {"data", number_array(now, front, now.size() - back)}});
    }
    return {json::object{{"resultId", std::to_string(kept.id)}, {"edits", std::move(edits)}}, {}};
  });
}

Server::Impl::Answer Server::Impl::on_tokens_range(const json::value& params) {
  const auto range = range_at(params, "range");
  if (!range) return {nullptr, {kInvalidParams, "a range is due"}};
  return with_view(params, [&](const View& view) -> Answer {
    const auto data = semantic_tokens(view, view.offset(range->start), view.offset(range->end));
    return {json::object{{"data", number_array(data, 0, data.size())}}, {}};
  });
}

Server::Impl::Answer Server::Impl::on_hints(const json::value& params) {
  const auto range = range_at(params, "range");
  if (!range) return {nullptr, {kInvalidParams, "a range is due"}};
  return with_view(params, [&](const View& view) -> Answer {
    return {inlay_hints(view, view.offset(range->start), view.offset(range->end)), {}};
  });
}

Server::Impl::Answer Server::Impl::on_command(const json::value& params) {
  const std::string_view command = text_at(params, "command");
  static const json::value kNone = json::array{};
  const json::value* arguments = member(params, "arguments");
  if (arguments == nullptr || !arguments->is_array()) arguments = &kNone;
  if (command == "smarthl7.runTest" || command == "smarthl7.server.runTest") return run_test(*arguments);
  if (command == "smarthl7.explain" || command == "smarthl7.server.explain") {
    const auto codes = texts_of(arguments);
    const auto page = codes.empty() ? std::nullopt : driver::explain(codes.front());
    if (!page) return {nullptr, {kInvalidParams, "there is no such code"}};
    return {to_json(*page), {}};
  }
  return {nullptr, {kInvalidParams, "there is no such command"}};
}

Server::Impl::Answer Server::Impl::run_test(const json::value& arguments) {
  const auto texts = texts_of(&arguments);
  if (texts.empty()) return {nullptr, {kInvalidParams, "a document is due"}};
  if (!host_.run_test) return {nullptr, {kRequestFailed, "this server cannot run tests"}};
  const Document* document = workspace_.find(texts.front());
  const std::string path = path_of_uri(texts.front());
  if (!path.starts_with('/')) return {nullptr, {kRequestFailed, "save the document first: tests are run from files"}};
  const std::string root = document != nullptr ? workspace_.project_of(path).root : folder_of(path);
  const std::string title = texts.size() > 1 ? texts[1] : std::string();
  const TestRun run = host_.run_test(root, title);
  show(run.passed ? kInfoMessage : kErrorMessage,
       run.passed ? fmt::format("passed: {}", title.empty() ? "all tests" : title)
                  : fmt::format("failed: {}\n{}", title.empty() ? "tests" : title, run.output));
  notify("window/logMessage", {{"type", run.passed ? kInfoMessage : kErrorMessage}, {"message", to_json(run.output)}});
  return {json::object{{"passed", run.passed}, {"output", to_json(run.output)}}, {}};
}

Server::Impl::Answer Server::Impl::on_standard_text(const json::value& params) {
  const std::string_view uri = text_at(params, "uri");
  for (const route::Module& module : route::modules()) {
    if (standard_uri(module.name) == uri) return {to_json(module.text), {}};
  }
  return {nullptr, {kInvalidParams, "the standard library has no such module"}};
}

// ---- what there is ----------------------------------------------------------------------------------------------------------

const std::map<std::string_view, Server::Impl::Method>& Server::Impl::methods() {
  static const std::map<std::string_view, Method> kMethods = {
      {"initialize", &Impl::initialize},
      {"shutdown", &Impl::shutdown},
      {"textDocument/hover", &Impl::at_offset<hover>},
      {"textDocument/completion", &Impl::at_offset<completion>},
      {"textDocument/signatureHelp", &Impl::at_offset<signature_help>},
      {"textDocument/definition", &Impl::on_definition},
      {"textDocument/references", &Impl::on_references},
      {"textDocument/documentHighlight", &Impl::at_offset<highlights>},
      {"textDocument/prepareRename", &Impl::on_prepare_rename},
      {"textDocument/rename", &Impl::on_rename},
      {"textDocument/documentSymbol", &Impl::of_document<document_symbols>},
      {"workspace/symbol", &Impl::on_symbols},
      {"textDocument/formatting", &Impl::on_format},
      {"textDocument/rangeFormatting", &Impl::on_format_range},
      {"textDocument/codeAction", &Impl::on_actions},
      {"textDocument/semanticTokens/full", &Impl::on_tokens},
      {"textDocument/semanticTokens/full/delta", &Impl::on_tokens_delta},
      {"textDocument/semanticTokens/range", &Impl::on_tokens_range},
      {"textDocument/inlayHint", &Impl::on_hints},
      {"textDocument/foldingRange", &Impl::of_document<folding>},
      {"textDocument/documentLink", &Impl::of_document<links>},
      {"textDocument/codeLens", &Impl::of_document<lenses>},
      {"textDocument/diagnostic", &Impl::pull},
      {"workspace/diagnostic", &Impl::pull_all},
      {"workspace/executeCommand", &Impl::on_command},
      {"smarthl7/standardText", &Impl::on_standard_text},
  };
  return kMethods;
}

const std::map<std::string_view, Server::Impl::Notice>& Server::Impl::notices() {
  static const std::map<std::string_view, Notice> kNotices = {
      {"initialized", &Impl::initialized},
      {"exit", &Impl::exit},
      {"textDocument/didOpen", &Impl::did_open},
      {"textDocument/didChange", &Impl::did_change},
      {"textDocument/didClose", &Impl::did_close},
      {"textDocument/didSave", &Impl::did_save},
      {"workspace/didChangeWorkspaceFolders", &Impl::folders_changed},
      {"workspace/didChangeWatchedFiles", &Impl::files_changed},
      {"workspace/didChangeConfiguration", &Impl::configuration_changed},
  };
  return kNotices;
}

Server::Server(Host host) : impl_(std::make_unique<Impl>(std::move(host))) {}
Server::~Server() = default;
void Server::handle(const std::vector<std::string>& messages) { impl_->handle(messages); }
bool Server::dirty() const { return impl_->dirty(); }
void Server::check() { impl_->check(); }
bool Server::ended() const { return impl_->ended(); }
int Server::exit_code() const { return impl_->exit_code(); }

}  // namespace smarthl7::lsp
