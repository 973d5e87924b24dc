// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/https/reply.h"

#include <fmt/format.h>

namespace smarthl7::transport::https {

std::string http_date(WallTime time) {
  static constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string_view phrase_of(unsigned status) {
  switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "";
  }
}

std::string head_of(const Response& response, WallTime now) {
  std::string text = fmt::format("HTTP/1.1 {} {}\r\nServer: smarthl7\r\nDate: {}\r\nContent-Length: {}\r\n", response.status,
                                 phrase_of(response.status), http_date(now), response.length);
  if (!response.content_type.empty()) text.append("Content-Type: ").append(response.content_type).append("\r\n");
  if (!response.reason.empty()) text.append("Reason: ").append(response.reason).append("\r\n");
  text.append("Cache-Control: no-store\r\n").append(response.extra);
  text.append(response.keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
  return text;
}

}  // namespace smarthl7::transport::https
