// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"
#include "stdlib/builtins/identifier.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(is_ssn("123-45-6789"))", R"(true)"},  {R"(is_ssn("123456789"))", R"(true)"},   {R"(is_ssn("000-45-6789"))", R"(false)"},
    {R"(is_ssn("912-45-6789"))", R"(false)"}, {R"(is_ssn("123-456789"))", R"(false)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const std::string_view text = arguments[0].text;
  const bool parted = text.size() == 11 && text[3] == '-' && text[6] == '-';
  const std::string_view area = text.substr(0, 3);
  const std::string_view group = parted ? text.substr(4, 2) : text.substr(std::min<std::size_t>(3, text.size()), 2);
  const std::string_view serial = parted ? text.substr(7) : text.substr(std::min<std::size_t>(5, text.size()));
  result = Value::of((parted || text.size() == 9) && all_digits(area) && all_digits(group) && all_digits(serial) &&
                     area != "000" && area != "666" && area[0] != '9' && group != "00" && serial != "0000");
  return true;
}

}  // namespace

const Function kIsSsn = {
    .name = "is_ssn",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc =
        "Has the text the shape of a US social security number: nine digits, parted 3-2-4 by hyphens or not at "
        "all, no group all zeros, the first group neither 666 nor 900 and above?",
    .examples = kExamples,
    .apply = apply,
    .group = Group::identifiers,
};

}  // namespace smarthl7::builtins
