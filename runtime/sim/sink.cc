// SPDX-License-Identifier: Apache-2.0
#include "runtime/sim/sink.h"

namespace smarthl7::sim {

namespace {

/// No two arrivals get the same bytes, so that whoever gets an answer again can tell which one it is.
std::string answer_to(std::size_t arrival, std::string_view code, std::string_view id, std::string_view error) {
  std::string text = "MSH|^~\\&|SINK|SITE|HUB|HUB|20260101000000||ACK^R01^ACK|S" + std::to_string(arrival) + "|P|2.5.1\r";
  text += "MSA|" + std::string(code) + "|" + std::string(id) + "\r";
  if (!error.empty()) text += "ERR||PID^1^3|" + std::string(error) + "^x^HL70357|E\r";
  return text;
}

bool refuses(Mood mood) { return mood == Mood::error || mood == Mood::not_now || mood == Mood::reject || mood == Mood::never; }

/// BHS-11, taken apart by hand; FHS comes first.
std::string batch_id(std::string_view message) {
  const std::size_t header = message.find("BHS|");
  if (header == std::string_view::npos) return {};
  std::string_view rest = message.substr(header, message.find('\r', header) - header);
  for (int separators = 0; separators < 10; ++separators) {  // the first separator is BHS-1 itself
    const std::size_t at = rest.find('|');
    if (at == std::string_view::npos) return {};
    rest.remove_prefix(at + 1);
  }
  return std::string(rest.substr(0, rest.find('|')));
}

}  // namespace

Sink::Sink(World& world, Wire& wire, SinkOptions options)
    : world_(world), rng_(world.rng().split()), options_(std::move(options)), network_(wire, nullptr), executor_(world) {}

void Sink::start() {
  executor_.post([this] { gate_.spawn(listen()); });
}

void Sink::calm_down() {
  calm_ = true;
  back_at_ = {};
  wake_.notify_all();
}

void Sink::go_away(std::chrono::nanoseconds length) {
  if (calm_) return;
  world_.injected().add(Injected::receiver_away);
  back_at_ = world_.now() + length;
  if (listener_) listener_->close();
  for (FrameLine* line : lines_) line->close();
}

env::Task<void> Sink::listen() {
  while (true) {
    while (world_.now() < back_at_) co_await wake_.wait(back_at_);
    auto listening = network_.listen(options_.at);
    SMARTHL7_ASSERT(listening.has_value(), "the sink's address is its own");
    listener_ = std::move(*listening);
    while (true) {
      Result<std::unique_ptr<env::Incoming>> incoming = co_await listener_->accept();
      if (!incoming) break;
      auto stream = network_.adopt(std::move(*incoming));
      if (stream) gate_.spawn(serve(std::move(*stream)));
    }
    listener_.reset();
  }
}

env::Task<void> Sink::serve(std::unique_ptr<env::Stream> stream) {
  FrameLine line(std::move(stream));
  lines_.push_back(&line);
  while (true) {
    Result<std::string> message = co_await line.read(kNever);
    if (!message) break;
    const bool batch = message->starts_with("FHS") || message->starts_with("BHS");
    const std::string id = batch ? batch_id(*message) : field_of(*message, "MSH", 10);
    Mood mood = mood_for(id);
    const std::string key = field_of(*message, "MSH", 3) + "|" + id;
    const bool copy = options_.knows_copies && known_.contains(key);
    if (copy && refuses(mood)) mood = Mood::takes;
    if (!copy && !refuses(mood)) known_.insert(key);
    if (mood == Mood::error || mood == Mood::never) refused_.insert(id);
    Arrival arrival;
    arrival.control_id = id;
    arrival.message = std::move(*message);
    arrival.at = world_.now();
    arrival.taken = !copy && !refuses(mood);
    arrival.copy = copy;
    arrival.mood = mood;
    arrivals_.push_back(std::move(arrival));
    count(mood);
    const bool on = co_await answer(&line, arrivals_.size() - 1, mood);
    if (!on) break;
  }
  line.close();
  std::erase(lines_, &line);
}

Mood Sink::mood_for(const std::string& control_id) {
  const auto [found, fresh] = never_.try_emplace(control_id, false);
  if (fresh) found->second = rng_.chance(options_.never_per_mille);
  if (found->second) return Mood::never;
  if (calm_ || options_.moods.empty() || !rng_.chance(options_.moody_per_mille)) return Mood::takes;
  return options_.moods[rng_.below(options_.moods.size())];
}

void Sink::count(Mood mood) {
  InjectedCounts& injected = world_.injected();
  switch (mood) {
    case Mood::takes:
    case Mood::slow: break;
    case Mood::late: injected.add(Injected::late_answer); break;
    case Mood::silent: injected.add(Injected::no_answer); break;
    case Mood::wrong_id: injected.add(Injected::wrong_answer); break;
    case Mood::cut_id: injected.add(Injected::cut_answer); break;
    case Mood::garbage: injected.add(Injected::garbage_answer); break;
    case Mood::half_frame: injected.add(Injected::half_answer); break;
    case Mood::twice: injected.add(Injected::twice_answered); break;
    case Mood::hangs_up: injected.add(Injected::hung_up); break;
    case Mood::not_now:
    case Mood::reject: injected.add(Injected::refused_for_now); break;
    case Mood::error:
    case Mood::never: injected.add(Injected::refused_for_good); break;
  }
}

/// To a source of the hub, over a connection of its own.
env::Task<void> Sink::answer_elsewhere(std::string text) {
  const SteadyTime deadline = world_.now() + options_.hub_patience;
  Result<std::unique_ptr<env::Stream>> stream = co_await network_.connect(options_.hub, deadline);
  if (!stream) co_return;
  FrameLine line(std::move(*stream));
  Result<void> written = co_await line.write(std::move(text), deadline);
  if (written) co_await env::sleep_until(deadline);
  line.close();
}

/// false: the connection ends.
env::Task<bool> Sink::answer(FrameLine* line, std::size_t arrival, Mood mood) {
  const std::string id = arrivals_[arrival].control_id;
  std::string text = answer_to(arrival, "AA", id, {});
  if (options_.enhanced && !rng_.chance(100)) {  // some applications answer at once
    Result<void> committed = co_await line->write(answer_to(arrival, "CA", id, {}), kNever);
    if (!committed) co_return false;
  }
  if (options_.enhanced && mood == Mood::takes && rng_.chance(250)) {
    world_.injected().add(Injected::answered_elsewhere);
    gate_.spawn(answer_elsewhere(std::move(text)));
    co_return true;
  }
  const SteadyTime asked = world_.now();
  switch (mood) {
    case Mood::takes: break;
    case Mood::slow: co_await env::sleep_until(asked + options_.hub_patience * rng_.between(10, 80) / 100); break;
    case Mood::late: co_await env::sleep_until(asked + options_.hub_patience * rng_.between(101, 150) / 100); break;
    case Mood::silent: co_return true;
    case Mood::wrong_id: text = answer_to(arrival, "AA", "X" + id, {}); break;
    case Mood::cut_id: text = answer_to(arrival, "AA", id.substr(0, id.size() / 2), {}); break;
    case Mood::garbage: text = "HTTP/1.1 200 OK"; break;
    case Mood::hangs_up: co_return false;
    case Mood::error: text = answer_to(arrival, "AE", id, {}); break;
    case Mood::not_now: text = answer_to(arrival, "AR", id, "207"); break;
    case Mood::reject: text = answer_to(arrival, "AR", id, {}); break;
    case Mood::never: text = answer_to(arrival, "AE", id, "103"); break;
    case Mood::twice: {
      std::string first = text;
      co_await line->write(std::move(first), kNever);
      break;
    }
    case Mood::half_frame: {
      std::string half = "\x0B" + text.substr(0, rng_.between(1, text.size() - 1));
      co_await line->write_raw(std::move(half), kNever);
      co_return false;
    }
  }
  Result<void> written = co_await line->write(std::move(text), kNever);
  arrivals_[arrival].answered_well = written.has_value() && (mood == Mood::takes || mood == Mood::slow || mood == Mood::twice);
  co_return written.has_value();
}

}  // namespace smarthl7::sim
