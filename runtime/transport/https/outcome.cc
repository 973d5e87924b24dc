// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/https/outcome.h"

#include <charconv>

namespace smarthl7::transport::https {

namespace {

constexpr std::uint64_t kMostSeconds = 86'400;

template <class T>
bool read_number(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

/// "Mon, 23 Nov 2026 21:55:00 GMT"
std::optional<WallTime> read_date(std::string_view text) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return std::nullopt;
  const std::size_t month = kMonths.find(text.substr(8, 3));
  unsigned day = 0;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  int year = 0;
  const bool numbers = read_number(text.substr(5, 2), day) && read_number(text.substr(12, 4), year) &&
                       read_number(text.substr(17, 2), hour) && read_number(text.substr(20, 2), minute) &&
                       read_number(text.substr(23, 2), second);
  if (!numbers || month == std::string_view::npos || month % 3 != 0 || hour > 23 || minute > 59 || second > 60)
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month / 3 + 1)),
                                         std::chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
}

}  // namespace

std::optional<Judgement> judgement_of(unsigned status) {
  if (status == 401 || status == 403 || status == 407) return std::nullopt;
  if (status >= 200 && status < 300) return Judgement::accepted;
  const bool later = status == 408 || status == 425 || status == 429;
  if (status >= 400 && status < 500 && !later) return Judgement::refused_for_good;
  return Judgement::refused_for_now;
}

std::chrono::nanoseconds read_retry_after(std::string_view text, WallTime now) {
  std::uint64_t seconds = 0;
  if (!text.empty() && read_number(text, seconds))
    return std::chrono::seconds(static_cast<std::int64_t>(std::min(seconds, kMostSeconds)));
  const auto date = read_date(text);
  if (!date || *date <= now) return std::chrono::nanoseconds(0);
  return std::min<std::chrono::nanoseconds>(*date - now, std::chrono::seconds(kMostSeconds));
}

}  // namespace smarthl7::transport::https
