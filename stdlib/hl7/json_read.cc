// SPDX-License-Identifier: Apache-2.0
// read_json: the document's tokens put together as ER7 segments, one at a time.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "stdlib/hl7/escape.h"
#include "stdlib/hl7/json.h"
#include "stdlib/hl7/json_text.h"
#include "stdlib/hl7/tree_text.h"

namespace smarthl7::hl7 {
namespace {

using Token = JsonText::Token;

constexpr std::uint32_t kMostPart = 9999;

[[nodiscard]] bool is_layout(std::string_view text) { return text.find_first_not_of("\r\n") == std::string_view::npos; }

class Reader {
 public:
  Reader(std::string_view document, Tree& tree, const ReadLimits& limits)
      : document_(document), json_(document, limits.depth), tree_(tree), limits_(limits) {}

  /// Once over the members for what the values depend on, then over the segments.
  Result<void> run() {
    TRY_VOID(json_.expect(Token::object, "an object, the message"));
    std::size_t segments = 0;
    for (;;) {
      TRY(const Token token, json_.next());
      if (token == Token::end_object) break;
      TRY_VOID(read_member(segments));
    }
    TRY_VOID(json_.expect(Token::end, "nothing after the message"));
    if (segments == 0) return json_.error("expected a member `segments`");
    TRY_VOID(read_delimiters());
    // The segments again, this time reading them; the place of errors counts from the document's begin.
    JsonText again(document_, limits_.depth);
    TRY_VOID(again.next());
    while (again.begin() != segments) {
      TRY_VOID(again.next());
      if (again.begin() == segments) break;
      TRY_VOID(again.skip());
    }
    json_ = std::move(again);
    TRY_VOID(read_segments(0));
    if (tree_.empty()) return json_.error("expected segments, MSH first");
    return finish_reading(tree_);
  }

 private:
  // ---- the message's own members

  Result<void> read_member(std::size_t& segments) {
    const std::string name(json_.text());
    if (std::find(seen_.begin(), seen_.end(), name) != seen_.end()) return json_.error("expected each member once");
    if (name == "segments") {
      TRY_VOID(json_.expect(Token::array, "an array of segments"));
      segments = json_.begin();
      TRY_VOID(json_.skip());
    } else if (name == "structure") {
      TRY_VOID(json_.expect(Token::string, "the message structure, a string"));
      tree_.set_structure(json_.text());
    } else if (name == "version") {  // MSH-12 says so; here it stands for readers
      TRY_VOID(json_.expect(Token::string, "the version, a string"));
    } else if (name == "delimiters") {
      TRY_VOID(json_.expect(Token::string, "MSH-1 and MSH-2, a string"));
      given_ = json_.text();
      delimiters_at_ = json_.begin();
    } else if (name == "start") {
      TRY_VOID(json_.expect(Token::string, "what stands before MSH, a string"));
      std::string_view rest = json_.text();
      if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
      if (!is_layout(rest)) return json_.error("expected a byte order mark or line ends");
      tree_.set_start(json_.text());
    } else if (name == "terminator") {
      TRY_VOID(json_.expect(Token::string, "the end of a segment, a string"));
      const std::string_view end = json_.text();
      if (end != "\r" && end != "\n" && end != "\r\n") return json_.error("expected CR, LF or both");
      tree_.set_terminator(end);
    } else {
      return json_.error("expected one of: structure, version, delimiters, start, terminator, segments");
    }
    seen_.push_back(name);
    return {};
  }

  Result<void> read_delimiters() {
    if (given_.empty()) return json_.error_at(delimiters_at_, "expected delimiters, as |^~\\&");
    const std::string probe = "MSH" + given_ + given_[0] + "\r";
    const auto message = Message::parse(std::string_view(probe));
    if (!message || message->segment_count() != 1 || message->segment(0).field(2).raw() != std::string_view(given_).substr(1)) {
      return json_.error_at(delimiters_at_, "expected a field separator and encoding characters, as |^~\\&");
    }
    delimiters_ = message->delimiters();
    tree_.set_delimiters(delimiters_);
    return {};
  }

  // ---- groups and segments

  /// After the opening bracket, up to the closing one.
  Result<void> read_segments(std::size_t depth) {
    if (depth > limits_.depth) return json_.error("nested too deep");
    for (;;) {
      TRY(const Token token, json_.next());
      if (token == Token::end_array) return {};
      if (token != Token::object) return json_.error("expected a segment or a group, an object");
      TRY_VOID(json_.expect(Token::key, "`segment` or `group`"));
      const bool group = json_.text() == "group";
      if (!group && json_.text() != "segment") return json_.error("expected `segment` or `group` first");
      TRY_VOID(json_.expect(Token::string, "a name, a string"));
      TRY_VOID(group ? read_group(depth) : read_segment());
    }
  }

  Result<void> read_group(std::size_t depth) {
    if (tree_.empty()) return json_.error("expected MSH first");
    if (json_.text().empty()) return json_.error("expected a name");
    tree_.open_group(json_.text());
    TRY_VOID(json_.expect(Token::key, "`segments`"));
    if (json_.text() != "segments") return json_.error("expected `segments`");
    TRY_VOID(json_.expect(Token::array, "an array of segments"));
    TRY_VOID(read_segments(depth + 1));
    tree_.close_group();
    return json_.expect(Token::end_object, "the end of the group");
  }

  Result<void> read_segment() {
    if (++segments_ > limits_.segments) return json_.error("the message has too many segments");
    if (tree_.empty() && json_.text() != "MSH") return json_.error("expected MSH first");
    const bool lines = json_.text().find_first_of("\r\n") != std::string_view::npos;
    if (lines || json_.text().find(delimiters_.field) != std::string_view::npos) {
      return json_.error("expected a segment's name");
    }
    er7_ = json_.text();
    header_ = is_header(name_key(er7_));
    bool fields = false;
    bool ended = false;
    std::string ending;
    for (;;) {
      TRY(const Token token, json_.next());
      if (token == Token::end_object) break;
      if (json_.text() == "fields" && !fields) {
        fields = true;
        TRY_VOID(json_.expect(Token::object, "an object, the fields by number"));
        TRY_VOID(header_ ? read_header_fields() : read_parts(Tree::Kind::segment, 0));
      } else if (json_.text() == "end" && !ended) {
        ended = true;
        TRY_VOID(json_.expect(Token::string, "the segment's end, a string"));
        if (!is_layout(json_.text())) return json_.error("expected line ends");
        ending = json_.text();
      } else {
        return json_.error("expected `fields` or `end`, each once");
      }
    }
    if (header_ && !fields && tree_.empty()) er7_ += given_;
    if (er7_.empty()) return json_.error("expected a segment's name");
    tree_.add_segment(er7_);
    if (ended) tree_.set_ending(ending);
    if (er7_.capacity() > kKeep) er7_ = std::string();
    return {};
  }

  Result<void> read_header_fields() {
    encoding_.reset();
    er7_ += tree_.empty() ? given_ : std::string(1, delimiters_.field);
    const std::size_t at = er7_.size();
    TRY_VOID(read_parts(Tree::Kind::segment, 2));
    if (encoding_) er7_.insert(at, *encoding_);
    return {};
  }

  // ---- values

  struct Piece {
    std::uint32_t number = 0;
    std::size_t begin = 0, size = 0;
  };

  /// The members of an object, by number, up to its end; `written` parts stand in er7_ already.
  Result<void> read_parts(Tree::Kind kind, std::uint32_t written) {
    TRY(const Token token, json_.next());
    if (token == Token::end_object) return {};
    return read_members(kind, written);
  }

  Result<void> read_members(Tree::Kind kind, std::uint32_t written) {
    const std::size_t base = er7_.size();
    const std::size_t first_piece = pieces_.size();
    const char separator = separator_below(kind, delimiters_);
    const std::uint32_t before = kind == Tree::Kind::segment ? written : 1;  // fields stand after a separator each
    std::uint32_t last = before;
    bool any = false;
    bool sorted = true;
    for (;;) {
      TRY(const std::uint32_t number, read_number());
      if (kind == Tree::Kind::segment && header_ && number <= 2) {
        TRY_VOID(read_delimiter_field(number));
      } else {
        if (any && number <= last) sorted = false;
        if (separator == 0 && number > 1) return json_.error("the message has no delimiter for this");
        if (sorted) er7_.append(number - last, separator);
        any = true;
        last = number;
        const std::size_t begin = er7_.size();
        if (kind == Tree::Kind::segment) {
          TRY_VOID(read_field());
        } else {
          TRY_VOID(read_value(kind == Tree::Kind::repetition ? Tree::Kind::component : Tree::Kind::subcomponent));
        }
        pieces_.push_back({number, begin, er7_.size() - begin});
      }
      TRY(const Token token, json_.next());
      if (token == Token::end_object) break;
    }
    if (!sorted) TRY_VOID(sort_pieces(first_piece, base, before, separator));
    pieces_.resize(first_piece);
    return {};
  }

  Result<void> sort_pieces(std::size_t first, std::size_t base, std::uint32_t last, char separator) {
    const auto begin = pieces_.begin() + static_cast<std::ptrdiff_t>(first);
    std::sort(begin, pieces_.end(), [](const Piece& a, const Piece& b) { return a.number < b.number; });
    std::string sorted;
    for (auto piece = begin; piece != pieces_.end(); ++piece) {
      if (piece != begin && piece->number == last) return json_.error("expected each number once");
      sorted.append(piece->number - last, separator);
      sorted.append(er7_, piece->begin, piece->size);
      last = piece->number;
    }
    er7_.resize(base);
    er7_ += sorted;
    return {};
  }

  /// The key just read.
  Result<std::uint32_t> read_number() {
    const std::string_view key = json_.text();
    std::uint32_t number = 0;
    const auto read = std::from_chars(key.data(), key.data() + key.size(), number);
    const bool whole = read.ec == std::errc() && read.ptr == key.data() + key.size() && !key.empty() && key[0] != '0';
    if (!whole || number > kMostPart) return json_.error("expected a number from 1 on, in quotes");
    return number;
  }

  /// MSH-1 and MSH-2 again, or BHS-2: as they stand, without escapes.
  Result<void> read_delimiter_field(std::uint32_t number) {
    TRY_VOID(json_.expect(Token::string, "delimiters, a string"));
    if (number == 1) {
      if (json_.text() != std::string_view(&delimiters_.field, 1)) return json_.error("expected the message's field separator");
      return {};
    }
    if (tree_.empty()) {
      if (json_.text() != std::string_view(given_).substr(1)) return json_.error("expected what `delimiters` says");
      return {};
    }
    const std::string_view text = json_.text();
    if (encoding_ || text.find(delimiters_.field) != std::string_view::npos || text.find_first_of("\r\n") != text.npos) {
      return json_.error("expected delimiters, once");
    }
    encoding_ = text;
    return {};
  }

  Result<void> read_field() {
    TRY(const Token token, json_.next());
    if (token != Token::array) return finish_value(token, Tree::Kind::repetition);
    for (bool first = true;; first = false) {
      TRY(const Token each, json_.next());
      if (each == Token::end_array) return {};
      if (!first) {
        if (delimiters_.repetition == 0) return json_.error("the message has no delimiter for repetitions");
        er7_ += delimiters_.repetition;
      }
      TRY_VOID(finish_value(each, Tree::Kind::repetition));
    }
  }

  Result<void> read_value(Tree::Kind kind) {
    TRY(const Token token, json_.next());
    return finish_value(token, kind);
  }

  Result<void> finish_value(Token token, Tree::Kind kind) {
    switch (token) {
      case Token::null: er7_ += "\"\""; return {};
      case Token::string:
        if (!encode(json_.text(), delimiters_, er7_)) return json_.error("a delimiter in a value, and no escape character");
        return {};
      case Token::object: return read_object(kind);
      case Token::array:
      case Token::end_array:
      case Token::end_object:
      case Token::key:
      case Token::number:
      case Token::truth:
      case Token::end: break;
    }
    return json_.error(kind == Tree::Kind::repetition
                           ? "expected a string, null, an object of components or an array of repetitions"
                           : "expected a string, null or an object");
  }

  Result<void> read_object(Tree::Kind kind) {
    TRY(const Token token, json_.next());
    if (token == Token::end_object) return {};
    if (json_.text() == "escaped") return read_escaped();
    if (kind == Tree::Kind::subcomponent) return json_.error("expected no level below subcomponents");
    return read_members(kind, 0);
  }

  Result<void> read_escaped() {
    TRY_VOID(json_.expect(Token::string, "a value as pipes have it, a string"));
    for (const char c : json_.text()) {
      const bool splits =
          c == delimiters_.field || c == delimiters_.repetition || c == delimiters_.component || c == delimiters_.subcomponent;
      if ((splits && c != 0) || c == '\r' || c == '\n') return json_.error("expected no delimiter but the escape character");
    }
    er7_ += json_.text();
    return json_.expect(Token::end_object, "nothing else beside `escaped`");
  }

  static constexpr std::size_t kKeep = std::size_t{1} << 20U;  // a buffer of more is given back

  std::string_view document_;
  JsonText json_;
  Tree& tree_;
  const ReadLimits& limits_;
  std::vector<std::string> seen_;
  std::string given_ = "|^~\\&";
  std::size_t delimiters_at_ = 0;
  Delimiters delimiters_;
  std::string er7_;
  bool header_ = false;
  std::optional<std::string> encoding_;  // a later header's second field
  std::size_t segments_ = 0;
  std::vector<Piece> pieces_;
};

}  // namespace

Result<void> read_json(std::string_view document, Tree& tree, const ReadLimits& limits) {
  tree.clear();
  if (document.size() > limits.bytes) {
    return fail(ErrorCode::invalid, fmt::format("the document has more than {} bytes", limits.bytes));
  }
  auto read = Reader(document, tree, limits).run();
  if (!read) tree.clear();
  return read;
}

std::vector<std::string_view> split_json(std::string_view text) {
  std::vector<std::string_view> documents;
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool array = first != std::string_view::npos && text[first] == '[';
  std::size_t begin = std::string_view::npos;  // of the document at hand
  const auto end_at = [&](std::size_t end) {
    if (begin != std::string_view::npos) documents.push_back(text.substr(begin, end - begin));
    begin = std::string_view::npos;
  };
  for (std::size_t at = array ? first + 1 : 0, level = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (level == 0 && (blank || (array && (c == ',' || c == ']')))) {
      end_at(at);
      continue;
    }
    if (begin == std::string_view::npos) begin = at;
    if (c == '"') {
      for (++at; at < text.size() && text[at] != '"'; ++at) at += text[at] == '\\' ? 1U : 0U;
    } else if (c == '{' || c == '[') {
      ++level;
    } else if ((c == '}' || c == ']') && level > 0) {
      if (--level == 0) end_at(at + 1);
    }
  }
  end_at(text.size());
  return documents;
}

}  // namespace smarthl7::hl7
