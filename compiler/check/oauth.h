// SPDX-License-Identifier: Apache-2.0
// `oauth NAME { ... }` and who uses it: a source checks tokens (issuer, audience, keys), a destination fetches them (where, as
// whom). Internal to the checks of connections; fills context.oauth_clients; reports to the sink; one thread.
#pragma once

#include <vector>

#include "compiler/check/option_block.h"

namespace smarthl7::check {

/// Before the ends.
void read_oauth_clients(Context& context);

/// Puts the options of the declaration that `auth oauth NAME` names beside those of the end, as "auth.oauth.token_url". False:
/// reported, or it could not be read.
[[nodiscard]] bool add_oauth_options(Context& context, const OptionReader& reader, connectors::Role role,
                                     std::vector<OptionInfo>& options);

/// After the ends: what a declaration says that nobody who uses it looks at.
void check_oauth_uses(Context& context);

}  // namespace smarthl7::check
