// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/charset_switch.h"

#include <algorithm>
#include <optional>

#include "stdlib/hl7/charset_iconv.h"
#include "stdlib/hl7/utf8.h"

namespace smarthl7::hl7 {
namespace {

constexpr char kEsc = '\x1B';

/// What a half of the code table (bytes 20 to 7F: left, A0 to FF: right) can hold.
enum class Half : std::uint8_t {
  nothing,
  ascii,
  roman,     // JIS X 0201 left
  katakana,  // JIS X 0201 right
  latin,     // right half of an 8859 set: see State::latin
  jis_x_0208,
  jis_x_0212,
  ks_x_1001,
  gb2312,
  cns_1,
  cns_2,
};

struct Designation {
  std::string_view final;  // what follows ESC
  bool right = false;
  Half half = Half::ascii;
  Charset charset = Charset::ascii;  // what MSH-18 calls it; of `latin` the set itself
};

// The registered designations (International Register of Coded Character Sets) that HL7's sets and their kin have.
constexpr Designation kDesignations[] = {
    {"(B", false, Half::ascii, Charset::ascii},           {"(J", false, Half::roman, Charset::iso_ir14},
    {"(I", false, Half::katakana, Charset::iso_ir14},     {")I", true, Half::katakana, Charset::iso_ir14},
    {"$B", false, Half::jis_x_0208, Charset::iso_ir87},   {"$@", false, Half::jis_x_0208, Charset::iso_ir87},
    {"$(B", false, Half::jis_x_0208, Charset::iso_ir87},  {"$)B", true, Half::jis_x_0208, Charset::iso_ir87},
    {"$(D", false, Half::jis_x_0212, Charset::iso_ir159}, {"$)D", true, Half::jis_x_0212, Charset::iso_ir159},
    {"$(C", false, Half::ks_x_1001, Charset::ks_x_1001},  {"$)C", true, Half::ks_x_1001, Charset::ks_x_1001},
    {"$A", false, Half::gb2312, Charset::gb18030},        {"$(A", false, Half::gb2312, Charset::gb18030},
    {"$)A", true, Half::gb2312, Charset::gb18030},        {"$(G", false, Half::cns_1, Charset::cns11643},
    {"$)G", true, Half::cns_1, Charset::cns11643},        {"$(H", false, Half::cns_2, Charset::cns11643},
    {"$)H", true, Half::cns_2, Charset::cns11643},        {"-A", true, Half::latin, Charset::iso8859_1},
    {"-B", true, Half::latin, Charset::iso8859_2},        {"-C", true, Half::latin, Charset::iso8859_3},
    {"-D", true, Half::latin, Charset::iso8859_4},        {"-L", true, Half::latin, Charset::iso8859_5},
    {"-G", true, Half::latin, Charset::iso8859_6},        {"-F", true, Half::latin, Charset::iso8859_7},
    {"-H", true, Half::latin, Charset::iso8859_8},        {"-M", true, Half::latin, Charset::iso8859_9},
    {"-b", true, Half::latin, Charset::iso8859_15},
};

[[nodiscard]] bool is_double(Half half) { return half >= Half::jis_x_0208; }
[[nodiscard]] bool is_latin(Charset set) { return set >= Charset::iso8859_1 && set <= Charset::iso8859_15; }

struct State {
  Half left = Half::ascii;
  Half right = Half::nothing;
  Charset latin = Charset::iso8859_1;  // with right == Half::latin
};

[[nodiscard]] State initial(const TextEncoding& encoding) {
  State state;
  if (encoding.base == Charset::iso_ir14) state = {Half::roman, Half::katakana, Charset::iso8859_1};
  if (encoding.base == Charset::ks_x_1001) state.right = Half::ks_x_1001;
  if (encoding.base == Charset::cns11643) state.right = Half::cns_1;
  if (is_latin(encoding.base)) {
    state.right = Half::latin;
    state.latin = encoding.base;
  }
  return state;
}

void designate(const Designation& designation, State& state) {
  (designation.right ? state.right : state.left) = designation.half;
  if (designation.half == Half::latin) state.latin = designation.charset;
}

/// The longest designation at the beginning of text.
[[nodiscard]] const Designation* designation_at(std::string_view text) {
  for (const Designation& one : kDesignations) {
    if (text.starts_with(one.final)) return &one;
  }
  return nullptr;
}

[[nodiscard]] int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

struct Switch {
  const Designation* designation = nullptr;
  std::size_t size = 0;  // bytes of the whole sequence
};

/// A change of sets at the beginning of text, in the form that the message uses.
[[nodiscard]] Switch switch_at(std::string_view text, const TextEncoding& encoding) {
  if (text[0] == kEsc) {
    const Designation* const found = designation_at(text.substr(1));
    return {found, found == nullptr ? 0 : found->final.size() + 1};
  }
  if (encoding.switching != Switching::hl7 || text[0] != encoding.escape || text.size() < 7) return {};
  if (text[1] != 'C' && text[1] != 'M') return {};
  std::array<char, 3> bytes{};
  std::size_t size = 0;
  std::size_t at = 2;
  for (; size < bytes.size() && at + 1 < text.size() && text[at] != encoding.escape; at += 2) {
    const int high = hex_digit(text[at]);
    const int low = hex_digit(text[at + 1]);
    if (high < 0 || low < 0) return {};
    bytes[size++] = static_cast<char>(high * 16 + low);
  }
  if (at >= text.size() || text[at] != encoding.escape) return {};
  std::string_view named(bytes.data(), size);
  while (named.ends_with('\0')) named.remove_suffix(1);  // \M244200\: the third value may be nothing
  const Designation* const found = designation_at(named);
  if (found == nullptr || found->final != named) return {};
  return {found, at + 1};
}

/// Two bytes of a set, each 21 to 7E, as UTF-8. False if they are no character.
[[nodiscard]] bool pair_to_utf8(Half half, unsigned char first, unsigned char second, std::string& out) {
  const char high[2] = {static_cast<char>(first | 0x80U), static_cast<char>(second | 0x80U)};
  std::array<char, 4> bytes{};
  std::size_t size = 0;
  External set = External::euc_jp;
  const auto put = [&](char byte) { bytes[size++] = byte; };
  switch (half) {
    case Half::jis_x_0212: put('\x8F'); break;
    case Half::ks_x_1001: set = External::euc_kr; break;
    case Half::gb2312: set = External::euc_cn; break;
    case Half::cns_1: set = External::euc_tw; break;
    case Half::cns_2:
      set = External::euc_tw;
      put('\x8E');
      put('\xA2');
      break;
    default: break;
  }
  put(high[0]);
  put(high[1]);
  return external_to_utf8(set, std::string_view(bytes.data(), size), out) == size;
}

class Decoder {
 public:
  Decoder(const TextEncoding& encoding, std::string_view bytes, std::string& out, Misfits& misfits)
      : encoding_(encoding), bytes_(bytes), out_(out), misfits_(misfits), state_(initial(encoding)) {}

  void run() {
    while (at_ < bytes_.size()) step();
  }

 private:
  void step() {
    const std::string_view rest = bytes_.substr(at_);
    const auto byte = static_cast<unsigned char>(rest[0]);
    if (byte == '\r' || byte == '\n') {
      state_ = initial(encoding_);
      return keep();
    }
    if (byte == static_cast<unsigned char>(kEsc) || rest[0] == encoding_.escape) {
      const Switch change = switch_at(rest, encoding_);
      if (change.designation != nullptr) {
        designate(*change.designation, state_);
        at_ += change.size;
        return;
      }
      if (byte == static_cast<unsigned char>(kEsc)) {
        misfit();
        return;
      }
    }
    if (byte <= 0x20 || byte == 0x7F) return keep();
    if (encoding_.base == Charset::utf8 && byte >= 0x80 && state_.right == Half::nothing) return utf8_character(rest);
    const Half half = byte < 0x80 ? state_.left : state_.right;
    if (is_double(half)) return pair(half, rest);
    one(half, byte);
  }

  void keep() {
    out_.push_back(bytes_[at_]);
    ++at_;
  }
  void misfit() {
    if (misfits_.count++ == 0) misfits_.first = at_;
    append_kept(bytes_[at_], out_);
    ++at_;
  }
  void utf8_character(std::string_view rest) {
    const Character c = character_at(rest);
    if (c.size == 0) return misfit();
    out_.append(rest.substr(0, c.size));
    at_ += c.size;
  }
  void pair(Half half, std::string_view rest) {
    const auto low7 = [&](std::size_t n) { return static_cast<unsigned char>(static_cast<unsigned char>(rest[n]) & 0x7FU); };
    const bool whole = rest.size() > 1 &&
                       (static_cast<unsigned char>(rest[1]) & 0x80U) == (static_cast<unsigned char>(rest[0]) & 0x80U) &&
                       low7(0) > 0x20 && low7(0) < 0x7F && low7(1) > 0x20 && low7(1) < 0x7F;
    if (!whole || !pair_to_utf8(half, low7(0), low7(1), out_)) return misfit();
    at_ += 2;
  }
  void one(Half half, unsigned char byte) {
    char32_t code = kNoCharacter;
    switch (half) {
      case Half::ascii: code = byte; break;
      case Half::roman: code = single_byte_character(Charset::iso_ir14, byte); break;
      case Half::katakana: code = single_byte_character(Charset::iso_ir14, byte | 0x80U); break;
      case Half::latin: code = single_byte_character(state_.latin, byte); break;
      default:
        if (encoding_.base == Charset::windows_1252) code = single_byte_character(encoding_.base, byte);
    }
    if (code == kNoCharacter) return misfit();
    append_character(code, out_);
    ++at_;
  }

  const TextEncoding& encoding_;
  std::string_view bytes_;
  std::string& out_;
  Misfits& misfits_;
  State state_;
  std::size_t at_ = 0;
};

class Encoder {
 public:
  Encoder(const TextEncoding& encoding, std::string& out) : encoding_(encoding), out_(out), state_(initial(encoding)) {}

  [[nodiscard]] bool run(std::string_view text, std::size_t& unfit) {
    for (std::size_t at = 0; at < text.size();) {
      const Character c = character_at(text.substr(at));
      char byte = 0;
      if (c.size == 0) {
        unfit = at;
        if (!kept_at(text.substr(at), byte)) return false;
        left_base();
        out_.push_back(byte);
        at += kKeptSize;
        continue;
      }
      // An ESC that would be read as a switch cannot be written; others are kept as the decoder keeps them.
      const bool would_switch = c.code == static_cast<char32_t>(kEsc) && designation_at(text.substr(at + 1)) != nullptr;
      if (would_switch || !put(c.code, text.substr(at, c.size))) {
        unfit = at;
        return false;
      }
      at += c.size;
    }
    left_base();
    return true;
  }

 private:
  void change(std::string_view final) {
    const Designation* const designation = designation_at(final);
    if (encoding_.switching == Switching::hl7) {
      constexpr std::string_view digits = "0123456789ABCDEF";
      out_.append({encoding_.escape, final[0] == '$' ? 'M' : 'C'});
      for (const char c : final) {
        out_.push_back(digits[static_cast<unsigned char>(c) >> 4U]);
        out_.push_back(digits[static_cast<unsigned char>(c) & 15U]);
      }
      out_.push_back(encoding_.escape);
    } else {
      out_.push_back(kEsc);
      out_.append(final);
    }
    designate(*designation, state_);
  }
  void left_base() {
    const Half base = initial(encoding_).left;
    if (state_.left == base) return;
    change(base == Half::roman ? "(J" : "(B");
  }

  [[nodiscard]] bool put(char32_t code, std::string_view character) {
    if (code == '\r' || code == '\n') {
      left_base();
      state_ = initial(encoding_);
      out_.push_back(static_cast<char>(code));
      return true;
    }
    if (code < 0x80 && (code != '\\' || encoding_.base != Charset::iso_ir14) &&
        (code != '~' || encoding_.base != Charset::iso_ir14)) {
      left_base();
      out_.push_back(static_cast<char>(code));
      return true;
    }
    if (in_base(code, character)) return true;
    for (std::size_t n = 0; n < encoding_.alternate_count; ++n) {
      if (in_set(encoding_.alternates[n], code, character)) return true;
    }
    return false;
  }

  [[nodiscard]] bool in_base(char32_t code, std::string_view character) {
    if (encoding_.base == Charset::utf8) {
      if (state_.right != Half::nothing) return false;  // a set was switched to, and nothing switches back to UTF-8
      left_base();
      out_.append(character);
      return true;
    }
    return in_set(encoding_.base, code, character);
  }

  [[nodiscard]] bool in_set(Charset set, char32_t code, std::string_view character) {
    char byte = 0;
    if (is_latin(set)) {
      if (code < 0xA0 || !single_byte_of(set, code, byte)) return false;
      for (const Designation& one : kDesignations) {
        if (one.half == Half::latin && one.charset == set) right(one.final, Half::latin, set);
      }
      out_.push_back(byte);
      return true;
    }
    switch (set) {
      case Charset::iso_ir14: return in_ir14(code);
      case Charset::windows_1252:
        if (state_.right != Half::nothing || !single_byte_of(set, code, byte)) return false;
        left_base();
        out_.push_back(byte);
        return true;
      case Charset::iso_ir87: return in_pairs(External::euc_jp, 2, "$B", Half::jis_x_0208, false, character);
      case Charset::iso_ir159: return in_pairs(External::euc_jp, 3, "$(D", Half::jis_x_0212, false, character);
      case Charset::ks_x_1001: return in_pairs(External::euc_kr, 2, "$)C", Half::ks_x_1001, true, character);
      case Charset::gb18030: return in_pairs(External::euc_cn, 2, "$)A", Half::gb2312, true, character);
      case Charset::cns11643:
        return in_pairs(External::euc_tw, 2, "$)G", Half::cns_1, true, character) ||
               in_pairs(External::euc_tw, 4, "$)H", Half::cns_2, true, character);
      default: return false;
    }
  }

  [[nodiscard]] bool in_ir14(char32_t code) {
    char byte = 0;
    if (!single_byte_of(Charset::iso_ir14, code, byte)) return false;
    if (code >= 0xFF61 && code <= 0xFF9F) {
      right(")I", Half::katakana, state_.latin);
    } else if (state_.left != Half::roman) {
      change("(J");
    }
    out_.push_back(byte);
    return true;
  }

  /// `size` bytes in the EUC form of the character, the last two of which are its place in the set.
  [[nodiscard]] bool in_pairs(External set, std::size_t size, std::string_view final, Half half, bool to_right,
                              std::string_view character) {
    scratch_.clear();
    if (utf8_to_external(set, character, scratch_) != character.size() || scratch_.size() != size) return false;
    if (size == 3 && scratch_[0] != '\x8F') return false;
    if (size == 4 && (scratch_[0] != '\x8E' || scratch_[1] != '\xA2')) return false;
    if (size == 2 && static_cast<unsigned char>(scratch_[0]) < 0xA1) return false;  // half-width katakana of EUC-JP
    if (to_right) {
      right(final, half, state_.latin);
    } else if (state_.left != half) {
      change(final);
    }
    for (const char c : std::string_view(scratch_).substr(size - 2)) {
      out_.push_back(to_right ? c : static_cast<char>(static_cast<unsigned char>(c) & 0x7FU));
    }
    return true;
  }

  /// The right half holds this set; the left one, which delimiters are in, goes back to its own.
  void right(std::string_view final, Half half, Charset latin) {
    left_base();
    if (state_.right == half && (half != Half::latin || state_.latin == latin)) return;
    change(final);
  }

  const TextEncoding& encoding_;
  std::string& out_;
  State state_;
  std::string scratch_;
};

}  // namespace

std::string_view switched_to_utf8(const TextEncoding& encoding, std::string_view bytes, std::string& buffer, Misfits& misfits) {
  buffer.clear();
  buffer.reserve(bytes.size() + bytes.size() / 8 + 16);
  Decoder(encoding, bytes, buffer, misfits).run();
  return buffer;
}

bool switched_from_utf8(const TextEncoding& encoding, std::string_view text, std::string& out, std::size_t& unfit) {
  return Encoder(encoding, out).run(text, unfit);
}

bool is_known_designation(std::string_view designation) {
  const Designation* const found = designation_at(designation);
  return found != nullptr && found->final == designation;
}

}  // namespace smarthl7::hl7
