// SPDX-License-Identifier: Apache-2.0
// What every node of the tree has: a number, a place, its kind, a name.
// Part of the tree of a route file; ast.h says who owns the nodes, how long they live and how to read them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "compiler/source/source.h"
#include "stdlib/base/assert.h"

namespace smarthl7::syntax {

using source::Span;
using NodeId = std::uint32_t;

struct Node {
  NodeId id = 0;
  Span span;
  bool poisoned = false;  // a part of it could not be read
};

template <class T>
using List = std::span<const T* const>;

/// Downcast by kind for the families below (Expr, Declaration, Step, ...).
template <class Base>
struct Family : Node {
  template <class T>
  [[nodiscard]] const T& as() const {
    SMARTHL7_ASSERT(static_cast<const Base*>(this)->kind == T::kKind, "a node is read as what it is");
    return static_cast<const T&>(*this);
  }
  template <class T>
  [[nodiscard]] const T* try_as() const {
    return static_cast<const Base*>(this)->kind == T::kKind ? static_cast<const T*>(this) : nullptr;
  }
};

/// A name as declared or used: `steady`, `std.retry.exponential`, `AE`, `PATIENT_RESULT`. Empty text: it was missing.
struct Name : Node {
  std::string_view text;
};

}  // namespace smarthl7::syntax
