// SPDX-License-Identifier: Apache-2.0
// Any bytes as the client's stream, and any edits of a document with all requests at any place: the server answers, its text
// stays the client's text, and positions survive a round trip.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/lsp/frames.h"
#include "compiler/lsp/json.h"
#include "compiler/lsp/server.h"
#include "compiler/lsp/text.h"
#include "stdlib/base/assert.h"

namespace {

using namespace smarthl7;
using namespace smarthl7::lsp;

constexpr std::string_view kText =
    "language 1\nuse std.retry\nsource a = mllp { listen \"0.0.0.0:2575\"  insecure because \"x\" }\n"
    "destination b = mllp { connect \"h:1\"  insecure because \"x\" }\n"
    "message m = hl7 2.5.1 ORU_R01 {\n  one PATIENT_RESULT\n  OBX-11 in \"F\"\n}\n"
    "mapping n : m {\n  each PID-3 { .1 = upper(.1) else keep }\n}\nflow f {\n  from a\n  validate m else reject AE\n  map n\n"
    "  route PV1-3.4.1 { \"M\" -> b  otherwise -> dead \"\xF0\x9F\x98\x80 {PID-8}\" }\n}\ntest \"t\" { send \"x\" to a }\n";

constexpr std::string_view kMethods[] = {
    "hover",         "completion",   "signatureHelp",  "definition",          "references",           "documentHighlight",
    "prepareRename", "rename",       "documentSymbol", "formatting",          "codeAction",           "inlayHint",
    "foldingRange",  "documentLink", "codeLens",       "semanticTokens/full", "semanticTokens/range", "rangeFormatting",
    "diagnostic"};

/// Takes bytes from the front.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  [[nodiscard]] bool empty() const { return size_ == 0; }
  std::uint32_t number(std::uint32_t below) {
    std::uint32_t value = 0;
    for (int i = 0; i < 2 && size_ > 0; ++i, ++data_, --size_) value = value * 256 + *data_;
    return value % below;
  }
  std::string text() {
    const std::size_t length = std::min<std::size_t>(number(24), size_);
    std::string text(reinterpret_cast<const char*>(data_), length);
    data_ += length;
    size_ -= length;
    return text;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

void stream(const std::uint8_t* data, std::size_t size) {
  Host host;
  host.send = [](std::string_view message) {
    boost::system::error_code error;
    (void)json::parse({message.data(), message.size()}, error);
    SMARTHL7_ASSERT(!error, "what is sent is JSON");
  };
  Server server(std::move(host));
  FrameReader reader;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (std::size_t at = 0; at < bytes.size(); at += 7) {
    reader.feed(bytes.substr(at, 7));
    while (auto message = reader.next()) server.handle({*message});
  }
  server.handle({std::string(bytes)});
  if (server.dirty()) server.check();
}

void edits(Bytes bytes) {
  Host host;
  host.send = [](std::string_view) {};
  Server server(std::move(host));
  server.handle({R"({"id":1,"method":"initialize","params":{"capabilities":{}}})", R"({"method":"initialized"})"});
  json::object document{{"uri", "untitled:a"}, {"version", 1}, {"text", std::string(kText)}};
  server.handle({json::serialize(
      json::object{{"method", "textDocument/didOpen"}, {"params", json::object{{"textDocument", document}}}})});
  std::string mirror(kText);
  for (int round = 0; round < 6 && !bytes.empty(); ++round) {
    const Lines lines(mirror);
    const Range range{{bytes.number(lines.count() + 1), bytes.number(60)}, {bytes.number(lines.count() + 1), bytes.number(60)}};
    const std::uint32_t at = lines.offset(range.start, Encoding::utf16);
    SMARTHL7_ASSERT(lines.offset(lines.position(at, Encoding::utf16), Encoding::utf16) == at, "a position leads back");
    // The protocol's texts are UTF-8; what is none arrives as the JSON library writes it.
    std::string text = bytes.text();
    std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    apply_edit(mirror, range, text, Encoding::utf16);
    json::object change{{"range", to_json(range)}, {"text", text}};
    json::object params{{"textDocument", json::object{{"uri", "untitled:a"}, {"version", round + 2}}},
                        {"contentChanges", json::array{change}}};
    server.handle({json::serialize(json::object{{"method", "textDocument/didChange"}, {"params", params}})});
    const Lines now(mirror);
    const Position place = now.position(bytes.number(static_cast<std::uint32_t>(mirror.size()) + 1), Encoding::utf16);
    for (const std::string_view method : kMethods) {
      json::object ask{
          {"textDocument", json::object{{"uri", "untitled:a"}}},
          {"position", to_json(place)},
          {"range", to_json(Range{place, now.position(static_cast<std::uint32_t>(mirror.size()), Encoding::utf16)})},
          {"context", json::object{{"includeDeclaration", true}}},
          {"newName", "renamed"}};
      server.handle(
          {json::serialize(json::object{{"id", 2}, {"method", "textDocument/" + std::string(method)}, {"params", ask}})});
    }
  }
  server.check();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  if (data[0] % 2 == 0) {
    stream(data + 1, size - 1);
  } else {
    edits(Bytes(data + 1, size - 1));
  }
  return 0;
}
