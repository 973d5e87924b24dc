// SPDX-License-Identifier: Apache-2.0
#include "runtime/trial/trial.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "runtime/eval/delivered.h"
#include "runtime/trial/diff.h"
#include "runtime/trial/simulation.h"
#include "stdlib/hl7/batch.h"

namespace smarthl7::trial {
namespace {

using plan::Id;
using plan::kNone;
using plan::TrialItem;
using plan::TrialOp;

constexpr std::uint32_t kMostTraces = 3;
constexpr std::size_t kMostListed = 5;

std::string plural(std::uint64_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

/// Control ids of all messages in a frame.
std::vector<std::string> ids_in(const std::string& frame) {
  std::vector<std::string> ids;
  hl7::BatchReader reader(frame);
  hl7::BatchItem item;
  while (reader.next(item) == hl7::BatchReader::Step::message) ids.push_back(sim::field_of(item.bytes, "MSH", 10));
  return ids;
}

/// What a destination took, message by message: a batch is its messages.
struct Delivered {
  std::string message;
};

class Run {
 public:
  Run(const plan::Trials& trials, std::shared_ptr<const eval::BoundPlan> bound, eval::DeliveredMessage& reader,
      std::uint64_t seed, const plan::Trial& test)
      : plan_(trials.plan),
        bound_(std::move(bound)),
        reader_(reader),
        test_(test),
        simulation_(bound_, seed, expects_alerts(test)) {}

  Outcome run() {
    for (const TrialItem& one : test_.items) {
      if (!item(one)) break;
    }
    outcome_.error = simulation_.broken();
    outcome_.simulated = simulation_.elapsed();
    return std::move(outcome_);
  }

 private:
  bool item(const TrialItem& item) {
    switch (item.op) {
      case TrialOp::answers: simulation_.receiver(item.end).answer(item.answers); return true;
      case TrialOp::down: simulation_.receiver(item.end).go_down(std::chrono::microseconds(item.micros)); return true;
      case TrialOp::send: return send(item);
      case TrialOp::after: return simulation_.pass(std::chrono::microseconds(item.micros));
      case TrialOp::expect_ack: expect_ack(item); return true;
      case TrialOp::expect_gets: expect_gets(item); return true;
      case TrialOp::expect_dead: expect_dead(item); return true;
      case TrialOp::expect_alert: return expect_alert(item);
    }
    return true;
  }

  bool send(const TrialItem& item) {
    if (!simulation_.pass(std::chrono::milliseconds(1))) return false;  // the hub listens
    Sender& sender = simulation_.sender(item.end);
    last_send_ = &item;
    for (const std::string& frame : item.frames) {
      hl7::BatchReader reader(frame);
      hl7::BatchItem message;
      while (reader.next(message) == hl7::BatchReader::Step::message) sent_.emplace_back(message.bytes);
    }
    sender.send(item.frames);
    return simulation_.until([&sender] { return sender.idle(); }) && simulation_.settle();
  }

  // ---- acknowledgements
  // -------------------------------------------------------------------------------------------------------

  void expect_ack(const TrialItem& item) {
    if (last_send_ == nullptr) return;
    const Sender& sender = simulation_.sender(last_send_->end);
    std::vector<std::string> ids;
    for (const std::string& frame : last_send_->frames) {
      for (std::string& id : ids_in(frame)) ids.push_back(std::move(id));
    }
    for (const std::string& id : ids) {
      // A message without a control id is answered with an empty MSA-2.
      std::vector<std::string> codes;
      for (const Ack& ack : sender.answers()) {
        if (ack.control_id == id) codes.push_back(ack.code);
      }
      if (std::find(codes.begin(), codes.end(), item.code) != codes.end()) continue;
      Failure failure = make(item, "ack");
      const std::string which = ids.size() == 1 ? "the message" : fmt::format("message {}", id);
      failure.message = codes.empty() ? fmt::format("{} got no acknowledgement, {} was expected", which, item.code)
                                      : fmt::format("{} got {}, {} was expected", which, fmt::join(codes, " and "), item.code);
      if (codes.empty() && sender.refused()) failure.details.emplace_back("the hub closed the connection");
      for (const Ack& ack : sender.answers()) {
        if (ack.control_id != id) continue;
        for (const std::string& segment : lines_of(ack.text)) failure.details.push_back("answer     " + segment);
      }
      add(std::move(failure));
      return;
    }
  }

  // ---- what arrived
  // -----------------------------------------------------------------------------------------------------------

  void expect_gets(const TrialItem& item) {
    const auto& arrivals = simulation_.receiver(item.end).arrivals();
    std::vector<Delivered> taken;
    std::vector<std::string> refused;
    for (const Arrival& arrival : arrivals) {
      if (!arrival.taken) {
        refused.push_back(arrival.answer);
        continue;
      }
      for (std::string& message : messages_in(arrival.message)) taken.push_back({std::move(message)});
    }
    const std::string name = plan_.text(plan_.destinations[item.end].name);
    if (taken.size() != item.count) {
      Failure failure = make(item, "gets");
      failure.message = fmt::format("{} took {}, {} {} expected", name, plural(taken.size(), "message"), item.count,
                                    item.count == 1 ? "was" : "were");
      if (!refused.empty()) failure.details.push_back(fmt::format("it answered {} to others", tally(refused)));
      for (std::size_t i = 0; i < taken.size() && i < kMostListed; ++i)
        list(failure, fmt::format("message {} that {} took", i + 1, name), taken[i].message, {});
      add(std::move(failure));
    }
    for (std::size_t i = 0; i < taken.size(); ++i) {
      if (!conditions(item, taken[i].message, fmt::format("message {} that {} took", i + 1, name))) return;
    }
  }

  void expect_dead(const TrialItem& item) {
    const std::vector<DeadMessage> dead = simulation_.dead_letters();
    if (dead.size() != item.count) {
      Failure failure = make(item, "dead");
      failure.message = fmt::format("there {} {}, {} {} expected", dead.size() == 1 ? "is" : "are",
                                    plural(dead.size(), "dead letter"), item.count, item.count == 1 ? "was" : "were");
      for (std::size_t i = 0; i < dead.size() && i < kMostListed; ++i) {
        failure.details.push_back(fmt::format("{}: {}", dead[i].letter.destination, printable(dead[i].letter.reason)));
      }
      add(std::move(failure));
    }
    for (std::size_t i = 0; i < dead.size(); ++i) {
      if (!conditions(item, dead[i].body, fmt::format("dead letter {}, of {}", i + 1, dead[i].letter.destination))) return;
    }
  }

  static bool expects_alerts(const plan::Trial& test) {
    return std::any_of(test.items.begin(), test.items.end(),
                       [](const TrialItem& item) { return item.op == TrialOp::expect_alert; });
  }

  bool expect_alert(const TrialItem& item) {
    if (!simulation_.pass(std::chrono::milliseconds(1))) return false;  // the first look, if nothing happened before
    const std::string& name = plan_.text(plan_.alerts[item.end].name);
    const auto states = simulation_.alerts();
    const auto state = std::find_if(states.begin(), states.end(), [&](const auto& one) { return one.name == name; });
    const std::uint64_t fired = state == states.end() ? 0 : state->fired;
    if (fired > 0) return true;
    Failure failure = make(item, "alert");
    failure.message = fmt::format("the alert {} has not fired", name);
    if (state != states.end()) {
      const double seconds = std::chrono::duration<double>(state->since - simulation_.began_wall()).count();
      failure.details.push_back(
          fmt::format("it is {} since {:.0f} s{}{}", state->state, seconds, state->text.empty() ? "" : ": ", state->text));
    }
    add(std::move(failure));
    return true;
  }

  /// Reports the conditions that this message does not meet.
  bool conditions(const TrialItem& item, const std::string& bytes, const std::string& what) {
    if (item.conditions.empty()) return true;
    hl7::Message message;
    const auto indexed = message.reset(std::string_view(bytes));
    bool met = true;
    std::size_t type = 0;
    if (indexed) {
      type = type_of(item, message);
      reader_.look_at(message, item.messages[type]);
    }
    for (const plan::TrialCondition& condition : item.conditions) {
      eval::Unmet unmet;
      if (indexed && reader_.holds(condition.exprs[type], unmet)) continue;
      met = false;
      Failure failure = make(item, "condition");
      failure.span = condition.span;
      failure.message = indexed ? explain(unmet) : "what arrived is no HL7 message";
      list(failure, what, bytes, unmet.segment);
      add(std::move(failure));
    }
    return met;
  }

  static std::string explain(const eval::Unmet& unmet) {
    if (unmet.path.empty()) return "this does not hold";
    const std::string found = unmet.null ? "null" : unmet.absent ? "absent" : fmt::format("\"{}\"", printable(unmet.found));
    if (!unmet.compared) return fmt::format("{} is {}", unmet.path, found);
    return fmt::format("{} is {}, {} \"{}\"", unmet.path, found, unmet.equality ? "expected" : "compared with",
                       printable(unmet.expected));
  }

  /// Which of the types that can arrive here this message is.
  [[nodiscard]] std::size_t type_of(const TrialItem& item, const hl7::Message& message) const {
    for (std::size_t i = 0; i < item.messages.size(); ++i) {
      if (item.messages[i] == kNone) continue;
      if (plan_.text(plan_.messages[item.messages[i]].structure) == message.structure_id()) return i;
    }
    for (std::size_t i = 0; i < item.messages.size(); ++i) {
      if (item.messages[i] == kNone) return i;
    }
    return 0;
  }

  // ---- failures
  // ---------------------------------------------------------------------------------------------------------------

  static Failure make(const TrialItem& item, std::string kind) {
    Failure failure;
    failure.span = item.span;
    failure.kind = std::move(kind);
    return failure;
  }

  /// With what became of the last messages, once per test: it says why.
  void add(Failure failure) {
    if (outcome_.failures.empty()) {
      const auto traces = simulation_.traces(kMostTraces);
      for (const store::Trace& trace : traces) {
        failure.details.push_back(
            fmt::format("message {} ({}) {}:", trace.message.id, printable(trace.message.type), trace.message.state));
        for (const store::TraceEvent& event : trace.events) {
          if (event.what == "read") continue;  // by this test itself
          const double seconds = std::chrono::duration<double>(event.at - simulation_.began_wall()).count();
          failure.details.push_back(fmt::format("  {:>9.3f} s  {:<12} {}{}{}", seconds, event.what, event.where,
                                                event.detail.empty() ? "" : ": ", printable(event.detail)));
        }
      }
    }
    outcome_.failures.push_back(std::move(failure));
  }

  void list(Failure& failure, const std::string& what, const std::string& message, const std::string& segment) {
    failure.details.push_back(what + ":");
    for (std::string& line : segment_diff(sent_as(message), message, segment))
      failure.details.push_back("  " + std::move(line));
  }

  /// The message of this test that has the same control id; empty if there is none.
  [[nodiscard]] std::string sent_as(const std::string& message) const {
    const std::string id = sim::field_of(message, "MSH", 10);
    for (auto at = sent_.rbegin(); at != sent_.rend(); ++at) {
      if (sim::field_of(*at, "MSH", 10) == id) return *at;
    }
    return {};
  }

  static std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
      const std::size_t end = text.find('\r');
      lines.push_back(printable(text.substr(0, end)));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
  }

  static std::vector<std::string> messages_in(const std::string& frame) {
    std::vector<std::string> found;
    hl7::BatchReader reader(frame);
    hl7::BatchItem item;
    while (reader.next(item) == hl7::BatchReader::Step::message) found.emplace_back(item.bytes);
    if (found.empty()) found.push_back(frame);
    return found;
  }

  /// "AE 2 times, nothing".
  static std::string tally(const std::vector<std::string>& answers) {
    std::string text;
    for (std::size_t i = 0; i < answers.size();) {
      std::size_t end = i;
      while (end < answers.size() && answers[end] == answers[i]) ++end;
      text += (text.empty() ? "" : ", ") + answers[i];
      if (end - i > 1) text += fmt::format(" {} times", end - i);
      i = end;
    }
    return text;
  }

  const plan::Plan& plan_;
  std::shared_ptr<const eval::BoundPlan> bound_;
  eval::DeliveredMessage& reader_;
  const plan::Trial& test_;
  Simulation simulation_;
  Outcome outcome_{};
  const TrialItem* last_send_ = nullptr;
  std::vector<std::string> sent_;
};

class RunnerOfPlan final : public Runner {
 public:
  RunnerOfPlan(const plan::Trials& trials, std::shared_ptr<const eval::BoundPlan> bound, std::uint64_t seed)
      : trials_(trials), bound_(std::move(bound)), reader_(eval::make_delivered_message(bound_)), seed_(seed) {}

  Outcome run(const plan::Trial& test) override {
    // The same history whatever other tests there are.
    std::uint64_t seed = seed_;
    for (const char c : test.title) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    Outcome outcome = Run(trials_, bound_, *reader_, seed, test).run();
    outcome.seed = seed_;
    return outcome;
  }

 private:
  const plan::Trials& trials_;
  std::shared_ptr<const eval::BoundPlan> bound_;
  std::unique_ptr<eval::DeliveredMessage> reader_;
  std::uint64_t seed_;
};

/// A setting without a default has the value of the first environment that gives one, unless an environment is asked for.
std::map<std::string, std::string> settings_of(const plan::Plan& plan, const Setup& setup) {
  std::map<std::string, std::string> settings;
  if (setup.environment.empty()) {
    for (const plan::Environment& environment : plan.environments) {
      for (const plan::EnvironmentValue& value : environment.values) {
        const plan::Setting& setting = plan.settings[value.setting];
        if (setting.value == kNone) settings.emplace(plan.text(setting.name), plan.text(value.value));
      }
    }
  }
  for (const auto& [name, value] : setup.settings) settings[name] = value;
  return settings;
}

}  // namespace

Result<std::unique_ptr<Runner>> make_runner(const plan::Trials& trials, const Sha256& digest, const Setup& setup) {
  eval::Bindings bindings;
  bindings.environment = setup.environment;
  bindings.settings = settings_of(trials.plan, setup);
  bindings.recorder = setup.recorder;
  for (const Id name : trials.plan.secrets) bindings.secrets[trials.plan.text(name)] = Secret("made up for a test");
  TRY(auto bound, eval::bind(trials.plan, digest, std::move(bindings)));
  return std::unique_ptr<Runner>(std::make_unique<RunnerOfPlan>(trials, std::move(bound), setup.seed));
}

}  // namespace smarthl7::trial
