// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/certificates.h"

#include <fmt/format.h>

#include <algorithm>

#include "stdlib/base/certificate.h"

namespace smarthl7::check {
namespace {

using diag::Code;

constexpr long kSoonDays = 30;  // as the hub's log says it

std::string day_of(WallTime time) { return to_iso8601(time).substr(0, 10); }

bool is_valid(const Certificate& certificate, WallTime now) {
  return certificate.not_before <= now && now <= certificate.not_after;
}

void not_valid(Context& context, source::Span span, const Certificate& certificate, std::string_view help) {
  const bool ended = certificate.not_after < *context.now;
  context.sink.report(Code::E0716, span,
                      fmt::format("the certificate `{}` {} on {}", certificate.subject, ended ? "ended" : "begins only",
                                  day_of(ended ? certificate.not_after : certificate.not_before)),
                      std::string(help));
}

void ends_soon(Context& context, source::Span span, const Certificate& certificate) {
  const long days = days_left(certificate, *context.now);
  const std::string when = days == 0 ? "today" : days == 1 ? "in a day" : fmt::format("in {} days", days);
  context.sink.report(
      Code::W0705, span,
      fmt::format("the certificate `{}` ends {}, on {}", certificate.subject, when, day_of(certificate.not_after)),
      "write the renewed one over the file; a hub that runs reads it by itself");
}

/// What the hub shows: its own certificate and all that lead to the authority, each of which must hold.
void check_shown(Context& context, source::Span span, const std::vector<Certificate>& chain) {
  for (const Certificate& one : chain) {
    if (!is_valid(one, *context.now)) {
      not_valid(context, span, one, "partners refuse it: write the renewed one over the file");
    } else if (days_left(one, *context.now) < kSoonDays) {
      ends_soon(context, span, one);
    } else {
      continue;
    }
    return;  // one finding a file
  }
}

/// Whom the hub trusts: one that has ended trusts nobody any more, which matters if no other is left.
void check_trusted(Context& context, source::Span span, const std::vector<Certificate>& authorities) {
  const auto last = std::ranges::max_element(
      authorities, {}, [&context](const Certificate& one) { return std::pair(one.not_before <= *context.now, one.not_after); });
  if (!is_valid(*last, *context.now)) {
    not_valid(context, span, *last,
              "who shows a certificate that it signed is refused: write the renewed authority over the file");
  } else if (days_left(*last, *context.now) < kSoonDays) {
    ends_soon(context, span, *last);
  }
}

}  // namespace

void check_certificates(Context& context, std::string_view option, source::Span span, const std::string& path) {
  const bool shown = option == "tls.certificate";
  const bool trusted = option == "tls.ca" || option == "tls.clients";
  if (!context.now || (!shown && !trusted)) return;
  const auto text = context.files.read(path);
  if (!text) return;
  const auto certificates = read_certificates(*text);
  if (!certificates) {
    context.sink.report(Code::E0717, span, fmt::format("{}: {}", context.text(span), certificates.error().text),
                        "certificates in PEM begin with `-----BEGIN CERTIFICATE-----`; a key is a secret and has its own file");
    return;
  }
  if (shown)
    check_shown(context, span, *certificates);
  else
    check_trusted(context, span, *certificates);
}

}  // namespace smarthl7::check
