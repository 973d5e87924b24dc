// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/keys.h"

#include <algorithm>

#include "stdlib/hl7/escape.h"

namespace smarthl7::eval {

using plan::Id;

bool is_patient_merge(std::string_view event) {
  if (event.size() != 3 || event[0] != 'A' || event[1] < '0' || event[1] > '9' || event[2] < '0' || event[2] > '9')
    return false;
  const int number = (event[1] - '0') * 10 + (event[2] - '0');
  return number == 17 || number == 18 || number == 24 || number == 30 || (number >= 34 && number <= 37) ||
         (number >= 39 && number <= 51);
}

/// Length and bytes, so that no two lists of parts look the same.
void Keys::add(std::string_view part) {
  for (unsigned shift = 0; shift < 32; shift += 8) scratch_.push_back(static_cast<char>((part.size() >> shift) & 0xFFU));
  scratch_.append(part);
}

std::uint64_t Keys::hash() const { return keyed_hash(bound_.hash_key(), scratch_).low; }

std::optional<Dedup> Keys::dedup(Interpreter& interpreter, const plan::Flow& flow, const plan::Step& step) {
  begin('D');
  add(bound_.text(flow.name));
  for (const Id id : bound_.list(step.list)) {
    builtins::Value value;
    if (!interpreter.evaluate(id, value) || value.absent()) return std::nullopt;
    add(text_of(value, interpreter.arena()));
  }
  Dedup dedup;
  dedup.key = keyed_hash(bound_.hash_key(), scratch_);
  dedup.content = content(interpreter, step.ignoring);
  dedup.window_seconds = step.window_seconds;
  dedup.reject_conflict = step.reject_conflict;
  return dedup;
}

/// The bytes without what a second sending may change: MSH-7 (date and time of the message) and MSH-13 (sequence number), or
/// what the step lists.
Hash128 Keys::content(Interpreter& interpreter, plan::Range ignoring) {
  const hl7::Message& message = interpreter.message();
  const std::string_view bytes = message.bytes();
  left_out_.clear();
  if (ignoring.count == 0) {
    for (const std::size_t field : {std::size_t{7}, std::size_t{13}}) left_out_.push_back(message.header(field).raw());
  }
  for (const Id path : bound_.list(ignoring)) {
    interpreter.for_each_place(path, [&](const hl7::Location& place) {
      left_out_.push_back(message.raw(place));
      return true;
    });
  }
  std::erase_if(left_out_, [](std::string_view raw) { return raw.empty(); });
  std::ranges::sort(left_out_, {}, [](std::string_view raw) { return raw.data(); });
  begin('C');
  const char* done = bytes.data();
  for (const std::string_view raw : left_out_) {
    if (raw.data() < done) continue;  // within one that is left out already
    scratch_.append(done, raw.data());
    done = raw.data() + raw.size();
  }
  scratch_.append(done, bytes.data() + bytes.size());
  return keyed_hash(bound_.hash_key(), scratch_);
}

std::vector<std::uint64_t> Keys::order(Interpreter& interpreter, const plan::Destination& destination, const plan::Step& step) {
  std::vector<std::uint64_t> keys;
  const hl7::Message& message = interpreter.message();
  const bool declared = is_barrier(message, destination);
  switch (destination.order) {
    case plan::Order::fifo:
    case plan::Order::none: return keys;
    case plan::Order::patient: patient(interpreter, declared || is_patient_merge(message.trigger_event()), keys); break;
    case plan::Order::keys:
      if (declared) return {kEveryKey};  // whom it is about is not known: everybody
      for (const Id id : bound_.list(step.list)) {
        const plan::Expr& expr = bound_.plan().exprs[id];
        const auto take = [&](const builtins::Value& value) {
          if (value.absent()) return;
          begin('K');
          add(text_of(value, interpreter.arena()));
          keys.push_back(hash());
        };
        if (expr.op == plan::ExprOp::read) {  // every value that the path means
          interpreter.for_each_place(expr.a, [&](const hl7::Location& place) {
            take(interpreter.read(place));
            return true;
          });
        } else {
          builtins::Value value;
          if (interpreter.evaluate(id, value)) take(value);
        }
      }
      break;
  }
  if (keys.empty()) {  // messages without a key keep their order among each other
    begin('-');
    keys.push_back(hash());
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

bool Keys::is_barrier(const hl7::Message& message, const plan::Destination& destination) const {
  return std::ranges::any_of(destination.barriers, [&](const plan::AcceptedType& type) {
    return message.message_code() == bound_.text(type.code) && message.trigger_event() == bound_.text(type.trigger);
  });
}

bool Keys::urgent(Interpreter& interpreter, const plan::Step& step) {
  bool found = false;
  for (const Id path : bound_.list(step.ignoring)) {
    interpreter.for_each_place(path, [&](const hl7::Location& place) {
      const builtins::Value value = interpreter.read(place);
      if (value.absent()) return true;
      const std::string_view text = text_of(value, interpreter.arena());
      for (const Id code : bound_.list(step.otherwise)) found = found || text == bound_.text(code);
      return !found;
    });
  }
  return found;
}

void Keys::patient(Interpreter& interpreter, bool merge, std::vector<std::uint64_t>& keys) {
  const hl7::Message& message = interpreter.message();
  for (std::uint32_t segment = 0; segment < message.segment_count(); ++segment) {
    const hl7::NameKey key = message.segment_key(segment);
    if (key == hl7::name_key("PID")) {
      for (const std::uint16_t field : {std::uint16_t{2}, std::uint16_t{3}, std::uint16_t{4}})
        identifiers(interpreter, segment, field, keys);
    } else if (key == hl7::name_key("MRG")) {  // MRG-7 is a name
      for (std::uint16_t field = 1; field <= (merge ? 6 : 1); ++field) identifiers(interpreter, segment, field, keys);
    }
  }
}

/// Identifier, assigning authority (all its parts) and type of each repetition of a CX field.
void Keys::identifiers(Interpreter& interpreter, std::uint32_t segment, std::uint16_t field, std::vector<std::uint64_t>& keys) {
  const hl7::Message& message = interpreter.message();
  const hl7::FieldView view = message.segment(segment).field(field);
  const hl7::Delimiters& delimiters = message.delimiters();
  const auto part = [&](std::string_view raw) { add(interpreter.in_utf8(hl7::decode(raw, delimiters, decoded_))); };
  const std::size_t count = view.repetition_count();
  for (std::size_t i = 1; i <= count; ++i) {
    const hl7::RepetitionView repetition = view.repetition(i);
    const std::string_view id = repetition.component(1).text();
    if (id.empty() || id == "\"\"") continue;
    begin('P');
    part(id);
    const hl7::ComponentView authority = repetition.component(4);
    for (std::size_t sub = 1; sub <= 3; ++sub) part(authority.subcomponent(sub).raw());
    part(repetition.component(5).text());
    keys.push_back(hash());
  }
}

}  // namespace smarthl7::eval
