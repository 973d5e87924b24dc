// SPDX-License-Identifier: Apache-2.0
#include "stdlib/connectors/connectives.h"
#include "stdlib/connectors/spec.h"

namespace smarthl7::connectors {

namespace {

constexpr std::string_view kAckModes[] = {"stored", "delivered", "receipt"};
constexpr std::string_view kSequences[] = {"count", "refuse"};
constexpr std::string_view kLevels[] = {"identified", "limited", "deidentified"};
constexpr std::string_view kTrust[] = {"inside", "outside"};
constexpr std::string_view kOrders[] = {"fifo", "patient", "none"};
constexpr std::string_view kMatches[] = {"id", "order"};
constexpr std::string_view kRefusals[] = {"for good", "for now"};
constexpr FormerWord kFormerRefusals[] = {{"for_good", "for good"}, {"for_now", "for now"}};
constexpr std::string_view kAfterRefusal[] = {"go on", "hold key", "hold lane"};
constexpr FormerWord kFormerAfterRefusal[] = {{"go_on", "go on"}, {"hold_key", "hold key"}, {"hold_lane", "hold lane"}};
constexpr std::string_view kAckConditions[] = {"AL", "NE", "ER", "SU"};
constexpr std::string_view kWhenOrOn[] = {"when", "on"};

constexpr OptionSpec kSource[] = {
    {.path = "accept",
     .kind = OptionKind::events,
     .connectives = kPlain,
     .doc = "message types that are taken; others are answered AR; without it every type",
     .example = "accept ORU^R01, ADT^A01"},
    {.path = "ack",
     .kind = OptionKind::words,
     .connectives = kWhenOrOn,
     .otherwise = "when stored",
     .doc = "when the sender gets its acknowledgement: when stored, when delivered, or on receipt",
     .example = "ack when stored",
     .words = kAckModes},
    {.path = "within",
     .kind = OptionKind::duration,
     .connectives = kPlain,
     .otherwise = "30s",
     .doc = "with `ack when delivered`: how long the sender waits at most; after that it gets AE 207 and asks again",
     .example = "ack when delivered within 30s"},
    {.path = "resends",
     .kind = OptionKind::duration,
     .connectives = kWithin,
     .doc =
         "how long the sender tries a message again that was not acknowledged; the `dedup` of each flow must remember longer",
     .example = "resends within 24h"},
    {.path = "application_ack",
     .kind = OptionKind::name,
     .connectives = kBy,
     .doc = "the destination that sends the application acknowledgements of enhanced mode; without it they follow the commit "
            "acknowledgement on the sender's connection",
     .example = "application_ack by lab_acks",
     .declared = "destination"},
    {.path = "sequence",
     .kind = OptionKind::words,
     .connectives = kPlain,
     .otherwise = "count",
     .doc = "a message whose MSH-13 jumps ahead of the sender's last number: counted and taken, or refused with the expected "
            "number in MSA-4",
     .example = "sequence refuse",
     .words = kSequences},
    {.path = "yields",
     .kind = OptionKind::words,
     .connectives = kPlain,
     .otherwise = "identified",
     .doc = "the PHI level of what this source sends",
     .example = "yields deidentified",
     .words = kLevels},
    {.path = "insecure",
     .kind = OptionKind::text,
     .connectives = kBecause,
     .doc = "why this source does without TLS",
     .example = "insecure because \"same host\""},
};

constexpr OptionSpec kDestination[] = {
    {.path = "ack",
     .kind = OptionKind::duration,
     .connectives = kWithin,
     .otherwise = "30s",
     .doc = "how long the answer may take; the connection is closed after that",
     .example = "ack within 30s"},
    {.path = "accept_ack",
     .kind = OptionKind::words,
     .connectives = kPlain,
     .doc = "MSH-15 of what is sent: when the receiver says that it has the message (AL always, NE never, ER on error, SU on "
            "success); unsaid: as the message has it",
     .example = "accept_ack AL",
     .words = kAckConditions},
    {.path = "application_ack",
     .kind = OptionKind::words,
     .connectives = kPlain,
     .doc = "MSH-16 of what is sent: when the receiver says what became of the message; unsaid: as the message has it",
     .example = "application_ack AL",
     .words = kAckConditions},
    {.path = "application",
     .kind = OptionKind::block,
     .doc = "what the receiving application answers",
     .example = "application ack within 1m"},
    {.path = "application.ack",
     .kind = OptionKind::duration,
     .connectives = kWithin,
     .doc = "a message is delivered when its application acknowledgement came, on any connection or at any source of the hub; "
            "how long that may take after the commit acknowledgement; unsaid: the first answer is the delivery",
     .example = "application ack within 1m"},
    {.path = "order",
     .kind = OptionKind::path,
     .connectives = kPlainOrBy,
     .otherwise = "fifo",
     .doc = "fifo: one connection, all in order; by patient or by PATH: in order for each key; none: no order",
     .example = "order by patient",
     .words = kOrders},
    {.path = "connections",
     .kind = OptionKind::number,
     .connectives = kPlain,
     .otherwise = "1",
     .doc = "connections at the same time, with `order by` or `order none`",
     .example = "connections 4"},
    {.path = "retry",
     .kind = OptionKind::name,
     .connectives = kPlain,
     .otherwise = "std.retry.standard",
     .doc = "how messages that are refused for now are tried again",
     .example = "retry steady",
     .declared = "retry"},
    {.path = "match",
     .kind = OptionKind::words,
     .connectives = kPlain,
     .otherwise = "id",
     .doc = "how an answer is known to be the message's: by MSA-2, or by coming next",
     .example = "match id",
     .words = kMatches},
    {.path = "prefix",
     .kind = OptionKind::number,
     .connectives = kPlain,
     .doc = "with `match id`: how many characters of MSA-2 must agree, for receivers that cut it",
     .example = "match id prefix 20"},
    {.path = "holds",
     .kind = OptionKind::words,
     .connectives = kPlain,
     .otherwise = "identified",
     .doc = "the highest PHI level that may be sent there",
     .example = "holds deidentified",
     .words = kLevels},
    {.path = "trust",
     .kind = OptionKind::words,
     .connectives = kPlain,
     .otherwise = "inside",
     .doc = "outside: only redactions that list what may stay are accepted on the way there",
     .example = "trust outside",
     .words = kTrust},
    {.path = "insecure",
     .kind = OptionKind::text,
     .connectives = kBecause,
     .doc = "why this destination does without TLS",
     .example = "insecure because \"same host\""},
    {.path = "on", .kind = OptionKind::block, .doc = "how refusals are taken", .example = "on AE for now"},
    {.path = "on.AE",
     .kind = OptionKind::words,
     .connectives = kPlain,
     .doc = "whether AE without a finer code is for good; unsaid: for good after 3 attempts",
     .example = "on AE for good",
     .words = kRefusals,
     .former = kFormerRefusals},
    {.path = "on.AR",
     .kind = OptionKind::words,
     .connectives = kPlain,
     .otherwise = "for now",
     .doc = "whether AR without a finer code is for good",
     .example = "on AR for good",
     .words = kRefusals,
     .former = kFormerRefusals},
    {.path = "on.refusal",
     .kind = OptionKind::words,
     .connectives = kPlain,
     .otherwise = "go on",
     .doc = "after a message was given up: later ones go on, those of its key wait, or the whole lane waits",
     .example = "on refusal hold lane",
     .words = kAfterRefusal,
     .former = kFormerAfterRefusal},
};

}  // namespace

std::span<const OptionSpec> common_source_options() { return kSource; }
std::span<const OptionSpec> common_destination_options() { return kDestination; }

}  // namespace smarthl7::connectors
