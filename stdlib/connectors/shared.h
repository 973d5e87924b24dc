// SPDX-License-Identifier: Apache-2.0
// Options that several connectors have, told once: who may connect and from where, TLS of either side, how connections are made
// and how long they are used. joined() puts such tables and a connector's own into one. Constant data.
#pragma once

#include <array>
#include <cstddef>

#include "stdlib/connectors/connectives.h"
#include "stdlib/connectors/spec.h"

namespace smarthl7::connectors {

template <std::size_t... Counts>
consteval std::array<OptionSpec, (Counts + ...)> joined(const OptionSpec (&... tables)[Counts]) {
  std::array<OptionSpec, (Counts + ...)> all{};
  std::size_t next = 0;
  const auto append = [&](const auto& table) {
    for (const OptionSpec& one : table) all[next++] = one;
  };
  (append(tables), ...);
  return all;
}

inline constexpr std::string_view kTlsVersions[] = {"tls12", "tls13"};

/// Of a source that listens.
inline constexpr OptionSpec kListening[] = {
    {.path = "via",
     .kind = OptionKind::text,
     .connectives = kPlain,
     .doc = "take connections that come over this interface alone",
     .example = "via \"wg0\""},
    {.path = "allow",
     .kind = OptionKind::networks,
     .connectives = kPlain,
     .many = true,
     .doc = "addresses and networks that may connect; another is closed before anything is read, and told in the log",
     .example = "allow \"10.20.0.0/16\", \"192.0.2.7\""},
    {.path = "tls", .kind = OptionKind::block, .doc = "take connections with TLS 1.2 or 1.3 only", .example = "tls { ... }"},
    {.path = "tls.certificate",
     .kind = OptionKind::file,
     .connectives = kFile,
     .required = true,
     .doc = "PEM file: the hub's certificate, then the ones that lead to its authority",
     .example = "certificate file \"tls/hub.pem\""},
    {.path = "tls.key",
     .kind = OptionKind::secret,
     .connectives = kSecret,
     .required = true,
     .doc = "the private key of the certificate, in PEM",
     .example = "key secret hub_key"},
    {.path = "tls.clients",
     .kind = OptionKind::file,
     .connectives = kFile,
     .doc =
         "PEM file of authorities: a sender must show a certificate that one of them signed; without it any sender may connect",
     .example = "clients file \"tls/lab-ca.pem\""},
    {.path = "tls.pin",
     .kind = OptionKind::text,
     .connectives = kPlain,
     .doc = "the one certificate that is taken, of those that the authorities signed: its subject, a name that it is for, or "
            "`sha256:` and its digest",
     .example = "pin \"CN=lab-sender,O=Region\""},
    {.path = "tls.crl",
     .kind = OptionKind::file,
     .connectives = kFile,
     .doc = "PEM file with the revocation lists of the authorities; without it nothing is looked up",
     .example = "crl file \"tls/revoked.pem\""},
    {.path = "tls.least",
     .kind = OptionKind::words,
     .connectives = kPlain,
     .otherwise = "tls12",
     .doc = "the oldest version of TLS that is taken",
     .example = "least tls13",
     .words = kTlsVersions},
    {.path = "most_connections",
     .kind = OptionKind::number,
     .connectives = kPlain,
     .otherwise = "10000",
     .doc = "connections at the same time; a further one is closed at once and counted",
     .example = "most_connections 200"},
    {.path = "charset",
     .kind = OptionKind::charset,
     .connectives = kPlain,
     .otherwise = "\"UNICODE UTF-8\"",
     .doc = "the character set of messages that say none in MSH-18",
     .example = "charset \"8859/1\""},
};

/// Of a destination that connects.
inline constexpr OptionSpec kConnecting[] = {
    {.path = "via",
     .kind = OptionKind::text,
     .connectives = kPlain,
     .doc =
         "connect through this interface alone, or from this address of the machine; the receiver is unreachable while it is "
         "not there",
     .example = "via \"wg0\""},
    {.path = "connect_time",
     .kind = OptionKind::duration,
     .connectives = kWithin,
     .otherwise = "10s",
     .doc = "how long resolving, connecting and TLS may take together",
     .example = "connect_time within 5s"},
    {.path = "most_messages",
     .kind = OptionKind::number,
     .connectives = kPlain,
     .doc = "messages sent over one connection before it is made anew, for receivers that take only so many; without it any "
            "number",
     .example = "most_messages 1"},
    {.path = "tls", .kind = OptionKind::block, .doc = "connect with TLS 1.2 or 1.3", .example = "tls { ... }"},
    {.path = "tls.ca",
     .kind = OptionKind::file,
     .connectives = kFile,
     .doc = "PEM file of the authorities that may have signed the receiver's certificate; without it those of the system",
     .example = "ca file \"tls/mercy.pem\""},
    {.path = "tls.certificate",
     .kind = OptionKind::file,
     .connectives = kFile,
     .doc = "PEM file: the certificate that the hub shows to the receiver",
     .example = "certificate file \"tls/hub.pem\""},
    {.path = "tls.key",
     .kind = OptionKind::secret,
     .connectives = kSecret,
     .doc = "the private key of that certificate, in PEM",
     .example = "key secret hub_key"},
    {.path = "tls.name",
     .kind = OptionKind::text,
     .connectives = kPlain,
     .doc = "the name that the receiver's certificate must carry; without it the host that is connected to",
     .example = "name \"hl7.mercy.example\""},
    {.path = "tls.pin",
     .kind = OptionKind::text,
     .connectives = kPlain,
     .doc = "the one certificate that is taken, of those that the authorities signed: its subject, a name that it is for, or "
            "`sha256:` and its digest",
     .example = "pin \"CN=hl7.mercy.example,O=Region\""},
    {.path = "tls.crl",
     .kind = OptionKind::file,
     .connectives = kFile,
     .doc = "PEM file with the revocation lists of the authorities; without it nothing is looked up",
     .example = "crl file \"tls/revoked.pem\""},
    {.path = "tls.least",
     .kind = OptionKind::words,
     .connectives = kPlain,
     .otherwise = "tls12",
     .doc = "the oldest version of TLS that is taken",
     .example = "least tls13",
     .words = kTlsVersions},
    {.path = "charset",
     .kind = OptionKind::charset,
     .connectives = kPlain,
     .doc = "the character set that messages are converted to, which MSH-18 then says; without it they keep their own",
     .example = "charset \"UNICODE UTF-8\""},
};

}  // namespace smarthl7::connectors
