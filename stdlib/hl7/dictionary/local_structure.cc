// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/dictionary/local_structure.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "stdlib/hl7/dictionary/blob.h"

namespace smarthl7::hl7 {
namespace {

// Far beyond any structure of the standard.
constexpr std::size_t kMostDepth = 40;
constexpr std::size_t kMostNodes = 500;

[[nodiscard]] bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
[[nodiscard]] bool is_word(char c) { return is_upper(c) || (c >= '0' && c <= '9') || c == '_' || (c >= 'a' && c <= 'z'); }
[[nodiscard]] bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

struct LocalStructure::Data {
  blob::LocalStructure structure{};
  std::vector<blob::Node> nodes;
  std::string strings;
};

LocalStructure::LocalStructure(Version version) : version_(version), data_(std::make_unique<Data>()) {}
LocalStructure::~LocalStructure() = default;
Structure LocalStructure::structure() const { return {version_.data_, &data_->structure}; }

class LocalStructureParser {
 public:
  LocalStructureParser(LocalStructure& made, std::string_view text) : made_(made), text_(text) {}

  std::expected<void, LocalStructure::Mistake> parse(std::string_view name) {
    open(NodeKind::group, name);
    if (!items("") || !finish()) return std::unexpected(std::move(mistake_));
    return {};
  }

 private:
  using Kind = NodeKind;

  blob::Node& node(std::size_t index) { return made_.data_->nodes[index]; }

  std::size_t open(Kind kind, std::string_view name) {
    blob::Node added{};
    added.name = add(name);
    added.kind = static_cast<std::uint16_t>(kind);
    added.min = added.max = 1;
    added.parent = parents_.empty() ? blob::kNone : static_cast<std::uint16_t>(parents_.back());
    added.segment = blob::kNone;
    made_.data_->nodes.push_back(added);
    const std::size_t index = made_.data_->nodes.size() - 1;
    if (kind == Kind::group || kind == Kind::choice) parents_.push_back(index);
    return index;
  }

  void close(std::size_t index) {
    node(index).end = static_cast<std::uint16_t>(made_.data_->nodes.size());
    parents_.pop_back();
  }

  blob::Text add(std::string_view name) {
    const auto offset = static_cast<std::uint32_t>(made_.data_->strings.size());
    made_.data_->strings += name;
    return {offset, static_cast<std::uint32_t>(name.size())};
  }

  [[nodiscard]] std::string_view name_of(const blob::Node& of) const {
    return std::string_view(made_.data_->strings).substr(of.name.offset, of.name.size);
  }

  bool wrong(std::size_t offset, std::size_t size, std::string what, std::string segment = {}) {
    mistake_ = {offset, size, std::move(what), std::move(segment)};
    return false;
  }

  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  [[nodiscard]] char peek() {
    skip_blanks();
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  /// Items up to one of the closing characters, which stays.
  bool items(std::string_view closing) {
    std::size_t count = 0;
    for (char next = peek(); next != '\0' && closing.find(next) == std::string_view::npos; next = peek(), ++count) {
      if (!item()) return false;
    }
    if (count == 0) return wrong(at_, at_ < text_.size() ? 1 : 0, "a segment or group is missing here");
    return true;
  }

  bool item() {
    if (++depth_ > kMostDepth) return wrong(at_, 1, "the structure is nested too deep");
    if (made_.data_->nodes.size() > kMostNodes) return wrong(at_, 1, "the structure is too long");
    const bool fine = item_here();
    --depth_;
    return fine;
  }

  bool item_here() {
    switch (const char next = peek()) {
      case '[': return bracket(']');
      case '{': return bracket('}');
      case '<': return choice();
      default:
        if (is_upper(next)) return word();
        if (std::string_view("]}>)").find(next) != std::string_view::npos) return closes_nothing(next);
        return wrong(at_, 1, fmt::format("`{}` stands for nothing in a structure", printable(next)));
    }
  }

  bool closes_nothing(char what) { return wrong(at_, 1, fmt::format("nothing is open that `{}` could close", what)); }

  [[nodiscard]] static std::string printable(char c) { return c >= ' ' && c < 127 ? std::string(1, c) : std::string("?"); }

  /// [ ... ] or { ... }: of one item, what it says of that; of several, an unnamed group.
  bool bracket(char closing) {
    const std::size_t begin = at_++;
    const std::size_t first = made_.data_->nodes.size();
    open(Kind::group, "");
    if (!items("]}>)|")) return false;
    if (peek() != closing) return wrong(begin, 1, fmt::format("this `{}` is not closed by `{}`", text_[begin], closing));
    ++at_;
    if (children_of(first) > 1) {
      close(first);
      name_group(first);
    } else {
      parents_.pop_back();
      drop(first);  // its only child takes its place
    }
    if (closing == ']')
      node(first).min = 0;
    else
      node(first).max = kUnbounded;
    return true;
  }

  [[nodiscard]] std::size_t children_of(std::size_t parent) const {
    return static_cast<std::size_t>(std::count_if(made_.data_->nodes.begin() + static_cast<std::ptrdiff_t>(parent) + 1,
                                                  made_.data_->nodes.end(),
                                                  [parent](const blob::Node& one) { return one.parent == parent; }));
  }

  /// Takes out a node whose only child follows it.
  void drop(std::size_t index) {
    auto& nodes = made_.data_->nodes;
    const std::uint16_t parent = nodes[index].parent;
    nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(index));
    for (std::size_t n = index; n < nodes.size(); ++n) {
      nodes[n].parent =
          nodes[n].parent == index ? parent : static_cast<std::uint16_t>(nodes[n].parent - (nodes[n].parent > index ? 1 : 0));
      if (nodes[n].end != 0) --nodes[n].end;
    }
  }

  /// "OBR_GROUP" for a group that begins with OBR.
  void name_group(std::size_t index) {
    std::size_t first = index + 1;
    while (node(first).kind != static_cast<std::uint16_t>(Kind::segment) && first + 1 < made_.data_->nodes.size()) ++first;
    const std::string base = fmt::format("{}_GROUP", name_of(node(first)));
    std::string name = base;
    for (int number = 2; std::any_of(made_.data_->nodes.begin(), made_.data_->nodes.end(),
                                     [&](const auto& one) { return name_of(one) == name; });
         ++number)
      name = fmt::format("{}_{}", base, number);
    node(index).name = add(name);
  }

  bool choice() {
    const std::size_t begin = at_++;
    const std::size_t index = open(Kind::choice, "");
    std::size_t alternatives = 0;
    do {
      if (alternatives++ > 0) ++at_;
      const char next = peek();
      if (next == '|' || next == '>' || next == '\0')
        return wrong(at_, next == '\0' ? 0 : 1, "a segment or group is missing here");
      if (!item()) return false;
    } while (peek() == '|');
    if (peek() != '>') return wrong(begin, 1, "this `<` is not closed by `>`");
    ++at_;
    close(index);
    if (alternatives < 2) return wrong(begin, at_ - begin, "a choice is between two or more: `<A|B>`");
    return true;
  }

  /// A segment, or NAME( ... ).
  bool word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    const std::string_view name = text_.substr(begin, at_ - begin);
    if (peek() == '(') {
      const std::size_t bracket = at_++;
      if (name.size() > 60) return wrong(begin, name.size(), "the name of a group has at most 60 characters");
      const std::size_t index = open(Kind::group, name);
      if (!items("]}>)|")) return false;
      if (peek() != ')') return wrong(bracket, 1, "this `(` is not closed by `)`");
      ++at_;
      close(index);
      return true;
    }
    if (name == "Hxx" || name == "ANYHL7SEGMENT") {
      const std::size_t index = open(Kind::any_segment, "");
      node(index).end = static_cast<std::uint16_t>(index + 1);
      return true;
    }
    return segment(begin, name);
  }

  bool segment(std::size_t begin, std::string_view name) {
    const bool shaped = name.size() == 3 && std::all_of(name.begin(), name.end(),
                                                        [](char c) { return is_word(c) && (c < 'a' || c > 'z') && c != '_'; });
    if (!shaped)
      return wrong(begin, name.size(),
                   fmt::format("`{}` is no segment; a group has its content in brackets: `{}( ... )`", name, name));
    const std::uint16_t defined = made_.version_.segment_index(name);
    if (defined == blob::kNone && name.front() != 'Z')
      return wrong(begin, name.size(), fmt::format("HL7 {} has no segment `{}`", made_.version_.name(), name),
                   std::string(name));
    const std::size_t index = open(Kind::segment, name);
    std::uint32_t key = 0;
    for (const char c : name) key = (key << 8U) | static_cast<unsigned char>(c);
    node(index).key = key;
    node(index).segment = defined;
    node(index).end = static_cast<std::uint16_t>(index + 1);
    return true;
  }

  bool finish() {
    close(0);
    const blob::Node& header = node(1);
    if (name_of(header) != "MSH" || header.min != 1 || header.max != 1) return wrong(0, 0, "a structure begins with MSH, once");
    LocalStructure::Data& data = *made_.data_;
    data.structure.name = data.nodes[0].name;
    data.structure.nodes = {blob::kElsewhere, static_cast<std::uint32_t>(data.nodes.size())};
    data.structure.tree = data.nodes.data();
    data.structure.strings = data.strings.data();
    return true;
  }

  LocalStructure& made_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::vector<std::size_t> parents_;
  LocalStructure::Mistake mistake_;
};

std::expected<std::shared_ptr<const LocalStructure>, LocalStructure::Mistake> LocalStructure::parse(Version version,
                                                                                                    std::string_view name,
                                                                                                    std::string_view text) {
  auto made = std::make_shared<LocalStructure>(version);
  if (auto parsed = LocalStructureParser(*made, text).parse(name); !parsed) return std::unexpected(std::move(parsed.error()));
  return made;
}

}  // namespace smarthl7::hl7
