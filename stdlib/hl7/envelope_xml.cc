// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/envelope_xml.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "stdlib/hl7/xml_events.h"

namespace smarthl7::hl7 {
namespace {

constexpr std::size_t kMostDepth = 200;

class Finder : public XmlSink {
 public:
  Finder(const std::vector<std::string>& path, std::string& text, std::string& place)
      : path_(path), text_(text), place_(place) {
    text_.clear();
  }

  bool start(std::string_view name, std::string_view /*ns*/, const XmlAttributes& /*attributes*/, XmlPlace place) override {
    if (inside_) return stop("expected text in the envelope's element, no elements");
    if (depth_ >= kMostDepth) return stop("elements are nested too deep");
    ++depth_;
    const bool anywhere = path_.size() == 1;
    const bool next = !anywhere && depth_ == matched_ + 1 && matched_ < path_.size() && path_[matched_] == name;
    if (next) ++matched_;
    if (anywhere ? path_[0] != name : !(next && matched_ == path_.size())) return true;
    if (found_) return stop("expected the envelope's element once");
    found_ = true;
    inside_ = true;
    place_ = fmt::format("line {}, column {}: ", place.line, place.column);
    return true;
  }

  bool end() override {
    inside_ = false;
    if (matched_ == depth_) --matched_;
    --depth_;
    return true;
  }

  bool text(std::string_view text) override {
    if (inside_) text_ += text;
    return true;
  }

  [[nodiscard]] std::string problem() const override { return problem_; }
  [[nodiscard]] bool found() const { return found_; }

 private:
  bool stop(std::string_view what) {
    problem_ = what;
    return false;
  }

  const std::vector<std::string>& path_;
  std::string& text_;
  std::string& place_;
  std::size_t depth_ = 0;
  std::size_t matched_ = 0;  // names of the path that are open
  bool inside_ = false;
  bool found_ = false;
  std::string problem_;
};

}  // namespace

bool is_xml_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  return !name.empty() && letter(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

Result<void> find_in_xml(std::string_view document, const std::vector<std::string>& path, std::string& text,
                         std::string& place) {
  Finder finder(path, text, place);
  TRY_VOID(read_xml_events(document, std::numeric_limits<std::size_t>::max(), finder));
  if (!finder.found()) return fail(ErrorCode::invalid, "expected the envelope's element in the document");
  return {};
}

}  // namespace smarthl7::hl7
