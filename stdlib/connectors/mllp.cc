// SPDX-License-Identifier: Apache-2.0
#include "stdlib/connectors/mllp.h"

#include "stdlib/connectors/shared.h"

namespace smarthl7::connectors {

namespace {

constexpr std::string_view kNoMsh[] = {"answer", "close"};
constexpr std::string_view kAnswers[] = {"all", "none"};
constexpr std::string_view kFrameEnd[] = {"tolerant", "strict"};

constexpr OptionSpec kOwnSource[] = {
    {.path = "listen",
     .kind = OptionKind::address,
     .connectives = kPlain,
     .required = true,
     .doc = "address and port to listen on; 0.0.0.0 is every IPv4 address of the machine",
     .example = "listen \"0.0.0.0:{hub_port}\""},
    {.path = "release",
     .kind = OptionKind::number,
     .connectives = kPlain,
     .otherwise = "1",
     .doc =
         "the release of MLLP; 2: each message is acknowledged by a commit block (0x06) once it is durable, before any answer",
     .example = "release 2",
     .least = 1,
     .most = 2},
    {.path = "answers",
     .kind = OptionKind::words,
     .connectives = kPlain,
     .otherwise = "all",
     .doc = "none: for senders that read no answers; they get none, and what cannot be stored closes their connection",
     .example = "answers none",
     .words = kAnswers},
    {.path = "largest",
     .kind = OptionKind::size,
     .connectives = kPlain,
     .otherwise = "64MiB",
     .doc = "the largest message; the connection of a larger one is closed",
     .example = "largest 20MiB"},
    {.path = "frame",
     .kind = OptionKind::duration,
     .connectives = kWithin,
     .otherwise = "30s",
     .doc = "a frame that was begun and does not end in this time is dropped and its connection closed",
     .example = "frame within 30s"},
    {.path = "idle",
     .kind = OptionKind::duration,
     .connectives = kWithin,
     .doc = "a connection that sends no message for this long is closed; without it connections stay open",
     .example = "idle within 12h"},
    {.path = "no_msh",
     .kind = OptionKind::words,
     .connectives = kPlain,
     .otherwise = "answer",
     .doc = "what is done with a frame that does not begin with MSH: answer AR, or close the connection",
     .example = "no_msh close",
     .words = kNoMsh},
    {.path = "frame_end",
     .kind = OptionKind::words,
     .connectives = kPlain,
     .otherwise = "tolerant",
     .doc = "whether a frame may end in FS without CR (counted) or its connection is closed then",
     .example = "frame_end strict",
     .words = kFrameEnd},
};
constexpr auto kSource = joined(kOwnSource, kListening);

constexpr OptionSpec kOwnDestination[] = {
    {.path = "connect",
     .kind = OptionKind::address,
     .connectives = kPlain,
     .required = true,
     .doc = "the receiver's host and port",
     .example = "connect \"hl7.mercy.example:2575\""},
    {.path = "release",
     .kind = OptionKind::number,
     .connectives = kPlain,
     .otherwise = "1",
     .doc = "the release of MLLP; 2: each message is acknowledged by a commit block (0x06) from the receiver, else sent again",
     .example = "release 2",
     .least = 1,
     .most = 2},
    {.path = "answers",
     .kind = OptionKind::words,
     .connectives = kPlain,
     .otherwise = "all",
     .doc = "none: for receivers that never answer; a message is delivered when it is written",
     .example = "answers none",
     .words = kAnswers},
};
constexpr auto kDestination = joined(kOwnDestination, kConnecting);

}  // namespace

constinit const ConnectorSpec kMllp = {
    .name = "mllp",
    .doc = "HL7 v2 messages over TCP in the minimal lower layer protocol: VT, message, FS, CR; plain or TLS",
    .built = true,
    .source = true,
    .destination = true,
    .can_use_tls = true,
    .source_options = kSource,
    .destination_options = kDestination,
};

}  // namespace smarthl7::connectors
