// SPDX-License-Identifier: Apache-2.0
#include "compiler/docs/dot.h"

#include <fmt/format.h>

#include <map>
#include <span>
#include <vector>

#include "compiler/plan/outline.h"

namespace smarthl7::docs {
namespace {

using plan::Id;
using plan::kNone;
using plan::StepOp;

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out + '"';
}

class Writer {
 public:
  explicit Writer(const plan::Plan& plan) : plan_(plan) {
    for (const plan::OutlineLine& line : plan::outline(plan)) {
      if (line.step != kNone) steps_.emplace(line.step, line.text);
      if (line.arm != kNone) arms_.emplace(line.arm, line.text);
    }
  }

  std::string run(std::string_view only) {
    out_ =
        "digraph smarthl7 {\n  rankdir=LR\n  node [shape=box style=rounded fontname=Helvetica fontsize=11]\n"
        "  edge [fontname=Helvetica fontsize=10]\n";
    for (const plan::Flow& flow : plan_.flows) {
      if (!only.empty() && plan_.text(flow.name) != only) continue;
      std::vector<End> ends;
      for (const Id source : ids(flow.sources)) {
        const std::string name = "source " + plan_.text(plan_.sources[source].name);
        node(name, plan_.text(plan_.sources[source].name), "cds");
        ends.push_back({name, plan_.sources[source].level, plan_.text(flow.name)});
      }
      steps(flow.body, std::move(ends));
    }
    return out_ + "}\n";
  }

 private:
  struct End {  // where a line goes on
    std::string node;
    plan::Level level;
    std::string label;
  };

  [[nodiscard]] std::span<const Id> ids(plan::Range range) const {
    return std::span(plan_.lists).subspan(range.first, range.count);
  }
  void node(const std::string& name, const std::string& label, std::string_view shape) {
    if (!nodes_.emplace(name, true).second) return;
    out_ += fmt::format("  {} [label={} shape={}]\n", quoted(name), quoted(label), shape);
  }
  void edges(const std::vector<End>& from, const std::string& to) {
    for (const End& end : from) {
      out_ += fmt::format("  {} -> {} [class={}", quoted(end.node), quoted(to), plan::name_of(end.level));
      if (!end.label.empty()) out_ += " label=" + quoted(end.label);
      out_ += "]\n";
    }
  }

  std::vector<End> steps(plan::Range body, std::vector<End> from) {
    for (const Id id : ids(body)) {
      const plan::Step& step = plan_.steps[id];
      const auto at = steps_.find(id);
      const std::string said = at == steps_.end() ? "" : at->second;
      for (End& end : from) end.level = step.level;
      if (step.op == StepOp::branch) {
        std::vector<End> copy = from;
        for (End& end : copy) end.label = "copy";
        steps(step.body, std::move(copy));
        continue;
      }
      if (step.op == StepOp::deliver) {
        const std::string name = "destination " + plan_.text(plan_.destinations[step.a].name);
        node(name, plan_.text(plan_.destinations[step.a].name), "cylinder");
        edges(from, name);
        continue;  // the line goes on from where it was
      }
      const std::string name = fmt::format("step {}", id);
      const bool choice = step.op == StepOp::when || step.op == StepOp::route || step.op == StepOp::fanout;
      const bool end = step.op == StepOp::dead || step.op == StepOp::drop || step.op == StepOp::reject;
      node(name, said, choice ? "diamond" : end ? "octagon" : "box");
      edges(from, name);
      from.clear();
      if (end) return from;
      if (step.op == StepOp::batch) {
        for (const Id one : ids(plan_.batches[step.a].destinations)) {
          const std::string to = "destination " + plan_.text(plan_.destinations[one].name);
          node(to, plan_.text(plan_.destinations[one].name), "cylinder");
          std::vector<End> batch = {{name, step.level, "batch"}};
          edges(batch, to);
        }
        return from;
      }
      if (!choice) {
        from.push_back({name, step.level, ""});
        continue;
      }
      const auto arm = [&](plan::Range inside, const std::string& label) {
        for (End& exit : steps(inside, {{name, step.level, label}})) from.push_back(std::move(exit));
      };
      if (step.op == StepOp::when) {
        arm(step.body, "yes");
        arm(step.otherwise, "otherwise");
      } else {
        for (const Id one : ids(step.list)) arm(plan_.arms[one].body, arms_.contains(one) ? arms_.at(one) : "");
      }
    }
    return from;
  }

  const plan::Plan& plan_;
  std::map<Id, std::string> steps_;
  std::map<Id, std::string> arms_;
  std::map<std::string, bool> nodes_;
  std::string out_;
};

}  // namespace

std::string dot(const plan::Plan& plan, std::string_view flow) { return Writer(plan).run(flow); }

}  // namespace smarthl7::docs
