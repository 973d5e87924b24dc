// SPDX-License-Identifier: Apache-2.0
#include "compiler/plan/difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "compiler/plan/outline.h"
#include "compiler/plan/plan_file.h"

namespace smarthl7::plan {
namespace {

/// Something that a plan says: where, what of, and what. Two plans say the same thing if place and key are the same.
struct Fact {
  std::string subject;
  std::string place;
  std::string key;
  std::string text;
};
using Facts = std::vector<Fact>;

Area area_of(Subject subject) {
  switch (subject) {
    case Subject::source: return Area::sources;
    case Subject::message: return Area::messages;
    case Subject::mapping: return Area::mappings;
    case Subject::redaction: return Area::redactions;
    case Subject::flow: return Area::flows;
    case Subject::destination: return Area::destinations;
    case Subject::table: return Area::tables;
    case Subject::retry: return Area::retries;
    case Subject::plan:
    case Subject::input:
    case Subject::setting:
    case Subject::secret:
    case Subject::alert:
    case Subject::environment: return Area::settings;
  }
  return Area::settings;
}

/// What stays the same of a line when its value changes: the path of an assignment, the name of an option or rule.
std::string key_of(const OutlineLine& line) {
  std::string_view text = line.text;
  if (line.arm != kNone || text == "otherwise") return line.text;
  text = text.substr(0, text.find("  else "));
  switch (line.subject) {
    case Subject::mapping:
    case Subject::setting:
    case Subject::environment: return std::string(text.substr(0, text.find(" = ")));
    case Subject::message: return std::string(text.substr(0, text.find(" : ")));
    case Subject::redaction: return std::string(text.substr(0, text.rfind(' ')));
    case Subject::source:
    case Subject::destination:
      return text.starts_with("accept ") ? std::string(text) : std::string(text.substr(0, text.find(' ')));
    case Subject::flow:
      for (const std::string_view word : {"dedup", "batch", "split", "respond"}) {
        if (text.starts_with(word)) return std::string(word);
      }
      return std::string(text);
    case Subject::plan:
    case Subject::input:
    case Subject::secret:
    case Subject::table:
    case Subject::retry: return {};
    case Subject::alert: return std::string(text);
  }
  return {};
}

/// The parts that a line lists, each a fact of its own: "holds identified", "ack within 30s".
bool lists_parts(const OutlineLine& line) {
  if (line.subject == Subject::destination) return line.indent == 0 || line.text.starts_with("ack within");
  return line.subject == Subject::source && line.indent == 0;
}

void add_parts(Facts& facts, const std::string& subject, std::string_view text) {
  for (bool first = true;; first = false) {
    const std::size_t end = std::min(text.find(", "), text.size());
    const std::string part(text.substr(0, end));
    const std::string key = first && part.find(" = ") != std::string::npos ? "transport" : part.substr(0, part.rfind(' '));
    facts.push_back({subject, "", key, key == "transport" ? part.substr(part.find(" = ") + 3) : part});
    if (end == text.size()) break;
    text.remove_prefix(end + 2);
  }
}

std::string subject_of(const OutlineLine& line) { return std::string(name_of(line.subject)) + " " + line.name; }

class Reader {
 public:
  explicit Reader(const Plan& plan) : plan_(plan), lines_(outline(plan)) {}

  std::map<Area, Facts> run() {
    for (at_ = 0; at_ < lines_.size(); ++at_) {
      const OutlineLine& line = lines_[at_];
      switch (line.subject) {
        case Subject::plan:
        case Subject::input:         // where it comes from, not what it does
        case Subject::table:         // rows, below
        case Subject::retry: break;  // as destinations use them, below
        case Subject::setting:
        case Subject::secret:
        case Subject::environment:
        case Subject::message:
        case Subject::mapping:
        case Subject::redaction:
        case Subject::source:
        case Subject::destination:
        case Subject::flow:
        case Subject::alert: add(line); break;
      }
    }
    patient_data();
    retries();
    tables();
    return std::move(facts_);
  }

 private:
  void add(const OutlineLine& line) {
    Facts& facts = facts_[area_of(line.subject)];
    const std::string subject = subject_of(line);
    open_.resize(std::min(open_.size(), static_cast<std::size_t>(line.indent)));
    if (lists_parts(line)) {
      add_parts(facts, subject, line.text);
    } else if (line.indent == 0) {
      facts.push_back({subject, "", "", line.text});
    } else if (!line.text.starts_with("--")) {
      std::string place;
      for (const std::string& outer : open_) {
        if (!outer.empty()) place += (place.empty() ? "" : ", ") + outer;
      }
      // An arm says what it does; what only ends it needs no line of its own.
      const bool ends_arm = at_ > 0 && line.step != kNone && is_end(line.step) && lines_[at_ - 1].arm != kNone && only_child();
      if (line.arm != kNone || line.text == "otherwise") {
        facts.push_back({subject, place, key_of(line), arm_text()});
      } else if (!ends_arm) {
        facts.push_back({subject, place, key_of(line), line.text});
      }
    }
    while (open_.size() <= static_cast<std::size_t>(line.indent)) open_.emplace_back();
    open_[static_cast<std::size_t>(line.indent)] = line.indent == 0 ? "" : line.arm != kNone ? line.text : key_of(line);
  }

  [[nodiscard]] bool is_end(Id step) const {
    const StepOp op = plan_.steps[step].op;
    return op == StepOp::deliver || op == StepOp::dead || op == StepOp::drop || op == StepOp::reject || op == StepOp::batch;
  }
  [[nodiscard]] bool only_child() const {
    return at_ + 1 == lines_.size() || lines_[at_ + 1].indent < lines_[at_].indent ||
           lines_[at_ + 1].subject != lines_[at_].subject;
  }
  /// The arm at at_ with all that stands right below it.
  [[nodiscard]] std::string arm_text() const {
    std::string text = lines_[at_].text;
    std::string inside;
    for (std::size_t i = at_ + 1; i < lines_.size() && lines_[i].indent > lines_[at_].indent; ++i) {
      if (lines_[i].indent == lines_[at_].indent + 1) inside += (inside.empty() ? " " : ", ") + lines_[i].text;
    }
    return text + inside;
  }

  [[nodiscard]] std::span<const Id> ids(Range range) const { return std::span(plan_.lists).subspan(range.first, range.count); }
  [[nodiscard]] const std::string& text(Id id) const { return plan_.text(id); }

  // ---- patient data: the highest level that each destination gets, and over what -------------------------------------------

  void deliveries(Range body, std::map<Id, Level>& found) const {
    for (const Id id : ids(body)) {
      const Step& step = plan_.steps[id];
      const auto gets = [&](Id destination) {
        const auto [at, added] = found.emplace(destination, step.level);
        if (!added) at->second = std::min(at->second, step.level);  // identified is the first
      };
      if (step.op == StepOp::deliver) gets(step.a);
      if (step.op == StepOp::batch) {
        for (const Id destination : ids(plan_.batches[step.a].destinations)) gets(destination);
      }
      if (step.on_failure.kind == ElseKind::deliver) gets(step.on_failure.destination);
      deliveries(step.body, found);
      deliveries(step.otherwise, found);
      if (step.op != StepOp::route && step.op != StepOp::fanout) continue;
      for (const Id arm : ids(step.list)) deliveries(plan_.arms[arm].body, found);
    }
  }

  void patient_data() {
    Facts& facts = facts_[Area::phi];
    for (const Flow& flow : plan_.flows) {
      std::map<Id, Level> found;
      deliveries(flow.body, found);
      for (const auto& [destination, level] : found) {
        facts.push_back({"destination " + text(plan_.destinations[destination].name), "", "from " + text(flow.name),
                         fmt::format("gets {} data from flow {}", name_of(level), text(flow.name))});
      }
    }
    const auto guarded = [](const auto& end) {
      return std::any_of(end.options.begin(), end.options.end(), [](const OptionValue& option) {
        return option.kind == OptionKind::file || option.kind == OptionKind::secret;
      });
    };
    for (const Destination& one : plan_.destinations) {
      facts.push_back(
          {"destination " + text(one.name), "", "protection", guarded(one) ? "is reached over TLS" : "is reached in clear"});
    }
    for (const Source& one : plan_.sources) {
      facts.push_back({"source " + text(one.name), "", "protection", guarded(one) ? "takes over TLS" : "takes in clear"});
    }
  }

  // ---- retries, as each destination uses them
  // --------------------------------------------------------------------------------

  void retries() {
    Facts& facts = facts_[Area::retries];
    for (const Destination& one : plan_.destinations) {
      if (one.retry == kNone) continue;
      const Retry& retry = plan_.retries[one.retry];
      const std::string subject = "destination " + text(one.name);
      facts.push_back({subject, "", "pauses",
                       fmt::format("tries again after {} to {}, give or take {} %", duration_text(retry.first_micros),
                                   duration_text(retry.most_micros), retry.jitter_percent)});
      std::string refused = "keeps trying what is refused for now";
      if (retry.give_up_micros != 0) refused = "gives up what is refused for now after " + duration_text(retry.give_up_micros);
      if (retry.give_up_attempts != 0)
        refused = fmt::format("gives up what is refused for now after {} attempts", retry.give_up_attempts);
      facts.push_back({subject, "", "refused", refused});
      facts.push_back({subject, "", "unreachable",
                       retry.unreachable_give_up_micros == 0
                           ? "never gives up while it cannot be reached"
                           : "gives up after " + duration_text(retry.unreachable_give_up_micros) + " without being reached"});
    }
  }

  void tables() {
    Facts& facts = facts_[Area::tables];
    for (const Table& table : plan_.tables) {
      const std::string subject = "table " + text(table.name);
      const std::size_t width = table.columns.count;
      std::string columns;
      for (const Id column : ids(table.columns)) columns += (columns.empty() ? "" : ", ") + text(column);
      facts.push_back({subject, "", "columns", "has the columns " + columns});
      if (table.reload != TableReload::never) {
        std::string optional;
        for (const Id column : ids(table.optional)) optional += (optional.empty() ? "" : ", ") + text(column);
        facts.push_back({subject, "", "reload",
                         fmt::format("read again from \"{}\" {}", text(table.file),
                                     table.reload == TableReload::when_changed ? "when it changed" : "when told")});
        facts.push_back({subject, "", "optional", optional.empty() ? "no column may be empty" : optional + " may be empty"});
        facts.push_back({subject, "", "least", fmt::format("at least {} rows", table.least_rows)});
      }
      for (std::size_t row = 0; width > 0 && row + width <= table.cells.size(); row += width) {
        std::string values;
        for (std::size_t i = 1; i < width; ++i) values += (values.empty() ? "" : ", ") + text(table.cells[row + i]);
        const std::string& key = text(table.cells[row]);
        facts.push_back({subject, "", "row " + key, fmt::format("`{}` is `{}`", key, values)});
      }
    }
  }

  const Plan& plan_;
  std::vector<OutlineLine> lines_;
  std::size_t at_ = 0;
  std::vector<std::string> open_;  // by indent: the lines around
  std::map<Area, Facts> facts_;
};

/// Facts of the same subject, place and key are paired in order; a pair of other texts is a change.
void compare(Area area, const Facts& before, const Facts& after, std::vector<Change>& changes) {
  const auto same = [](const Fact& one, const Fact& other) {
    return one.subject == other.subject && one.place == other.place && one.key == other.key;
  };
  std::vector<bool> taken(before.size());
  std::size_t next = 0;  // what is gone is told where it stood
  const auto gone_until = [&](std::size_t end) {
    for (; next < end; ++next) {
      if (taken[next]) continue;
      const Fact& old = before[next];
      const bool moved = std::any_of(after.begin(), after.end(), [&](const Fact& fact) { return same(fact, old); });
      if (!moved) changes.push_back({area, old.subject, old.place, old.text, ""});
    }
  };
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>, std::vector<std::size_t>> by_key;
  for (std::size_t i = before.size(); i-- > 0;) by_key[{before[i].subject, before[i].place, before[i].key}].push_back(i);
  for (const Fact& fact : after) {
    auto at = by_key.find({fact.subject, fact.place, fact.key});
    if (at == by_key.end() || at->second.empty()) {
      changes.push_back({area, fact.subject, fact.place, "", fact.text});
      continue;
    }
    const std::size_t old = at->second.back();
    at->second.pop_back();
    taken[old] = true;
    gone_until(std::max(next, old));
    if (before[old].text != fact.text) changes.push_back({area, fact.subject, fact.place, before[old].text, fact.text});
  }
  gone_until(before.size());
  // Of two with one key, the second may be gone.
  for (auto& [key, rest] : by_key) {
    std::reverse(rest.begin(), rest.end());
    for (const std::size_t old : rest) {
      const bool told = std::none_of(after.begin(), after.end(), [&](const Fact& fact) { return same(fact, before[old]); });
      if (!told) changes.push_back({area, before[old].subject, before[old].place, before[old].text, ""});
    }
  }
}

/// The same steps in another order are another flow: told once for each list of steps.
void compare_order(const Facts& before, const Facts& after, std::vector<Change>& changes) {
  using List = std::pair<std::string, std::string>;
  const auto lists = [](const Facts& facts, const Facts& others) {
    std::set<std::tuple<std::string, std::string, std::string>> known;
    for (const Fact& fact : others) known.insert({fact.subject, fact.place, fact.key});
    std::map<List, std::vector<std::string>> all;
    for (const Fact& fact : facts) {
      if (!fact.key.empty() && known.contains({fact.subject, fact.place, fact.key}))
        all[{fact.subject, fact.place}].push_back(fact.key);
    }
    return all;
  };
  const auto text = [](const std::vector<std::string>& keys) {
    std::string all;
    for (const std::string& key : keys) all += (all.empty() ? "" : ", ") + key;
    return all;
  };
  const auto old = lists(before, after);
  for (const auto& [list, keys] : lists(after, before)) {
    const auto at = old.find(list);
    if (at == old.end() || at->second == keys) continue;
    std::vector<std::string> one = keys;
    std::vector<std::string> other = at->second;
    std::sort(one.begin(), one.end());
    std::sort(other.begin(), other.end());
    if (one != other) continue;  // told already: something is new or gone
    changes.push_back({Area::flows, list.first, list.second, "in the order " + text(at->second), "in the order " + text(keys)});
  }
}

}  // namespace

const char* name_of(Area area) {
  switch (area) {
    case Area::sources: return "sources";
    case Area::messages: return "messages";
    case Area::mappings: return "mappings";
    case Area::redactions: return "redactions";
    case Area::flows: return "flows";
    case Area::destinations: return "destinations";
    case Area::phi: return "patient data";
    case Area::retries: return "retries";
    case Area::tables: return "tables";
    case Area::settings: return "settings";
  }
  return "";
}

std::string sentence(const Change& change) {
  std::string out = change.place.empty() ? "" : change.place + ": ";
  if (change.before.empty()) return out + "new: " + change.after;
  if (change.after.empty()) return out + "gone: " + change.before;
  return out + "now " + change.after + "; was " + change.before;
}

std::vector<Change> difference(const Plan& before, const Plan& after) {
  std::vector<Change> changes;
  if (plan_digest(before) == plan_digest(after)) return changes;
  std::map<Area, Facts> old = Reader(before).run();
  std::map<Area, Facts> now = Reader(after).run();
  for (int area = 0; area <= static_cast<int>(Area::settings); ++area) {
    const Area one = static_cast<Area>(area);
    compare(one, old[one], now[one], changes);
    if (one == Area::flows) compare_order(old[one], now[one], changes);
  }
  return changes;
}

}  // namespace smarthl7::plan
