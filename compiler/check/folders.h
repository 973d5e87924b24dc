// SPDX-License-Identifier: Apache-2.0
// Who meets whom in which folder, in every environment: two sources that take the same files, a folder for what was taken that
// is read again, a destination that writes what a source of the project takes, two destinations that write names of one kind.
// Reads what the options of sources and destinations say; reports to the sink; one thread.
#pragma once

#include "compiler/check/context.h"

namespace smarthl7::check {

void check_folders(Context& context);

}  // namespace smarthl7::check
