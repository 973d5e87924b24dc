// SPDX-License-Identifier: Apache-2.0
// The offers of one completion. Internal to completion*.cc, which share the work by place: words and names, options, paths and
// codes. Lives on the stack of one request; refers to its view; one thread; nothing fails.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/lsp/json.h"
#include "compiler/lsp/scene.h"
#include "compiler/lsp/view.h"
#include "compiler/syntax/words.h"

namespace smarthl7::lsp {

/// CompletionItemKind of LSP 3.17.
enum class Offer : std::uint8_t {
  text = 1,
  function = 3,
  field = 5,
  variable = 6,
  struct_ = 22,
  class_ = 7,
  interface = 8,
  module = 9,
  property = 10,
  unit = 11,
  value = 12,
  enum_member = 20,
  keyword = 14,
  snippet = 15,
  file = 17,
  event = 23,
  type_parameter = 25,
};

class Completer {
 public:
  Completer(const View& view, std::uint32_t offset);

  json::value run();

 private:
  struct Item {
    std::string_view label;
    Offer kind = Offer::text;
    std::string detail{};         // beside the label
    std::string documentation{};  // Markdown
    std::string insert{};         // if not the label
    bool snippet = false;
    std::string filter{};  // what the client matches, if not the label
    std::string sort{};
  };
  void add(Item item);
  void words(syntax::Words words, std::string_view detail = {});
  void names(std::initializer_list<syntax::DeclKind> kinds);

  // completion.cc
  void top_level();
  void inside();
  void flow_item();
  void mapping_item();
  void message_item();
  void test_item();
  void declaration_head();
  void after_else();
  bool common_place();
  void message_type();

  // completion_blocks.cc
  void alert_item();
  void redaction_item();
  void columns();

  // completion_options.cc
  void options();
  void option_values(const connectors::OptionSpec& spec, bool connected);
  [[nodiscard]] std::vector<const connectors::OptionSpec*> option_specs() const;
  [[nodiscard]] std::string option_prefix() const;

  // completion_values.cc
  void expression();
  void path(const PartialPath& partial);
  void nodes(std::string_view group);
  void fields(std::string_view segment, bool by_name);
  void components(const check::PartInfo& above);
  void in_string();
  void codes(std::string_view path);
  void files(std::string_view extension);
  bool after_operator();

  const View& view_;
  std::uint32_t offset_;
  Scene scene_;
  std::string_view word_;                 // the path or name that is being written
  std::uint32_t replace_ = 0;             // what is replaced begins here
  std::vector<std::string_view> before_;  // the item's words before it
  json::array items_;
};

}  // namespace smarthl7::lsp
