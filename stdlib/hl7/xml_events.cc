// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/xml_events.h"

#include <fmt/format.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <limits>
#include <memory>
#include <new>

namespace smarthl7::hl7 {
namespace {

[[nodiscard]] std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

struct Run {
  XmlSink& sink;
  xmlParserCtxtPtr parser = nullptr;
  bool stopped = false;
  std::string problem = {};
  XmlPlace place = {};  // where it stopped

  [[nodiscard]] XmlPlace here() const { return {xmlSAX2GetLineNumber(parser), xmlSAX2GetColumnNumber(parser)}; }
  void stop(std::string why) {
    stopped = true;
    problem = std::move(why);
    place = here();
    xmlStopParser(parser);
  }
  template <class Call>
  void call(Call&& what) {
    if (stopped) return;
    try {
      if (!what()) stop(sink.problem());
    } catch (const std::bad_alloc&) {
      stop("there is not enough memory");
    }
  }
};

void on_start(void* data, const xmlChar* name, const xmlChar*, const xmlChar* uri, int, const xmlChar**, int count, int,
              const xmlChar** attributes) {
  Run& run = *static_cast<Run*>(data);
  run.call([&] { return run.sink.start(view(name), view(uri), {attributes, count}, run.here()); });
}

void on_end(void* data, const xmlChar*, const xmlChar*, const xmlChar*) {
  Run& run = *static_cast<Run*>(data);
  run.call([&] { return run.sink.end(); });
}

void on_text(void* data, const xmlChar* text, int size) {
  Run& run = *static_cast<Run*>(data);
  run.call([&] { return run.sink.text({reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)}); });
}

void on_document_type(void* data, const xmlChar*, const xmlChar*, const xmlChar*) {
  Run& run = *static_cast<Run*>(data);
  if (!run.stopped) run.stop("expected no document type: entities are not read");
}

void on_error(void*, const char*, ...) {}  // NOLINT(cert-dcl50-cpp): libxml2's texts may quote the document
void on_structured_error(void*, xmlErrorPtr) {}

struct FreeParser {
  void operator()(xmlParserCtxtPtr parser) const { xmlFreeParserCtxt(parser); }
};

[[nodiscard]] xmlSAXHandler events() {
  xmlSAXHandler handler{};
  handler.initialized = XML_SAX2_MAGIC;
  handler.startElementNs = on_start;
  handler.endElementNs = on_end;
  handler.characters = on_text;
  handler.ignorableWhitespace = on_text;
  handler.cdataBlock = on_text;
  handler.internalSubset = on_document_type;
  handler.error = on_error;
  handler.warning = on_error;
  handler.serror = on_structured_error;
  return handler;
}

/// Its own words for the most common; libxml2's number for the rest, since its texts may quote the document.
[[nodiscard]] std::string complaint(int code) {
  switch (code) {
    case XML_ERR_DOCUMENT_EMPTY: return "expected an XML document";
    case XML_ERR_DOCUMENT_END: return "expected nothing after the document, or more of it";
    case XML_ERR_TAG_NAME_MISMATCH: return "expected the end tag of the element that is open";
    case XML_ERR_TAG_NOT_FINISHED: return "expected the end tag of the element that is open";
    case XML_ERR_INVALID_CHAR: return "a character that XML does not allow";
    case XML_ERR_INVALID_ENCODING:
    case XML_ERR_UNKNOWN_ENCODING:
    case XML_ERR_UNSUPPORTED_ENCODING: return "bytes that are not in the encoding of the document";
    case XML_ERR_UNDECLARED_ENTITY:
    case XML_WAR_UNDECLARED_ENTITY: return "expected none but the five entities of XML";
    default: return fmt::format("expected well-formed XML (libxml2: {})", code);
  }
}

}  // namespace

std::optional<std::string_view> XmlAttributes::value(std::string_view name) const {
  for (int n = 0; n < count_; ++n) {
    const unsigned char* const* attribute = raw_ + std::ptrdiff_t{5} * n;  // name, prefix, namespace, value, its end
    if (view(attribute[0]) != name) continue;
    return std::string_view(reinterpret_cast<const char*>(attribute[3]), static_cast<std::size_t>(attribute[4] - attribute[3]));
  }
  return std::nullopt;
}

Result<void> read_xml_events(std::string_view document, std::size_t largest, XmlSink& sink) {
  static const bool ready = [] {
    xmlInitParser();
    return true;
  }();
  static_cast<void>(ready);
  if (document.size() > largest || document.size() > std::numeric_limits<int>::max()) {
    return fail(ErrorCode::invalid, fmt::format("the document has more than {} bytes", largest));
  }
  if (document.empty()) return fail(ErrorCode::invalid, "expected an XML document");
  const std::unique_ptr<xmlParserCtxt, FreeParser> parser(
      xmlCreateMemoryParserCtxt(document.data(), static_cast<int>(document.size())));
  if (!parser) return fail(ErrorCode::invalid, "there is not enough memory");
  Run run{.sink = sink, .parser = parser.get()};
  *parser->sax = events();
  parser->userData = &run;
  xmlCtxtUseOptions(parser.get(), XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  parser->sax->serror = on_structured_error;
  xmlParseDocument(parser.get());
  if (run.stopped) {
    return fail(ErrorCode::invalid, fmt::format("line {}, column {}: {}", run.place.line, run.place.column, run.problem));
  }
  if (parser->wellFormed == 0) {
    const int code = parser->errNo;
    return fail(ErrorCode::invalid,
                fmt::format("line {}, column {}: {}", parser->lastError.line, parser->lastError.int2, complaint(code)));
  }
  return {};
}

}  // namespace smarthl7::hl7
