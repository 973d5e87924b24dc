// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/validate.h"

#include <fmt/format.h>

#include <algorithm>

#include "stdlib/hl7/message_type.h"
#include "stdlib/hl7/validate_run.h"

namespace smarthl7::hl7 {
namespace {

[[nodiscard]] std::vector<LocalSegment> places_of(const SiteRules& rules) {
  std::vector<LocalSegment> places;
  for (const LocalSegmentDefinition& segment : rules.segments) places.push_back(segment.place);
  return places;
}

[[nodiscard]] bool same_definition(const Structure& a, const Structure& b) {
  if (a.node_count() != b.node_count()) return false;
  for (NodeIndex at = 1; at < a.node_count(); ++at) {
    const StructureNode one = a.node(at);
    const StructureNode other = b.node(at);
    if (one.kind() != other.kind() || one.name() != other.name() || one.min() != other.min() || one.max() != other.max() ||
        one.subtree_end() != other.subtree_end()) {
      return false;
    }
  }
  return true;
}

}  // namespace

Validator::Validator(Version version, Structure structure, SiteRules rules)
    : version_(version),
      structure_(structure),
      rules_(std::move(rules)),
      local_places_(places_of(rules_)),
      placer_(structure, local_places_),
      tables_(make_validation_tables(version_, structure_, rules_)) {}

Validator::~Validator() = default;

Tally Validator::check(const Message& message, const Placement& placement, std::vector<Finding>& findings,
                       const CheckOptions& options) const {
  return ValidationRun(*this, message, placement, findings, options).run();
}

Tally ValidationRun::run() {
  check_header();
  check_structure();
  check_site_limits();
  for (std::uint32_t index = 0; index < message_.segment_count(); ++index) {
    if (placement_.node_of(index) == kNoNode) {
      if (strict_) unplaced(index);
      continue;  // reported with the structure, or a site's own
    }
    if (const SegmentCheck* check = segment_check(message_.segment_key(index))) check_segment(index, *check);
  }
  return tally_;
}

bool ValidationRun::count(Severity severity) {
  const bool error = severity == Severity::error;
  ++(error ? tally_.errors : tally_.others);
  std::size_t& listed = error ? listed_errors_ : listed_others_;
  if (listed == options_.most) {
    ++tally_.unlisted;
    return false;
  }
  ++listed;
  return true;
}

Finding ValidationRun::begin(Rule rule, Severity severity) const {
  Finding finding;
  finding.severity = severity;
  finding.rule = rule;
  finding.code = facts_of(rule).code;
  return finding;
}

// ---- the header: is it this version and this structure at all?

void ValidationRun::check_header() {
  check_encoding_characters();
  const std::string_view sent = message_.version();
  const std::string_view name = validator_.version().name();
  if (sent != name) {
    if (const auto order = compare_versions(sent, name); order != 0 && !is_older_friend(order, sent)) {
      add({0, 12, 0, 0, 0}, Rule::version, [&] { return fmt::format("version {}", name); });
    }
  }
  const std::string_view named = message_.header(9).component(3).text();
  const Structure& ours = validator_.structure();
  if (named != ours.name() && !is_of(message_, validator_.version(), ours)) {
    add({0, 9, 0, 0, 0}, Rule::message_type, [&] { return fmt::format("a message of structure {}", ours.name()); });
  }
  check_structure_name(named);
}

/// MSH-9.3 is the structure of the event (table 0354); required from 2.5 on.
void ValidationRun::check_structure_name(std::string_view named) {
  if (validator_.structure().is_local()) return;  // a site's own answers to its own name
  if (named.empty()) {
    const bool required = tables_.structure_named && message_.version() == validator_.version().name();
    if (!required) return;  // not by the message's own version
    add({0, 9, 1, 3, 0}, Rule::structure_name,
        [&] { return fmt::format("{}, the structure of this event", validator_.structure().name()); });
    return;
  }
  const Structure by_event = validator_.version().structure_for_event(message_.message_code(), message_.trigger_event());
  if (!by_event || by_event.name() == named) return;
  // Events of one table row are sometimes listed as structures of their own (SIU_S14): the same definition is no fault.
  if (const Structure other = validator_.version().structure(named); other && same_definition(other, by_event)) return;
  add({0, 9, 1, 3, 0}, Rule::structure_name, [&] { return fmt::format("{}, the structure of this event", by_event.name()); });
}

/// The delimiters all differ, or this would be no message; how many there may be depends on the version.
void ValidationRun::check_encoding_characters() {
  if (message_.quirks().has(Quirk::extra_encoding_characters) || (delimiters_.truncation != 0 && !tables_.truncation)) {
    add({0, 2, 0, 0, 0}, Rule::encoding_characters,
        [&] { return fmt::format("{} characters", tables_.truncation ? "four or five" : "four"); });
  }
}

bool ValidationRun::is_older_friend(std::optional<int> order, std::string_view sent) const {
  const std::string& oldest = validator_.rules().oldest_version;
  if (!order || *order > 0 || oldest.empty()) return false;
  return compare_versions(sent, oldest).value_or(-1) >= 0;
}

// ---- structure

void ValidationRun::check_structure() {
  for (const PlaceFinding& finding : placement_.findings()) {
    const Location place{finding.segment, 0, 0, 0, 0};
    const std::string_view name = validator_.placer().name_of(finding.node);
    switch (finding.fault) {
      case PlaceFault::missing_segment: missing(finding, false); break;
      case PlaceFault::missing_group: missing(finding, true); break;
      case PlaceFault::unexpected_segment: {
        const bool known = static_cast<bool>(validator_.version().segment(message_.segment(finding.segment).name()));
        add(place, known ? Rule::segment_unexpected : Rule::segment_unknown, [&] {
          return known ? std::string("a segment of the message's structure") : std::string("a segment that this version has");
        });
        break;
      }
      case PlaceFault::out_of_order:
        add(place, Rule::segment_order, [&] { return fmt::format("{} where the structure has it{}", name, where(finding)); });
        break;
      case PlaceFault::too_many: {
        const bool group = finding.node < validator_.structure().node_count() &&
                           validator_.structure().node(finding.node).kind() == NodeKind::group;
        add(place, group ? Rule::group_repeats : Rule::segment_repeats,
            [&] { return fmt::format("fewer {} {}{}", group ? "groups" : "segments", name, where(finding)); });
        break;
      }
    }
  }
}

std::string ValidationRun::where(const PlaceFinding& finding) const {
  const NodeIndex group = placement_.instance(finding.instance).node;
  return group == 0 ? std::string() : fmt::format(" in {}", validator_.placer().name_of(group));
}

void ValidationRun::missing(const PlaceFinding& finding, bool group) {
  const Rule rule = group ? Rule::group_missing : Rule::segment_missing;
  const auto severity = severity_of(rule, options_.strictness);
  if (!severity || !count(*severity)) return;
  Finding made = begin(rule, *severity);
  const std::string name = validator_.placer().expectation(finding.node);
  names_.describe_missing(made, finding.node, finding.instance);
  made.text = fmt::format("{} {} is required{}", group ? "group" : "segment", name, where(finding));
  findings_.push_back(std::move(made));
}

void ValidationRun::unplaced(std::uint32_t index) {
  if (!message_.segment(index).name().starts_with('Z')) return;
  add({index, 0, 0, 0, 0}, Rule::segment_undeclared, [] { return std::string("a Z-segment that the site has declared"); });
}

void ValidationRun::check_site_limits() {
  for (const NodeIndex node : validator_.rules().once) {
    const auto only_one = [&] { return fmt::format("one {} only", validator_.placer().name_of(node)); };
    InstanceId last_parent = kNoInstance;
    for (InstanceId id = placement_.next_instance(node); id != kNoInstance;
         id = placement_.next_instance(node, kWholeMessage, id + 1)) {
      const Placement::Instance& instance = placement_.instance(id);
      if (instance.parent == last_parent) add({instance.first_segment, 0, 0, 0, 0}, Rule::site_cardinality, only_one);
      last_parent = instance.parent;
    }
    InstanceId last_holder = kNoInstance;
    for (std::uint32_t segment = placement_.next_segment(node); segment != kNoSegment;
         segment = placement_.next_segment(node, kWholeMessage, segment + 1)) {
      const InstanceId holder = placement_.instance_of(segment);
      if (holder == last_holder) add({segment, 0, 0, 0, 0}, Rule::site_cardinality, only_one);
      last_holder = holder;
    }
  }
}

}  // namespace smarthl7::hl7
