// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/reference.h"

#include <algorithm>
#include <iterator>

#include "stdlib/builtins/all.h"
#include "stdlib/builtins/facts/country.h"
#include "stdlib/builtins/facts/unit_table.h"

namespace smarthl7::builtins {
namespace {

struct Chapter {
  Group group;
  std::string_view title;
  std::string_view intro;
};

constexpr Chapter kChapters[] = {
    {Group::text, "Text",
     "Text is UTF-8. A character is what one code point is; a byte that is no UTF-8 counts as a character and stays as it is, "
     "unless the function says otherwise. No function makes a text longer than 16 MiB from a shorter one."},
    {Group::numbers, "Numbers",
     "Numbers are exact decimals of up to 38 digits; nothing is a binary fraction, and nothing is rounded but where the name "
     "says so. A number that is written out begins with a digit, for `-1` is a path: write `number(\"-1\")` or `0 - 1`."},
    {Group::dates, "Dates and times",
     "A date, time or timestamp knows how precise it was sent, and its offset from UTC if it was sent with one. Durations are "
     "added with `+` and `-` (`t + 30m`). No function knows what time it is now: evaluating a message twice gives the same; "
     "the time of a message is `MSH-7`."},
    {Group::codes, "Codes of HL7 tables",
     "The tables of the standard, in the one edition that this program carries for all versions. The number of the table is a "
     "literal and is checked. Tables of the site are looked up, `facilities[PV1-3.4.1]`."},
    {Group::identifiers, "Identifiers",
     "Shapes and check digits. That an identifier is right in form does not say that somebody has it."},
    {Group::names, "Names and addresses", "Names of persons, telephone numbers, postal codes, states and countries."},
    {Group::units, "Units of measure",
     "Units are written in UCUM (The Unified Code for Units of Measure, case sensitive). A unit is made of the symbols below "
     "with the prefixes from Y to y (those marked `metric`), exponents (`m2`, `s-1`), `.`, `/`, brackets, powers of ten "
     "(`10*3`) and annotations (`{cells}/uL`)."},
    {Group::lists, "Lists",
     "A path with `[*]` gives the list of the values that were sent; absent ones are not in it, so a list may be empty and is "
     "never absent. Where a list is due, one value is a list of one. That an item is in a list is asked with `in`."},
    {Group::hashing, "Digests", "One-way digests of text."},
};

constexpr std::string_view kPatterns = R"(
## Patterns

A pattern is a text in which letters stand for parts of a date or time; every other character stands for itself, `'quoted'` text
too, and `''` is an apostrophe.

| letters | part | `format` writes | reading takes |
| --- | --- | --- | --- |
| `yyyy` | year | 2026 | four digits |
| `yy` | year | 26 | is refused: two digits do not say the century |
| `M`, `MM` | month | 4, 04 | one or two digits, two digits |
| `MMM`, `MMMM` | month | Apr, April | the same, in any case |
| `d`, `dd` | day of the month | 3, 03 | one or two digits, two digits |
| `EEE`, `EEEE` | day of the week | Fri, Friday | is refused |
| `H`, `HH` | hour, 0 to 23 | 9, 09 | one or two digits, two digits |
| `h`, `hh` | hour, 1 to 12 | 9, 09 | one or two digits, two digits; needs `a` |
| `a` | half of the day | AM, PM | the same, in any case |
| `m`, `mm` | minute | 5, 05 | one or two digits, two digits |
| `s`, `ss` | second | 5, 05 | one or two digits, two digits |
| `S` to `SSSS` | fraction of the second | 5 to 5000 | as many digits |
| `xx`, `xxx` | offset from UTC | +0100, +01:00 | the same |
| )"
                                       "`XX"
                                       R"(X` | offset from UTC | Z, +01:00 | the same |
)";

std::string_view file_of(const Chapter& chapter) { return name_of(chapter.group); }

/// Text for a cell of a table.
std::string cell(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '|') safe += '\\';
    safe += c;
  }
  return safe;
}

void append_function(const Function& function, std::string& out) {
  out.append("\n## ").append(function.name).append("\n\n`").append(signature(function)).append("`\n\n");
  out.append(function.doc).append("\n");
  for (const Parameter& parameter : function.parameters) {
    if (parameter.expects.empty()) continue;
    out.append("\n`").append(parameter.name).append("` is ").append(parameter.expects);
    out.append(parameter.constant ? "; it is a literal.\n" : ".\n");
  }
  if (!function.can_fail.empty()) {
    out.append("\nFails if ").append(function.can_fail).append(".");
    if (!function.proven_by.empty())
      out.append(" Where `").append(function.proven_by).append("` of the same arguments is true it needs no `else`.");
    out.append("\n");
  }
  if (!function.can_be_absent.empty()) out.append("\nThe result is absent if ").append(function.can_be_absent).append(".\n");
  out.append("\n| call | gives |\n| --- | --- |\n");
  for (const Example& example : function.examples) {
    out.append("| `").append(cell(example.call)).append("` | ");
    const bool fails = example.result == "fails";
    out.append(fails ? "" : "`").append(cell(example.result)).append(fails ? " |\n" : "` |\n");
  }
}

void append_units(std::string& out) {
  out += "\n## Symbols\n\n| symbol | unit | prefixes |\n| --- | --- | --- |\n";
  out += "| `Cel` | degree Celsius, alone | |\n| `[degF]` | degree Fahrenheit, alone | |\n";
  for (const UnitRow& row : unit_rows()) {
    out.append("| `").append(cell(row.symbol)).append("` | ").append(row.name).append(row.metric ? " | metric |\n" : " | |\n");
  }
}

template <class Rows>
void append_countries(std::string_view what, const Rows& rows, std::string& out) {
  out.append("\n## ").append(what).append("\n\n");
  std::string_view sign;
  for (const auto& row : rows) {
    out.append(sign).append(row.alpha2);
    sign = " ";
  }
  out += "\n";
}

bool is_in(const Function& function, const Chapter& chapter) { return function.group == chapter.group; }

std::string page_of(const Chapter& chapter) {
  std::string out = "# ";
  out.append(chapter.title).append("\n\n").append(chapter.intro).append("\n");
  for (const Function* function : all_functions()) {
    if (is_in(*function, chapter)) append_function(*function, out);
  }
  if (chapter.group == Group::dates) out += kPatterns;
  if (chapter.group == Group::units) append_units(out);
  if (chapter.group == Group::names) {
    append_countries("Countries whose telephone numbers are known", phone_plans(), out);
    append_countries("Countries whose postal codes are known", postal_shapes(), out);
  }
  return out;
}

std::string index_page() {
  std::string out =
      "# Functions\n\n"
      "The functions of the route language. Each is pure: the same arguments give the same result, on every machine. An "
      "absent\n"
      "argument makes the result absent (false, if the function answers yes or no). A function that can fail is written with "
      "an\n"
      "`else`. These pages are made from the program, and their examples are run by its tests.\n";
  for (const Chapter& chapter : kChapters) {
    out.append("\n## [").append(chapter.title).append("](").append(file_of(chapter)).append(".md)\n\n");
    out += "| function | |\n| --- | --- |\n";
    for (const Function* function : all_functions()) {
      if (!is_in(*function, chapter)) continue;
      const std::size_t end = std::min(function->doc.find(". "), function->doc.size());
      std::string line(function->doc.substr(0, end));
      if (line.ends_with('.')) line.pop_back();
      out.append("| [`").append(function->name).append("`](").append(file_of(chapter)).append(".md#").append(function->name);
      out.append(") | ").append(cell(line)).append(" |\n");
    }
  }
  return out;
}

}  // namespace

std::vector<Page> reference_pages() {
  std::vector<Page> pages = {{"README.md", index_page()}};
  for (const Chapter& chapter : kChapters) pages.push_back({std::string(file_of(chapter)) + ".md", page_of(chapter)});
  return pages;
}

}  // namespace smarthl7::builtins
