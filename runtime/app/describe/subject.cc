// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/describe/subject.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "compiler/diag/suggest.h"

namespace smarthl7::app::describing {
namespace {

[[nodiscard]] std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return result;
}

[[nodiscard]] std::string trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return std::string(text);
}

[[nodiscard]] std::optional<std::uint16_t> number(std::string_view text) {
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

class Finder {
 public:
  explicit Finder(hl7::Version version) : version_(version) {}

  Found find(std::string_view what) {
    const std::string text = trimmed(what);
    if (text.empty()) return {WholeVersion{}, {}};
    const std::string word = upper(text);
    if (word.starts_with("TABLE")) return table(trimmed(std::string_view(word).substr(5)));
    if (number(word)) return table(word);
    if (const auto caret = word.find('^'); caret != std::string::npos) return event(word, caret);
    if (const auto dash = word.find_first_of("-."); dash != std::string::npos) return place(text, word, dash);
    return name(text, word);
  }

 private:
  [[nodiscard]] Found none(std::string complaint) const { return {std::nullopt, std::move(complaint)}; }

  [[nodiscard]] Found table(const std::string& text) const {
    const auto wanted = number(text);
    if (const hl7::Table table = wanted ? version_.table(*wanted) : hl7::Table()) return {TableOf{table}, {}};
    return none(fmt::format("there is no HL7 table `{}`\nhelp: write its number, as in `table 0203`", text));
  }

  [[nodiscard]] Found event(const std::string& word, std::size_t caret) const {
    EventsOf found;
    const std::string code = word.substr(0, caret);
    const std::string trigger = word.substr(caret + 1, word.find('^', caret + 1) - caret - 1);
    for (std::size_t index = 0; index < version_.event_count(); ++index) {
      const hl7::Event one = version_.event_at(index);
      if (one.code == code && (one.event == trigger || trigger.empty())) found.events.push_back(one);
    }
    if (found.events.empty() && code == "ACK") {  // goes with every event
      found.events.push_back({"ACK", "", version_.structure("ACK")});
    }
    if (found.events.empty()) return none(unknown(word, event_names(code)));
    found.title = event_title(version_, trigger);
    return {std::move(found), {}};
  }

  [[nodiscard]] Found place(const std::string& text, const std::string& word, std::size_t dash) const {
    const std::string owner = word.substr(0, dash);
    const hl7::Segment segment = version_.segment(owner);
    const hl7::Datatype type = version_.datatype(owner);
    if (!segment && !type) return none(unknown(owner, names()));
    Place found;
    found.path = owner;
    hl7::Datatype inside = type;
    for (std::size_t at = dash; at < word.size();) {
      std::size_t end = std::min(word.find_first_of(".-", at + 1), word.size());
      const std::string part = word.substr(at + 1, end - at - 1);
      const std::string given = text.substr(at + 1, end - at - 1);
      const auto wanted = number(part);
      const bool field = found.path == owner && segment;
      const std::size_t count = field ? segment.field_count() : inside ? inside.component_count() : 0;
      if (field)
        found.part = wanted ? segment.field(*wanted) : segment.field(given);
      else
        found.part = !inside ? hl7::Part() : wanted ? inside.component(*wanted) : inside.component(given);
      if (!found.part) return none(no_part(found.path, field ? "fields" : "components", count));
      found.path += fmt::format("{}{}", field ? '-' : '.', found.part.number());
      inside = found.part.datatype();
      at = end;
    }
    return {std::move(found), {}};
  }

  [[nodiscard]] std::string no_part(const std::string& path, std::string_view what, std::size_t count) const {
    if (count == 0) return fmt::format("{} has no {} in HL7 {}", path, what, version_.name());
    return fmt::format("{} has {} {} in HL7 {}\nhelp: `smarthl7 describe {} {}` lists them", path, count, what, version_.name(),
                       version_.name(), path);
  }

  [[nodiscard]] Found name(const std::string& text, const std::string& word) const {
    for (const std::string& tried : {text, word}) {  // MFN_Znn has small letters
      if (const hl7::Structure structure = version_.structure(tried)) return {StructureOf{structure}, {}};
    }
    if (const hl7::Segment segment = version_.segment(word)) return {SegmentOf{segment}, {}};
    for (const std::string& tried : {text, word}) {
      if (const hl7::Datatype type = version_.datatype(tried)) return {TypeOf{type}, {}};
    }
    EventsOf found;
    for (std::size_t index = 0; index < version_.event_count(); ++index) {
      const hl7::Event one = version_.event_at(index);
      if (one.event == word || one.code == word) found.events.push_back(one);
    }
    if (found.events.empty()) return none(unknown(text, names()));
    const bool is_code = found.events.front().code == word;
    found.title = is_code ? code_title(version_, word) : event_title(version_, word);
    return {std::move(found), {}};
  }

  [[nodiscard]] std::string unknown(std::string_view word, const std::vector<std::string>& candidates) const {
    std::vector<std::string_view> views(candidates.begin(), candidates.end());
    const std::string big = upper(word);
    std::string text = fmt::format("HL7 {} has no `{}`", version_.name(), word);
    if (const std::string elsewhere = other_versions(big); !elsewhere.empty())
      text += fmt::format("\nnote: it is in HL7 {}", elsewhere);
    else if (const auto near = diag::suggest(big, views))
      text += fmt::format("\nhelp: did you mean `{}`?", *near);
    else
      text += fmt::format("\nhelp: `smarthl7 describe {}` lists what there is", version_.name());
    return text;
  }

  [[nodiscard]] static std::string other_versions(const std::string& word) {
    std::string text;
    const auto caret = word.find('^');
    for (std::size_t n = 0; n < hl7::version_count(); ++n) {
      const hl7::Version other = hl7::version_at(n);
      const bool has = caret != std::string::npos
                           ? static_cast<bool>(other.structure_for_event(word.substr(0, caret), word.substr(caret + 1)))
                           : other.structure(word) || other.segment(word) || other.datatype(word);
      if (has) text += fmt::format("{}{}", text.empty() ? "" : ", ", other.name());
    }
    return text;
  }

  /// All names of the version; the suggestion among equals is the first.
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (std::size_t n = 0; n < version_.segment_count(); ++n) all.emplace_back(version_.segment_at(n).name());
    for (std::size_t n = 0; n < version_.structure_count(); ++n) all.emplace_back(version_.structure_at(n).name());
    for (std::size_t n = 0; n < version_.datatype_count(); ++n) all.emplace_back(version_.datatype_at(n).name());
    for (std::size_t n = 0; n < version_.event_count(); ++n) {
      all.emplace_back(version_.event_at(n).event);
      all.emplace_back(version_.event_at(n).code);
    }
    return all;
  }

  [[nodiscard]] std::vector<std::string> event_names(std::string_view code) const {
    std::vector<std::string> all;
    for (const bool same : {true, false}) {  // events of the code that was written come first
      for (std::size_t n = 0; n < version_.event_count(); ++n) {
        const hl7::Event one = version_.event_at(n);
        if ((one.code == code) == same) all.push_back(fmt::format("{}^{}", one.code, one.event));
      }
    }
    return all;
  }

  hl7::Version version_;
};

[[nodiscard]] std::string_view meaning(hl7::Version version, std::uint16_t table, std::string_view code) {
  return version.table(table).meaning(code).value_or(std::string_view());
}

}  // namespace

Found find_subject(hl7::Version version, std::string_view what) { return Finder(version).find(what); }

std::string_view event_title(hl7::Version version, std::string_view event) {
  std::string_view title = meaning(version, 3, event);
  const auto dash = title.find("- ");  // "ADT/ACK - Register a patient"
  return dash == std::string_view::npos || dash > 12 ? title : title.substr(title.find_first_not_of(' ', dash + 1));
}
std::string_view code_title(hl7::Version version, std::string_view code) { return meaning(version, 76, code); }
std::string_view type_title(hl7::Version version, std::string_view type) { return meaning(version, 440, type); }

std::vector<hl7::Event> events_of(hl7::Structure structure) {
  std::vector<hl7::Event> found;
  const hl7::Version version = structure.version();
  for (std::size_t n = 0; n < version.event_count(); ++n) {
    if (version.event_at(n).structure == structure) found.push_back(version.event_at(n));
  }
  return found;
}

hl7::PhiMark label_at(hl7::Version version, std::string_view path) {
  const std::size_t name = std::min(path.find_first_of("-."), path.size());
  std::array<unsigned, 3> numbers{};
  std::size_t at = name + 1;
  for (unsigned& number : numbers) {
    if (at >= path.size()) break;
    const std::size_t end = std::min(path.find('.', at), path.size());
    std::from_chars(path.data() + at, path.data() + end, number);
    at = end + 1;
  }
  if (name < path.size() && path[name] == '-')
    return hl7::label_of(version, path.substr(0, name), numbers[0], numbers[1], numbers[2]);
  return hl7::label_of_type(version, path.substr(0, name), numbers[0], numbers[1]);
}

}  // namespace smarthl7::app::describing
