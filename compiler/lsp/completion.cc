// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/lsp/completer.h"
#include "compiler/lsp/features.h"
#include "compiler/syntax/scan.h"
#include "stdlib/connectors/spec.h"
#include "stdlib/route/library.h"

namespace smarthl7::lsp {
namespace {

using syntax::DeclKind;

struct Skeleton {
  std::string_view word;
  std::string_view text;  // a snippet
  std::string_view doc;
};

/// What a declaration looks like when it is begun.
constexpr Skeleton kDeclarations[] = {
    {"language", "language 1", "the version of the language; the first line of a file"},
    {"use", "use std.${1:retry}", "a module of the standard library"},
    {"setting", "setting ${1:name} : ${2:port} = ${3:2575}", "a value that each environment may set"},
    {"secret", "secret ${1:name}", "a secret by its name; its value is never in a route file"},
    {"oauth", "oauth ${1:name} { token_url \"${2:https://}\"  client \"${3:hub}\"  secret ${4:name} }", "an OAuth client"},
    {"contact", "contact ${1:name} { email \"${2:oncall@hub.example}\" }", "whom an alert tells"},
    {"environment", "environment ${1:production} {\n  ${2:hub_port} = ${3:2575}\n}", "values of settings for one place of use"},
    {"table", "table ${1:name} from csv \"${2:file.csv}\" { key ${3:code}  value ${4:name} }", "a lookup table from a file"},
    {"message", "message ${1:name} = hl7 ${2:2.5.1} ${3:ORU_R01} {\n  require ${4:PID-3}\n}",
     "what a sender has agreed to send"},
    {"mapping", "mapping ${1:name} : ${2:message} {\n  $0\n}", "how a message is changed: a set of equations"},
    {"redaction", "redaction ${1:name} {\n  ${2:PID-5} remove\n}", "what is removed or replaced before a message leaves"},
    {"retry", "retry ${1:name} from std.retry.exponential { first ${2:1s}  most ${3:5m}  give_up after ${4:24h} }",
     "how what is refused for now is tried again"},
    {"source", "source ${1:name} = mllp {\n  listen   \"0.0.0.0:${2:2575}\"\n  insecure because \"${3:why}\"\n}",
     "where messages come from"},
    {"destination", "destination ${1:name} = mllp {\n  connect  \"${2:host:2575}\"\n  insecure because \"${3:why}\"\n}",
     "where messages go"},
    {"flow", "flow ${1:name} {\n  from ${2:source}\n  -> ${3:destination}\n}", "what happens to messages of a source"},
    {"alert",
     "alert ${1:name} {\n  when ${2:p99 of delivery_time} in ${3:flow} > ${4:60s} for ${5:5m}\n  notify ${6:contact}\n}",
     "when someone is told"},
    {"test", "test \"${1:what it shows}\" {\n  send file \"${2:fixture.hl7}\" to ${3:source}\n  expect ack AA\n}",
     "a test, run by `smarthl7 test`"},
};

/// What begins an item of a block, with its first blanks to fill in.
constexpr Skeleton kItems[] = {
    {"validate", "validate ${1:message} else reject AE", "structure, cardinality, data types, tables, lengths, site rules"},
    {"dedup", "dedup by ${1:MSH-3, MSH-10} within ${2:7d}", "a message that came already is answered and dropped"},
    {"route", "route ${1:PATH} {\n  \"${2:VALUE}\" -> ${3:destination}\n  otherwise -> dead \"${4:why}\"\n}",
     "the first arm that fits"},
    {"fanout", "fanout {\n  when ${1:condition} -> ${2:destination}\n  otherwise -> drop \"${3:why}\"\n}", "all arms that fit"},
    {"branch", "branch {\n  $0\n}", "a copy goes its own way"},
    {"respond", "respond from ${1:destination} within ${2:30s}", "the receiver's answer is the sender's answer"},
    {"split", "split each ${1:GROUP}", "one message becomes many"},
    {"batch", "batch up to ${1:100} or ${2:5m}", "many messages become one"},
    {"each", "each ${1:PATH} {\n  $0\n}", "for each segment, group or repetition"},
    {"delete", "delete ${1:PATH}", "a segment or a path"},
    {"insert", "insert ${1:NTE} {\n  -1 = $0\n}", "a segment at its place in the structure"},
    {"require", "require ${1:PATH}", "what must be there"},
    {"rule", "rule \"${1:what it says}\" :\n      ${2:condition}", "a rule of the site, counted as it is written"},
    {"segment", "segment ${1:ZXX} optional after ${2:PID} {\n    1 ${3:name} : ${4:ST} phi ${5:none}\n  }",
     "a segment of the site"},
};

const Skeleton* find_skeleton(std::span<const Skeleton> list, std::string_view word) {
  const auto at = std::ranges::find(list, word, &Skeleton::word);
  return at == list.end() ? nullptr : &*at;
}

Offer offer_of(DeclKind kind) {
  switch (kind) {
    case DeclKind::source:
    case DeclKind::destination: return Offer::interface;
    case DeclKind::message: return Offer::type_parameter;
    case DeclKind::table: return Offer::struct_;
    case DeclKind::mapping:
    case DeclKind::redaction:
    case DeclKind::flow: return Offer::function;
    default: return Offer::variable;
  }
}

}  // namespace

Completer::Completer(const View& view, std::uint32_t offset) : view_(view), offset_(offset), scene_(view, offset) {
  const Spot& spot = scene_.spot();
  const std::uint32_t begin = word_begin(view.text(), offset, spot.item);
  word_ = view.text().substr(begin, offset - begin);
  replace_ = begin;
  before_ = tokens(view.text().substr(spot.item, begin - spot.item));
}

void Completer::add(Item item) {
  json::object made{{"label", to_json(item.label)}, {"kind", static_cast<int>(item.kind)}};
  if (!item.detail.empty()) {
    made["detail"] = to_json(item.detail);
    made["labelDetails"] = json::object{{"description", to_json(item.detail)}};
  }
  if (!item.documentation.empty()) made["documentation"] = markdown(item.documentation);
  if (!item.filter.empty()) made["filterText"] = to_json(item.filter);
  if (!item.sort.empty()) made["sortText"] = to_json(item.sort);
  const bool snippet = item.snippet && view_.client.snippets;
  if (snippet) made["insertTextFormat"] = 2;
  const std::string_view text =
      snippet || !item.snippet ? (item.insert.empty() ? item.label : std::string_view(item.insert)) : item.label;
  made["textEdit"] = text_edit(view_.range(replace_, offset_), text);
  items_.push_back(std::move(made));
}

void Completer::words(syntax::Words words, std::string_view detail) {
  for (const std::string_view word : words) {
    const Skeleton* skeleton = find_skeleton(kItems, word);
    if (skeleton == nullptr) {
      add({.label = word, .kind = Offer::keyword, .detail = std::string(detail)});
    } else {
      add({.label = word,
           .kind = Offer::keyword,
           .detail = std::string(skeleton->doc),
           .insert = std::string(skeleton->text),
           .snippet = true});
    }
  }
}

void Completer::names(std::initializer_list<DeclKind> kinds) {
  for (const auto& [name, entry] : view_.analysis.project.names) {
    if (std::ranges::find(kinds, entry.kind) == kinds.end()) continue;
    std::string detail(spelling(entry.kind));
    if (!entry.imported) detail += ", needs its `use`";
    add({.label = name,
         .kind = offer_of(entry.kind),
         .detail = std::move(detail),
         .documentation = entry.poisoned ? std::string() : docs_of(*entry.declaration),
         .sort = (entry.standard ? "2" : "1") + name});
  }
}

void Completer::top_level() {
  for (const std::string_view word : syntax::declaration_words()) {
    const Skeleton* skeleton = find_skeleton(kDeclarations, word);
    if (skeleton == nullptr) continue;
    add({.label = word,
         .kind = Offer::keyword,
         .detail = std::string(skeleton->doc),
         .insert = std::string(skeleton->text),
         .snippet = true});
  }
}

void Completer::message_type() {
  const std::size_t count = before_.size();
  const std::string_view last = before_.back();
  if (last == "hl7") {
    for (std::size_t i = hl7::version_count(); i-- > 0;)
      add({.label = hl7::version_at(i).name(), .kind = Offer::value, .sort = fmt::format("{:02}", hl7::version_count() - i)});
    return;
  }
  if (count >= 2 && before_[count - 2] == "hl7") {
    const hl7::VersionMatch match = hl7::find_version(last);
    for (std::size_t i = 0; match.version && i < match.version.structure_count(); ++i)
      add({.label = match.version.structure_at(i).name(), .kind = Offer::class_});
    return;
  }
  words(syntax::format_words());
  names({DeclKind::message});
}

/// Outside of blocks: the words of a declaration's head.
void Completer::declaration_head() {
  const std::string_view kind = before_.front();
  const std::string_view last = before_.back();
  const std::size_t count = before_.size();
  if (kind == "use") {
    for (const route::Module& module : route::modules()) add({.label = module.name, .kind = Offer::module});
  } else if (kind == "language" && count == 1) {
    add({.label = "1", .kind = Offer::value});
  } else if (kind == "setting" && last == ":") {
    words(syntax::type_words());
  } else if (kind == "setting" && last == "=") {
    expression();
  } else if (kind == "message" && count > 2 && before_[2] == "=") {
    message_type();
  } else if (kind == "mapping" && (last == ":" || last == "->")) {
    names({DeclKind::message});
  } else if ((kind == "source" || kind == "destination") && last == "=") {
    for (const connectors::ConnectorSpec* connector : connectors::all_connectors()) {
      if (!connector->built || !(kind == "source" ? connector->source : connector->destination)) continue;
      add({.label = connector->name, .kind = Offer::module, .detail = std::string(connector->doc)});
    }
  } else if (kind == "table" && last == "from") {
    add({.label = "csv", .kind = Offer::keyword});
  } else if (kind == "retry" && last == "from") {
    names({DeclKind::retry});
  } else if (kind == "redaction" && last == "from") {
    names({DeclKind::redaction});
  } else if ((kind == "retry" || kind == "redaction" || kind == "table") && count == 2) {
    add({.label = "from", .kind = Offer::keyword});
    if (kind == "redaction") add({.label = "allow", .kind = Offer::keyword});
  }
}

void Completer::after_else() {
  words(syntax::else_words());
  add({.label = "->", .kind = Offer::keyword, .detail = "deliver there"});
  expression();
}

/// Places that look the same in several blocks.
bool Completer::common_place() {
  if (before_.empty()) return false;
  const std::string_view last = before_.back();
  const std::size_t count = before_.size();
  const std::string_view second = count > 1 ? before_[count - 2] : std::string_view{};
  if (last == "else") {
    after_else();
  } else if (last == "reject") {
    for (const std::string_view code : {"AE", "AR"}) add({.label = code, .kind = Offer::enum_member});
  } else if (last == "->") {
    names({DeclKind::destination});
    words(std::array<std::string_view, 2>{"dead", "drop"});
  } else if (last == "," && std::ranges::find(before_, "->") != before_.end() && second != "->") {
    names({DeclKind::destination});
  } else {
    return after_operator();
  }
  return true;
}

void Completer::flow_item() {
  if (before_.empty()) {
    if (scene_.spot().blocks.back().first_word() == "route") {
      words(std::array<std::string_view, 1>{"otherwise"});
      return;
    }
    if (scene_.spot().blocks.back().first_word() == "fanout") {
      words(std::array<std::string_view, 2>{"when", "otherwise"});
      return;
    }
    words(syntax::flow_words());
    add({.label = "->", .kind = Offer::keyword, .detail = "deliver", .insert = "-> ${1:destination}", .snippet = true});
    return;
  }
  const std::string_view first = before_.front();
  const std::string_view last = before_.back();
  if (first == "from") return names({DeclKind::source});
  if (first == "validate") {
    if (before_.size() == 1) return names({DeclKind::message});
    return words(std::array<std::string_view, 3>{"strict", "tolerant", "else"});
  }
  if (first == "map") return before_.size() == 1 ? names({DeclKind::mapping}) : words(std::array<std::string_view, 1>{"else"});
  if (first == "redact")
    return before_.size() == 1 ? names({DeclKind::redaction}) : words(std::array<std::string_view, 1>{"else"});
  if (first == "apply" && before_.size() == 1) return words(std::array<std::string_view, 3>{"xslt", "jolt", "javascript"});
  if (first == "as") return words(syntax::format_words());
  if (first == "respond") {
    if (last == "from") return names({DeclKind::destination});
    return words(std::array<std::string_view, 2>{"from", "within"});
  }
  if (first == "dedup") {
    if (last != "by" && last != "," && last != "ignoring")
      return words(std::array<std::string_view, 4>{"by", "within", "ignoring", "conflict"});
  }
  if (first == "batch") return words(std::array<std::string_view, 3>{"up", "to", "or"});
  if (first == "split" && before_.size() == 1) return words(std::array<std::string_view, 1>{"each"});
  if (first == "otherwise" && before_.size() == 1) return words(std::array<std::string_view, 1>{"when"});
  expression();
}

void Completer::mapping_item() {
  if (before_.empty()) {
    words(syntax::mapping_words());
    nodes({});
    return;
  }
  const std::string_view first = before_.front();
  if (first == "insert" && before_.size() == 2) return words(std::array<std::string_view, 1>{"after"});
  if (first == "each" || first == "delete" || first == "insert") {
    if (before_.size() == 1 || before_.back() == "," || before_.back() == "after") return nodes({});
    if (before_.size() == 2) return words(std::array<std::string_view, 2>{"where", "else"});
  }
  expression();
}

void Completer::message_item() {
  if (scene_.spot().blocks.size() > 1) {
    words(std::array<std::string_view, 4>{"required", "optional", "repeats", "phi"});
    if (!before_.empty() && before_.back() == "phi") {
      items_.clear();
      words(std::array<std::string_view, 4>{"direct", "quasi", "clinical", "none"});
    } else if (!before_.empty() && before_.back() == ":") {
      items_.clear();
      const hl7::Version version = scene_.model().version();
      for (std::size_t i = 0; i < version.datatype_count(); ++i)
        add({.label = version.datatype_at(i).name(), .kind = Offer::class_});
    }
    return;
  }
  if (before_.empty()) {
    words(syntax::message_words());
    nodes({});
    return;
  }
  const std::string_view first = before_.front();
  if (first == "one" || (first == "require" && (before_.size() == 1 || before_.back() == ","))) return nodes({});
  if (first == "segment") {
    if (before_.back() == "after") return nodes({});
    return words(std::array<std::string_view, 4>{"required", "optional", "repeats", "after"});
  }
  if (first == "table") return words(std::array<std::string_view, 2>{"adds", "closed"});
  expression();
}

void Completer::test_item() {
  if (scene_.spot().blocks.size() > 1) return expression();
  if (before_.empty()) return words(syntax::test_words());
  const std::string_view first = before_.front();
  const std::string_view last = before_.back();
  if (first == "given") {
    if (before_.size() == 1) return names({DeclKind::destination});
    if (last == "answers") {
      for (const std::string_view code : {"AA", "AE", "AR", "CA", "CE", "CR"}) add({.label = code, .kind = Offer::enum_member});
      return words(std::array<std::string_view, 2>{"nothing", "garbage"});
    }
    if (last == "is") return words(std::array<std::string_view, 1>{"down"});
    return words(std::array<std::string_view, 6>{"answers", "is", "late", "times", "then", "for"});
  }
  if (first == "send") {
    if (last == "to") return names({DeclKind::source});
    return words(std::array<std::string_view, 2>{"file", "to"});
  }
  if (first != "expect") return;
  if (before_.size() == 1) {
    words(std::array<std::string_view, 3>{"ack", "alert", "dead"});
    return names({DeclKind::destination});
  }
  if (last == "ack") {
    for (const std::string_view code : {"AA", "AE", "AR", "CA", "CE", "CR"}) add({.label = code, .kind = Offer::enum_member});
    return;
  }
  if (last == "alert") return names({DeclKind::alert});
  if (before_.size() == 2) words(std::array<std::string_view, 1>{"gets"});
}

void Completer::inside() {
  const std::string_view kind = scene_.kind();
  if (kind == "environment") {
    if (before_.empty()) return names({DeclKind::setting});
    return expression();
  }
  if (kind == "source" || kind == "destination" || kind == "retry" || kind == "table" || kind == "oauth" || kind == "contact")
    return options();
  if (common_place()) return;
  if (kind == "flow") return flow_item();
  if (kind == "mapping") return mapping_item();
  if (kind == "message") return message_item();
  if (kind == "test") return test_item();
  if (kind == "alert") return alert_item();
  if (kind == "redaction") return redaction_item();
}

json::value Completer::run() {
  const Spot& spot = scene_.spot();
  if (spot.comment) return json::object{{"isIncomplete", false}, {"items", json::array{}}};
  if (spot.string) {
    in_string();
  } else if (const PartialPath partial = scene_.partial(word_); partial.due != PartialPath::Due::word && !spot.blocks.empty()) {
    replace_ = offset_ - static_cast<std::uint32_t>(partial.partial.size());
    // A name with dots (`std.retry.`) looks like a path without a segment.
    if (syntax::is_lower(word_.front())) {
      replace_ = offset_ - static_cast<std::uint32_t>(word_.size());
      inside();
    } else {
      path(partial);
    }
  } else if (!spot.blocks.empty()) {
    inside();
  } else if (before_.empty()) {
    top_level();
  } else {
    declaration_head();
  }
  return json::object{{"isIncomplete", false}, {"items", std::move(items_)}};
}

json::value completion(const View& view, std::uint32_t offset) { return Completer(view, offset).run(); }

}  // namespace smarthl7::lsp
