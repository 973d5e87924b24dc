// SPDX-License-Identifier: Apache-2.0
// What the options of sources and destinations are: one table per connector, read by check, hover, the documentation and
// the runtime. The grammar knows no option; this is where they are known. Constant data; any thread.
//
// An option is named by its path: `connect`, `tls.certificate` for `tls { certificate file "..." }`, and `on.refusal`
// for `on refusal hold lane` (a name followed by an option of its own).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace smarthl7::connectors {

enum class Role : std::uint8_t { source, destination };

enum class OptionKind : std::uint8_t {
  text,
  number,
  duration,  // "30s"
  size,      // "64MiB"
  port,
  address,   // "host:port", "[v6]:port"; may interpolate settings
  networks,  // "10.20.0.0/16", "192.0.2.7": who may connect
  url,
  file,     // a path relative to the route file; the value is the file's content
  folder,   // of the machine that the hub runs on; `words` are allowed in place of one
  naming,   // the path of a file that is written: settings, and fields of MSH, are put in
  secret,   // the name of a declared secret
  words,    // one of `words`
  path,     // HL7 paths, a comma between them; `words` are allowed in place of one
  name,     // a declared thing: `declared` says what
  events,   // ORU^R01, ADT^A01: message types
  charset,  // a character set of HL7 table 0211 that messages can be carried in
  block,    // { options }
};

/// A word that an option took in an earlier version of the language: read, reported, and put right by `check --fix`.
struct FormerWord {
  std::string_view was;
  std::string_view is;
};

struct OptionSpec {
  std::string_view path;
  OptionKind kind = OptionKind::text;
  /// What stands between name and value, in the spelling of the language; "" is nothing. One of them must be used.
  std::span<const std::string_view> connectives{};
  bool required = false;         // within its block, if it has one
  std::string_view unless{};     // the option that is given in its stead: one of the two is required, and both are too many
  bool many = false;             // kinds address and networks: several, a comma between them
  std::string_view otherwise{};  // the value when it is not given, in the spelling of the language; empty: none
  std::string_view doc{};        // one line
  std::string_view example{};    // as written in a route file
  std::span<const std::string_view> words{};
  std::span<const FormerWord> former{};  // kind words
  std::string_view declared{};           // kind name: "retry"
  std::uint64_t least = 0;               // kind number
  std::uint64_t most = 1'000'000'000;
};

struct ConnectorSpec {
  std::string_view name;
  std::string_view doc;
  bool built = false;  // false: the name is known and refused by check
  bool source = false;
  bool destination = false;
  bool documents = false;    // carries xml, json and bytes; else HL7 v2 messages alone, as their transport frames them
  bool can_use_tls = false;  // without a tls block it must say `insecure because "..."`
  /// A destination's option that is an address with a scheme: TLS is used if that is https, whether or not a tls block stands
  /// there.
  std::string_view url{};
  std::span<const OptionSpec> source_options{};
  std::span<const OptionSpec> destination_options{};
};

/// All connectors, by name.
[[nodiscard]] std::span<const ConnectorSpec* const> all_connectors();
[[nodiscard]] const ConnectorSpec* find_connector(std::string_view name);

/// What every source or destination has, whatever its connector: the runtime's flow and lanes read these.
[[nodiscard]] std::span<const OptionSpec> common_source_options();
[[nodiscard]] std::span<const OptionSpec> common_destination_options();

/// The options of a declaration that is no connector: `retry`, `table`; empty for others.
[[nodiscard]] std::span<const OptionSpec> declaration_options(std::string_view declaration);

/// An option of the connector or a common one; nullptr if there is none of that path for that role.
[[nodiscard]] const OptionSpec* find_option(const ConnectorSpec& connector, Role role, std::string_view path);
/// Paths of all options that the role has there, for suggestions: own ones first.
[[nodiscard]] std::vector<const OptionSpec*> options_of(const ConnectorSpec& connector, Role role);
[[nodiscard]] std::string_view name_of(OptionKind kind);

}  // namespace smarthl7::connectors
