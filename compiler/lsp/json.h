// SPDX-License-Identifier: Apache-2.0
// LSP's values as JSON. Internal to this folder: the one place that includes Boost.JSON, so no public header does.
// Pure; any thread. Reading a value of another kind than is due gives nothing instead of failing.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "compiler/lsp/text.h"

namespace smarthl7::lsp {

namespace json = boost::json;

[[nodiscard]] json::object to_json(Position position);
[[nodiscard]] json::object to_json(Range range);
[[nodiscard]] json::string to_json(std::string_view text);
[[nodiscard]] json::object location(std::string_view uri, Range range);
[[nodiscard]] json::object text_edit(Range range, std::string_view text);
[[nodiscard]] json::object markdown(std::string_view text);

/// A member of an object by its path ("textDocument.uri"); null if there is none.
[[nodiscard]] const json::value* member(const json::value& value, std::string_view path);
[[nodiscard]] std::string_view text_at(const json::value& value, std::string_view path);
[[nodiscard]] bool flag_at(const json::value& value, std::string_view path);
[[nodiscard]] std::optional<std::int64_t> number_at(const json::value& value, std::string_view path);
[[nodiscard]] std::optional<Position> position_at(const json::value& value, std::string_view path);
[[nodiscard]] std::optional<Range> range_at(const json::value& value, std::string_view path);

}  // namespace smarthl7::lsp
