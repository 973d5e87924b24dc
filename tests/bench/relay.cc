// SPDX-License-Identifier: Apache-2.0
// The bare relay: the hub's sockets, store and lanes without the language. What it reaches is the ceiling of the hub's own
// work.
//   bench_relay PORT DESTINATION_PORT fifo|none32 DATA_FOLDER     (ends with SIGTERM)
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <future>
#include <memory>
#include <string>

#include "runtime/env/gate.h"
#include "runtime/env/real/real.h"
#include "runtime/flow/destination.h"
#include "runtime/store/store.h"
#include "runtime/transport/mllp/mllp.h"

namespace smarthl7::bench {
namespace {

/// Stores each message for one destination and answers with a fixed acknowledgement around the control id.
class Relay final : public transport::Receiver {
 public:
  Relay(store::Store& store, store::DestinationId destination) : store_(store), destination_(destination) {}

  env::Task<transport::Reply> on_message(transport::Received received) override {
    const std::string_view bytes = received.message.view();
    std::size_t at = 0;
    for (int i = 0; i < 9; ++i) at = bytes.find('|', at) + 1;
    const std::string id(bytes.substr(at, bytes.find('|', at) - at));
    store::NewMessage message;
    message.source = "relay";
    message.connection = received.peer->connection;
    message.received_at = received.at;
    message.body = received.message;
    message.type = "ORU^R01";
    message.control_id = id;
    message.acknowledgement = SharedBytes("MSH|^~\\&|R|R|S|S|20260101||ACK|" + id + "|P|2.5.1\rMSA|AA|" + id + "\r");
    store::FlowEffects effects;
    effects.flow = "relay";
    const HashKey key{};
    store::DedupClaim claim;
    claim.key = keyed_hash(key, id);
    claim.content = keyed_hash(key, bytes);
    claim.window = std::chrono::hours(24 * 7);
    effects.dedup = claim;
    store::NewDelivery delivery;
    delivery.destination = destination_;
    effects.deliveries.push_back(std::move(delivery));
    message.flows.push_back(std::move(effects));
    auto accepted = co_await store_.accept(std::move(message));
    transport::Reply reply;
    if (!accepted) {
      reply.close_after = true;
      co_return reply;
    }
    reply.answer = accepted->acknowledgement;
    co_return reply;
  }

 private:
  store::Store& store_;
  store::DestinationId destination_;
};

struct Process {
  std::unique_ptr<env::Disk> disk = env::make_real_disk();
  std::unique_ptr<env::Clock> clock = env::make_real_clock();
  std::unique_ptr<env::Random> random[3] = {env::make_real_random(), env::make_real_random(), env::make_real_random()};
  std::unique_ptr<env::RealReactor> reactors[3] = {env::make_reactor(), env::make_reactor(),
                                                   env::make_reactor()};  // two and the store's
  std::unique_ptr<transport::Transport> mllp = transport::mllp::make_transport();
  std::unique_ptr<store::Store> store;
  std::unique_ptr<flow::Destination> destination;
  std::unique_ptr<Relay> relay;
  std::unique_ptr<transport::Source> source;
  env::Gate gate;

  env::Env env(int i) { return {reactors[i]->executor(), reactors[i]->network(), *disk, *clock, *random[i]}; }
};

env::Task<void> start(Process* p, std::string port, std::string destination_port, bool many) {
  flow::DestinationPolicy policy;
  policy.name = "out";
  policy.order = many ? plan::Order::none : plan::Order::fifo;
  policy.connections = many ? 32 : 1;
  p->destination = std::make_unique<flow::Destination>(policy, *p->store, p->env(1));
  transport::Options out;
  out.set_text("connect", "127.0.0.1:" + destination_port);
  // The destination lives on this executor: env(1) is that of the reactor which runs this task.
  auto id = co_await p->destination->start(*p->mllp, out);
  if (!id) std::exit(3);
  p->relay = std::make_unique<Relay>(*p->store, *id);
  transport::Options in;
  in.set_text("listen", "127.0.0.1:" + port);
  transport::EnvSet envs{p->env(1), p->env(2)};
  auto source = p->mllp->make_source(in, envs, p->relay.get());
  if (!source) std::exit(3);
  p->source = std::move(*source);
  auto started = co_await p->source->start();
  if (!started) std::exit(3);
  std::puts("ready");
  std::fflush(stdout);
}

int run(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("usage: bench_relay PORT DESTINATION_PORT fifo|none32 DATA_FOLDER\n", stderr);
    return 2;
  }
  auto* p = new Process;  // ends with the process
  for (int i = 0; i < 3; ++i) p->reactors[i]->start(i == 0 ? "store" : "reactor");
  std::promise<void> opened;
  p->reactors[0]->executor().post([&] {
    store::StoreOptions options;
    options.folder = argv[4];
    auto store = store::open_store(std::move(options), p->env(0));
    if (!store) {
      std::fprintf(stderr, "bench_relay: %s\n", store.error().describe().c_str());
      std::exit(3);
    }
    p->store = std::move(*store);
    opened.set_value();
  });
  opened.get_future().wait();
  p->reactors[1]->executor().post([&] { p->gate.spawn(start(p, argv[1], argv[2], std::strcmp(argv[3], "none32") == 0)); });
  sigset_t wait;
  sigemptyset(&wait);
  sigaddset(&wait, SIGTERM);
  sigaddset(&wait, SIGINT);
  int number = 0;
  sigwait(&wait, &number);
  ::_exit(0);
}

}  // namespace
}  // namespace smarthl7::bench

int main(int argc, char** argv) {
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigaddset(&blocked, SIGINT);
  sigprocmask(SIG_BLOCK, &blocked, nullptr);
  return smarthl7::bench::run(argc, argv);
}
