// SPDX-License-Identifier: Apache-2.0
// PlaceNames: what the place of a finding is called: segment, sequence (ERR-2.2) and the path with its groups. Remembers where
// it last counted, so that many findings in document order cost little. One message and one thread. Internal to this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stdlib/hl7/finding.h"
#include "stdlib/hl7/structure.h"

namespace smarthl7::hl7 {

class PlaceNames {
 public:
  PlaceNames(const Message& message, const Placement& placement, const Placer& placer)
      : message_(message), placement_(placement), placer_(placer) {}

  /// Segment, sequence and path of a place that is there. `repeats`: the path names the repetition even if it is the first.
  void describe(Finding& finding, const Location& place, bool repeats);
  /// The same for a segment or group that is missing in an instance; of a group, its first segment stands for it.
  void describe_missing(Finding& finding, NodeIndex node, InstanceId instance);

 private:
  struct Count {
    NameKey key = 0;
    std::uint32_t upto = 0;  // segments before this index are counted
    std::uint16_t number = 0;
  };
  [[nodiscard]] std::uint16_t sequence_of(std::uint32_t segment);
  void append_groups(InstanceId instance, std::string& path);
  void append_group(InstanceId instance, std::string& path);

  const Message& message_;
  const Placement& placement_;
  const Placer& placer_;
  std::vector<Count> counts_;
  struct Ordinal {
    InstanceId instance = kNoInstance;
    std::uint32_t number = 0;
    bool several = false;
  };
  std::vector<Ordinal> ordinals_;  // by depth: of the instance that was last asked for
};

}  // namespace smarthl7::hl7
