// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/message_type.h"

#include <fmt/format.h>

#include <algorithm>

namespace smarthl7::hl7 {
namespace {

/// What stands for the events that a site adds to a code: MFN_Znn, QBP_Qnn, RSP_Znn, RTB_Knn.
[[nodiscard]] Structure for_own_event(std::string_view code, std::string_view event, Version version) {
  if (!event.starts_with('Z')) return {};
  for (const std::string_view own : {"Znn", "Qnn", "Knn"}) {
    if (const Structure structure = version.structure_for_event(code, own)) return structure;
  }
  return {};
}

/// The structures of a message code in a version: the one, and whether there are others.
struct OfCode {
  Structure structure = {};
  bool several = false;
};
[[nodiscard]] OfCode of_code(std::string_view code, Version version) {
  OfCode found;
  for (std::size_t index = 0; index < version.event_count() && !found.several; ++index) {
    const Event event = version.event_at(index);
    if (event.code != code) continue;
    found.several = found.structure && found.structure != event.structure;
    found.structure = event.structure;
  }
  return found;
}

/// MSH-9.3 of a local structure, or its event: `ZRU_Z01` for ZRU^Z01.
[[nodiscard]] bool is_named(std::string_view structure, std::string_view code, std::string_view event, std::string_view named) {
  if (!named.empty()) return named == structure;
  return structure.size() == code.size() + 1 + event.size() && structure.starts_with(code) && structure[code.size()] == '_' &&
         structure.ends_with(event);
}

class Reading {
 public:
  Reading(const Message& message, const TypeHints& hints, std::vector<Finding>* findings)
      : message_(message),
        hints_(hints),
        findings_(findings),
        code_(message.message_code()),
        event_(message.trigger_event()),
        named_(message.header(9).component(3).text()) {}

  MessageType read() {
    find_version();
    for (const Structure local : hints_.local) {
      if (is_named(local.name(), code_, event_, named_)) {
        type_.structure = local;
        return type_;
      }
    }
    type_.structure = structure_of(code_, event_, named_, type_.version);
    if (!type_.structure) look_in_later_versions();
    if (findings_ != nullptr) report();
    return type_;
  }

 private:
  void add(std::size_t field, std::size_t component, Severity severity, std::uint16_t code, std::string text) {
    if (findings_ == nullptr) return;
    Location place{0, static_cast<std::uint16_t>(field), static_cast<std::uint16_t>(component == 0 ? 0 : 1),
                   static_cast<std::uint16_t>(component), 0};
    Finding finding = finding_at(message_, place, severity, code, std::move(text));
    finding.rule = field == 12 ? Rule::version : component == 3 ? Rule::structure_name : Rule::message_type;
    place.repetition = 0;  // neither field repeats
    finding.path = finding.segment_name + path_in_segment(place);
    findings_->push_back(std::move(finding));
  }

  void find_version() {
    const std::string_view sent = message_.version();
    const VersionMatch match = hl7::find_version(sent);
    type_.exact_version = match.version && match.exact;
    type_.version = match.version ? match.version : hints_.version ? hints_.version : newest_version();
    if (findings_ == nullptr || type_.exact_version) return;
    if (!match.version) {
      add(12, 0, Severity::error, condition::kVersionId,
          fmt::format("a version of HL7 ({} to {}); read as {}", version_at(0).name(), newest_version().name(),
                      type_.version.name()));
    } else {
      add(12, 0, Severity::warning, condition::kVersionId,
          fmt::format("a version from {} to {}; read as {}, the nearest", version_at(0).name(), newest_version().name(),
                      type_.version.name()));
    }
  }

  /// A message says that it is older than its type.
  void look_in_later_versions() {
    for (std::size_t index = 0; index < version_count(); ++index) {
      const Version later = version_at(index);
      if (compare_versions(later.name(), type_.version.name()) != 1) continue;
      type_.structure = structure_of(code_, event_, named_, later);
      if (!type_.structure) continue;
      add(12, 0, Severity::warning, condition::kVersionId,
          fmt::format("version {} or later: that is when this message came; read as {}", later.name(), later.name()));
      type_.version = later;
      type_.exact_version = false;
      return;
    }
  }

  void report() {
    const std::string_view version = type_.version.name();
    if (code_.empty()) return add(9, 1, Severity::error, condition::kMessageType, "a message code");
    const bool known_code = code_ == "ACK" || of_code(code_, type_.version).structure;
    const bool known_event = event_.starts_with('Z') || type_.version.structure_for_event(code_, event_);
    if (!type_.structure) {
      if (!known_code)
        add(9, 1, Severity::error, condition::kMessageType, fmt::format("a message code of HL7 {}", version));
      else
        add(9, 2, Severity::error, condition::kEventCode, fmt::format("a trigger event of this message in HL7 {}", version));
      return;
    }
    if (!known_event) {
      const char* what = event_.empty() ? "a trigger event" : "a trigger event of this message";
      add(9, 2, Severity::warning, condition::kEventCode,
          fmt::format("{} in HL7 {}; read as {}", what, version, type_.structure.name()));
    }
    if (!named_.empty() && named_ != type_.structure.name()) {
      add(9, 3, Severity::warning, condition::kMessageType, fmt::format("structure {}; read as that", type_.structure.name()));
    }
  }

  const Message& message_;
  const TypeHints& hints_;
  std::vector<Finding>* findings_;
  std::string_view code_, event_, named_;
  MessageType type_;
};

}  // namespace

Structure structure_of(std::string_view code, std::string_view event, std::string_view named, Version version) {
  if (!version) return {};
  if (const Structure structure = version.structure_for_event(code, event)) return structure;
  if (const Structure structure = version.structure(named)) return structure;
  if (const Structure structure = for_own_event(code, event, version)) return structure;
  if (!event.empty()) return {};
  const OfCode only = of_code(code, version);
  return only.several ? Structure() : only.structure;
}

Structure structure_of(const Message& message, Version version) {
  return structure_of(message.message_code(), message.trigger_event(), message.header(9).component(3).text(), version);
}

bool is_of(const Message& message, Version version, Structure structure) {
  const Structure found = structure_of(message, version);
  if (found == structure || !structure.is_local()) return found == structure;
  const std::string_view named = message.header(9).component(3).text();
  return (found && found.name() == structure.name()) ||
         is_named(structure.name(), message.message_code(), message.trigger_event(), named);
}

MessageType message_type(const Message& message, const TypeHints& hints, std::vector<Finding>* findings) {
  return Reading(message, hints, findings).read();
}

}  // namespace smarthl7::hl7
