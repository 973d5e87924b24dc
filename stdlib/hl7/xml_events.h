// SPDX-License-Identifier: Apache-2.0
// The events of an XML document from libxml2, which only this folder knows: no document type, no entities but XML's five, no
// network, nothing built in memory. Names come without prefix, texts as UTF-8. Internal to this folder.
// The sink outlives the call. Any thread. Errors name line and column and hold nothing of the document.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "stdlib/base/result.h"

namespace smarthl7::hl7 {

class XmlAttributes {
 public:
  XmlAttributes(const unsigned char* const* raw, int count) : raw_(raw), count_(count) {}
  [[nodiscard]] std::optional<std::string_view> value(std::string_view name) const;

 private:
  const unsigned char* const* raw_;
  int count_;
};

struct XmlPlace {
  int line = 0, column = 0;
};

/// False from a call: stop; problem() says why.
class XmlSink {
 public:
  virtual ~XmlSink() = default;
  virtual bool start(std::string_view name, std::string_view ns, const XmlAttributes& attributes, XmlPlace place) = 0;
  virtual bool end() = 0;
  /// Also in pieces.
  virtual bool text(std::string_view text) = 0;
  [[nodiscard]] virtual std::string problem() const = 0;
};

[[nodiscard]] Result<void> read_xml_events(std::string_view document, std::size_t largest, XmlSink& sink);

}  // namespace smarthl7::hl7
