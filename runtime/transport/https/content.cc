// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/https/content.h"

#include <span>

#include "runtime/transport/https/head.h"

namespace smarthl7::transport::https {

namespace {

constexpr std::string_view kUsual = "application/hl7-v2";
constexpr std::string_view kPipes[] = {kUsual, "application/hl7-v2+er7", "x-application/hl7-v2+er7", "text/plain"};
constexpr std::string_view kXml[] = {"application/hl7-v2+xml", "x-application/hl7-v2+xml", "application/xml", "text/xml"};
constexpr std::string_view kJson[] = {"application/hl7-v2+json", "application/json"};

bool is_one_of(std::string_view type, std::span<const std::string_view> types) {
  for (const std::string_view one : types)
    if (same_word(type, one)) return true;
  return false;
}

std::string_view type_of(std::string_view content_type) { return trim(content_type.substr(0, content_type.find(';'))); }

}  // namespace

std::optional<hl7::Encoding> form_of(std::string_view content_type) {
  const std::string_view type = type_of(content_type);
  if (type.empty() || is_one_of(type, kPipes)) return hl7::Encoding::pipes;
  if (is_one_of(type, kXml)) return hl7::Encoding::xml;
  if (is_one_of(type, kJson)) return hl7::Encoding::json;
  return std::nullopt;
}

hl7::Encoding form_of_answer(std::string_view content_type) { return form_of(content_type).value_or(hl7::Encoding::pipes); }

std::string media_type(std::string_view content_type) {
  const std::string_view type = type_of(content_type);
  return std::string(type.empty() ? kUsual : type);
}

bool has_header(std::string_view message) {
  if (message.starts_with("\xEF\xBB\xBF")) message.remove_prefix(3);
  while (message.starts_with('\r') || message.starts_with('\n')) message.remove_prefix(1);
  return message.starts_with("MSH") || message.starts_with("FHS") || message.starts_with("BHS");
}

}  // namespace smarthl7::transport::https
