// SPDX-License-Identifier: Apache-2.0
// What a probe looks at on a receiver that speaks HTTP: OPTIONS, which asks what it takes and does nothing (RFC 9110 section
// 9.3.7); messages by POST only when told to. Each request has a connection of its own.
#include <fmt/format.h>

#include "runtime/app/probe/prober.h"
#include "runtime/transport/https/head.h"
#include "runtime/transport/https/response.h"
#include "runtime/transport/https/url.h"
#include "stdlib/hl7/ack.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::app::probe {

using env::Task;
using transport::https::ResponseReader;
using transport::tls::Offer;

namespace {

constexpr std::size_t kMostAnswer = std::size_t{1} << 20;

/// A field of the last head in `text`; empty if there is none. The reader of responses keeps only what messages need.
std::string_view field_of(std::string_view text, std::string_view name) {
  std::string_view found;
  while (!text.empty() && !text.starts_with("\r\n")) {
    const std::size_t end = std::min(text.find("\r\n"), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 2, text.size()));
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && transport::https::same_word(line.substr(0, colon), name))
      found = transport::https::trim(line.substr(colon + 1));
  }
  return found;
}

/// "POST" in "GET, POST, OPTIONS".
bool lists(std::string_view methods, std::string_view wanted) {
  while (!methods.empty()) {
    const std::size_t end = std::min(methods.find(','), methods.size());
    if (transport::https::trim(methods.substr(0, end)) == wanted) return true;
    methods.remove_prefix(std::min(end + 1, methods.size()));
  }
  return false;
}

}  // namespace

Result<Target> read_http_target(const std::string& url) {
  TRY(auto parsed, transport::https::parse_url(url));
  return Target{std::move(parsed.endpoint), parsed.tls, {}, std::move(parsed.authority), std::move(parsed.target)};
}

Task<std::unique_ptr<env::Stream>> Prober::open_for_request() {
  if (target_.tls) {
    Handshake handshake = co_await shake_hands(Offer::safe, settings_.tls.name.empty() ? target_.at.host : settings_.tls.name);
    co_return std::move(handshake.stream);
  }
  Result<std::unique_ptr<env::Stream>> plain = co_await open();
  if (!plain) co_return nullptr;
  co_return std::move(*plain);
}

Task<Prober::HttpAnswer> Prober::ask_http(std::unique_ptr<env::Stream> stream, std::string request) {
  HttpAnswer out;
  if (stream == nullptr) stream = co_await open_for_request();
  if (stream == nullptr) {
    out.closed = true;
    co_return out;
  }
  const SteadyTime last = deadline();
  Result<void> written = co_await stream->write(request, last);
  ResponseReader reader;
  reader.start();
  auto step = ResponseReader::Step::need_more;
  while (written && step == ResponseReader::Step::need_more && out.bytes.size() < kMostAnswer) {
    const std::span<char> room = reader.room();
    Result<std::size_t> got = co_await stream->read_some(room, last);
    if (got && *got > 0) {
      out.bytes.append(room.data(), *got);
      reader.filled(*got);
      step = reader.next();
      continue;
    }
    out.closed = got.has_value() || got.error().code != ErrorCode::timeout;
    if (out.closed) step = reader.finish();
    if (!got) out.error = std::move(got).error();
    break;
  }
  if (!written) out.closed = true;
  stream->close();
  out.whole = step == ResponseReader::Step::response;
  if (!out.whole) co_return out;
  transport::https::Answered answered = reader.take();
  out.status = answered.status;
  out.body = std::move(answered.body);
  out.allow = field_of(out.bytes, "allow");
  const std::string_view how = field_of(out.bytes, "www-authenticate");
  out.authenticate = how.substr(0, how.find(' '));
  co_return out;
}

/// False: there is no response to look at.
bool Prober::judge_response(std::string_view stage, const HttpAnswer& answer) {
  if (answer.whole) return true;
  if (answer.bytes.empty() && !answer.closed) {
    note(stage, Severity::defect, "never_answers",
         fmt::format("no byte came back in {} s", std::chrono::duration_cast<std::chrono::seconds>(settings_.wait).count()),
         "it takes bytes and never answers: it hangs, or does not speak HTTP");
  } else if (answer.bytes.empty() && answer.error.code == ErrorCode::refused) {
    note("tls", Severity::defect, "client_certificate", answer.error.describe(),
         "give the certificate that the partner knows: --certificate and --key");
  } else if (answer.bytes.empty()) {
    note(stage, Severity::defect, "closes_without_answer", "it closes the connection instead of answering",
         "it takes no connections from this address, or does not speak HTTP");
  } else if (!answer.bytes.starts_with("HTTP/")) {
    note(stage, Severity::defect, "no_http",
         fmt::format("{} bytes came that are no response of HTTP; they look like {}", answer.bytes.size(),
                     looks_like(answer.bytes)),
         "is the port right? a receiver of MLLP is probed with mllp:// or mllps://");
  } else {
    note(stage, Severity::defect, "half_response", "its response does not end, or cannot be read as HTTP/1.1",
         "a proxy between may cut it; the receiver's log may say more");
  }
  return false;
}

/// What a status says whatever was asked. False: there is more to say of it.
bool Prober::judge_status(std::string_view stage, const HttpAnswer& answer, bool asked_to_do) {
  if (answer.status == 401 || answer.status == 403) {
    note(stage, Severity::note, "wants_credentials",
         fmt::format("{}: it wants credentials{}{}", answer.status, answer.authenticate.empty() ? "" : " by ",
                     answer.authenticate),
         "in a route file: auth bearer, auth basic, auth header or auth oauth; a probe shows none");
    return true;
  }
  if (answer.status >= 300 && answer.status < 400) {
    note(stage, Severity::defect, "redirects", fmt::format("{}: it sends on to another address", answer.status),
         "a message is never sent on: ask for the address that takes it");
    return true;
  }
  if (answer.status == 404 || answer.status == 410) {
    note(stage, asked_to_do ? Severity::defect : Severity::warning, "no_path",
         fmt::format("{}: it knows nothing at {}", answer.status, target_.path),
         asked_to_do ? "is the path right?" : "is the path right? some say so to all but POST: --ask sends one");
    return true;
  }
  if (answer.status == 405 && (asked_to_do || (!answer.allow.empty() && !lists(answer.allow, "POST")))) {
    note(stage, Severity::defect, "no_post", "405: it takes no POST here", "is the path right?");
    return true;
  }
  if (answer.status == 415) {
    note(stage, Severity::defect, "content_type", "415: it does not take messages as x-application/hl7-v2+er7",
         "in a route file: content xml or content json, if it takes one of these");
    return true;
  }
  if (answer.status >= 500 && answer.status != 501) {
    note(stage, Severity::warning, "server_error", fmt::format("{}: it, or what stands behind it, is not ready", answer.status),
         "messages are kept and tried again; the receiver's log says why");
    return true;
  }
  return false;
}

Task<void> Prober::look_at_http(std::unique_ptr<env::Stream> stream) {
  std::string request = fmt::format(
      "OPTIONS {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: smarthl7-probe\r\nAccept: */*\r\nContent-Length: 0\r\nConnection: "
      "close\r\n\r\n",
      target_.path, target_.authority);
  const HttpAnswer answer = co_await ask_http(std::move(stream), std::move(request));
  if (!judge_response("options", answer) || judge_status("options", answer, false)) co_return;
  if (!answer.allow.empty() && !lists(answer.allow, "POST")) {
    note("options", Severity::defect, "no_post", fmt::format("{}: what it takes here is not POST", answer.status),
         "is the path right?");
  } else if (!answer.allow.empty()) {
    fine("options", fmt::format("{}: it takes POST", answer.status));
  } else {
    fine("options", fmt::format("{}: it speaks HTTP, and does not say what it takes", answer.status));
  }
}

Task<void> Prober::post_and_judge(SharedBytes message, bool own_query) {
  std::string control_id;
  if (const auto parsed = hl7::Message::parse(message.view())) control_id = parsed->control_id();
  const SteadyTime began = env_.executor.now();
  const HttpAnswer answer = co_await post(message.view());
  if (!judge_response("answer", answer)) co_return;
  const bool ok = answer.status >= 200 && answer.status < 300;
  if (hl7::parse_ack(answer.body)) {
    if (!ok)
      note("answer", Severity::note, "status_beside_ack", fmt::format("its acknowledgement comes with {}", answer.status));
    Answer framed;
    framed.framing.content = answer.body;
    framed.took = env_.executor.now() - began;
    judge_acknowledgement(framed, control_id, own_query);
  } else if (ok && answer.body.empty()) {
    fine("answer", fmt::format("{} without an acknowledgement: it has taken the message", answer.status));
  } else if (ok) {
    note("answer", Severity::warning, "no_acknowledgement",
         fmt::format("{} with a body that is no acknowledgement", answer.status),
         "the status alone decides: a refusal that is said in the body is not seen");
  } else if (!judge_status("answer", answer, true)) {
    note("answer", own_query ? Severity::note : Severity::warning, "refused",
         fmt::format("{}: it refuses the message", answer.status),
         "the receiver's log says why; its text may hold patient data and is not shown here");
  }
}

Task<void> Prober::post_no_message() {
  const HttpAnswer answer = co_await post("smarthl7 probe: this is no message\r");
  if (!judge_response("nak", answer)) co_return;
  const Result<hl7::Ack> ack = hl7::parse_ack(answer.body);
  const bool taken = answer.status >= 200 && answer.status < 300 &&
                     (!ack || !ack->code || *ack->code == hl7::AckCode::aa || *ack->code == hl7::AckCode::ca);
  if (taken) {
    note("nak", Severity::defect, "accepts_anything",
         fmt::format("it answers {} to a body that holds no message", answer.status),
         "it acknowledges before it looks: what it says is no promise");
  } else if (!judge_status("nak", answer, true)) {
    fine("nak", fmt::format("{} to a body without MSH", answer.status));
  }
}

Task<Prober::HttpAnswer> Prober::post(std::string_view body) {
  std::string request = fmt::format(
      "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: smarthl7-probe\r\nAccept: */*\r\nContent-Type: x-application/hl7-v2+er7\r\n"
      "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
      target_.path, target_.authority, body.size(), body);
  HttpAnswer answer = co_await ask_http(nullptr, std::move(request));
  co_return answer;
}

}  // namespace smarthl7::app::probe
