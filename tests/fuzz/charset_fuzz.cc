// SPDX-License-Identifier: Apache-2.0
// Any bytes in any character set: what is decoded can be encoded again, to the same bytes where a set has one form of a
// character; any text is encoded so that it decodes to itself, or refused; whole messages are converted or refused.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "stdlib/hl7/charset_message.h"

namespace {

using namespace smarthl7;
using hl7::Charset;

void require(bool condition) {
  if (!condition) std::abort();
}

hl7::TextEncoding encoding_from(std::uint8_t choice, std::uint8_t more) {
  hl7::TextEncoding encoding;
  encoding.base = static_cast<Charset>(choice % hl7::kCharsetCount);
  const bool reached = encoding.base == Charset::iso_ir87 || encoding.base == Charset::iso_ir159;
  if (reached) encoding.base = Charset::ascii;
  if (reached || (choice & 0x80U) != 0) {
    encoding.switching = (more & 1U) != 0 ? hl7::Switching::iso2022 : hl7::Switching::hl7;
    const Charset sets[] = {Charset::iso_ir87,  Charset::iso_ir159, Charset::iso8859_2, Charset::iso8859_5,
                            Charset::ks_x_1001, Charset::cns11643,  Charset::iso_ir14};
    for (unsigned bit = 0; bit < 7; ++bit) {
      if (((static_cast<unsigned>(more) >> (bit + 1U)) & 1U) != 0) encoding.alternates[encoding.alternate_count++] = sets[bit];
    }
  }
  return encoding;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const hl7::TextEncoding encoding = encoding_from(data[0], data[1]);
  const auto target = static_cast<Charset>(data[2] % hl7::kCharsetCount);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 3, size - 3);
  std::string buffer;
  std::string back;
  hl7::Misfits misfits;
  const std::string text(hl7::to_utf8(encoding, bytes, buffer, &misfits));
  require((misfits.count == 0) == (misfits.first == std::string_view::npos) && misfits.count <= bytes.size());
  if (misfits.count == 0) require(hl7::utf8_misfits(text).count == 0);
  const bool single = encoding.switching == hl7::Switching::none && encoding.base != Charset::gb18030 &&
                      encoding.base != Charset::big5 && encoding.base != Charset::ks_x_1001 &&
                      encoding.base != Charset::cns11643;
  std::size_t unfit = 0;
  const auto encoded = hl7::from_utf8(encoding, text, back, &unfit);
  if (single && encoding.base != Charset::utf8 && hl7::can_carry_messages(encoding.base)) require(encoded && *encoded == bytes);
  // Any text: what is written reads back as it was.
  const auto written = hl7::from_utf8(encoding, bytes, back, &unfit);
  if (!written) require(unfit <= bytes.size());
  const bool escaped = encoding.switching == hl7::Switching::iso2022 && encoding.base != Charset::utf8;
  if (written && (single || escaped) && hl7::utf8_misfits(bytes).count == 0) {
    require(hl7::to_utf8(encoding, *written, buffer) == bytes);
  }

  hl7::Message message;
  if (!message.reset(bytes)) return 0;
  const hl7::TextEncoding declared = hl7::text_encoding(message, encoding.base);
  std::vector<hl7::Finding> findings;
  hl7::check_charset(message, declared, findings);
  static_cast<void>(hl7::count_misfits(message, declared));
  std::string out;
  hl7::message_to_utf8(message, declared, out, &misfits);
  if (!hl7::can_carry_messages(target)) return 0;
  hl7::Finding why;
  std::string converted;
  if (hl7::convert_message(message, declared, target, hl7::name_of(target), converted, why) == hl7::Conversion::converted) {
    hl7::Message result;
    require(result.reset(std::string_view(converted)).has_value());
    hl7::Message in_utf8;  // a line that holds nothing but a switch is a blank one in it
    require(in_utf8.reset(std::string_view(out)).has_value());
    require(result.segment_count() == in_utf8.segment_count());
    if (declared.switching == hl7::Switching::none) require(result.segment_count() == message.segment_count());
    require(hl7::count_misfits(result, hl7::text_encoding(result)) == 0);
  }
  return 0;
}
