// SPDX-License-Identifier: Apache-2.0
#include "editors/generator/lists.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "stdlib/builtins/all.h"
#include "stdlib/connectors/spec.h"

namespace smarthl7::editors {
namespace {

template <class F>
void each_option(F&& f) {
  for (const connectors::ConnectorSpec* connector : connectors::all_connectors()) {
    for (const connectors::OptionSpec& option : connector->source_options) f(option);
    for (const connectors::OptionSpec& option : connector->destination_options) f(option);
  }
  for (const connectors::OptionSpec& option : connectors::common_source_options()) f(option);
  for (const connectors::OptionSpec& option : connectors::common_destination_options()) f(option);
  for (const std::string_view word : syntax::declaration_words()) {
    for (const connectors::OptionSpec& option : connectors::declaration_options(word)) f(option);
  }
}

List sorted(const std::set<std::string>& words) { return {words.begin(), words.end()}; }

}  // namespace

List merged(std::initializer_list<syntax::Words> words) {
  std::set<std::string> all;
  for (const syntax::Words list : words) all.insert(list.begin(), list.end());
  return sorted(all);
}

List functions() {
  std::set<std::string> all;
  for (const builtins::Function* function : builtins::all_functions()) all.emplace(function->name);
  return sorted(all);
}

List options() {
  std::set<std::string> all;
  each_option([&](const connectors::OptionSpec& option) {
    const std::size_t dot = option.path.rfind('.');
    all.emplace(option.path.substr(dot == std::string_view::npos ? 0 : dot + 1));
  });
  return sorted(all);
}

List option_words() {
  std::set<std::string> all;
  each_option([&](const connectors::OptionSpec& option) {
    for (const std::string_view value : option.words) {  // one word, or two, which are coloured one by one
      const std::size_t blank = value.find(' ');
      all.emplace(value.substr(0, blank));
      if (blank != std::string_view::npos) all.emplace(value.substr(blank + 1));
    }
  });
  for (const std::string& name : options()) all.erase(name);
  return sorted(all);
}

List transports() {
  std::set<std::string> all;
  for (const connectors::ConnectorSpec* connector : connectors::all_connectors()) all.emplace(connector->name);
  return sorted(all);
}

List item_words() {
  return merged(
      {syntax::message_words(), syntax::mapping_words(), syntax::flow_words(), syntax::test_words(), syntax::alert_words()});
}

std::string alternatives(const List& list) { return fmt::format("{}", fmt::join(list, "|")); }

}  // namespace smarthl7::editors
