// SPDX-License-Identifier: Apache-2.0
// read_xml: the document's events put together as ER7 segments, one at a time.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "stdlib/hl7/tree_text.h"
#include "stdlib/hl7/xml.h"
#include "stdlib/hl7/xml_events.h"

namespace smarthl7::hl7 {
namespace {

// What a number in an element's name may be: also bounds how many separators one element can ask for.
constexpr std::uint32_t kMostField = 9999;
constexpr std::uint32_t kMostPart = 9999;

[[nodiscard]] bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

/// Element by element, in document order. False from any call: stop, error() says why.
class Reader : public XmlSink {
 public:
  Reader(Tree& tree, const ReadLimits& limits) : tree_(tree), limits_(limits) {}

  [[nodiscard]] std::string problem() const override { return where() + problem_; }

  bool start(std::string_view name, std::string_view ns, const XmlAttributes& attributes, XmlPlace /*place*/) override {
    if (name == "escape") {
      const auto body = attributes.value("V");
      return body ? start_escape(*body) : stop("expected an attribute V");
    }
    if (!ns.empty() && ns != kXmlNamespace) return stop("expected elements of the namespace urn:hl7-org:v2xml");
    if (frames_.size() >= limits_.depth) return stop("elements are nested too deep");
    if (frames_.empty()) return start_root(name);
    Frame& parent = frames_.back();
    if (parent.level == Level::escape) return stop("expected nothing inside an escape element");
    if (!leave_text(parent)) return false;
    if (parent.level == Level::group) return name.find('.') == std::string_view::npos ? start_segment(name) : start_group(name);
    return start_part(name);
  }

  bool text(std::string_view text) override {
    if (frames_.empty()) return true;
    Frame& frame = frames_.back();
    if (frame.level == Level::group || frame.level == Level::segment || frame.elements || frame.level == Level::escape) {
      return is_blank(text) || stop("expected elements here, not text");
    }
    if (is_delimiter_field()) {
      delimiter_text_ += text;
      return true;
    }
    if (!frame.text) {  // blanks may turn out to be indentation
      if (is_blank(text) && pending_.size() < 4096) {
        pending_ += text;
        return true;
      }
      if (!settle_text(frame)) return false;
    }
    return append(text);
  }

  bool end() override {
    Frame& frame = frames_.back();
    switch (frame.level) {
      case Level::group:
        if (frames_.size() > 1) tree_.close_group();
        break;
      case Level::segment:
        if (!end_segment()) return false;
        break;
      case Level::escape: break;
      case Level::field:
        if (is_delimiter_field()) {
          if (!end_delimiter_field()) return false;
          break;
        }
        [[fallthrough]];
      case Level::component:
      case Level::subcomponent:
      case Level::deeper:
        if (!leave_value(frame)) return false;
        break;
    }
    frames_.pop_back();
    return true;
  }

 private:
  enum class Level : std::uint8_t { group, segment, field, component, subcomponent, deeper, escape };
  struct Frame {
    Level level = Level::group;
    std::uint32_t last = 0;  // number of the child element read last
    bool elements = false;   // it has had some
    bool text = false;       // its text is being taken
  };

  [[nodiscard]] bool stop(std::string what) {
    problem_ = std::move(what);
    return false;
  }

  /// "PID.5: " while inside a field.
  [[nodiscard]] std::string where() const {
    for (const Frame& frame : frames_) {
      if (frame.level != Level::segment) continue;
      const std::string_view name = std::string_view(segment_).substr(0, 3);
      return field_ == 0 ? fmt::format("{}: ", name) : fmt::format("{}.{}: ", name, field_);
    }
    return {};
  }

  bool start_escape(std::string_view body) {
    if (frames_.empty() || frames_.back().level < Level::field)
      return stop("expected a segment or field, not an escape element");
    Frame& parent = frames_.back();
    if (parent.elements || parent.level == Level::escape || is_delimiter_field())
      return stop("expected no escape element here");
    if (!settle_text(parent)) return false;
    const char escape = delimiters_.escape;
    if (escape == 0) return stop("the message has no escape character (MSH.2), so it can have no escape elements");
    const bool ends = body.find_first_of(std::string_view("\r\n\x0B\x1C")) != std::string_view::npos;
    if (body.empty() || ends || std::any_of(body.begin(), body.end(), [&](char c) { return delimiters_.has(c); })) {
      return stop("expected in V what stands between two escape characters");
    }
    const std::size_t begin = er7_.size();
    er7_ += escape;
    er7_ += body;
    er7_ += escape;
    // Anything else would come back as characters, not as what the sender meant.
    const EscapeSequence sequence = read_escape(er7_, begin, delimiters_);
    if (sequence.kind == EscapeSequence::Kind::none || sequence.end != er7_.size()) {
      return stop("expected in V an escape sequence of HL7, as .br");
    }
    frames_.push_back({Level::escape});
    return true;
  }

  // ---- groups and segments

  bool start_root(std::string_view name) {
    if (name.find('.') != std::string_view::npos) return stop("expected a message structure as the root element");
    root_ = name;
    tree_.set_structure(name);
    frames_.push_back({Level::group});
    return true;
  }

  bool start_group(std::string_view name) {
    const std::size_t dot = name.find('.');
    if (tree_.empty()) return stop("expected MSH first");
    if (name.substr(0, dot) != root_ || dot + 1 == name.size()) {
      return stop("expected a segment, or a group named after the message structure");
    }
    tree_.open_group(name.substr(dot + 1));
    frames_.push_back({Level::group});
    return true;
  }

  bool start_segment(std::string_view name) {
    if (tree_.empty() && name != "MSH") return stop("expected MSH first");
    if (++segments_ > limits_.segments) return stop("the message has too many segments");
    segment_ = name;
    header_ = is_header(name_key(name));
    er7_ = name;
    field_ = 0;
    written_ = 0;
    encoding_.clear();
    frames_.push_back({Level::segment});
    return true;
  }

  bool end_segment() {
    if (header_ && (field_ > 0 || tree_.empty()) && !finish_header()) return false;
    tree_.add_segment(er7_);
    if (er7_.capacity() > kKeep) er7_ = std::string();
    field_ = 0;
    return true;
  }

  // ---- fields and their parts: what is left out becomes separators

  bool start_part(std::string_view name) {
    Frame& parent = frames_.back();
    const std::size_t dot = name.rfind('.');
    std::uint32_t number = 0;
    const std::string_view digits = dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool numbered = !digits.empty() && read.ec == std::errc() && read.ptr == digits.data() + digits.size() && number > 0;
    if (!numbered || number > (parent.level == Level::segment ? kMostField : kMostPart)) {
      return stop(parent.level == Level::segment ? "expected a field, as PID.3" : "expected a component, as CX.1");
    }
    parent.elements = true;
    if (parent.level == Level::segment) return start_field(name.substr(0, dot), number);
    if (number <= parent.last) return stop("expected the parts of a value once, in order");
    const std::uint32_t before = parent.last == 0 ? 1 : parent.last;
    parent.last = number;
    switch (parent.level) {
      case Level::field: return separate(delimiters_.component, number - before) && push(Level::component);
      case Level::component: return separate(delimiters_.subcomponent, number - before) && push(Level::subcomponent);
      case Level::subcomponent:
      case Level::deeper:
        // ER7 has no level below: a composite there is its first part.
        return number == 1 ? push(Level::deeper)
                           : stop("expected the first part only: pipes have no place below subcomponents");
      case Level::group:
      case Level::segment:
      case Level::escape: break;
    }
    return stop("expected no element here");
  }

  bool start_field(std::string_view owner, std::uint32_t number) {
    if (owner != segment_) return stop("expected a field of the segment around it");
    if (number < field_) return stop("expected the fields in order");
    if (header_ && number > 2 && written_ < 2 && !finish_header()) return false;
    if (header_ && number <= 2) {
      if (number == field_) return stop("expected the delimiters once");
      field_ = number;
      delimiter_text_.clear();
      return push(Level::field);
    }
    if (number == field_) {
      if (!separate(delimiters_.repetition, 1)) return false;
    } else {
      er7_.append(number - written_, delimiters_.field);
      written_ = number;
    }
    field_ = number;
    return push(Level::field);
  }

  bool push(Level level) {
    frames_.push_back({level});
    pending_.clear();
    return true;
  }

  bool separate(char separator, std::uint32_t count) {
    if (count > 0 && separator == 0) return stop("the message has no delimiter for this (MSH.2)");
    er7_.append(count, separator);
    return true;
  }

  // ---- MSH.1 and MSH.2

  [[nodiscard]] bool is_delimiter_field() const {
    return header_ && field_ > 0 && field_ <= 2 && frames_.back().level == Level::field;
  }

  bool end_delimiter_field() {
    if (frames_.back().elements) return stop("expected the delimiters as text");
    if (field_ == 1) {
      const bool first = tree_.empty();
      if (delimiter_text_.size() != 1) return stop("expected one character, the field separator");
      if (!first && delimiter_text_[0] != delimiters_.field) return stop("expected the message's own field separator");
      separator_ = delimiter_text_[0];
    } else {
      encoding_ = delimiter_text_;
    }
    return true;
  }

  /// Writes the first two fields; for MSH, they are how the message is separated from here on.
  bool finish_header() {
    if (written_ >= 2) return true;
    if (encoding_.find_first_of(std::string_view("\r\n")) != std::string::npos) return stop("expected the delimiters");
    if (tree_.empty()) {
      if (separator_ != 0) delimiters_.field = separator_;
      if (field_ == 0) encoding_ = "^~\\&";  // left out altogether: the usual ones
      const std::string probe = std::string("MSH") + delimiters_.field + encoding_ + delimiters_.field + "\r";
      const auto message = Message::parse(std::string_view(probe));
      if (!message || message->segment(0).field(2).raw() != encoding_) return stop("expected delimiters in MSH.1 and MSH.2");
      delimiters_ = message->delimiters();
      tree_.set_delimiters(delimiters_);
    }
    if (encoding_.find(delimiters_.field) != std::string::npos) return stop("expected delimiters without the field separator");
    er7_ += delimiters_.field;
    er7_ += encoding_;
    written_ = 2;
    return true;
  }

  // ---- text

  bool append(std::string_view text) {
    return append_er7(text, delimiters_, er7_) || stop("a delimiter in a value, and no escape character in MSH.2");
  }

  /// The blanks so far belong to the value.
  bool settle_text(Frame& frame) {
    frame.text = true;
    const bool done = pending_.empty() || append(pending_);
    pending_.clear();
    return done;
  }

  /// An element begins inside: what stood before it is indentation.
  bool leave_text(Frame& frame) {
    if (frame.text || is_delimiter_field()) return stop("expected a value or elements, not both");
    pending_.clear();
    frame.elements = true;
    return true;
  }

  /// A value ends. Blanks with a line end are indentation.
  bool leave_value(Frame& frame) {
    if (!frame.elements && !frame.text && !pending_.empty() && pending_.find('\n') == std::string::npos) {
      if (!settle_text(frame)) return false;
    }
    pending_.clear();
    return true;
  }

  static constexpr std::size_t kKeep = std::size_t{1} << 20U;  // buffers of more are given back

  Tree& tree_;
  const ReadLimits& limits_;
  std::vector<Frame> frames_;
  std::string root_, segment_, er7_, pending_, delimiter_text_, encoding_;
  char separator_ = 0;
  bool header_ = false;
  std::uint32_t field_ = 0;    // being read
  std::uint32_t written_ = 0;  // whose separator stands in er7_
  std::size_t segments_ = 0;
  Delimiters delimiters_;
  std::string problem_;
};

}  // namespace

Result<void> read_xml(std::string_view document, Tree& tree, const ReadLimits& limits) {
  tree.clear();
  Reader reader(tree, limits);
  auto read = read_xml_events(document, limits.bytes, reader);
  const bool nothing = tree.empty();
  if (!read || nothing) tree.clear();
  if (!read) return read;
  if (nothing) return fail(ErrorCode::invalid, "expected a message with MSH");
  return finish_reading(tree);
}

}  // namespace smarthl7::hl7
