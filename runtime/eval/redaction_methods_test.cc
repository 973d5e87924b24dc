// SPDX-License-Identifier: Apache-2.0
// The methods of a redaction, value by value.
#include "runtime/eval/redaction_methods.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include "stdlib/base/digest.h"

namespace smarthl7::eval {
namespace {

template <class F>
std::string made(F&& f) {
  std::string out;
  f(out);
  return out;
}
std::string year(std::string_view text, std::optional<int> reference) {
  return made([&](std::string& out) { cut_to_year(text, reference, out); });
}
std::string zip(std::string_view text) {
  return made([&](std::string& out) { cut_zip(text, out); });
}
std::string moved(std::string_view text, int days) {
  return made([&](std::string& out) { shift_date(text, days, out); });
}
std::string masked(std::string_view text, std::uint32_t shown, bool shape = false) {
  return made([&](std::string& out) { mask(text, shown, shape, out); });
}

TEST(RedactionMethods, aDateIsCutToItsYear) {
  EXPECT_EQ(year("19700102", 2026), "1970");
  EXPECT_EQ(year("197001021530.1234+0100", 2026), "");  // no such form
  EXPECT_EQ(year("19700102153059.1234+0100", 2026), "1970");
  EXPECT_EQ(year("1970", 2026), "1970");
  EXPECT_EQ(year("19700230", 2026), "");
  EXPECT_EQ(year("Smith", 2026), "");
  EXPECT_EQ(year("", 2026), "");
}

TEST(RedactionMethods, agesOverEightyNineAreOne) {
  EXPECT_EQ(year("19370101", 2026), "1937");  // 88 or 89
  EXPECT_EQ(year("19361231", 2026), "1936");  // 89 or 90
  EXPECT_EQ(year("19351231", 2026), "1936");
  EXPECT_EQ(year("19010101", 2026), "1936");
  EXPECT_EQ(year("19700102", std::nullopt), "");  // nobody knows how old that makes them
  for (const auto& [age, left] :
       {std::pair{"0", "0"}, {"89", "89"}, {"90", "90"}, {"91", "90"}, {"104", "90"}, {"old", ""}, {"-1", ""}}) {
    EXPECT_EQ(made([&](std::string& out) { fold_age(age, out); }), left) << age;
  }
  EXPECT_EQ(ninety_years_in("a"), 90);
  EXPECT_EQ(ninety_years_in(""), 90);
  EXPECT_EQ(ninety_years_in("mo"), 1080);
  EXPECT_EQ(ninety_years_in("mg"), std::nullopt);
}

TEST(RedactionMethods, zipCodesKeepThreeDigitsOrNone) {
  EXPECT_EQ(zip("02139"), "021");
  EXPECT_EQ(zip("02139-1234"), "021");
  EXPECT_EQ(zip("021391234"), "021");
  EXPECT_EQ(zip("021"), "021");  // a second time changes nothing
  EXPECT_EQ(zip("036"), "000");
  for (const char* sparse : {"03601", "05901", "06390", "10201", "20301", "55601", "69201", "79001", "82101", "82301", "83001",
                             "83101", "87801", "87901", "88401", "89001", "89301"}) {
    EXPECT_EQ(zip(sparse), "000") << sparse;  // 2000 Census
  }
  for (const char* sparse : {"20501", "36901", "75301", "77201"}) EXPECT_EQ(zip(sparse), "000") << sparse;  // 2010 Census
  for (const char* other : {"", "0213", "K1A 0B1", "SW1A", "021391", "02139 Boston", "0213912345"})
    EXPECT_EQ(zip(other), "") << other;
}

TEST(RedactionMethods, datesMoveAndStayAsPreciseAsTheyWere) {
  EXPECT_EQ(moved("20240228", 1), "20240229");
  EXPECT_EQ(moved("20240228", 2), "20240301");
  EXPECT_EQ(moved("20240101093000.1234-0500", -1), "20231231093000.1234-0500");
  EXPECT_EQ(moved("202401", 40), "202402");
  EXPECT_EQ(moved("202401", -1), "202401");
  EXPECT_EQ(moved("2024", 200), "2025");
  EXPECT_EQ(moved("2024", 10), "2024");
  EXPECT_EQ(moved("20240230", 1), "");
  EXPECT_EQ(moved("Smith", 1), "");
}

TEST(RedactionMethods, daysFollowFromTheKeyAndAreNeverNone) {
  std::set<int> seen;
  for (int i = 0; i < 2000; ++i) {
    const std::string key = std::to_string(i);
    const int days = days_of("secret", key, 30);
    EXPECT_NE(days, 0);
    EXPECT_GE(days, -30);
    EXPECT_LE(days, 30);
    EXPECT_EQ(days, days_of("secret", key, 30));
    seen.insert(days);
  }
  EXPECT_EQ(seen.size(), 60U);
  EXPECT_EQ(days_of("a", "1", 1) == 1 || days_of("a", "1", 1) == -1, true);
}

TEST(RedactionMethods, aHashIsThatOfTheStandardInBase32) {
  // RFC 4231, test case 2: the key "Jefe".
  const std::string full = made([](std::string& out) { hash("Jefe", "what do ya want for nothing?", 52, out); });
  const Sha256 digest = hmac_sha256("Jefe", "what do ya want for nothing?");
  EXPECT_EQ(to_hex(digest).substr(0, 16), "5bdcc146bf60754e");
  EXPECT_EQ(full.size(), 52U);
  std::string back;  // bits of the text again
  unsigned bits = 0, held = 0;
  for (const char c : full) {
    bits = (bits << 5U) | static_cast<unsigned>(c >= 'A' ? c - 'A' : c - '2' + 26);
    held += 5;
    if (held >= 8) {
      held -= 8;
      back += static_cast<char>(bits >> held & 0xFFU);
    }
  }
  EXPECT_EQ(back, std::string(reinterpret_cast<const char*>(digest.data()), digest.size()));
  EXPECT_EQ(made([](std::string& out) { hash("Jefe", "what do ya want for nothing?", 16, out); }), full.substr(0, 16));
  EXPECT_NE(made([](std::string& out) { hash("jefe", "what do ya want for nothing?", 16, out); }), full.substr(0, 16));
}

TEST(RedactionMethods, aMaskSaysAtMostWhatItWasAskedTo) {
  EXPECT_EQ(masked("Smith", 0), "***");
  EXPECT_EQ(masked("A", 0), "***");
  EXPECT_EQ(masked("123456789", 4), "*****6789");
  EXPECT_EQ(masked("1234", 4), "****");  // all of it would stand there
  EXPECT_EQ(masked("M\xC3\xBCller", 2), "****er");
  EXPECT_EQ(masked("O'Brien-M\xC3\xBC 7", 0, true), "X'Xxxxx-Xx 9");
}

RedactionNode node_of(hl7::PhiKind kind, std::uint8_t component = 1, std::string_view type = "ST") {
  RedactionNode node;
  node.kind = kind;
  node.component = component;
  node.form = hl7::primitive_of(type);
  return node;
}

TEST(RedactionMethods, whatIsMadeUpCannotBeTakenForReal) {
  const auto make = [](const RedactionNode& node, std::string_view text, std::string_view secret = "secret") {
    return made([&](std::string& out) { make_up(secret, node, text, out); });
  };
  using hl7::PhiKind;
  EXPECT_EQ(make(node_of(PhiKind::phone), "(617)253-0000").substr(0, 11), "(555)555-01");
  EXPECT_EQ(make(node_of(PhiKind::phone, 6, "NM"), "617"), "555");
  EXPECT_EQ(make(node_of(PhiKind::ssn), "123-45-6789").substr(0, 4), "000-");
  EXPECT_EQ(make(node_of(PhiKind::zip), "02139").substr(0, 3), "000");
  EXPECT_TRUE(make(node_of(PhiKind::email), "a@b.example").ends_with("@example.com"));
  EXPECT_TRUE(make(node_of(PhiKind::mrn), "1001").starts_with("SYN"));
  EXPECT_EQ(make(node_of(PhiKind::text), "free text"), "");
  EXPECT_EQ(make(node_of(PhiKind::photo), "bytes"), "");
  const RedactionNode date = node_of(PhiKind::date, 1, "DTM");
  EXPECT_EQ(make(date, "197001").size(), 6U);
  EXPECT_TRUE(hl7::read_timestamp(make(date, "19700101120000")).has_value());
  EXPECT_EQ(make(date, "Smith"), "");
  // The same value by the same, another secret by another; and of many names some are alike, so none leads back.
  const RedactionNode name = node_of(PhiKind::name);
  EXPECT_EQ(make(name, "Smith"), make(name, "Smith"));
  std::set<std::string> names;
  std::size_t same = 0;
  for (int i = 0; i < 500; ++i) {
    const std::string text = "Name" + std::to_string(i);
    names.insert(make(name, text));
    same += make(name, text) == make(name, text, "other") ? 1U : 0U;
  }
  EXPECT_EQ(names.size(), 32U);
  EXPECT_LT(same, 60U);
}

}  // namespace
}  // namespace smarthl7::eval
