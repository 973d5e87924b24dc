// SPDX-License-Identifier: Apache-2.0
// What the receiver does on an open connection: nothing, hopefully, until it is asked; then one right answer.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/app/probe/prober.h"
#include "runtime/transport/mllp/frame.h"
#include "stdlib/hl7/ack.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::app::probe {

using env::Task;
using namespace std::chrono_literals;

namespace {

constexpr auto kQuiet = 1s;           // nothing may come in this time
constexpr auto kAfterEnd = 500ms;     // for CR after FS
constexpr auto kAfterAnswer = 300ms;  // for a second answer, or a close
constexpr std::size_t kMostAnswer = std::size_t{1} << 20;

std::string framed(std::string_view message) {
  std::string out;
  for (const std::string_view piece : transport::mllp::frame_pieces(message)) out += piece;
  return out;
}

bool refused_us(const Error& error) { return error.code == ErrorCode::refused; }

}  // namespace

SharedBytes Prober::query() const {
  const std::string now = to_hl7_timestamp(env_.clock.wall());
  return SharedBytes(fmt::format("MSH|^~\\&|SMARTHL7|PROBE|||{}||NMQ^N01^NMQ_N01|PROBE{:010X}|T|2.5.1\rNCK|{}\r", now,
                                 env_.random.next() & 0xFFFFFFFFFF, now));
}

Task<bool> Prober::stay_quiet(env::Stream* stream) {
  std::string buffer(4096, '\0');
  const SteadyTime until = env_.executor.now() + std::min<std::chrono::nanoseconds>(kQuiet, settings_.wait);
  Result<std::size_t> got = co_await stream->read_some(buffer, until);
  if (!got && got.error().code == ErrorCode::timeout) {
    fine("quiet", "it keeps the connection open and waits for a message");
    co_return true;
  }
  if (got && *got > 0) {
    note("quiet", Severity::defect, "speaks_first",
         fmt::format("it sends {} before it was asked: {} bytes or more", looks_like({buffer.data(), *got}), *got),
         "this is not an MLLP receiver, or one that connects to you instead of listening");
    co_return false;
  }
  if (!got && refused_us(got.error())) {
    note("tls", Severity::defect, "client_certificate", got.error().describe(),
         "give the certificate that the partner knows: --certificate and --key");
  } else {
    note("quiet", Severity::defect, "closes_at_once", "it closes the connection before anything was sent",
         "it takes no connections from this address, or has enough of them: ask the partner for its allow-list and its limit");
  }
  co_return false;
}

Task<Prober::Answer> Prober::exchange(env::Stream* stream, std::string_view frame) {
  Answer out;
  const SteadyTime began = env_.executor.now();
  const SteadyTime last = began + settings_.wait;
  Result<void> written = co_await stream->write(frame, last);
  if (!written) {
    out.error = std::move(written).error();
    co_return out;
  }
  std::string buffer(16384, '\0');
  while (out.bytes.size() < kMostAnswer) {
    const bool ending = out.bytes.ends_with(transport::mllp::kEndBlock);
    const SteadyTime until = ending ? std::min<SteadyTime>(last, env_.executor.now() + kAfterEnd) : last;
    Result<std::size_t> got = co_await stream->read_some(buffer, until);
    if (got && *got > 0) {
      out.bytes.append(buffer.data(), *got);
      out.took = env_.executor.now() - began;
      out.framing = look_at_frame(out.bytes, false);
      if (out.framing.whole) co_return out;
      continue;
    }
    out.closed = got.has_value() || got.error().code != ErrorCode::timeout;
    if (!got && out.closed) out.error = std::move(got).error();
    break;
  }
  out.framing = look_at_frame(out.bytes, true);
  co_return out;
}

/// False: there is no content to look at.
bool Prober::judge_framing(std::string_view stage, const Answer& answer) {
  const Framing& f = answer.framing;
  if (answer.bytes.empty()) {
    if (!answer.error.text.empty() && refused_us(answer.error)) {
      note("tls", Severity::defect, "client_certificate", answer.error.describe(), "give --certificate and --key");
    } else if (answer.closed) {
      note(stage, Severity::defect, "closes_without_answer", "it closes the connection instead of answering",
           "its log may say why; some receivers do so with what they do not know");
    } else {
      note(stage, Severity::defect, "never_answers",
           fmt::format("no byte came back in {} s", std::chrono::duration_cast<std::chrono::seconds>(settings_.wait).count()),
           "it takes bytes and never answers: its channel is stopped, or set to send no acknowledgement");
    }
    return false;
  }
  const auto bad = [&](std::string_view code, std::string text, std::string help) {
    note(stage, Severity::defect, code, std::move(text), std::move(help));
  };
  if (f.no_start)
    bad("no_start_block", "its answer does not begin with VT (0x0B)",
        "the receiver must frame answers as MLLP: VT, message, FS, CR");
  else if (f.content.empty())
    bad("no_frame",
        fmt::format("{} bytes came that are no MLLP frame; they look like {}", answer.bytes.size(), looks_like(answer.bytes)),
        "is this an MLLP receiver?");
  else if (f.noise > 0)
    bad("noise_before_frame", fmt::format("{} bytes came before the VT of its answer", f.noise),
        "the receiver must send nothing outside of frames");
  if (f.start_inside)
    bad("start_block_inside", "VT stands inside its frame", "two answers are mixed, or a text was not escaped");
  if (f.no_end) bad("no_end_block", "its frame does not end: FS (0x1C) never came", "the receiver must end frames with FS CR");
  if (f.no_return)
    bad("no_carriage_return", "its frame ends in FS without CR", "the hub can live with it (frame_end tolerant); many do not");
  return !f.content.empty();
}

void Prober::judge_acknowledgement(const Answer& answer, std::string_view control_id, bool own_query) {
  const Result<hl7::Ack> ack = hl7::parse_ack(answer.framing.content);
  if (!ack) {
    note("answer", Severity::defect, "no_acknowledgement", "its answer is no acknowledgement: " + ack.error().text,
         "an answer has MSH and MSA");
    return;
  }
  if (!ack->code) {
    note("answer", Severity::defect, "unknown_code", "MSA-1 is none of AA, AE, AR, CA, CE, CR");
  }
  if (ack->control_id == control_id) {
    fine("answer",
         fmt::format("MSA-2 is what was sent, after {:.1f} ms",
                     static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(answer.took).count()) / 1000));
  } else if (ack->control_id.empty()) {
    note("answer", Severity::defect, "msa2_empty", "MSA-2 is empty: its answers cannot be told apart",
         "in a route file: match order");
  } else if (control_id.starts_with(ack->control_id)) {
    note("answer", Severity::defect, "msa2_truncated", fmt::format("MSA-2 is cut to {} characters", ack->control_id.size()),
         fmt::format("in a route file: match id prefix {}", ack->control_id.size()));
  } else {
    note("answer", Severity::defect, "msa2_wrong", "MSA-2 is not the MSH-10 of what was sent",
         "it must be repeated as it came (HL7 chapter 2, MSA-2); until then: match order");
  }
  if (!ack->code) return;
  const std::string_view code = hl7::name_of(*ack->code);
  std::string codes;
  for (const std::string& one : ack->error_codes) codes += (codes.empty() ? " with " : ", ") + one;
  const bool taken = *ack->code == hl7::AckCode::aa || *ack->code == hl7::AckCode::ca;
  if (taken) {
    fine("answer", fmt::format("{}: it has taken the message", code));
  } else if (own_query) {
    fine("answer", fmt::format("{}{}: it refuses the query, as receivers may that know no NMQ^N01", code, codes));
  } else {
    note("answer", Severity::warning, "refused", fmt::format("it refuses the message: {}{}", code, codes),
         "the receiver's log says why; its text may hold patient data and is not shown here");
  }
}

Task<bool> Prober::judge_after(env::Stream* stream, const Answer& answer) {
  if (answer.closed) {
    note("answer", Severity::note, "closes_after_answer", "it closes the connection after the answer",
         "in a route file: most_messages 1");
    co_return false;
  }
  if (answer.bytes.size() > answer.framing.used) {
    note("answer", Severity::warning, "more_than_one", "more bytes follow its answer at once",
         "a second answer is taken for the next message's");
    co_return false;
  }
  std::string buffer(4096, '\0');
  Result<std::size_t> got = co_await stream->read_some(buffer, env_.executor.now() + kAfterAnswer);
  if (!got && got.error().code == ErrorCode::timeout) co_return true;
  if (got && *got > 0) {
    note("answer", Severity::warning, "more_than_one", fmt::format("{} bytes or more follow its answer", *got),
         "a second answer is right in enhanced mode alone (MSH-15, MSH-16)");
  } else {
    note("answer", Severity::note, "closes_after_answer", "it closes the connection after the answer",
         "in a route file: most_messages 1");
  }
  co_return false;
}

Task<bool> Prober::send_and_judge(env::Stream* stream, SharedBytes message, bool own_query) {
  std::string control_id;
  if (const auto parsed = hl7::Message::parse(message.view())) control_id = parsed->control_id();
  const std::string frame = framed(message.view());
  Answer answer = co_await exchange(stream, frame);
  if (!judge_framing("answer", answer)) co_return false;
  judge_acknowledgement(answer, control_id, own_query);
  const bool broken = answer.framing.no_start || answer.framing.no_end || answer.framing.start_inside;
  if (broken) co_return false;
  const bool usable = co_await judge_after(stream, answer);
  co_return usable;
}

Task<void> Prober::send_no_message(env::Stream* stream) {
  const std::string frame = framed("smarthl7 probe: this is no message\r");
  Answer answer = co_await exchange(stream, frame);
  if (answer.bytes.empty() && answer.closed) {
    note("nak", Severity::note, "nak_closes", "it closes the connection of who sends a frame without MSH");
    co_return;
  }
  if (answer.bytes.empty()) {
    note("nak", Severity::warning, "no_nak", "it says nothing to a frame without MSH",
         "a sender would wait, and send it again");
    co_return;
  }
  if (!judge_framing("nak", answer)) co_return;
  const Result<hl7::Ack> ack = hl7::parse_ack(answer.framing.content);
  if (!ack || !ack->code) {
    note("nak", Severity::defect, "nak_no_acknowledgement", "its answer to a frame without MSH is no acknowledgement");
    co_return;
  }
  const bool taken = *ack->code == hl7::AckCode::aa || *ack->code == hl7::AckCode::ca;
  if (taken) {
    note("nak", Severity::defect, "accepts_anything",
         fmt::format("it answers {} to a frame that holds no message", hl7::name_of(*ack->code)),
         "it acknowledges before it looks: what it says is no promise");
  } else {
    fine("nak", fmt::format("{} to a frame without MSH", hl7::name_of(*ack->code)));
  }
}

}  // namespace smarthl7::app::probe
