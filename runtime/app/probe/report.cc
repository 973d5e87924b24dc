// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "runtime/app/probe/probe.h"
#include "stdlib/base/assert.h"

namespace smarthl7::app::probe {
namespace {

constexpr std::string_view mark_of(Severity severity) {
  switch (severity) {
    case Severity::fine: return "ok";
    case Severity::note: return "note";
    case Severity::warning: return "WARNING";
    case Severity::defect: return "DEFECT";
  }
  return "";
}

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

boost::json::object picture_of(const Certificate& certificate) {
  boost::json::array names;
  for (const std::string& name : certificate.names) names.emplace_back(name);
  return {{"subject", certificate.subject},
          {"issuer", certificate.issuer},
          {"names", std::move(names)},
          {"not_before", to_iso8601(certificate.not_before)},
          {"not_after", to_iso8601(certificate.not_after)},
          {"key", certificate.key},
          {"signature", certificate.signature},
          {"sha256", certificate.fingerprint}};
}

}  // namespace

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::fine: return "fine";
    case Severity::note: return "note";
    case Severity::warning: return "warning";
    case Severity::defect: return "defect";
  }
  SMARTHL7_UNREACHABLE("a severity without a name");
}

std::size_t Report::count(Severity severity) const {
  return static_cast<std::size_t>(std::ranges::count(findings, severity, &Finding::severity));
}

std::string to_text(const Report& report) {
  std::string out = report.url + "\n";
  for (const Finding& finding : report.findings) {
    out += fmt::format("  {:<8} {:<12} {}", mark_of(finding.severity), finding.stage, finding.text);
    if (!finding.code.empty()) out += fmt::format(" [{}]", finding.code);
    out += "\n";
    if (!finding.help.empty()) out += fmt::format("  {:<8} {:<12} help: {}\n", "", "", finding.help);
  }
  out += fmt::format("{}, {}\n", counted(report.count(Severity::defect), "defect"),
                     counted(report.count(Severity::warning), "warning"));
  return out;
}

std::string to_json(const Report& report) {
  boost::json::array findings, chain, addresses, host_keys;
  for (const Finding& finding : report.findings) {
    boost::json::object one{{"stage", finding.stage}, {"severity", name_of(finding.severity)}, {"text", finding.text}};
    if (!finding.code.empty()) one["code"] = finding.code;
    if (!finding.help.empty()) one["help"] = finding.help;
    findings.emplace_back(std::move(one));
  }
  for (const Certificate& certificate : report.chain) chain.emplace_back(picture_of(certificate));
  for (const std::string& address : report.addresses) addresses.emplace_back(address);
  boost::json::object out{{"url", report.url},
                          {"defects", report.count(Severity::defect)},
                          {"warnings", report.count(Severity::warning)},
                          {"addresses", std::move(addresses)},
                          {"findings", std::move(findings)}};
  if (!report.tls_version.empty())
    out["tls"] = {{"version", report.tls_version}, {"cipher", report.tls_cipher}, {"chain", std::move(chain)}};
  for (const std::string& key : report.host_keys) host_keys.emplace_back(key);
  if (!host_keys.empty()) out["host_keys"] = std::move(host_keys);
  return boost::json::serialize(out) + "\n";
}

}  // namespace smarthl7::app::probe
