// SPDX-License-Identifier: Apache-2.0
// The options of one source, destination or oauth client, read against their spec. Internal to the checks of connections.
// Borrows the context and the declaration; one thread; reports to the sink.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/check/context.h"
#include "stdlib/connectors/spec.h"

namespace smarthl7::check {

/// An option as it stands, found in the spec; values are not read yet.
struct GivenOption {
  const connectors::OptionSpec* spec = nullptr;
  const syntax::Option* option = nullptr;
};

class OptionReader {
 public:
  OptionReader(Context& context, const connectors::ConnectorSpec& connector, connectors::Role role, const syntax::Name& owner);
  /// Of a declaration that is no connector: `what` is "oauth client".
  OptionReader(Context& context, std::string what, std::span<const connectors::OptionSpec> specs, const syntax::Name& owner);

  /// All options: unknown, doubled, wrongly connected and missing ones are reported.
  void read(const syntax::OptionBlock& block);
  /// An error was reported, or something could not be read.
  [[nodiscard]] bool broken() const { return broken_; }
  [[nodiscard]] const syntax::Option* find(std::string_view path) const;
  /// Reads the values of the connector's own options; those of `common` are left out, they are read one by one.
  [[nodiscard]] std::vector<OptionInfo> own_options(std::span<const connectors::OptionSpec> common);

  /// The word of an option of kind words; empty if not given or reported.
  std::string_view word(std::string_view path);
  /// A plain literal; `otherwise` if not given or reported.
  std::uint64_t number(std::string_view path, std::uint64_t least, std::uint64_t most, std::uint64_t otherwise);
  std::uint64_t duration(std::string_view path, std::uint64_t otherwise);

 private:
  void read_block(const syntax::OptionBlock& block, std::string_view prefix);
  void read_option(const syntax::Option& option, std::string_view prefix);
  void read_named(const syntax::Option& option, const connectors::OptionSpec& block);
  void unknown(const syntax::Option& option, std::string_view prefix);
  bool check_connective(const syntax::Option& option, const connectors::OptionSpec& spec);
  bool lost_value(const syntax::Option& option, const connectors::OptionSpec& spec, std::string_view prefix);
  [[nodiscard]] bool check_instead(const connectors::OptionSpec& spec);
  void check_required(const syntax::OptionBlock& block, std::string_view prefix, const syntax::Node& place);
  bool read_value(OptionInfo& info, const GivenOption& given);
  bool read_name(OptionInfo& info, const connectors::OptionSpec& spec, const syntax::Expr& value);
  bool read_many(OptionInfo& info, const GivenOption& given);
  bool check_networks(const syntax::Expr& value, const connectors::OptionSpec& spec);
  bool read_text(OptionInfo& info, const connectors::OptionSpec& spec, const syntax::Expr& value);
  bool read_file(OptionInfo& info, const connectors::OptionSpec& spec, const syntax::Expr& value);
  bool read_folder(OptionInfo& info, const connectors::OptionSpec& spec, const syntax::Expr& value);
  bool read_naming(OptionInfo& info, const connectors::OptionSpec& spec, const syntax::Expr& value);
  bool read_secret(OptionInfo& info, const connectors::OptionSpec& spec, const syntax::Expr& value);
  [[nodiscard]] bool check_charset(std::string_view name, const syntax::Expr& value, const connectors::OptionSpec& spec);
  bool read_counted(OptionInfo& info, const connectors::OptionSpec& spec, const syntax::Expr& value);
  /// The word that a former one stands for, which is reported; else the word itself.
  std::string_view present_word(std::string_view word, const connectors::OptionSpec& spec, source::Span span);
  bool read_word(OptionInfo& info, const connectors::OptionSpec& spec, const syntax::Expr& value);
  [[nodiscard]] const connectors::OptionSpec* spec_of(std::string_view path) const;
  [[nodiscard]] std::vector<std::string_view> names_below(std::string_view prefix) const;
  [[nodiscard]] std::string a_what() const;  // "an mllp source"

  Context& context_;
  const std::string what_;  // "mllp source"
  const syntax::Name& owner_;
  std::vector<const connectors::OptionSpec*> specs_;
  std::map<std::string, GivenOption, std::less<>> given_;
  std::vector<std::string> order_;
  bool broken_ = false;
};

}  // namespace smarthl7::check
