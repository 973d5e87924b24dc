// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "stdlib/hl7/escape.h"
#include "stdlib/hl7/message_type.h"
#include "stdlib/hl7/segment_bits.h"

namespace smarthl7::hl7 {
namespace {

constexpr NameKey kObx = name_key("OBX");

/// Characters of a decoded value; bytes that continue a UTF-8 character do not count.
[[nodiscard]] std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// Most values are a few bytes: a plain loop beats a call.
[[nodiscard]] std::size_t find_in(std::string_view text, char wanted, std::size_t from = 0) {
  if (text.size() - from > 64) return std::min(text.find(wanted, from), text.size());
  while (from < text.size() && text[from] != wanted) ++from;
  return from;
}

}  // namespace

/// One message being checked.
class ValidationRun {
 public:
  using PartCheck = Validator::PartCheck;
  using TypeCheck = Validator::TypeCheck;
  using SegmentCheck = Validator::SegmentCheck;

  ValidationRun(const Validator& validator, const Message& message, const Placement& placement, std::vector<Finding>& findings,
                Look look)
      : validator_(validator), message_(message), placement_(placement), findings_(findings), quick_(look == Look::quick) {
    // A message without one of these separators is rare, and takes the long way.
    quick_ = quick_ && delimiters_.component != 0 && delimiters_.repetition != 0 && delimiters_.subcomponent != 0;
  }

  void run() {
    check_header();
    check_structure();
    check_site_limits();
    for (std::uint32_t index = 0; index < message_.segment_count(); ++index) {
      if (placement_.node_of(index) == kNoNode) continue;  // reported with the structure, or a site's own
      if (const SegmentCheck* check = segment_check(message_.segment_key(index))) check_segment(index, *check);
    }
  }

 private:
  void add(const Location& place, Severity severity, std::uint16_t code, std::string text) {
    findings_.push_back(finding_at(message_, place, severity, code, std::move(text)));
  }

  // ---- the header: is it this version and this structure at all?

  void check_header() {
    const std::string_view sent = message_.version();
    if (const auto order = compare_versions(sent, validator_.version_.name()); order != 0 && !is_older_friend(order, sent)) {
      add({0, 12, 0, 0, 0}, Severity::error, condition::kVersionId, fmt::format("version {}", validator_.version_.name()));
    }
    if (!is_of(message_, validator_.version_, validator_.structure_)) {
      add({0, 9, 0, 0, 0}, Severity::error, condition::kMessageType,
          fmt::format("a message of structure {}", validator_.structure_.name()));
    }
  }

  [[nodiscard]] bool is_older_friend(std::optional<int> order, std::string_view sent) const {
    const std::string& oldest = validator_.rules_.oldest_version;
    if (!order || *order > 0 || oldest.empty()) return false;
    return compare_versions(sent, oldest).value_or(-1) >= 0;
  }

  // ---- structure

  void check_structure() {
    for (const PlaceFinding& finding : placement_.findings()) {
      const std::string_view name = validator_.placer_.name_of(finding.node);
      switch (finding.fault) {
        case PlaceFault::missing_segment:
          missing(finding, name, fmt::format("segment {} is required{}", name, where(finding)));
          break;
        case PlaceFault::missing_group:
          missing(finding, first_segment_of(finding.node), fmt::format("group {} is required{}", name, where(finding)));
          break;
        case PlaceFault::unexpected_segment: sequence_error(finding, "a segment of the message's structure"); break;
        case PlaceFault::out_of_order: sequence_error(finding, "the segment stands after one that it must precede"); break;
        case PlaceFault::too_many: sequence_error(finding, "fewer of this segment or group"); break;
      }
    }
  }

  [[nodiscard]] std::string where(const PlaceFinding& finding) const {
    const NodeIndex group = placement_.instance(finding.instance).node;
    return group == 0 ? std::string() : fmt::format(" in {}", validator_.placer_.name_of(group));
  }

  [[nodiscard]] std::string_view first_segment_of(NodeIndex group) const {
    StructureNode node = validator_.structure_.node(group);
    while (node && node.kind() != NodeKind::segment) node = first_required(node);
    return node ? node.name() : std::string_view();
  }

  [[nodiscard]] static StructureNode first_required(const StructureNode& group) {
    for (StructureNode child = group.first_child(); child; child = child.next_sibling()) {
      if (child.required()) return child;
    }
    return group.first_child();
  }

  void missing(const PlaceFinding& finding, std::string_view segment, std::string text) {
    Finding made;
    made.segment_name = segment;
    made.sequence = next_sequence(segment, finding);
    made.code = condition::kSegmentSequence;
    made.text = std::move(text);
    findings_.push_back(std::move(made));
  }

  /// The number that the missing segment would have among those of its name.
  [[nodiscard]] std::uint16_t next_sequence(std::string_view name, const PlaceFinding& finding) const {
    std::uint16_t before = 0;
    const std::uint32_t end = placement_.instance(finding.instance).end_segment;
    for (std::uint32_t index = 0; index < end; ++index) {
      if (message_.segment_key(index) == name_key(name)) ++before;
    }
    return static_cast<std::uint16_t>(before + 1);
  }

  void sequence_error(const PlaceFinding& finding, std::string text) {
    add({finding.segment, 0, 0, 0, 0}, Severity::error, condition::kSegmentSequence, std::move(text));
  }

  void check_site_limits() {
    for (const NodeIndex node : validator_.rules_.once) {
      InstanceId last_parent = kNoInstance;
      for (InstanceId id = placement_.next_instance(node); id != kNoInstance;
           id = placement_.next_instance(node, kWholeMessage, id + 1)) {
        const Placement::Instance& instance = placement_.instance(id);
        if (instance.parent == last_parent) {
          add({instance.first_segment, 0, 0, 0, 0}, Severity::error, condition::kSegmentSequence,
              fmt::format("one {} only", validator_.placer_.name_of(node)));
        }
        last_parent = instance.parent;
      }
      InstanceId last_holder = kNoInstance;
      for (std::uint32_t segment = placement_.next_segment(node); segment != kNoSegment;
           segment = placement_.next_segment(node, kWholeMessage, segment + 1)) {
        const InstanceId holder = placement_.instance_of(segment);
        if (holder == last_holder) {
          add({segment, 0, 0, 0, 0}, Severity::error, condition::kSegmentSequence,
              fmt::format("one {} only", validator_.placer_.name_of(node)));
        }
        last_holder = holder;
      }
    }
  }

  // ---- fields

  /// Mostly the same as of the segment before.
  [[nodiscard]] const SegmentCheck* segment_check(NameKey key) {
    if (last_segment_ == nullptr || last_segment_->key != key) last_segment_ = validator_.segment_check(key);
    return last_segment_;
  }

  [[nodiscard]] bool is_present(std::string_view raw) const {
    if (raw.empty()) return false;
    const char c = raw[0];
    const bool plain = c != '"' && c != delimiters_.repetition && c != delimiters_.component && c != delimiters_.subcomponent;
    return plain || state_of(raw, delimiters_) == State::present;
  }

  void check_segment(std::uint32_t index, const SegmentCheck& check) {
    const SegmentView segment = message_.segment(index);
    for (const std::uint16_t number : check.needed) {
      if (!is_present(segment.raw_field(number))) {
        add({index, number, 0, 0, 0}, Severity::error, condition::kRequiredFieldMissing,
            fmt::format("{} is required", check.fields[number - 1U].name));
      }
    }
    if (quick_) return check_quickly(segment, check);
    const std::size_t sent = std::min(segment.field_count(), check.fields.size());
    for (std::size_t number = 1; number <= sent; ++number) check_closely(segment, check, number);
  }

  void check_closely(const SegmentView& segment, const SegmentCheck& check, std::size_t number) {
    const PartCheck& field = check.fields[number - 1];
    if (field.trivial && field.max == kUnbounded) return;
    const std::string_view raw = segment.raw_field(number);
    if (!is_present(raw)) return;
    check_field({segment.index(), static_cast<std::uint16_t>(number), 0, 0, 0}, raw, field, segment);
  }

  // ---- the short way: most fields are empty, or right at first sight

  void check_quickly(const SegmentView& segment, const SegmentCheck& check) {
    const std::span<const std::uint32_t> marks = segment.marks();
    const std::size_t begin = marks.front();
    bits_.read(message_.bytes(), begin, marks.back(), delimiters_);
    const bool header = is_header(segment.key());
    const std::size_t before = header ? 2 : 1;  // the mark before field n is n - before
    if (header) check_header_fields(segment, check);
    const std::size_t end = std::min(marks.size() + before - 1, check.fields.size() + 1);
    for (std::size_t number = header ? 3 : 1; number < end; ++number) {
      const std::size_t from = marks[number - before] + std::size_t{1};
      const std::size_t size = marks[number - before + 1] - from;
      if (size == 0 || check.quick[number - 1].kind == QuickCheck::Kind::nothing) continue;
      if (!is_surely_right(segment, check, number, from - begin, message_.bytes().substr(from, size))) {
        check_closely(segment, check, number);
      }
    }
  }

  /// The two that hold the delimiters.
  void check_header_fields(const SegmentView& segment, const SegmentCheck& check) {
    const std::size_t end = std::min({segment.field_count(), check.fields.size(), std::size_t{2}});
    for (std::size_t number = 1; number <= end; ++number) check_closely(segment, check, number);
  }

  /// False where only a closer look can tell. `from` counts from the segment's first field separator.
  [[nodiscard]] bool is_surely_right(const SegmentView& segment, const SegmentCheck& check, std::size_t number,
                                     std::size_t from, std::string_view raw) {
    if (raw.size() > SegmentBits::kWord || from + raw.size() > SegmentBits::kMost) return false;
    if (bits_.odd(from, raw.size()) != 0) return false;
    const QuickCheck& quick = check.quick[number - 1];
    if (quick.kind != QuickCheck::Kind::tests) return quick.kind != QuickCheck::Kind::never;
    const std::uint64_t splits = bits_.splits(from, raw.size());
    const PartCheck& field = check.fields[number - 1];
    if (field.varies && number == 5 && segment.key() == kObx) return is_right_value(segment, quick, raw, splits);
    if (field.composite == nullptr) return splits == 0 && quick.holds(raw);
    return raw.size() <= quick.most && are_right(*field.composite, raw, splits);
  }

  /// OBX-5, of the type that OBX-2 names.
  [[nodiscard]] bool is_right_value(const SegmentView& segment, const QuickCheck& quick, std::string_view raw,
                                    std::uint64_t splits) {
    const std::string_view name = segment.raw_field(2);
    if (name.empty() || last_type_ == nullptr || name != last_type_->name) {
      if (value_type(FieldView(name, delimiters_).text()) == nullptr) return false;
    }
    if (!quick.holds(raw)) return false;
    if (!last_type_->components.empty()) return are_right(*last_type_, raw, splits);
    return splits == 0 && (last_type_->primitive == Primitive::other || is_well_formed(last_type_->primitive, raw));
  }

  /// The components of one repetition, neither with subcomponents.
  [[nodiscard]] static bool are_right(const TypeCheck& type, std::string_view raw, std::uint64_t splits) {
    bool any = false;
    std::size_t at = 0;
    std::size_t number = 0;
    for (const QuickCheck& quick : type.quick) {
      const std::size_t end = splits == 0 ? raw.size() : static_cast<std::size_t>(std::countr_zero(splits));
      ++number;
      if (end == at) {
        if (quick.required) return false;
      } else {
        any = true;
        if (!quick.holds({raw.data() + at, end - at})) return false;
      }
      if (splits == 0) break;
      splits &= splits - 1;
      at = end + 1;
    }
    return any && number >= type.last_required;
  }

  // ---- the close look

  void check_field(Location place, std::string_view whole, const PartCheck& field, const SegmentView& segment) {
    if (field.withdrawn) {
      add(place, Severity::warning, condition::kDataType, "nothing: the field is withdrawn from the standard");
      return;
    }
    const char separator = is_header(segment.key()) && field.number <= 2 ? '\0' : delimiters_.repetition;
    const bool one = separator == 0 || find_in(whole, separator) == whole.size();
    const std::size_t repetitions = one ? 1 : part_count(whole, separator);
    if (field.max != kUnbounded && repetitions > field.max) {
      place.repetition = static_cast<std::uint16_t>(std::min<std::size_t>(repetitions, 0xFFFF));
      add(place, Severity::error, condition::kDataType,
          field.max == 1 ? std::string("no repetition") : fmt::format("at most {} repetitions", field.max));
      place.repetition = 0;
    }
    if (field.trivial) return;
    const TypeCheck* varying = nullptr;
    if (field.varies && segment.key() == kObx && field.number == 5)
      varying = value_type(FieldView(segment.raw_field(2), delimiters_).text());
    std::string_view rest = whole;
    for (std::size_t number = 1; number <= repetitions && number <= 0xFFFF; ++number) {
      const std::string_view raw = one ? rest : part(rest, separator, 1);
      place.repetition = static_cast<std::uint16_t>(number);
      check_value(place, raw, field, varying);
      if (number < repetitions) rest.remove_prefix(raw.size() + 1);
    }
  }

  /// The type that OBX-2 names; mostly the same as in the segment before.
  [[nodiscard]] const TypeCheck* value_type(std::string_view name) {
    if (last_type_ == nullptr || last_type_->name != name) last_type_ = validator_.named_type(name);
    return last_type_;
  }

  /// One repetition of a field.
  void check_value(const Location& place, std::string_view raw, const PartCheck& field, const TypeCheck* varying) {
    if (state_of(raw, delimiters_) != State::present) return;
    check_length(place, raw, field);
    if (varying != nullptr) {
      if (varying->components.empty()) {
        PartCheck as = field;
        as.primitive = varying->primitive;
        check_primitive(place, raw, as);
      } else {
        check_components(place, raw, *varying);
      }
    } else if (field.composite != nullptr) {
      check_components(place, raw, *field.composite);
    } else {
      check_primitive(place, first_subcomponent(raw), field);
    }
  }

  [[nodiscard]] std::string_view first_subcomponent(std::string_view raw) const {
    std::size_t end = raw.size();
    if (delimiters_.component != 0) end = find_in(raw, delimiters_.component);
    return delimiters_.subcomponent == 0 ? raw.substr(0, end)
                                         : raw.substr(0, find_in(raw.substr(0, end), delimiters_.subcomponent));
  }

  void check_components(Location place, std::string_view raw, const TypeCheck& type) {
    const bool within_component = place.component != 0;  // one level further down: subcomponents
    const char separator = within_component ? delimiters_.subcomponent : delimiters_.component;
    std::size_t at = 0;
    for (const PartCheck& component : type.components) {
      std::string_view value;
      if (at <= raw.size()) {
        const std::size_t end = separator == 0 ? raw.size() : find_in(raw, separator, at);
        value = raw.substr(at, end - at);
        at = end + 1;
      } else if (component.number > type.last_required) {
        break;
      }
      if (value.empty() && !component.required) continue;
      (within_component ? place.subcomponent : place.component) = component.number;
      check_part(place, value, component);
    }
  }

  void check_part(const Location& place, std::string_view value, const PartCheck& component) {
    const State state = value.empty() ? State::absent : state_of(value, delimiters_);
    if (component.required && state != State::present) {
      add(place, Severity::error, condition::kRequiredFieldMissing, fmt::format("{} is required", component.name));
    }
    if (state != State::present || component.trivial) return;
    if (component.withdrawn) {
      add(place, Severity::warning, condition::kDataType, "nothing: the component is withdrawn from the standard");
      return;
    }
    check_length(place, value, component);
    if (component.composite != nullptr && place.subcomponent == 0) {
      check_components(place, value, *component.composite);
    } else if (component.composite == nullptr) {
      check_primitive(place, place.subcomponent == 0 ? first_subcomponent(value) : value, component);
    }
  }

  void check_length(const Location& place, std::string_view raw, const PartCheck& check) {
    if (check.length == 0 || raw.size() <= check.length) return;
    std::string buffer;
    if (character_count(decode(raw, delimiters_, buffer)) <= check.length) return;
    add(place, Severity::warning, condition::kValueTooLong, fmt::format("at most {} characters", check.length));
  }

  void check_primitive(const Location& place, std::string_view raw, const PartCheck& check) {
    if (raw.empty() || raw == "\"\"") return;
    if (check.primitive == Primitive::other && !check.codes) return;
    std::string buffer;
    const std::string_view value = decode(raw, delimiters_, buffer);
    if (!is_well_formed(check.primitive, value)) {
      add(place, Severity::error, condition::kDataType, std::string(expectation(check.primitive)));
    } else if (check.codes && !check.codes.contains(value) && !validator_.is_added(check.codes.number(), value)) {
      add(place, Severity::error, condition::kTableValue, fmt::format("a code of table {:04}", check.codes.number()));
    }
  }

  const Validator& validator_;
  const Message& message_;
  const Placement& placement_;
  std::vector<Finding>& findings_;
  const Delimiters delimiters_ = message_.delimiters();
  const TypeCheck* last_type_ = nullptr;
  const SegmentCheck* last_segment_ = nullptr;
  bool quick_;
  SegmentBits bits_;
};

void Validator::check(const Message& message, const Placement& placement, std::vector<Finding>& findings, Look look) const {
  ValidationRun(*this, message, placement, findings, look).run();
}

}  // namespace smarthl7::hl7
