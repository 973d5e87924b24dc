// SPDX-License-Identifier: Apache-2.0
// Names of files that are written: settings, and what may be read of a message there, which is its header alone (MSH-3, MSH-10,
// MSH-4 or "none"): a name is seen by everybody who can list the folder. Internal to check and lower. One thread; reports to
// the sink.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "compiler/check/context.h"

namespace smarthl7::check {

/// Every part is a setting or a part of MSH that is there, or has a value for when it is not; false: reported.
bool check_naming(Context& context, const syntax::StringExpr& name);

/// A part of MSH as the runtime reads it, `{MSH-10}` or `{MSH-4.1|none}`; nothing if it is another expression.
[[nodiscard]] std::optional<std::string> naming_part(const syntax::Expr& part);

/// The name with the settings put in and `*` for what the message says; nothing if a setting has no value.
[[nodiscard]] std::optional<std::string> naming_pattern(const syntax::Expr& name,
                                                        const std::map<std::string_view, std::string>& settings);

}  // namespace smarthl7::check
