// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

#include <algorithm>
#include <string>

namespace smarthl7::builtins {
namespace {

constexpr const Function* kAll[] = {
    &kAbs, &kAfter, &kAfterLast, &kAscii, &kBefore, &kBeforeLast, &kCeiling, &kCheckDigit, &kCheckDigitFits, &kCodeWithMeaning, &kCollapse, &kComparator, &kContains, &kConvert, &kConvertSubstance, &kCountryAlpha2, &kCountryAlpha3, &kDate, &kDecodeBase64, &kDecodeHex, &kDecodeUrl, &kDigits, &kEncodeBase64, &kEncodeHex, &kEncodeUrl, &kEndsWith, &kFamilyName, &kFixed, &kFloor, &kFormatName, &kFormatNhsNumber, &kGivenName, &kInRange, &kInitials, &kIsBlank, &kIsBsn, &kIsCode, &kIsDate, &kIsDeaNumber, &kIsKvnr, &kIsLuhn, &kIsMbi, &kIsNhsNumber, &kIsNpi, &kIsNumber, &kIsOid, &kIsPostalCode, &kIsSsn, &kIsTime, &kIsTimestamp, &kIsUnit, &kIsUuid, &kLeft, &kLength, &kLetters, &kLower, &kMax, &kMeaning, &kMiddleNames, &kMin, &kModulo, &kNameSuffix, &kNumber, &kNumberIn, &kNumberWithComma, &kOidToUuid, &kOnly, &kPadLeft, &kPadRight, &kPhoneE164, &kPosition, &kPrintable, &kRepeat, &kReplace, &kReverse, &kRight, &kRound, &kRoundEven, &kRoundSignificant, &kSameIgnoringCase, &kSha256, &kSign, &kSoundex, &kStartsWith, &kStateCode, &kStateName, &kSubstring, &kText, &kTime, &kTimestamp, &kTitle, &kTrim, &kTrimLeft, &kTrimRight, &kTruncate, &kUcum, &kUpper, &kUuidOf, &kUuidToOid, &kWithout, &kWithoutAccents,
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
