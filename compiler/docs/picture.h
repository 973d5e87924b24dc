// SPDX-License-Identifier: Apache-2.0
// The picture of a plan's flows: sources at the left, steps and decisions in the order in which a message meets them,
// deliveries and ends at the right; lines show how much a message says about its patient. Flows are nested blocks, so lines
// never cross. Shapes are values in pixels with the origin at the top left; svg.h draws them, dot.h gives the same for
// Graphviz. Pure function; any thread. The plan is one that read_plan() or lower() gave.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/plan/plan.h"

namespace smarthl7::docs {

enum class ShapeKind : std::uint8_t { source, step, decision, fork, destination, dead, drop, reject };

struct Shape {
  ShapeKind kind = ShapeKind::step;
  double x = 0;  // left
  double y = 0;  // top
  double width = 0;
  double height = 0;
  std::string title;                            // "validate"
  std::vector<std::string> lines;               // under it, shortened to fit
  std::string failure;                          // "else reject AE"
  std::string tip;                              // all of it, for who points at it
  plan::Level level = plan::Level::identified;  // of what comes in
};

/// Lines go right, up or down, and right again.
struct Line {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  double bend = 0;  // the x at which it goes up or down
  plan::Level level = plan::Level::identified;
  bool arrow = true;
  std::string label;  // at its end: the arm
};

struct Panel {
  std::string flow;
  std::vector<Shape> shapes;
  std::vector<Line> lines;
  double width = 0;
  double height = 0;
};

/// One panel for each flow of that name, or for all flows if it is empty.
[[nodiscard]] std::vector<Panel> picture(const plan::Plan& plan, std::string_view flow = {});

/// Width in pixels of a text in the sans-serif of the picture.
[[nodiscard]] double text_width(std::string_view text, double size);

}  // namespace smarthl7::docs
