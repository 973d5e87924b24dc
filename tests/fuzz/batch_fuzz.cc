// SPDX-License-Identifier: Apache-2.0
// Any bytes as a batch file: pieces of any size give what the whole gives, every message lies in the input where it says, and
// what is collected again reads back.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "stdlib/hl7/batch.h"
#include "stdlib/hl7/batch_writer.h"

namespace {

using namespace smarthl7;
using hl7::BatchReader;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Read {
  std::vector<std::string> messages;
  std::vector<hl7::BatchPlace> places;
  std::vector<hl7::BatchFinding> findings;
  friend bool operator==(const Read&, const Read&) = default;
};

void drain(BatchReader& reader, Read& read, BatchReader::Step until) {
  hl7::BatchItem item;
  BatchReader::Step step{};
  while ((step = reader.next(item)) == BatchReader::Step::message) {
    read.messages.emplace_back(item.bytes);
    read.places.push_back(item.place);
    require(reader.file_header().field(3).size() <= reader.file_header().raw().size());
    require(reader.batch_header().field(11).size() <= reader.batch_header().raw().size());
  }
  require(step == until);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = 1 + data[0] % 31U;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  Read whole;
  BatchReader reader(bytes);
  drain(reader, whole, BatchReader::Step::end);
  whole.findings = reader.findings();
  for (std::size_t n = 0; n < whole.messages.size(); ++n) {
    require(bytes.substr(whole.places[n].offset).starts_with(whole.messages[n]));
    require(whole.messages[n].starts_with("MSH") && whole.places[n].number == n + 1);
  }

  Read pieces;
  BatchReader fed;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    fed.feed(bytes.substr(at, piece));
    drain(fed, pieces, BatchReader::Step::need_more);
  }
  fed.finish();
  drain(fed, pieces, BatchReader::Step::end);
  pieces.findings = fed.findings();
  require(pieces == whole);

  std::string out;
  hl7::BatchWriter writer(out);
  writer.begin_file({.name = "all"});
  writer.begin_batch({.control_id = "1"});
  std::size_t added = 0;
  for (const std::string& message : whole.messages) added += writer.add(message) ? 1U : 0U;
  writer.end_batch();
  writer.end_file();
  require(added == whole.messages.size());
  BatchReader again(out);
  Read collected;
  drain(again, collected, BatchReader::Step::end);
  require(collected.messages.size() == added);
  require(again.finding_count() == (added == 0 ? 2U : 0U));
  return 0;
}
