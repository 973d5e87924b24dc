// SPDX-License-Identifier: Apache-2.0
// What the admin interface answers with: JSON of letters, ledger entries and errors; and how it reads what people write
// (moments, ids of letters). Internal to admin.cc and admin_acts.cc. Pure functions; any thread.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/api/http.h"
#include "runtime/observe/status.h"
#include "runtime/store/acts.h"

namespace smarthl7::api {

[[nodiscard]] Response answer(const boost::json::value& value, unsigned status = 200);
[[nodiscard]] Response complain(unsigned status, std::string_view text);
[[nodiscard]] Response complain(const Error& error);

[[nodiscard]] std::optional<std::uint64_t> to_number(std::string_view text);
/// "5", or "5.1" for its delivery 1.
[[nodiscard]] std::optional<store::Chosen> to_chosen(std::string_view text);
/// "90s", "30m", "2h", "7d" before now, or a moment of UTC: "2026-11-23", "2026-11-23T05:26", "2026-11-23T05:26:12Z".
[[nodiscard]] std::optional<WallTime> moment(std::string_view text, WallTime now);
inline constexpr std::string_view kMomentHelp =
    "`since` is a time as 30m, 2h or 7d, or a moment of UTC as 2026-11-23 or 2026-11-23T05:26:12Z";

[[nodiscard]] boost::json::array table_states(const std::vector<observe::TableStatus>& tables);
[[nodiscard]] boost::json::object letter(const store::Letter& of);
[[nodiscard]] boost::json::object ledger_entry(const store::LedgerEntry& entry, const std::string* control_id);
[[nodiscard]] boost::json::object verdict(const store::ReplayVerdict& of);
/// A delivery's number; null: a flow ended the message before any.
[[nodiscard]] boost::json::value delivery_number(std::uint32_t number);
/// MSH-10, or BHS-11 of a batch; empty if the bytes are neither.
[[nodiscard]] std::string control_id_of(std::string_view body);

}  // namespace smarthl7::api
