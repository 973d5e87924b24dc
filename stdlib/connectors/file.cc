// SPDX-License-Identifier: Apache-2.0
#include "stdlib/connectors/file.h"

#include "stdlib/connectors/folders.h"
#include "stdlib/connectors/shared.h"

namespace smarthl7::connectors {

namespace {

constexpr OptionSpec kRead[] = {
    {.path = "read",
     .kind = OptionKind::folder,
     .connectives = kPlain,
     .required = true,
     .doc = "the folder that files are taken from; a file holds one message, several, or batches (FHS, BHS)",
     .example = "read \"{spool}/in/\""},
};

constexpr OptionSpec kLooking[] = {
    {.path = "stable",
     .kind = OptionKind::duration,
     .connectives = kWithin,
     .otherwise = "2s",
     .doc = "a file is taken when its size and time have not changed for so long; it and those behind it wait until then",
     .example = "stable within 5s"},
    {.path = "every",
     .kind = OptionKind::duration,
     .connectives = kPlain,
     .otherwise = "1s",
     .doc = "how often the folder is looked at",
     .example = "every 10s"},
};

constexpr OptionSpec kWrite[] = {
    {.path = "write",
     .kind = OptionKind::naming,
     .connectives = kPlain,
     .required = true,
     .doc =
         "the file that each message, or batch, is written to, in a folder that is there; fields of MSH make its name. A file "
         "of that name is never written over: the next one gets a number",
     .example = "write \"{spool}/out/{MSH-10}.hl7\""},
};

constexpr auto kSource = joined(kRead, kTakenFiles, kLooking, kFilesAfterwards);
constexpr auto kDestination = joined(kWrite, kWrittenFiles);

}  // namespace

constinit const ConnectorSpec kFileConnector = {
    .name = "file",
    .doc = "messages and batches in the files of a folder of the hub's machine",
    .built = true,
    .source = true,
    .destination = true,
    .source_options = kSource,
    .destination_options = kDestination,
};

}  // namespace smarthl7::connectors
