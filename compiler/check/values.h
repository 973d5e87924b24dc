// SPDX-License-Identifier: Apache-2.0
// Literals of options and settings: durations, sizes, counts, ports, addresses. Pure; any thread; nothing if the text is none.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "compiler/syntax/ast.h"

namespace smarthl7::check {

[[nodiscard]] std::optional<std::uint64_t> whole_number(std::string_view digits);
/// `500ms`, `30s`, `5m`, `24h`, `7d`, in microseconds.
[[nodiscard]] std::optional<std::uint64_t> duration_micros(const syntax::UnitExpr& value);
/// `512B`, `64KiB`, `64MiB`, `2GiB`, in bytes.
[[nodiscard]] std::optional<std::uint64_t> size_bytes(const syntax::UnitExpr& value);
[[nodiscard]] bool is_duration_unit(std::string_view unit);
[[nodiscard]] bool is_size_unit(std::string_view unit);
/// "host:port", "[::1]:2575".
[[nodiscard]] bool is_address(std::string_view text);
/// The port of an address; nothing without one.
[[nodiscard]] std::optional<std::uint16_t> port_of(std::string_view address);
/// "scheme://rest".
[[nodiscard]] bool is_url(std::string_view text);

}  // namespace smarthl7::check
