// SPDX-License-Identifier: Apache-2.0
// The token of the admin interface over loopback HTTP: 256 random bits in hex, made at the first start that asks for it and
// kept in the data folder (admin.token, mode 0600), so whoever can read the folder can use it and nobody else.
// Pure but for the disk; any thread. Failure: Result, with the file's name.
#pragma once

#include <string>

#include "runtime/env/env.h"
#include "stdlib/base/protect.h"
#include "stdlib/base/result.h"

namespace smarthl7::app {

[[nodiscard]] std::string admin_token_path(const std::string& data);
/// `made` says whether it is new.
[[nodiscard]] Result<Secret> load_or_make_admin_token(env::Disk& disk, env::Random& random, const std::string& data,
                                                      bool* made);

}  // namespace smarthl7::app
