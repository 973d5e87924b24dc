// SPDX-License-Identifier: Apache-2.0
// Any bytes: both scans agree, every place can be read, and what follows the index (placement, validation, acknowledgement)
// stands whatever comes.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "stdlib/hl7/ack.h"
#include "stdlib/hl7/message.h"
#include "stdlib/hl7/validate.h"

namespace {

using namespace smarthl7;

void require(bool condition) {
  if (!condition) std::abort();
}

void read_all(const hl7::Message& message) {
  const std::string_view bytes = message.bytes();
  std::size_t seen = 0;
  for (std::uint32_t index = 0; index < message.segment_count(); ++index) {
    const hl7::SegmentView segment = message.segment(index);
    const hl7::Message::Extent extent = message.extent(index);
    require(extent.begin >= seen && extent.begin < extent.end && extent.end <= extent.next && extent.next <= bytes.size());
    require(segment.raw() == bytes.substr(extent.begin, extent.end - extent.begin));
    seen = extent.next;
    for (std::size_t number = 1; number <= segment.field_count() && number < 64; ++number) {
      const hl7::FieldView field = segment.field(number);
      require(field.raw().size() <= segment.raw().size());
      for (std::size_t repetition = 1; repetition <= field.repetition_count() && repetition < 8; ++repetition) {
        const hl7::RepetitionView one = field.repetition(repetition);
        for (std::size_t component = 1; component <= one.component_count() && component < 8; ++component) {
          require(one.component(component).subcomponent(1).raw().size() <= one.raw().size());
        }
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const hl7::Version version = hl7::find_version("2.5.1").version;
  static const hl7::Validator validator(version, version.structure("ORU_R01"));
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  hl7::Message message;
  hl7::Message portable;
  const bool taken = message.reset(bytes).has_value();
  require(taken == portable.reset(bytes, hl7::ScanKind::portable).has_value());
  static_cast<void>(hl7::parse_ack(bytes).has_value());
  if (!taken) return 0;
  require(message.quirks() == portable.quirks() && message.segment_count() == portable.segment_count());
  read_all(message);

  hl7::Placement placement;
  validator.placer().place(message, placement);
  require(placement.segment_count() == message.segment_count());
  std::vector<hl7::Finding> findings;
  validator.check(message, placement, findings);
  std::string ack;
  hl7::build_ack(message, {.code = hl7::AckCode::ae, .timestamp = "2026", .control_id = "1", .findings = findings}, ack);
  require(hl7::parse_ack(ack).has_value());
  return 0;
}
