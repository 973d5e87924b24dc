// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

#include <algorithm>
#include <string>

namespace smarthl7::builtins {
namespace {

constexpr const Function* kAll[] = {
    &kAbs,
    &kAfter,
    &kAfterLast,
    &kAscii,
    &kBefore,
    &kBeforeLast,
    &kCeiling,
    &kCheckDigit,
    &kCheckDigitFits,
    &kCollapse,
    &kComparator,
    &kContains,
    &kConvert,
    &kConvertSubstance,
    &kCountryAlpha2,
    &kCountryAlpha3,
    &kDecodeBase64,
    &kDecodeHex,
    &kDecodeUrl,
    &kDigits,
    &kDisplayName,
    &kEncodeBase64,
    &kEncodeHex,
    &kEncodeUrl,
    &kEndsWith,
    &kFamilyName,
    &kFixed,
    &kFloor,
    &kFormatNhsNumber,
    &kGivenName,
    &kInRange,
    &kInitials,
    &kIsBlank,
    &kIsBsn,
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
    &kIsUnit,
    &kIsUuid,
    &kLeft,
    &kLength,
    &kLetters,
    &kLower,
    &kMax,
    &kMiddleNames,
    &kMin,
    &kModulo,
    &kNameSuffix,
    &kNumber,
    &kNumberIn,
    &kNumberWithComma,
    &kOidToUuid,
    &kOnly,
    &kPadLeft,
    &kPadRight,
    &kPhoneE164,
    &kPosition,
    &kPrintable,
    &kRepeat,
    &kReplace,
    &kReverse,
    &kRight,
    &kRound,
    &kRoundEven,
    &kRoundSignificant,
    &kSameIgnoringCase,
    &kSha256,
    &kSign,
    &kSoundex,
    &kStartsWith,
    &kStateCode,
    &kStateName,
    &kSubstring,
    &kText,
    &kTitle,
    &kTrim,
    &kTrimLeft,
    &kTrimRight,
    &kTruncate,
    &kUcum,
    &kUpper,
    &kUuidOf,
    &kUuidToOid,
    &kWithout,
    &kWithoutAccents,
};

}  // namespace

std::span<const Function* const> all_functions() { return kAll; }

const Function* find_function(std::string_view name) {
  const auto* const found =
      std::lower_bound(std::begin(kAll), std::end(kAll), name,
                       [](const Function* function, std::string_view wanted) { return function->name < wanted; });
  return found != std::end(kAll) && (*found)->name == name ? *found : nullptr;
}

std::string signature(const Function& function) {
  std::string text(function.name);
  text += '(';
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    if (i > 0) text += ", ";
    text.append(function.parameters[i].name).append(" : ").append(name_of(function.parameters[i].type));
  }
  if (function.repeats) text += ", ...";
  return text.append(") -> ").append(name_of(function.result));
}

}  // namespace smarthl7::builtins
