// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/stage.h"

#include <unordered_map>

namespace smarthl7::eval {

void Stage::start(const Bound& bound) {
  bound_ = &bound;
  placed_.resize(bound.plan().messages.size());
  for (Placed& placed : placed_) placed.valid = false;
}

void Stage::set_encoding(const hl7::TextEncoding& encoding, bool ascii) {
  encoding_ = encoding;
  in_utf8_ = wire_ != nullptr || (encoding.base == hl7::Charset::utf8 && encoding.switching == hl7::Switching::none);
  converts_ = !in_utf8_ && (!ascii || encoding.base == hl7::Charset::iso_ir14);
}

void Stage::receive(const Bound& bound, const hl7::Message& message, hl7::Charset configured) {
  start(bound);
  message_ = &message;
  received_ = true;
  wire_ = nullptr;
  original_ = nullptr;
  const bool ascii = hl7::is_ascii(message.bytes());
  const hl7::TextEncoding encoding = hl7::text_encoding(message, configured);
  const bool looks_plain = ascii && encoding.switching == hl7::Switching::none;
  misfits_ = looks_plain ? 0 : hl7::count_misfits(message, encoding);
  if (!looks_plain && !encoding.delimiters_are_safe()) {
    std::string text;
    hl7::message_to_utf8(message, encoding, text);
    bytes_ = SharedBytes(std::move(text));
    if (own_.reset(bytes_.view()) && own_.segment_count() == message.segment_count()) {
      message_ = &own_;
      original_ = &own_;
      wire_ = &message;
    }
  }
  set_encoding(encoding, ascii);
}

bool Stage::take(const Bound& bound, std::string bytes, hl7::Charset configured) {
  start(bound);
  bytes_ = SharedBytes(std::move(bytes));
  sent_ = SharedBytes();
  message_ = &own_;
  received_ = false;
  wire_ = original_ = nullptr;
  if (!own_.reset(bytes_.view())) return false;
  const hl7::TextEncoding encoding = hl7::text_encoding(own_, configured);
  const bool ascii = hl7::is_ascii(own_.bytes());
  set_encoding(encoding, ascii);
  return (ascii && encoding.switching == hl7::Switching::none) || encoding.delimiters_are_safe();
}

bool Stage::rewrite(const Bound& bound, std::string& bytes, const Stage& from) {
  start(bound);
  bytes_ = SharedBytes(std::move(bytes));
  sent_ = SharedBytes();
  message_ = &own_;
  received_ = false;
  wire_ = from.wire_;
  original_ = from.original_;
  set_encoding(from.encoding_, false);  // what a mapping wrote need not be ASCII
  return own_.reset(bytes_.view()).has_value();
}

std::optional<hl7::Finding> Stage::wire(SharedBytes& out) {
  if (wire_ != nullptr && sent_.empty()) {
    std::string bytes;
    if (auto why = write_wire(bytes)) return why;
    sent_ = SharedBytes(std::move(bytes));
  }
  out = wire_ == nullptr ? bytes_ : sent_;
  return std::nullopt;
}

/// Segments that nothing changed keep the very bytes that they came in, of which a set may have several forms.
std::optional<hl7::Finding> Stage::write_wire(std::string& out) const {
  std::string whole;
  if (!hl7::message_from_utf8(*original_, encoding_, whole) && whole == wire_->bytes()) {
    return hl7::message_from_utf8(*message_, encoding_, out);
  }
  std::unordered_map<std::string_view, std::string_view> sent;
  for (std::uint32_t index = 0; index < original_->segment_count(); ++index) {
    sent.emplace(original_->segment(index).raw(), wire_->segment(index).raw());
  }
  std::size_t done = 0;
  for (std::uint32_t index = 0; index < message_->segment_count(); ++index) {
    const auto extent = message_->extent(index);
    out.append(message_->bytes(), done, extent.begin - done);
    done = extent.end;
    const std::string_view raw = message_->segment(index).raw();
    if (const auto found = sent.find(raw); found != sent.end()) {
      out.append(found->second);
      continue;
    }
    std::string buffer;
    const auto encoded = hl7::from_utf8(encoding_, raw, buffer);
    if (!encoded) {
      return hl7::finding_at(*message_, {index, 0, 0, 0, 0}, hl7::Severity::error, hl7::condition::kDataType,
                             "text that the message's character set can hold");
    }
    out.append(*encoded);
  }
  out.append(message_->bytes(), done);
  return std::nullopt;
}

const hl7::Placement& Stage::placement(plan::Id profile) {
  Placed& placed = placed_[profile];
  if (!placed.valid) {
    bound_->validator(profile).placer().place(*message_, placed.placement);
    placed.valid = true;
  }
  return placed.placement;
}

}  // namespace smarthl7::eval
