// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <boost/json.hpp>

#include "editors/generator/lists.h"

namespace smarthl7::editors {
namespace {

namespace json = boost::json;

json::object include(std::string_view name) { return {{"include", fmt::format("#{}", name)}}; }
json::array includes(std::initializer_list<std::string_view> names) {
  json::array all;
  for (const std::string_view name : names) all.push_back(include(name));
  return all;
}
json::object match(std::string_view scope, std::string_view pattern) {
  return {{"name", fmt::format("{}.route", scope)}, {"match", json::string(pattern.data(), pattern.size())}};
}
json::object captures(std::initializer_list<std::string_view> scopes) {
  json::object all;
  int number = 0;
  for (const std::string_view scope : scopes) {
    ++number;
    if (!scope.empty()) all[std::to_string(number)] = json::object{{"name", fmt::format("{}.route", scope)}};
  }
  return all;
}
json::object matched(std::string_view pattern, std::initializer_list<std::string_view> scopes) {
  return {{"match", json::string(pattern.data(), pattern.size())}, {"captures", captures(scopes)}};
}

std::string words(const List& list) { return fmt::format(R"((?<![\w.\-])(?:{})(?!\w))", alternatives(list)); }

json::object comments() {
  return {{"patterns",
           json::array{match("comment.line.documentation", R"(///.*$)"), match("comment.line.double-slash", R"(//.*$)")}}};
}

json::object interpolation() {
  return {{"name", "meta.interpolation.route"},
          {"begin", R"(\{)"},
          {"end", R"((\})|$)"},
          {"beginCaptures", json::object{{"0", json::object{{"name", "punctuation.section.interpolation.begin.route"}}}}},
          {"endCaptures", captures({"punctuation.section.interpolation.end"})},
          {"patterns", json::array{include("expression"), match("variable.other.name", R"([a-z]\w*)")}}};
}

json::object string_rule(std::string_view scope, std::string_view begin, std::string_view end, bool raw) {
  json::object rule{{"name", fmt::format("{}.route", scope)},
                    {"begin", json::string(begin.data(), begin.size())},
                    {"end", json::string(end.data(), end.size())}};
  if (!raw) rule["patterns"] = includes({"escape", "interpolation"});
  return rule;
}

json::object strings() {
  // A string ends on its line; three quotes begin a block; r"..." knows neither escapes nor interpolation.
  return {{"patterns", json::array{string_rule("string.quoted.triple", R"(""")", R"(""")", false),
                                   string_rule("string.regexp", R"(\br")", R"("|$)", true),
                                   string_rule("string.quoted.double", R"(")", R"("|$)", false)}}};
}

json::object declarations() {
  json::array patterns;
  patterns.push_back(matched(R"(^(language)\s+(\d+))", {"keyword.other.language", "constant.numeric"}));
  patterns.push_back(matched(R"(^(use)\s+([a-z]\w*(?:\.\w+)*))", {"keyword.control.import", "entity.name.namespace"}));
  patterns.push_back(matched(R"(^(setting)\s+([a-z]\w*)\s*(:)\s*([a-z]\w*))",
                             {"storage.type.setting", "variable.other.setting", "punctuation.separator", "support.type"}));
  patterns.push_back(matched(R"(^(message)\s+([a-z]\w*)\s*(=)\s*(hl7)(?:\s+([\d.]+))?(?:\s+([A-Z]\w*))?)",
                             {"storage.type.message", "entity.name.type.message", "keyword.operator.assignment", "support.type",
                              "constant.numeric.version", "support.class.structure"}));
  patterns.push_back(matched(R"(^(test)(?=\s+"))", {"storage.type.test"}));
  const std::string kinds = alternatives(merged({syntax::declaration_words()}));
  patterns.push_back(
      matched(fmt::format(R"(^({})\s+([a-z]\w*))", kinds), {"storage.type.declaration", "entity.name.declaration"}));
  return {{"patterns", std::move(patterns)}};
}

/// `{ ... }` of options: their names and words mean something there only.
json::object option_block() {
  return {
      {"begin", R"(\{)"},
      {"end", R"(\})"},
      {"patterns", json::array{include("comments"), include("strings"), include("option-block"),
                               match("support.type.property-name.option", words(options())),
                               match("keyword.other.connective", words(merged({syntax::connective_words()}))),
                               match("constant.language.option", words(option_words())), include("value"), include("path")}}};
}

json::object connections() {
  const std::string heads = fmt::format(R"(^(source|destination)\s+([a-z]\w*)\s*(=)\s*({})\b)", alternatives(transports()));
  json::object rule{{"begin", heads},
                    {"end", R"((?<=\}))"},
                    {"beginCaptures", captures({"storage.type.connection", "entity.name.type.connection",
                                                "keyword.operator.assignment", "support.type.transport"})},
                    {"patterns", includes({"comments", "option-block"})}};
  json::object others{{"begin", R"(^(retry|table|oauth|contact)\s+([a-z]\w*))"},
                      {"end", R"((?<=\})|^(?=\S))"},
                      {"beginCaptures", captures({"storage.type.declaration", "entity.name.declaration"})},
                      {"patterns", json::array{include("comments"), include("strings"), include("option-block"),
                                               match("keyword.other.connective", words(merged({syntax::connective_words()}))),
                                               match("support.type.format", R"(\bcsv\b)"),
                                               match("support.constant.standard", R"(\bstd(?:\.\w+)+)")}}};
  return {{"patterns", json::array{std::move(rule), std::move(others)}}};
}

json::object items() {
  // What begins an item stands first on its line, or behind a brace.
  const std::string starts = fmt::format(R"((?:^|(?<=[{{}}]))\s*({})(?!\w))", alternatives(item_words()));
  return {{"patterns", json::array{matched(starts, {"keyword.control.item"})}}};
}

json::object keywords() {
  return {{"patterns",
           json::array{matched(R"((?<![\w.])(phi)\s+([a-z]\w*))", {"keyword.other.clause", "constant.language.phi"}),
                       match("keyword.control.outcome", words(merged({syntax::else_words()}))),
                       match("keyword.control", words({"else", "otherwise", "when", "each", "where", "from", "last", "ack"})),
                       match("constant.language", words(merged({syntax::constant_words()}))),
                       match("keyword.operator.word", words(merged({syntax::operator_words()}))),
                       match("keyword.other.clause", words(merged({syntax::clause_words(), syntax::connective_words()})))}}};
}

json::object paths() {
  return {{"patterns", json::array{
                           match("constant.other.event", R"(\b[A-Z]\w*\^[A-Z]\w*(?:\^[A-Z]\w*)?)"),
                           match("constant.language.ack", R"((?<![\w.\-])(?:AA|AE|AR|CA|CE|CR)(?![\w.\-\[]))"),
                           matched(R"((?<![\w.])([A-Z][A-Z0-9_]*)(?=[\-.\[\s,()}:]|$))", {"support.class.segment"}),
                           match("variable.other.property.field", R"((?<=[\w\]])[\-.]\d+(?!\w)|(?<![\w\]])[\-.]\d+(?!\w))"),
                           match("variable.other.property.name", R"((?<=[A-Z0-9\]_])\.[a-z]\w*)"),
                       }}};
}

json::object values() {
  return {{"patterns",
           json::array{matched(R"((?<![\w.\-])(\d+(?:\.\d+)?)([A-Za-z]+)\b)", {"constant.numeric", "keyword.other.unit"}),
                       match("constant.numeric.version", R"((?<![\w.\-])\d+\.\d+(?:\.\d+)+(?!\w))"),
                       match("constant.numeric", R"((?<![\w.\-\]])\d+(?:\.\d+)?(?!\w))"),
                       match("keyword.operator", R"(==|!=|<=|>=|->|[<>=+*/]|(?<=\s)-(?=\s))"),
                       match("support.constant.standard", R"(\bstd(?:\.\w+)+)"),
                       match("support.function.builtin", fmt::format(R"(\b(?:{})(?=\s*\())", alternatives(functions())))}}};
}

}  // namespace

std::string textmate_grammar() {
  json::object repository{{"comments", comments()},
                          {"interpolation", interpolation()},
                          {"escape", match("constant.character.escape", R"(\\["\\nt{}])")},
                          {"strings", strings()},
                          {"declarations", declarations()},
                          {"connections", connections()},
                          {"option-block", option_block()},
                          {"items", items()},
                          {"keywords", keywords()},
                          {"path", paths()},
                          {"value", values()},
                          {"expression", json::object{{"patterns", includes({"strings", "path", "value", "keywords"})}}}};
  json::object grammar{{"$schema", "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json"},
                       {"information_for_contributors",
                        json::array{"Generated by editors/generator from the word lists of the code; do not edit."}},
                       {"name", "SmartHL7 route"},
                       {"scopeName", "source.route"},
                       {"fileTypes", json::array{"route"}},
                       {"patterns", includes({"comments", "connections", "declarations", "strings", "items", "expression"})},
                       {"repository", std::move(repository)}};
  // One member a line, so that a change of a list is a small difference.
  std::string text;
  std::string indent;
  const auto write = [&](const auto& self, const json::value& value) -> void {
    if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
      text += "{\n";
      indent += "  ";
      bool first = true;
      for (const auto& [name, member] : *object) {
        if (!first) text += ",\n";
        first = false;
        text += indent + json::serialize(json::string(name)) + ": ";
        self(self, member);
      }
      indent.resize(indent.size() - 2);
      text += "\n" + indent + "}";
    } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
      text += "[\n";
      indent += "  ";
      for (std::size_t i = 0; i < array->size(); ++i) {
        if (i > 0) text += ",\n";
        text += indent;
        self(self, (*array)[i]);
      }
      indent.resize(indent.size() - 2);
      text += "\n" + indent + "]";
    } else {
      text += json::serialize(value);
    }
  };
  write(write, grammar);
  return text + "\n";
}

}  // namespace smarthl7::editors
