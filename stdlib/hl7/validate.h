// SPDX-License-Identifier: Apache-2.0
// Validator: checks messages against a version's structure and a site's additions, and reports every finding, not only
// the first: structure, version, required fields and components, cardinality, primitive data types, codes of closed
// tables, withdrawn fields, lengths (a warning). Made once per message type; then immutable (any thread). check() reads the
// message and its placement and appends to the caller's findings; a message without findings allocates nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/hl7/dictionary/dictionary.h"
#include "stdlib/hl7/finding.h"
#include "stdlib/hl7/message.h"
#include "stdlib/hl7/primitive.h"
#include "stdlib/hl7/quick_check.h"
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
  std::vector<NodeIndex> once = {};  // groups (or segments) that stand only once where the standard lets them repeat
  std::string oldest_version = {};   // messages of older versions down to this one are read too; empty: only this version
};

/// Both find the same. `quick` passes over the fields that a few tests show to be right; `close` looks at each.
enum class Look : std::uint8_t { quick, close };

class Validator {
 public:
  Validator(Version version, Structure structure, SiteRules rules = {});

  [[nodiscard]] Version version() const { return version_; }
  [[nodiscard]] const Placer& placer() const { return placer_; }
  /// `placement` is what placer() made of the message.
  void check(const Message& message, const Placement& placement, std::vector<Finding>& findings, Look look = Look::quick) const;

 private:
  friend class ValidationRun;

  struct TypeCheck;
  /// A field or component, with everything that is looked at per message at hand.
  struct PartCheck {
    std::uint16_t number = 0;
    std::uint16_t max = 1;
    bool required = false;
    bool withdrawn = false;
    bool varies = false;
    bool trivial = true;  // any value is right
    Primitive primitive = Primitive::other;
    std::uint32_t length = 0;
    Table codes{};  // of a closed table; empty if any code is right
    const TypeCheck* composite = nullptr;
    std::string_view name{};
  };
  struct TypeCheck {
    std::string_view name;
    Primitive primitive = Primitive::other;
    std::vector<PartCheck> components;  // empty for a primitive
    std::vector<QuickCheck> quick;      // of the components
    std::uint16_t last_required = 0;    // number of the last component that must be there
  };
  struct SegmentCheck {
    NameKey key = 0;
    std::vector<PartCheck> fields;
    std::vector<QuickCheck> quick;      // of the fields; one with a composite type: of the whole value
    std::vector<std::uint16_t> needed;  // numbers of the required fields
  };

  [[nodiscard]] PartCheck make_part(const Part& part);
  [[nodiscard]] const TypeCheck* type_check(const Datatype& type);
  void add_segment(Segment segment);
  void add_local(const LocalSegmentDefinition& local);
  void make_quick();
  [[nodiscard]] QuickCheck quick_field(const PartCheck& field);
  [[nodiscard]] QuickCheck quick_component(const PartCheck& component);
  void add_tests(const PartCheck& part, QuickCheck& quick);
  [[nodiscard]] const CodeSet* code_set(const Table& table);
  [[nodiscard]] const SegmentCheck* segment_check(NameKey key) const;
  [[nodiscard]] const TypeCheck* named_type(std::string_view name) const;
  [[nodiscard]] bool is_added(std::uint16_t table, std::string_view code) const;

  Version version_;
  Structure structure_;
  SiteRules rules_;
  std::vector<LocalSegment> local_places_;
  Placer placer_;
  std::vector<std::unique_ptr<TypeCheck>> types_;  // by order of first use; also all that OBX-2 may name
  std::vector<SegmentCheck> segments_;             // sorted by key
  std::vector<std::pair<std::uint16_t, std::unique_ptr<CodeSet>>> code_sets_;  // by table, as first used
};

}  // namespace smarthl7::hl7
