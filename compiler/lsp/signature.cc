// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "compiler/lsp/features.h"
#include "compiler/lsp/lexical.h"
#include "stdlib/builtins/all.h"

namespace smarthl7::lsp {

json::value signature_help(const View& view, std::uint32_t offset) {
  const Spot spot = spot_at(view.text(), offset);
  if (spot.comment) return nullptr;
  const OpenCall call = open_call(view.text(), spot.item, spot.string ? spot.string_begin : offset);
  const builtins::Function* function = builtins::find_function(call.name);
  if (function == nullptr) return nullptr;
  const std::string label = signature(*function);
  json::array parameters;
  std::size_t from = label.find('(') + 1;
  for (std::size_t i = 0; i < function->parameters.size(); ++i) {
    // Each parameter as it stands in the signature, by its place.
    const std::size_t begin = label.find(function->parameters[i].name, from);
    const std::size_t end = std::min(label.find(i + 1 < function->parameters.size() ? ", " : ") ->", begin), label.size());
    parameters.push_back(json::object{{"label", json::array{begin, end}}});
    from = end;
  }
  const std::size_t last = function->parameters.empty() ? 0 : function->parameters.size() - 1;
  json::object signature{{"label", to_json(label)},
                         {"documentation", markdown(function_text(function->name))},
                         {"parameters", std::move(parameters)}};
  return json::object{{"signatures", json::array{std::move(signature)}},
                      {"activeSignature", 0},
                      {"activeParameter", std::min<std::size_t>(call.argument, last)}};
}

}  // namespace smarthl7::lsp
