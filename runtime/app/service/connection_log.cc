// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/service/connection_log.h"

#include <fmt/format.h>

namespace smarthl7::app {
namespace {

constexpr auto kPause = std::chrono::minutes(1);
constexpr std::size_t kMostCauses = 1000;

}  // namespace

void ConnectionLog::note(std::string_view source, const transport::Event& event) {
  if (event.kind != transport::EventKind::refused) return;
  const std::string address = event.peer ? event.peer->address : std::string();
  const std::string host = address.substr(0, address.rfind(':'));
  std::string_view cause = event.text;  // "TLS with HOST:PORT failed: cause": the port is another one each time
  if (const auto at = cause.find(" failed: "); at != std::string_view::npos) cause.remove_prefix(at + 9);
  const std::string key = fmt::format("{}\n{}\n{}", source, host, cause);
  const WallTime now = clock_->wall();
  std::uint64_t between = 0;
  {
    const std::lock_guard lock(mutex_);
    if (told_.size() >= kMostCauses && !told_.contains(key)) told_.clear();
    Told& told = told_[key];
    if (told.at != WallTime{} && now >= told.at && now - told.at < kPause) {
      ++told.since;
      return;
    }
    between = std::exchange(told.since, 0);
    told.at = now;
  }
  const std::string who = address.empty() ? "" : " from " + address;
  const std::string more = between == 0 ? "" : fmt::format(" ({} more like it before)", between);
  log_("warning", fmt::format("source {}: a connection{} was refused: {}{}", source, who, event.text, more));
}

}  // namespace smarthl7::app
