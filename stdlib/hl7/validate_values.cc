// SPDX-License-Identifier: Apache-2.0
// Values of a ValidationRun, looked at closely: repetitions, components, lengths, primitive types, codes, escape sequences.
#include <fmt/format.h>

#include <algorithm>

#include "stdlib/hl7/escape.h"
#include "stdlib/hl7/validate_run.h"

namespace smarthl7::hl7 {
namespace {

// A value that long is not decoded to be counted.
constexpr std::size_t kHuge = 1U << 20U;

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

[[nodiscard]] bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f'); });
}

/// What stands between two escape characters (2.5.1 chapter 2, 2.7).
[[nodiscard]] bool is_escape_sequence(std::string_view inner) {
  if (inner.empty()) return false;
  const std::string_view rest = inner.substr(1);
  switch (inner[0]) {
    case 'H':
    case 'N':
    case 'F':
    case 'S':
    case 'T':
    case 'R':
    case 'E':
    case 'P':
    case 'L': return rest.empty();
    case 'X': return !rest.empty() && rest.size() % 2 == 0 && is_hex(rest);
    case 'C': return rest.size() == 4 && is_hex(rest);
    case 'M': return (rest.size() == 4 || rest.size() == 6) && is_hex(rest);
    case 'Z': return !rest.empty();
    case '.': return rest.size() >= 2 && rest[0] >= 'a' && rest[0] <= 'z' && rest[1] >= 'a' && rest[1] <= 'z';
    default: return false;
  }
}

}  // namespace

void ValidationRun::check_field(Location place, std::string_view whole, const PartCheck& field, const SegmentView& segment) {
  repeats_ = field.max != 1;
  if (field.withdrawn) {
    add(place, Rule::field_withdrawn, [] { return std::string("nothing: the field is withdrawn from the standard"); });
    return;
  }
  if (field.opaque && is_header(segment.key()) && field.number <= 2) return;  // the delimiters themselves
  const char separator = delimiters_.repetition;
  const bool one = separator == 0 || find_in(whole, separator) == whole.size();
  const std::size_t repetitions = one ? 1 : part_count(whole, separator);
  if (field.max != kUnbounded && repetitions > field.max) {
    place.repetition = static_cast<std::uint16_t>(std::min<std::size_t>(repetitions, 0xFFFF));
    add(place, Rule::field_repeats,
        [&] { return field.max == 1 ? std::string("no repetition") : fmt::format("at most {} repetitions", field.max); });
    place.repetition = 0;
  }
  const TypeCheck* varying = field.opaque ? varying_type(place, field, segment) : nullptr;
  std::string_view rest = whole;
  for (std::size_t number = 1; number <= repetitions && number <= 0xFFFF; ++number) {
    const std::string_view raw = one ? rest : rest.substr(0, find_in(rest, separator));
    place.repetition = static_cast<std::uint16_t>(number);
    check_value(place, raw, field, varying);
    if (number < repetitions) rest.remove_prefix(raw.size() + 1);
  }
}

/// The type that another field names, of OBX-5 and its like.
const TypeCheck* ValidationRun::varying_type(const Location& place, const PartCheck& field, const SegmentView& segment) {
  if (field.columns) {
    std::uint32_t at = 0;
    while (at < message_.segment_count() && message_.segment_key(at) != name_key("RDF")) ++at;
    if (at == message_.segment_count()) return nullptr;
    return value_type(message_.segment(at).field(2).repetition(field.number).component(2).text());
  }
  if (field.type_from == 0) return nullptr;
  const std::string_view name = FieldView(segment.raw_field(field.type_from), delimiters_).text();
  const TypeCheck* type = value_type(name);
  if (type != nullptr || name.empty()) return type;
  const CodeCheck* codes = last_segment_->fields[field.type_from - 1U].codes;
  if (codes == nullptr || codes->rule != Rule::code || codes->contains(name)) {
    const bool repeats = std::exchange(repeats_, false);
    add({place.segment, field.type_from, 1, 0, 0}, Rule::value_type,
        [&] { return fmt::format("a data type that version {} has", validator_.version().name()); });
    repeats_ = repeats;
  }
  return nullptr;
}

/// The type that OBX-2 names; mostly the same as in the segment before.
const TypeCheck* ValidationRun::value_type(std::string_view name) {
  if (last_type_ == nullptr || last_type_->name != name) last_type_ = tables_.type(name);
  return last_type_;
}

/// One repetition of a field.
void ValidationRun::check_value(const Location& place, std::string_view raw, const PartCheck& field, const TypeCheck* varying) {
  if (state_of(raw, delimiters_) != State::present) return;
  check_length(place, raw, field);
  if (varying != nullptr) {
    if (!varying->components.empty()) return check_components(place, raw, *varying);
    PartCheck as;
    as.primitive = varying->primitive;
    return check_simple(place, raw, as, false);
  }
  if (field.composite != nullptr) {
    if (field.codes != nullptr) check_code(below(place, 1), part(raw, delimiters_.component, 1), *field.codes);
    return check_components(place, raw, *field.composite);
  }
  if (!field.opaque) check_simple(place, raw, field, false);
}

void ValidationRun::check_components(Location place, std::string_view raw, const TypeCheck& type) {
  const bool within_component = place.component != 0;  // one level further down: subcomponents
  const char separator = within_component ? delimiters_.subcomponent : delimiters_.component;
  const Location whole = place;
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
  if (at <= raw.size() && state_of(raw.substr(at), delimiters_) == State::present) {
    add(below(whole, static_cast<std::uint16_t>(type.components.size() + 1)), Rule::component_extra,
        [&] { return fmt::format("nothing: {} ends with component {}", type.name, type.components.size()); });
  }
  if (!type.conditions.empty()) check_type_conditions(whole, raw, separator, type);
  if (type.shape != Shape::none) check_shape(whole, raw, separator, type.shape);
}

void ValidationRun::check_part(const Location& place, std::string_view value, const PartCheck& component) {
  const State state = value.empty() ? State::absent : state_of(value, delimiters_);
  if (component.required && state != State::present) {
    add(place, Rule::component_required, [&] { return fmt::format("{} is required", component.name); });
  }
  if (state != State::present || component.opaque) return;
  if (component.withdrawn) {
    add(place, Rule::component_withdrawn, [] { return std::string("nothing: the component is withdrawn from the standard"); });
    return;
  }
  check_length(place, value, component);
  if (component.composite == nullptr) return check_simple(place, value, component, true);
  if (place.subcomponent != 0) return;  // there is no level below
  if (component.codes != nullptr) {
    check_code(below(place, 1), part(value, delimiters_.subcomponent, 1), *component.codes);
  }
  check_components(place, value, *component.composite);
}

/// A value of a primitive type: it has no parts.
void ValidationRun::check_simple(Location place, std::string_view raw, const PartCheck& check, bool in_component) {
  const auto nothing = [] { return std::string("nothing: the value has no parts"); };
  const Location whole = place;
  if (!in_component && delimiters_.component != 0) {
    if (const std::size_t end = find_in(raw, delimiters_.component); end < raw.size()) {
      if (state_of(raw.substr(end + 1), delimiters_) == State::present) {
        place.component = 2;
        add(place, Rule::component_extra, nothing);
        place.component = 0;
      }
      raw = raw.substr(0, end);
    }
  }
  if (place.subcomponent == 0 && delimiters_.subcomponent != 0) {
    if (const std::size_t end = find_in(raw, delimiters_.subcomponent); end < raw.size()) {
      if (state_of(raw.substr(end + 1), delimiters_) == State::present) {
        if (place.component == 0) place.component = 1;
        place.subcomponent = 2;
        add(place, Rule::component_extra, nothing);
      }
      raw = raw.substr(0, end);
    }
  }
  check_leaf(whole, raw, check);
}

void ValidationRun::check_length(const Location& place, std::string_view raw, const PartCheck& check) {
  const bool long_enough = check.least <= 1 || raw.size() >= std::size_t{check.least} * 4;
  if ((check.length == 0 || raw.size() <= check.length) && long_enough) return;
  std::string buffer;
  const std::size_t size = raw.size() > kHuge ? raw.size() : character_count(decode(raw, delimiters_, buffer));
  if (check.length != 0 && size > check.length) {
    add(place, Rule::length_most, [&] { return fmt::format("at most {} characters", check.length); });
  } else if (size < check.least) {
    add(place, Rule::length_least, [&] { return fmt::format("at least {} characters", check.least); });
  }
}

void ValidationRun::check_leaf(const Location& place, std::string_view raw, const PartCheck& check) {
  if (raw.empty() || raw == "\"\"") return;
  if (tables_.truncation && delimiters_.truncation != 0 && raw.back() == delimiters_.truncation) {
    add(place, Rule::truncated, [] { return std::string("a whole value: the sender has cut it off"); });
    return;
  }
  const bool escaped = delimiters_.escape != 0 && find_in(raw, delimiters_.escape) < raw.size();
  if (escaped) check_escapes(place, raw);
  if (check.primitive == Primitive::other && check.codes == nullptr) return;
  std::string buffer;
  const std::string_view value = escaped ? decode(raw, delimiters_, buffer) : raw;
  if (!is_well_formed(check.primitive, value)) {
    add(place, rule_of(check.primitive), [&] { return std::string(expectation(check.primitive)); });
  } else if (check.codes != nullptr) {
    check_code(place, value, *check.codes);
  }
}

void ValidationRun::check_code(const Location& place, std::string_view value, const CodeCheck& codes) {
  if (value.empty() || value == "\"\"") return;
  if (codes.rule == Rule::code_suggested && !strict_) return;
  if (codes.contains(value)) return;
  add(
      place, codes.rule,
      [&] {
        const char* how = codes.rule == Rule::code             ? ""
                          : codes.rule == Rule::code_suggested ? " as the standard suggests them"
                                                               : ", which the site has closed";
        return fmt::format("a code of table {:04}{}", codes.number, how);
      },
      codes.number);
}

void ValidationRun::check_escapes(const Location& place, std::string_view raw) {
  const char escape = delimiters_.escape;
  std::size_t at = find_in(raw, escape);
  while (at < raw.size()) {
    const std::size_t end = find_in(raw, escape, at + 1);
    if (end == raw.size() || !is_escape_sequence(raw.substr(at + 1, end - at - 1))) {
      add(place, Rule::escape_sequence,
          [] { return std::string("a known escape sequence, or the escape character as \\E\\"); });
      return;
    }
    at = end + 1 < raw.size() ? find_in(raw, escape, end + 1) : raw.size();
  }
}

void ValidationRun::check_type_conditions(Location place, std::string_view raw, char separator, const TypeCheck& type) {
  const auto there = [&](std::uint16_t number) { return is_present(part(raw, separator, number)); };
  for (const Condition& condition : type.conditions) {
    if (condition.wanted.front() > type.components.size()) continue;
    if (std::any_of(condition.wanted.begin(), condition.wanted.end(), there)) continue;
    const bool applies = std::all_of(condition.terms.begin(), condition.terms.end(), [&](const ConditionTerm& term) {
      return term.kind == ConditionTerm::Kind::present ? there(term.number) : !there(term.number);
    });
    if (!applies) continue;
    add(below(place, condition.wanted.front()), condition.facts->rule, [&] {
      const ConditionFacts& facts = *condition.facts;
      return fmt::format("{} is required{}{} ({})", facts.wanted, facts.when.empty() ? "" : " where ", facts.when,
                         facts.section);
    });
  }
}

}  // namespace smarthl7::hl7
