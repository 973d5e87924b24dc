// SPDX-License-Identifier: Apache-2.0
// What the options of an `sftp` source or destination must say together: how the server is known, and what it is shown. Borrows
// the reader; one thread; reports to the sink.
#pragma once

#include "compiler/check/context.h"
#include "compiler/check/option_block.h"

namespace smarthl7::check {

void check_sftp_options(Context& context, const OptionReader& reader, const syntax::Name& owner);

}  // namespace smarthl7::check
