// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"
#include "stdlib/builtins/identifier.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(is_oid("2.16.840.1.113883.2.1"))", R"(true)"},
    {R"(is_oid("1.2"))", R"(true)"},
    {R"(is_oid("2.016"))", R"(false)"},
    {R"(is_oid("3.1"))", R"(false)"},
    {R"(is_oid("1.40"))", R"(false)"},
    {R"(is_oid("2.16."))", R"(false)"},
};

bool is_oid_text(std::string_view text) {
  if (text.size() > 255) return false;
  std::size_t count = 0;
  bool wide = false;  // the first number is 2
  while (true) {
    const std::size_t end = std::min(text.find('.'), text.size());
    const std::string_view part = text.substr(0, end);
    if (part.empty() || !all_digits(part) || (part.size() > 1 && part[0] == '0')) return false;
    if (count == 0 && part != "0" && part != "1" && part != "2") return false;
    if (count == 0) wide = part == "2";
    if (count == 1 && !wide && (part.size() > 2 || (part.size() == 2 && part[0] > '3'))) return false;
    ++count;
    if (end == text.size()) return count > 1;
    text.remove_prefix(end + 1);
  }
}

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(is_oid_text(arguments[0].text));
  return true;
}

}  // namespace

const Function kIsOid = {
    .name = "is_oid",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc =
        "Is the text an object identifier (ITU-T X.660): two numbers or more with points between them, none with a "
        "needless zero in front, the first 0, 1 or 2, the second below 40 after 0 and 1, at most 255 characters?",
    .examples = kExamples,
    .apply = apply,
    .group = Group::identifiers,
};

}  // namespace smarthl7::builtins
