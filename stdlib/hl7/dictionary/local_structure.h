// SPDX-License-Identifier: Apache-2.0
// A message structure that a site declares, in HL7's abstract message syntax (2.5.1 chapter 2, 2.12): [X] optional, {X}
// repeats, <A|B> a choice, NAME( ... ) a named group; a group without a name is called after its first segment. Its handles
// are those of the dictionary, valid while the LocalStructure lives. Immutable; any thread; a text that is wrong gives a
// Mistake with its place.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "stdlib/hl7/dictionary/dictionary.h"

namespace smarthl7::hl7 {

class LocalStructure {
 public:
  struct Mistake {
    std::size_t offset = 0;  // within the text
    std::size_t size = 0;
    std::string what;     // "HL7 2.5.1 has no segment `OBY`"
    std::string segment;  // the unknown name; empty for other mistakes
  };
  /// A pointer, so that handles stay valid when it is moved about.
  [[nodiscard]] static std::expected<std::shared_ptr<const LocalStructure>, Mistake> parse(Version version,
                                                                                           std::string_view name,
                                                                                           std::string_view text);

  explicit LocalStructure(Version version);
  LocalStructure(const LocalStructure&) = delete;
  LocalStructure& operator=(const LocalStructure&) = delete;
  ~LocalStructure();

  [[nodiscard]] Structure structure() const;

 private:
  friend class LocalStructureParser;
  struct Data;
  Version version_;
  std::unique_ptr<Data> data_;
};

}  // namespace smarthl7::hl7
