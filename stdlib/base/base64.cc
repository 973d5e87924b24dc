// SPDX-License-Identifier: Apache-2.0
#include "stdlib/base/base64.h"

#include <array>
#include <cstdint>

namespace smarthl7 {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kBlank = 64;
constexpr std::uint8_t kPadding = 65;
constexpr std::uint8_t kOther = 66;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kOther);
  for (std::size_t n = 0; n < kAlphabet.size(); ++n) {
    values[static_cast<unsigned char>(kAlphabet[n])] = static_cast<std::uint8_t>(n);
  }
  for (const char blank : {' ', '\t', '\r', '\n'}) values[static_cast<unsigned char>(blank)] = kBlank;
  values['='] = kPadding;
  return values;
}
constexpr std::array<std::uint8_t, 256> kValues = make_values();

}  // namespace

void append_base64(std::string_view bytes, std::string& out) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at])); };
  out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
  std::size_t at = 0;
  for (; at + 3 <= bytes.size(); at += 3) {
    const std::uint32_t word = (byte(at) << 16U) | (byte(at + 1) << 8U) | byte(at + 2);
    for (unsigned shift = 24; shift > 0;) out.push_back(kAlphabet[(word >> (shift -= 6)) & 63U]);
  }
  if (const std::size_t rest = bytes.size() - at; rest > 0) {
    const std::uint32_t word = (byte(at) << 16U) | (rest == 2 ? byte(at + 1) << 8U : 0U);
    out.push_back(kAlphabet[(word >> 18U) & 63U]);
    out.push_back(kAlphabet[(word >> 12U) & 63U]);
    out.push_back(rest == 2 ? kAlphabet[(word >> 6U) & 63U] : '=');
    out.push_back('=');
  }
}

std::size_t read_base64(std::string_view text, std::string& out) {
  const std::size_t before = out.size();
  out.reserve(before + text.size() / 4 * 3 + 3);
  std::uint32_t word = 0;
  unsigned digits = 0;   // of the group at hand
  unsigned padding = 0;  // '=' seen; only blanks may follow but for the second
  const auto give_up = [&](std::size_t at) {
    out.resize(before);
    return at;
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::uint8_t value = kValues[static_cast<unsigned char>(text[at])];
    if (value == kBlank) continue;
    if (value == kPadding) {
      ++padding;
      if (digits < 2 || digits + padding > 4) return give_up(at);
      continue;
    }
    if (value == kOther || padding > 0) return give_up(at);
    word = (word << 6U) | value;
    if (++digits < 4) continue;
    for (const unsigned shift : {16U, 8U, 0U}) out.push_back(static_cast<char>((word >> shift) & 0xFFU));
    word = 0;
    digits = 0;
  }
  const bool whole = padding == 0 || digits + padding == 4;
  const std::uint32_t unused = digits == 2 ? word & 15U : digits == 3 ? word & 3U : 0U;
  if (digits == 1 || !whole || unused != 0) return give_up(text.size());
  if (digits >= 2) out.push_back(static_cast<char>((digits == 2 ? word >> 4U : word >> 10U) & 0xFFU));
  if (digits == 3) out.push_back(static_cast<char>((word >> 2U) & 0xFFU));
  return std::string_view::npos;
}

}  // namespace smarthl7
