// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/charset.h"

#include <gtest/gtest.h>
#include <iconv.h>

#include "stdlib/hl7/charset_message.h"
#include "tests/support/seeded.h"

namespace smarthl7::hl7 {
namespace {

TextEncoding plain(Charset set) {
  TextEncoding encoding;
  encoding.base = set;
  return encoding;
}

TextEncoding switched(Charset base, std::initializer_list<Charset> alternates, Switching how = Switching::iso2022) {
  TextEncoding encoding = plain(base);
  for (const Charset set : alternates) encoding.alternates[encoding.alternate_count++] = set;
  encoding.switching = how;
  return encoding;
}

struct Decoded {
  std::string text;
  std::uint64_t misfits = 0;
  friend bool operator==(const Decoded&, const Decoded&) = default;
};
std::ostream& operator<<(std::ostream& out, const Decoded& decoded) { return out << decoded.text << " " << decoded.misfits; }

Decoded decode(const TextEncoding& encoding, std::string_view bytes) {
  std::string buffer;
  Misfits misfits;
  const std::string text(to_utf8(encoding, bytes, buffer, &misfits));
  return {text, misfits.count};
}

std::optional<std::string> encode(const TextEncoding& encoding, std::string_view text) {
  std::string buffer;
  const auto bytes = from_utf8(encoding, text, buffer);
  if (!bytes) return std::nullopt;
  return std::string(*bytes);
}

/// What the C library makes of one string; nothing if it cannot.
std::optional<std::string> library(const char* to, const char* from, std::string in) {
  const iconv_t handle = iconv_open(to, from);
  if (handle == reinterpret_cast<iconv_t>(-1)) return "the C library does not have the set";
  std::string out(in.size() * 4 + 16, '\0');
  char* source = in.data();
  char* target = out.data();
  std::size_t left = in.size();
  std::size_t room = out.size();
  const bool done = iconv(handle, &source, &left, &target, &room) != static_cast<std::size_t>(-1);
  iconv_close(handle);
  if (!done) return std::nullopt;
  out.resize(out.size() - room);
  return out;
}

struct Single {
  Charset set;
  const char* name;
};
constexpr Single kSingles[] = {
    {Charset::iso8859_1, "ISO-8859-1"}, {Charset::iso8859_2, "ISO-8859-2"},   {Charset::iso8859_3, "ISO-8859-3"},
    {Charset::iso8859_4, "ISO-8859-4"}, {Charset::iso8859_5, "ISO-8859-5"},   {Charset::iso8859_6, "ISO-8859-6"},
    {Charset::iso8859_7, "ISO-8859-7"}, {Charset::iso8859_8, "ISO-8859-8"},   {Charset::iso8859_9, "ISO-8859-9"},
    {Charset::ascii, "ASCII"},          {Charset::iso8859_15, "ISO-8859-15"}, {Charset::windows_1252, "WINDOWS-1252"}};

TEST(Charset, EveryByteOfASingleByteSetIsWhatTheLibrarySays) {
  for (const Single& one : kSingles) {
    int characters = 0;
    for (int value = 0; value < 256; ++value) {
      const std::string byte(1, static_cast<char>(value));
      const Decoded ours = decode(plain(one.set), byte);
      const auto theirs = library("UTF-8", one.name, byte);
      EXPECT_EQ(ours.misfits == 0, theirs.has_value()) << one.name << " " << value;
      if (theirs) {
        EXPECT_EQ(ours.text, *theirs) << one.name << " " << value;
      }
      EXPECT_EQ(encode(plain(one.set), ours.text), byte) << one.name << " " << value << ": round trip, misfit or not";
      characters += ours.misfits == 0 ? 1 : 0;
    }
    EXPECT_GE(characters, 128) << one.name;
  }
}

TEST(Charset, EveryCharacterThatASetDoesNotHaveIsRefused) {
  for (const Single& one : kSingles) {
    int written = 0;
    for (char32_t code = 0; code < 0x2200; ++code) {
      std::string text;
      if (code < 0x80) {
        text = {static_cast<char>(code)};
      } else if (code < 0x800) {
        text = {static_cast<char>(0xC0U | (code >> 6U)), static_cast<char>(0x80U | (code & 0x3FU))};
      } else {
        text = {static_cast<char>(0xE0U | (code >> 12U)), static_cast<char>(0x80U | ((code >> 6U) & 0x3FU)),
                static_cast<char>(0x80U | (code & 0x3FU))};
      }
      EXPECT_EQ(encode(plain(one.set), text), library(one.name, "UTF-8", text))
          << one.name << " " << static_cast<std::uint32_t>(code);
      written += encode(plain(one.set), text).has_value() ? 1 : 0;
    }
    EXPECT_GE(written, 128) << one.name;
  }
}

TEST(Charset, UnfitCharactersHaveTheirPlace) {
  std::string buffer;
  std::size_t unfit = 0;
  EXPECT_FALSE(from_utf8(plain(Charset::iso8859_1), "M\xC3\xBCller \xE2\x82\xAC", buffer, &unfit));
  EXPECT_EQ(unfit, 8U);
  EXPECT_FALSE(from_utf8(plain(Charset::ascii), "M\xC3\xBCller", buffer, &unfit));
  EXPECT_EQ(unfit, 1U);
  EXPECT_FALSE(from_utf8(plain(Charset::gb18030), "a\xFF", buffer, &unfit)) << "not UTF-8, and no kept byte";
  EXPECT_EQ(unfit, 1U);
  Misfits misfits;
  static_cast<void>(to_utf8(plain(Charset::ascii), "Zo\xEB \xEB", buffer, &misfits));
  EXPECT_EQ(misfits.count, 2U);
  EXPECT_EQ(misfits.first, 2U);
}

TEST(Charset, AsciiIsNotCopied) {
  const std::string_view text = "SMITH^JOHN";
  std::string buffer;
  for (std::size_t n = 0; n < kCharsetCount; ++n) {
    const auto set = static_cast<Charset>(n);
    if (set == Charset::iso_ir14) continue;
    EXPECT_EQ(to_utf8(plain(set), text, buffer).data(), text.data()) << name_of(set);
    EXPECT_EQ(from_utf8(plain(set), text, buffer)->data(), text.data()) << name_of(set);
  }
  EXPECT_EQ(buffer.capacity(), std::string().capacity());
}

// Made with the codecs of Python 3.11: gb18030, big5, euc_kr, euc_jp; EUC-TW with iconv.
TEST(Charset, MultiByteSamples) {
  struct Sample {
    Charset set;
    std::string_view text;
    std::string_view bytes;
  };
  const Sample samples[] = {
      {Charset::gb18030, "张三 亅 𠀀 €",
       "\xD5\xC5\xC8\xFD \x81| \x95"
       "2\x82"
       "6 \xA2\xE3"},
      {Charset::big5, "許功蓋 王小明", "\xB3\x5C\xA5\x5C\xBB\x5C \xA4\xFD\xA4p\xA9\xFA"},
      {Charset::ks_x_1001, "홍길동 서울", "\xC8\xAB\xB1\xE6\xB5\xBF \xBC\xAD\xBF\xEF"},
      {Charset::cns11643, "王小明", "\xC5\xDE\xC4\xD1\xCD\xFC"},
      {Charset::utf8, "Grüße 😀",
       "Gr\xC3\xBC\xC3\x9F"
       "e \xF0\x9F\x98\x80"},
      {Charset::iso_ir14, "¥100 ｱｲｳ", "\\100 \xB1\xB2\xB3"},
  };
  for (const Sample& sample : samples) {
    EXPECT_EQ(decode(plain(sample.set), sample.bytes), (Decoded{std::string(sample.text), 0}));
    EXPECT_EQ(encode(plain(sample.set), sample.text), sample.bytes);
  }
}

TEST(Charset, BytesThatAreNoCharacterAreKept) {
  for (const Charset set : {Charset::ascii, Charset::iso8859_6, Charset::gb18030, Charset::big5, Charset::ks_x_1001,
                            Charset::cns11643, Charset::iso_ir14, Charset::windows_1252, Charset::iso8859_3}) {
    testing::Seeded random(static_cast<std::uint64_t>(set) + 1);
    for (int round = 0; round < 500; ++round) {
      std::string bytes;
      for (std::uint64_t n = 1 + random.below(12); n > 0; --n) bytes.push_back(static_cast<char>(random.below(256)));
      const Decoded decoded = decode(plain(set), bytes);
      std::string buffer;
      std::string again;
      const auto encoded = encode(plain(set), decoded.text);
      ASSERT_TRUE(encoded) << name_of(set);
      if (decoded.misfits > 0 || set != Charset::big5) {
        EXPECT_EQ(decode(plain(set), *encoded).text, decoded.text) << name_of(set);
      }
      if (set != Charset::big5 && set != Charset::gb18030) {
        EXPECT_EQ(*encoded, bytes) << name_of(set);
      }
    }
  }
  // A sender that says ASCII and sends 8859/1: nothing is lost, nothing is replaced.
  const Decoded lie = decode(plain(Charset::ascii), "M\xFCller");
  EXPECT_EQ(lie, (Decoded{"M\xED\xB3\xBCller", 1}));
  EXPECT_EQ(encode(plain(Charset::ascii), lie.text), "M\xFCller");
  EXPECT_EQ(encode(plain(Charset::utf8), lie.text), "M\xFCller");
  EXPECT_EQ(decode(plain(Charset::utf8), "M\xFCller"), (Decoded{"M\xFCller", 1}));
}

TEST(Charset, SpelledIsAlwaysUtf8) {
  EXPECT_EQ(spelled("Müller"), "Müller");
  EXPECT_EQ(spelled("M\xFCller \xED\xB3\xBC \xC3"), "M\\xFCller \\xFC \\xC3");
  EXPECT_EQ(spelled(""), "");
}

TEST(Charset, Utf8ByUnicodesRules) {
  for (const std::string_view right : {"", "a", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                                       "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(utf8_misfits(right).count, 0U) << right;
  }
  for (const std::string_view wrong : {"\x80", "\xC0\xAF", "\xC1\xBF", "\xC3", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF",
                                       "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    EXPECT_GT(utf8_misfits(wrong).count, 0U) << wrong;
  }
  for (std::size_t size = 0; size < 200; ++size) {
    std::string text(size, 'a');
    EXPECT_TRUE(is_ascii(text));
    for (std::size_t at = 0; at < size; ++at) {
      text[at] = '\x80';
      EXPECT_FALSE(is_ascii(text)) << size << " " << at;
      EXPECT_EQ(utf8_misfits(text).first, at);
      text[at] = 'a';
    }
  }
}

// Bytes from Python's iso2022_jp and iso2022_jp_1.
TEST(Charset, Iso2022) {
  const TextEncoding japanese = switched(Charset::ascii, {Charset::iso_ir87, Charset::iso_ir159});
  const std::string_view name = "\x1B$B;3EDB@O:\x1B(B \x1B$B%d%^%@\x1B(B";
  EXPECT_EQ(decode(japanese, name), (Decoded{"山田太郎 ヤマダ", 0}));
  EXPECT_EQ(encode(japanese, "山田太郎 ヤマダ"), name);
  EXPECT_EQ(decode(japanese, "\x1B$(D0!0\x22\x1B(B"), (Decoded{"丂丄", 0}));
  EXPECT_EQ(encode(japanese, "丂丄"), "\x1B$(D0!0\x22\x1B(B");
  EXPECT_EQ(decode(japanese, "\x1B$B;3\r|").text, "山\r|") << "the end of a segment is the end of a designation";
  EXPECT_EQ(decode(japanese, "\x1B$B;").misfits, 1U) << "half a character";
  EXPECT_EQ(decode(japanese, "\x1BZa"), (Decoded{"\x1BZa", 1})) << "no designation";
  EXPECT_FALSE(encode(japanese, "a\x1B(Bb")) << "it would come back as a switch, and so without it";
  EXPECT_EQ(encode(japanese, "\x1BZa\x1B"), "\x1BZa\x1B") << "no switch: kept";
  EXPECT_EQ(decode(japanese, "\xE4").misfits, 1U);
  EXPECT_FALSE(encode(japanese, "홍"));
  EXPECT_EQ(decode(japanese, *encode(japanese, "ü")), (Decoded{"ü", 0})) << "JIS X 0212 has Latin letters";

  const TextEncoding latin = switched(Charset::iso8859_1, {Charset::iso8859_2, Charset::iso8859_5});
  EXPECT_EQ(decode(latin, "\xFC \x1B-B\xB1 \x1B-L\xDF \x1B-A\xFC"), (Decoded{"ü ą п ü", 0}));
  for (const std::string_view text : {"ü ą п ü", "plain", "ąą|ü", "пę^ü"}) {
    EXPECT_EQ(decode(latin, *encode(latin, text)), (Decoded{std::string(text), 0}));
  }
  const TextEncoding korean = switched(Charset::ascii, {Charset::ks_x_1001});
  EXPECT_EQ(encode(korean, "홍a"),
            "\x1B$)C\xC8\xAB"
            "a");
  EXPECT_EQ(decode(korean,
                   "\x1B$)C\xC8\xAB"
                   "a"),
            (Decoded{"홍a", 0}));
}

TEST(Charset, Hl7Switches) {
  const TextEncoding japanese = switched(Charset::ascii, {Charset::iso_ir87, Charset::iso_ir159}, Switching::hl7);
  EXPECT_EQ(decode(japanese, "\\M2442\\;3ED\\C2842\\ Yamada"), (Decoded{"山田 Yamada", 0}));
  EXPECT_EQ(encode(japanese, "山田 Yamada"), "\\M2442\\;3ED\\C2842\\ Yamada");
  EXPECT_EQ(decode(japanese, "\\M242844\\0!\\C2842\\"), (Decoded{"丂", 0}));
  EXPECT_EQ(decode(japanese, "\\M244200\\;3\\C2842\\"), (Decoded{"山", 0})) << "a third value of nothing";
  EXPECT_EQ(decode(japanese, "\\F\\ \\C99\\ \\M2442"), (Decoded{"\\F\\ \\C99\\ \\M2442", 0})) << "what is no switch stays";
  const TextEncoding latin = switched(Charset::iso8859_1, {Charset::iso8859_2}, Switching::hl7);
  EXPECT_EQ(decode(latin, "\\C2D42\\\xB1\\C2D41\\\xFC"), (Decoded{"ąü", 0}));
  EXPECT_EQ(encode(latin, "ąü"), "\\C2D42\\\xB1\\C2D41\\\xFC");
}

TEST(Charset, Names) {
  for (std::size_t n = 0; n < kCharsetCount; ++n) {
    const auto set = static_cast<Charset>(n);
    EXPECT_EQ(find_charset(name_of(set)), set);
    EXPECT_EQ(is_in_table_0211(name_of(set)), set != Charset::windows_1252);
    EXPECT_EQ(is_available(set), can_carry_messages(set)) << name_of(set);
  }
  for (const std::string_view name : {"UTF-8", "utf8", "UNICODE UTF8", "UNICODE"}) EXPECT_EQ(find_charset(name), Charset::utf8);
  for (const std::string_view name : {"ISO-8859-1", "iso8859-1", "ISO 8859/1", "8859-1", "latin1"}) {
    EXPECT_EQ(find_charset(name), Charset::iso8859_1);
    EXPECT_FALSE(is_in_table_0211(name));
  }
  for (const std::string_view name :
       {"", "8859", "8859/10", "8859/16", "ISO", "EBCDIC", "UTF-8\\", "a name that is far too long"}) {
    EXPECT_FALSE(find_charset(name)) << name;
  }
}

}  // namespace
}  // namespace smarthl7::hl7
