// SPDX-License-Identifier: Apache-2.0
// parse: reads messages in any encoding, also wrapped in a document, and shows or converts them.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include "runtime/app/commands/commands.h"
#include "runtime/app/commands/message_picture.h"
#include "runtime/app/commands/write_file.h"
#include "stdlib/hl7/batch.h"
#include "stdlib/hl7/encoding.h"
#include "stdlib/hl7/envelope.h"

namespace smarthl7::app {
namespace {

int usage(std::string_view what) {
  std::cerr << "smarthl7: " << what << "\nhelp: smarthl7 parse --help\n";
  return kUsage;
}

/// One `parse`: what was asked, what was found so far.
class Parse {
 public:
  explicit Parse(const ParseOptions& options) : options_(options) {}

  int run() {
    if (const int wrong = read_options(); wrong != kFine) return wrong;
    std::string document;
    if (!read_input(document)) {
      std::cerr << "smarthl7: cannot read `" << options_.file << "`\n";
      return kEnvironment;
    }
    std::string buffer;
    std::string_view text = document;
    if (envelope_) {
      const auto inside = hl7::unwrap(document, *envelope_, buffer);
      if (!inside) {
        complain(0, inside.error().text);
        return kFindings;
      }
      text = *inside;
    }
    if (!read_all(text)) return code_;
    if (options_.message > 0 && count_ < options_.message) {
      std::cerr << fmt::format("smarthl7: {} has {} message{}\n", options_.file, count_, count_ == 1 ? "" : "s");
      return kFindings;
    }
    return code_;
  }

 private:
  int read_options() {
    if (options_.as != "tree") {
      encoding_ = hl7::find_encoding(options_.as == "er7" ? "pipes" : options_.as);
    }
    hl7::Encoder::Options how;
    if (!options_.charset.empty()) {
      const auto charset = hl7::find_charset(options_.charset);
      if (!charset || !hl7::is_available(*charset)) return usage("--charset takes a name of table 0211, as 8859/1");
      how.configured = *charset;
    }
    how.xml.indent = !options_.compact;
    how.json.indent = !options_.compact;
    encoder_.emplace(how);
    for (const auto& [text, envelope] : {std::pair{&options_.envelope, &envelope_}, std::pair{&options_.wrap, &wrap_}}) {
      if (text->empty()) continue;
      auto read = hl7::parse_envelope(*text);
      if (!read) return usage(read.error().text + ", not `" + *text + "`");
      read->base64 = options_.base64;
      read->cdata = options_.cdata;
      *envelope = std::move(*read);
    }
    if (wrap_ && !encoding_) return usage("--wrap needs --as er7, xml or json");
    if (options_.base64 && !envelope_ && !wrap_) return usage("--base64 belongs to --envelope or --wrap");
    return kFine;
  }

  bool read_input(std::string& document) const {
    if (options_.file == "-") {
      document.assign(std::istreambuf_iterator<char>(std::cin), {});
      return true;
    }
    std::error_code error;
    if (std::filesystem::is_directory(options_.file, error)) return false;
    std::ifstream in(options_.file, std::ios::binary);
    if (!in) return false;
    document.assign(std::istreambuf_iterator<char>(in), {});
    return true;
  }

  /// False: stop at once.
  bool read_all(std::string_view text) {
    switch (const hl7::Encoding encoding = hl7::encoding_of(text)) {
      case hl7::Encoding::pipes: return read_pipes(text);
      case hl7::Encoding::xml: return one([&] { return encoder_->read(text, encoding, tree_); });
      case hl7::Encoding::json:
        for (const std::string_view each : hl7::split_json(text)) {
          if (!one([&] { return encoder_->read(each, encoding, tree_); })) return false;
        }
        return true;
    }
    return true;
  }

  bool read_pipes(std::string_view text) {
    const bool unicode = envelope_ && !envelope_->base64;
    hl7::BatchReader reader(text);
    hl7::BatchItem item;
    while (reader.next(item) == hl7::BatchReader::Step::message) {
      const auto read = [&] {
        return unicode ? encoder_->read_unicode(item.bytes, tree_) : encoder_->read(item.bytes, hl7::Encoding::pipes, tree_);
      };
      if (!one(read)) return false;
    }
    for (const hl7::BatchFinding& finding : reader.findings()) {
      const std::string place = hl7::describe(finding.place);
      std::cerr << options_.file << ": " << place << (place.empty() ? "" : ": ") << finding.text << "\n";
      code_ = kFindings;
    }
    return true;
  }

  template <class Read>
  bool one(const Read& read) {
    ++count_;
    if (options_.message > 0 && count_ != options_.message) return true;
    const auto done = read();
    if (!done) {
      complain(count_, done.error().text);
      return true;
    }
    out_.clear();
    if (!encoding_) {
      if (shown_ > 0) out_ += '\n';
      draw_message(tree_, terminal_, out_);
    } else if (const auto written = encoder_->write(tree_, *encoding_, out_); !written) {
      complain(count_, written.error().text);
      return true;
    }
    return show();
  }

  bool show() {
    if (wrap_) {
      std::string document;
      if (const auto wrapped = hl7::wrap(out_, *wrap_, document); !wrapped) {
        complain(count_, wrapped.error().text);
        return true;
      }
      out_ = std::move(document);
    }
    const bool pipes = encoding_ == hl7::Encoding::pipes && !wrap_;
    if (!pipes && !out_.ends_with('\n')) out_ += '\n';
    if (!options_.out.empty()) return write_one(pipes);
    const bool one_only = !wrap_ ? encoding_ == hl7::Encoding::xml : wrap_->kind == hl7::Envelope::Kind::xml;
    if (one_only && shown_ > 0) {
      std::cerr << "smarthl7: more messages follow, and one XML document holds one message\n"
                   "help: pick one with --message N, or write a file for each with --out FOLDER\n";
      code_ = kUsage;
      return false;
    }
    ++shown_;
    if (pipes && terminal_) std::replace(out_.begin(), out_.end(), '\r', '\n');
    std::cout << out_ << std::flush;
    return true;
  }

  bool write_one(bool pipes) {
    std::error_code error;
    std::filesystem::create_directories(options_.out, error);
    const std::string_view ending = !encoding_ ? "txt"
                                    : wrap_    ? (wrap_->kind == hl7::Envelope::Kind::json ? "json" : "xml")
                                    : pipes    ? "hl7"
                                               : hl7::name_of(*encoding_);
    const std::string path = fmt::format("{}/{:06}.{}", options_.out, count_, ending);
    if (const auto written = write_file(path, out_); !written) {
      std::cerr << "smarthl7: " << written.error().describe() << "\n";
      code_ = kEnvironment;
      return false;
    }
    ++shown_;
    return true;
  }

  void complain(std::uint64_t number, std::string_view what) {
    std::cerr << options_.file << ": ";
    if (number > 0) std::cerr << "message " << number << ": ";
    std::cerr << what << "\n";
    if (what.find("character set (MSH-18)") != std::string_view::npos && what.find("bytes") != std::string_view::npos) {
      std::cerr << "help: where MSH-18 is silent, --charset says what the bytes are, as --charset 8859/1\n";
    }
    code_ = kFindings;
  }

  const ParseOptions& options_;
  const bool terminal_ = ::isatty(STDOUT_FILENO) != 0 && options_.out.empty();
  std::optional<hl7::Encoding> encoding_;  // none: the picture
  std::optional<hl7::Envelope> envelope_, wrap_;
  std::optional<hl7::Encoder> encoder_;
  hl7::Tree tree_;
  std::string out_;
  std::uint64_t count_ = 0;  // messages read
  std::uint64_t shown_ = 0;
  int code_ = kFine;
};

}  // namespace

int parse(const ParseOptions& options) { return Parse(options).run(); }

}  // namespace smarthl7::app
