// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/server/server.h"

#include <algorithm>

#include "runtime/transport/tls/from_options.h"
#include "stdlib/base/assert.h"

namespace smarthl7::transport {

using env::Task;
using namespace std::chrono_literals;

namespace {

constexpr auto kHandshakeTime = 15s;
constexpr auto kAnswerTime = 30s;     // for the peer to take an answer
constexpr auto kLingerTime = 1s;      // for the peer to read our last bytes before the socket goes
constexpr auto kAcceptPause = 100ms;  // when the system has no descriptors left
constexpr auto kRoomTime = 60s;       // for a large message, until there is memory for it
constexpr auto kRoomPause = 2ms;      // between two looks

}  // namespace

Result<ServerSettings> read_server_settings(const Options& options) {
  ServerSettings settings;
  TRY(settings.listen, env::Endpoint::parse(options.get_text("listen")));
  settings.listen.via = options.get_text("via");
  if (options.has("allow")) {
    auto allow = Networks::parse(options.get_text("allow"));
    if (!allow) return fail(allow.error().code, "option `allow`", allow.error());
    settings.allow = std::move(*allow);
  }
  if (options.has_block("tls")) {
    TRY(tls::Secured secured, tls::serve_with(options));
    settings.tls = std::move(secured.context);
    settings.renewal = std::move(secured.renewal);
  }
  settings.most_connections = options.get_number("most_connections", settings.most_connections);
  return settings;
}

Server::Server(ServerSettings settings, EnvSet envs, Receiver* receiver) : settings_(std::move(settings)), receiver_(receiver) {
  SMARTHL7_ASSERT(!envs.empty(), "a source needs an executor");
  for (const env::Env& one : envs) workers_.push_back(std::make_unique<Worker>(one, workers_.size()));
}

Server::~Server() = default;

Task<Result<void>> Server::start() {
  env::Env& home = workers_.front()->env;
  Result<std::unique_ptr<env::Listener>> listener = home.network.listen(settings_.listen);
  if (!listener) co_return std::unexpected(std::move(listener).error());
  listener_ = std::move(*listener);
  local_ = listener_->local();
  acceptor_.spawn(accept_loop());
  co_return Result<void>();
}

Task<void> Server::accept_loop() {
  while (!stopping_) {
    Result<std::unique_ptr<env::Incoming>> incoming = co_await listener_->accept();
    if (incoming) {
      hand_over(std::move(*incoming));
      continue;
    }
    if (incoming.error().code == ErrorCode::closed) co_return;
    // Out of descriptors or memory: the ones who wait stay in the system's queue until there is room again.
    tell(EventKind::refused, nullptr, incoming.error().describe());
    const SteadyTime later = workers_.front()->env.executor.now() + kAcceptPause;
    co_await stop_accepting_.wait(later);
  }
}

void Server::hand_over(std::unique_ptr<env::Incoming> incoming) {
  if (counters_.open.load() >= settings_.most_connections) {
    ++counters_.refused;
    tell(EventKind::refused, nullptr, "there are " + std::to_string(settings_.most_connections) + " connections already");
    return;
  }
  ++counters_.accepted;
  ++counters_.open;
  Worker* worker = workers_[next_worker_++ % workers_.size()].get();
  worker->env.executor.post(
      [this, worker, incoming = std::move(incoming)]() mutable { worker->gate.spawn(serve(worker, std::move(incoming))); });
}

Task<Result<std::unique_ptr<env::Stream>>> Server::admit(Worker* worker, std::unique_ptr<env::Incoming> incoming, Peer* peer) {
  Result<std::unique_ptr<env::Stream>> stream = worker->env.network.adopt(std::move(incoming));
  if (!stream) co_return stream;
  peer->address = (*stream)->peer();
  if (!settings_.allow.empty() && !settings_.allow.hold(peer->address)) {
    (*stream)->close();
    co_return fail(ErrorCode::refused, "its address is none that `allow` names");
  }
  if (settings_.tls == nullptr) co_return stream;
  const SteadyTime deadline = worker->env.executor.now() + kHandshakeTime;
  Result<std::unique_ptr<env::Stream>> secured = co_await tls::accept(settings_.tls, std::move(*stream), deadline);
  co_return secured;
}

Task<void> Server::serve(Worker* worker, std::unique_ptr<env::Incoming> incoming) {
  auto peer = std::make_shared<Peer>();
  peer->connection = ++last_connection_;
  Result<std::unique_ptr<env::Stream>> stream = co_await admit(worker, std::move(incoming), peer.get());
  if (!stream) {
    --counters_.open;
    ++counters_.refused;
    tell(EventKind::refused, peer, stream.error().describe());
    co_return;
  }
  peer->certificate_subject = (*stream)->peer_certificate_subject();
  const std::unique_ptr<Link> link = make_link(receiver_->memory());
  link->peer = peer;
  link->stream = std::move(*stream);
  link->since = worker->env.executor.now();
  worker->links.push_back(link.get());
  tell(EventKind::opened, peer, {});
  co_await talk(worker, link.get());
  std::erase(worker->links, link.get());
  link->stream->close();
  --counters_.open;
}

Task<Result<void>> Server::bring_back(Worker* worker, Link* link, std::string* content) {
  env::Executor& executor = worker->env.executor;
  const SteadyTime deadline = executor.now() + kRoomTime;
  while (!link->keeper.has_room(content->size())) {
    if (stopping_ || executor.now() >= deadline) {
      const char* const why = "there was no memory for a large message; its sender has to send it again";
      if (!stopping_) tell(EventKind::broken, link->peer, why);
      co_return fail(ErrorCode::timeout, why);
    }
    co_await env::sleep_until(executor.now() + kRoomPause);
  }
  Result<std::string> whole = link->keeper.bring_back(*content);
  if (!whole) {
    tell(EventKind::broken, link->peer, "a large message was lost: " + whole.error().describe());
    co_return std::unexpected(std::move(whole).error());
  }
  *content = std::move(*whole);
  co_return Result<void>();
}

Task<Result<void>> Server::write_pieces(Worker* worker, Link* link, std::span<const std::string_view> pieces) {
  const SteadyTime deadline = worker->env.executor.now() + kAnswerTime;
  Result<void> written = co_await link->stream->write_pieces(pieces, deadline);
  if (written) {
    for (const std::string_view piece : pieces) counters_.bytes_out += piece.size();
  } else {
    tell(EventKind::broken, link->peer, "an answer could not be written: " + written.error().describe());
  }
  co_return written;
}

Task<void> Server::close_gently(Worker* worker, Link* link) {
  const SteadyTime deadline = worker->env.executor.now() + kLingerTime;
  Result<void> finished = co_await link->stream->finish(deadline);
  if (!finished) co_return;
  std::string dropped(4096, '\0');
  while (true) {
    Result<std::size_t> count = co_await link->stream->read_some(dropped, deadline);
    if (!count || *count == 0) co_return;
  }
}

void Server::tell(EventKind kind, const std::shared_ptr<const Peer>& peer, std::string text) {
  if (kind == EventKind::broken) ++counters_.broken;
  receiver_->on_event(Event{kind, peer, std::move(text)});
}

Task<void> Server::stop(SteadyTime deadline) {
  stopping_ = true;
  stop_accepting_.notify_all();
  if (listener_ != nullptr) listener_->close();
  co_await acceptor_.drained();
  std::vector<std::unique_ptr<env::Completion<bool>>> drained;
  for (const auto& worker : workers_) {
    drained.push_back(std::make_unique<env::Completion<bool>>());
    // Posted after every hand-over to this worker, so none comes after it.
    worker->env.executor.post(
        [this, at = worker.get(), deadline, to = drained.back().get()] { at->stops.spawn(drain(at, deadline, to)); });
  }
  for (const auto& done : drained) {
    env::Completion<bool>& one = *done;
    co_await one;
  }
}

Task<void> Server::drain(Worker* worker, SteadyTime deadline, env::Completion<bool>* done) {
  stopping_at(worker);
  for (Link* link : worker->links) {
    if (link->in_hand == 0) {
      link->stream->close();
    } else {
      link->stream->end_read();  // its answers may come aside; nothing more is read
    }
  }
  const env::TimerId timer = worker->env.executor.at(deadline, [worker] {
    for (Link* link : worker->links) link->stream->close();
  });
  co_await worker->gate.drained();
  worker->env.executor.cancel(timer);
  // In a job of its own, when this frame has gone: the source may be destroyed right after.
  worker->env.executor.post([done] { done->complete(true); });
}

SourceStats Server::stats() const {
  const Counters& c = counters_;
  SourceStats stats;
  stats.open = c.open;
  stats.accepted = c.accepted;
  stats.refused = c.refused;
  stats.frames = c.messages;
  stats.bytes_in = c.bytes_in;
  stats.bytes_out = c.bytes_out;
  stats.noise_bytes = c.noise_bytes;
  stats.bad_frames = c.bad;
  stats.timed_out = c.timed_out;
  stats.broken = c.broken;
  stats.tolerated_endings = c.tolerated_endings;
  return stats;
}

}  // namespace smarthl7::transport
