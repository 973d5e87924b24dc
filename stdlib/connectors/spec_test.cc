// SPDX-License-Identifier: Apache-2.0
#include "stdlib/connectors/spec.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace smarthl7::connectors {
namespace {

TEST(Connectors, are_sorted_and_found_by_name) {
  std::string_view before;
  for (const ConnectorSpec* connector : all_connectors()) {
    EXPECT_LT(before, connector->name);
    before = connector->name;
    EXPECT_EQ(find_connector(connector->name), connector);
    EXPECT_TRUE(connector->source || connector->destination);
    EXPECT_FALSE(connector->doc.empty());
  }
  EXPECT_EQ(find_connector("mlp"), nullptr);
}

TEST(Connectors, those_not_built_have_no_options) {
  for (const ConnectorSpec* connector : all_connectors()) {
    const bool has_options = !connector->source_options.empty() || !connector->destination_options.empty();
    EXPECT_EQ(connector->built, has_options) << connector->name;
  }
}

void expect_sound(const OptionSpec& option, const std::set<std::string_view>& paths) {
  const std::string path(option.path);
  const bool may_take_words =
      option.kind == OptionKind::words || option.kind == OptionKind::path || option.kind == OptionKind::folder;
  EXPECT_FALSE(option.doc.empty()) << path;
  EXPECT_NE(option.doc.back(), '.') << path;
  EXPECT_EQ(option.kind == OptionKind::block, option.connectives.empty())
      << path << ": a value needs its connectives, a block has none";
  EXPECT_TRUE(may_take_words || option.words.empty()) << path;
  EXPECT_FALSE(option.kind == OptionKind::words && option.words.empty()) << path;
  EXPECT_EQ(option.kind == OptionKind::name, !option.declared.empty()) << path;
  EXPECT_FALSE(option.required && !option.otherwise.empty()) << path << ": a default of a required option is never used";
  if (const auto dot = path.rfind('.'); dot != std::string::npos) {
    EXPECT_TRUE(paths.contains(option.path.substr(0, dot))) << path << ": its block is missing";
    EXPECT_NE(option.example.find(path.substr(dot + 1)), std::string_view::npos) << path;
  } else {
    EXPECT_NE(option.example.find(path), std::string_view::npos) << path;
  }
}

TEST(Connectors, options_are_sound_and_stand_once) {
  for (const ConnectorSpec* connector : all_connectors()) {
    for (const Role role : {Role::source, Role::destination}) {
      std::set<std::string_view> paths;
      for (const OptionSpec* option : options_of(*connector, role))
        EXPECT_TRUE(paths.insert(option->path).second) << option->path << " stands twice";
      for (const OptionSpec* option : options_of(*connector, role)) expect_sound(*option, paths);
    }
  }
}

TEST(Connectors, a_role_has_its_own_options) {
  const ConnectorSpec& mllp = *find_connector("mllp");
  EXPECT_NE(find_option(mllp, Role::source, "listen"), nullptr);
  EXPECT_EQ(find_option(mllp, Role::destination, "listen"), nullptr);
  EXPECT_EQ(find_option(mllp, Role::source, "ack")->kind, OptionKind::words);
  EXPECT_EQ(find_option(mllp, Role::destination, "ack")->kind, OptionKind::duration);
  EXPECT_TRUE(find_option(mllp, Role::source, "tls.certificate")->required);
  EXPECT_FALSE(find_option(mllp, Role::destination, "tls.certificate")->required);
}

}  // namespace
}  // namespace smarthl7::connectors
