// SPDX-License-Identifier: Apache-2.0
// The options of one source or destination, as a transport gets them: flat, resolved and typed. Names are those of the
// language with a dot for blocks ("connect", "tls.certificate", "tls.key"). Files are resolved to their bytes, secrets
// to their values, settings to theirs; a flag is present or not. Value type; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "stdlib/base/protect.h"

namespace smarthl7::transport {

class Renewals;  // renewals.h

class Options {
 public:
  using Duration = std::chrono::nanoseconds;

  void set_text(std::string name, std::string value) {
    values_[std::move(name)] = std::move(value);
  }  // text, address, bytes of a file
  void set_number(std::string name, std::uint64_t value) { values_[std::move(name)] = value; }  // number, size in bytes, port
  void set_duration(std::string name, Duration value) { values_[std::move(name)] = value; }
  void set_secret(std::string name, Secret value) { values_[std::move(name)] = std::move(value); }

  [[nodiscard]] bool has(std::string_view name) const { return values_.find(name) != values_.end(); }
  /// Whether any option of the block `name { ... }` is there; a block without options is set_text(name, "").
  [[nodiscard]] bool has_block(std::string_view name) const;
  /// The value, or `otherwise` when absent. A value of another type is a bug of the one who set it.
  [[nodiscard]] std::string_view get_text(std::string_view name, std::string_view otherwise = {}) const;
  [[nodiscard]] std::uint64_t get_number(std::string_view name, std::uint64_t otherwise) const;
  [[nodiscard]] std::uint64_t get_size(std::string_view name, std::uint64_t otherwise) const {
    return get_number(name, otherwise);
  }
  [[nodiscard]] Duration get_duration(std::string_view name, Duration otherwise) const;
  [[nodiscard]] Secret get_secret(std::string_view name) const;  // empty when absent

  /// Who is told when certificates, keys or authorities among the values are replaced; null: nobody replaces them.
  void set_renewals(std::shared_ptr<Renewals> renewals) { renewals_ = std::move(renewals); }
  [[nodiscard]] const std::shared_ptr<Renewals>& renewals() const { return renewals_; }

 private:
  template <class T>
  const T* find(std::string_view name) const;

  std::map<std::string, std::variant<std::string, std::uint64_t, Duration, Secret>, std::less<>> values_;
  std::shared_ptr<Renewals> renewals_;
};

}  // namespace smarthl7::transport
