// SPDX-License-Identifier: Apache-2.0
#include "runtime/api/admin.h"

#include <boost/json.hpp>

#include "runtime/api/answers.h"
#include "runtime/observe/metrics.h"

namespace smarthl7::api {
namespace {

namespace json = boost::json;

std::optional<std::string> parameter(const Request& request, const char* name) {
  const auto at = request.query.find(name);
  if (at == request.query.end() || at->second.empty()) return std::nullopt;
  return at->second;
}

std::uint64_t number_parameter(const Request& request, const char* name, std::uint64_t otherwise) {
  const auto text = parameter(request, name);
  return text ? to_number(*text).value_or(otherwise) : otherwise;
}

std::uint32_t limit_of(const Request& request) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(number_parameter(request, "limit", 100), 10'000));
}

json::object latency(const observe::Latency& of) {
  return {{"count", of.count}, {"p50_us", of.p50}, {"p90_us", of.p90}, {"p99_us", of.p99}, {"max_us", of.max}};
}

json::object source(const observe::SourceStatus& s) {
  return {{"name", s.name},
          {"listens", s.listens},
          {"connections", s.connections},
          {"received", s.received},
          {"accepted", s.accepted},
          {"rejected", s.rejected},
          {"duplicates", s.duplicates},
          {"conflicts", s.conflicts},
          {"not_stored", s.not_stored},
          {"noise_bytes", s.noise_bytes},
          {"bad_frames", s.bad_frames},
          {"timed_out", s.timed_out},
          {"broken", s.broken},
          {"refused_connections", s.refused_connections},
          {"tolerated_endings", s.tolerated_endings},
          {"key_absent", s.key_absent},
          {"charset_mismatches", s.charset_mismatches},
          {"charset_mismatched_bytes", s.charset_mismatched_bytes},
          {"answers", s.answers},
          {"sequence_gaps", s.sequence_gaps},
          {"sequence_repeats", s.sequence_repeats},
          {"consumed", s.consumed},
          {"batches", s.batches},
          {"batch_findings", s.batch_findings},
          {"files", s.files},
          {"failed_files", s.failed_files},
          {"left_alone", s.left_alone},
          {"trouble", s.trouble},
          {"held", s.held},
          {"held_why", s.held_why},
          {"to_acknowledgement", latency(s.to_acknowledgement)}};
}

json::object destination(const observe::DestinationStatus& d) {
  json::array lanes;
  for (const auto& lane : d.lanes) {
    lanes.push_back(json::object{{"number", lane.number},
                                 {"state", lane.state},
                                 {"window", lane.window},
                                 {"attempts", lane.attempts},
                                 {"last_error", lane.last_error},
                                 {"held_by_person", lane.held_by_person}});
  }
  return {{"name", d.name},
          {"address", d.address},
          {"state", d.state},
          {"queued", d.queued},
          {"delivered", d.delivered},
          {"refused", d.refused},
          {"retries", d.retries},
          {"unanswered", d.unanswered},
          {"unreachable", d.unreachable},
          {"mismatched", d.mismatched},
          {"dead", d.dead},
          {"dead_letters", d.dead_letters},
          {"ambiguous", d.ambiguous},
          {"held", d.held},
          {"parked", d.parked},
          {"pace", d.pace},
          {"paced", d.paced},
          {"to_delivery", latency(d.to_delivery)},
          {"answer_time", latency(d.answer_time)},
          {"lanes", std::move(lanes)}};
}

json::object alert(const observe::AlertStatus& a) {
  json::array contacts;
  for (const std::string& contact : a.contacts) contacts.emplace_back(contact);
  return {{"name", a.name},
          {"subject", a.subject},
          {"declared", a.declared},
          {"state", a.state},
          {"since", to_iso8601(a.since)},
          {"text", a.text},
          {"fired", a.fired},
          {"contacts", std::move(contacts)},
          {"telling", a.telling}};
}

json::object stored(const store::StoreStatus& s) {
  json::array groups(std::begin(s.group_sizes), std::end(s.group_sizes));
  json::array destinations;
  for (const auto& d : s.destinations) {
    destinations.push_back(json::object{{"name", d.name},
                                        {"queued", d.queued},
                                        {"queued_bytes", d.queued_bytes},
                                        {"released", d.released},
                                        {"delivered", d.delivered},
                                        {"dead", d.dead},
                                        {"dead_letters", d.dead_letters},
                                        {"ambiguous", d.ambiguous}});
  }
  return {{"messages", s.messages},
          {"rejected", s.rejected},
          {"duplicates", s.duplicates},
          {"conflicts", s.conflicts},
          {"dead", s.dead},
          {"dead_letters", s.dead_letters},
          {"dropped", s.dropped},
          {"commits", s.commits},
          {"group_sizes", std::move(groups)},
          {"disk_bytes", s.disk_bytes},
          {"free_bytes", s.free_bytes},
          {"encrypted", s.encrypted},
          {"destinations", std::move(destinations)}};
}

json::object row(const store::MessageRow& m) {
  return {{"id", m.id},
          {"source", m.source},
          {"type", m.type},
          {"received_at", to_iso8601(m.received_at)},
          {"state", m.state},
          {"size", m.size},
          {"deliveries", m.deliveries},
          {"delivered", m.delivered},
          {"dead", m.dead},
          {"replay", m.replay}};
}

}  // namespace

env::Task<Response> Admin::handle(Request request) {
  const std::string& path = request.path;
  if (request.method == "POST") co_return co_await post(std::move(request));
  if (request.method != "GET") co_return complain(405, "GET and POST are known here");
  if (path == "/healthz") co_return Response{200, "text/plain", "alive\n"};
  if (path == "/readyz") co_return co_await ready();
  if (path == "/metrics") co_return co_await metrics();
  if (path == "/v1/status") co_return co_await status();
  if (path == "/v1/alerts") co_return co_await alerts();
  if (path == "/v1/messages") co_return co_await messages(std::move(request));
  if (path == "/v1/dead") co_return co_await dead(std::move(request));
  if (path == "/v1/ambiguous") co_return co_await ambiguous(std::move(request));
  if (path == "/v1/audit") co_return co_await audit(std::move(request));
  if (path == "/v1/holds") co_return co_await holds();
  if (path == "/v1/tables") co_return co_await tables();
  constexpr std::string_view kDead = "/v1/dead/";
  if (path.starts_with(kDead) && path.ends_with("/body") && path.size() > kDead.size() + 5) {
    std::string id = path.substr(kDead.size(), path.size() - kDead.size() - 5);
    co_return co_await dead_body(std::move(request), std::move(id));
  }
  constexpr std::string_view kMessages = "/v1/messages/";
  if (path.starts_with(kMessages)) {
    std::string id = path.substr(kMessages.size());
    if (id.ends_with("/body")) {
      id.resize(id.size() - 5);
      co_return co_await body(std::move(request), std::move(id));
    }
    co_return co_await message(std::move(request), std::move(id));
  }
  co_return complain(404, "there is nothing at this path");
}

env::Task<Response> Admin::status() {
  const observe::ServiceStatus service = co_await status_.service_status();
  auto kept = co_await store_.status();
  if (!kept) co_return complain(kept.error());
  json::array sources;
  for (const auto& s : service.sources) sources.push_back(source(s));
  json::array destinations;
  for (const auto& d : service.destinations) destinations.push_back(destination(d));
  json::array batches;
  for (const auto& b : service.batches)
    batches.push_back(json::object{{"name", b.name}, {"waiting", b.waiting}, {"batches", b.batches}, {"members", b.members}});
  json::object out{{"version", service.version},           {"plan", service.plan},
                   {"environment", service.environment},   {"started_at", to_iso8601(service.started_at)},
                   {"now", to_iso8601(env_.clock.wall())}, {"draining", service.draining},
                   {"sources", std::move(sources)},        {"destinations", std::move(destinations)},
                   {"batches", std::move(batches)},        {"store", stored(*kept)}};
  out["receiving"] = json::object{{"most_bytes", service.receiving.most},
                                  {"growing_bytes", service.receiving.growing},
                                  {"whole_bytes", service.receiving.whole},
                                  {"waiting", service.receiving.waiting},
                                  {"spooled", service.receiving.spooled}};
  json::array certificates;
  for (const auto& c : service.certificates) {
    const auto left = std::chrono::floor<std::chrono::days>(c.not_after - env_.clock.wall()).count();
    certificates.push_back(json::object{{"of", c.end},
                                        {"what", c.what},
                                        {"subject", c.subject},
                                        {"sha256", c.sha256},
                                        {"not_after", to_iso8601(c.not_after)},
                                        {"days_left", left},
                                        {"since", to_iso8601(c.since)},
                                        {"trouble", c.trouble}});
  }
  out["certificates"] = std::move(certificates);
  out["tables"] = table_states(service.tables);
  json::array alerts;
  for (const auto& a : service.alerts) alerts.push_back(alert(a));
  out["alerts"] = std::move(alerts);
  out["syncs"] = env_.disk.syncs();
  out["bytes_written"] = env_.disk.bytes_written();
  co_return answer(out);
}

env::Task<Response> Admin::alerts() {
  const observe::ServiceStatus service = co_await status_.service_status();
  json::array alerts;
  for (const auto& a : service.alerts) alerts.push_back(alert(a));
  co_return answer(json::object{{"alerts", std::move(alerts)}});
}

env::Task<Response> Admin::metrics() {
  const observe::ServiceStatus service = co_await status_.service_status();
  co_return Response{200, "text/plain; version=0.0.4",
                     observe::to_prometheus(service, env_.disk.syncs(), env_.disk.bytes_written())};
}

env::Task<Response> Admin::ready() {
  const observe::ServiceStatus service = co_await status_.service_status();
  if (service.draining) co_return Response{503, "text/plain", "draining\n"};
  auto kept = co_await store_.status();
  if (!kept) co_return Response{503, "text/plain", "the store has stopped\n"};
  co_return Response{200, "text/plain", "ready\n"};
}

env::Task<Response> Admin::messages(Request request) {
  store::MessageFilter filter;
  filter.source = parameter(request, "source");
  filter.flow = parameter(request, "flow");
  filter.state = parameter(request, "state");
  filter.control_id = parameter(request, "control_id");
  filter.after = number_parameter(request, "after", 0);
  filter.newest_first = !parameter(request, "after").has_value();
  filter.limit = limit_of(request);
  auto rows = co_await store_.messages(std::move(filter));
  if (!rows) co_return complain(rows.error());
  json::array out;
  for (const auto& m : *rows) out.push_back(row(m));
  co_return answer(json::object{{"messages", std::move(out)}});
}

env::Task<Response> Admin::message(Request /*request*/, std::string id) {
  std::optional<std::uint64_t> number = to_number(id);
  Result<store::Trace> found = fail(ErrorCode::not_found, "there is no message `" + id + "`");
  if (number) found = co_await store_.trace(*number);
  if (!found && found.error().code == ErrorCode::not_found) {  // a control id may look like a number
    store::MessageFilter filter;
    filter.control_id = id;
    filter.newest_first = true;
    auto rows = co_await store_.messages(std::move(filter));
    if (rows && !rows->empty()) {  // the newest that is not a mere resend
      store::MessageId wanted = rows->front().id;
      for (auto at = rows->rbegin(); at != rows->rend(); ++at)
        if (at->state != "duplicate") wanted = at->id;
      found = co_await store_.trace(wanted);
    }
  }
  if (!found) co_return complain(found.error());
  json::array events;
  for (const auto& e : found->events)
    events.push_back(json::object{{"at", to_iso8601(e.at)}, {"what", e.what}, {"where", e.where}, {"detail", e.detail}});
  json::object out = row(found->message);
  out["plan"] = found->plan;
  out["events"] = std::move(events);
  co_return answer(out);
}

env::Task<Response> Admin::body(Request request, std::string id) {
  const auto number = to_number(id);
  if (!number) co_return complain(400, "a body is asked for by the message's number");
  std::optional<std::uint32_t> delivery;
  if (const auto text = parameter(request, "delivery")) {
    const auto value = to_number(*text);
    if (!value) co_return complain(400, "`delivery` is a number");
    delivery = static_cast<std::uint32_t>(*value);
  }
  store::AuditRecord record;
  record.at = env_.clock.wall();
  record.actor = request.actor;
  record.act = "read body";
  record.object = "message " + id + (delivery ? " delivery " + std::to_string(*delivery) : "");
  auto bytes = co_await store_.read_body(*number, delivery, std::move(record));
  if (!bytes) co_return complain(bytes.error());
  co_return Response{200, "application/octet-stream", std::string(bytes->view())};
}

env::Task<Response> Admin::dead(Request request) {
  store::LetterFilter filter;
  filter.destination = parameter(request, "destination");
  filter.flow = parameter(request, "flow");
  filter.all_states = parameter(request, "all_states").has_value();
  filter.after = number_parameter(request, "after", 0);
  filter.limit = limit_of(request);
  if (const auto text = parameter(request, "message")) {
    const auto message = to_number(*text);
    if (!message) co_return complain(400, "`message` is a message's number");
    filter.message = *message;
  }
  if (const auto text = parameter(request, "since")) {
    filter.since = moment(*text, env_.clock.wall());
    if (!filter.since) co_return complain(400, std::string(kMomentHelp));
  }
  auto letters = co_await store_.acts()->letters(std::move(filter));
  if (!letters) co_return complain(letters.error());
  json::array out;
  for (const store::Letter& each : *letters) out.push_back(letter(each));
  co_return answer(json::object{{"dead", std::move(out)}});
}

env::Task<Response> Admin::ambiguous(Request request) {
  store::LedgerFilter filter;
  filter.destination = parameter(request, "destination");
  filter.all = parameter(request, "all").has_value();
  filter.after = number_parameter(request, "after", 0);
  filter.limit = limit_of(request);
  const bool ids = parameter(request, "control_ids").has_value();
  auto found = co_await store_.acts()->ledger(filter);
  if (!found) co_return complain(found.error());
  std::vector<std::string> control_ids(found->size());
  if (ids && !found->empty()) {
    std::vector<store::DeliveryId> deliveries;
    for (const store::LedgerEntry& entry : *found) deliveries.push_back(entry.what.delivery);
    store::AuditRecord record{env_.clock.wall(), request.actor, "read control ids",
                              std::to_string(deliveries.size()) + " ambiguous deliveries" +
                                  (filter.destination ? " of " + *filter.destination : std::string())};
    auto bodies = co_await store_.acts()->bodies(std::move(deliveries), std::move(record));
    if (!bodies) co_return complain(bodies.error());
    for (std::size_t i = 0; i < bodies->size(); ++i) control_ids[i] = control_id_of((*bodies)[i].view());
  }
  json::array out;
  for (std::size_t i = 0; i < found->size(); ++i) out.push_back(ledger_entry((*found)[i], ids ? &control_ids[i] : nullptr));
  co_return answer(json::object{{"ambiguous", std::move(out)}});
}

env::Task<Response> Admin::audit(Request request) {
  auto records = co_await store_.audit(number_parameter(request, "after", 0), limit_of(request));
  if (!records) co_return complain(records.error());
  json::array out;
  for (const auto& r : *records)
    out.push_back(json::object{{"at", to_iso8601(r.at)}, {"actor", r.actor}, {"act", r.act}, {"object", r.object}});
  co_return answer(json::object{{"audit", std::move(out)}});
}

}  // namespace smarthl7::api
