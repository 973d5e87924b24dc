// SPDX-License-Identifier: Apache-2.0
// What a handshake says about the receiver.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/app/probe/prober.h"

namespace smarthl7::app::probe {

using transport::tls::Fault;
using transport::tls::Inspection;

namespace {

constexpr long kSoonDays = 30;
constexpr unsigned kLeastRsaBits = 2048;

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out.empty() ? "no name at all" : out;
}

std::string day_of(WallTime time) { return to_iso8601(time).substr(0, 10); }

}  // namespace

void Prober::judge_failed_handshake(const Error& error, bool old, bool weak) {
  const std::string text = error.describe();
  if (old) {
    note("tls", Severity::defect, "tls_old_only", "it speaks TLS 1.0 or 1.1 alone, which are withdrawn (RFC 8996)",
         "the receiver must be set up for TLS 1.2 or 1.3; the hub takes nothing older");
  } else if (weak) {
    note("tls", Severity::defect, "weak_cipher_only",
         "it takes ciphers alone that protect nothing (anonymous, NULL, RC4, 3DES)",
         "the receiver must offer ECDHE with AES-GCM or ChaCha20");
  } else if (text.find("plain text, not TLS") != std::string::npos) {
    note("tls", Severity::defect, "plain", "it answers in plain text where TLS is expected",
         "its TLS is not switched on, or this is another port; plain receivers are probed with mllp:// or http://");
  } else if (error.code == ErrorCode::timeout) {
    note("tls", Severity::defect, "plain", "it takes the connection and says nothing to a TLS greeting",
         "so does a plain MLLP receiver: try mllp://; or the receiver hangs");
  } else if (error.code == ErrorCode::closed || text.find("it closed the connection") != std::string::npos) {
    note("tls", Severity::defect, "closes_at_once", "it closes the connection instead of a TLS handshake",
         "it takes no connections from this address, has enough of them, or its TLS is not set up");
  } else if (text.find("client certificate") != std::string::npos && settings_.tls.certificate.empty()) {
    note("tls", Severity::defect, "client_certificate", text, "give the one that the partner knows: --certificate and --key");
  } else {
    note("tls", Severity::defect, "tls_failed", text);
  }
}

void Prober::judge_handshake(const Inspection& inspection) {
  report_->tls_version = inspection.version;
  report_->tls_cipher = inspection.cipher;
  report_->chain = inspection.chain;
  fine("tls", inspection.version + ", " + inspection.cipher);
  if (inspection.asks_certificate && settings_.tls.certificate.empty())
    note("tls", Severity::note, "client_certificate", "it asks for a certificate of the client, and none was given",
         "--certificate and --key, if the partner has agreed on one");
  judge_certificate(inspection);
}

void Prober::judge_certificate(const Inspection& inspection) {
  if (inspection.chain.empty()) return;
  const Certificate& own = inspection.chain.front();
  const std::string name = settings_.tls.name.empty() ? target_.at.host : settings_.tls.name;
  const WallTime now = env_.clock.wall();
  for (const auto& [fault, text] : inspection.faults) {
    switch (fault) {
      case Fault::expired: {
        const auto old = std::ranges::find_if(inspection.chain, [now](const Certificate& one) { return one.not_after < now; });
        const Certificate& which = old == inspection.chain.end() ? own : *old;
        note("certificate", Severity::defect, "certificate_expired",
             fmt::format("the certificate of {} expired on {}", which.subject, day_of(which.not_after)),
             "the partner must renew it");
        break;
      }
      case Fault::not_yet_valid:
        note("certificate", Severity::defect, "certificate_not_yet", "it is valid from " + day_of(own.not_before),
             "or the clock of this machine is wrong");
        break;
      case Fault::self_signed:
        note("certificate", Severity::defect, "unknown_authority", "it has signed itself, and is not trusted here",
             "get the file from the partner over another way, and give it with --ca");
        break;
      case Fault::unknown_authority:
        note("certificate", Severity::defect, "unknown_authority",
             fmt::format("its chain of {} ends in {}, which is not trusted here ({})", inspection.chain.size(),
                         inspection.chain.back().issuer, text),
             "give the partner's authority with --ca; or the receiver leaves out the certificates between");
        break;
      case Fault::wrong_name:
        note("certificate", Severity::defect, "wrong_name",
             fmt::format("it is not for `{}`, but for {}", name, joined(own.names)),
             "connect by that name, or say --name (in a route file: tls { name \"...\" })");
        break;
      case Fault::weak:
        note("certificate", Severity::defect, "weak_key", text, "the partner needs one with RSA 2048 or EC 256 bits");
        break;
      case Fault::other: note("certificate", Severity::defect, "certificate_refused", text); break;
    }
  }
  judge_strength(own);
  const long left = days_left(own, now);
  const std::string until =
      fmt::format("{}, by {}, until {} ({} days), {}", own.subject, own.issuer, day_of(own.not_after), left, own.key);
  if (left >= 0 && left < kSoonDays) {
    note("certificate", Severity::warning, "certificate_expires_soon", until, "the partner must renew it within that time");
  } else if (inspection.faults.empty()) {
    fine("certificate", until);
  } else {
    note("certificate", Severity::note, "certificate", until);
  }
}

void Prober::judge_strength(const Certificate& own) {
  const bool weak_key = own.is_rsa ? own.key_bits < kLeastRsaBits : own.key_bits < 224;
  const bool weak_signature = own.signature.find("SHA1") != std::string::npos ||
                              own.signature.find("sha1") != std::string::npos || own.signature.find("MD5") != std::string::npos;
  const bool told = std::ranges::any_of(report_->findings, [](const Finding& one) { return one.code == "weak_key"; });
  if (weak_key && !told)
    note("certificate", Severity::warning, "weak_key", "its key has only " + own.key + " bits",
         "RSA 2048 or EC 256 is the least today");
  if (weak_signature && !own.self_issued)
    note("certificate", Severity::warning, "weak_signature", "it is signed with " + own.signature,
         "SHA-256 is the least today");
}

}  // namespace smarthl7::app::probe
