// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {
    {"family", Type::text}, {"given", Type::text}, {"middle", Type::text}, {"suffix", Type::text}};
constexpr Example kExamples[] = {
    {R"(format_name("Smith", "Anna", "Maria", ""))", R"("Smith, Anna Maria")"},
    {R"(format_name("Smith", "John", "", "Jr"))", R"("Smith Jr, John")"},
    {R"(format_name("Smith", "", "", ""))", R"("Smith")"},
    {R"(format_name("", "Anna", "", ""))", R"("Anna")"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  std::size_t room = 4;
  for (const Value& argument : arguments) room += argument.text.size();
  Builder builder(arena, room);
  const auto put = [&](std::string_view part, std::string_view sign) {
    if (part.empty()) return;
    if (builder.size() > 0) builder.put(sign);
    builder.put(part);
  };
  const std::string_view given = arguments[1].text;
  put(arguments[0].text, "");
  put(arguments[3].text, " ");
  put(given, ", ");
  put(arguments[2].text, given.empty() ? ", " : " ");
  result = builder.value();
  return true;
}

}  // namespace

const Function kFormatName = {
    .name = "format_name",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "A name as people read it, `Family Suffix, Given Middle`; parts that are empty are left out with their "
        "signs. Write `PID-5[1].3 or \"\"` for a part that may not be sent.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::names,
};

}  // namespace smarthl7::builtins
