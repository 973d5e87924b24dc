// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/https/head.h"

#include <algorithm>
#include <charconv>

namespace smarthl7::transport::https {

namespace {

constexpr std::size_t kMostFields = 100;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_token(char c) {
  const bool word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  return word || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_text(char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != '\x7f'); }

Refusal bad(std::string_view why) { return {400, why}; }

/// The path of an origin-form or absolute-form target (RFC 9112 section 3.2).
bool read_target(std::string_view target, std::string& path) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() < scheme.size() || !same_word(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    const std::size_t slash = target.find_first_of("/?");
    target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
    break;
  }
  if (target == "*") target = "/*";
  target = target.substr(0, target.find('?'));
  path = target;
  return target.starts_with('/') && std::ranges::all_of(target, [](char c) { return c > ' ' && c < '\x7f'; });
}

Refusal read_request_line(std::string_view line, Head& head) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == 0 || last == first) return bad("the first line is not a request of HTTP");
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  head.method = line.substr(0, first);
  if (!std::ranges::all_of(head.method, is_token)) return bad("the method is no word");
  if (target.find(' ') != std::string_view::npos || !read_target(target, head.path))
    return bad("the target of the request is not a path");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    if (version.starts_with("HTTP/") && version.size() == 8) return {505, "only HTTP/1.1 and HTTP/1.0 are spoken here"};
    return bad("the first line is not a request of HTTP");
  }
  head.version_11 = version == "HTTP/1.1";
  return {};
}

Refusal read_field(std::string_view line, Head& head) {
  if (line.starts_with(' ') || line.starts_with('\t')) return bad("a header line is folded");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return bad("a header line has no name");
  const std::string_view name = line.substr(0, colon);
  if (!std::ranges::all_of(name, is_token)) return bad("the name of a header field is no word");
  const std::string_view value = trim(line.substr(colon + 1));
  if (!std::ranges::all_of(value, is_text)) return bad("a header field holds control characters");
  if (head.fields.size() == kMostFields) return {431, "there are more than 100 header fields"};
  Field& field = head.fields.emplace_back();
  field.name.resize(name.size());
  std::ranges::transform(name, field.name.begin(), lower);
  field.value = value;
  return {};
}

/// Does a list of words with commas between them hold the word?
bool lists(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (same_word(trim(list.substr(0, comma)), word)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

Refusal read_length(Head& head) {
  const std::size_t lengths = head.count("content-length");
  const std::size_t codings = head.count("transfer-encoding");
  if (lengths > 1) return bad("the length of the body is given twice");
  if (lengths > 0 && codings > 0) return bad("the body has a length and a transfer coding");
  if (codings > 1) return bad("the transfer coding is given twice");
  if (codings == 1) {
    if (!head.version_11) return bad("HTTP/1.0 has no transfer codings");
    if (!same_word(head.field("transfer-encoding"), "chunked")) return {501, "the only transfer coding is `chunked`"};
    head.chunked = true;
  }
  if (lengths == 1) {
    const std::string_view text = head.field("content-length");
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool digits = !text.empty() && text.front() >= '0' && text.front() <= '9';
    if (!digits || error != std::errc{} || end != text.data() + text.size()) return bad("the length of the body is no number");
    head.length = value;
  }
  return {};
}

Refusal read_meaning(Head& head) {
  if (const Refusal refusal = read_length(head); refusal.status != 0) return refusal;
  const std::size_t hosts = head.count("host");
  if (hosts > 1 || (hosts == 0 && head.version_11)) return bad("the request does not name one host");
  bool close = false;
  bool keep = false;
  for (const Field& field : head.fields) {
    if (field.name != "connection") continue;
    close = close || lists(field.value, "close");
    keep = keep || lists(field.value, "keep-alive");
  }
  head.keep_alive = !close && (head.version_11 || keep);
  if (const std::string_view expect = head.field("expect"); !expect.empty()) {
    if (!same_word(expect, "100-continue")) return {417, "nothing is known of what the request expects"};
    head.expects_continue = head.version_11;
  }
  return {};
}

}  // namespace

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view Head::field(std::string_view name) const {
  const auto found = std::ranges::find(fields, name, &Field::name);
  return found == fields.end() ? std::string_view{} : found->value;
}

std::size_t Head::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count(fields, name, &Field::name));
}

Refusal look_at(std::string_view text, std::size_t from) {
  for (std::size_t i = from; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n' && (i == 0 || text[i - 1] != '\r')) return bad("a line ends in LF alone");
    if (i > 0 && text[i - 1] == '\r' && c != '\n') return bad("a line ends in CR alone");
    if (c != '\r' && c != '\n' && !is_text(c)) return bad("the head holds control characters: it is not HTTP");
  }
  return {};
}

Refusal read_head(std::string_view text, Head& head) {
  head = Head{};
  bool first = true;
  while (true) {
    const std::size_t end = text.find("\r\n");
    if (end == std::string_view::npos) return bad("the head does not end");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 2);
    if (line.empty()) break;
    const Refusal refusal = first ? read_request_line(line, head) : read_field(line, head);
    if (refusal.status != 0) return refusal;
    first = false;
  }
  if (first) return bad("the first line is not a request of HTTP");
  return read_meaning(head);
}

}  // namespace smarthl7::transport::https
