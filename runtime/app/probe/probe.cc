// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/probe/probe.h"

#include <fmt/format.h>

#include "runtime/app/probe/prober.h"

namespace smarthl7::app::probe {

using env::Task;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using transport::tls::Offer;

namespace {

bool is_literal(const std::string& host) {
  return host.find(':') != std::string::npos || host.find_first_not_of("0123456789.") == std::string::npos;
}

std::string milliseconds(std::chrono::nanoseconds time) {
  return fmt::format("{:.1f} ms", static_cast<double>(duration_cast<microseconds>(time).count()) / 1000);
}

}  // namespace

Result<Target> read_target(const std::string& url) {
  const bool tls = url.starts_with("mllps://");
  if (!tls && !url.starts_with("mllp://"))
    return fail(
        ErrorCode::invalid,
        "`" + url +
            "` is not an address of the form mllp://HOST:PORT, mllps://HOST:PORT, https://HOST/PATH or sftp://USER@HOST:PORT");
  std::string rest = url.substr(tls ? 8 : 7);
  if (rest.ends_with('/')) rest.pop_back();
  TRY(auto at, env::Endpoint::parse(rest));
  return Target{std::move(at), tls};
}

void Prober::note(std::string_view stage, Severity severity, std::string_view code, std::string text, std::string help) {
  report_->findings.push_back({std::string(stage), severity, std::string(code), std::move(text), std::move(help)});
}

void Prober::note_connect_failure(const env::Endpoint& at, const Error& error, bool others) {
  const Severity severity = others ? Severity::warning : Severity::defect;
  const std::string where = at.text();
  if (error.code == ErrorCode::timeout) {
    note("connect", severity, "no_answer", where + " does not answer to a connection",
         "a firewall drops it, or the machine is off; ask for the address of this machine to be let through");
  } else if (error.code == ErrorCode::unreachable) {
    note(
        "connect", severity, "no_listener", error.describe(),
        "the machine was reached, or its router, and nobody listens at this port: is the receiver running, is the port right?");
  } else {
    note("connect", severity, "no_connection", error.describe());
  }
}

Task<std::unique_ptr<env::Stream>> Prober::reach() {
  target_.at.via = settings_.via;
  Result<std::vector<env::Endpoint>> found = co_await env_.network.resolve(target_.at, deadline());
  if (!found) {
    note("resolve", Severity::defect, "no_address", found.error().describe(),
         "the name is wrong, or the name service of this machine does not know it");
    co_return nullptr;
  }
  std::string all;
  for (const env::Endpoint& one : *found) {
    report_->addresses.push_back(one.host);
    all += (all.empty() ? "" : ", ") + one.host;
  }
  if (!is_literal(target_.at.host)) fine("resolve", target_.at.host + " is " + all);
  std::unique_ptr<env::Stream> open;
  std::vector<std::pair<env::Endpoint, Error>> dead;
  for (const env::Endpoint& one : *found) {  // each, since the hub may be given any of them
    const SteadyTime began = env_.executor.now();
    Result<std::unique_ptr<env::Stream>> stream = co_await env_.network.connect(one, deadline());
    if (!stream) {
      dead.emplace_back(one, std::move(stream).error());
      continue;
    }
    fine("connect", fmt::format("{} in {}", one.text(), milliseconds(env_.executor.now() - began)));
    if (open == nullptr) {
      open = std::move(*stream);
      reached_ = one;
    } else {
      (*stream)->close();
    }
  }
  for (const auto& [at, error] : dead) note_connect_failure(at, error, open != nullptr);
  if (open == nullptr || !target_.tls) co_return open;
  open->close();  // the handshake has a connection of its own, as those of the scan
  Handshake handshake = co_await shake_hands(Offer::safe, settings_.tls.name.empty() ? target_.at.host : settings_.tls.name);
  if (handshake.stream == nullptr) {
    bool old = false;
    bool weak = false;
    if (settings_.scan) {
      Handshake old_one = co_await shake_hands(Offer::old, target_.at.host);
      old = old_one.stream != nullptr;
      if (old) old_one.stream->close();
      Handshake weak_one = co_await shake_hands(Offer::weak, target_.at.host);
      weak = weak_one.stream != nullptr;
      if (weak) weak_one.stream->close();
    }
    judge_failed_handshake(handshake.error, old, weak);
    co_return nullptr;
  }
  judge_handshake(*handshake.inspection);
  co_return std::move(handshake.stream);
}

Task<Result<std::unique_ptr<env::Stream>>> Prober::open() {
  Result<std::unique_ptr<env::Stream>> stream = co_await env_.network.connect(reached_, deadline());
  co_return stream;
}

Task<Prober::Handshake> Prober::shake_hands(Offer offer, std::string name) {
  Handshake out;
  out.inspection = std::make_shared<transport::tls::Inspection>();
  transport::tls::InspectSettings how;
  how.ca_pem = settings_.tls.ca;
  how.certificate_pem = settings_.tls.certificate;
  how.key_pem = settings_.tls.key;
  how.server_name = std::move(name);
  how.offer = offer;
  Result<std::shared_ptr<const transport::tls::Context>> context = transport::tls::make_inspecting_context(how, out.inspection);
  if (!context) {
    out.error = std::move(context).error();
    co_return out;
  }
  Result<std::unique_ptr<env::Stream>> below = co_await open();
  if (!below) {
    out.error = std::move(below).error();
    co_return out;
  }
  Result<std::unique_ptr<env::Stream>> stream = co_await transport::tls::connect(*context, std::move(*below), deadline());
  if (stream) {
    out.stream = std::move(*stream);
  } else {
    out.error = std::move(stream).error();
  }
  co_return out;
}

Task<void> Prober::scan() {
  if (!target_.tls) {
    // On a plain port a TLS greeting is bytes outside of a frame, which MLLP drops, or no request of HTTP.
    Handshake handshake = co_await shake_hands(Offer::safe, target_.at.host);
    if (handshake.stream == nullptr) co_return;
    handshake.stream->close();
    note("tls", Severity::defect, "tls_expected",
         "it speaks TLS (" + handshake.inspection->version + "), and this address is plain",
         "probe and connect with " +
             (target_.authority.empty() ? "mllps://" + target_.at.text() : "https://" + target_.authority));
    co_return;
  }
  Handshake old = co_await shake_hands(Offer::old, target_.at.host);
  if (old.stream != nullptr) {
    old.stream->close();
    note("tls", Severity::warning, "tls_old_offered",
         "it takes " + old.inspection->version + " too, which is withdrawn (RFC 8996)",
         "the receiver should set TLS 1.2 as the least version");
  }
  Handshake weak = co_await shake_hands(Offer::weak, target_.at.host);
  if (weak.stream != nullptr) {
    weak.stream->close();
    note("tls", Severity::defect, "weak_cipher", "it takes the cipher " + weak.inspection->cipher + ", which protects nothing",
         "the receiver should remove anonymous, NULL, RC4 and 3DES ciphers from its list");
  }
  Handshake fixed = co_await shake_hands(Offer::fixed, target_.at.host);
  if (fixed.stream != nullptr) {
    fixed.stream->close();
    note("tls", Severity::warning, "no_forward_secrecy",
         "it takes " + fixed.inspection->cipher + " too: who gets its key can read what was recorded before",
         "the receiver should offer ECDHE ciphers alone");
  }
}

namespace {

Task<Result<Report>> probe_sftp(env::Env env, Settings settings) {
  Result<Target> target = read_sftp_target(settings.url);
  if (!target) co_return std::unexpected(std::move(target).error());
  const bool with_tls = !settings.tls.ca.empty() || !settings.tls.certificate.empty() || !settings.tls.name.empty();
  if (with_tls || settings.ask || settings.nak || !settings.messages.empty())
    co_return fail(ErrorCode::invalid,
                   "SFTP has no certificates, and a probe puts no file on a server: take these options out");
  Report report;
  report.url = settings.url;
  Prober prober(env, settings, std::move(*target), &report);
  std::unique_ptr<env::Stream> stream = co_await prober.reach();
  if (stream != nullptr) co_await prober.look_at_ssh(std::move(stream));
  co_return report;
}

/// Files that cannot be used are the caller's fault, not the receiver's.
Result<void> check_files(const Settings& settings, const Target& target) {
  if (target.tls) {
    transport::tls::InspectSettings files;
    files.ca_pem = settings.tls.ca;
    files.certificate_pem = settings.tls.certificate;
    files.key_pem = settings.tls.key;
    files.server_name = settings.tls.name.empty() ? target.at.host : settings.tls.name;
    TRY_VOID(transport::tls::make_inspecting_context(files, std::make_shared<transport::tls::Inspection>()));
  } else if (!settings.tls.ca.empty() || !settings.tls.certificate.empty() || !settings.tls.name.empty()) {
    return fail(ErrorCode::invalid, "TLS files are given, but " + settings.url + " is plain: write " +
                                        (target.authority.empty() ? "mllps://" : "https://"));
  }
  return {};
}

Task<Result<Report>> probe_http(env::Env env, Settings settings) {
  Result<Target> target = read_http_target(settings.url);
  if (!target) co_return std::unexpected(std::move(target).error());
  CO_TRY_VOID(check_files(settings, *target));
  const bool tls = target->tls;
  Report report;
  report.url = settings.url;
  Prober prober(env, settings, std::move(*target), &report);
  std::unique_ptr<env::Stream> stream = co_await prober.reach();
  if (stream == nullptr) co_return report;
  if (settings.scan && !tls) {
    co_await prober.scan();
    if (report.count(Severity::defect) > 0) co_return report;  // it speaks TLS: what it says to plain text says nothing
  }
  co_await prober.look_at_http(std::move(stream));
  if (settings.scan && tls) co_await prober.scan();
  if (settings.ask) co_await prober.post_and_judge(prober.query(), true);
  for (const SharedBytes& message : settings.messages) co_await prober.post_and_judge(message, false);
  if (settings.nak) co_await prober.post_no_message();
  co_return report;
}

Task<Result<Report>> probe_mllp(env::Env env, Settings settings) {
  Result<Target> target = read_target(settings.url);
  if (!target) co_return std::unexpected(std::move(target).error());
  CO_TRY_VOID(check_files(settings, *target));
  Report report;
  report.url = settings.url;
  Prober prober(env, settings, std::move(*target), &report);
  std::unique_ptr<env::Stream> stream = co_await prober.reach();
  if (stream == nullptr) co_return report;
  bool usable = co_await prober.stay_quiet(stream.get());
  if (settings.scan) co_await prober.scan();
  if (usable && settings.ask) usable = co_await prober.send_and_judge(stream.get(), prober.query(), true);
  for (const SharedBytes& message : settings.messages) {
    if (usable) usable = co_await prober.send_and_judge(stream.get(), message, false);
  }
  if (usable && settings.nak) co_await prober.send_no_message(stream.get());
  stream->close();
  co_return report;
}

}  // namespace

Task<Result<Report>> probe(env::Env env, Settings settings) {
  if (settings.url.starts_with("sftp://")) return probe_sftp(env, std::move(settings));
  if (settings.url.starts_with("https://") || settings.url.starts_with("http://")) return probe_http(env, std::move(settings));
  return probe_mllp(env, std::move(settings));
}

}  // namespace smarthl7::app::probe
