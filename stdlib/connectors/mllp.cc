// SPDX-License-Identifier: Apache-2.0
#include "stdlib/connectors/mllp.h"

#include "stdlib/connectors/connectives.h"

namespace smarthl7::connectors {

namespace {

constexpr std::string_view kNoMsh[] = {"answer", "close"};
constexpr std::string_view kFrameEnd[] = {"tolerant", "strict"};
constexpr std::string_view kTlsVersions[] = {"tls12", "tls13"};

constexpr OptionSpec kSource[] = {
    {.path = "listen", .kind = OptionKind::address, .connectives = kPlain, .required = true,
     .doc = "address and port to listen on; 0.0.0.0 is every IPv4 address of the machine",
     .example = "listen \"0.0.0.0:{hub_port}\""},
    {.path = "tls", .kind = OptionKind::block, .doc = "take connections with TLS 1.2 or 1.3 only", .example = "tls { ... }"},
    {.path = "tls.certificate", .kind = OptionKind::file, .connectives = kFile, .required = true,
     .doc = "PEM file: the hub's certificate, then the ones that lead to its authority",
     .example = "certificate file \"tls/hub.pem\""},
    {.path = "tls.key", .kind = OptionKind::secret, .connectives = kSecret, .required = true,
     .doc = "the private key of the certificate, in PEM", .example = "key secret hub_key"},
    {.path = "tls.clients", .kind = OptionKind::file, .connectives = kFile,
     .doc = "PEM file of authorities: a sender must show a certificate that one of them signed; without it any sender may connect",
     .example = "clients file \"tls/lab-ca.pem\""},
    {.path = "tls.least", .kind = OptionKind::words, .connectives = kPlain, .otherwise = "tls12",
     .doc = "the oldest version of TLS that is taken", .example = "least tls13", .words = kTlsVersions},
    {.path = "most_connections", .kind = OptionKind::number, .connectives = kPlain, .otherwise = "10000",
     .doc = "connections at the same time; a further one is closed at once and counted", .example = "most_connections 200"},
    {.path = "largest", .kind = OptionKind::size, .connectives = kPlain, .otherwise = "64MiB",
     .doc = "the largest message; the connection of a larger one is closed", .example = "largest 20MiB"},
    {.path = "frame", .kind = OptionKind::duration, .connectives = kWithin, .otherwise = "30s",
     .doc = "a frame that was begun and does not end in this time is dropped and its connection closed",
     .example = "frame within 30s"},
    {.path = "idle", .kind = OptionKind::duration, .connectives = kWithin,
     .doc = "a connection that sends no message for this long is closed; without it connections stay open",
     .example = "idle within 12h"},
    {.path = "no_msh", .kind = OptionKind::words, .connectives = kPlain, .otherwise = "answer",
     .doc = "what is done with a frame that does not begin with MSH: answer AR, or close the connection",
     .example = "no_msh close", .words = kNoMsh},
    {.path = "frame_end", .kind = OptionKind::words, .connectives = kPlain, .otherwise = "tolerant",
     .doc = "whether a frame may end in FS without CR (counted) or its connection is closed then",
     .example = "frame_end strict", .words = kFrameEnd},
};

constexpr OptionSpec kDestination[] = {
    {.path = "connect", .kind = OptionKind::address, .connectives = kPlain, .required = true,
     .doc = "the receiver's host and port", .example = "connect \"hl7.mercy.example:2575\""},
    {.path = "connect_time", .kind = OptionKind::duration, .connectives = kWithin, .otherwise = "10s",
     .doc = "how long resolving, connecting and TLS may take together", .example = "connect_time within 5s"},
    {.path = "tls", .kind = OptionKind::block, .doc = "connect with TLS 1.2 or 1.3", .example = "tls { ... }"},
    {.path = "tls.ca", .kind = OptionKind::file, .connectives = kFile,
     .doc = "PEM file of the authorities that may have signed the receiver's certificate; without it those of the system",
     .example = "ca file \"tls/mercy.pem\""},
    {.path = "tls.certificate", .kind = OptionKind::file, .connectives = kFile,
     .doc = "PEM file: the certificate that the hub shows to the receiver", .example = "certificate file \"tls/hub.pem\""},
    {.path = "tls.key", .kind = OptionKind::secret, .connectives = kSecret,
     .doc = "the private key of that certificate, in PEM", .example = "key secret hub_key"},
    {.path = "tls.name", .kind = OptionKind::text, .connectives = kPlain,
     .doc = "the name that the receiver's certificate must carry; without it the host of `connect`",
     .example = "name \"hl7.mercy.example\""},
    {.path = "tls.least", .kind = OptionKind::words, .connectives = kPlain, .otherwise = "tls12",
     .doc = "the oldest version of TLS that is taken", .example = "least tls13", .words = kTlsVersions},
};

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
