// SPDX-License-Identifier: Apache-2.0
#include "compiler/docs/svg.h"

#include <fmt/format.h>

#include <algorithm>

namespace smarthl7::docs {
namespace {

constexpr double kMargin = 24;
constexpr double kHeading = 34;
constexpr double kLegend = 56;

const char* class_of(plan::Level level) {
  switch (level) {
    case plan::Level::identified: return "identified";
    case plan::Level::limited: return "limited";
    case plan::Level::deidentified: return "deidentified";
  }
  return "";
}

constexpr std::string_view kStyle = R"(
.sh7 text{font-family:Helvetica,Arial,"Liberation Sans",sans-serif;fill:#1c2430}
.sh7 .flow{font-size:17px;font-weight:bold}
.sh7 .title{font-size:13px;font-weight:bold}
.sh7 .line{font-size:11px;fill:#46505e}
.sh7 .failure{font-size:11px;fill:#8a4b00;font-style:italic}
.sh7 .label{font-size:11px;fill:#1c2430}
.sh7 .way{fill:none;stroke-width:1.8}
.sh7 .identified{stroke:#b3261e}
.sh7 .limited{stroke:#a86500;stroke-dasharray:7 4}
.sh7 .deidentified{stroke:#1b7a3d;stroke-dasharray:2 3}
.sh7 .head-identified{fill:#b3261e}.sh7 .head-limited{fill:#a86500}.sh7 .head-deidentified{fill:#1b7a3d}
.sh7 .step{fill:#f4f6f9;stroke:#8b97a6;stroke-width:1.2}
.sh7 .decision{fill:#eef3fb;stroke:#4a6fa5;stroke-width:1.2}
.sh7 .source{fill:#fff;stroke-width:1.8}
.sh7 .destination{fill:#fff;stroke-width:1.8}
.sh7 .box{stroke-dasharray:none}
.sh7 .dead{fill:#3b2a2a;stroke:#3b2a2a}.sh7 .dead-text{fill:#fff}
.sh7 .drop{fill:#fff;stroke:#8b97a6;stroke-width:1.2;stroke-dasharray:4 3}
.sh7 .reject{fill:#fdecea;stroke:#b3261e;stroke-width:1.2}
.sh7 .panel{fill:none;stroke:#d5dbe3}
)";

class Drawing {
 public:
  explicit Drawing(std::span<const Panel> panels) : panels_(panels) {}

  std::string run() {
    double width = 420;
    double height = kMargin;
    for (const Panel& panel : panels_) {
      width = std::max(width, panel.width);
      height += kHeading + panel.height + 2 * kMargin;
    }
    width += 2 * kMargin;
    height += kLegend;
    out_ = fmt::format(
        R"(<svg xmlns="http://www.w3.org/2000/svg" class="sh7" viewBox="0 0 {0:.0f} {1:.0f}" width="{0:.0f}" height="{1:.0f}" role="img">
<title>{2}</title>
<style>{3}</style>
<defs>
)",
        width, height, escaped(title()), kStyle);
    for (const plan::Level level : {plan::Level::identified, plan::Level::limited, plan::Level::deidentified}) {
      out_ += fmt::format(
          R"(<marker id="sh7-{0}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 L8 4 L0 8 z" class="head-{0}"/></marker>)"
          "\n",
          class_of(level));
    }
    out_ += fmt::format("</defs>\n<rect width=\"{:.0f}\" height=\"{:.0f}\" fill=\"#fff\"/>\n", width, height);
    double y = kMargin;
    for (const Panel& panel : panels_) {
      text("flow", kMargin, y + 18, "flow " + panel.flow);
      y += kHeading;
      out_ += fmt::format("<g transform=\"translate({:.1f} {:.1f})\">\n", kMargin, y);
      for (const Line& one : panel.lines) line(one);
      for (const Shape& one : panel.shapes) shape(one);
      out_ += "</g>\n";
      y += panel.height + 2 * kMargin;
      out_ += fmt::format("<path class=\"panel\" d=\"M{:.1f} {:.1f} H{:.1f}\"/>\n", kMargin, y - kMargin / 2, width - kMargin);
    }
    legend(y + 16);
    return out_ + "</svg>\n";
  }

 private:
  [[nodiscard]] std::string title() const {
    std::string all = panels_.size() == 1 ? "flow" : "flows";
    for (const Panel& panel : panels_) all += (all.ends_with("flow") || all.ends_with("flows") ? " " : ", ") + panel.flow;
    return all;
  }

  void text(std::string_view style, double x, double y, std::string_view what, std::string_view anchor = {}) {
    out_ += fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\"{}>{}</text>\n", style, x, y,
                        anchor.empty() ? "" : fmt::format(" text-anchor=\"{}\"", anchor), escaped(what));
  }

  void line(const Line& one) {
    const double radius =
        std::min({6.0, std::abs(one.y2 - one.y1) / 2, std::abs(one.x2 - one.bend), std::abs(one.bend - one.x1)});
    std::string path = fmt::format("M{:.1f} {:.1f}", one.x1, one.y1);
    if (std::abs(one.y2 - one.y1) < 0.5) {
      path += fmt::format(" H{:.1f}", one.x2);
    } else if (one.bend <= one.x1) {  // straight down, then right
      path +=
          fmt::format(" V{:.1f} Q{:.1f} {:.1f} {:.1f} {:.1f} H{:.1f}", one.y2 - 6, one.x1, one.y2, one.x1 + 6, one.y2, one.x2);
    } else {
      const double turn = one.y2 > one.y1 ? radius : -radius;
      path += fmt::format(" H{:.1f} Q{:.1f} {:.1f} {:.1f} {:.1f} V{:.1f} Q{:.1f} {:.1f} {:.1f} {:.1f} H{:.1f}",
                          one.bend - radius, one.bend, one.y1, one.bend, one.y1 + turn, one.y2 - turn, one.bend, one.y2,
                          one.bend + radius, one.y2, one.x2);
    }
    out_ += fmt::format("<path class=\"way {0}\" d=\"{1}\"{2}/>\n", class_of(one.level), path,
                        one.arrow ? fmt::format(" marker-end=\"url(#sh7-{})\"", class_of(one.level)) : "");
    if (!one.label.empty()) text("label", std::max(one.bend, one.x1) + 8, one.y2 - 4, one.label);
  }

  void shape(const Shape& one) {
    out_ += "<g>";
    if (!one.tip.empty()) out_ += "<title>" + escaped(one.tip) + "</title>";
    const double x = one.x;
    const double y = one.y;
    const double w = one.width;
    const double h = one.height;
    const auto rect = [&](std::string_view style, double radius) {
      out_ += fmt::format(R"(<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="{:.1f}"/>)", style, x, y,
                          w, h, radius);
    };
    switch (one.kind) {
      case ShapeKind::source:
        rect(fmt::format("source box {}", class_of(one.level)), 4);
        out_ += fmt::format(R"(<path class="way box {}" d="M{:.1f} {:.1f} v{:.1f}"/>)", class_of(one.level), x + 5, y, h);
        break;
      case ShapeKind::destination:
        rect(fmt::format("destination box {}", class_of(one.level)), 4);
        out_ += fmt::format(R"(<path class="way box {}" d="M{:.1f} {:.1f} v{:.1f}"/>)", class_of(one.level), x + w - 5, y, h);
        break;
      case ShapeKind::step: rect("step", 8); break;
      case ShapeKind::decision:
        out_ +=
            fmt::format(R"(<path class="decision" d="M{:.1f} {:.1f} h{:.1f} l12 {:.1f} l-12 {:.1f} h{:.1f} l-12 {:.1f} z"/>)",
                        x + 12, y, w - 24, h / 2, h / 2, -(w - 24), -h / 2);
        break;
      case ShapeKind::fork:
        out_ += fmt::format(R"(<circle class="head-{}" cx="{:.1f}" cy="{:.1f}" r="5"/>)", class_of(one.level), x + 5, y + 5);
        break;
      case ShapeKind::dead: rect("dead", 14); break;
      case ShapeKind::drop: rect("drop", 14); break;
      case ShapeKind::reject: rect("reject", 14); break;
    }
    out_ += "\n";
    const std::string dark = one.kind == ShapeKind::dead ? " dead-text" : "";
    const double middle = x + w / 2 + (one.kind == ShapeKind::source ? 3 : one.kind == ShapeKind::destination ? -3 : 0);
    const double rows = static_cast<double>(one.lines.size()) + (one.failure.empty() ? 0 : 1);
    double at = y + h / 2 - rows * 7.5 + 4.5;
    if (!one.title.empty()) text("title" + dark, middle, at, one.title, "middle");
    for (const std::string& each : one.lines) text("line" + dark, middle, at += 15, each, "middle");
    if (!one.failure.empty()) text("failure" + dark, middle, at += 15, one.failure, "middle");
    out_ += "</g>\n";
  }

  void legend(double y) {
    double x = kMargin;
    for (const auto& [level, what] :
         {std::pair(plan::Level::identified, "identified patient data"), std::pair(plan::Level::limited, "limited data set"),
          std::pair(plan::Level::deidentified, "de-identified")}) {
      out_ += fmt::format("<path class=\"way {0}\" d=\"M{1:.1f} {2:.1f} h34\" marker-end=\"url(#sh7-{0})\"/>\n",
                          class_of(level), x, y);
      text("label", x + 42, y + 4, what);
      x += 42 + text_width(what, 11) + 24;
    }
  }

  std::span<const Panel> panels_;
  std::string out_;
};

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? ' ' : c;
    }
  }
  return out;
}

std::string svg(std::span<const Panel> panels) { return Drawing(panels).run(); }

}  // namespace smarthl7::docs
