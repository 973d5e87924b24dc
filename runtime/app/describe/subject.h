// SPDX-License-Identifier: Apache-2.0
// What a request is about, found in the dictionary. Value types of handles, valid for ever. Internal to this folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "stdlib/hl7/dictionary/dictionary.h"
#include "stdlib/hl7/phi.h"

namespace smarthl7::app::describing {

struct WholeVersion {};
/// A field or component, with the way to it: "PID-3.4".
struct Place {
  std::string path;
  hl7::Part part;
};
struct SegmentOf {
  hl7::Segment segment;
};
struct TypeOf {
  hl7::Datatype type;
};
struct StructureOf {
  hl7::Structure structure;
};
struct TableOf {
  hl7::Table table;
};
/// Trigger events: of a message code, of one event, or both.
struct EventsOf {
  std::string title;
  std::vector<hl7::Event> events;
};
using Subject = std::variant<WholeVersion, Place, SegmentOf, TypeOf, StructureOf, TableOf, EventsOf>;

struct Found {
  std::optional<Subject> subject;
  std::string complaint;  // where there is none
};
[[nodiscard]] Found find_subject(hl7::Version version, std::string_view what);

/// What a trigger event or message code is called (tables 0003 and 0076); empty if it has no name.
[[nodiscard]] std::string_view event_title(hl7::Version version, std::string_view event);
[[nodiscard]] std::string_view code_title(hl7::Version version, std::string_view code);
/// What a data type is called (table 0440).
[[nodiscard]] std::string_view type_title(hl7::Version version, std::string_view type);
/// The events of a structure.
[[nodiscard]] std::vector<hl7::Event> events_of(hl7::Structure structure);

/// What stands at a path ("PID-3.4"), or in the component of a data type ("CX.4"), says about a person.
[[nodiscard]] hl7::PhiMark label_at(hl7::Version version, std::string_view path);

[[nodiscard]] std::string as_text(hl7::Version version, const Subject& subject, bool colours);
[[nodiscard]] std::string as_json(hl7::Version version, const Subject& subject);

}  // namespace smarthl7::app::describing
