// SPDX-License-Identifier: Apache-2.0
// send, listen: peers for trials.
#include <fmt/format.h>
#include <signal.h>

#include <fstream>
#include <future>
#include <iostream>

#include "runtime/app/commands/commands.h"
#include "runtime/app/commands/world.h"
#include "runtime/app/peer/listen.h"
#include "runtime/app/peer/send.h"

namespace smarthl7::app {
namespace {

double milliseconds(std::chrono::nanoseconds value) { return std::chrono::duration<double, std::milli>(value).count(); }

class SendReport final : public peer::SendObserver {
 public:
  explicit SendReport(const std::string& log) {
    if (!log.empty()) log_.open(log, std::ios::app);
  }
  void on_result(const peer::SendResult& result) override {
    if (log_.is_open())
      log_ << result.control_id << ' ' << (result.code.empty() ? "-" : result.code) << ' ' << result.connection << std::endl;
    if (result.outcome == peer::SendOutcome::accepted) return;
    std::cerr << peer::name_of(result.outcome) << ": message " << result.number + 1 << " (" << result.control_id << ")";
    if (!result.code.empty()) std::cerr << " " << result.code;
    for (const std::string& code : result.error_codes) std::cerr << " " << code;
    if (!result.text.empty()) std::cerr << ": " << result.text;
    std::cerr << "\n";
  }

 private:
  std::ofstream log_;
};

env::Task<void> send_all(env::Env env, peer::SendSettings settings, std::vector<SharedBytes> messages,
                         peer::SendObserver* observer, std::promise<Result<peer::SendSummary>>* done) {
  auto summary = co_await peer::send_messages(env, std::move(settings), std::move(messages), observer);
  done->set_value(std::move(summary));
}

void print_summary(const peer::SendSummary& s, bool json) {
  if (json) {
    std::cout
        << fmt::format(
               R"({{"sent":{},"accepted":{},"refused":{},"unanswered":{},"not_sent":{},"resent":{},"seconds":{:.3f},"per_second":{:.1f},)"
               R"("p50_ms":{:.3f},"p90_ms":{:.3f},"p99_ms":{:.3f},"max_ms":{:.3f}}})",
               s.total(), s.accepted, s.refused, s.unanswered, s.not_sent, s.resent, milliseconds(s.elapsed) / 1000,
               s.per_second, milliseconds(s.p50), milliseconds(s.p90), milliseconds(s.p99), milliseconds(s.longest))
        << "\n";
    return;
  }
  std::cout << fmt::format(
      "sent {}: {} accepted, {} refused, {} unanswered, {} not sent; {} resends\n{:.2f} s, {:.1f} messages/s; answer p50 "
      "{:.2f} ms, p90 "
      "{:.2f} ms, p99 {:.2f} ms, max {:.2f} ms\n",
      s.total(), s.accepted, s.refused, s.unanswered, s.not_sent, s.resent, milliseconds(s.elapsed) / 1000, s.per_second,
      milliseconds(s.p50), milliseconds(s.p90), milliseconds(s.p99), milliseconds(s.longest));
}

class ListenReport final : public peer::ListenObserver {
 public:
  explicit ListenReport(const ListenOptions& options) : quiet_(!options.log.empty() || !options.out.empty()) {
    if (!options.log.empty()) log_.open(options.log, std::ios::app);
  }
  void on_message(const peer::Heard& heard) override {
    if (log_.is_open())
      log_ << heard.connection << ' ' << (heard.control_id.empty() ? "-" : heard.control_id) << ' ' << heard.code << std::endl;
    if (!quiet_)
      std::cout << heard.number << " " << heard.control_id << " " << heard.message.size() << " bytes: " << heard.code
                << std::endl;
  }
  void on_event(std::string_view kind, std::string_view peer, std::string_view text) override {
    std::cerr << kind << " " << peer << (text.empty() ? "" : ": ") << text << std::endl;
  }

 private:
  std::ofstream log_;
  bool quiet_;
};

env::Task<void> listen_until_done(peer::Listening* listening, std::promise<Result<void>>* done) {
  auto started = co_await listening->start();
  if (!started) {
    done->set_value(std::unexpected(std::move(started).error()));
    co_return;
  }
  std::cerr << "listening on " << listening->address() << std::endl;
  co_await listening->finished();
  co_await listening->stop();
  done->set_value({});
}

}  // namespace

int send(const SendOptions& options) {
  ::signal(SIGPIPE, SIG_IGN);
  peer::SendSettings settings;
  settings.to = options.to;
  auto tls = read_tls(options.tls);
  if (!tls) return complain(tls.error());
  settings.tls = std::move(*tls);
  settings.release = options.release;
  settings.connections = options.connections;
  settings.rate = options.rate;
  settings.repeat = options.repeat;
  settings.answer_within = seconds(options.answer_seconds);
  settings.resend_for = seconds(options.resend_seconds);
  std::vector<SharedBytes> messages;
  for (const std::string& path : options.files) {
    auto bytes = read_file(path);
    if (!bytes) return complain(bytes.error());
    auto split = peer::split_messages(*bytes);
    if (!split) {
      std::cerr << "smarthl7: " << path << ": " << split.error().describe() << "\n";
      return kFindings;
    }
    messages.insert(messages.end(), split->begin(), split->end());
  }
  World world;
  SendReport report(options.log);
  std::promise<Result<peer::SendSummary>> done;
  auto result = done.get_future();
  world.reactor->start("send");
  world.reactor->executor().post(
      [&] { world.gate.spawn(send_all(world.env(), std::move(settings), std::move(messages), &report, &done)); });
  auto summary = result.get();
  world.settle();
  if (!summary) return complain(summary.error());
  print_summary(*summary, options.json);
  return summary->accepted == summary->total() ? kFine : kFindings;
}

int listen(const ListenOptions& options) {
  ::signal(SIGPIPE, SIG_IGN);
  peer::ListenSettings settings;
  settings.url = options.url;
  auto tls = read_tls(options.tls);
  if (!tls) return complain(tls.error());
  settings.tls = std::move(*tls);
  settings.release = options.release;
  settings.ack = options.ack;
  if (!options.odd.empty()) {
    const auto odd = peer::read_odd(options.odd);
    if (!odd) return complain(odd.error());
    settings.odd = *odd;
  }
  settings.every = options.every;
  settings.delay = seconds(options.delay_seconds);
  settings.out = options.out;
  settings.count = options.count;
  World world;
  ListenReport report(options);
  auto listening = peer::make_listening(std::move(settings), world.env(), &report);
  if (!listening) return complain(listening.error());
  peer::Listening* const work = listening->get();
  world.reactor->on_signal([work](int number) {
    if (number != SIGHUP) work->finish();
  });
  std::promise<Result<void>> done;
  auto result = done.get_future();
  world.reactor->start("listen");
  world.reactor->executor().post([&] { world.gate.spawn(listen_until_done(work, &done)); });
  const auto ended = result.get();
  world.settle();
  if (!ended) return complain(ended.error());
  const peer::ListenSummary s = work->summary();
  if (options.json) {
    std::cout << fmt::format(R"({{"messages":{},"odd":{},"bytes":{},"connections":{}}})", s.messages, s.odd, s.bytes,
                             s.connections)
              << "\n";
  } else {
    std::cerr << fmt::format("{} messages, {} bytes, {} connections\n", s.messages, s.bytes, s.connections);
  }
  if (!s.trouble.text.empty()) return complain(s.trouble);
  return kFine;
}

}  // namespace smarthl7::app
