// SPDX-License-Identifier: Apache-2.0
// Views of a field, repetition, component and subcomponent: raw bytes, and the parts on demand. They are small values;
// the bytes belong to the message and must outlive them. Numbers are 1-based; what is not there is an absent view,
// never an error. Nothing is decoded here (escape.h does that). Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "stdlib/hl7/delimiters.h"

namespace smarthl7::hl7 {

/// `absent`: nothing was sent. `null`: the two quotes `""`, the sender's wish to delete.
enum class State : std::uint8_t { absent, null, present };

[[nodiscard]] State state_of(std::string_view raw, const Delimiters& delimiters);

/// The n-th part (1-based) of raw between separators; an empty view at the place where it would be if there is none.
/// A separator of 0 means that raw has one part. `found` says whether the part is there.
[[nodiscard]] std::string_view part(std::string_view raw, char separator, std::size_t n, bool* found = nullptr);
[[nodiscard]] std::size_t part_count(std::string_view raw, char separator);

template <class Derived>
class ViewBase {
 public:
  ViewBase() = default;
  ViewBase(std::string_view raw, const Delimiters& delimiters) : raw_(raw), delimiters_(delimiters) {}

  [[nodiscard]] std::string_view raw() const { return raw_; }
  [[nodiscard]] State state() const { return state_of(raw_, delimiters_); }
  [[nodiscard]] bool absent() const { return state() == State::absent; }
  [[nodiscard]] bool null() const { return state() == State::null; }
  [[nodiscard]] bool present() const { return state() == State::present; }
  [[nodiscard]] const Delimiters& delimiters() const { return delimiters_; }
  /// Reading a composite where text is wanted: the first subcomponent of the first component, still escaped.
  [[nodiscard]] std::string_view text() const {
    return part(part(part(raw_, delimiters_.repetition, 1), delimiters_.component, 1), delimiters_.subcomponent, 1);
  }

 protected:
  std::string_view raw_;
  Delimiters delimiters_;
};

class SubcomponentView : public ViewBase<SubcomponentView> {
 public:
  using ViewBase::ViewBase;
};

class ComponentView : public ViewBase<ComponentView> {
 public:
  using ViewBase::ViewBase;
  [[nodiscard]] std::size_t subcomponent_count() const { return part_count(raw_, delimiters_.subcomponent); }
  [[nodiscard]] SubcomponentView subcomponent(std::size_t n) const {
    return {part(raw_, delimiters_.subcomponent, n), delimiters_};
  }
};

class RepetitionView : public ViewBase<RepetitionView> {
 public:
  using ViewBase::ViewBase;
  [[nodiscard]] std::size_t component_count() const { return part_count(raw_, delimiters_.component); }
  [[nodiscard]] ComponentView component(std::size_t n) const { return {part(raw_, delimiters_.component, n), delimiters_}; }
};

class FieldView : public ViewBase<FieldView> {
 public:
  using ViewBase::ViewBase;
  /// 0 if nothing stands between the field's separators.
  [[nodiscard]] std::size_t repetition_count() const { return part_count(raw_, delimiters_.repetition); }
  [[nodiscard]] RepetitionView repetition(std::size_t n) const { return {part(raw_, delimiters_.repetition, n), delimiters_}; }
  /// Of the first repetition.
  [[nodiscard]] ComponentView component(std::size_t n) const { return repetition(1).component(n); }
};

}  // namespace smarthl7::hl7
