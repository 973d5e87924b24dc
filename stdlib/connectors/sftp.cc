// SPDX-License-Identifier: Apache-2.0
#include "stdlib/connectors/sftp.h"

#include "stdlib/connectors/folders.h"
#include "stdlib/connectors/shared.h"

namespace smarthl7::connectors {

namespace {

/// The server, and who the hub is there.
constexpr OptionSpec kServer[] = {
    {.path = "connect",
     .kind = OptionKind::address,
     .connectives = kPlain,
     .required = true,
     .doc = "the server's host and port",
     .example = "connect \"files.mercy.example:22\""},
    {.path = "user",
     .kind = OptionKind::text,
     .connectives = kPlain,
     .required = true,
     .doc = "the name that the hub has at the server",
     .example = "user \"hub\""},
    {.path = "key",
     .kind = OptionKind::secret,
     .connectives = kSecret,
     .doc = "the private key that is shown first, in the OpenSSH or PEM form: RSA (with SHA-2), ECDSA or Ed25519",
     .example = "key secret mercy_key"},
    {.path = "passphrase",
     .kind = OptionKind::secret,
     .connectives = kSecret,
     .doc = "what opens the private key, if it is encrypted",
     .example = "passphrase secret mercy_key_passphrase"},
    {.path = "password",
     .kind = OptionKind::secret,
     .connectives = kSecret,
     .doc = "the password, shown if there is no key, or the server wants both",
     .example = "password secret mercy_password"},
    {.path = "known_hosts",
     .kind = OptionKind::file,
     .connectives = kFile,
     .doc = "the keys that the server may show, as OpenSSH keeps them; a server with another one is not talked to, and none "
            "is added",
     .example = "known_hosts file \"ssh/known_hosts\""},
    {.path = "host_key",
     .kind = OptionKind::text,
     .connectives = kPlain,
     .doc = "in place of `known_hosts`: the fingerprint of the one key that the server may show",
     .example = "host_key \"SHA256:tm+NSgSmIXgbFqHnz1WHnLUo4xuXfMYJBYmwyZZ6oqQ\""},
    {.path = "via",
     .kind = OptionKind::text,
     .connectives = kPlain,
     .doc = "connect through this interface alone, or from this address of the machine",
     .example = "via \"wg0\""},
    {.path = "connect_time",
     .kind = OptionKind::duration,
     .connectives = kWithin,
     .otherwise = "10s",
     .doc = "how long resolving and connecting may take, and after that SSH and the login",
     .example = "connect_time within 20s"},
    {.path = "silence",
     .kind = OptionKind::duration,
     .connectives = kWithin,
     .otherwise = "30s",
     .doc = "a server that does not answer a request for so long is taken for hung: the connection is made anew",
     .example = "silence within 2m"},
};

constexpr OptionSpec kRead[] = {
    {.path = "read",
     .kind = OptionKind::folder,
     .connectives = kPlain,
     .required = true,
     .doc = "the server's folder that files are taken from; a file holds one message, several, or batches (FHS, BHS)",
     .example = "read \"/out/\""},
};

constexpr OptionSpec kLooking[] = {
    {.path = "stable",
     .kind = OptionKind::duration,
     .connectives = kWithin,
     .otherwise = "10s",
     .doc = "a file is taken when its size and time have not changed for so long; it and those behind it wait until then. "
            "Times of SFTP are whole seconds",
     .example = "stable within 30s"},
    {.path = "every",
     .kind = OptionKind::duration,
     .connectives = kPlain,
     .otherwise = "10s",
     .doc = "how often the folder is looked at",
     .example = "every 1m"},
};

constexpr OptionSpec kWrite[] = {
    {.path = "write",
     .kind = OptionKind::naming,
     .connectives = kPlain,
     .required = true,
     .doc =
         "the file that each message, or batch, is written to, in a folder that is there; fields of MSH make its name. A file "
         "of that name is never written over: the next one gets a number",
     .example = "write \"/in/{MSH-10}.hl7\""},
};

constexpr auto kSource = joined(kServer, kRead, kTakenFiles, kLooking, kFilesAfterwards);
constexpr auto kDestination = joined(kServer, kWrite, kWrittenFiles);

}  // namespace

constinit const ConnectorSpec kSftp = {
    .name = "sftp",
    .doc = "messages and batches in the files of a folder of an SFTP server",
    .built = true,
    .source = true,
    .destination = true,
    .source_options = kSource,
    .destination_options = kDestination,
};

}  // namespace smarthl7::connectors
