// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

#include <algorithm>
#include <string>

namespace smarthl7::builtins {
namespace {

constexpr const Function* kAll[] = {
    &kAbs,
    &kAddMonths,
    &kAfter,
    &kAfterLast,
    &kAscii,
    &kAtTime,
    &kBefore,
    &kBeforeLast,
    &kCeiling,
    &kCheckDigit,
    &kCheckDigitFits,
    &kCodeWithMeaning,
    &kCollapse,
    &kComparable,
    &kComparator,
    &kContains,
    &kConvert,
    &kConvertSubstance,
    &kCount,
    &kCountryAlpha2,
    &kCountryAlpha3,
    &kDate,
    &kDay,
    &kDaysBetween,
    &kDecodeBase64,
    &kDecodeHex,
    &kDecodeUrl,
    &kDigits,
    &kDistinct,
    &kEncodeBase64,
    &kEncodeHex,
    &kEncodeUrl,
    &kEndsWith,
    &kFamilyName,
    &kFill,
    &kFirstOf,
    &kFixed,
    &kFloor,
    &kFormat,
    &kFormatName,
    &kFormatNhsNumber,
    &kFromUnixTime,
    &kGivenName,
    &kHour,
    &kInRange,
    &kInZone,
    &kIndexOf,
    &kInitials,
    &kIsBlank,
    &kIsBsn,
    &kIsCode,
    &kIsDate,
    &kIsDeaNumber,
    &kIsKvnr,
    &kIsLuhn,
    &kIsMbi,
    &kIsNhsNumber,
    &kIsNpi,
    &kIsNumber,
    &kIsOid,
    &kIsPostalCode,
    &kIsSsn,
    &kIsTime,
    &kIsTimestamp,
    &kIsUnit,
    &kIsUuid,
    &kItem,
    &kJoin,
    &kLastOf,
    &kLeft,
    &kLength,
    &kLetters,
    &kLower,
    &kMax,
    &kMeaning,
    &kMiddleNames,
    &kMin,
    &kMinute,
    &kModulo,
    &kMonth,
    &kMonthsBetween,
    &kNameSuffix,
    &kNumber,
    &kNumberIn,
    &kNumberWithComma,
    &kOffsetOf,
    &kOidToUuid,
    &kOnly,
    &kPadLeft,
    &kPadRight,
    &kParseDate,
    &kParseTime,
    &kParseTimestamp,
    &kPhoneE164,
    &kPosition,
    &kPrecisionOf,
    &kPrintable,
    &kRepeat,
    &kReplace,
    &kReverse,
    &kReversed,
    &kRight,
    &kRound,
    &kRoundEven,
    &kRoundSignificant,
    &kSameIgnoringCase,
    &kSecond,
    &kSha256,
    &kSign,
    &kSlice,
    &kSorted,
    &kSoundex,
    &kSplit,
    &kStartsWith,
    &kStateCode,
    &kStateName,
    &kSubstring,
    &kSum,
    &kText,
    &kTime,
    &kTimestamp,
    &kTitle,
    &kTrim,
    &kTrimLeft,
    &kTrimRight,
    &kTruncate,
    &kUcum,
    &kUnixTime,
    &kUpper,
    &kUuidOf,
    &kUuidToOid,
    &kWeekday,
    &kWithZone,
    &kWithout,
    &kWithoutAccents,
    &kWithoutBlanks,
    &kWithoutOffset,
    &kYear,
    &kYearsBetween,
};

}  // namespace

std::span<const Function* const> all_functions() { return kAll; }

const Function* find_function(std::string_view name) {
  const auto* const found =
      std::lower_bound(std::begin(kAll), std::end(kAll), name,
                       [](const Function* function, std::string_view wanted) { return function->name < wanted; });
  return found != std::end(kAll) && (*found)->name == name ? *found : nullptr;
}

std::string_view name_of(Group group) {
  switch (group) {
    case Group::text: return "text";
    case Group::numbers: return "numbers";
    case Group::dates: return "dates";
    case Group::codes: return "codes";
    case Group::identifiers: return "identifiers";
    case Group::names: return "names";
    case Group::lists: return "lists";
    case Group::units: return "units";
    case Group::hashing: return "hashing";
  }
  return {};
}

std::size_t Function::least() const {
  const auto left_out = std::find_if(parameters.begin(), parameters.end(), [](const Parameter& p) { return p.optional; });
  return static_cast<std::size_t>(left_out - parameters.begin());
}

std::string signature(const Function& function) {
  std::string text(function.name);
  text += '(';
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    const Parameter& parameter = function.parameters[i];
    if (i > 0) text += ", ";
    if (parameter.optional) text += '[';
    text.append(parameter.name).append(" : ").append(parameter.list ? "list of " : "").append(name_of(parameter.type));
    if (parameter.optional) text += ']';
  }
  if (function.repeats) text += ", ...";
  text.append(") -> ").append(function.can_be_absent.empty() ? "" : "optional ").append(function.result_list ? "list of " : "");
  if (function.result != Type::same) return text.append(name_of(function.result));
  const Parameter& first = function.parameters.front();
  const bool plain = first.type != Type::any && first.type != Type::moment && first.type != Type::text_or_moment;
  return text.append(plain ? name_of(first.type) : name_of(Type::same));
}

}  // namespace smarthl7::builtins
