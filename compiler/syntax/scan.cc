// SPDX-License-Identifier: Apache-2.0
#include "compiler/syntax/scan.h"

#include <algorithm>
#include <array>

#include "compiler/syntax/words.h"

namespace smarthl7::syntax {
namespace {

bool one_of(std::string_view word, Words words) { return std::find(words.begin(), words.end(), word) != words.end(); }

const char* digits(const char* at, const char* stop) {
  while (at != stop && is_digit(*at)) ++at;
  return at;
}

const char* word_end(const char* at, const char* stop) {
  while (at != stop && is_word(*at)) ++at;
  return at;
}

std::string_view view(const char* begin, const char* end) { return {begin, static_cast<std::size_t>(end - begin)}; }

const char* blanks(const char* at, const char* stop) {
  while (at != stop && is_blank(*at)) ++at;
  return at;
}

/// digits[.digits], or null.
const char* decimal(const char* at, const char* stop) {
  const char* end = digits(at, stop);
  if (end == at) return nullptr;
  if (end != stop && *end == '.' && end + 1 != stop && is_digit(end[1])) end = digits(end + 1, stop);
  return end;
}

const char* scan_one_of(const char* at, const char* stop, Words words) {
  const char* end = scan_word(at, stop);
  return end != nullptr && one_of(view(at, end), words) ? end : nullptr;
}

}  // namespace

bool is_reserved(std::string_view word) { return one_of(word, reserved_words()); }

const char* scan_word(const char* at, const char* stop) {
  if (at == stop || !(is_lower(*at) || is_upper(*at) || *at == '_')) return nullptr;
  return word_end(at, stop);
}

const char* scan_code(const char* at, const char* stop) {
  const char* end = word_end(at, stop);
  return end == at ? nullptr : end;
}

const char* scan_name(const char* at, const char* stop) {
  if (at == stop || !is_lower(*at)) return nullptr;
  const char* end = word_end(at, stop);
  return is_reserved(view(at, end)) ? nullptr : end;
}

const char* scan_dotted(const char* at, const char* stop) {
  const char* end = scan_name(at, stop);
  while (end != nullptr && end != stop && *end == '.') {
    const char* next = scan_word(end + 1, stop);
    if (next == nullptr) break;
    end = next;
  }
  return end;
}

const char* scan_upper(const char* at, const char* stop) {
  if (at == stop || !is_upper(*at)) return nullptr;
  const char* end = word_end(at, stop);
  return std::any_of(at, end, is_lower) ? nullptr : end;
}

const char* scan_number(const char* at, const char* stop) {
  const char* end = decimal(at, stop);
  return end == nullptr || (end != stop && is_word(*end)) ? nullptr : end;
}

const char* scan_structure(const char* at, const char* stop) {
  if (at == stop || *at != '{') return nullptr;
  std::size_t depth = 0;
  for (; at != stop; ++at) {
    if (*at == '{') ++depth;
    if (*at == '}' && --depth == 0) return at + 1;
    if (*at == '\n' && at + 1 != stop && !is_blank(at[1]) && at[1] != '\n' && at[1] != '}') return nullptr;
  }
  return nullptr;
}

const char* scan_whole(const char* at, const char* stop) {
  const char* end = digits(at, stop);
  if (end == at || (end != stop && is_word(*end))) return nullptr;
  return end != stop && *end == '.' && end + 1 != stop && is_digit(end[1]) ? nullptr : end;
}

const char* scan_unit(const char* at, const char* stop) {
  const char* end = decimal(at, stop);
  if (end == nullptr || end == stop || !(is_lower(*end) || is_upper(*end))) return nullptr;
  return word_end(end, stop);
}

const char* scan_version(const char* at, const char* stop) {
  const char* end = scan_any_version(at, stop);
  return end != nullptr && std::count(at, end, '.') >= 2 ? end : nullptr;
}

const char* scan_any_version(const char* at, const char* stop) {
  const char* end = digits(at, stop);
  if (end == at) return nullptr;
  while (end != stop && *end == '.' && end + 1 != stop && is_digit(end[1])) end = digits(end + 1, stop);
  return end != stop && is_word(*end) ? nullptr : end;
}

const char* scan_event(const char* at, const char* stop) {
  if (at == stop || !is_upper(*at)) return nullptr;
  const char* end = word_end(at, stop);
  for (int part = 0; part < 2; ++part) {
    if (end == stop || *end != '^' || end + 1 == stop || !(is_upper(end[1]) || is_digit(end[1])))
      return part == 0 ? nullptr : end;
    end = word_end(end + 1, stop);
  }
  return end;
}

const char* scan_quantile(const char* at, const char* stop) {
  if (at == stop || *at != 'p') return nullptr;
  return scan_number(at + 1, stop);
}

const char* scan_text(const char* at, const char* stop, std::string_view text) {
  if (static_cast<std::size_t>(stop - at) < text.size() || view(at, at + text.size()) != text) return nullptr;
  const char* end = at + text.size();
  return is_word(text.back()) && end != stop && is_word(*end) ? nullptr : end;
}

const char* scan_binary(const char* at, const char* stop) {
  static constexpr std::array<std::string_view, 8> kSigns{"==", "!=", "<=", ">=", "&&", "||", "<", ">"};
  for (const std::string_view sign : kSigns) {
    if (const char* end = scan_text(at, stop, sign)) return end;
  }
  if (at == stop) return nullptr;
  if (*at == '+' || *at == '*') return at + 1;
  if (*at == '/') return at + 1;
  // A minus has a blank on both sides: `-1` is a path and `->` an arrow.
  if (*at == '-') return at + 1 != stop && (is_blank(at[1]) || at[1] == '\n') ? at + 1 : nullptr;
  return scan_one_of(at, stop, std::array<std::string_view, 2>{"and", "or"});
}

const char* scan_not(const char* at, const char* stop) {
  if (at != stop && *at == '!' && (at + 1 == stop || at[1] != '=')) return at + 1;
  return scan_text(at, stop, "not");
}

const char* scan_test(const char* at, const char* stop) {
  return scan_one_of(at, stop, std::array<std::string_view, 3>{"present", "absent", "null"});
}

const char* scan_comparison(const char* at, const char* stop) {
  static constexpr std::array<std::string_view, 6> kSigns{"==", "!=", "<=", ">=", "<", ">"};
  for (const std::string_view sign : kSigns) {
    if (const char* end = scan_text(at, stop, sign)) return end;
  }
  return nullptr;
}

const char* scan_boolean(const char* at, const char* stop) {
  return scan_one_of(at, stop, std::array<std::string_view, 2>{"true", "false"});
}

const char* scan_connective(const char* at, const char* stop) { return scan_one_of(at, stop, connective_words()); }

bool is_declaration_word(std::string_view word) { return one_of(word, declaration_words()); }

bool is_declaration_head(const char* at, const char* stop) {
  const char* end = scan_word(at, stop);
  if (end == nullptr) return false;
  const std::string_view word = view(at, end);
  if (!is_declaration_word(word)) return false;
  const char* next = blanks(end, stop);
  if (next == end || next == stop) return false;
  if (word == "language") return is_digit(*next);
  if (word == "test") return *next == '"';
  const char* name_end = scan_dotted(next, stop);
  if (name_end == nullptr) return false;
  const char* after = blanks(name_end, stop);
  const char sign = after == stop ? '\n' : *after;
  const auto follows = [&](std::string_view text) { return after != stop && scan_text(after, stop, text) != nullptr; };
  if (word == "use" || word == "secret") return sign == '\n' || follows("//");
  if (word == "setting" || word == "mapping") return sign == ':';
  if (word == "message" || word == "source" || word == "destination") return sign == '=';
  if (word == "table") return follows("from");
  if (word == "redaction" || word == "retry") return sign == '{' || follows("from") || follows("allow");
  return sign == '{';
}

}  // namespace smarthl7::syntax
