// SPDX-License-Identifier: Apache-2.0
// Any bytes, placed and checked by every version at every strictness: a quick look finds what a close one finds, every finding
// has a place that can be read back, its path, its ERR location and an expectation, and the counts are those of the list.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>

#include "stdlib/hl7/check_digit.h"
#include "stdlib/hl7/message_type.h"
#include "stdlib/hl7/validate.h"

namespace {

using namespace smarthl7;

void require(bool condition) {
  if (!condition) std::abort();
}

/// The first byte chooses a version, the second a structure; MSH-9 decides where it names one.
hl7::Structure structure_for(const hl7::Message& message, hl7::Version version, std::uint8_t draw) {
  if (const hl7::Structure named = hl7::structure_of(message, version); named) return named;
  return version.structure_at(draw % version.structure_count());
}

const hl7::Validator& validator_for(hl7::Version version, hl7::Structure structure, bool closed) {
  static std::map<std::string, std::unique_ptr<hl7::Validator>> made;
  auto& validator = made[std::string(version.name()) + std::string(structure.name()) + (closed ? "+" : "")];
  if (!validator) {
    hl7::SiteRules rules;
    if (closed) {
      rules.closed = {1, 4, 2, 78};
      rules.codes = {{1, "Q"}, {85, "V"}};
      rules.oldest_version = "2.1";
    }
    validator = std::make_unique<hl7::Validator>(version, structure, std::move(rules));
  }
  return *validator;
}

void check(const hl7::Message& message, const hl7::Validator& validator, hl7::Strictness strictness) {
  static hl7::Placement placement;
  validator.placer().place(message, placement);
  require(placement.segment_count() == message.segment_count());
  std::vector<hl7::Finding> quick;
  std::vector<hl7::Finding> close;
  const auto most = std::size_t{40};
  const hl7::Tally tally = validator.check(message, placement, quick, {strictness, hl7::Look::quick, most});
  require(tally == validator.check(message, placement, close, {strictness, hl7::Look::close, most}));
  require(quick == close);
  require(tally.errors + tally.others == quick.size() + tally.unlisted && quick.size() <= 2 * most);
  for (const hl7::Finding& finding : quick) {
    require(!finding.text.empty() && finding.rule != hl7::Rule::other && !hl7::err_location(finding).empty());
    require(finding.location.segment == hl7::kNoSegment || finding.location.segment < message.segment_count());
    static_cast<void>(message.raw(finding.location));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3 || size > 20000) return 0;
  const hl7::Version version = hl7::version_at(data[0] % hl7::version_count());
  const std::string_view bytes(reinterpret_cast<const char*>(data + 2), size - 2);
  hl7::Message message;
  if (!message.reset(bytes)) return 0;
  const hl7::Validator& validator = validator_for(version, structure_for(message, version, data[1]), data[1] >= 0x80);
  for (const auto strictness : {hl7::Strictness::tolerant, hl7::Strictness::usual, hl7::Strictness::strict}) {
    check(message, validator, strictness);
  }
  const std::string_view text = bytes.substr(0, 40);
  for (const std::string_view scheme : {"M10", "M11", "ISO", "NPI"}) {
    static_cast<void>(hl7::check_digit_fits(scheme, text.substr(0, text.size() / 2), text.substr(text.size() / 2)));
  }
  return 0;
}
