// SPDX-License-Identifier: Apache-2.0
// Whether the certificates that a route file names are valid at the time of the check: those that the hub shows, and the
// authorities that it trusts. Looks only if the context has a time (the command `check`). Reports to the sink; one thread.
// Source: RFC 5280, 4.1.2.5 (validity).
#pragma once

#include <string>
#include <string_view>

#include "compiler/check/context.h"

namespace smarthl7::check {

/// The file at `path`, which the option `option` ("tls.certificate") names at `span`. Other options hold no certificates, and
/// a file that is not there is not looked for.
void check_certificates(Context& context, std::string_view option, source::Span span, const std::string& path);

}  // namespace smarthl7::check
