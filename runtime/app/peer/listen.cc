// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/peer/listen.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "runtime/transport/transport.h"
#include "stdlib/base/assert.h"
#include "stdlib/hl7/ack.h"

namespace smarthl7::app::peer {

using env::Task;

namespace {

constexpr std::array<std::pair<std::string_view, Odd>, 8> kOddWords = {{{"AE", Odd::error},
                                                                        {"AR", Odd::reject},
                                                                        {"207", Odd::not_now},
                                                                        {"nothing", Odd::nothing},
                                                                        {"late", Odd::late},
                                                                        {"other", Odd::other},
                                                                        {"garbage", Odd::garbage},
                                                                        {"truncated", Odd::truncated}}};
constexpr std::size_t kTruncatedId = 15;
constexpr std::chrono::seconds kStopTime{5};

std::string_view word_of(Odd odd) {
  for (const auto& [word, kind] : kOddWords) {
    if (kind == odd) return word;
  }
  return "";
}

hl7::AckCode code_of(Odd odd, hl7::AckCode usual) {
  switch (odd) {
    case Odd::no: return usual;
    case Odd::error:
    case Odd::not_now: return hl7::AckCode::ae;
    case Odd::reject: return hl7::AckCode::ar;
    case Odd::nothing:
    case Odd::late:
    case Odd::other:
    case Odd::garbage:
    case Odd::truncated: return hl7::AckCode::aa;
  }
  SMARTHL7_UNREACHABLE("an odd answer without a code");
}

/// Puts `id` in the place of MSA-2 of an acknowledgement that build_ack made.
void replace_msa_2(std::string& ack, char field_separator, std::string_view id) {
  const std::size_t msa = ack.find("\rMSA");
  SMARTHL7_ASSERT(msa != std::string::npos, "an acknowledgement without MSA");
  const std::size_t end_of_1 = ack.find(field_separator, msa + 5);
  if (end_of_1 == std::string::npos) return;
  std::size_t end = ack.find_first_of(std::string{field_separator, '\r'}, end_of_1 + 1);
  end = std::min(end, ack.size());
  ack.replace(end_of_1 + 1, end - end_of_1 - 1, id);
}

class TrialListening final : public Listening, public transport::Receiver {
 public:
  TrialListening(ListenSettings settings, hl7::AckCode usual, env::Env env, ListenObserver* observer)
      : settings_(std::move(settings)), usual_(usual), env_(env), observer_(observer) {}

  Result<void> open(const End& end) {
    TRY(source_, end.transport->make_source(end.options, {env_}, this));
    return {};
  }

  Task<Result<void>> start() override {
    if (!settings_.out.empty()) {
      Result<void> made = env_.disk.make_folder(settings_.out);
      if (!made) co_return std::unexpected(std::move(made).error());
    }
    Result<void> started = co_await source_->start();
    co_return started;
  }

  [[nodiscard]] std::string address() const override { return source_->local().text(); }

  Task<void> finished() override {
    while (!finished_) co_await changed_.wait();
  }

  void finish() override {
    finished_ = true;
    changed_.notify_all();
  }

  Task<void> stop() override {
    finish();
    co_await source_->stop(env_.executor.now() + kStopTime);
  }

  [[nodiscard]] ListenSummary summary() const override {
    ListenSummary summary = summary_;
    summary.connections = source_->stats().accepted;
    return summary;
  }

  Task<transport::Reply> on_message(transport::Received received) override {
    transport::Reply reply;
    reply.close_after = true;
    if (settings_.count != 0 && summary_.messages >= settings_.count) {  // more than asked for: neither counted nor answered
      co_await finished();
      co_return reply;
    }
    const std::uint64_t number = ++summary_.messages;
    summary_.bytes += received.message.size();
    const Odd odd = odd_for(number);
    if (odd != Odd::no) ++summary_.odd;
    std::string answer = make_answer(received, number, odd);
    keep(received, number);
    const SteadyTime due =
        env_.executor.now() + settings_.delay + (odd == Odd::late ? settings_.late_by : std::chrono::nanoseconds(0));
    while (!finished_ && due > env_.executor.now()) co_await changed_.wait(due);
    reply.close_after = false;
    reply.token = number;
    if (odd != Odd::nothing) reply.answer = SharedBytes(std::move(answer));
    if (reply.answer.empty()) answer_written(number, true);
    co_return reply;
  }

  void answer_written(std::uint64_t /*token*/, bool /*whole*/) override {
    if (++answered_ == settings_.count) finish();
  }

  void on_event(const transport::Event& event) override {
    if (observer_ == nullptr) return;
    observer_->on_event(transport::name_of(event.kind), event.peer ? std::string_view(event.peer->address) : std::string_view(),
                        event.text);
  }

 private:
  [[nodiscard]] Odd odd_for(std::uint64_t number) const {
    return settings_.every == 0 || number % settings_.every == 0 ? settings_.odd : Odd::no;
  }

  // Tells the observer too: only here the control id is known.
  std::string make_answer(const transport::Received& received, std::uint64_t number, Odd odd) {
    const Result<void> parsed = message_.reset(received.message.view());
    const std::string_view control_id = parsed ? message_.control_id() : std::string_view();
    const hl7::AckCode code = parsed ? code_of(odd, usual_) : hl7::AckCode::ar;
    if (observer_ != nullptr) {
      Heard heard;
      heard.number = number;
      heard.connection = received.peer->connection;
      heard.control_id = control_id;
      heard.code = odd == Odd::no ? hl7::name_of(code) : word_of(odd);
      heard.message = received.message.view();
      observer_->on_message(heard);
    }
    if (odd == Odd::garbage) return number % 2 == 0 ? "this is no acknowledgement" : "half\x0bof a frame";
    const std::string timestamp = to_hl7_timestamp(received.at);
    const std::string own_id = fmt::format("A{}", number);
    hl7::AckContent content;
    content.code = code;
    content.timestamp = timestamp;
    content.control_id = own_id;
    hl7::Finding not_now;
    if (odd == Odd::not_now) {
      not_now.code = hl7::condition::kInternalError;
      not_now.text = "try again later";
      content.findings = {&not_now, 1};
    }
    std::string answer;
    if (!parsed) {
      hl7::build_ack_without_header("2.5.1", content, answer);
      return answer;
    }
    hl7::build_ack(message_, content, answer);
    if (odd == Odd::other) replace_msa_2(answer, message_.delimiters().field, "NOT-YOURS");
    if (odd == Odd::truncated) replace_msa_2(answer, message_.delimiters().field, control_id.substr(0, kTruncatedId));
    return answer;
  }

  void keep(const transport::Received& received, std::uint64_t number) {
    if (settings_.out.empty() || !summary_.trouble.text.empty()) return;
    const Result<void> kept = write_file(fmt::format("{}/{:08}.hl7", settings_.out, number), received.message.view());
    if (!kept) summary_.trouble = kept.error();
  }

  Result<void> write_file(const std::string& path, std::string_view bytes) {
    TRY(const auto file, env_.disk.open(path, env::OpenMode::create));
    TRY_VOID(file->truncate(0));
    return file->write_at(0, bytes);
  }

  const ListenSettings settings_;
  const hl7::AckCode usual_;
  env::Env env_;
  ListenObserver* const observer_;
  std::unique_ptr<transport::Source> source_;
  hl7::Message message_;  // used between two waits only
  ListenSummary summary_;
  std::uint64_t answered_ = 0;
  bool finished_ = false;
  env::Signal changed_;
};

}  // namespace

Result<Odd> read_odd(std::string_view word) {
  for (const auto& [known, odd] : kOddWords) {
    if (known == word) return odd;
  }
  return fail(ErrorCode::invalid,
              "`" + std::string(word) + "` is no odd answer: AE, AR, 207, nothing, late, other, garbage, truncated");
}

Result<std::unique_ptr<Listening>> make_listening(ListenSettings settings, env::Env env, ListenObserver* observer) {
  const auto usual = hl7::ack_code(settings.ack);
  if (!usual) return fail(ErrorCode::invalid, "`" + settings.ack + "` is no acknowledgement code: AA, AE, AR, CA, CE, CR");
  TRY(End end, source_end(settings.url, settings.tls));
  end.options.set_number("release", settings.release);
  auto listening = std::make_unique<TrialListening>(std::move(settings), *usual, env, observer);
  TRY_VOID(listening->open(end));
  return listening;
}

}  // namespace smarthl7::app::peer
