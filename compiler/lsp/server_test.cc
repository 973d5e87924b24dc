// SPDX-License-Identifier: Apache-2.0
// The protocol's edges. What each feature answers is asked by a real client, in tests/editors.
#include "compiler/lsp/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "compiler/lsp/json.h"

namespace smarthl7::lsp {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class Talk {
 public:
  Talk() : server_(host()) {}

  void say(const std::string& message) { server_.handle({message}); }
  void say(const std::vector<std::string>& messages) { server_.handle(messages); }
  /// The answer to the request of that number; null if there is none.
  [[nodiscard]] json::value answer(int id) const {
    for (const json::value& one : sent) {
      if (number_at(one, "id") == id) return one;
    }
    return nullptr;
  }
  [[nodiscard]] std::int64_t error(int id) const { return number_at(answer(id), "error.code").value_or(0); }
  void start() {
    say(R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}})");
    say(R"({"jsonrpc":"2.0","method":"initialized","params":{}})");
  }
  void open(const std::string& text) {
    const json::object document{{"uri", "untitled:a"}, {"languageId", "route"}, {"version", 1}, {"text", text}};
    say(json::serialize(
        json::object{{"method", "textDocument/didOpen"}, {"params", json::object{{"textDocument", document}}}}));
  }
  Server& server() { return server_; }

  std::vector<json::value> sent;
  std::vector<std::pair<std::string, std::string>> tests;

 private:
  Host host() {
    Host host;
    host.send = [this](std::string_view message) { sent.push_back(json::parse({message.data(), message.size()})); };
    host.run_test = [this](const std::string& folder, const std::string& title) {
      tests.emplace_back(folder, title);
      return TestRun{title != "fails", "what it printed"};
    };
    host.version = "1";
    return host;
  }
  Server server_;
};

TEST(Server, AnswersWhatItCannotReadWithErrors) {
  Talk talk;
  talk.say("{");
  ASSERT_EQ(talk.sent.size(), 1U);
  EXPECT_EQ(number_at(talk.sent[0], "error.code"), -32700);
  talk.say(R"({"jsonrpc":"2.0","id":7,"method":"textDocument/hover","params":{}})");
  EXPECT_EQ(talk.error(7), -32002) << "before initialize";
  talk.start();
  talk.say(R"({"jsonrpc":"2.0","id":2,"method":"no/such"})");
  EXPECT_EQ(talk.error(2), -32601);
  talk.say(R"({"jsonrpc":"2.0","id":3,"method":"initialize","params":{}})");
  EXPECT_EQ(talk.error(3), -32600) << "twice";
  talk.say(R"({"jsonrpc":"2.0","id":4,"method":"textDocument/hover","params":{"textDocument":{"uri":"file:///none.route"}}})");
  EXPECT_EQ(talk.error(4), -32602);
  talk.say(R"({"jsonrpc":"2.0","id":5,"method":"textDocument/hover","params":[1,2]})");
  EXPECT_EQ(talk.error(5), -32602);
  talk.say(R"({"jsonrpc":"2.0","id":6})");
  EXPECT_EQ(talk.error(6), -32600);
  const std::size_t before = talk.sent.size();
  talk.say(R"({"jsonrpc":"2.0","method":"no/such/notice"})");
  talk.say(R"({"jsonrpc":"2.0","id":"smarthl7-1","result":null})");
  EXPECT_EQ(talk.sent.size(), before) << "unknown notices and answers are taken silently";
}

TEST(Server, DoesNotWorkOnWhatWasCancelled) {
  Talk talk;
  talk.start();
  talk.open("flow a {\n}\n");
  talk.say(
      {R"({"jsonrpc":"2.0","id":10,"method":"textDocument/documentSymbol","params":{"textDocument":{"uri":"untitled:a"}}})",
       R"({"jsonrpc":"2.0","id":11,"method":"textDocument/documentSymbol","params":{"textDocument":{"uri":"untitled:a"}}})",
       R"({"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":10}})"});
  EXPECT_EQ(talk.error(10), -32800);
  EXPECT_EQ(member(talk.answer(11), "result")->get_array().size(), 1U);
}

TEST(Server, PublishesOnceForManyChanges) {
  Talk talk;
  talk.start();
  talk.open("flow a {\n  from b\n}\n");
  EXPECT_TRUE(talk.server().dirty());
  for (int version = 2; version < 6; ++version) {
    talk.say(
        R"({"method":"textDocument/didChange","params":{"textDocument":{"uri":"untitled:a","version":)" +
        std::to_string(version) +
        R"(},"contentChanges":[{"range":{"start":{"line":1,"character":7},"end":{"line":1,"character":7}},"text":"x"}]}})");
  }
  talk.sent.clear();
  talk.server().check();
  EXPECT_FALSE(talk.server().dirty());
  ASSERT_EQ(talk.sent.size(), 1U);
  EXPECT_EQ(number_at(talk.sent[0], "params.version"), 5);
  EXPECT_THAT(json::serialize(talk.sent[0]), HasSubstr("there is no source `xxxxb`"));
}

TEST(Server, PublishesWhatARequestHadChecked) {
  Talk talk;
  talk.start();
  talk.open("flow a {\n  from b\n}\n");
  talk.say(R"({"jsonrpc":"2.0","id":9,"method":"textDocument/documentSymbol","params":{"textDocument":{"uri":"untitled:a"}}})");
  EXPECT_TRUE(talk.server().dirty()) << "the client was not told yet";
  talk.sent.clear();
  talk.server().check();
  ASSERT_EQ(talk.sent.size(), 1U);
  EXPECT_EQ(text_at(talk.sent[0], "method"), "textDocument/publishDiagnostics");
}

TEST(Server, IgnoresEditsThatMakeNoSense) {
  Talk talk;
  talk.start();
  talk.open("secret a\n");
  for (const char* change :
       {R"({"range":{"start":{"line":99,"character":7},"end":{"line":1,"character":1}},"text":"// end"})",
        R"({"range":{"start":{"line":-1,"character":7},"end":{"line":1,"character":1}},"text":"x"})",
        R"({"range":7,"text":"x"})", R"({"range":{"start":{"line":0,"character":99999999999},"end":{}}})", "17"}) {
    talk.say(std::string(R"({"method":"textDocument/didChange","params":{"textDocument":{"uri":"untitled:a","version":2},)") +
             R"("contentChanges":[)" + change + "]}}");
  }
  talk.say(R"({"jsonrpc":"2.0","id":9,"method":"textDocument/documentSymbol","params":{"textDocument":{"uri":"untitled:a"}}})");
  EXPECT_EQ(member(talk.answer(9), "result")->get_array().size(), 1U);
}

TEST(Server, RunsTestsThroughItsHost) {
  Talk talk;
  talk.start();
  const auto run = [&](int id, const std::string& title) {
    talk.say(
        R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
        R"(,"method":"workspace/executeCommand","params":{"command":"smarthl7.runTest","arguments":["file:///tmp/x/a.route",")" +
        title + "\"]}}");
  };
  run(20, "a title");
  EXPECT_TRUE(flag_at(talk.answer(20), "result.passed"));
  EXPECT_EQ(text_at(talk.answer(20), "result.output"), "what it printed");
  ASSERT_EQ(talk.tests.size(), 1U);
  EXPECT_EQ(talk.tests[0], (std::pair<std::string, std::string>{"/tmp/x", "a title"}));
  run(21, "fails");
  EXPECT_FALSE(flag_at(talk.answer(21), "result.passed"));
  talk.say(R"({"jsonrpc":"2.0","id":22,"method":"workspace/executeCommand","params":{"command":"rm","arguments":[]}})");
  EXPECT_EQ(talk.error(22), -32602);
  talk.say(
      R"({"jsonrpc":"2.0","id":23,"method":"workspace/executeCommand","params":{"command":"smarthl7.explain","arguments":["E0312"]}})");
  EXPECT_THAT(std::string(text_at(talk.answer(23), "result")), HasSubstr("# E0312"));
}

TEST(Server, EndsAsTheProtocolSays) {
  Talk orderly;
  orderly.start();
  orderly.say(R"({"jsonrpc":"2.0","id":30,"method":"shutdown"})");
  orderly.say(R"({"jsonrpc":"2.0","id":31,"method":"textDocument/hover","params":{}})");
  EXPECT_EQ(orderly.error(31), -32600);
  orderly.say(R"({"jsonrpc":"2.0","method":"exit"})");
  EXPECT_TRUE(orderly.server().ended());
  EXPECT_EQ(orderly.server().exit_code(), 0);
  Talk abrupt;
  abrupt.say(R"({"jsonrpc":"2.0","method":"exit"})");
  EXPECT_TRUE(abrupt.server().ended());
  EXPECT_EQ(abrupt.server().exit_code(), 1);
}

TEST(Server, CountsInBytesIfTheClientWantsIt) {
  Talk talk;
  talk.say(
      R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{"general":{"positionEncodings":["utf-16","utf-8"]}}}})");
  EXPECT_EQ(text_at(talk.answer(1), "result.capabilities.positionEncoding"), "utf-8");
  talk.say(R"({"jsonrpc":"2.0","method":"initialized","params":{}})");
  talk.open("secret a // \xF0\x9F\x98\x80\nflow b { from c }\n");
  talk.sent.clear();
  talk.server().check();
  ASSERT_THAT(talk.sent, testing::Not(IsEmpty()));
}

}  // namespace
}  // namespace smarthl7::lsp
