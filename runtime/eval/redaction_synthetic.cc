// SPDX-License-Identifier: Apache-2.0
// Values that are made up: names that nobody has, telephone numbers with 555-01xx (reserved for fiction, ATIS-0300115), ZIP
// codes 000xx and SSNs with area 000 (never given out), addresses of example.com (RFC 2606) and 192.0.2.0/24 (RFC 5737).
#include <array>
#include <charconv>
#include <chrono>

#include "runtime/eval/redaction_methods.h"
#include "stdlib/base/digest.h"

namespace smarthl7::eval {
namespace {

using hl7::PhiKind;

constexpr std::array<std::string_view, 32> kFamily = {
    "Testberg",    "Sampleton",  "Mockford",  "Exampler",  "Fictus",    "Dummyson", "Protoman", "Trialsen",
    "Demoworth",   "Placeholt",  "Imaginer",  "Pretendo",  "Syntheson", "Facsimil", "Modelsky", "Specimen",
    "Stubbington", "Fakeman",    "Inventa",   "Makebeli",  "Phantomas", "Notreal",  "Simulov",  "Fabricat",
    "Replicant",   "Standinger", "Draftmann", "Rehearsal", "Quasimir",  "Artifice", "Hypothet", "Mirageau"};
constexpr std::array<std::string_view, 32> kGiven = {
    "Alpha",   "Bravo", "Charlie",  "Delta", "Echo",  "Foxtrot", "Golf",    "Hotel",  "India", "Juliett", "Kilo",
    "Lima",    "Mike",  "November", "Oscar", "Papa",  "Quebec",  "Romeo",   "Sierra", "Tango", "Uniform", "Victor",
    "Whiskey", "Xray",  "Yankee",   "Zulu",  "Amber", "Cobalt",  "Crimson", "Indigo", "Sepia", "Umber"};
constexpr std::array<std::string_view, 8> kTowns = {"Sampleville", "Testburg", "Mocktown",  "Exampleton",
                                                    "Demofield",   "Fakeham",  "Trialford", "Nowhere"};

/// Numbers that follow from the value and the key, and lead back to neither.
class Draw {
 public:
  Draw(std::string_view secret, PhiKind kind, std::string_view text) {
    std::array<char, 4> head = {'s', 'y', 'n', static_cast<char>('A' + static_cast<int>(kind))};
    // Two passes, so that the value needs no copy beside its head.
    const Sha256 inner = hmac_sha256(secret, text);
    std::array<char, 36> message{};
    std::copy(head.begin(), head.end(), message.begin());
    std::copy(inner.begin(), inner.end(), message.begin() + head.size());
    digest_ = hmac_sha256(secret, {message.data(), message.size()});
  }
  unsigned below(unsigned limit) {
    std::uint32_t number = 0;
    for (int i = 0; i < 4; ++i) number = number << 8U | digest_[at_++ % digest_.size()];
    return number % limit;
  }
  void digits(unsigned count, std::string& out) {
    for (unsigned i = 0; i < count; ++i) out += static_cast<char>('0' + below(10));
  }

 private:
  Sha256 digest_{};
  std::size_t at_ = 0;
};

/// A day of the years 2000 to 2019, as precise as the value; a time of day as it comes.
void date(Draw& draw, std::string_view text, std::string& out) {
  const auto time = hl7::read_timestamp(text);
  if (!time) return;
  using namespace std::chrono;
  const year_month_day day{sys_days{year{2000} / 1 / 1} + days{draw.below(7300)}};
  std::array<char, 8> digits{};
  const unsigned number = static_cast<unsigned>(static_cast<int>(day.year())) * 10000U +
                          static_cast<unsigned>(day.month()) * 100U + static_cast<unsigned>(day.day());
  std::to_chars(digits.data(), digits.data() + digits.size(), number);
  const std::size_t length = time->precision >= hl7::Precision::day ? 8 : time->precision == hl7::Precision::month ? 6 : 4;
  out.append(digits.data(), length);
  const auto two = [&](unsigned limit) {
    const unsigned value = draw.below(limit);
    out += static_cast<char>('0' + value / 10);
    out += static_cast<char>('0' + value % 10);
  };
  if (time->precision >= hl7::Precision::hour) two(24);
  if (time->precision >= hl7::Precision::minute) two(60);
  if (time->precision >= hl7::Precision::second) two(60);
}

void phone(Draw& draw, const RedactionNode& node, std::string& out) {
  if (node.form != hl7::Primitive::nm) {
    out += "(555)555-01";
    draw.digits(2, out);
  } else if (node.component == 6) {  // area code of an XTN
    out += "555";
  } else if (node.component == 7) {  // local number
    out += "55501";
    draw.digits(2, out);
  } else if (node.component == 5) {  // country
    out += "1";
  } else {  // extension
    draw.digits(3, out);
  }
}

void name(Draw& draw, const RedactionNode& node, std::string& out) {
  if (node.component == 1 && node.subcomponent <= 1) {
    out += kFamily[draw.below(kFamily.size())];
  } else if (node.component == 2) {
    out += kGiven[draw.below(kGiven.size())];
  } else if (node.component == 3) {
    out += kGiven[draw.below(kGiven.size())][0];
  }  // prefixes, suffixes and degrees are left out
}

}  // namespace

void make_up(std::string_view secret, const RedactionNode& node, std::string_view text, std::string& out) {
  Draw draw(secret, node.kind, text);
  if (node.form != hl7::Primitive::other && node.form != hl7::Primitive::nm && node.form != hl7::Primitive::si &&
      node.form != hl7::Primitive::tn) {
    date(draw, text, out);
    return;
  }
  switch (node.kind) {
    case PhiKind::name: name(draw, node, out); return;
    case PhiKind::street:
      if (node.component != 1 || node.subcomponent > 1) return;
      out += static_cast<char>('1' + draw.below(9));
      draw.digits(2, out);
      out += " Sample Street";
      return;
    case PhiKind::place: out += kTowns[draw.below(kTowns.size())]; return;
    case PhiKind::zip:
      out += "000";
      draw.digits(2, out);
      return;
    case PhiKind::date: date(draw, text, out); return;
    case PhiKind::age:
      out += static_cast<char>('2' + draw.below(6));
      draw.digits(1, out);
      return;
    case PhiKind::phone:
    case PhiKind::fax: phone(draw, node, out); return;
    case PhiKind::email:
      out += "person";
      draw.digits(6, out);
      out += "@example.com";
      return;
    case PhiKind::ssn:
      out += "000-";
      draw.digits(2, out);
      out += '-';
      draw.digits(4, out);
      return;
    case PhiKind::url:
      out += "http://www.example.com/";
      draw.digits(6, out);
      return;
    case PhiKind::ip:
      out += "192.0.2.";
      out += static_cast<char>('1' + draw.below(9));
      draw.digits(1, out);
      return;
    case PhiKind::mrn:
    case PhiKind::plan:
    case PhiKind::account:
    case PhiKind::licence:
    case PhiKind::vehicle:
    case PhiKind::device:
    case PhiKind::other:
    case PhiKind::unknown:
    case PhiKind::none:
    case PhiKind::clinical:
      if (node.form == hl7::Primitive::other || node.form == hl7::Primitive::tn) out += "SYN";
      draw.digits(9, out);
      return;
    case PhiKind::biometric:
    case PhiKind::photo:
    case PhiKind::text: return;
  }
}

}  // namespace smarthl7::eval
