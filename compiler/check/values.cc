// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace smarthl7::check {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
constexpr std::array<Unit, 5> kDurations = {
    {{"ms", 1000}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000}, {"d", 86'400'000'000}}};
constexpr std::array<Unit, 4> kSizes = {{{"B", 1}, {"KiB", 1024}, {"MiB", 1U << 20}, {"GiB", 1U << 30}}};

template <std::size_t N>
const Unit* find(const std::array<Unit, N>& units, std::string_view name) {
  const auto at = std::find_if(units.begin(), units.end(), [name](const Unit& unit) { return unit.name == name; });
  return at == units.end() ? nullptr : &*at;
}

std::optional<std::uint64_t> times(std::string_view number, const Unit* unit) {
  const auto count = whole_number(number);
  if (unit == nullptr || !count || *count > std::numeric_limits<std::int64_t>::max() / unit->factor) return std::nullopt;
  return *count * unit->factor;
}

}  // namespace

std::optional<std::uint64_t> whole_number(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> duration_micros(const syntax::UnitExpr& value) {
  return times(value.number, find(kDurations, value.unit));
}
std::optional<std::uint64_t> size_bytes(const syntax::UnitExpr& value) { return times(value.number, find(kSizes, value.unit)); }
bool is_duration_unit(std::string_view unit) { return find(kDurations, unit) != nullptr; }
bool is_size_unit(std::string_view unit) { return find(kSizes, unit) != nullptr; }

std::optional<std::uint16_t> port_of(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = whole_number(address.substr(colon + 1));
  if (!port || *port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

bool is_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || !port_of(text)) return false;
  const std::string_view host = text.substr(0, colon);
  const bool bracketed = host.front() == '[' && host.back() == ']';
  return host.find_first_of(" \t/") == std::string_view::npos && (bracketed || host.find(':') == std::string_view::npos);
}

bool is_url(std::string_view text) {
  const std::size_t scheme = text.find("://");
  return scheme != std::string_view::npos && scheme > 0 && scheme + 3 < text.size() && text.find(' ') == std::string_view::npos;
}

}  // namespace smarthl7::check
