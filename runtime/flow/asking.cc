// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/asking.h"

#include <array>

#include "stdlib/base/assert.h"

namespace smarthl7::flow {

namespace {

using plan::AckCondition;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr int kAcceptAck = 15;
constexpr int kApplicationAck = 16;

/// Of a header line: where the value of MSH-n stands, or would stand: past the end by `missing` separators.
struct Place {
  std::size_t begin = 0;
  std::size_t end = 0;
  int missing = 0;
};

std::string_view header_line(std::string_view message) {
  const std::size_t skipped = message.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  const std::size_t end = message.find_first_of("\r\n", skipped);
  return message.substr(0, end);
}

/// The field separator; 0: the line is no header.
char separator_of(std::string_view line) {
  if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  return line.size() > 4 && line.starts_with("MSH") ? line[3] : '\0';
}

Place find(std::string_view line, char separator, int number) {
  // MSH-1 is the separator itself, so MSH-n follows the (n - 1)-th one.
  std::size_t at = 0;
  for (int passed = 0; passed < number - 1; ++passed) {
    const std::size_t next = line.find(separator, at);
    if (next == std::string_view::npos) return {line.size(), line.size(), number - 1 - passed};
    at = next + 1;
  }
  const std::size_t end = line.find(separator, at);
  return {at, end == std::string_view::npos ? line.size() : end, 0};
}

AckCondition condition_of(std::string_view value) {
  if (value == "AL") return AckCondition::always;
  if (value == "NE") return AckCondition::never;
  if (value == "ER") return AckCondition::on_error;
  if (value == "SU") return AckCondition::on_success;
  return AckCondition::as_sent;
}

std::string_view name_of(AckCondition condition) {
  switch (condition) {
    case AckCondition::as_sent: return {};
    case AckCondition::always: return "AL";
    case AckCondition::never: return "NE";
    case AckCondition::on_error: return "ER";
    case AckCondition::on_success: return "SU";
  }
  SMARTHL7_UNREACHABLE("a condition of no kind");
}

bool says_yes(AckCondition condition) { return condition == AckCondition::always || condition == AckCondition::on_success; }

}  // namespace

std::string_view header_field(std::string_view message, int number) {
  const std::string_view line = header_line(message);
  const char separator = separator_of(line);
  if (separator == '\0') return {};
  const Place place = find(line, separator, number);
  return line.substr(place.begin, place.end - place.begin);
}

Asked asked_of(std::string_view message) {
  const std::string_view line = header_line(message);
  const char separator = separator_of(line);
  if (separator == '\0') return {};
  const Place accept = find(line, separator, kAcceptAck);
  if (accept.end == line.size()) return {condition_of(line.substr(accept.begin)), AckCondition::as_sent};
  const std::string_view rest = line.substr(accept.end + 1);
  return {condition_of(line.substr(accept.begin, accept.end - accept.begin)),
          condition_of(rest.substr(0, rest.find(separator)))};
}

std::string asking(std::string_view message, const Asked& wanted) {
  std::string out(message);
  // The later field first, so that the place of the other one stays.
  for (const auto& [number, condition] :
       std::array{std::pair(kApplicationAck, wanted.application), std::pair(kAcceptAck, wanted.accept)}) {
    if (condition == AckCondition::as_sent) continue;
    const std::string_view line = header_line(out);
    const char separator = separator_of(line);
    if (separator == '\0') return out;
    const Place place = find(line, separator, number);
    const std::string value = std::string(static_cast<std::size_t>(place.missing), separator) + std::string(name_of(condition));
    out.replace(place.begin, place.end - place.begin, value);
  }
  return out;
}

Expect expected(const Asked& asked, bool waits_for_application) {
  const bool enhanced = asked.accept != AckCondition::as_sent || asked.application != AckCondition::as_sent;
  if (!enhanced || says_yes(asked.accept)) return Expect::answer;
  if (waits_for_application) return Expect::application_only;
  if (says_yes(asked.application)) return Expect::answer;
  const bool refuses = asked.accept == AckCondition::on_error || asked.application == AckCondition::on_error;
  return refuses ? Expect::refusal_only : Expect::nothing;
}

bool wants(plan::AckCondition condition, bool accepted) {
  switch (condition) {
    case plan::AckCondition::always: return true;
    case plan::AckCondition::on_success: return accepted;
    case plan::AckCondition::on_error: return !accepted;
    case plan::AckCondition::never:
    case plan::AckCondition::as_sent: return false;
  }
  SMARTHL7_UNREACHABLE("a condition of no kind");
}

bool is_enhanced(const Asked& asked) {
  return asked.accept != plan::AckCondition::as_sent || asked.application != plan::AckCondition::as_sent;
}

}  // namespace smarthl7::flow
