// SPDX-License-Identifier: Apache-2.0
// Stage: a message at one point of a flow (as received, or as a mapping left it) with its placement in the structures that the
// flow speaks of, made when first asked for, and the character set that its text is in. A message in a set whose characters can
// hold delimiter bytes (GB 18030, BIG-5, ISO 2022) is looked at through a copy in UTF-8; wire() turns it back. Owned by the
// evaluator and used again; one thread. Internal to this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/eval/bound_plan.h"
#include "stdlib/hl7/charset_message.h"
#include "stdlib/hl7/structure.h"

namespace smarthl7::eval {

class Stage {
 public:
  /// Stands on the message as received; it outlives the stage's use. `configured` is its set where MSH-18 is silent.
  void receive(const Bound& bound, const hl7::Message& message, hl7::Charset configured);
  /// Takes a message that was read from a document; false if it is no message that can be worked on.
  [[nodiscard]] bool take(const Bound& bound, std::string bytes, hl7::Charset configured);
  /// Takes what a mapping made of another stage and indexes it. False if it is no message (which an edited message always is).
  [[nodiscard]] bool rewrite(const Bound& bound, std::string& bytes, const Stage& from);

  /// The received message itself; null if a mapping made this one.
  [[nodiscard]] const hl7::Message* as_received() const { return !received_ ? nullptr : wire_ != nullptr ? wire_ : message_; }
  /// What is read and edited.
  [[nodiscard]] const hl7::Message& message() const { return *message_; }
  [[nodiscard]] bool received() const { return received_; }
  /// The message as it goes out, not copied where it is that already. A finding if its set cannot hold it.
  [[nodiscard]] std::optional<hl7::Finding> wire(SharedBytes& out);
  /// Bytes of the received message that its set cannot hold.
  [[nodiscard]] std::uint64_t misfits() const { return misfits_; }

  /// The set of the message as it was received and goes out.
  [[nodiscard]] const hl7::TextEncoding& encoding() const { return encoding_; }
  /// Must a value be converted to be UTF-8: one that stands there as it is, one that was escaped?
  [[nodiscard]] bool converts() const { return converts_; }
  [[nodiscard]] bool converts_escaped() const { return !in_utf8_; }
  /// Is message() in UTF-8, and its set another? What is written is in UTF-8 then, and must fit the set.
  [[nodiscard]] bool is_copy() const { return wire_ != nullptr; }
  /// Where the segments stand in the structure of a plan message (a profile).
  [[nodiscard]] const hl7::Placement& placement(plan::Id profile);

 private:
  struct Placed {
    bool valid = false;
    hl7::Placement placement;
  };
  void start(const Bound& bound);
  void set_encoding(const hl7::TextEncoding& encoding, bool ascii);
  [[nodiscard]] std::optional<hl7::Finding> write_wire(std::string& out) const;

  const Bound* bound_ = nullptr;
  const hl7::Message* message_ = nullptr;
  hl7::Message own_;
  SharedBytes bytes_;
  SharedBytes sent_;  // of a copy: what wire() made
  std::vector<Placed> placed_;
  hl7::TextEncoding encoding_;
  const hl7::Message* wire_ = nullptr;      // as received, where message() is or comes from a copy in UTF-8
  const hl7::Message* original_ = nullptr;  // that copy
  bool received_ = true;
  bool in_utf8_ = true;  // message() is
  bool converts_ = false;
  std::uint64_t misfits_ = 0;
};

}  // namespace smarthl7::eval
