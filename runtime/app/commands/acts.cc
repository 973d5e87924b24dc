// SPDX-License-Identifier: Apache-2.0
// dead, replay, ambiguous, hold, release: what people do about messages that did not go the ordinary way.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <fstream>
#include <iostream>
#include <iterator>

#include "runtime/app/commands/admin_client.h"
#include "runtime/app/commands/commands.h"
#include "runtime/app/commands/table.h"
#include "runtime/env/real/real.h"
#include "stdlib/base/base64.h"

namespace smarthl7::app {
namespace {

namespace json = boost::json;

std::string text(const json::value& of, std::string_view name) {
  const json::object& object = of.as_object();
  const json::value* const value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return "-";
  if (value->is_string()) return value->get_string().empty() ? "-" : std::string(value->get_string());
  return json::serialize(*value);
}

int print_json(const json::value& value) {
  std::cout << json::serialize(value) << "\n";
  return kFine;
}

void set(api::Request& request, const char* name, const std::string& value) {
  if (!value.empty()) request.query[name] = value;
}
void set(json::object& body, const char* name, const std::string& value) {
  if (!value.empty()) body[name] = value;
}

/// "17", or "17.1"; "17" too of what a flow ended.
std::string letter_name(const json::value& letter) {
  const std::string delivery = text(letter, "delivery");
  return text(letter, "message") + (delivery == "-" ? "" : "." + delivery);
}

/// The same request asked for twice is done once.
std::string request_id(const ActOptions& act) {
  if (!act.request.empty()) return act.request;
  const auto random = env::make_real_random();
  return fmt::format("{:016x}{:016x}", random->next(), random->next());
}

std::expected<json::object, int> choice_of(const LettersOptions& letters) {
  if (letters.ids.empty() != letters.all) {
    std::cerr << "smarthl7: " << (letters.all ? "name letters or say --all, not both\n" : "name letters, or say --all\n");
    return std::unexpected(kUsage);
  }
  json::object body;
  if (letters.all) {
    body["all"] = true;
  } else {
    json::array ids;
    for (const std::string& id : letters.ids) ids.emplace_back(id);
    body["letters"] = std::move(ids);
  }
  set(body, "destination", letters.destination);
  set(body, "flow", letters.flow);
  set(body, "since", letters.since);
  return body;
}

std::string later_text(const json::value& verdict) {
  std::string out;
  std::size_t shown = 0;
  const json::array& later = verdict.at("later").as_array();
  for (const json::value& one : later) {
    if (++shown > 8) break;
    out += (out.empty() ? "" : ", ") + text(one, "message") + (text(one, "state") == "queued" ? " (queued)" : "");
  }
  if (later.size() > 8 || verdict.at("more_later").as_bool())
    out += fmt::format(" and {} more",
                       verdict.at("more_later").as_bool() ? std::string("many") : std::to_string(later.size() - 8));
  return out;
}

void print_verdict(const json::value& verdict) {
  const std::string name = letter_name(verdict);
  if (verdict.as_object().contains("replayed_as")) {
    std::cout << fmt::format("{}: replayed to {} as message {}", name, text(verdict, "destination"),
                             text(verdict, "replayed_as"));
    if (verdict.at("before").as_bool()) std::cout << ", by an earlier call of this request";
    const std::size_t later = verdict.at("later").as_array().size();
    if (later > 0)
      std::cout << fmt::format(", despite {} later message{}: {}", later, later == 1 ? "" : "s", later_text(verdict));
    std::cout << "\n";
    return;
  }
  std::cout << fmt::format("{}: not replayed: {}", name, text(verdict, "refused"));
  if (!verdict.at("later").as_array().empty())
    std::cout << fmt::format(" ({}): {}", text(verdict, "destination"), later_text(verdict));
  std::cout << "\n";
}

}  // namespace

// ---- dead letters -----------------------------------------------------------------------------------------------------------

int dead_list(const LettersOptions& options) {
  api::Request request;
  request.path = "/v1/dead";
  set(request, "destination", options.destination);
  set(request, "flow", options.flow);
  set(request, "since", options.since);
  if (options.all_states) request.query["all_states"] = "1";
  if (options.after != 0) request.query["after"] = std::to_string(options.after);
  request.query["limit"] = std::to_string(options.limit);
  const auto answer = ask(options.service, std::move(request));
  if (!answer) return answer.error();
  if (options.service.json) return print_json(*answer);
  std::vector<std::string> columns = {"letter", "type", "flow", "destination", "at", "attempts", "reason"};
  if (options.all_states) columns.insert(columns.end(), {"state", "by", "why"});
  Table table(columns);
  for (const auto& d : answer->at("dead").as_array()) {
    std::vector<std::string> row = {letter_name(d),
                                    text(d, "type"),
                                    text(d, "flow"),
                                    text(d, "destination"),
                                    text(d, "at"),
                                    text(d, "attempts"),
                                    text(d, "reason") + (text(d, "edits") == "0" ? "" : " (edited)")};
    if (options.all_states) {
      std::string state = text(d, "state");
      if (state == "replayed") state += " as " + text(d, "replayed_as");
      row.insert(row.end(), {std::move(state), text(d, "actor"), text(d, "why")});
    }
    table.add(std::move(row));
  }
  table.print(std::cout);
  return kFine;
}

int dead_show(const LettersOptions& options) {
  const std::string& id = options.ids.front();
  const std::string message = id.substr(0, id.find('.'));
  api::Request request;
  request.path = "/v1/dead";
  request.query["message"] = message;
  request.query["all_states"] = "1";
  const auto letters = ask(options.service, std::move(request));
  if (!letters) return letters.error();
  if (letters->at("dead").as_array().empty()) {
    std::cerr << "smarthl7: message " << message << " has no dead letter\n";
    return kFindings;
  }
  if (options.body) {
    api::Request body;
    body.path = "/v1/dead/" + api::percent_encode(id) + "/body";
    const auto bytes = ask_for_bytes(options.service, std::move(body));
    if (!bytes) return bytes.error();
    std::cout.write(bytes->data(), static_cast<std::streamsize>(bytes->size()));
    return kFine;
  }
  if (options.service.json) {
    api::Request trace_request;
    trace_request.path = "/v1/messages/" + api::percent_encode(message);
    const auto history = ask(options.service, std::move(trace_request));
    if (!history) return history.error();
    return print_json(json::object{{"letters", letters->at("dead")}, {"message", *history}});
  }
  for (const auto& d : letters->at("dead").as_array()) {
    std::cout << fmt::format("letter {} for {}: {}, after {} attempts; {} bytes", letter_name(d), text(d, "destination"),
                             text(d, "reason"), text(d, "attempts"), text(d, "size"));
    if (text(d, "edits") != "0") std::cout << ", edited " << text(d, "edits") << " times";
    std::cout << "; " << text(d, "state");
    if (text(d, "state") == "replayed") std::cout << " as message " << text(d, "replayed_as");
    if (text(d, "state") != "open") std::cout << " by " << text(d, "actor") << ": " << text(d, "why");
    std::cout << "\n";
  }
  return trace(options.service, message);
}

int replay(const LettersOptions& letters, const ActOptions& options, bool deliveries) {
  json::object body;
  std::string path = "/v1/dead/replay";
  if (deliveries) {
    path = "/v1/messages/" + api::percent_encode(letters.ids.front()) + "/replay";
    set(body, "destination", letters.destination);
    set(body, "flow", letters.flow);
  } else {
    auto chosen = choice_of(letters);
    if (!chosen) return chosen.error();
    body = std::move(*chosen);
  }
  const std::string request = request_id(options);
  body["request"] = request;
  if (options.despite_order) body["despite_order"] = true;
  set(body, "to", options.to);
  set(body, "reason", options.reason);
  const auto acted = act(letters.service, path, body);
  if (!acted) {
    if (acted.error() == kEnvironment)
      std::cerr << "help: what was not done is done, and nothing twice, with --request " << request << "\n";
    return acted.error();
  }
  const json::value& answer = acted->answer;
  if (letters.service.json) {
    print_json(answer);
  } else {
    for (const auto& verdict : answer.at("letters").as_array()) print_verdict(verdict);
    if (answer.at("letters").as_array().size() != 1)
      std::cout << text(answer, "replayed") << " replayed, " << text(answer, "refused") << " not\n";
  }
  bool guarded = false;
  for (const auto& verdict : answer.at("letters").as_array())
    guarded = guarded || (!verdict.as_object().contains("replayed_as") && !verdict.at("later").as_array().empty());
  if (guarded)
    std::cerr
        << "help: an older message over a newer one can undo what the newer one said; look at both with `smarthl7 trace`,\n"
           "      then drop it, or send it all the same with --despite-order\n";
  return acted->refused ? kFindings : kFine;
}

int dead_edit(const LettersOptions& letters, const ActOptions& options) {
  std::ifstream file(options.body, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file && bytes.empty()) {
    std::cerr << "smarthl7: " << options.body << " cannot be read\n";
    return kEnvironment;
  }
  if (bytes.find('\r') == std::string::npos)  // an editor's line ends
    for (char& c : bytes)
      if (c == '\n') c = '\r';
  std::string encoded;
  append_base64(bytes, encoded);
  json::object body{{"letter", letters.ids.front()}, {"body_base64", encoded}, {"reason", options.reason}};
  const auto acted = act(letters.service, "/v1/dead/edit", body);
  if (!acted) return acted.error();
  if (letters.service.json) return print_json(acted->answer);
  std::cout << fmt::format("{}: {} bytes are delivered when it is replayed; changed: {}\n", letter_name(acted->answer),
                           text(acted->answer, "size"), text(acted->answer, "changed"));
  return kFine;
}

int dead_drop(const LettersOptions& letters, const ActOptions& options) {
  auto body = choice_of(letters);
  if (!body) return body.error();
  (*body)["reason"] = options.reason;
  const auto acted = act(letters.service, "/v1/dead/drop", *body);
  if (!acted) return acted.error();
  if (letters.service.json) {
    print_json(acted->answer);
    return acted->refused ? kFindings : kFine;
  }
  for (const auto& one : acted->answer.at("letters").as_array()) {
    if (one.at("dropped").as_bool()) {
      std::cout << letter_name(one) << ": dropped, " << text(one, "destination") << " does not get it\n";
    } else {
      std::cout << letter_name(one) << ": not dropped: " << text(one, "refused") << "\n";
    }
  }
  std::cout << text(acted->answer, "dropped") << " dropped, " << text(acted->answer, "refused") << " not\n";
  return acted->refused ? kFindings : kFine;
}

// ---- the ledger -------------------------------------------------------------------------------------------------------------

namespace {

/// RFC 4180; a control id that a spreadsheet would take for a formula gets an apostrophe.
std::string csv(std::string value) {
  if (value == "-") value.clear();
  if (!value.empty() && std::string_view("=+-@\t").find(value.front()) != std::string_view::npos) value.insert(0, "'");
  if (value.find_first_of(",\"\r\n") == std::string::npos) return value;
  std::string out = "\"";
  for (const char c : value) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace

int ambiguous(const LedgerOptions& options) {
  const std::string format = options.service.json ? "json" : options.format;
  api::Request request;
  request.path = "/v1/ambiguous";
  set(request, "destination", options.destination);
  if (options.all) request.query["all"] = "1";
  request.query["control_ids"] = "1";
  if (options.after != 0) request.query["after"] = std::to_string(options.after);
  request.query["limit"] = std::to_string(options.limit);
  const auto answer = ask(options.service, std::move(request));
  if (!answer) return answer.error();
  if (format == "json") return print_json(*answer);
  const auto& entries = answer->at("ambiguous").as_array();
  if (format == "csv") {
    std::cout << "control_id,type,sent_at,found_at,destination,message" << (options.all ? ",outcome" : "") << "\r\n";
    for (const auto& a : entries) {
      std::cout << csv(text(a, "control_id")) << "," << csv(text(a, "type")) << "," << text(a, "released_at") << ","
                << text(a, "found_at") << "," << csv(text(a, "destination")) << "," << text(a, "message");
      if (options.all) std::cout << "," << csv(text(a, "outcome"));
      std::cout << "\r\n";
    }
    return kFine;
  }
  std::vector<std::string> columns = {"control id", "type", "sent", "found", "destination", "message"};
  const bool covered = std::ranges::any_of(entries, [](const auto& a) { return a.at("covered").as_bool(); });
  if (covered) columns.emplace_back("receiver knows it");
  if (options.all) columns.insert(columns.end(), {"outcome", "by", "why"});
  Table table(columns);
  for (const auto& a : entries) {
    std::vector<std::string> row = {text(a, "control_id"), text(a, "type"),        text(a, "released_at"),
                                    text(a, "found_at"),   text(a, "destination"), text(a, "message")};
    if (covered) row.emplace_back(a.at("covered").as_bool() ? "yes" : "");
    if (options.all) row.insert(row.end(), {text(a, "outcome"), text(a, "actor"), text(a, "why")});
    table.add(std::move(row));
  }
  table.print(std::cout);
  return kFine;
}

int ambiguous_resolve(const LedgerOptions& options) {
  json::object body{{"destination", options.destination}, {"outcome", options.outcome}, {"reason", options.reason}};
  if (options.through != 0) body["through"] = options.through;
  const auto acted = act(options.service, "/v1/ambiguous/resolve", body);
  if (!acted) return acted.error();
  if (options.service.json) return print_json(acted->answer);
  std::cout << text(acted->answer, "resolved") << " deliveries to " << options.destination << ": " << options.outcome << "\n";
  return kFine;
}

// ---- holds ------------------------------------------------------------------------------------------------------------------

namespace {

int list_holds(const ServiceOptions& service) {
  api::Request request;
  request.path = "/v1/holds";
  const auto answer = ask(service, std::move(request));
  if (!answer) return answer.error();
  if (service.json) return print_json(*answer);
  Table table({"held", "lane", "since", "by", "reason"});
  for (const auto& one : answer->at("holds").as_array()) {
    const std::string lane = text(one, "lane");
    table.add({text(one, "name"), lane == "-" ? "all" : lane, text(one, "since"), text(one, "actor"), text(one, "reason")});
  }
  table.print(std::cout);
  return kFine;
}

int post_hold(const HoldOptions& options, bool hold) {
  json::object body{{"name", options.name}};
  if (options.lane) body["lane"] = *options.lane;
  set(body, "reason", options.reason);
  const auto acted = act(options.service, hold ? "/v1/hold" : "/v1/release", body);
  if (!acted) return acted.error();
  if (options.service.json) return print_json(acted->answer);
  std::cout << options.name << (options.lane ? fmt::format(" lane {}", *options.lane) : std::string())
            << (hold ? ": held until it is released, over restarts too\n" : ": released\n");
  return kFine;
}

}  // namespace

int hold(const HoldOptions& options) {
  if (options.name.empty()) return list_holds(options.service);
  if (!options.reason.empty()) return post_hold(options, true);
  std::cerr << "smarthl7: --reason is missing: it stands in `status` and in the records, for those who ask later\n";
  return kUsage;
}

int release(const HoldOptions& options) { return post_hold(options, false); }

}  // namespace smarthl7::app
