// SPDX-License-Identifier: Apache-2.0
// Any structure with any sequence of segments: each is placed in instances that nest as the structure says, the work stays
// within the message's size. Any text as a site's own structure: a mistake within the text, or handles that hold together.
// Input: version, structure (two bytes), then segments by number; or 0xFF and a text.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stdlib/hl7/dictionary/local_structure.h"
#include "stdlib/hl7/message_type.h"
#include "stdlib/hl7/structure.h"

namespace {

using namespace smarthl7;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_tree(hl7::Structure structure) {
  for (hl7::NodeIndex index = 0; index < structure.node_count(); ++index) {
    const hl7::StructureNode node = structure.node(index);
    require(node.subtree_end() > index && node.subtree_end() <= structure.node_count());
    require(!node.parent() || (node.parent().index() < index && node.subtree_end() <= node.parent().subtree_end()));
    require((node.kind() == hl7::NodeKind::segment) == (node.key() != 0));
  }
}

void place(const hl7::Placer& placer, std::string_view numbers) {
  const hl7::Structure structure = placer.structure();
  std::vector<std::string> names = {"ZZZ", "QQQ", "MSH", "A"};
  for (hl7::NodeIndex at = 0; at < structure.node_count(); ++at) {
    if (structure.node(at).kind() == hl7::NodeKind::segment) names.emplace_back(structure.node(at).name());
  }
  std::string bytes = "MSH|^~\\&|\r";
  for (const char c : numbers) bytes += names[static_cast<unsigned char>(c) % names.size()] + "|\r";
  hl7::Message message;
  if (!message.reset(bytes)) return;
  hl7::Placement placement;
  placer.place(message, placement);
  require(placement.segment_count() == message.segment_count());
  require(placement.work() < std::uint64_t{400} * (message.segment_count() + 1));
  for (std::uint32_t segment = 0; segment < message.segment_count(); ++segment) {
    const hl7::Placement::Instance& instance = placement.instance(placement.instance_of(segment));
    require(instance.first_segment <= segment && segment < instance.end_segment);
    if (placement.node_of(segment) == hl7::kNoNode) continue;
    hl7::StructureNode group = structure.node(placement.node_of(segment)).parent();
    while (group.kind() == hl7::NodeKind::choice) group = group.parent();
    require(group.index() == instance.node);
  }
  std::vector<hl7::Finding> findings;
  static_cast<void>(hl7::message_type(message, {}, &findings));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (size < 3) return 0;
  if (data[0] == 0xFF) {
    const std::string_view text = input.substr(1);
    const auto made = hl7::LocalStructure::parse(hl7::newest_version(), "ZRU_Z01", text);
    if (!made) {
      require(made.error().offset + made.error().size <= text.size() && !made.error().what.empty());
      return 0;
    }
    check_tree((*made)->structure());
    if ((*made)->structure().node_count() < 60) place(hl7::Placer((*made)->structure()), text);
    return 0;
  }
  static std::map<std::pair<std::size_t, std::size_t>, hl7::Placer> placers;
  const std::size_t at = data[0] % hl7::version_count();
  const hl7::Version version = hl7::version_at(at);
  const std::size_t index = data[1] % version.structure_count();
  auto found = placers.find({at, index});
  if (found == placers.end()) found = placers.emplace(std::pair{at, index}, hl7::Placer(version.structure_at(index))).first;
  place(found->second, input.substr(2));
  return 0;
}
