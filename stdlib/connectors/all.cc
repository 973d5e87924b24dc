// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/base/assert.h"
#include "stdlib/connectors/file.h"
#include "stdlib/connectors/https.h"
#include "stdlib/connectors/mllp.h"
#include "stdlib/connectors/sftp.h"
#include "stdlib/connectors/spec.h"

namespace smarthl7::connectors {

namespace {

// Names that the language keeps for connectors which this version does not have.
constexpr ConnectorSpec kSoap = {
    .name = "soap", .doc = "messages in SOAP envelopes", .source = true, .destination = true, .can_use_tls = true};
constexpr ConnectorSpec kTcp = {.name = "tcp",
                                .doc = "messages over TCP with framing of your own",
                                .source = true,
                                .destination = true,
                                .can_use_tls = true};

// The explicit list, sorted by name.
constexpr const ConnectorSpec* kAll[] = {&kFileConnector, &kHttps, &kMllp, &kSftp, &kSoap, &kTcp};

}  // namespace

std::span<const ConnectorSpec* const> all_connectors() { return kAll; }

const ConnectorSpec* find_connector(std::string_view name) {
  const auto found = std::ranges::find(kAll, name, [](const ConnectorSpec* connector) { return connector->name; });
  return found == std::ranges::end(kAll) ? nullptr : *found;
}

std::vector<const OptionSpec*> options_of(const ConnectorSpec& connector, Role role) {
  const bool source = role == Role::source;
  std::vector<const OptionSpec*> all;
  for (const OptionSpec& option : source ? connector.source_options : connector.destination_options) all.push_back(&option);
  for (const OptionSpec& option : source ? common_source_options() : common_destination_options()) all.push_back(&option);
  return all;
}

const OptionSpec* find_option(const ConnectorSpec& connector, Role role, std::string_view path) {
  for (const OptionSpec* option : options_of(connector, role)) {
    if (option->path == path) return option;
  }
  return nullptr;
}

std::string_view name_of(OptionKind kind) {
  switch (kind) {
    case OptionKind::text: return "text";
    case OptionKind::number: return "number";
    case OptionKind::duration: return "duration";
    case OptionKind::size: return "size";
    case OptionKind::port: return "port";
    case OptionKind::address: return "address";
    case OptionKind::networks: return "addresses and networks";
    case OptionKind::url: return "url";
    case OptionKind::file: return "file";
    case OptionKind::folder: return "folder";
    case OptionKind::naming: return "file name";
    case OptionKind::secret: return "secret";
    case OptionKind::words: return "word";
    case OptionKind::path: return "path";
    case OptionKind::name: return "name";
    case OptionKind::events: return "message types";
    case OptionKind::charset: return "character set";
    case OptionKind::block: return "block";
  }
  SMARTHL7_UNREACHABLE("an option kind without a name");
}

}  // namespace smarthl7::connectors
