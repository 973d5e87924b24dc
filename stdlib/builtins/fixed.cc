// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/rounding.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"number", Type::number}, {"places", Type::number}};
constexpr Example kExamples[] = {
    {R"(fixed(7, 2))", R"("7.00")"},
    {R"(fixed(2.345, 2))", R"("2.35")"},
    {R"(fixed(0.5, 0))", R"("1")"},
    {R"(fixed(number("-0.004"), 2))", R"("0.00")"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const int places = places_of(arguments[1].number);
  const Decimal number = arguments[0].number.rounded(places);
  Builder builder(arena, Decimal::kMaxText + static_cast<std::size_t>(places) + 1);
  builder.put(text_of(Value::of((number.zero() ? number.absolute() : number).plain()), arena));
  if (places > 0 && number.scale() == 0) builder.put('.');
  for (int i = number.scale(); i < places; ++i) builder.put('0');
  result = builder.value();
  return true;
}

}  // namespace

const Function kFixed = {
    .name = "fixed",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "The number as text with exactly `places` digits after the point (0 to 38), rounded half away from zero, "
        "without a plus sign and needless zeros in front.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::numbers,
};

}  // namespace smarthl7::builtins
