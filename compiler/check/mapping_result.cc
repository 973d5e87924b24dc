// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/mapping_result.h"

#include <algorithm>

namespace smarthl7::check {
namespace {

struct Known {
  std::string code, event;
};

std::vector<Known> events_of(hl7::Version version, std::string_view structure) {
  std::vector<Known> events;
  for (std::size_t i = 0; i < version.event_count(); ++i) {
    const hl7::Event event = version.event_at(i);
    if (event.structure && event.structure.name() == structure && !event.event.empty())
      events.push_back({std::string(event.code), std::string(event.event)});
  }
  return events;
}

}  // namespace

MadeEvent made_event(const MessageType& from, const MessageType& to) {
  MadeEvent made;
  const std::string_view name = to.structure.name();
  made.code = std::string(name.substr(0, name.find('_')));
  std::vector<Known> mine = events_of(to.version, name);
  const bool named = std::any_of(mine.begin(), mine.end(), [&](const Known& one) { return one.code == made.code; });
  if (!named && !mine.empty()) made.code = mine.front().code;
  std::erase_if(mine, [&](const Known& one) { return one.code != made.code; });
  if (mine.empty()) {  // a site's own structure: "ZDS_O01" is ORM-like by its name alone
    if (from.kind == MessageType::Kind::hl7 && from.structure.name() == name) {
      made.kept = true;
    } else if (name.find('_') != std::string_view::npos) {
      made.trigger = std::string(name.substr(name.find('_') + 1));
    } else {
      made.kept = true;
    }
    return made;
  }
  if (mine.size() == 1) {
    made.trigger = mine.front().event;
    return made;
  }
  if (from.kind == MessageType::Kind::hl7) {
    const std::vector<Known> theirs = events_of(from.version, from.structure.name());
    made.kept = !theirs.empty() && std::all_of(theirs.begin(), theirs.end(), [&](const Known& one) {
      return one.code == made.code &&
             std::any_of(mine.begin(), mine.end(), [&](const Known& other) { return other.event == one.event; });
    });
  }
  if (!made.kept) {
    for (const Known& one : mine) made.choices.push_back(one.event);
  }
  return made;
}

}  // namespace smarthl7::check
