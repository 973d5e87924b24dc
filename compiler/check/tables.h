// SPDX-License-Identifier: Apache-2.0
// Tables: the file of each declared table is read, its columns and keys checked. Fills context.tables and context.inputs;
// reports to the sink. One thread; nothing throws.
#pragma once

#include "compiler/check/context.h"

namespace smarthl7::check {

void check_tables(Context& context);

}  // namespace smarthl7::check
