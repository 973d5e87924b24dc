// SPDX-License-Identifier: Apache-2.0
#include "runtime/api/answers.h"

#include <boost/json.hpp>
#include <charconv>
#include <chrono>

#include "stdlib/hl7/batch.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::api {

namespace json = boost::json;

Response answer(const json::value& value, unsigned status) {
  return {status, "application/json", json::serialize(value) + "\n"};
}

Response complain(unsigned status, std::string_view text) {
  return {status, "application/json", json::serialize(json::object{{"error", text}}) + "\n"};
}

Response complain(const Error& error) {
  switch (error.code) {
    case ErrorCode::not_found: return complain(404, error.describe());
    case ErrorCode::invalid: return complain(400, error.describe());
    case ErrorCode::exists: return complain(409, error.describe());
    case ErrorCode::stopped: return complain(503, error.describe());
    case ErrorCode::full: return complain(507, error.describe());
    case ErrorCode::closed:
    case ErrorCode::timeout:
    case ErrorCode::unreachable:
    case ErrorCode::refused:
    case ErrorCode::corrupt:
    case ErrorCode::version:
    case ErrorCode::io: return complain(500, error.describe());
  }
  return complain(500, error.describe());
}

std::optional<std::uint64_t> to_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<store::Chosen> to_chosen(std::string_view text) {
  const std::size_t dot = text.find('.');
  const auto message = to_number(text.substr(0, dot));
  if (!message) return std::nullopt;
  store::Chosen chosen{*message, std::nullopt};
  if (dot == std::string_view::npos) return chosen;
  const auto delivery = to_number(text.substr(dot + 1));
  if (!delivery || *delivery > store::kEndedByFlow) return std::nullopt;
  chosen.delivery = static_cast<std::uint32_t>(*delivery);
  return chosen;
}

namespace {

std::optional<std::int64_t> digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  const auto value = to_number(text.substr(0, count));
  if (!value) return std::nullopt;
  text.remove_prefix(count);
  return static_cast<std::int64_t>(*value);
}

bool skip(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::optional<WallTime> moment(std::string_view text, WallTime now) {
  using namespace std::chrono;
  if (!text.empty()) {
    const auto count = to_number(text.substr(0, text.size() - 1));
    if (count && *count < 1'000'000'000) {
      const auto n = static_cast<std::int64_t>(*count);
      switch (text.back()) {
        case 's': return now - seconds(n);
        case 'm': return now - minutes(n);
        case 'h': return now - hours(n);
        case 'd': return now - days(n);
        default: break;
      }
    }
  }
  const auto y = digits(text, 4);
  if (!y || !skip(text, '-')) return std::nullopt;
  const auto m = digits(text, 2);
  if (!m || !skip(text, '-')) return std::nullopt;
  const auto d = digits(text, 2);
  if (!d) return std::nullopt;
  const year_month_day date{year(static_cast<int>(*y)), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d))};
  if (!date.ok()) return std::nullopt;
  WallTime out = sys_days(date);
  if (text.empty()) return out;
  if (!skip(text, 'T')) return std::nullopt;
  const auto hour = digits(text, 2);
  if (!hour || *hour > 23 || !skip(text, ':')) return std::nullopt;
  const auto minute = digits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  out += hours(*hour) + minutes(*minute);
  if (skip(text, ':')) {
    const auto second = digits(text, 2);
    if (!second || *second > 60) return std::nullopt;
    out += seconds(*second);
    if (skip(text, '.'))
      while (!text.empty() && text.front() >= '0' && text.front() <= '9') text.remove_prefix(1);
  }
  skip(text, 'Z');
  if (!text.empty()) return std::nullopt;
  return out;
}

json::value delivery_number(std::uint32_t number) {
  return number == store::kEndedByFlow ? json::value(nullptr) : json::value(number);
}

json::object letter(const store::Letter& of) {
  json::object out{{"message", of.delivery.message},
                   {"delivery", delivery_number(of.delivery.number)},
                   {"destination", of.destination},
                   {"flow", of.flow},
                   {"type", of.type},
                   {"reason", of.reason},
                   {"at", to_iso8601(of.at)},
                   {"attempts", of.attempts},
                   {"size", of.size},
                   {"edits", of.edits},
                   {"state", name_of(of.state)}};
  if (of.state == store::LetterState::open) return out;
  out["acted_at"] = to_iso8601(of.acted_at);
  out["actor"] = of.actor;
  out["why"] = of.why;
  if (of.made != 0) out["replayed_as"] = of.made;
  return out;
}

json::object ledger_entry(const store::LedgerEntry& entry, const std::string* control_id) {
  json::object out{{"message", entry.what.delivery.message},
                   {"delivery", entry.what.delivery.number},
                   {"destination", entry.what.destination},
                   {"type", entry.type},
                   {"released_at", to_iso8601(entry.what.released_at)},
                   {"found_at", to_iso8601(entry.what.found_at)},
                   {"covered", entry.what.covered}};
  if (control_id != nullptr) out["control_id"] = *control_id;
  out["outcome"] = entry.outcome.empty() ? json::value(nullptr) : json::value(entry.outcome);
  if (entry.outcome.empty()) return out;
  out["resolved_at"] = to_iso8601(entry.resolved_at);
  out["actor"] = entry.actor;
  out["why"] = entry.why;
  return out;
}

json::object verdict(const store::ReplayVerdict& of) {
  json::object out{
      {"message", of.delivery.message}, {"delivery", delivery_number(of.delivery.number)}, {"destination", of.destination}};
  if (of.made != 0) {
    out["replayed_as"] = of.made;
    out["before"] = of.before;
  } else {
    out["refused"] = of.refused;
  }
  json::array later;
  for (const store::Later& one : of.later)
    later.push_back(json::object{{"message", one.message}, {"state", one.delivered ? "delivered" : "queued"}});
  out["later"] = std::move(later);
  out["more_later"] = of.more_later;
  return out;
}

std::string control_id_of(std::string_view body) {
  if (hl7::begins_batch(body)) {
    hl7::BatchReader reader(body);
    hl7::BatchItem item;
    static_cast<void>(reader.next(item));
    return std::string(reader.batch_header().field(11));
  }
  const auto message = hl7::Message::parse(body);
  return message ? std::string(message->control_id()) : std::string();
}

}  // namespace smarthl7::api
