// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "stdlib/base/digest.h"
#include "stdlib/base/protect.h"
#include "stdlib/base/result.h"
#include "stdlib/base/time.h"

namespace smarthl7 {
namespace {

static_assert(!fmt::is_formattable<Secret>::value, "a secret must not print");
static_assert(!fmt::is_formattable<Phi<std::string>>::value, "patient data must not print");

TEST(Digest, KnownAnswers) {
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c("56789", crc32c("1234")), 0xE3069283U);
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Digest, SipHash128OfTheReferenceVector) {  // key 00..0f, empty input: a3817f04ba25a8e66df67214c7550293
  HashKey key{};
  for (unsigned char i = 0; i < 16; ++i) key[i] = i;
  const Hash128 hash = keyed_hash(key, "");
  EXPECT_EQ(hash.low, 0xe6a825ba047f81a3ULL);
  EXPECT_EQ(hash.high, 0x930255c71472f66dULL);
}

TEST(Time, Formats) {
  const WallTime time{Micros{1'795'411'572'123'456}};
  EXPECT_EQ(to_iso8601(time), "2026-11-23T05:26:12.123456Z");
  EXPECT_EQ(to_hl7_timestamp(time), "20261123052612+0000");
}

Result<int> half(int value) {
  if (value % 2 != 0) return fail(ErrorCode::invalid, "odd");
  return value / 2;
}

Result<int> quarter(int value) {
  TRY(const int once, half(value));
  TRY(const int twice, half(once));
  return twice;
}

TEST(Result, TryPassesValueOrError) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().text, "odd");
  const auto wrapped = fail(ErrorCode::io, "reading", Error{ErrorCode::invalid, "odd", nullptr});
  EXPECT_EQ(wrapped.error().describe(), "reading: odd");
}

}  // namespace
}  // namespace smarthl7
