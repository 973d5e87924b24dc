// SPDX-License-Identifier: Apache-2.0
#include "tests/support/message_generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "stdlib/hl7/delimiters.h"
#include "stdlib/hl7/escape.h"
#include "stdlib/hl7/message.h"
#include "stdlib/hl7/structure.h"

namespace smarthl7::testing {
namespace {

constexpr std::array<std::string_view, 20> kWords = {"harbour", "lime",  "north", "window", "amber", "field",  "quiet",
                                                     "river",   "stone", "maple", "seven",  "delta", "copper", "ivory",
                                                     "meadow",  "plain", "orbit", "cedar",  "noon",  "glass"};
constexpr std::array<std::string_view, 6> kInternational = {"Grün", "Łódź", "Ségou", "Ørsted", "Ñuñoa", "Škoda"};
constexpr std::array<std::string_view, 6> kEscaped = {"\\T\\", "\\F\\", "\\S\\", "\\R\\", "\\E\\", "\\T\\\\T\\"};
constexpr std::array<std::string_view, 4> kFormatting = {"\\.br\\", "\\H\\x\\N\\", "\\.sp2\\", "\\.in+4\\"};
// What OBX-2 may say: simple types, and composites that most versions have.
constexpr std::array<std::string_view, 16> kValueTypes = {"NM", "ST", "TX",  "FT", "DT",  "TM",  "TS", "DTM",
                                                          "SN", "CE", "CWE", "CX", "XPN", "XAD", "ED", "CNE"};
constexpr std::array<std::string_view, 3> kKeyTypes = {"CE", "CWE", "PL"};
constexpr std::size_t kAnyLength = 120;

// Components whose values have a shape that their type does not say.
struct Shaped {
  std::string_view type;
  std::uint16_t component;
  std::array<std::string_view, 3> values;
};
constexpr std::array kShaped = std::to_array<Shaped>({
    {"MO", 2, {"USD", "EUR", "AUD"}},
    {"XTN", 1, {"555-1234", "(555)555-0117", "1(555)555-0117X22B7C noon"}},
    {"XTN", 4, {"a@b.org", "amber@example.org", "ivory.stone@north.example.org"}},
    {"ED", 4, {"Base64", "Base64", "Base64"}},
    {"ED", 5, {"SGVsbG8gd29ybGQ=", "SGVsbG8=", "c3RvbmU="}},
});

// What the standard requires of a data type from a version on although it calls it optional or conditional.
struct Needed {
  std::string_view type;
  std::uint16_t component;
  std::string_view from;
};
constexpr std::array kNeeded = std::to_array<Needed>({{"CX", 4, "2.7"}});

// Parts that only their partner gives a meaning: universal ids and their types. They come together (related_value) or not.
struct Paired {
  std::string_view type;
  std::uint16_t first, second;
};
constexpr std::array kPaired = std::to_array<Paired>({{"HD", 2, 3}, {"EI", 3, 4}});

// Fields that are required where others are valued or for some events. They are always filled, which is right in both cases.
struct AlwaysFilled {
  std::string_view segment;
  std::array<std::uint16_t, 3> fields;
};
constexpr std::array kAlwaysFilled = std::to_array<AlwaysFilled>({
    {"PID", {35, 36, 0}},
    {"PV1", {3, 6, 0}},
    {"MRG", {3, 5, 0}},
    {"TQ1", {12, 0, 0}},
    {"TQ2", {3, 6, 0}},
    {"DG1", {20, 21, 0}},
    {"PR1", {19, 20, 0}},
    {"OBR", {7, 25, 0}},
    {"MFE", {2, 0, 0}},
    {"TXA", {3, 13, 22}},
    {"SCH", {1, 0, 0}},
    {"RGS", {2, 0, 0}},
    {"AIS", {2, 0, 0}},
    {"AIG", {2, 0, 0}},
    {"AIL", {2, 0, 0}},
    {"AIP", {2, 0, 0}},
});

bool always_filled(std::string_view segment, std::uint16_t number) {
  return std::any_of(kAlwaysFilled.begin(), kAlwaysFilled.end(), [&](const AlwaysFilled& line) {
    return line.segment == segment && std::find(line.fields.begin(), line.fields.end(), number) != line.fields.end();
  });
}

bool is_paired(std::string_view type, std::uint16_t number) {
  return std::any_of(kPaired.begin(), kPaired.end(),
                     [&](const Paired& pair) { return pair.type == type && (pair.first == number || pair.second == number); });
}
constexpr std::uint64_t kMostAttempts = 50;

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return hash;
}

std::size_t room_of(const hl7::Part& part) { return part.length() == 0 ? kAnyLength : part.length(); }

std::size_t characters(std::string_view raw) {
  const std::string plain = hl7::decoded(raw, hl7::Delimiters{});
  return static_cast<std::size_t>(
      std::count_if(plain.begin(), plain.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool names_check_digit(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower.find("check digit") != std::string::npos || lower.find("check-digit") != std::string::npos;
}

std::string joined(const std::vector<std::string>& parts, char separator) {
  std::size_t count = parts.size();
  while (count > 0 && parts[count - 1].empty()) --count;
  std::string out;
  for (std::size_t n = 0; n < count; ++n) {
    if (n > 0) out += separator;
    out += parts[n];
  }
  return out;
}

}  // namespace

MessageGenerator::MessageGenerator(hl7::Version version, GeneratorOptions options)
    : version_(version), options_(options), random_(options.seed) {}

std::string MessageGenerator::make(const hl7::Structure& structure, std::uint64_t n) {
  hl7::Placement placement;
  const hl7::Placer placer(structure);
  for (std::uint64_t attempt = 0;; ++attempt) {
    attempt_ = attempt;
    make_once(structure, n);
    if (!options_.unambiguous || attempt == kMostAttempts) return out_;
    const auto message = hl7::Message::parse(std::string_view(out_));
    if (!message) return out_;
    placer.place(*message, placement);
    if (placement.findings().empty()) return out_;
  }
}

void MessageGenerator::make_once(const hl7::Structure& structure, std::uint64_t n) {
  random_ = Seeded(options_.seed * 1000003 + hash_of(structure.name()) + hash_of(version_.name()) * 31 + n + attempt_ * 7919);
  out_.clear();
  segments_ = 0;
  value_type_.clear();
  order_numbers_ = {};
  unicode_ = false;
  find_type(structure);
  for (hl7::StructureNode child = structure.root().first_child(); child; child = child.next_sibling()) {
    if (child.name() == "MSH") {
      add_header(n);
    } else {
      add_node(child);
    }
  }
  if (options_.local_segments && chance(20)) add_local_segment();
}

// ---- structure

void MessageGenerator::add_node(const hl7::StructureNode& node) {
  std::size_t count = node.min();
  const bool room = segments_ < options_.most_segments;
  if (count == 0 && room && chance(options_.optional_segments)) count = 1;
  const std::size_t most = node.max() == hl7::kUnbounded ? 3 : node.max();
  while (count > 0 && count < most && room && chance(options_.repeats)) ++count;
  for (std::size_t n = 0; n < count; ++n) add_once(node);
}

void MessageGenerator::add_once(const hl7::StructureNode& node) {
  switch (node.kind()) {
    case hl7::NodeKind::segment: add_segment(node.segment(), node.name()); return;
    case hl7::NodeKind::any_segment: add_local_segment(); return;
    case hl7::NodeKind::choice: {
      std::vector<hl7::StructureNode> ways;
      for (hl7::StructureNode child = node.first_child(); child; child = child.next_sibling()) ways.push_back(child);
      add_once(ways[random_.below(ways.size())]);
      return;
    }
    case hl7::NodeKind::group: {
      const std::size_t before = segments_;
      for (hl7::StructureNode child = node.first_child(); child; child = child.next_sibling()) add_node(child);
      // A group in which everything is optional stands there by its first segment.
      if (segments_ == before && node.first_child()) add_once(node.first_child());
      return;
    }
  }
}

// ---- the header

void MessageGenerator::find_type(const hl7::Structure& structure) {
  const std::string_view name = structure.name();
  const std::size_t bar = std::min(name.find('_'), name.size());
  type_ = {std::string(name.substr(0, bar)), bar < name.size() ? std::string(name.substr(bar + 1)) : "A01", std::string(name)};
  const auto leads_here = [&](std::string_view event) { return version_.structure_for_event(type_.code, event) == structure; };
  if (leads_here(type_.event)) return;
  for (char letter = 'A'; letter <= 'Z'; ++letter) {
    for (int number = 0; number < 100; ++number) {
      const std::string event = fmt::format("{}{:02}", letter, number);
      if (leads_here(event)) {
        type_.event = event;
        return;
      }
    }
  }
}

void MessageGenerator::add_header(std::uint64_t n) {
  const hl7::Segment header = version_.segment("MSH");
  constexpr std::string_view kUtf8 = "UNICODE UTF-8";
  const hl7::Field charset = header.field(18);
  unicode_ =
      options_.international && charset && room_of(charset) >= kUtf8.size() && charset.table().contains(kUtf8) && chance(30);
  const bool enhanced = chance(30);    // both acknowledgements are named, or none
  std::vector<std::string> fields(1);  // counted from MSH-2
  fields[0] = "^~\\&";
  const auto simple = [&](std::string_view text, std::uint16_t number) {
    return std::string(text.substr(0, room_of(header.field(number))));
  };
  for (std::uint16_t number = 3; number <= header.field_count(); ++number) {
    const hl7::Field field = header.field(number);
    std::string value;
    switch (number) {
      case 3: value = simple("GENERATOR", number); break;
      case 4: value = simple("NORTH", number); break;
      case 5: value = simple("HUB", number); break;
      case 6: value = simple("SOUTH", number); break;
      case 7: value = fitting_value(field, field.type(), {}, {kAnyLength}, 0, true); break;
      case 9:
        value = type_.code + "^" + type_.event;
        if (field.datatype() && field.datatype().component_count() >= 3 &&
            value.size() + 1 + type_.structure.size() <= room_of(field)) {
          value += "^" + type_.structure;
        }
        break;
      case 10: value = fmt::format("G{}", 100000 + n); break;
      case 11: value = "P"; break;
      case 12: value = version_.name(); break;
      case 13: value = chance(30) ? fmt::format("{}", n) : ""; break;
      case 15:
      case 16: value = enhanced ? "AL" : ""; break;
      case 18: value = unicode_ ? kUtf8 : ""; break;
      default:
        if (field.required()) value = field_value(header, field);
    }
    fields.push_back(value);
  }
  out_ += "MSH|" + joined(fields, '|') + "\r";
  ++segments_;
}

// ---- segments

void MessageGenerator::add_local_segment() {
  out_ += fmt::format("ZGN|{}|{}^{}&{}~{}\r", 1 + random_.below(9), random_.one_of(kWords), random_.one_of(kWords),
                      random_.one_of(kWords), random_.one_of(kWords));
  ++segments_;
}

void MessageGenerator::choose_value_type(const hl7::Segment& segment, std::string_view name) {
  value_type_ = "ST";
  const std::uint16_t at = name == "OBX" ? 2 : name == "MFE" ? 5 : name == "MFA" ? 6 : 0;
  const hl7::Field field = at == 0 ? hl7::Field() : segment.field(at);
  if (!field) return;
  std::vector<std::string_view> fit;
  const auto consider = [&](std::string_view type) {
    const hl7::Datatype known = version_.datatype(type);
    const bool simple = type == "NM" || type == "ST" || type == "TX" || type == "FT" || type == "DT" || type == "TM";
    if (!known && !simple) return;
    if (field.table() && !field.table().contains(type)) return;
    if (type.size() <= room_of(field)) fit.push_back(type);
  };
  if (name == "OBX") {
    for (const std::string_view type : kValueTypes) consider(type);
  } else {
    for (const std::string_view type : kKeyTypes) consider(type);
  }
  if (!fit.empty()) value_type_ = fit[random_.below(fit.size())];
}

void MessageGenerator::add_segment(const hl7::Segment& segment, std::string_view name) {
  ++segments_;
  std::vector<std::string> fields{std::string(name)};
  if (segment) {
    choose_value_type(segment, name);
    for (std::uint16_t number = 1; number <= segment.field_count(); ++number) {
      fields.push_back(field_value(segment, segment.field(number)));
    }
  }
  if (name == "ORC" && fields.size() > 3) order_numbers_ = {fields[2], fields[3]};
  out_ += joined(fields, '|') + "\r";
}

std::string MessageGenerator::special_value(std::string_view segment, const hl7::Field& field) {
  const std::uint16_t n = field.number();
  if (segment == "OBX" && n == 2) return value_type_;
  if (segment == "MFE" && n == 5) return value_type_;
  if (segment == "MFA" && n == 6) return value_type_;
  if (segment == "EVN" && n == 1 && (field.required() || chance(50))) return type_.event;
  if (segment == "RDF" && n == 1) return "1";
  if (segment == "RDF" && n == 2) return "COLUMN^ST^20";
  return {};
}

std::string MessageGenerator::field_value(const hl7::Segment& segment, const hl7::Field& field) {
  if (field.withdrawn()) return {};
  const std::string_view name = segment.name();
  if (std::string special = special_value(name, field); !special.empty()) return special;
  if (name == "OBR" && (field.number() == 2 || field.number() == 3)) {
    // The order's numbers are those of its ORC.
    const std::string& ordered = order_numbers_[field.number() - 2U];
    if (!ordered.empty()) return field.required() || chance(50) ? ordered : std::string();
  }
  const bool typed = (name == "OBX" && field.number() == 5) || (name == "MFE" && field.number() == 4) ||
                     (name == "MFA" && field.number() == 5);
  const bool optional = !field.required() && !typed && !always_filled(name, field.number());
  if (optional && !chance(options_.optional_fields)) return {};
  if (optional && options_.nulls && chance(4)) return "\"\"";
  const std::string_view type = typed ? std::string_view(value_type_) : field.varies() ? "ST" : field.type();
  const Room room{room_of(field)};
  std::string out = fitting_value(field, type, field.table(), room, 0, false);
  const std::size_t most = field.max() == hl7::kUnbounded ? 3 : std::min<std::size_t>(field.max(), 3);
  const bool single = (typed && name != "OBX") || name == "RDF";
  for (std::size_t n = 1; n < most && !single && chance(options_.repeats); ++n) {
    out += "~" + fitting_value(field, type, field.table(), room, 0, false);
  }
  return out;
}

// ---- values

std::string MessageGenerator::fitting_value(const hl7::Part& part, std::string_view type, const hl7::Table& table, Room room,
                                            unsigned level, bool sparse) {
  room.characters = std::min(room.characters, room_of(part));
  std::string made = value(type, table, room, level, sparse);
  if (!sparse && characters(made) > room.characters) made = value(type, table, room, level, true);
  return made;
}

std::string MessageGenerator::value(std::string_view type, const hl7::Table& table, Room room, unsigned level, bool sparse) {
  const hl7::Datatype composed = version_.datatype(type);
  if (!composed || !composed.is_composite()) return primitive(type, table, room);
  if (level < 2) return composite(composed, table, room, level, sparse);
  return value(composed.component(1).type(), composed.component(1).table() ? composed.component(1).table() : table, room,
               level + 1, true);  // deeper than subcomponents: its first part
}

/// Types whose parts depend on each other.
std::string MessageGenerator::related_value(std::string_view type, char separator, bool sparse) {
  std::vector<std::string> parts;
  if (type == "HD" || type == "EI") {
    if (type == "EI") parts.push_back(fmt::format("E{}", 1000 + random_.below(9000)));
    const bool universal = !sparse && chance(40);
    parts.emplace_back(universal && chance(30) ? "" : "NORTH");
    if (universal) parts.insert(parts.end(), {fmt::format("2.16.840.1.113883.19.{}", 1 + random_.below(99)), "ISO"});
    return joined(parts, separator);
  }
  if (type == "SN") {
    switch (random_.below(3)) {
      case 0: return fmt::format("{}{}", separator, random_.below(100));
      case 1: return fmt::format(">{}{}", separator, random_.below(100));
      default: return fmt::format("{}1{}:{}{}", separator, separator, separator, 2 << random_.below(8));
    }
  }
  if (type == "ED" && separator == '^') {
    const hl7::Table kinds = version_.datatype("ED").component(2).table();
    return fmt::format("NORTH^{}^^Base64^SGVsbG8gd29ybGQ=", kinds && kinds.size() > 0 ? code(kinds, {kAnyLength}) : "AP");
  }
  return {};
}

std::string MessageGenerator::composite(const hl7::Datatype& type, const hl7::Table& table, Room room, unsigned level,
                                        bool sparse) {
  const char separator = level == 0 ? '^' : '&';
  if (type.name() == "TS") return timestamp_with_precision(type, room, separator);
  if (std::string related = related_value(type.name(), separator, sparse); !related.empty()) {
    if (related.size() <= room.characters) return related;
  }
  std::size_t required = 0;
  for (std::uint16_t n = 1; n <= type.component_count(); ++n) {
    if (type.component(n).required()) ++required;
  }
  const bool first_needed = required == 0;
  for (std::uint16_t n = 1; n <= type.component_count(); ++n) {
    if (is_needed(type.name(), n) && !type.component(n).required()) ++required;
  }
  if (sparse && required > 1) room.characters = std::max<std::size_t>(1, room.characters / required - 1);
  const bool skip_first = !sparse && first_needed && type.component_count() > 1 && !is_paired(type.name(), 2) && chance(8);
  std::vector<std::string> parts;
  for (std::uint16_t n = 1; n <= type.component_count(); ++n) {
    const hl7::Component component = type.component(n);
    std::string& made = parts.emplace_back();
    const bool first = n == 1 && first_needed && !skip_first;
    const bool second_instead = n == 2 && skip_first;
    const bool needed = component.required() || is_needed(type.name(), n);
    const bool alone = is_paired(type.name(), n) && !component.required();
    const bool wanted = needed || first || second_instead || (!sparse && !alone && chance(options_.optional_fields));
    if (!wanted || component.withdrawn() || (names_check_digit(component.name()) && !component.required())) continue;
    if (!needed && !first && !second_instead && options_.nulls && chance(2)) {
      made = "\"\"";
      continue;
    }
    made = shaped_value(type.name(), n, {std::min(room.characters, room_of(component))});
    if (!made.empty()) continue;
    const hl7::Table codes = component.table() ? component.table() : n == 1 ? table : hl7::Table();
    made = fitting_value(component, component.varies() ? "ST" : component.type(), codes, room, level + 1, sparse);
  }
  std::string whole = joined(parts, separator);
  if (!whole.empty() || sparse) return whole;
  return composite(type, table, room, level, true);
}

bool MessageGenerator::is_needed(std::string_view type, std::uint16_t number) const {
  return std::any_of(kNeeded.begin(), kNeeded.end(), [&](const Needed& needed) {
    return needed.type == type && needed.component == number &&
           hl7::compare_versions(version_.name(), needed.from).value_or(-1) >= 0;
  });
}

/// A value of the right shape that fits, else the shortest of them; empty: any value of its type is right.
std::string MessageGenerator::shaped_value(std::string_view type, std::uint16_t number, Room room) {
  for (const Shaped& shaped : kShaped) {
    if (shaped.type != type || shaped.component != number) continue;
    const std::string_view drawn = random_.one_of(shaped.values);
    return std::string(drawn.size() <= room.characters ? drawn : shaped.values[0]);
  }
  return {};
}

/// TS: the second component says how precise it is, where it must.
std::string MessageGenerator::timestamp_with_precision(const hl7::Datatype& type, Room room, char separator) {
  const bool said = type.component_count() > 1 && type.component(2).required();
  if (!said) return timestamp(room);
  std::string made = timestamp({std::max<std::size_t>(room.characters, 6) - 2});
  const std::size_t digits = std::min(made.find_first_of("+-."), made.size());
  const char precision = digits <= 4    ? 'Y'
                         : digits <= 6  ? 'L'
                         : digits <= 8  ? 'D'
                         : digits <= 10 ? 'H'
                         : digits <= 12 ? 'M'
                                        : 'S';
  return made + separator + precision;
}

std::string MessageGenerator::primitive(std::string_view type, const hl7::Table& table, Room room) {
  if (type == "NM" || type == "SNM") return number(room);
  if (type == "SI") return fmt::format("{}", 1 + random_.below(room.characters > 1 ? 99 : 9));
  if (type == "DT") return date(room);
  if (type == "TM") return time(room);
  if (type == "DTM" || type == "TS") return timestamp(room);
  if (type == "TN") return room.characters < 13 ? std::string("5551234") : fmt::format("(555)555-{:04}", random_.below(10000));
  if (type == "GTS") return timestamp(room);
  if (table && table.size() > 0) {
    if (std::string made = code(table, room); !made.empty()) return made;
  }
  return text(room, type == "FT" || type == "TX");
}

std::string MessageGenerator::code(const hl7::Table& table, Room room) {
  for (int attempt = 0; attempt < 40; ++attempt) {
    const std::string_view drawn = table.code(random_.below(table.size())).code;
    if (drawn.empty() || drawn == "\"\"" || characters(drawn) > room.characters) continue;
    std::string out;
    if (hl7::encode(drawn, hl7::Delimiters{}, out)) return out;
  }
  return {};
}

std::string MessageGenerator::text(Room room, bool formatted) {
  std::string out;
  const std::size_t wanted = 1 + random_.below(3);
  for (std::size_t n = 0; n < wanted; ++n) {
    std::string word(random_.one_of(kWords));
    if (unicode_ && chance(20)) word = random_.one_of(kInternational);
    if (options_.escapes && chance(6)) word += random_.one_of(kEscaped);
    if (options_.escapes && formatted && chance(15)) word += random_.one_of(kFormatting);
    const std::string longer = out.empty() ? word : out + " " + word;
    if (characters(longer) > room.characters) break;
    out = longer;
  }
  if (out.empty())
    out = std::string("abcdefghijklmnopqrst").substr(0, std::max<std::size_t>(1, std::min<std::size_t>(room.characters, 4)));
  return out;
}

std::string MessageGenerator::number(Room room) {
  if (room.characters >= 6 && chance(40))
    return fmt::format("{}{}.{:02}", chance(20) ? "-" : "", random_.below(90), random_.below(100));
  return fmt::format("{}", random_.below(room.characters > 2 ? 100 : 10));
}

std::string MessageGenerator::date(Room room) {
  const std::string whole =
      fmt::format("20{:02}{:02}{:02}", 10 + random_.below(16), 1 + random_.below(12), 1 + random_.below(28));
  if (room.characters >= 8) return whole;
  return whole.substr(0, room.characters >= 6 ? 6 : 4);
}

std::string MessageGenerator::time(Room room) {
  const std::string minutes = fmt::format("{:02}{:02}", random_.below(24), random_.below(60));
  if (room.characters >= 11 && chance(30)) return minutes + fmt::format("{:02}+0200", random_.below(60));
  if (room.characters >= 6 && chance(50)) return minutes + fmt::format("{:02}", random_.below(60));
  return minutes.substr(0, room.characters >= 4 ? 4 : 2);
}

std::string MessageGenerator::timestamp(Room room) {
  const std::string day = date(room);
  if (day.size() < 8 || room.characters < 12 || chance(15)) return day;
  const std::string minutes = day + fmt::format("{:02}{:02}", random_.below(24), random_.below(60));
  if (room.characters >= 19 && chance(30)) return minutes + fmt::format("{:02}-0500", random_.below(60));
  if (room.characters >= 14 && chance(60)) return minutes + fmt::format("{:02}", random_.below(60));
  return minutes;
}

}  // namespace smarthl7::testing
