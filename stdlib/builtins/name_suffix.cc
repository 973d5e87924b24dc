// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/person_name.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(name_suffix("Smith Jr., John"))", R"("Jr.")"},
    {R"(name_suffix("John Smith III"))", R"("III")"},
    {R"(name_suffix("Smith, John, Sr"))", R"("Sr")"},
    {R"(name_suffix("John Smith"))", R"("")"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(split_name(arguments[0].text).suffix);
  return true;
}

}  // namespace

const Function kNameSuffix = {
    .name = "name_suffix",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "The suffix of a person's name in one text: Jr, Sr, II, III, IV or V, as it is written; empty if there is "
        "none.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::names,
};

}  // namespace smarthl7::builtins
