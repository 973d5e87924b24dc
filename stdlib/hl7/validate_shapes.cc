// SPDX-License-Identifier: Apache-2.0
// What data types demand of their components together (2.5.1 chapter 2, 2.A): universal ids, check digits, structured numerics,
// money, encapsulated data, electronic addresses.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "stdlib/hl7/check_digit.h"
#include "stdlib/hl7/validate_run.h"

namespace smarthl7::hl7 {
namespace {

/// Numbers without leading zeros, separated by dots, the first 0 to 2.
[[nodiscard]] bool is_object_identifier(std::string_view text) {
  if (text.empty() || text[0] < '0' || text[0] > '2') return false;
  std::size_t arcs = 0;
  while (true) {
    const std::size_t end = std::min(text.find('.'), text.size());
    const std::string_view arc = text.substr(0, end);
    const bool digits = !arc.empty() && std::all_of(arc.begin(), arc.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || (arc.size() > 1 && arc[0] == '0')) return false;
    if (++arcs == 1 && arc.size() > 1) return false;
    if (end == text.size()) return arcs >= 2;
    text.remove_prefix(end + 1);
  }
}

constexpr auto kBase64 = [] {
  std::array<bool, 256> is{};
  for (unsigned c = '0'; c <= '9'; ++c) is[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) is[c] = true;
  for (unsigned c = 'a'; c <= 'z'; ++c) is[c] = true;
  is['+'] = is['/'] = true;
  return is;
}();

/// The characters of base64 or of pairs of hexadecimal digits; escape sequences (line breaks) are passed over. Nothing is
/// decoded or copied.
class EncodedText {
 public:
  explicit EncodedText(char escape) : escape_(escape) {}

  [[nodiscard]] bool is_base64(std::string_view text) const {
    std::size_t count = 0;
    std::size_t padding = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      const auto c = static_cast<unsigned char>(text[at]);
      if (kBase64[c]) {
        if (padding > 0) return false;
        ++count;
      } else if (c == '=') {
        ++padding;
      } else if (!skip(text, at)) {
        return false;
      }
    }
    return padding <= 2 && (count + padding) % 4 == 0;
  }

  [[nodiscard]] bool is_hex(std::string_view text) const {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      const char c = text[at];
      const bool digit = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
      if (digit) {
        ++count;
      } else if (!skip(text, at)) {
        return false;
      }
    }
    return count % 2 == 0;
  }

 private:
  /// Moves `at` to the end of an escape sequence or stays at a blank.
  [[nodiscard]] bool skip(std::string_view text, std::size_t& at) const {
    if (text[at] == ' ' || text[at] == '\n') return true;
    if (escape_ == 0 || text[at] != escape_) return false;
    const std::size_t end = text.find(escape_, at + 1);
    if (end == std::string_view::npos || end > at + 64) return false;
    at = end;
    return true;
  }

  char escape_;
};

}  // namespace

void ValidationRun::check_shape(const Location& place, std::string_view raw, char separator, Shape shape) {
  switch (shape) {
    case Shape::none: break;
    case Shape::hd: check_universal_id(place, raw, separator, 2); break;
    case Shape::ei: check_universal_id(place, raw, separator, 3); break;
    case Shape::cx: check_identifier(place, raw, separator, 1, 2, 3); break;
    case Shape::xcn: check_identifier(place, raw, separator, 1, 11, 12); break;
    case Shape::xon: check_identifier(place, raw, separator, 3, 4, 5); break;
    case Shape::sn: check_structured_numeric(place, raw, separator); break;
    case Shape::mo: check_money(place, raw, separator); break;
    case Shape::ed: check_encapsulated(place, raw, separator); break;
    case Shape::xtn: check_address(place, raw, separator); break;
  }
}

/// Universal id and its type: both, or neither (2.A.33, 2.A.28).
void ValidationRun::check_universal_id(Location place, std::string_view raw, char separator, std::uint16_t first) {
  const auto second = static_cast<std::uint16_t>(first + 1);
  const std::string_view id = part(raw, separator, first);
  const std::string_view type = part(raw, separator, second);
  const bool has_id = is_present(id);
  const bool has_type = is_present(type);
  if (has_id && !has_type) {
    add(below(place, second), Rule::universal_id, [] { return std::string("the type of the universal id"); });
  } else if (has_type && !has_id) {
    add(below(place, first), Rule::universal_id, [] { return std::string("the universal id of that type"); });
  } else if (has_id && type == "ISO" && !is_object_identifier(id)) {
    add(below(place, first), Rule::object_identifier, [] { return std::string("an object identifier (numbers and dots)"); });
  }
}

void ValidationRun::check_identifier(Location place, std::string_view raw, char separator, std::uint16_t id,
                                     std::uint16_t digit, std::uint16_t scheme) {
  const std::string_view check = part(raw, separator, digit);
  const std::string_view by = part(raw, separator, scheme);
  if (!is_present(check) || !is_present(by)) return;
  if (check_digit_fits(by, part(raw, separator, id), check).value_or(true)) return;
  add(below(place, digit), Rule::check_digit, [] { return std::string("the check digit of the identifier by its scheme"); });
}

/// 2.A.71: comparator, number, separator or suffix, number.
void ValidationRun::check_structured_numeric(Location place, std::string_view raw, char separator) {
  const auto one_of = [](std::string_view value, auto... values) { return ((value == values) || ...); };
  const std::string_view comparator = part(raw, separator, 1);
  const std::string_view sign = part(raw, separator, 3);
  const bool has_second = is_present(part(raw, separator, 4));
  if (is_present(comparator) && !one_of(comparator, ">", "<", ">=", "<=", "=", "<>")) {
    add(below(place, 1), Rule::structured_numeric, [] { return std::string("a comparator: > < >= <= = <>"); });
  }
  if (is_present(sign)) {
    if (!one_of(sign, "-", "+", "/", ".", ":")) {
      add(below(place, 3), Rule::structured_numeric, [] { return std::string("a separator or suffix: - + / . :"); });
    } else if (!has_second && !one_of(sign, "+", ".")) {
      add(below(place, 4), Rule::structured_numeric, [] { return std::string("the second number"); });
    }
  } else if (has_second) {
    add(below(place, 3), Rule::structured_numeric, [] { return std::string("what separates the two numbers"); });
  }
}

/// 2.A.41: the denomination is a code of ISO 4217.
void ValidationRun::check_money(Location place, std::string_view raw, char separator) {
  const std::string_view code = part(raw, separator, 2);
  if (!is_present(code)) return;
  const bool letters = code.size() == 3 && std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!letters) add(below(place, 2), Rule::money, [] { return std::string("a currency of ISO 4217 (three capital letters)"); });
}

/// 2.A.24: data as its encoding (table 0299) says.
void ValidationRun::check_encapsulated(Location place, std::string_view raw, char separator) {
  const std::string_view encoding = part(raw, separator, 4);
  const std::string_view data = part(raw, separator, 5);
  if (!is_present(data)) return;
  const EncodedText text(delimiters_.escape);
  if (encoding == "Base64" && !text.is_base64(data)) {
    add(below(place, 5), Rule::encapsulated, [] { return std::string("base64 (RFC 4648: four characters for three bytes)"); });
  } else if (encoding == "Hex" && !text.is_hex(data)) {
    add(below(place, 5), Rule::encapsulated, [] { return std::string("pairs of hexadecimal digits"); });
  }
}

/// 2.A.89: an electronic address where the equipment is the Internet.
void ValidationRun::check_address(Location place, std::string_view raw, char separator) {
  const std::string_view address = part(raw, separator, 4);
  if (!is_present(address) || part(raw, separator, 3) != "Internet") return;
  const std::size_t at = address.find('@');
  if (address.find("://") != std::string_view::npos || address.find(':') != std::string_view::npos) return;  // a URL
  if (at == std::string_view::npos || at == 0 || at + 1 == address.size()) {
    add(below(place, 4), Rule::telephone, [] { return std::string("an electronic address (name@host)"); });
  }
}

}  // namespace smarthl7::hl7
