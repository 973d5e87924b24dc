// SPDX-License-Identifier: Apache-2.0
#include "compiler/syntax/parser.h"

#include <algorithm>
#include <utility>

#include "compiler/syntax/grammar.h"
#include "compiler/syntax/lower.h"

namespace smarthl7::syntax {

ParsedFile parse(const source::SourceFile& file, diag::Sink& sink, NodeId first_id) {
  ParsedFile result;
  result.source = &file;
  result.first_id = first_id;
  result.end_id = first_id;
  result.arena = std::make_shared<std::pmr::monotonic_buffer_resource>(std::max<std::size_t>(file.size(), 1024));
  if (const auto bad = file.first_invalid()) {
    sink.report(diag::Code::E0107, {file.id(), *bad, *bad + 1}, "this byte is not UTF-8", "save the file as UTF-8");
    result.has_errors = true;
    return result;
  }
  const std::string_view bytes = file.bytes();
  State state{file, sink, bytes.data(), bytes.data() + bytes.size(), {}, {}, {}, 0, 0, 0, false, nullptr, false};
  state.nodes.reserve(bytes.size() / 4 + 16);
  grammar::Input input(state.start, state.stop, file.path().c_str());
  grammar::match_file(input, state, &grammar::match_declaration);
  Lowering lowering(state, *result.arena, first_id);
  result.declarations = lowering.file();
  result.end_id = lowering.next_id();
  result.comments = std::move(state.comments);
  result.has_errors = state.failed;
  return result;
}

}  // namespace smarthl7::syntax
