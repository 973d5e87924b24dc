// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/person_name.h"

#include <algorithm>

namespace smarthl7::builtins {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kSuffixes[] = {"jr", "sr", "ii", "iii", "iv", "v"};
constexpr std::string_view kParticles[] = {"van", "von", "vom", "de",  "del", "della", "der", "den", "des", "di",
                                           "da",  "do",  "dos", "du",  "la",  "le",    "ter", "ten", "te",  "zu",
                                           "zum", "zur", "bin", "ibn", "al",  "el",    "st.", "af",  "av"};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos ? std::string_view{} : text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool same(std::string_view text, std::string_view small) {
  return std::equal(text.begin(), text.end(), small.begin(), small.end(),
                    [](char c, char wanted) { return (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) == wanted; });
}

bool is_suffix(std::string_view word) {
  if (word.ends_with('.')) word.remove_suffix(1);
  return std::any_of(std::begin(kSuffixes), std::end(kSuffixes), [&](std::string_view known) { return same(word, known); });
}

bool is_particle(std::string_view word) {
  return std::any_of(std::begin(kParticles), std::end(kParticles), [&](std::string_view known) { return same(word, known); });
}

std::string_view last_word(std::string_view text) {
  const std::size_t at = text.find_last_of(kBlanks);
  return at == std::string_view::npos ? text : text.substr(at + 1);
}

std::string_view first_word(std::string_view text) { return text.substr(0, text.find_first_of(kBlanks)); }

std::string_view without_last(std::string_view text, std::string_view word) {
  return trimmed(text.substr(0, text.size() - word.size()));
}

/// Takes a suffix off the end, if other words are left.
void take_suffix(std::string_view& text, std::string_view& suffix) {
  const std::string_view word = last_word(text);
  if (!suffix.empty() || word.size() == text.size() || !is_suffix(word)) return;
  suffix = word;
  text = without_last(text, word);
}

}  // namespace

PersonName split_name(std::string_view text) {
  PersonName name;
  text = trimmed(text);
  std::size_t comma = text.rfind(',');
  if (comma != std::string_view::npos && is_suffix(trimmed(text.substr(comma + 1)))) {  // "Smith, John, Jr", "John Smith, Jr"
    name.suffix = trimmed(text.substr(comma + 1));
    text = trimmed(text.substr(0, comma));
  }
  comma = text.find(',');
  std::string_view givens;
  if (comma != std::string_view::npos) {
    name.family = trimmed(text.substr(0, comma));
    givens = trimmed(text.substr(comma + 1));
    take_suffix(name.family, name.suffix);
    take_suffix(givens, name.suffix);
  } else {
    take_suffix(text, name.suffix);
    std::string_view family = last_word(text);
    std::string_view rest = without_last(text, family);
    while (last_word(rest).size() < rest.size() && is_particle(last_word(rest))) {
      const std::string_view word = last_word(rest);
      rest = without_last(rest, word);
      family = {word.data(), static_cast<std::size_t>(family.data() + family.size() - word.data())};
    }
    name.family = family;
    givens = rest;
  }
  name.given = first_word(givens);
  name.middle = trimmed(givens.substr(name.given.size()));
  return name;
}

}  // namespace smarthl7::builtins
