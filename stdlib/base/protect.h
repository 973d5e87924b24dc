// SPDX-License-Identifier: Apache-2.0
// Values that must not be printed by accident. Phi<T> holds patient data on its way to a place where
// people look; Secret holds a password or key. Neither has a formatter or stream operator, so printing one
// does not compile; `reveal()` is the visible act of taking the value out. Value types; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace smarthl7 {

template <class T>
class Phi {
 public:
  Phi() = default;
  explicit Phi(T value) : value_(std::move(value)) {}
  [[nodiscard]] const T& reveal() const { return value_; }
  [[nodiscard]] T take() && { return std::move(value_); }
  friend bool operator==(const Phi&, const Phi&) = default;

 private:
  T value_{};
};

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&&) = default;
  Secret& operator=(const Secret&) = default;
  Secret& operator=(Secret&&) = default;
  ~Secret() { wipe(); }
  [[nodiscard]] std::string_view reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }

 private:
  void wipe();
  std::string value_;
};

}  // namespace smarthl7
