// SPDX-License-Identifier: Apache-2.0
// The connectives that options ask for, as the tables of this folder name them. Constant data.
#pragma once

#include <string_view>

namespace smarthl7::connectors {

inline constexpr std::string_view kPlain[] = {""};
inline constexpr std::string_view kFile[] = {"file"};
inline constexpr std::string_view kSecret[] = {"secret"};
inline constexpr std::string_view kOauth[] = {"oauth", ""};
inline constexpr std::string_view kWhen[] = {"when"};
inline constexpr std::string_view kWithin[] = {"within"};
inline constexpr std::string_view kBy[] = {"by"};
inline constexpr std::string_view kAfter[] = {"after"};
inline constexpr std::string_view kBecause[] = {"because"};
inline constexpr std::string_view kPlainOrBy[] = {"", "by"};

}  // namespace smarthl7::connectors
