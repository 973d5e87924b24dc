// SPDX-License-Identifier: Apache-2.0
#include "runtime/sim/network.h"

#include <algorithm>
#include <deque>

#include "runtime/env/signal.h"

namespace smarthl7::sim {

namespace {

struct Pipe {  // one direction of a connection
  struct Chunk {
    SteadyTime at;
    std::string bytes;
  };
  std::deque<Chunk> chunks;
  SteadyTime last_at{};
  bool ended = false;  // nothing more comes after the chunks
  bool reset = false;
  bool reader_gone = false;
  env::Signal changed;
};

struct Connection {
  Pipe pipes[2];
};

}  // namespace

class SimIncoming final : public env::Incoming {
 public:
  explicit SimIncoming(std::shared_ptr<Connection> made, std::string from)
      : connection(std::move(made)), peer(std::move(from)) {}
  ~SimIncoming() override {
    if (connection) reset();
  }
  void reset() {
    for (Pipe& pipe : connection->pipes) {
      pipe.reset = true;
      pipe.changed.notify_all();
    }
  }
  std::shared_ptr<Connection> connection;
  std::string peer;
};

class SimStream final : public env::Stream {
 public:
  SimStream(Wire& wire, std::shared_ptr<Host> host, std::shared_ptr<Connection> connection, int side, std::string peer)
      : wire_(wire), host_(std::move(host)), connection_(std::move(connection)), side_(side), peer_(std::move(peer)) {}
  ~SimStream() override { close(); }

  env::Task<Result<std::size_t>> read_some(std::span<char> into, SteadyTime deadline) override {
    Pipe& pipe = in();
    read_ended_ = false;
    while (true) {
      if (closed_) co_return fail(ErrorCode::closed, "the connection was closed");
      const SteadyTime now = wire_.world_.now();
      if (!pipe.chunks.empty() && pipe.chunks.front().at <= now) co_return take(pipe, into);
      if (pipe.chunks.empty() && pipe.reset) co_return fail(ErrorCode::closed, "connection reset by peer");
      if (pipe.chunks.empty() && pipe.ended) co_return std::size_t{0};
      if (now >= deadline || read_ended_) co_return fail(ErrorCode::timeout, "nothing came in time");
      const SteadyTime next = pipe.chunks.empty() ? kNever : pipe.chunks.front().at;
      co_await pipe.changed.wait(std::min(deadline, next));
    }
  }

  env::Task<Result<void>> write(std::string_view bytes, SteadyTime /*deadline*/) override {
    Rng& rng = wire_.rng_;
    if (host_) host_->operation();
    if (frozen()) co_return Result<void>{};
    if (closed_) co_return fail(ErrorCode::closed, "the connection was closed");
    if (out().reset || in().reset) co_return fail(ErrorCode::closed, "connection reset by peer");
    if (out().reader_gone && rng.chance(500)) co_return fail(ErrorCode::closed, "broken pipe");
    if (rng.chance(wire_.faults.cut_per_mille)) {
      wire_.world_.injected().add(Injected::cut);
      send(bytes.substr(0, rng.below(bytes.size() + 1)));
      for (Pipe& pipe : connection_->pipes) {
        pipe.reset = true;
        pipe.changed.notify_all();
      }
      if (rng.chance(500)) co_return fail(ErrorCode::closed, "connection reset by peer");
      co_return Result<void>{};
    }
    send(bytes);
    if (rng.chance(300)) co_await env::sleep_until(wire_.world_.now() + rng.micros(1, 50));
    co_return Result<void>{};
  }

  env::Task<Result<void>> finish(SteadyTime /*deadline*/) override {
    end_out();
    co_return Result<void>{};
  }

  void end_read() override {
    read_ended_ = true;
    in().changed.notify_all();
  }

  void close() override {
    if (closed_) return;
    closed_ = true;
    in().reader_gone = true;
    in().changed.notify_all();
    if (frozen() && host_->crash == CrashKind::power_loss) return;
    end_out();
  }

  [[nodiscard]] const std::string& peer() const override { return peer_; }

 private:
  Pipe& in() { return connection_->pipes[side_]; }
  Pipe& out() { return connection_->pipes[1 - side_]; }
  [[nodiscard]] bool frozen() const { return host_ && host_->frozen; }

  void end_out() {
    out().ended = true;
    out().changed.notify_all();
  }

  void send(std::string_view bytes) {
    Rng& rng = wire_.rng_;
    Pipe& pipe = out();
    InjectedCounts& injected = wire_.world_.injected();
    while (!bytes.empty()) {
      const std::size_t size = rng.chance(wire_.faults.split_per_mille) ? rng.between(1, bytes.size()) : bytes.size();
      const SteadyTime at = wire_.world_.now() + rng.micros(wire_.faults.least_micros, wire_.faults.most_micros);
      pipe.last_at = std::max(pipe.last_at, at);
      injected.add(Injected::delayed);
      if (size < bytes.size()) injected.add(Injected::split);
      if (pipe.last_at < wire_.latest_) injected.add(Injected::overtaken);
      wire_.latest_ = std::max(wire_.latest_, pipe.last_at);
      pipe.chunks.push_back({pipe.last_at, std::string(bytes.substr(0, size))});
      bytes.remove_prefix(size);
    }
    pipe.changed.notify_all();
  }

  static std::size_t take(Pipe& pipe, std::span<char> into) {
    Pipe::Chunk& chunk = pipe.chunks.front();
    const std::size_t size = std::min(into.size(), chunk.bytes.size());
    std::copy_n(chunk.bytes.begin(), size, into.begin());
    if (size == chunk.bytes.size()) {
      pipe.chunks.pop_front();
    } else {
      chunk.bytes.erase(0, size);
    }
    return size;
  }

  Wire& wire_;
  std::shared_ptr<Host> host_;
  std::shared_ptr<Connection> connection_;
  int side_;
  std::string peer_;
  bool closed_ = false;
  bool read_ended_ = false;  // the read that waits now ends as at its deadline
};

class SimListener final : public env::Listener {
 public:
  SimListener(Wire& wire, env::Endpoint at) : wire_(wire), local_(std::move(at)) { wire_.listeners_[local_.text()] = this; }
  ~SimListener() override { close(); }

  env::Task<Result<std::unique_ptr<env::Incoming>>> accept() override {
    while (!closed_ && backlog_.empty()) co_await arrived_.wait();
    if (closed_) co_return fail(ErrorCode::closed, "the listener was closed");
    std::unique_ptr<env::Incoming> incoming = std::move(backlog_.front());
    backlog_.pop_front();
    co_return incoming;
  }
  void close() override {
    if (closed_) return;
    closed_ = true;
    wire_.listeners_.erase(local_.text());
    backlog_.clear();
    arrived_.notify_all();
  }
  [[nodiscard]] const env::Endpoint& local() const override { return local_; }
  void arrive(std::unique_ptr<SimIncoming> incoming) {
    backlog_.push_back(std::move(incoming));
    arrived_.notify_all();
  }

 private:
  Wire& wire_;
  env::Endpoint local_;
  bool closed_ = false;
  std::deque<std::unique_ptr<SimIncoming>> backlog_;
  env::Signal arrived_;
};

env::Task<Result<std::unique_ptr<env::Stream>>> SimNetwork::connect(env::Endpoint to, SteadyTime deadline) {
  Rng& rng = wire_.rng_;
  const SteadyTime done = wire_.world_.now() + rng.micros(wire_.faults.least_micros, wire_.faults.most_micros);
  co_await env::sleep_until(std::min(done, deadline));
  if (done > deadline) co_return fail(ErrorCode::timeout, "no connection to " + to.text() + " in time");
  const auto found = wire_.listeners_.find(to.text());
  const bool refused = found != wire_.listeners_.end() && rng.chance(wire_.faults.refuse_per_mille);
  if (refused) wire_.world_.injected().add(Injected::refused);
  if (found == wire_.listeners_.end() || refused) co_return fail(ErrorCode::unreachable, to.text() + " refuses connections");
  auto connection = std::make_shared<Connection>();
  found->second->arrive(std::make_unique<SimIncoming>(connection, "10.0.0.9:" + std::to_string(40000 + ++wire_.last_peer_)));
  std::unique_ptr<env::Stream> stream = std::make_unique<SimStream>(wire_, host_, connection, 0, to.text());
  co_return stream;
}

Result<std::unique_ptr<env::Listener>> SimNetwork::listen(const env::Endpoint& at) {
  if (wire_.listeners_.contains(at.text())) return fail(ErrorCode::exists, at.text() + " is in use");
  return std::unique_ptr<env::Listener>(std::make_unique<SimListener>(wire_, at));
}

Result<std::unique_ptr<env::Stream>> SimNetwork::adopt(std::unique_ptr<env::Incoming> incoming) {
  auto& given = static_cast<SimIncoming&>(*incoming);
  auto connection = std::move(given.connection);
  return std::unique_ptr<env::Stream>(std::make_unique<SimStream>(wire_, host_, std::move(connection), 1, given.peer));
}

}  // namespace smarthl7::sim
