// SPDX-License-Identifier: Apache-2.0
// status, messages, trace, body: what a running service is asked. Letters, the ledger and acts: acts.cc.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <iostream>

#include "runtime/app/commands/admin_client.h"
#include "runtime/app/commands/commands.h"
#include "runtime/app/commands/table.h"
#include "runtime/app/commands/tables_picture.h"

namespace smarthl7::app {
namespace {

namespace json = boost::json;

std::string text(const json::value& of, std::string_view name) {
  const json::value& value = of.at(name);
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_null()) return "-";
  return json::serialize(value);
}

std::string milliseconds(const json::value& latency, std::string_view name) {
  if (latency.at("count").to_number<double>() == 0) return "-";
  return fmt::format("{:.1f}", latency.at(name).to_number<double>() / 1000);
}

int print_json(const json::value& value) {
  std::cout << json::serialize(value) << "\n";
  return kFine;
}

void set(api::Request& request, const char* name, const std::string& value) {
  if (!value.empty()) request.query[name] = value;
}

/// With `only_firing`, what is not fine, below the rest of the status.
void print_alerts(const json::value& alerts, bool only_firing) {
  Table table({"alert", "state", "since", "tells", "what"});
  bool any = false;
  for (const auto& one : alerts.as_array()) {
    if (only_firing && text(one, "state") == "fine") continue;
    any = true;
    std::string tells;
    for (const auto& contact : one.at("contacts").as_array())
      tells += (tells.empty() ? "" : ", ") + std::string(contact.get_string());
    const std::string subject = text(one, "subject");
    std::string what = text(one, "text");
    if (!text(one, "telling").empty()) what += (what.empty() ? "not told: " : "; not told: ") + text(one, "telling");
    table.add({text(one, "name") + (subject.empty() ? "" : " of " + subject), text(one, "state"), text(one, "since"),
               tells.empty() ? "-" : tells, what});
  }
  if (!any) return;
  if (only_firing) std::cout << "\n";
  table.print(std::cout);
}

void print_status(const json::value& s) {
  std::cout << "plan " << text(s, "plan").substr(0, 16) << ", started " << text(s, "started_at")
            << (s.at("draining").as_bool() ? ", draining" : "")
            << (s.at("store").at("encrypted").as_bool() ? "" : ", store not encrypted") << "\n\n";
  Table sources({"source", "listens", "open", "received", "accepted", "rejected", "duplicates", "p50 ms", "p99 ms"});
  for (const auto& one : s.at("sources").as_array()) {
    const auto& latency = one.at("to_acknowledgement");
    sources.add({text(one, "name"), text(one, "listens"), text(one, "connections"), text(one, "received"),
                 text(one, "accepted"), text(one, "rejected"), text(one, "duplicates"), milliseconds(latency, "p50_us"),
                 milliseconds(latency, "p99_us")});
  }
  sources.print(std::cout);
  for (const auto& one : s.at("sources").as_array()) {
    if (one.at("held").as_bool())
      std::cout << text(one, "name") << ": closed, held by a person: " << text(one, "held_why") << "\n";
    if (text(one, "sequence_gaps") != "0" || text(one, "sequence_repeats") != "0")
      std::cout << fmt::format("{}: MSH-13 jumped ahead {} times, came again {} times\n", text(one, "name"),
                               text(one, "sequence_gaps"), text(one, "sequence_repeats"));
    if (text(one, "files") != "0" || text(one, "failed_files") != "0" || text(one, "left_alone") != "0")
      std::cout << fmt::format("{}: {} files taken, {} put aside, {} left alone (no regular files)\n", text(one, "name"),
                               text(one, "files"), text(one, "failed_files"), text(one, "left_alone"));
    if (!text(one, "trouble").empty()) std::cout << text(one, "name") << ": " << text(one, "trouble") << "\n";
    if (text(one, "batches") != "0")
      std::cout << fmt::format("{}: {} batches, {} findings about their envelopes\n", text(one, "name"), text(one, "batches"),
                               text(one, "batch_findings"));
  }
  std::cout << "\n";
  Table destinations(
      {"destination", "address", "state", "queued", "delivered", "retries", "refused", "dead", "in doubt", "p50 ms", "p99 ms"});
  for (const auto& one : s.at("destinations").as_array()) {
    const auto& latency = one.at("to_delivery");
    destinations.add({text(one, "name"), text(one, "address"), text(one, "state"), text(one, "queued"), text(one, "delivered"),
                      text(one, "retries"), text(one, "refused"), text(one, "dead_letters"), text(one, "ambiguous"),
                      milliseconds(latency, "p50_us"), milliseconds(latency, "p99_us")});
  }
  destinations.print(std::cout);
  if (const auto& batches = s.at("batches").as_array(); !batches.empty()) {
    Table collected({"batch", "waiting", "batches", "messages in them"});
    for (const auto& one : batches)
      collected.add({text(one, "name"), text(one, "waiting"), text(one, "batches"), text(one, "members")});
    std::cout << "\n";
    collected.print(std::cout);
  }
  if (const auto& certificates = s.at("certificates").as_array(); !certificates.empty()) {
    Table table({"of", "what", "subject", "until", "days left"});
    for (const auto& one : certificates)
      table.add({text(one, "of"), text(one, "what"), text(one, "subject"), text(one, "not_after").substr(0, 10),
                 text(one, "days_left")});
    std::cout << "\n";
    table.print(std::cout);
    for (const auto& one : certificates)
      if (!text(one, "trouble").empty())
        std::cout << text(one, "of") << ": renewed files are not in use: " << text(one, "trouble") << "\n";
  }
  if (const auto& tables = s.at("tables").as_array(); !tables.empty()) {
    std::cout << "\n";
    print_tables(tables);
  }
  print_alerts(s.at("alerts"), true);
  const auto& store = s.at("store");
  std::cout << fmt::format("\nstore: {} messages, {} dead letters, {} dropped, {} duplicates, {} commits, {:.1f} MiB on disk\n",
                           text(store, "messages"), text(store, "dead_letters"), text(store, "dropped"),
                           text(store, "duplicates"), text(store, "commits"),
                           store.at("disk_bytes").to_number<double>() / 1048576);
  if (const auto& receiving = s.at("receiving"); text(receiving, "spooled") != "0")
    std::cout << fmt::format(
        "receiving: {:.1f} of {:.0f} MiB, {} large messages went through files, {} wait for memory\n",
        (receiving.at("growing_bytes").to_number<double>() + receiving.at("whole_bytes").to_number<double>()) / 1048576,
        receiving.at("most_bytes").to_number<double>() / 1048576, text(receiving, "spooled"), text(receiving, "waiting"));
  for (const auto& one : s.at("destinations").as_array()) {
    if (text(one, "held") != "0")
      std::cout << fmt::format("{}: {} refused messages wait for a person, {} of the same keys behind them\n",
                               text(one, "name"), text(one, "held"), text(one, "parked"));
    if (!text(one, "pace").empty())
      std::cout << fmt::format("{}: pace {}; {} sends waited for their turn\n", text(one, "name"), text(one, "pace"),
                               text(one, "paced"));
  }
  for (const auto& one : s.at("destinations").as_array())
    for (const auto& lane : one.at("lanes").as_array())
      if (!text(lane, "last_error").empty())
        std::cout << text(one, "name") << " lane " << text(lane, "number") << ": " << text(lane, "state") << ": "
                  << text(lane, "last_error") << "\n";
}

}  // namespace

int status(const ServiceOptions& service) {
  api::Request request;
  request.path = "/v1/status";
  const auto answer = ask(service, std::move(request));
  if (!answer) return answer.error();
  if (service.json) return print_json(*answer);
  print_status(*answer);
  return kFine;
}

int alerts(const ServiceOptions& service) {
  api::Request request;
  request.path = "/v1/alerts";
  const auto answer = ask(service, std::move(request));
  if (!answer) return answer.error();
  if (service.json) return print_json(*answer);
  if (answer->at("alerts").as_array().empty()) std::cout << "no alert is declared, and nothing fires\n";
  print_alerts(answer->at("alerts"), false);
  return kFine;
}

int messages(const MessagesOptions& options) {
  api::Request request;
  request.path = "/v1/messages";
  set(request, "source", options.source);
  set(request, "flow", options.flow);
  set(request, "state", options.state);
  set(request, "control_id", options.control_id);
  if (options.after != 0) request.query["after"] = std::to_string(options.after);
  request.query["limit"] = std::to_string(options.limit);
  const auto answer = ask(options.service, std::move(request));
  if (!answer) return answer.error();
  if (options.service.json) return print_json(*answer);
  Table table({"id", "received", "source", "type", "size", "state", "delivered"});
  for (const auto& m : answer->at("messages").as_array()) {
    table.add({text(m, "id"), text(m, "received_at"), text(m, "source"), text(m, "type"), text(m, "size"), text(m, "state"),
               text(m, "delivered") + "/" + text(m, "deliveries") + (m.at("replay").as_bool() ? " replay" : "")});
  }
  table.print(std::cout);
  return kFine;
}

int trace(const ServiceOptions& service, const std::string& id) {
  api::Request request;
  request.path = "/v1/messages/" + api::percent_encode(id);
  const auto answer = ask(service, std::move(request));
  if (!answer) return answer.error();
  if (service.json) return print_json(*answer);
  std::cout << "message " << text(*answer, "id") << "  " << text(*answer, "type") << " from " << text(*answer, "source") << ", "
            << text(*answer, "size") << " bytes, " << text(*answer, "state") << "\nplan " << text(*answer, "plan").substr(0, 16)
            << "\n\n";
  Table events({"at", "what", "where", "detail"});
  for (const auto& event : answer->at("events").as_array())
    events.add({text(event, "at"), text(event, "what"), text(event, "where"), text(event, "detail")});
  events.print(std::cout);
  return kFine;
}

int body(const ServiceOptions& service, std::uint64_t id, std::optional<std::uint32_t> delivery) {
  api::Request request;
  request.path = "/v1/messages/" + std::to_string(id) + "/body";
  if (delivery) request.query["delivery"] = std::to_string(*delivery);
  const auto bytes = ask_for_bytes(service, std::move(request));
  if (!bytes) return bytes.error();
  std::cout.write(bytes->data(), static_cast<std::streamsize>(bytes->size()));
  return kFine;
}

}  // namespace smarthl7::app
