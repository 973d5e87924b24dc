// SPDX-License-Identifier: Apache-2.0
// Options of the connectors that take files from folders and write them there, on whatever file system. Constant data.
#pragma once

#include "stdlib/connectors/connectives.h"
#include "stdlib/connectors/spec.h"

namespace smarthl7::connectors {

inline constexpr std::string_view kOrders[] = {"name", "time"};
inline constexpr std::string_view kDelete[] = {"delete"};
inline constexpr std::string_view kEnvelopes[] = {"refuse", "take"};

/// Which files are taken.
inline constexpr OptionSpec kTakenFiles[] = {
    {.path = "pattern",
     .kind = OptionKind::text,
     .connectives = kPlain,
     .otherwise = "\"*\"",
     .doc = "which names are taken: * is any characters, ? one; others, and names that begin with a dot, are left alone",
     .example = "pattern \"*.hl7\""},
    {.path = "order",
     .kind = OptionKind::words,
     .connectives = kBy,
     .otherwise = "by name",
     .doc = "in which order files are taken; time is when they were changed last",
     .example = "order by name",
     .words = kOrders},
};

/// What becomes of a file, and what is read in it.
inline constexpr OptionSpec kFilesAfterwards[] = {
    {.path = "done",
     .kind = OptionKind::folder,
     .connectives = kPlain,
     .required = true,
     .doc = "where a file goes once all of its messages are stored, on the same file system; or `delete`",
     .example = "done \"{spool}/done/\"",
     .words = kDelete},
    {.path = "failed",
     .kind = OptionKind::folder,
     .connectives = kPlain,
     .required = true,
     .doc = "where a file goes that cannot be taken, with the reason in a file beside it",
     .example = "failed \"{spool}/failed/\""},
    {.path = "answers",
     .kind = OptionKind::folder,
     .connectives = kPlain,
     .doc = "where the acknowledgements of a file's messages are written, as NAME.ack; without it nobody is answered",
     .example = "answers \"{spool}/answers/\""},
    {.path = "lock",
     .kind = OptionKind::text,
     .connectives = kPlain,
     .doc = "what this hub is called where several take from the folder: a file is renamed to .taking-HUB-NAME before it is "
            "read, so "
            "that one of them takes it; without it this hub is the only one",
     .example = "lock \"north\""},
    {.path = "envelope",
     .kind = OptionKind::words,
     .connectives = kPlain,
     .otherwise = "refuse",
     .doc =
         "a file whose envelope is wrong (counts of BTS-1 and FTS-1, missing trailers, bytes between messages): nothing of it "
         "is taken, or its messages are and the answer says what is wrong",
     .example = "envelope take",
     .words = kEnvelopes},
    {.path = "largest",
     .kind = OptionKind::size,
     .connectives = kPlain,
     .otherwise = "64MiB",
     .doc = "the largest message; a file with a larger one is not taken. Files may have any size",
     .example = "largest 20MiB"},
    {.path = "charset",
     .kind = OptionKind::charset,
     .connectives = kPlain,
     .otherwise = "\"UNICODE UTF-8\"",
     .doc = "the character set of messages that say none in MSH-18",
     .example = "charset \"8859/1\""},
};

/// The character set of what is written.
inline constexpr OptionSpec kWrittenFiles[] = {
    {.path = "charset",
     .kind = OptionKind::charset,
     .connectives = kPlain,
     .doc = "the character set that messages are converted to, which MSH-18 then says; without it they keep their own",
     .example = "charset \"UNICODE UTF-8\""},
};

}  // namespace smarthl7::connectors
