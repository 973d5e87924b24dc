// SPDX-License-Identifier: Apache-2.0
// What people do through the admin interface. Each act is durable and recorded (store/acts.h) before it is answered.
#include <boost/json.hpp>

#include "runtime/api/admin.h"
#include "runtime/api/answers.h"
#include "stdlib/base/base64.h"
#include "stdlib/hl7/identities.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::api {
namespace {

namespace json = boost::json;

/// The members of a posted object, each asked for once; what is wrong with them is remembered.
class Posted {
 public:
  explicit Posted(const Request& request) {
    boost::system::error_code error;
    const json::value value = json::parse(request.body, error);
    if (error || !value.is_object()) {
      wrong_ = "the body is no JSON object";
    } else {
      object_ = value.as_object();
    }
    whom_.actor = request.actor;
  }

  std::optional<std::string> text(const char* name) {
    const json::value* const value = take(name);
    if (value == nullptr) return std::nullopt;
    if (value->is_string()) return std::string(value->as_string());
    complain_about(name, "a text");
    return std::nullopt;
  }
  std::string needed(const char* name, const char* why) {
    auto value = text(name);
    if ((!value || value->find_first_not_of(" \t\r\n") == std::string::npos) && wrong_.empty())
      wrong_ = "`" + std::string(name) + "` is missing: " + why;
    return value.value_or("");
  }
  bool flag(const char* name) {
    const json::value* const value = take(name);
    if (value == nullptr) return false;
    if (value->is_bool()) return value->as_bool();
    complain_about(name, "true or false");
    return false;
  }
  std::optional<std::uint64_t> number(const char* name) {
    const json::value* const value = take(name);
    if (value == nullptr) return std::nullopt;
    boost::system::error_code error;
    const auto out = value->to_number<std::uint64_t>(error);
    if (!error) return out;
    complain_about(name, "a whole number");
    return std::nullopt;
  }
  std::vector<store::Chosen> letters(const char* name) {
    std::vector<store::Chosen> out;
    const json::value* const value = take(name);
    if (value == nullptr) return out;
    if (!value->is_array()) {
      complain_about(name, "a list of letters");
      return out;
    }
    for (const json::value& one : value->as_array()) {
      const auto chosen = one.is_string() ? to_chosen(std::string_view(one.as_string())) : to_chosen(json::serialize(one));
      if (!chosen) complain_about(name, "a list of letters as \"17\" or \"17.1\"");
      if (chosen) out.push_back(*chosen);
    }
    return out;
  }
  store::ByWhom whom(bool needs_reason) {
    whom_.reason =
        needs_reason ? needed("reason", "it stands in the records, for those who ask later") : text("reason").value_or("");
    whom_.request = text("request").value_or("");
    return whom_;
  }
  /// Letters and what narrows them; all of them only if that is said.
  store::Choice choice(WallTime now) {
    store::Choice out;
    out.some = letters("letters");
    const bool all = flag("all");
    out.filter.destination = text("destination");
    out.filter.flow = text("flow");
    if (const auto since = text("since")) {
      out.filter.since = moment(*since, now);
      if (!out.filter.since && wrong_.empty()) wrong_ = kMomentHelp;
    }
    if (wrong_.empty() && out.some.empty() != all)
      wrong_ = all ? "name letters or say `all`, not both" : "name letters, or say `all`";
    return out;
  }
  /// What is wrong with it; members that nobody asked for, too, or a misspelled guard would be no guard.
  [[nodiscard]] std::optional<Response> complaint() const {
    if (!wrong_.empty()) return complain(400, wrong_);
    if (!object_.empty()) return complain(400, "`" + std::string(object_.begin()->key()) + "` is not known here");
    return std::nullopt;
  }

 private:
  const json::value* take(const char* name) {
    const auto at = object_.find(name);
    if (at == object_.end()) return nullptr;
    taken_.push_back(std::make_unique<json::value>(at->value()));
    object_.erase(at);
    return taken_.back()->is_null() ? nullptr : taken_.back().get();
  }
  void complain_about(const char* name, const char* expected) {
    if (wrong_.empty()) wrong_ = "`" + std::string(name) + "` is " + expected;
  }

  json::object object_;
  std::vector<std::unique_ptr<json::value>> taken_;
  std::string wrong_;
  store::ByWhom whom_;
};

json::object dropped(const store::DropVerdict& of) {
  json::object out{{"message", of.delivery.message},
                   {"delivery", delivery_number(of.delivery.number)},
                   {"destination", of.destination},
                   {"dropped", of.dropped}};
  if (!of.dropped) out["refused"] = of.refused;
  return out;
}

}  // namespace

env::Task<Response> Admin::post(Request request) {
  const std::string& path = request.path;
  constexpr std::string_view kMessages = "/v1/messages/";
  constexpr std::string_view kReplay = "/replay";
  if (store_.acts() == nullptr) co_return complain(503, "this store takes no acts");
  if (path == "/v1/dead/replay") co_return co_await replay(std::move(request), std::nullopt);
  if (path == "/v1/dead/edit") co_return co_await edit(std::move(request));
  if (path == "/v1/dead/drop") co_return co_await drop(std::move(request));
  if (path == "/v1/ambiguous/resolve") co_return co_await resolve(std::move(request));
  if (path == "/v1/hold") co_return co_await hold_or_release(std::move(request), true);
  if (path == "/v1/tables/reload") co_return co_await reload_tables(std::move(request));
  if (path == "/v1/release") co_return co_await hold_or_release(std::move(request), false);
  if (path.starts_with(kMessages) && path.ends_with(kReplay) && path.size() > kMessages.size() + kReplay.size()) {
    std::optional<std::string> id = path.substr(kMessages.size(), path.size() - kMessages.size() - kReplay.size());
    co_return co_await replay(std::move(request), std::move(id));
  }
  co_return complain(path.starts_with("/v1/") ? 405U : 404U, "nothing can be posted to this path");
}

env::Task<Response> Admin::dead_body(Request request, std::string id) {
  const auto chosen = to_chosen(id);
  if (!chosen) co_return complain(400, "a letter is named as 17, or 17.1 for its delivery 1");
  store::AuditRecord record{env_.clock.wall(), request.actor, "read body", "dead letter " + id};
  auto bytes = co_await store_.acts()->letter_body(*chosen, std::move(record));
  if (!bytes) co_return complain(bytes.error());
  co_return Response{200, "application/octet-stream", std::string(bytes->view())};
}

env::Task<Response> Admin::replay(Request request, std::optional<std::string> message) {
  Posted posted(request);
  store::ReplayWish wish;
  if (message) {
    const auto chosen = to_chosen(*message);
    if (!chosen) co_return complain(400, "a message is named as 17, or 17.1 for its delivery 1");
    wish.choice.some.push_back(*chosen);
    wish.choice.filter.destination = posted.text("destination");
    wish.choice.filter.flow = posted.text("flow");
    wish.deliveries = true;
  } else {
    wish.choice = posted.choice(env_.clock.wall());
  }
  wish.to = posted.text("to");
  wish.despite_order = posted.flag("despite_order");
  wish.identities = hl7::patient_identities;
  store::ByWhom whom = posted.whom(false);
  if (auto wrong = posted.complaint()) co_return std::move(*wrong);
  auto verdicts = co_await store_.acts()->replay(std::move(wish), std::move(whom));
  if (!verdicts) co_return complain(verdicts.error());
  json::array out;
  std::uint64_t refused = 0;
  for (const store::ReplayVerdict& each : *verdicts) {
    if (each.made == 0) ++refused;
    out.push_back(verdict(each));
  }
  const std::uint64_t replayed = out.size() - refused;
  co_return answer(json::object{{"replayed", replayed}, {"refused", refused}, {"letters", std::move(out)}},
                   refused == 0 ? 200 : 409);
}

env::Task<Response> Admin::edit(Request request) {
  Posted posted(request);
  const std::string id = posted.needed("letter", "as \"17\", or \"17.1\" for its delivery 1");
  const std::string text = posted.needed("body_base64", "the whole message that is to be delivered instead");
  store::ByWhom whom = posted.whom(true);
  if (auto wrong = posted.complaint()) co_return std::move(*wrong);
  const auto chosen = to_chosen(id);
  if (!chosen) co_return complain(400, "a letter is named as 17, or 17.1 for its delivery 1");
  std::string bytes;
  if (read_base64(text, bytes) != std::string_view::npos) co_return complain(400, "`body_base64` is no base64");
  if (const auto parsed = hl7::Message::parse(bytes); !parsed)
    co_return complain(400, "the new body is no HL7 message: " + parsed.error().describe());
  store::AuditRecord record{env_.clock.wall(), request.actor, "read body",
                            "dead letter " + id + ", to compare it with the edited one"};
  auto before = co_await store_.acts()->letter_body(*chosen, std::move(record));
  if (!before) co_return complain(before.error());
  std::string difference = hl7::differing_fields(before->view(), bytes);
  if (difference.empty()) co_return complain(400, "the new body is the one that is there");
  std::string recorded = "changed " + difference;
  SharedBytes body(std::move(bytes));
  auto edited = co_await store_.acts()->edit(*chosen, std::move(body), std::move(recorded), std::move(whom));
  if (!edited) co_return complain(edited.error());
  json::object out = letter(*edited);
  out["changed"] = difference;
  co_return answer(out);
}

env::Task<Response> Admin::drop(Request request) {
  Posted posted(request);
  store::Choice choice = posted.choice(env_.clock.wall());
  store::ByWhom whom = posted.whom(true);
  if (auto wrong = posted.complaint()) co_return std::move(*wrong);
  auto verdicts = co_await store_.acts()->drop(std::move(choice), std::move(whom));
  if (!verdicts) co_return complain(verdicts.error());
  json::array out;
  std::uint64_t refused = 0;
  for (const store::DropVerdict& each : *verdicts) {
    if (!each.dropped) ++refused;
    out.push_back(dropped(each));
  }
  const std::uint64_t done = out.size() - refused;
  co_return answer(json::object{{"dropped", done}, {"refused", refused}, {"letters", std::move(out)}},
                   refused == 0 ? 200 : 409);
}

env::Task<Response> Admin::resolve(Request request) {
  Posted posted(request);
  const std::string destination = posted.needed("destination", "whose ledger is settled");
  const std::uint64_t through = posted.number("through").value_or(0);
  const std::string outcome = posted.needed("outcome", "seen-once, seen-twice or unknown");
  store::ByWhom whom = posted.whom(true);
  if (auto wrong = posted.complaint()) co_return std::move(*wrong);
  if (outcome != "seen-once" && outcome != "seen-twice" && outcome != "unknown")
    co_return complain(400, "`outcome` is seen-once, seen-twice or unknown");
  auto settled = co_await store_.acts()->resolve(destination, through, outcome, std::move(whom));
  if (!settled) co_return complain(settled.error());
  if (*settled == 0)
    co_return complain(404, "nothing is open for `" + destination + "`" + (through == 0 ? "" : " through that message"));
  co_return answer(json::object{{"resolved", *settled}, {"destination", destination}, {"outcome", outcome}});
}

env::Task<Response> Admin::holds() {
  auto holds = co_await store_.acts()->holds();
  if (!holds) co_return complain(holds.error());
  json::array out;
  for (const store::Hold& hold : *holds) {
    out.push_back(json::object{{"name", hold.name},
                               {"lane", hold.lane == store::kAllLanes ? json::value(nullptr) : json::value(hold.lane)},
                               {"since", to_iso8601(hold.since)},
                               {"actor", hold.actor},
                               {"reason", hold.why}});
  }
  co_return answer(json::object{{"holds", std::move(out)}});
}

env::Task<Response> Admin::hold_or_release(Request request, bool hold) {
  Posted posted(request);
  const std::string name = posted.needed("name", "a destination or a source");
  const auto given = posted.number("lane");
  store::ByWhom whom = posted.whom(hold);
  if (auto wrong = posted.complaint()) co_return std::move(*wrong);
  if (given && *given >= 0xFFFF) co_return complain(400, "there is no such lane");
  const std::uint32_t lane = given ? static_cast<std::uint32_t>(*given) : store::kAllLanes;
  const Result<void> known = control_.check_hold(name, lane);
  if (!known) {
    bool stored = false;  // a hold may be for what an earlier plan had
    if (!hold) {
      auto holds = co_await store_.acts()->holds();
      if (!holds) co_return complain(holds.error());
      for (const store::Hold& one : *holds)
        stored = stored || (one.name == name && (one.lane == lane || lane == store::kAllLanes));
    }
    if (!stored) co_return complain(known.error());
  }
  const std::string why = whom.reason;
  env::Task<Result<void>> recording =
      hold ? store_.acts()->hold(name, lane, std::move(whom)) : store_.acts()->release(name, lane, std::move(whom));
  Result<void> durable = co_await std::move(recording);
  if (!durable) co_return complain(durable.error());
  env::Task<Result<void>> applying = hold ? control_.hold(name, lane, why) : control_.release(name, lane);
  Result<void> applied = co_await std::move(applying);
  if (!applied) co_return complain(applied.error());
  co_return answer(json::object{{"name", name}, {"lane", given ? json::value(*given) : json::value(nullptr)}, {"held", hold}});
}

env::Task<Response> Admin::reload_tables(Request request) {
  Posted posted(request);
  std::string name = posted.text("name").value_or("");
  if (auto wrong = posted.complaint()) co_return std::move(*wrong);
  auto done = co_await control_.reload_tables(std::move(name), request.actor);
  if (!done) co_return complain(done.error());
  json::array out;
  bool refused = false;
  for (const observe::TableReload& table : *done) {
    refused = refused || !table.refused.empty();
    out.push_back(json::object{{"name", table.name},
                               {"changed", table.changed},
                               {"version", table.version},
                               {"rows", table.rows},
                               {"refused", table.refused}});
  }
  co_return answer(json::object{{"tables", std::move(out)}}, refused ? 409U : 200U);
}

}  // namespace smarthl7::api
