// SPDX-License-Identifier: Apache-2.0
// Settings and environments: the type of each setting, its default, and what each environment says. Fills context.settings;
// reports to the sink. One thread; nothing throws.
#pragma once

#include "compiler/check/context.h"

namespace smarthl7::check {

void check_settings(Context& context);

/// Fits a text the type of a setting? Shared by defaults, environments, and `--set`.
[[nodiscard]] bool fits_setting(std::string_view type, std::string_view text);

}  // namespace smarthl7::check
