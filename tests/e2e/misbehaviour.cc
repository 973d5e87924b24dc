// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/misbehaviour.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

#include "tests/support/oru_generator.h"

namespace smarthl7::testing {
namespace {

using namespace std::chrono_literals;

struct Row {
  std::string fault;
  std::string line;
};

const std::string kDocument = std::string(SMARTHL7_SOURCE_DIR) + "/docs/operate/misbehaviour.md";

constexpr const char* kOpening =
    "# When partners misbehave\n\n"
    "What the hub does with each fault of a partner. Made by `e2e_misbehaviour_test`: each row is one run of the real hub with "
    "a partner\n"
    "that behaves so, and each column is what was observed. The destination of these runs has `ack within 500ms` and tries "
    "again after 50 to\n"
    "200 ms; the source has `frame within 1s`, `idle within 2s` and `largest 4MiB`. Counters are those of `smarthl7 status "
    "--json`; those that stayed at 0 are not\n"
    "shown.\n";
constexpr const char* kHead[] = {
    "\n## Receivers\n\n| the receiver | what it sees | what the trace says | what is counted |\n| --- | --- | --- | --- |\n",
    "\n## Senders\n\n| the sender | what it sees | what the trace says | what is counted |\n| --- | --- | --- | --- |\n"};

std::vector<Row>& rows(Side side) {
  static std::vector<Row> all[2];
  return all[static_cast<std::size_t>(side)];
}

std::string document() {
  std::ifstream in(kDocument, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool updating() { return std::getenv("SMARTHL7_UPDATE_GOLDEN") != nullptr; }

/// After all tests: the whole document, if all of its rows were made.
class Document : public ::testing::Environment {
 public:
  void TearDown() override {
    const auto* unit = ::testing::UnitTest::GetInstance();
    if (unit->test_to_run_count() != unit->total_test_count()) return;  // a filter: the rows that ran were compared one by one
    std::string text = kOpening;
    for (const Side side : {Side::receiver, Side::sender}) {
      text += kHead[static_cast<std::size_t>(side)];
      for (const Row& row : rows(side)) text += row.line;
    }
    if (updating()) {
      std::ofstream(kDocument, std::ios::binary) << text;
      return;
    }
    EXPECT_EQ(document(), text) << "SMARTHL7_UPDATE_GOLDEN=1 writes docs/operate/misbehaviour.md";
  }
};
const auto* const kDocumentTest = ::testing::AddGlobalTestEnvironment(new Document);

std::string without_places(std::string text) {
  static const std::regex port("127\\.0\\.0\\.1:[0-9]+");
  text = std::regex_replace(text, port, "the receiver");
  std::replace(text.begin(), text.end(), '|', '/');  // a bar ends a cell
  return text;
}

}  // namespace

std::string told(const std::string& answer) {
  if (answer.empty()) return "nothing";
  const auto [code, id] = msa_of(answer);
  std::string out = code + (id.empty() ? ", MSA-2 empty" : "");
  const auto error = answer.find("\rERR|");
  if (error == std::string::npos) return out;
  std::istringstream fields(answer.substr(error + 1, answer.find('\r', error + 1) - error - 1));
  std::string field;
  for (int i = 0; i <= 3; ++i) std::getline(fields, field, '|');
  return out + ", ERR-3 " + field.substr(0, field.find('^'));
}

void Misbehaviour::run_hub(const std::string& route, const std::vector<std::string>& arguments) {
  hub_ = std::make_unique<Hub>(
      SMARTHL7_PROGRAM, std::string(SMARTHL7_SOURCE_DIR) + "/tests/e2e/" + route, folder_.path(),
      std::map<std::string, std::string>{{"hub_port", std::to_string(port_)}, {"out_port", std::to_string(out_)}});
  hub_->start({}, arguments);
  ASSERT_TRUE(hub_->ready()) << hub_->log();
}

void Misbehaviour::receive_well() {
  receive([this](int, Line& line) {
    std::string message;
    while (line.read_frame(message, 600)) {
      came();
      const std::string id = control_id_of(message);
      if (!line.write_frame("MSH|^~\\&|R|R|HUB|H|20260101||ACK|" + id + "|P|2.5.1\rMSA|AA|" + id + "\r")) return;
    }
  });
}

std::string Misbehaviour::send(std::uint64_t n, std::uint64_t observations) {
  Line line;
  if (!line.connect(port_)) return "no connection";
  OruOptions options;
  options.observations = observations;
  line.write_frame(make_oru(options, n));
  std::string answer;
  if (!line.read_frame(answer, 30)) return "no answer";
  return msa_of(answer).first;
}

std::string Misbehaviour::end_of(std::uint64_t id) {
  std::string state = "no trace";
  static_cast<void>(eventually(60s, [&] {
    const auto trace = hub_->get("/v1/messages/" + std::to_string(id));
    if (!trace.is_object()) return false;
    state = std::string(trace.at("state").as_string());
    return state != "queued";
  }));
  return state;
}

bool Misbehaviour::attempted(std::uint64_t id, int times) {
  return eventually(30s, [&] {
    const auto trace = hub_->get("/v1/messages/" + std::to_string(id));
    if (!trace.is_object()) return false;
    const auto& events = trace.at("events").as_array();
    return std::count_if(events.begin(), events.end(), [](const auto& event) { return event.at("what") == "attempt"; }) >=
           times;
  });
}

bool Misbehaviour::counted(const char* list, const char* name, std::uint64_t least) {
  return eventually(30s, [&] {
    const auto status = hub_->get("/v1/status");
    return status.is_object() && status.at(list).at(0).at(name).to_number<std::uint64_t>() >= least;
  });
}

std::string Misbehaviour::trace_of(std::uint64_t id) const {
  const auto trace = hub_->get("/v1/messages/" + std::to_string(id));
  if (!trace.is_object()) return "no message";
  std::string out;
  for (const auto& event : trace.at("events").as_array()) {
    const std::string what(event.at("what").as_string());
    const std::string detail(event.at("detail").as_string());
    if (what == "received" || what == "released" || what == "mapped" || what == "stored" || what == "acknowledged") continue;
    if (what == "validated" && detail == "passed") continue;
    out += (out.empty() ? "" : "; ") + what + " " + detail;
  }
  const std::string state(trace.at("state").as_string());
  return state + (out.empty() ? "" : ": " + without_places(out));
}

std::string Misbehaviour::counters() const {
  const auto status = hub_->get("/v1/status");
  if (!status.is_object()) return "no status";
  std::string out;
  const auto add = [&](const char* list, const char* label, const std::vector<const char*>& names) {
    std::string part;
    for (const char* name : names) {
      const auto value = status.at(list).at(0).at(name).to_number<std::uint64_t>();
      if (value > 0) part += fmt::format("{}{} {}", part.empty() ? "" : ", ", name, value);
    }
    if (!part.empty()) out += fmt::format("{}{}: {}", out.empty() ? "" : "; ", label, part);
  };
  add("sources", "source",
      {"accepted", "rejected", "duplicates", "not_stored", "noise_bytes", "bad_frames", "timed_out", "broken",
       "tolerated_endings"});
  add("destinations", "destination", {"delivered", "refused", "retries", "unanswered", "unreachable", "mismatched", "dead"});
  const std::string state(status.at("destinations").at(0).at("state").as_string());
  if (state == "held") out += "; destination held";
  return out.empty() ? "nothing" : out;
}

void Misbehaviour::row(Side side, const std::string& fault, const std::string& peer_sees,
                       const std::vector<std::uint64_t>& messages) {
  std::string traces;
  for (const std::uint64_t id : messages) {
    const std::string one = trace_of(id);
    traces += (traces.empty() ? "" : "<br>") + (messages.size() > 1 ? fmt::format("{}: {}", id, one) : one);
  }
  const std::string line =
      fmt::format("| {} | {} | {} | {} |\n", fault, peer_sees, traces.empty() ? "no message" : traces, counters());
  rows(side).push_back({fault, line});
  std::printf("%s", line.c_str());
  if (!updating()) {
    EXPECT_NE(document().find("\n" + line), std::string::npos) << "docs/operate/misbehaviour.md says otherwise";
  }
  EXPECT_EQ(hub_->process().poll(), -1) << "the hub must live on";
}

}  // namespace smarthl7::testing
