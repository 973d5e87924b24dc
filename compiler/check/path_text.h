// SPDX-License-Identifier: Apache-2.0
// How messages about paths put things: labels of fields and segments, names of places, fixes. Internal to paths*.cc and
// path_*.cc. Pure functions; no failure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/check/checker.h"

namespace smarthl7::check {

[[nodiscard]] std::string index_text(const syntax::Index& index, const Context& context);
/// Where `[1]` goes after a part or node that has no index.
[[nodiscard]] diag::Fix insert_at(std::uint32_t offset, source::FileId file, std::string_view text);
[[nodiscard]] std::string part_label(const MessageModel& model, std::string_view segment, const PartInfo& part);
/// "OBX is in ORDER_OBSERVATION (1..*), OBSERVATION (0..*)": what repeats on the way down to it.
[[nodiscard]] std::string segment_label(const MessageModel& model, ModelIndex place);
/// "ORDER_OBSERVATION.NTE", of the group next around it.
[[nodiscard]] std::string qualified(const MessageModel& model, ModelIndex place);
[[nodiscard]] std::string joined(const std::vector<std::string>& words, std::string_view last = " and ");

}  // namespace smarthl7::check
