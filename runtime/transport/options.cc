// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/options.h"

#include "stdlib/base/assert.h"

namespace smarthl7::transport {

template <class T>
const T* Options::find(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return nullptr;
  const T* value = std::get_if<T>(&found->second);
  SMARTHL7_ASSERT(value != nullptr, "an option was set with another type than the transport reads");
  return value;
}

bool Options::has_block(std::string_view name) const {
  const std::string prefix = std::string(name) + ".";
  const auto found = values_.lower_bound(prefix);
  return has(name) || (found != values_.end() && found->first.starts_with(prefix));
}

std::string_view Options::get_text(std::string_view name, std::string_view otherwise) const {
  const auto* value = find<std::string>(name);
  return value != nullptr ? std::string_view(*value) : otherwise;
}

std::uint64_t Options::get_number(std::string_view name, std::uint64_t otherwise) const {
  const auto* value = find<std::uint64_t>(name);
  return value != nullptr ? *value : otherwise;
}

Options::Duration Options::get_duration(std::string_view name, Duration otherwise) const {
  const auto* value = find<Duration>(name);
  return value != nullptr ? *value : otherwise;
}

Secret Options::get_secret(std::string_view name) const {
  const auto* value = find<Secret>(name);
  return value != nullptr ? *value : Secret();
}

}  // namespace smarthl7::transport
