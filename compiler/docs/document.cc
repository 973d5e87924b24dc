// SPDX-License-Identifier: Apache-2.0
#include "compiler/docs/document.h"

#include <fmt/format.h>

#include <utility>

#include "compiler/docs/svg.h"

namespace smarthl7::docs {
namespace {

constexpr std::string_view kStyle = R"(
:root{color-scheme:light}
body{font:15px/1.5 Helvetica,Arial,"Liberation Sans",sans-serif;color:#1c2430;background:#fff;margin:0 auto;max-width:1100px;padding:32px}
h1{font-size:28px;margin:0 0 4px}h2{font-size:21px;margin:40px 0 8px;padding-top:12px;border-top:2px solid #d5dbe3}
h3{font-size:16px;margin:28px 0 6px}h4{font-size:15px;margin:20px 0 4px}
p{margin:6px 0 10px;max-width:75ch}
code{font:13px/1.4 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;background:#f2f4f7;border-radius:3px;padding:1px 4px;overflow-wrap:anywhere}
table{border-collapse:collapse;margin:8px 0 16px;width:100%}
th{text-align:left;font-weight:600;background:#f4f6f9;border-bottom:2px solid #c3cbd6}
th,td{padding:5px 10px;vertical-align:top;border-bottom:1px solid #e1e6ec}
nav ul{columns:2;padding-left:20px;margin:8px 0 0}nav a{color:#27507f;text-decoration:none}
.picture{overflow-x:auto;border:1px solid #e1e6ec;border-radius:6px;margin:10px 0 18px}
.picture svg{display:block;max-width:100%;height:auto}
@media print{body{max-width:none;padding:0;font-size:11px}h2{break-before:page}tr,.picture{break-inside:avoid}nav{display:none}}
)";

/// Words between backquotes become code.
std::string marked(std::string_view text) {
  std::string out;
  bool code = false;
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t next = std::min(text.find('`', at), text.size());
    out += escaped(text.substr(at, next - at));
    if (next == text.size()) break;
    out += code ? "</code>" : "<code>";
    code = !code;
    at = next + 1;
  }
  return code ? out + "</code>" : out;
}

/// A table's cell in Markdown: one line, no bar that is not ours.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

}  // namespace

void Document::heading(int level, std::string text, std::string anchor) {
  blocks.push_back({.kind = BlockKind::heading,
                    .level = level,
                    .text = std::move(text),
                    .head = {},
                    .rows = {},
                    .anchor = std::move(anchor)});
}
void Document::paragraph(std::string text) {
  if (!text.empty())
    blocks.push_back({.kind = BlockKind::paragraph, .text = std::move(text), .head = {}, .rows = {}, .anchor = {}});
}
void Document::list(const std::vector<std::string>& items) {
  if (items.empty()) return;
  Block block{.kind = BlockKind::list, .text = {}, .head = {}, .rows = {}, .anchor = {}};
  for (const std::string& item : items) block.rows.push_back({item});
  blocks.push_back(std::move(block));
}
void Document::table(std::vector<std::string> head, std::vector<std::vector<std::string>> rows) {
  if (rows.empty()) return;
  blocks.push_back({.kind = BlockKind::table, .text = {}, .head = std::move(head), .rows = std::move(rows), .anchor = {}});
}
void Document::picture(std::string svg, std::string name) {
  blocks.push_back({.kind = BlockKind::picture, .text = std::move(svg), .head = {}, .rows = {}, .anchor = std::move(name)});
}

std::string html(const Document& document) {
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<h1>{}</h1>\n",
      escaped(document.title), kStyle, escaped(document.title));
  std::string contents;
  for (const Block& block : document.blocks) {
    if (block.kind == BlockKind::heading && block.level == 2)
      contents += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", escaped(block.anchor), marked(block.text));
  }
  bool told = false;
  for (const Block& block : document.blocks) {
    switch (block.kind) {
      case BlockKind::heading:
        if (block.level == 2 && !told) {
          told = true;
          out += "<nav><ul>\n" + contents + "</ul></nav>\n";
        }
        out += fmt::format("<h{0}{1}>{2}</h{0}>\n", block.level,
                           block.anchor.empty() ? "" : fmt::format(" id=\"{}\"", escaped(block.anchor)), marked(block.text));
        break;
      case BlockKind::paragraph: out += "<p>" + marked(block.text) + "</p>\n"; break;
      case BlockKind::list:
        out += "<ul>\n";
        for (const auto& row : block.rows) out += "<li>" + marked(row.front()) + "</li>\n";
        out += "</ul>\n";
        break;
      case BlockKind::table:
        out += "<table>\n<thead><tr>";
        for (const std::string& name : block.head) out += "<th>" + marked(name) + "</th>";
        out += "</tr></thead>\n<tbody>\n";
        for (const auto& row : block.rows) {
          out += "<tr>";
          for (const std::string& one : row) out += "<td>" + marked(one) + "</td>";
          out += "</tr>\n";
        }
        out += "</tbody>\n</table>\n";
        break;
      case BlockKind::picture: out += "<div class=\"picture\">\n" + block.text + "</div>\n"; break;
    }
  }
  return out + "</body>\n</html>\n";
}

std::string markdown(const Document& document) {
  std::string out = "# " + document.title + "\n";
  for (const Block& block : document.blocks) {
    out += '\n';
    switch (block.kind) {
      case BlockKind::heading: out += std::string(static_cast<std::size_t>(block.level), '#') + " " + block.text + "\n"; break;
      case BlockKind::paragraph: out += block.text + "\n"; break;
      case BlockKind::list:
        for (const auto& row : block.rows) out += "- " + row.front() + "\n";
        break;
      case BlockKind::table: {
        const auto line = [&out](const std::vector<std::string>& cells) {
          out += '|';
          for (const std::string& one : cells) out += " " + cell(one) + " |";
          out += '\n';
        };
        line(block.head);
        out += '|';
        for (std::size_t i = 0; i < block.head.size(); ++i) out += " --- |";
        out += '\n';
        for (const auto& row : block.rows) line(row);
        break;
      }
      case BlockKind::picture: out += fmt::format("![flow {0}]({0}.svg)\n", block.anchor); break;
    }
  }
  return out;
}

}  // namespace smarthl7::docs
