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
constexpr std::string_view kReload[] = {"changed", "told"};
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
    {.path = "reload",
     .kind = OptionKind::words,
     .connectives = kWhen,
     .doc =
         "the file is read again while the hub runs: when it `changed`, or when `told` (a signal or `smarthl7 tables reload`); "
         "without this its rows are part of the plan",
     .example = "reload when changed",
     .words = kReload},
    {.path = "optional",
     .kind = OptionKind::text,
     .connectives = kPlain,
     .doc = "of a table that reloads: value columns that may be empty; a file with another empty cell is refused",
     .example = "optional city"},
    {.path = "least",
     .kind = OptionKind::number,
     .connectives = kPlain,
     .doc = "of a table that reloads: a file with fewer rows is refused, for it may have been cut short",
     .example = "least 1000"},
};

constexpr std::string_view kAuthentications[] = {"client_secret_basic", "client_secret_post"};
constexpr OptionSpec kOauthClient[] = {
    {.path = "token_url",
     .kind = OptionKind::url,
     .connectives = kPlain,
     .doc = "for a destination: where the hub gets its tokens, by client credentials; https:// only",
     .example = "token_url \"https://login.region.example/token\""},
    {.path = "client",
     .kind = OptionKind::text,
     .connectives = kPlain,
     .doc = "for a destination: the name of the hub at the token server",
     .example = "client \"hub\""},
    {.path = "secret",
     .kind = OptionKind::secret,
     .connectives = kPlain,
     .doc = "for a destination: the client's secret, a declared one",
     .example = "secret st_john_secret"},
    {.path = "authentication",
     .kind = OptionKind::words,
     .connectives = kPlain,
     .otherwise = "client_secret_basic",
     .doc = "for a destination: whether client and secret go in Authorization or in the body of the request for a token",
     .example = "authentication client_secret_post",
     .words = kAuthentications},
    {.path = "scope",
     .kind = OptionKind::text,
     .connectives = kPlain,
     .doc = "what tokens are asked for, or must all be good for; a blank between two",
     .example = "scope \"hl7.write\""},
    {.path = "audience",
     .kind = OptionKind::text,
     .connectives = kPlain,
     .doc = "for whom tokens are asked for, or must be meant; a source needs it",
     .example = "audience \"https://hub.region.example\""},
    {.path = "issuer",
     .kind = OptionKind::text,
     .connectives = kPlain,
     .doc = "for a source: who must have issued the token (iss), to the letter",
     .example = "issuer \"https://login.region.example\""},
    {.path = "jwks",
     .kind = OptionKind::file,
     .connectives = kFile,
     .doc = "for a source: the issuer's public keys, a JSON Web Key Set; read when the hub starts",
     .example = "jwks file \"region-keys.json\""},
    {.path = "jwks_url",
     .kind = OptionKind::url,
     .connectives = kPlain,
     .doc = "for a source: where the issuer shows its keys; fetched at the first token, every hour, and for a key that is not "
            "known; https:// only",
     .example = "jwks_url \"https://login.region.example/keys\""},
    {.path = "leeway",
     .kind = OptionKind::duration,
     .connectives = kPlain,
     .otherwise = "60s",
     .doc = "for a source: by how much the issuer's clock may differ from the hub's",
     .example = "leeway 30s"},
    {.path = "ca",
     .kind = OptionKind::file,
     .connectives = kFile,
     .doc = "PEM file of the authorities that may have signed the certificate of the server behind `token_url` and `jwks_url`; "
            "without it those of the system",
     .example = "ca file \"tls/region.pem\""},
};

}  // namespace

std::span<const OptionSpec> declaration_options(std::string_view declaration) {
  if (declaration == "retry") return kRetry;
  if (declaration == "table") return kTable;
  if (declaration == "oauth") return kOauthClient;
  return {};
}

}  // namespace smarthl7::connectors
