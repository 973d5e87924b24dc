// SPDX-License-Identifier: Apache-2.0
// Validator: checks messages against a version's structure and a site's additions, and reports every finding, not only
// the first: header, structure, usage and cardinality, conditions between fields, data types with their own rules, lengths,
// codes, withdrawn and unknown fields (finding_rule.h lists the rules and what each weighs; docs/hl7/validation.md explains
// them). Made once per message type; then immutable (any thread). check() reads the message and its placement and appends to
// the caller's findings, at most `most` errors and as many others; a message without findings allocates nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/hl7/dictionary/dictionary.h"
#include "stdlib/hl7/finding.h"
#include "stdlib/hl7/message.h"
#include "stdlib/hl7/structure.h"

namespace smarthl7::hl7 {

/// A field of a site's own segment.
struct LocalField {
  std::uint16_t number = 0;
  std::string name = {};
  std::string type = "ST";
  std::uint32_t length = 0;  // 0: any
  bool required = false;
  bool repeats = false;
};

struct LocalSegmentDefinition {
  LocalSegment place = {};
  std::vector<LocalField> fields = {};
};

/// What a site has agreed on beyond the standard.
struct SiteRules {
  std::vector<LocalSegmentDefinition> segments = {};
  std::vector<std::pair<std::uint16_t, std::string>> codes = {};  // table number and a code that it has too
  std::vector<std::uint16_t> closed =
      {};                            // user-defined tables that have no other codes than those of the standard and `codes`
  std::vector<NodeIndex> once = {};  // groups (or segments) that stand only once where the standard lets them repeat
  std::string oldest_version = {};   // messages of older versions down to this one are read too; empty: only this version
};

/// Both find the same. `quick` passes over the fields that a few tests show to be right; `close` looks at each.
enum class Look : std::uint8_t { quick, close };

/// How many findings there are, listed or not.
struct Tally {
  std::uint64_t errors = 0;
  std::uint64_t others = 0;    // warnings and informations
  std::uint64_t unlisted = 0;  // of both: more than are kept
  friend bool operator==(const Tally&, const Tally&) = default;
};

inline constexpr std::size_t kMostFindings = 500;

/// Segment, sequence and path of a place of a message; the rest is as it is made.
[[nodiscard]] Finding finding_in(const Message& message, const Placement& placement, const Placer& placer,
                                 const Location& location);
/// The same of a segment or group that an instance does not have.
[[nodiscard]] Finding missing_in(const Message& message, const Placement& placement, const Placer& placer, NodeIndex node,
                                 InstanceId instance);

struct CheckOptions {
  Strictness strictness = Strictness::usual;
  Look look = Look::quick;
  std::size_t most = kMostFindings;  // errors that are listed, and as many others
};

struct ValidationTables;

class Validator {
 public:
  Validator(Version version, Structure structure, SiteRules rules = {});
  ~Validator();
  Validator(const Validator&) = delete;
  Validator& operator=(const Validator&) = delete;
  Validator(Validator&&) = delete;
  Validator& operator=(Validator&&) = delete;

  [[nodiscard]] Version version() const { return version_; }
  [[nodiscard]] Structure structure() const { return structure_; }
  [[nodiscard]] const SiteRules& rules() const { return rules_; }
  [[nodiscard]] const Placer& placer() const { return placer_; }
  [[nodiscard]] const ValidationTables& tables() const { return *tables_; }
  /// `placement` is what placer() made of the message.
  Tally check(const Message& message, const Placement& placement, std::vector<Finding>& findings,
              const CheckOptions& options = {}) const;

 private:
  Version version_;
  Structure structure_;
  SiteRules rules_;
  std::vector<LocalSegment> local_places_;
  Placer placer_;
  std::unique_ptr<const ValidationTables> tables_;
};

}  // namespace smarthl7::hl7
