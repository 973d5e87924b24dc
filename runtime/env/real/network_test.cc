// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "runtime/env/real/real.h"
#include "runtime/env/testing/run_on.h"

namespace smarthl7::env {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

struct Pair {
  std::unique_ptr<Stream> client;
  std::unique_ptr<Stream> server;
};

Task<void> accept_into(Listener* listener, Network* network, std::unique_ptr<Stream>* into, Signal* done) {
  Result<std::unique_ptr<Incoming>> incoming = co_await listener->accept();
  if (incoming) *into = std::move(network->adopt(std::move(*incoming)).value());
  done->notify_all();
}

Task<Result<std::string>> read_all(Stream* stream, std::size_t limit, SteadyTime deadline) {
  std::string all;
  std::string buffer(65536, '\0');
  while (all.size() < limit) {
    Result<std::size_t> count = co_await stream->read_some(buffer, deadline);
    if (!count) co_return std::unexpected(count.error());
    if (*count == 0) break;
    all.append(buffer.data(), *count);
  }
  co_return all;
}

class Sockets : public testing::Test {
 protected:
  void SetUp() override { reactor_->start("net"); }
  void TearDown() override {
    call_on(reactor_->executor(), [&] {
      pair_ = {};
      listener_.reset();
    });
    reactor_->stop();
  }

  SteadyTime soon() { return reactor_->executor().now() + 20s; }

  Task<Result<void>> connect_pair(Endpoint at) {
    Result<std::unique_ptr<Listener>> listener = reactor_->network().listen(at);
    if (!listener) co_return std::unexpected(listener.error());
    listener_ = std::move(*listener);
    Gate gate;
    Signal accepted;
    gate.spawn(accept_into(listener_.get(), &reactor_->network(), &pair_.server, &accepted));
    Result<std::unique_ptr<Stream>> client = co_await reactor_->network().connect(listener_->local(), soon());
    if (!client) co_return std::unexpected(client.error());
    pair_.client = std::move(*client);
    while (pair_.server == nullptr) co_await accepted.wait(soon());
    co_await gate.drained();
    co_return Result<void>();
  }

  void make_pair(Endpoint at = {"127.0.0.1", 0, {}}) {
    const auto made = run_on(reactor_->executor(), [&] { return connect_pair(at); });
    ASSERT_TRUE(made.has_value()) << made.error().describe();
  }

  std::unique_ptr<RealReactor> reactor_ = make_reactor();
  std::unique_ptr<Listener> listener_;
  Pair pair_;
};

Task<Result<std::vector<Endpoint>>> resolve(Network* network, Endpoint name, SteadyTime deadline) {
  Result<std::vector<Endpoint>> found = co_await network->resolve(name, deadline);
  co_return found;
}

TEST_F(Sockets, a_name_is_resolved_to_literals) {
  const Endpoint localhost{"localhost", 2575, {}};
  const auto found = run_on(reactor_->executor(), [&] { return resolve(&reactor_->network(), localhost, soon()); });
  ASSERT_TRUE(found.has_value()) << found.error().describe();
  ASSERT_FALSE(found->empty());
  for (const Endpoint& one : *found) {
    EXPECT_TRUE(one.host == "127.0.0.1" || one.host == "::1") << one.host;
    EXPECT_EQ(one.port, 2575);
  }
}

Task<Result<void>> connect_via(RealReactor* reactor, Endpoint to, SteadyTime deadline) {
  Result<std::unique_ptr<Stream>> stream = co_await reactor->network().connect(to, deadline);
  if (!stream) co_return std::unexpected(std::move(stream).error());
  (*stream)->close();
  co_return Result<void>();
}

TEST_F(Sockets, via_names_our_side) {
  make_pair();
  Endpoint to = listener_->local();
  for (const char* via : {"127.0.0.9", "lo"}) {
    to.via = via;
    const auto made = run_on(reactor_->executor(), [&] { return connect_via(reactor_.get(), to, soon()); });
    EXPECT_TRUE(made.has_value()) << via << ": " << made.error().describe();
  }
  for (const auto& [via, said] : {std::pair{"nowire0", "no interface `nowire0`"},
                                  {"203.0.113.7", "203.0.113.7 cannot be used"},
                                  {"::1", "same family"}}) {
    to.via = via;
    const auto made = run_on(reactor_->executor(), [&] { return connect_via(reactor_.get(), to, soon()); });
    ASSERT_FALSE(made.has_value()) << via;
    EXPECT_THAT(made.error().describe(), HasSubstr(said));
  }
}

TEST_F(Sockets, a_listener_takes_what_comes_over_its_interface) {
  Endpoint at{"127.0.0.1", 0, {}};
  at.via = "lo";
  make_pair(at);
  at.via = "nowire0";
  const auto none = run_on(reactor_->executor(), [&] { return connect_pair(at); });
  ASSERT_FALSE(none.has_value());
  EXPECT_THAT(none.error().describe(), HasSubstr("no interface `nowire0`"));
}

Task<std::string> half_close(Pair* pair, SteadyTime deadline) {
  Result<void> sent = co_await pair->client->write("last words", deadline);
  Result<void> finished = co_await pair->client->finish(deadline);
  Result<std::string> heard = co_await read_all(pair->server.get(), 1000, deadline);
  Result<void> answered = co_await pair->server->write("heard: " + heard.value_or("?"), deadline);
  pair->server->close();
  Result<std::string> answer = co_await read_all(pair->client.get(), 1000, deadline);
  co_return answer.value_or("no answer");
}

TEST_F(Sockets, half_close_still_takes_the_answer) {
  make_pair();
  EXPECT_EQ(run_on(reactor_->executor(), [&] { return half_close(&pair_, soon()); }), "heard: last words");
}

TEST_F(Sockets, unix_socket_is_private_and_works_alike) {
  const std::string path = testing::TempDir() + "smarthl7-" + std::to_string(::getpid()) + ".sock";
  make_pair({{}, 0, path});
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_EQ(run_on(reactor_->executor(), [&] { return half_close(&pair_, soon()); }), "heard: last words");
  call_on(reactor_->executor(), [&] {
    const auto second = reactor_->network().listen({{}, 0, path});
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, ErrorCode::exists);
    listener_.reset();
  });
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(Sockets, a_port_in_use_is_named) {
  make_pair();
  call_on(reactor_->executor(), [&] {
    const auto second = reactor_->network().listen(listener_->local());
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, ErrorCode::exists);
    EXPECT_THAT(second.error().text, HasSubstr(listener_->local().text() + " is in use"));
  });
}

Task<std::string> read_past_the_end(Pair* pair, SteadyTime deadline) {
  pair->server->close();
  char buffer[16];
  std::string told;
  for (int i = 0; i < 3; ++i) {
    Result<std::size_t> count = co_await pair->client->read_some(buffer, deadline);
    told += count ? std::to_string(*count) : std::string(name_of(count.error().code));
  }
  co_return told;
}

TEST_F(Sockets, the_end_is_told_as_often_as_one_asks) {
  make_pair();
  EXPECT_EQ(run_on(reactor_->executor(), [&] { return read_past_the_end(&pair_, soon()); }), "000");
}

Task<void> read_once(Stream* stream, SteadyTime deadline, Result<std::size_t>* into, Signal* done) {
  char buffer[16];
  *into = co_await stream->read_some(buffer, deadline);
  done->notify_all();
}

Task<ErrorCode> close_wakes(Stream* stream, SteadyTime deadline) {
  Gate gate;
  Signal done;
  Result<std::size_t> outcome = std::size_t{99};
  gate.spawn(read_once(stream, deadline, &outcome, &done));
  stream->close();
  stream->close();
  co_await gate.drained();
  Result<void> written = co_await stream->write("x", deadline);
  if (written) co_return ErrorCode::io;
  co_return outcome ? ErrorCode::io : outcome.error().code;
}

TEST_F(Sockets, close_wakes_the_one_who_reads) {
  make_pair();
  EXPECT_EQ(run_on(reactor_->executor(), [&] { return close_wakes(pair_.client.get(), kNever); }), ErrorCode::closed);
}

Task<std::string> deadlines(Pair* pair, Executor* executor) {
  char buffer[16];
  std::string told;
  // A long deadline first, then a short one on the same stream: the timer must move up.
  Result<void> sent = co_await pair->server->write("a", executor->now() + 20s);
  Result<std::size_t> first = co_await pair->client->read_some(buffer, executor->now() + 20s);
  told += first ? "read " : "failed ";
  const SteadyTime short_deadline = executor->now() + 5ms;
  Result<std::size_t> second = co_await pair->client->read_some(buffer, short_deadline);
  told += second ? "read " : std::string(name_of(second.error().code)) + " ";
  told += executor->now() >= short_deadline ? "after " : "early ";
  // A deadline that has passed takes what is there.
  Result<std::size_t> third = co_await pair->client->read_some(buffer, executor->now());
  told += third ? "read " : std::string(name_of(third.error().code)) + " ";
  Result<void> more = co_await pair->server->write("bc", executor->now() + 20s);
  Result<std::size_t> fourth = std::size_t{0};
  const SteadyTime give_up = executor->now() + 20s;
  do {
    fourth = co_await pair->client->read_some(buffer, executor->now());
  } while (!fourth && fourth.error().code == ErrorCode::timeout && executor->now() < give_up);
  told += fourth ? "read " + std::to_string(*fourth) : "failed";
  // And the stream still works after a time-out.
  Result<void> last = co_await pair->server->write("d", executor->now() + 20s);
  Result<std::size_t> fifth = co_await pair->client->read_some(buffer, executor->now() + 20s);
  told += fifth ? " read" : " failed";
  co_return told;
}

TEST_F(Sockets, reads_end_at_their_deadline_and_the_stream_lives_on) {
  make_pair();
  EXPECT_EQ(run_on(reactor_->executor(), [&] { return deadlines(&pair_, &reactor_->executor()); }),
            "read timeout after timeout read 2 read");
}

Task<void> write_big(Stream* stream, std::string bytes, SteadyTime deadline, Result<void>* outcome) {
  const std::string_view all = bytes;
  const std::string_view pieces[] = {all.substr(0, 1), {}, all.substr(1, 100000), all.substr(100001)};
  *outcome = co_await stream->write_pieces(pieces, deadline);
  stream->close();
}

Task<bool> big_write(Pair* pair, std::size_t size, SteadyTime deadline) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 2654435761U >> 13);
  Gate gate;
  Result<void> written = fail(ErrorCode::io, "not run");
  gate.spawn(write_big(pair->client.get(), bytes, deadline, &written));
  Result<std::string> read = co_await read_all(pair->server.get(), size + 1, deadline);
  co_await gate.drained();
  co_return written.has_value() && read.has_value() && *read == bytes;
}

TEST_F(Sockets, a_write_larger_than_all_buffers_arrives_whole) {
  make_pair();
  EXPECT_TRUE(run_on(reactor_->executor(), [&] { return big_write(&pair_, 32U << 20, soon()); }));
}

Task<ErrorCode> blocked_write(Pair* pair, Executor* executor) {
  const std::string bytes(32U << 20, 'x');  // nobody reads
  Result<void> written = co_await pair->client->write(bytes, executor->now() + 10ms);
  co_return written ? ErrorCode::io : written.error().code;
}

TEST_F(Sockets, a_write_that_nobody_reads_ends_at_its_deadline) {
  make_pair();
  EXPECT_EQ(run_on(reactor_->executor(), [&] { return blocked_write(&pair_, &reactor_->executor()); }), ErrorCode::timeout);
}

// A read and a write wait at the same time; the read's time-out must not end the write.
Task<std::string> both_ways(Pair* pair, Executor* executor, std::size_t size) {
  Gate gate;
  Signal done;
  Result<void> written = fail(ErrorCode::io, "not run");
  Result<std::size_t> read = std::size_t{0};
  gate.spawn(write_big(pair->client.get(), std::string(size, 'y'), executor->now() + 20s, &written));
  gate.spawn(read_once(pair->client.get(), executor->now() + 5ms, &read, &done));
  co_await done.wait(executor->now() + 20s);
  Result<std::string> got = co_await read_all(pair->server.get(), size + 1, executor->now() + 20s);
  co_await gate.drained();
  co_return std::string(read ? "read" : name_of(read.error().code)) + (written ? " written " : " not written ") +
      std::to_string(got ? got->size() : 0);
}

TEST_F(Sockets, a_time_out_in_one_direction_leaves_the_other_alone) {
  make_pair();
  EXPECT_EQ(run_on(reactor_->executor(), [&] { return both_ways(&pair_, &reactor_->executor(), 16U << 20); }),
            "timeout written 16777216");
}

Task<Error> connect_error(Network* network, Endpoint to, SteadyTime deadline) {
  Result<std::unique_ptr<Stream>> stream = co_await network->connect(to, deadline);
  co_return stream ? Error{} : stream.error();
}

TEST_F(Sockets, nobody_listening_is_unreachable) {
  make_pair();
  const Endpoint gone = listener_->local();
  call_on(reactor_->executor(), [&] {
    pair_ = {};
    listener_.reset();
  });
  const Error error = run_on(reactor_->executor(), [&] { return connect_error(&reactor_->network(), gone, soon()); });
  EXPECT_EQ(error.code, ErrorCode::unreachable) << error.describe();
  EXPECT_THAT(error.text, HasSubstr(gone.text()));
}

TEST_F(Sockets, a_host_without_an_address_is_unreachable) {
  const Error error = run_on(reactor_->executor(),
                             [&] { return connect_error(&reactor_->network(), {"no-such-host.invalid", 2575, {}}, soon()); });
  EXPECT_EQ(error.code, ErrorCode::unreachable) << error.describe();
  EXPECT_THAT(error.text, HasSubstr("no-such-host.invalid"));
}

TEST_F(Sockets, localhost_is_resolved) {
  make_pair();
  const Endpoint by_name{"localhost", listener_->local().port, {}};
  const Error error = run_on(reactor_->executor(), [&] { return connect_error(&reactor_->network(), by_name, soon()); });
  EXPECT_EQ(error.text, "");
}

Task<void> abandoned(Network* network, Endpoint to, Abandon* abandon, Error* error) {
  Result<std::unique_ptr<Stream>> stream = co_await network->connect_unless(to, kNever, abandon);
  if (!stream) *error = stream.error();
}

Task<Error> abandon_connect(Network* network, Endpoint to) {
  Gate gate;
  Abandon abandon;
  Error error;
  gate.spawn(abandoned(network, to, &abandon, &error));
  abandon.request();
  co_await gate.drained();
  co_return error;
}

TEST_F(Sockets, a_connect_can_be_given_up) {
  // A listener whose queue nobody serves still completes connects, so a name that takes a resolver's thread is used.
  const Error error =
      run_on(reactor_->executor(), [&] { return abandon_connect(&reactor_->network(), {"host.invalid", 1, {}}); });
  EXPECT_EQ(error.code, ErrorCode::closed) << error.describe();
}

Task<void> echo(std::unique_ptr<Stream> stream) {
  std::string buffer(4096, '\0');
  while (true) {
    Result<std::size_t> count = co_await stream->read_some(buffer, kNever);
    if (!count || *count == 0) co_return;
    const std::string_view back(buffer.data(), *count);
    Result<void> written = co_await stream->write(back, kNever);
    if (!written) co_return;
  }
}

Task<void> serve_echo(Listener* listener, Network* network, Gate* gate) {
  while (true) {
    Result<std::unique_ptr<Incoming>> incoming = co_await listener->accept();
    if (!incoming) co_return;
    gate->spawn(echo(std::move(network->adopt(std::move(*incoming)).value())));
  }
}

Task<void> one_client(Network* network, Endpoint to, int rounds, SteadyTime deadline, int* good) {
  Result<std::unique_ptr<Stream>> stream = co_await network->connect(to, deadline);
  if (!stream) co_return;
  char buffer[64];
  for (int i = 0; i < rounds; ++i) {
    const std::string text = "round " + std::to_string(i);
    Result<void> sent = co_await (*stream)->write(text, deadline);
    Result<std::size_t> count = co_await (*stream)->read_some(buffer, deadline);
    if (!count || std::string_view(buffer, *count) != text) co_return;
  }
  ++*good;
}

Task<int> many_clients(Network* network, int clients, int rounds, SteadyTime deadline) {
  auto listener = std::move(network->listen({"127.0.0.1", 0, {}}).value());
  Gate servers;
  Gate gate;
  int good = 0;
  servers.spawn(serve_echo(listener.get(), network, &servers));
  for (int i = 0; i < clients; ++i) gate.spawn(one_client(network, listener->local(), rounds, deadline, &good));
  co_await gate.drained();
  listener->close();
  co_await servers.drained();
  co_return good;
}

TEST_F(Sockets, two_hundred_connections_at_once) {
  EXPECT_EQ(run_on(reactor_->executor(), [&] { return many_clients(&reactor_->network(), 200, 50, soon()); }), 200);
}

// Frames and streams that are destroyed while they wait leave no handler that touches them.
TEST_F(Sockets, frames_may_be_destroyed_where_they_wait) {
  make_pair();
  auto gate = std::make_unique<Gate>();
  Signal done;
  Result<std::size_t> outcome = std::size_t{0};
  call_on(reactor_->executor(), [&] { gate->spawn(read_once(pair_.client.get(), kNever, &outcome, &done)); });
  call_on(reactor_->executor(), [&] {
    gate.reset();
    pair_.client.reset();
  });
  call_on(reactor_->executor(), [] {});
  EXPECT_EQ(outcome.value_or(1), 0U);
}

TEST(Endpoints, are_read_and_written) {
  for (const char* text : {"127.0.0.1:2575", "[::1]:2575", "hl7.mercy.example:0", "unix:/run/hub.sock"}) {
    const auto endpoint = Endpoint::parse(text);
    ASSERT_TRUE(endpoint.has_value()) << text;
    EXPECT_EQ(endpoint->text(), text);
  }
  for (const char* text :
       {"", "host", ":2575", "host:", "host:x", "host:65536", "::1:2575", "[::1:2575", "unix:", "host:25 75"})
    EXPECT_FALSE(Endpoint::parse(text).has_value()) << text;
}

}  // namespace
}  // namespace smarthl7::env
