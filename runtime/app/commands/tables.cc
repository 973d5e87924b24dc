// SPDX-License-Identifier: Apache-2.0
// tables: versions of those that are read again while the hub runs, and reading them now.
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
  return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

}  // namespace

void print_tables(const json::array& tables) {
  if (tables.empty()) return;
  Table out({"table", "version", "in use since", "rows", "MiB", "file", "read again", "refused"});
  for (const json::value& one : tables)
    out.add({text(one, "name"), text(one, "version"), text(one, "since"), text(one, "rows"),
             fmt::format("{:.1f}", one.at("bytes").to_number<double>() / 1048576), text(one, "file"), text(one, "reload"),
             text(one, "refused")});
  out.print(std::cout);
  for (const json::value& one : tables)
    if (!text(one, "trouble").empty())
      std::cout << text(one, "name") << ": the file that is there is not in use: " << text(one, "trouble") << "\n";
}

int tables(const TablesOptions& options) {
  api::Request request;
  request.path = "/v1/tables";
  const auto answer = ask(options.service, std::move(request));
  if (!answer) return answer.error();
  if (options.service.json) {
    std::cout << json::serialize(*answer) << "\n";
    return kFine;
  }
  const json::array& tables = answer->at("tables").as_array();
  if (tables.empty()) std::cout << "no table of the running plan is read again: all rows are part of the plan\n";
  print_tables(tables);
  return kFine;
}

int tables_reload(const TablesOptions& options) {
  json::object body;
  if (!options.name.empty()) body["name"] = options.name;
  const auto acted = act(options.service, "/v1/tables/reload", body);
  if (!acted) return acted.error();
  if (options.service.json) std::cout << json::serialize(acted->answer) << "\n";
  for (const json::value& one : acted->answer.at("tables").as_array()) {
    const std::string why = text(one, "refused");
    if (options.service.json) continue;
    const std::string version = fmt::format("version {} with {} rows", text(one, "version"), text(one, "rows"));
    std::cout << text(one, "name") << ": "
              << (!why.empty()                  ? fmt::format("refused, {} goes on: {}", version, why)
                  : one.at("changed").as_bool() ? version + " is in use"
                                                : "unchanged, " + version)
              << "\n";
  }
  return acted->refused ? kFindings : kFine;
}

}  // namespace smarthl7::app
