// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/lsp/completer.h"
#include "compiler/lsp/features.h"
#include "stdlib/connectors/spec.h"

namespace smarthl7::lsp {

using connectors::OptionKind;
using connectors::OptionSpec;
using syntax::DeclKind;

/// "tls." inside of `tls { ... }`.
std::string Completer::option_prefix() const {
  std::string prefix;
  const auto& blocks = scene_.spot().blocks;
  for (std::size_t i = 1; i < blocks.size(); ++i) prefix += fmt::format("{}.", blocks[i].last_word());
  return prefix;
}

std::vector<const OptionSpec*> Completer::option_specs() const {
  const std::string_view kind = scene_.kind();
  const auto head = tokens(scene_.spot().blocks.front().head);
  if (kind == "source" || kind == "destination") {
    const connectors::ConnectorSpec* connector = head.size() < 4 ? nullptr : connectors::find_connector(head[3]);
    if (connector == nullptr) return {};
    return connectors::options_of(*connector, kind == "source" ? connectors::Role::source : connectors::Role::destination);
  }
  std::vector<const OptionSpec*> specs;
  for (const OptionSpec& spec : connectors::declaration_options(kind)) specs.push_back(&spec);
  return specs;
}

void Completer::options() {
  const std::string prefix = option_prefix();
  const auto specs = option_specs();
  // The option whose value is due: its name stands before, with nothing but a connective, or values and a comma, between.
  const auto find = [&](std::string_view name) -> const OptionSpec* {
    for (const OptionSpec* spec : specs) {
      if (spec->path.size() == prefix.size() + name.size() && spec->path.starts_with(prefix) && spec->path.ends_with(name))
        return spec;
    }
    return nullptr;
  };
  const std::size_t count = before_.size();
  const auto is_connective = [](std::string_view word) {
    const auto words = syntax::connective_words();
    return word == "on" || std::ranges::find(words, word) != words.end();
  };
  if (count > 0) {
    if (before_[count - 1] == "{") return;
    if (const OptionSpec* spec = find(before_[count - 1]);
        spec != nullptr && !(count > 1 && is_connective(before_[count - 1]) && find(before_[count - 2]) != nullptr)) {
      return option_values(*spec, false);
    }
    if (count > 1) {  // `on refusal`, `application ack`: an option of an option
      const std::string nested = fmt::format("{}.{}", before_[count - 2], before_[count - 1]);
      if (const OptionSpec* spec = find(nested)) return option_values(*spec, false);
    }
    if (count > 1 && is_connective(before_[count - 1])) {
      if (const OptionSpec* spec = find(before_[count - 2])) return option_values(*spec, true);
    }
    if (before_[count - 1] == ",") {
      for (std::size_t i = count - 1; i-- > 0;) {
        if (const OptionSpec* spec = find(before_[i])) return option_values(*spec, true);
      }
    }
  }
  for (const OptionSpec* spec : specs) {
    if (!spec->path.starts_with(prefix)) continue;
    const std::string_view name = spec->path.substr(prefix.size());
    if (name.find('.') != std::string_view::npos) continue;
    std::string detail(spec->kind == OptionKind::block ? "block" : name_of(spec->kind));
    if (!spec->otherwise.empty()) detail += fmt::format(", unless said {}", spec->otherwise);
    std::string insert(name);
    if (spec->connectives.size() == 1 && !spec->connectives.front().empty())
      insert += fmt::format(" {}", spec->connectives.front());
    add({.label = name,
         .kind = Offer::property,
         .detail = std::move(detail),
         .documentation = option_text(*spec),
         .insert = std::move(insert),
         .sort = (spec->required ? "1" : "2") + std::string(name)});
  }
}

void Completer::option_values(const OptionSpec& spec, bool connected) {
  if (!connected) {
    for (const std::string_view connective : spec.connectives) {
      if (!connective.empty()) add({.label = connective, .kind = Offer::keyword, .sort = "0"});
    }
    const bool plain = spec.connectives.empty() || std::ranges::find(spec.connectives, "") != spec.connectives.end();
    if (!plain && spec.kind != OptionKind::words) return;
  }
  for (const std::string_view word : spec.words) add({.label = word, .kind = Offer::enum_member, .sort = "1"});
  const auto examples = [&](std::initializer_list<std::string_view> values) {
    for (const std::string_view value : values) add({.label = value, .kind = Offer::unit});
  };
  switch (spec.kind) {
    case OptionKind::secret: names({DeclKind::secret}); break;
    case OptionKind::name:
      if (spec.declared == "retry") names({DeclKind::retry});
      if (spec.declared == "destination") names({DeclKind::destination});
      if (spec.declared == "oauth") names({DeclKind::oauth});
      if (spec.declared == "contact") names({DeclKind::contact});
      break;
    case OptionKind::duration: examples({"500ms", "5s", "30s", "1m", "5m", "24h", "7d"}); break;
    case OptionKind::size: examples({"64KiB", "1MiB", "64MiB"}); break;
    case OptionKind::events: {
      const hl7::Version version = hl7::newest_version();
      for (std::size_t i = 0; i < version.event_count(); ++i) {
        const hl7::Event event = version.event_at(i);
        if (event.event.empty() || event.event == "Znn") continue;
        const std::string label = fmt::format("{}^{}", event.code, event.event);
        add({.label = label,
             .kind = Offer::event,
             .detail = event.structure ? std::string(event.structure.name()) : std::string()});
      }
      break;
    }
    case OptionKind::path: nodes({}); break;
    case OptionKind::text:
      if (scene_.kind() == "table") return columns();
      names({DeclKind::setting});
      break;
    case OptionKind::port:
    case OptionKind::number:
    case OptionKind::address:
    case OptionKind::networks:
    case OptionKind::folder:
    case OptionKind::naming:
    case OptionKind::url: names({DeclKind::setting}); break;
    case OptionKind::charset:
    case OptionKind::file:
    case OptionKind::words: break;
    case OptionKind::block: {
      // `on AE for now`, `unreachable give_up after 7d`: a name with an option of its own.
      const std::string prefix = std::string(spec.path) + ".";
      for (const OptionSpec* other : option_specs()) {
        if (!other->path.starts_with(prefix)) continue;
        add({.label = other->path.substr(prefix.size()), .kind = Offer::property, .documentation = option_text(*other)});
      }
      break;
    }
  }
}

}  // namespace smarthl7::lsp
