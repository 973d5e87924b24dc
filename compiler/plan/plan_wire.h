// SPDX-License-Identifier: Apache-2.0
// The Cap'n Proto side of plan_file.cc, in C++17 because the headers of capnproto 0.9 ask for it. Internal to this folder.
// Pure functions; any thread. decode() checks that the bytes are a plan in form; whether it makes sense is check_plan()'s.
#pragma once

#include <string>
#include <string_view>

#include "compiler/plan/plan.h"

namespace smarthl7::plan::wire {

/// Canonical bytes (Cap'n Proto's canonical form, one segment).
[[nodiscard]] std::string encode(const plan::Plan& plan);
/// False, with a text for people, if the bytes are not in that form.
[[nodiscard]] bool decode(std::string_view bytes, plan::Plan& plan, std::string& error);

}  // namespace smarthl7::plan::wire
