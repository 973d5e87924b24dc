// SPDX-License-Identifier: Apache-2.0
#include "stdlib/connectors/connectives.h"
#include "stdlib/connectors/spec.h"

namespace smarthl7::connectors {
namespace {

constexpr OptionSpec kRetry[] = {
    {.path = "first",
     .kind = OptionKind::duration,
     .connectives = kPlain,
     .required = true,
     .doc = "the pause before the second attempt; each further one is twice as long",
     .example = "first 1s"},
    {.path = "most",
     .kind = OptionKind::duration,
     .connectives = kPlain,
     .required = true,
     .doc = "the longest pause between two attempts",
     .example = "most 5m"},
    {.path = "jitter",
     .kind = OptionKind::number,
     .connectives = kPlain,
     .otherwise = "20",
     .doc = "by how many percent a pause may be shorter or longer, so that lanes do not knock together",
     .example = "jitter 20",
     .most = 100},
    {.path = "give_up",
     .kind = OptionKind::duration,
     .connectives = kAfter,
     .required = true,
     .doc = "after what time, or how many `attempts`, a message that is refused for now becomes a dead letter",
     .example = "give_up after 24h"},
    {.path = "unreachable",
     .kind = OptionKind::block,
     .doc = "a receiver that cannot be reached or does not answer is tried for ever, unless this says how long",
     .example = "unreachable give_up after 7d"},
    {.path = "unreachable.give_up",
     .kind = OptionKind::duration,
     .connectives = kAfter,
     .doc = "after what time a message for a receiver that cannot be reached becomes a dead letter",
     .example = "unreachable give_up after 7d"},
};

constexpr std::string_view kPhi[] = {"none"};
constexpr OptionSpec kTable[] = {
    {.path = "key",
     .kind = OptionKind::text,
     .connectives = kPlain,
     .required = true,
     .doc = "the column by which rows are found",
     .example = "key code"},
    {.path = "value",
     .kind = OptionKind::text,
     .connectives = kPlain,
     .required = true,
     .doc = "the columns that a look-up gives; the first is meant unless another is named",
     .example = "value namespace, city"},
    {.path = "phi",
     .kind = OptionKind::words,
     .connectives = kPlain,
     .doc = "`none`: what a look-up gives says nothing about a person, whatever its key was",
     .example = "phi none",
     .words = kPhi},
};

}  // namespace

std::span<const OptionSpec> declaration_options(std::string_view declaration) {
  if (declaration == "retry") return kRetry;
  if (declaration == "table") return kTable;
  return {};
}

}  // namespace smarthl7::connectors
