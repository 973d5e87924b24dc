// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/redactor.h"

#include <algorithm>
#include <charconv>

#include "runtime/eval/redaction_methods.h"
#include "stdlib/hl7/escape.h"

namespace smarthl7::eval {

using hl7::PhiMethod;

namespace {

constexpr hl7::NameKey kObx = hl7::name_key("OBX");
constexpr std::string_view kNull = "\"\"";

/// Calls f(part) for each part between separators; a separator of 0 makes one part.
template <class F>
void for_each_part(std::string_view raw, char separator, F&& f) {
  for (;;) {
    const std::size_t end = separator == 0 ? std::string_view::npos : raw.find(separator);
    f(raw.substr(0, end));
    if (end == std::string_view::npos) return;
    raw.remove_prefix(end + 1);
  }
}

/// Before the first separator.
std::string_view first_part(std::string_view raw, char separator) {
  return separator == 0 ? raw : raw.substr(0, raw.find(separator));
}

}  // namespace

void Redactor::run(plan::Id redaction, const Stage& stage) {
  auto& table = tables_[redaction];
  if (!table) table = std::make_unique<RedactionTable>(bound_.plan(), bound_.plan().redactions[redaction]);
  table_ = table.get();
  redaction_ = redaction;
  start(stage);
  for (std::uint32_t index = 0; index < message_->segment_count(); ++index) segment(index);
  changed_ = out_ != message_->bytes();
}

void Redactor::start(const Stage& stage) {
  stage_ = &stage;
  message_ = &stage.message();
  delimiters_ = message_->delimiters();
  out_.clear();
  out_.reserve(message_->bytes().size());
  reference_year_.reset();
  const std::string_view sent = decoded(message_->header(7).text(), scratch_, converted_);
  if (const auto time = hl7::read_timestamp(sent)) reference_year_ = time->year;
  start_shifts();
}

/// The dates before the first segment that holds the key go by that one.
void Redactor::start_shifts() {
  shifts_.clear();
  const auto& items = table_->redaction().items;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].method != plan::RedactMethod::shift) continue;
    Shift shift;
    shift.rule = static_cast<std::uint16_t>(i);
    if (const auto first = message_->find(bound_.text(items[i].key_segment))) take_key(shift, *first);
    shifts_.push_back(shift);
  }
}

void Redactor::take_key(Shift& shift, std::uint32_t segment) {
  const plan::RedactionItem& item = table_->redaction().items[shift.rule];
  const hl7::Location place{segment, item.key_field, 1, item.key_component, item.key_subcomponent};
  const std::string_view raw = message_->text(place);
  shift.days.reset();
  if (raw.empty() || raw == kNull) return;
  RedactionNode node;
  node.rule = shift.rule;
  shift.days = days_of(secret_of(node), decoded(raw, scratch_, converted_), item.amount);
}

void Redactor::segment(std::uint32_t index) {
  const hl7::SegmentView view = message_->segment(index);
  const auto extent = message_->extent(index);
  const hl7::NameKey key = message_->segment_key(index);
  for (Shift& shift : shifts_) {
    if (hl7::name_key(bound_.text(table_->redaction().items[shift.rule].key_segment)) == key) take_key(shift, index);
  }
  const std::string_view bytes = message_->bytes();
  const RedactionNode node = table_->segment(key, view.name());
  record(node);
  if (node.deed == Deed::remove) return;
  if (node.deed == Deed::keep) {
    out_ += bytes.substr(extent.begin, extent.next - extent.begin);
    return;
  }
  type_ = {};
  age_limit_.reset();
  if (key == kObx) {
    type_ = first_part(first_part(view.raw_field(2), delimiters_.repetition), delimiters_.component);
    if (table_->folds_ages()) look_for_age(view);
  }
  if (hl7::is_header(key)) {
    const std::string_view second = view.raw_field(2);
    out_ += view.name();
    out_ += delimiters_.field;
    out_ += second;
    fields(view, node, 3);
  } else {
    out_ += view.name();
    fields(view, node, 1);
  }
  out_ += bytes.substr(extent.end, extent.next - extent.end);
}

void Redactor::fields(hl7::SegmentView view, const RedactionNode& node, std::size_t first) {
  const std::size_t count = view.field_count();
  std::size_t waiting = 0;  // separators before the next value
  bool whole = true;
  for (std::size_t number = first; number <= count; ++number) {
    ++waiting;
    const std::string_view raw = view.raw_field(number);
    if (raw.empty()) continue;
    if (number > node.count && !node.beyond_stays) {
      whole = false;
      break;
    }
    const std::size_t before = out_.size();
    out_.append(waiting, delimiters_.field);
    const std::size_t begin = out_.size();
    if (number > node.count) {
      out_ += raw;
    } else {
      field(table_->node(node.first + static_cast<std::uint32_t>(number) - 1), raw);
    }
    if (out_.size() == begin) {
      out_.resize(before);
      whole = false;
    } else {
      waiting = 0;
    }
  }
  if (whole) out_.append(waiting, delimiters_.field);
}

/// For the coverage of tests: a value that an item decides about.
void Redactor::record(const RedactionNode& node) {
  if (node.rule == kNoRule) return;
  if (Recorder* const recorder = bound_.recorder()) ++recorder->redactions[redaction_][node.rule];
}

void Redactor::field(const RedactionNode& node, std::string_view raw) {
  record(node);
  switch (node.deed) {
    case Deed::remove: return;
    case Deed::keep: out_ += raw; return;
    case Deed::by_type: {
      const RedactionNode typed = table_->typed(type_);
      if (typed.deed != Deed::by_type) field(typed, raw);
      return;
    }
    case Deed::value:
    case Deed::parts: break;
  }
  std::size_t waiting = 0;
  bool first = true;
  for_each_part(raw, delimiters_.repetition, [&](std::string_view one) {
    if (!std::exchange(first, false)) ++waiting;
    const std::size_t before = out_.size();
    out_.append(waiting, delimiters_.repetition);
    const std::size_t begin = out_.size();
    repetition(node, one);
    if (out_.size() == begin) {
      out_.resize(before);
    } else {
      waiting = 0;
    }
  });
}

void Redactor::repetition(const RedactionNode& node, std::string_view raw) {
  if (raw.empty()) return;
  repetition_ = raw;
  if (raw == kNull) {
    out_ += raw;
  } else if (node.deed == Deed::parts) {
    parts(node, raw, delimiters_.component);
  } else {
    value(node, raw);
  }
}

void Redactor::parts(const RedactionNode& node, std::string_view raw, char separator) {
  std::uint32_t number = 0;
  std::size_t waiting = 0;
  for_each_part(raw, separator, [&](std::string_view one) {
    if (++number > 1) ++waiting;
    if (one.empty() || (number > node.count && !node.beyond_stays)) return;
    const std::size_t before = out_.size();
    out_.append(waiting, separator);
    const std::size_t begin = out_.size();
    if (number > node.count) {
      out_ += one;
    } else {
      const RedactionNode child = table_->node(node.first + number - 1);
      record(child);
      if (child.deed == Deed::keep) {
        out_ += one;
      } else if (child.deed == Deed::parts) {
        if (one == kNull) {
          out_ += one;
        } else {
          parts(child, one, delimiters_.subcomponent);
        }
      } else if (child.deed == Deed::value) {
        value(child, one);
      }
    }
    if (out_.size() == begin) {
      out_.resize(before);
    } else {
      waiting = 0;
    }
  });
}

/// One value: the first subcomponent of what stands there; there is no more by the standard.
void Redactor::value(const RedactionNode& node, std::string_view raw) {
  raw = first_part(first_part(raw, delimiters_.component), delimiters_.subcomponent);
  if (raw.empty()) return;
  if (raw == kNull) {
    out_ += raw;
    return;
  }
  const bool plain = node.method == PhiMethod::keep && !node.only_if_formed;
  if (plain && !age_limit_) {
    out_ += raw;
    return;
  }
  const std::string_view text = decoded(raw, scratch_, converted_);
  made_.clear();
  if (node.method == PhiMethod::keep) {
    if (node.only_if_formed && !hl7::is_well_formed(node.form, text)) return;
    if (!fold(node, text)) {
      out_ += raw;
      return;
    }
  } else if (!method(node, text)) {
    return;
  }
  std::string_view made = made_;
  if (stage_->converts()) {
    const auto fitting = hl7::from_utf8(stage_->encoding(), made, encoded_);
    if (!fitting) return;
    made = *fitting;
  }
  // Without an escape character a value that needs one cannot be written: it goes.
  static_cast<void>(hl7::encode(made, delimiters_, out_));
}

/// Into made_; false: nothing is left.
bool Redactor::method(const RedactionNode& node, std::string_view text) {
  const plan::RedactionItem* item = node.rule == kNoRule ? nullptr : &table_->redaction().items[node.rule];
  switch (node.method) {
    case PhiMethod::keep:
    case PhiMethod::remove: return false;
    case PhiMethod::year:
      if (node.kind == hl7::PhiKind::age) {
        fold_age(text, made_);
      } else {
        cut_to_year(text, reference_year_, made_);
      }
      break;
    case PhiMethod::zip3:
      if (!foreign()) cut_zip(text, made_);
      break;
    case PhiMethod::mask:
    case PhiMethod::mask_part:
      if (node.form == hl7::Primitive::other || node.form == hl7::Primitive::tn) mask(text, item->amount, item->shape, made_);
      break;
    case PhiMethod::shift: {
      const auto shift = std::find_if(shifts_.begin(), shifts_.end(), [&](const Shift& one) { return one.rule == node.rule; });
      if (shift != shifts_.end() && shift->days) shift_date(text, *shift->days, made_);
      break;
    }
    case PhiMethod::hash: hash(secret_of(node), text, item->amount, made_); break;
    case PhiMethod::synthetic: make_up(secret_of(node), node, text, made_); break;
  }
  return !made_.empty();
}

/// OBX-3 says that OBX-5 is an age: OBX-6 says in which unit.
void Redactor::look_for_age(hl7::SegmentView view) {
  if (type_ != "NM" && type_ != "SN") return;
  const std::string_view code = first_part(view.raw_field(3), delimiters_.repetition);
  bool age = false;
  unsigned number = 0;
  for_each_part(code, delimiters_.component, [&](std::string_view one) {
    ++number;
    age = age || ((number == 1 || number == 4) && is_age_code(one));
  });
  if (age)
    age_limit_ = ninety_years_in(first_part(first_part(view.raw_field(6), delimiters_.repetition), delimiters_.component));
}

bool Redactor::fold(const RedactionNode& node, std::string_view text) {
  if (!age_limit_ || node.form != hl7::Primitive::nm) return false;
  double age = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), age);
  static_cast<void>(end);
  if (error != std::errc{} || age < *age_limit_) return false;
  made_ += std::to_string(*age_limit_);
  return true;
}

/// The address at hand is in another country, whose postal codes are no ZIP codes.
bool Redactor::foreign() const {
  unsigned number = 0;
  bool other = false;
  for_each_part(repetition_, delimiters_.component, [&](std::string_view one) {
    if (++number == 6) other = !one.empty() && one != "USA" && one != "US" && one != kNull;
  });
  return other;
}

std::string_view Redactor::decoded(std::string_view raw, std::string& buffer, std::string& converted) const {
  const std::string_view text = hl7::decode(raw, delimiters_, buffer);
  return stage_->converts() ? hl7::to_utf8(stage_->encoding(), text, converted) : text;
}

std::string_view Redactor::secret_of(const RedactionNode& node) const {
  const plan::Id secret = node.rule == kNoRule ? plan::kNone : table_->redaction().items[node.rule].secret;
  if (secret != plan::kNone) return bound_.secret(secret);
  const HashKey& key = bound_.hash_key();
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

}  // namespace smarthl7::eval
