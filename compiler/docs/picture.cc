// SPDX-License-Identifier: Apache-2.0
#include "compiler/docs/picture.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "compiler/plan/outline.h"

namespace smarthl7::docs {
namespace {

using plan::Id;
using plan::kNone;
using plan::StepOp;

constexpr double kTitleSize = 13;
constexpr double kLineSize = 11;
constexpr double kPadding = 10;
constexpr double kGapX = 34;
constexpr double kGapY = 14;
constexpr double kMostText = 215;  // a line of text under a title

/// A block of the picture: what it holds, and where a message comes in and goes on.
struct Block {
  std::vector<Shape> shapes;
  std::vector<Line> lines;
  double width = 0;
  double above = 0;  // over the axis, on which messages come in
  double below = 0;
  struct Exit {
    double x = 0;
    double y = 0;  // from the axis
    plan::Level level = plan::Level::identified;
  };
  std::vector<Exit> exits;  // where the line goes on

  void shift(double dx, double dy) {
    for (Shape& shape : shapes) shape.x += dx, shape.y += dy;
    for (Line& line : lines) line.x1 += dx, line.x2 += dx, line.bend += dx, line.y1 += dy, line.y2 += dy;
    for (Exit& exit : exits) exit.x += dx, exit.y += dy;
  }
  void take(Block&& other) {
    shapes.insert(shapes.end(), std::make_move_iterator(other.shapes.begin()), std::make_move_iterator(other.shapes.end()));
    lines.insert(lines.end(), std::make_move_iterator(other.lines.begin()), std::make_move_iterator(other.lines.end()));
  }
};

std::string shortened(const std::string& text, double most) {
  if (text_width(text, kLineSize) <= most) return text;
  std::string out = text;
  while (!out.empty() && text_width(out, kLineSize) + text_width("…", kLineSize) > most) {
    do out.pop_back();
    while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0U) == 0x80);
  }
  // A lead byte without its rest.
  while (!out.empty() && static_cast<unsigned char>(out.back()) >= 0xC0) out.pop_back();
  while (out.ends_with(' ')) out.pop_back();
  return out + "…";
}

/// Words over at most two lines.
std::vector<std::string> wrapped(const std::string& text) {
  if (text.empty()) return {};
  if (text_width(text, kLineSize) <= kMostText) return {text};
  std::size_t cut = 0;
  for (std::size_t blank = text.find(' '); blank != std::string::npos; blank = text.find(' ', blank + 1)) {
    if (text_width(text.substr(0, blank), kLineSize) > kMostText) break;
    cut = blank;
  }
  if (cut == 0) return {shortened(text, kMostText)};
  return {text.substr(0, cut), shortened(text.substr(cut + 1), kMostText)};
}

class Painter {
 public:
  explicit Painter(const plan::Plan& plan) : plan_(plan) {
    for (plan::OutlineLine& line : plan::outline(plan)) {
      if (line.step != kNone) step_texts_.emplace(line.step, line.text);
      if (line.arm != kNone) arm_texts_.emplace(line.arm, line.text);
      if (line.subject == plan::Subject::source || line.subject == plan::Subject::destination)
        end_texts_[{line.subject, line.name}].push_back(line.indent == 0 ? line.text : "  " + line.text);
    }
  }

  Panel panel(const plan::Flow& flow) {
    Block body = sequence(ids(flow.body));
    const double first = add_sources(flow, body);
    Panel panel;
    panel.flow = text(flow.name);
    body.shift(0, body.above);
    panel.shapes = std::move(body.shapes);
    panel.lines = std::move(body.lines);
    panel.width = first + body.width;
    panel.height = body.above + body.below;
    return panel;
  }

 private:
  [[nodiscard]] std::span<const Id> ids(plan::Range range) const {
    return std::span(plan_.lists).subspan(range.first, range.count);
  }
  [[nodiscard]] const std::string& text(Id id) const { return plan_.text(id); }

  [[nodiscard]] std::string tip_of(plan::Subject subject, const std::string& name) const {
    std::string all;
    const auto at = end_texts_.find({subject, name});
    if (at == end_texts_.end()) return all;
    for (const std::string& line : at->second) all += (all.empty() ? "" : "\n") + line;
    return all;
  }

  /// "mllp 0.0.0.0:2575": the transport and its address, as the options say it.
  template <class End>
  [[nodiscard]] std::string address_of(const End& end, plan::Subject subject) const {
    std::string out = text(end.connector);
    const auto lines = end_texts_.find({subject, text(end.name)});
    if (lines == end_texts_.end()) return out;
    for (const std::string& line : lines->second) {
      for (const std::string_view option : {"  listen ", "  connect ", "  post ", "  put ", "  url "}) {
        if (!line.starts_with(option)) continue;
        std::string value = line.substr(option.size());
        std::erase(value, '"');
        return out + " " + value;
      }
    }
    return out;
  }

  static Block box(Shape shape) {
    double width = text_width(shape.title, kTitleSize) * 1.06;  // titles are bold
    for (const std::string& line : shape.lines) width = std::max(width, text_width(line, kLineSize));
    width = std::max(width, text_width(shape.failure, kLineSize));
    shape.width = width + 2 * kPadding;
    shape.height = 28 + 15.0 * static_cast<double>(shape.lines.size() + (shape.failure.empty() ? 0 : 1));
    if (shape.kind == ShapeKind::decision) shape.width += 24, shape.height += 6;  // slanted sides
    if (shape.kind == ShapeKind::destination || shape.kind == ShapeKind::source) shape.width += 8;
    shape.y = -shape.height / 2;
    Block block;
    block.width = shape.width;
    block.above = block.below = shape.height / 2;
    block.exits.push_back({shape.width, 0, shape.level});
    block.shapes.push_back(std::move(shape));
    return block;
  }

  /// One block after the other on one axis; a branch runs below what follows it.
  Block sequence(std::span<const Id> steps) {
    Block out;
    out.exits.push_back({0, 0, steps.empty() ? plan::Level::identified : plan_.steps[steps.front()].level});
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const plan::Step& step = plan_.steps[steps[i]];
      Block next = step.op == StepOp::branch ? fork(step, steps.subspan(i + 1)) : of(steps[i]);
      append(out, std::move(next), step.level);
      if (step.op == StepOp::branch) break;  // it took the rest
    }
    return out;
  }

  static void append(Block& out, Block next, plan::Level level) {
    const double at = out.shapes.empty() ? out.width : out.width + kGapX;
    next.shift(at, 0);
    if (!out.shapes.empty()) {
      for (const Block::Exit& exit : out.exits) out.lines.push_back({exit.x, exit.y, at, 0, at - kGapX / 2, level, true, {}});
    }
    out.width = at + next.width;
    out.above = std::max(out.above, next.above);
    out.below = std::max(out.below, next.below);
    out.exits = std::move(next.exits);
    out.take(std::move(next));
  }

  Block of(Id id) {
    const plan::Step& step = plan_.steps[id];
    if (step.op == StepOp::when || step.op == StepOp::route || step.op == StepOp::fanout) return decision(id);
    Shape shape;
    shape.level = step.level;
    const auto at = step_texts_.find(id);
    std::string said = at == step_texts_.end() ? "" : at->second;
    shape.tip = said;
    if (const std::size_t failure = said.find("  else "); failure != std::string::npos) {
      shape.failure = shortened(said.substr(failure + 2), kMostText);
      said.resize(failure);
    }
    switch (step.op) {
      case StepOp::deliver: {
        const plan::Destination& to = plan_.destinations[step.a];
        shape.kind = ShapeKind::destination;
        shape.title = text(to.name);
        shape.lines = wrapped(address_of(to, plan::Subject::destination));
        shape.tip += "\n" + tip_of(plan::Subject::destination, text(to.name));
        return box(std::move(shape));
      }
      case StepOp::dead:
      case StepOp::drop:
      case StepOp::reject: {
        shape.kind = step.op == StepOp::dead ? ShapeKind::dead : step.op == StepOp::drop ? ShapeKind::drop : ShapeKind::reject;
        shape.title = said.substr(0, said.find(' '));
        if (shape.title.size() < said.size()) shape.lines = wrapped(said.substr(shape.title.size() + 1));
        Block block = box(std::move(shape));
        block.exits.clear();
        return block;
      }
      default: break;
    }
    if (step.op == StepOp::batch) return collecting(step, std::move(shape));
    shape.title = said.substr(0, said.find(' '));
    if (shape.title.size() < said.size()) shape.lines = wrapped(said.substr(shape.title.size() + 1));
    return box(std::move(shape));
  }

  /// A batch ends the line of its members, and goes to its destinations by itself.
  Block collecting(const plan::Step& step, Shape shape) {
    const plan::Batch& batch = plan_.batches[step.a];
    shape.title = "batch";
    shape.lines = {
        shortened("up to " + std::to_string(batch.most_messages) + " or " + plan::duration_text(batch.most_micros), kMostText)};
    Block out = box(std::move(shape));
    for (const Id id : ids(batch.destinations)) {
      const plan::Destination& to = plan_.destinations[id];
      Shape end;
      end.kind = ShapeKind::destination;
      end.level = step.level;
      end.title = text(to.name);
      end.lines = wrapped(address_of(to, plan::Subject::destination));
      end.tip = tip_of(plan::Subject::destination, end.title);
      append(out, box(std::move(end)), step.level);
    }
    out.exits.clear();
    return out;
  }

  /// A branch: a copy goes down, the line goes on above it.
  Block fork(const plan::Step& step, std::span<const Id> rest) {
    Shape dot;
    dot.kind = ShapeKind::fork;
    dot.tip = "a copy goes its own way";
    dot.level = step.level;
    dot.width = dot.height = 10;
    dot.y = -5;
    Block out;
    out.shapes.push_back(dot);
    out.width = 10;
    out.above = out.below = 5;
    out.exits.push_back({10, 0, step.level});
    if (!rest.empty()) append(out, sequence(rest), plan_.steps[rest.front()].level);
    Block copy = sequence(ids(step.body));
    const double down = out.below + kGapY + copy.above;
    const plan::Level level = step.body.count == 0 ? step.level : plan_.steps[ids(step.body).front()].level;
    copy.shift(10 + kGapX, down);
    out.lines.push_back({5, 5, 10 + kGapX, down, 5, level, true, "copy"});
    out.width = std::max(out.width, 10 + kGapX + copy.width);
    out.below = down + copy.below;
    out.take(std::move(copy));
    return out;
  }

  struct Way {
    std::string label;
    plan::Range body;
    bool passes = false;  // nothing in it: the message goes on
  };

  [[nodiscard]] std::vector<Way> ways_of(const plan::Step& step, const std::string& said) const {
    std::vector<Way> ways;
    if (step.op == StepOp::when) {
      static_cast<void>(said);
      ways.push_back({"yes", step.body, step.body.count == 0});
      ways.push_back({"otherwise", step.otherwise, step.otherwise.count == 0});
      return ways;
    }
    bool otherwise = false;
    for (const Id id : ids(step.list)) {
      const plan::Arm& arm = plan_.arms[id];
      const auto at = arm_texts_.find(id);
      ways.push_back({at == arm_texts_.end() ? "" : at->second, arm.body, arm.body.count == 0});
      otherwise = otherwise || arm.otherwise;
    }
    return ways;
  }

  Block decision(Id id) {
    const plan::Step& step = plan_.steps[id];
    Shape shape;
    shape.kind = ShapeKind::decision;
    shape.level = step.level;
    const std::string said = step_texts_.contains(id) ? step_texts_.at(id) : "";
    shape.tip = said;
    shape.title = said.substr(0, said.find(' '));
    if (shape.title.size() < said.size()) shape.lines = wrapped(said.substr(shape.title.size() + 1));
    Block out = box(std::move(shape));
    const double start = out.width;
    out.exits.clear();

    const std::vector<Way> ways = ways_of(step, said);
    std::vector<Block> blocks;
    double label_width = 0;
    double height = -kGapY;
    for (const Way& way : ways) {
      label_width = std::max(label_width, text_width(shortened(way.label, kMostText), kLineSize));
      blocks.push_back(sequence(ids(way.body)));
      Block& block = blocks.back();
      block.above = std::max(block.above, 12.0);
      block.below = std::max(block.below, 8.0);
      height += block.above + block.below + kGapY;
    }
    const double at = start + kGapX + label_width + 16;
    double top = -height / 2;
    double width = at;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      Block& block = blocks[i];
      const double axis = top + block.above;
      top += block.above + block.below + kGapY;
      const plan::Level level = ways[i].body.count == 0 ? step.level : plan_.steps[ids(ways[i].body).front()].level;
      block.shift(at, axis);
      out.lines.push_back(
          {start, 0, at, axis, start + kGapX / 2, level, !block.shapes.empty(), shortened(ways[i].label, kMostText)});
      for (Block::Exit exit : block.exits) {
        if (block.shapes.empty()) exit = {at, axis, level};
        out.exits.push_back(exit);
      }
      width = std::max(width, at + block.width);
      out.take(std::move(block));
    }
    out.width = width;
    out.above = std::max(out.above, height / 2);
    out.below = std::max(out.below, height / 2);
    return out;
  }

  /// The sources at the left, one above the other; gives the width that they take.
  double add_sources(const plan::Flow& flow, Block& body) {
    std::vector<Block> sources;
    double width = 0;
    double height = -kGapY;
    for (const Id id : ids(flow.sources)) {
      const plan::Source& source = plan_.sources[id];
      Shape shape;
      shape.kind = ShapeKind::source;
      shape.level = source.level;
      shape.title = text(source.name);
      shape.lines = wrapped(address_of(source, plan::Subject::source));
      std::string accepts;
      for (const plan::AcceptedType& type : source.accepts) {
        accepts += (accepts.empty() ? "" : ", ") + text(type.code);
        if (!text(type.trigger).empty()) accepts += "^" + text(type.trigger);
      }
      if (!accepts.empty()) shape.lines.push_back(shortened(accepts, kMostText));
      shape.tip = tip_of(plan::Subject::source, shape.title);
      sources.push_back(box(std::move(shape)));
      width = std::max(width, sources.back().width);
      height += sources.back().above + sources.back().below + kGapY;
    }
    body.shift(width + kGapX, 0);
    double top = -height / 2;
    for (Block& block : sources) {
      const double axis = top + block.above;
      top += block.above + block.below + kGapY;
      const double right = block.width;
      block.shift(width - right, axis);
      body.lines.push_back({width, axis, width + kGapX, 0, width + kGapX / 2, block.shapes.front().level, true, {}});
      body.take(std::move(block));
    }
    body.above = std::max(body.above, height / 2);
    body.below = std::max(body.below, height / 2);
    return width + kGapX;
  }

  const plan::Plan& plan_;
  std::map<Id, std::string> step_texts_;
  std::map<Id, std::string> arm_texts_;
  std::map<std::pair<plan::Subject, std::string>, std::vector<std::string>> end_texts_;
};

}  // namespace

double text_width(std::string_view text, double size) {
  // Advance widths of Helvetica and Arial for ' ' to '~', in thousandths of the size.
  static constexpr std::uint16_t kWidths[] = {
      278, 278, 355, 556, 556, 889, 667, 191, 333,  333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556,
      556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
      667, 778, 722, 667, 611, 722, 667, 944, 667,  667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556,
      556, 222, 222, 500, 222, 833, 556, 556, 556,  556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584};
  double width = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte <= '~') {
      width += kWidths[byte - ' '];
    } else if ((byte & 0xC0U) != 0x80) {
      width += 600;
    }
  }
  // A viewer without Helvetica takes a wider one.
  constexpr double kHeadroom = 1.13;
  return width * size / 1000 * kHeadroom;
}

std::vector<Panel> picture(const plan::Plan& plan, std::string_view flow) {
  Painter painter(plan);
  std::vector<Panel> panels;
  for (const plan::Flow& one : plan.flows) {
    if (flow.empty() || plan.text(one.name) == flow) panels.push_back(painter.panel(one));
  }
  return panels;
}

}  // namespace smarthl7::docs
