// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/mapping_frame.h"

#include <algorithm>

namespace smarthl7::eval {

namespace {
constexpr std::uint16_t kMessageType = 9;
constexpr std::uint16_t kVersion = 12;
constexpr std::uint16_t kProfile = 21;
constexpr std::uint16_t kMostFields = 40;  // more than any version has, and room for what senders add

bool is_composite(const hl7::Field& field) { return field && field.datatype() && field.datatype().is_composite(); }
}  // namespace

MadeHeader::MadeHeader(const plan::Plan& plan, const plan::Mapping& mapping, hl7::Version to, hl7::Version from)
    : made(true), code(plan.text(mapping.code)), trigger(plan.text(mapping.trigger)), version(to.name()) {
  const hl7::Segment target = to.segment("MSH");
  const hl7::Segment source = from.segment("MSH");
  const hl7::Field type = target.field(std::size_t{kMessageType});
  if (is_composite(type) && type.datatype().component_count() >= 3)
    structure = plan.text(plan.messages[mapping.result].structure);
  version_has_parts = is_composite(target.field(std::size_t{kVersion}));
  for (std::uint16_t number = 3; number <= kMostFields; ++number) {
    if (number == kMessageType || number == kVersion) continue;
    const hl7::Field field = target.field(std::size_t{number});
    if (!field || field.withdrawn() || number == kProfile) {
      dropped.push_back(number);
    } else if (!is_composite(field) && is_composite(source.field(std::size_t{number}))) {
      first_only.push_back(number);
    }
  }
}

}  // namespace smarthl7::eval
