// SPDX-License-Identifier: Apache-2.0
// The intake of HTTP gives the same whatever the chunks, never more than is allowed, and what it takes for one request is one:
// the requests that it saw are no longer than the bytes that came. Responses are read the same way. The first bytes choose
// limits and chunk sizes.
#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/transport/https/request.h"
#include "runtime/transport/https/response.h"
#include "runtime/transport/https/url.h"
#include "stdlib/base/assert.h"

namespace {

using smarthl7::transport::https::Answered;
using smarthl7::transport::https::Head;
using smarthl7::transport::https::RequestDecoder;
using smarthl7::transport::https::ResponseReader;

struct Told {
  std::vector<std::string> requests;
  unsigned status = 0;
  friend bool operator==(const Told&, const Told&) = default;
};

template <class Reader>
void feed(Reader& reader, std::string_view& bytes, std::string_view chunks, std::size_t turn) {
  const std::size_t chunk = chunks.empty() ? bytes.size() : 1 + static_cast<unsigned char>(chunks[turn % chunks.size()]);
  const auto room = reader.room();
  SMARTHL7_ASSERT(!room.empty(), "there is always room");
  const std::size_t count = std::min({bytes.size(), chunk, room.size()});
  std::memcpy(room.data(), bytes.data(), count);
  reader.filled(count);
  bytes.remove_prefix(count);
}

Told decode(std::string_view bytes, RequestDecoder::Rules rules, std::string_view chunks, bool in_parts = false) {
  RequestDecoder decoder(rules);
  Told told;
  std::string taken;
  std::size_t all = 0;
  const std::size_t came = bytes.size();
  for (std::size_t turn = 0;; ++turn) {
    const RequestDecoder::Step step = decoder.next();
    if (step == RequestDecoder::Step::bad) {
      told.status = decoder.refusal().status;
      SMARTHL7_ASSERT(told.status >= 400 && told.status < 600, "a refusal without a status");
      break;
    }
    if (step == RequestDecoder::Step::head) {
      const Head& head = decoder.head();
      SMARTHL7_ASSERT(!(head.chunked && head.length), "a body with two ends");
      SMARTHL7_ASSERT(head.count("content-length") < 2 && head.count("transfer-encoding") < 2, "two lengths");
      SMARTHL7_ASSERT(head.path.starts_with('/'), "a path that is none");
      continue;
    }
    if (step == RequestDecoder::Step::request) {
      const std::string body = taken + decoder.take_body();
      taken.clear();
      all += body.size();
      SMARTHL7_ASSERT(body.size() <= rules.largest_body, "a body is larger than allowed");
      SMARTHL7_ASSERT(!decoder.head().length || *decoder.head().length == body.size(), "a body of another length");
      told.requests.push_back(decoder.head().method + " " + decoder.head().path + "\n" + body);
      continue;
    }
    if (in_parts) taken += decoder.take_part();
    if (bytes.empty()) break;
    feed(decoder, bytes, chunks, turn);
  }
  SMARTHL7_ASSERT(all <= came, "more came out than went in");
  return told;
}

std::string answer(std::string_view bytes, std::string_view chunks) {
  ResponseReader reader;
  ResponseReader::Step step = reader.next();
  for (std::size_t turn = 0; step == ResponseReader::Step::need_more && !bytes.empty(); ++turn) {
    feed(reader, bytes, chunks, turn);
    step = reader.next();
  }
  if (step == ResponseReader::Step::need_more) step = reader.finish();
  if (step != ResponseReader::Step::response) return "none";
  const Answered answered = reader.take();
  return std::to_string(answered.status) + answered.content_type + answered.retry_after + answered.body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 6) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  RequestDecoder::Rules rules;
  if (data[0] % 4 == 0) rules = {.largest_head = 256, .largest_body = data[1]};
  const std::string_view chunks = input.substr(2, 4);
  const std::string_view bytes = input.substr(6);
  const Told whole = decode(bytes, rules, {});
  SMARTHL7_ASSERT(decode(bytes, rules, chunks) == whole, "chunks make a difference");
  SMARTHL7_ASSERT(decode(bytes, rules, chunks, true) == whole, "parts that are taken make a difference");
  SMARTHL7_ASSERT(decode(bytes, rules, std::string_view("\0", 1)) == whole, "single bytes make a difference");
  SMARTHL7_ASSERT(answer(bytes, {}) == answer(bytes, chunks), "chunks make a difference to a response");
  static_cast<void>(smarthl7::transport::https::parse_url(bytes));
  return 0;
}
