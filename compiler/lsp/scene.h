// SPDX-License-Identifier: Apache-2.0
// What is known about a place in a text that may be broken just there: the declaration it is in, the message type that its
// paths are read by, and what a path that is being written means so far. Made from the check's facts and the blocks around
// the cursor. Internal to this folder; lives for one request; one thread; nothing fails.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "compiler/check/model.h"
#include "compiler/lsp/lexical.h"
#include "compiler/lsp/view.h"

namespace smarthl7::lsp {

/// A path as far as it is written.
struct PartialPath {
  enum class Due : std::uint8_t {
    word,       // a segment, group, function, name: nothing of a path yet
    node,       // `GROUP.`: what is in the group
    field,      // `PID-`, `PID.pat`
    component,  // `PID-3[1].`
    nothing,    // it cannot go on, or is not known
  };
  Due due = Due::word;
  std::string_view partial;              // what is written of the part that is due
  bool by_name = false;                  // `PID.`: names, not numbers
  std::string segment;                   // of due field
  std::string group;                     // of due node
  std::optional<check::PartInfo> above;  // of due component: what has the components
};

class Scene {
 public:
  Scene(const View& view, std::uint32_t offset);

  [[nodiscard]] const Spot& spot() const { return spot_; }
  [[nodiscard]] const syntax::Declaration* declaration() const { return declaration_; }
  [[nodiscard]] const check::MessageModel& model() const { return *model_; }
  /// The first word of the head of the declaration that the cursor is in; empty: outside of all.
  [[nodiscard]] std::string_view kind() const;
  /// What `text` means so far, as a path in this place.
  [[nodiscard]] PartialPath partial(std::string_view text) const;
  /// What a whole path ends at; nullopt if it is none, or a segment.
  [[nodiscard]] std::optional<check::PartInfo> part(std::string_view path) const;
  /// The segment of the innermost `each` or `insert` around; empty: none.
  [[nodiscard]] std::string current_segment() const;

 private:
  void find_type(const View& view, std::uint32_t offset);
  [[nodiscard]] std::optional<check::PartInfo> current_field() const;

  Spot spot_;
  const syntax::Declaration* declaration_ = nullptr;
  check::MessageType type_;
  std::optional<check::MessageModel> model_;
};

}  // namespace smarthl7::lsp
