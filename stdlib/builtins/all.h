// SPDX-License-Identifier: Apache-2.0
// The builtin functions of the route language: the one explicit list. A new function is a file of its own, a line here and a
// line in all.cc. Constants; any thread.
#pragma once

#include <span>
#include <string_view>

#include "stdlib/builtins/function.h"

namespace smarthl7::builtins {

extern const Function kAbs;
extern const Function kAddMonths;
extern const Function kAfter;
extern const Function kAfterLast;
extern const Function kAscii;
extern const Function kAtTime;
extern const Function kBefore;
extern const Function kBeforeLast;
extern const Function kCeiling;
extern const Function kCheckDigit;
extern const Function kCheckDigitFits;
extern const Function kCodeWithMeaning;
extern const Function kCollapse;
extern const Function kComparator;
extern const Function kComparable;
extern const Function kContains;
extern const Function kConvert;
extern const Function kConvertSubstance;
extern const Function kCount;
extern const Function kCountryAlpha2;
extern const Function kCountryAlpha3;
extern const Function kDate;
extern const Function kDay;
extern const Function kDaysBetween;
extern const Function kDecodeBase64;
extern const Function kDecodeHex;
extern const Function kDecodeUrl;
extern const Function kDigits;
extern const Function kDistinct;
extern const Function kEncodeBase64;
extern const Function kEncodeHex;
extern const Function kEncodeUrl;
extern const Function kEndsWith;
extern const Function kFamilyName;
extern const Function kFill;
extern const Function kFirstOf;
extern const Function kFixed;
extern const Function kFloor;
extern const Function kFormat;
extern const Function kFormatName;
extern const Function kFormatNhsNumber;
extern const Function kFromUnixTime;
extern const Function kGivenName;
extern const Function kHour;
extern const Function kInRange;
extern const Function kInZone;
extern const Function kIndexOf;
extern const Function kInitials;
extern const Function kIsBlank;
extern const Function kIsBsn;
extern const Function kIsCode;
extern const Function kIsDate;
extern const Function kIsDeaNumber;
extern const Function kIsKvnr;
extern const Function kIsLuhn;
extern const Function kIsMbi;
extern const Function kIsNhsNumber;
extern const Function kIsNpi;
extern const Function kIsNumber;
extern const Function kIsOid;
extern const Function kIsPostalCode;
extern const Function kIsSsn;
extern const Function kIsTime;
extern const Function kIsTimestamp;
extern const Function kIsUnit;
extern const Function kIsUuid;
extern const Function kItem;
extern const Function kJoin;
extern const Function kLastOf;
extern const Function kLeft;
extern const Function kLength;
extern const Function kLetters;
extern const Function kLower;
extern const Function kMax;
extern const Function kMeaning;
extern const Function kMiddleNames;
extern const Function kMin;
extern const Function kMinute;
extern const Function kModulo;
extern const Function kMonth;
extern const Function kMonthsBetween;
extern const Function kNameSuffix;
extern const Function kNumber;
extern const Function kNumberIn;
extern const Function kNumberWithComma;
extern const Function kOffsetOf;
extern const Function kOidToUuid;
extern const Function kOnly;
extern const Function kPadLeft;
extern const Function kPadRight;
extern const Function kParseDate;
extern const Function kParseTime;
extern const Function kParseTimestamp;
extern const Function kPhoneE164;
extern const Function kPosition;
extern const Function kPrecisionOf;
extern const Function kPrintable;
extern const Function kRepeat;
extern const Function kReplace;
extern const Function kReverse;
extern const Function kReversed;
extern const Function kRight;
extern const Function kRound;
extern const Function kRoundEven;
extern const Function kRoundSignificant;
extern const Function kSameIgnoringCase;
extern const Function kSecond;
extern const Function kSha256;
extern const Function kSign;
extern const Function kSlice;
extern const Function kSorted;
extern const Function kSoundex;
extern const Function kSplit;
extern const Function kStartsWith;
extern const Function kStateCode;
extern const Function kStateName;
extern const Function kSubstring;
extern const Function kSum;
extern const Function kText;
extern const Function kTime;
extern const Function kTimestamp;
extern const Function kTitle;
extern const Function kTrim;
extern const Function kTrimLeft;
extern const Function kTrimRight;
extern const Function kTruncate;
extern const Function kUcum;
extern const Function kUnixTime;
extern const Function kUpper;
extern const Function kUuidOf;
extern const Function kUuidToOid;
extern const Function kWeekday;
extern const Function kWithZone;
extern const Function kWithout;
extern const Function kWithoutAccents;
extern const Function kWithoutBlanks;
extern const Function kWithoutOffset;
extern const Function kYear;
extern const Function kYearsBetween;

/// All of them, sorted by name.
[[nodiscard]] std::span<const Function* const> all_functions();
/// Null if there is none of that name.
[[nodiscard]] const Function* find_function(std::string_view name);

}  // namespace smarthl7::builtins
