// SPDX-License-Identifier: Apache-2.0
// Tables that are read again while the hub runs: their versions.
#include <boost/json.hpp>

#include "runtime/api/admin.h"
#include "runtime/api/answers.h"

namespace smarthl7::api {

namespace json = boost::json;

env::Task<Result<std::vector<observe::TableReload>>> Control::reload_tables(std::string /*name*/, std::string /*actor*/) {
  co_return fail(ErrorCode::not_found, "no table is read again here");
}

json::array table_states(const std::vector<observe::TableStatus>& tables) {
  json::array out;
  for (const observe::TableStatus& table : tables) {
    out.push_back(json::object{{"name", table.name},
                               {"file", table.file},
                               {"reload", table.reload},
                               {"version", table.version},
                               {"since", to_iso8601(table.since)},
                               {"rows", table.rows},
                               {"bytes", table.bytes},
                               {"refused", table.refused},
                               {"trouble", table.trouble}});
  }
  return out;
}

env::Task<Response> Admin::tables() {
  const observe::ServiceStatus status = co_await status_.service_status();
  co_return answer(json::object{{"tables", table_states(status.tables)}});
}

}  // namespace smarthl7::api
