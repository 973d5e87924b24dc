// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/notify/notice.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

namespace smarthl7::app {
namespace {

/// One line of a header or a body: nothing in it can begin another one.
std::string one_line(std::string text) {
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return text;
}

std::string rfc5322_date(WallTime at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} +0000", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
}

}  // namespace

std::string Notice::key() const {
  std::string name = alert;
  std::ranges::replace(name, ' ', '-');
  return fmt::format("{}-{}-{}", name, began.time_since_epoch().count(), over ? "over" : "firing");
}

std::string to_json(const Notice& notice) {
  const boost::json::object out{{"alert", notice.alert},
                                {"state", notice.over ? "over" : "firing"},
                                {"since", to_iso8601(notice.began)},
                                {"at", to_iso8601(notice.at)},
                                {"text", notice.text},
                                {"hub", notice.hub},
                                {"environment", notice.environment}};
  return boost::json::serialize(out);
}

std::string to_mail(const Notice& notice, const std::string& from, const std::string& to) {
  const std::string state = notice.over ? "over" : "firing";
  std::string out;
  const auto line = [&out](const std::string& text) { out += one_line(text) + "\r\n"; };
  line("From: SmartHL7 <" + from + ">");
  line("To: <" + to + ">");
  line(fmt::format("Subject: [{}] {}: {}", notice.hub, notice.alert, state));
  line("Date: " + rfc5322_date(notice.at));
  line(fmt::format("Message-ID: <{}@{}>", notice.key(), notice.hub));
  line("Auto-Submitted: auto-generated");
  line("MIME-Version: 1.0");
  line("Content-Type: text/plain; charset=utf-8");
  line("Content-Transfer-Encoding: 8bit");
  line("");
  line(fmt::format("The alert {} is {}.", notice.alert, state));
  line(notice.text);
  line("since: " + to_iso8601(notice.began));
  line("hub: " + notice.hub + (notice.environment.empty() ? "" : ", " + notice.environment));
  line("");
  line("`smarthl7 alerts` on that hub shows what fires now.");
  return out;
}

}  // namespace smarthl7::app
