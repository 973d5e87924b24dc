// SPDX-License-Identifier: Apache-2.0
// Byte streams and the network as the engine sees them; real sockets and simulated ones look the same.
// Ownership: who gets a Stream or Listener owns it. Threads: a Stream belongs to the executor on which it was connected or
// adopted. One read and one write may wait at the same time. Failure: every wait takes a deadline (ErrorCode::timeout) and ends
// with ErrorCode::closed when close() is called; a stream that failed is closed by its owner.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/env/signal.h"
#include "runtime/env/task.h"
#include "stdlib/base/result.h"
#include "stdlib/base/time.h"

namespace smarthl7::env {

/// A TCP address (host name or IPv4/IPv6 literal, and port) or, with a path, a Unix socket.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
  std::string unix_path;
  std::string via{};  // our side: an address of this machine, or an interface ("wg0"); empty: the system chooses

  [[nodiscard]] std::string text() const;  // "host:port", "[::1]:2575" or "unix:/path"
  /// "host:port", "[v6]:port"; the port is required.
  [[nodiscard]] static Result<Endpoint> parse(std::string_view text);
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  /// At least one byte, or 0 when the other end has finished sending. With a deadline that has passed it takes what is there
  /// already, or ends with ErrorCode::timeout at once.
  virtual Task<Result<std::size_t>> read_some(std::span<char> into, SteadyTime deadline) = 0;
  /// All of it. `bytes` must live until the task ends.
  virtual Task<Result<void>> write(std::string_view bytes, SteadyTime deadline) = 0;
  /// write() of several pieces, in one system call where there is one. The span, too, must live until the task ends.
  virtual Task<Result<void>> write_pieces(std::span<const std::string_view> pieces, SteadyTime deadline);
  /// Tells the other end that nothing more comes (TLS: close_notify; TCP: half-close).
  virtual Task<Result<void>> finish(SteadyTime deadline) = 0;
  /// Ends a waiting read with ErrorCode::timeout, as if its deadline had come: no byte is lost, and the stream can be read
  /// again. Without one that waits it does nothing.
  virtual void end_read() = 0;
  /// Ends waiting reads and writes with ErrorCode::closed. Idempotent.
  virtual void close() = 0;
  /// The other end's address, for logs and traces.
  [[nodiscard]] virtual const std::string& peer() const = 0;
  /// The subject of the other end's verified certificate; empty without TLS or without a client certificate.
  [[nodiscard]] virtual std::string_view peer_certificate_subject() const { return {}; }
};

/// A connection that was accepted but has no executor yet, so that it can be handed to another reactor.
class Incoming {
 public:
  Incoming() = default;
  Incoming(const Incoming&) = delete;
  Incoming& operator=(const Incoming&) = delete;
  virtual ~Incoming() = default;
};

class Listener {
 public:
  Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  virtual ~Listener() = default;

  virtual Task<Result<std::unique_ptr<Incoming>>> accept() = 0;
  virtual void close() = 0;
  /// Where it really listens (the port that was chosen for port 0).
  [[nodiscard]] virtual const Endpoint& local() const = 0;
};

/// Lets the one who waits for a connect end it early. Owned by the caller, longer than the connect.
struct Abandon {
  bool requested = false;
  Signal changed;

  void request() {
    requested = true;
    changed.notify_all();
  }
};

class Network {
 public:
  virtual ~Network() = default;
  virtual Task<Result<std::unique_ptr<Stream>>> connect(Endpoint to, SteadyTime deadline) = 0;
  /// connect() that ends with ErrorCode::closed when `abandon` is requested. A network whose connects end soon may ignore it.
  virtual Task<Result<std::unique_ptr<Stream>>> connect_unless(Endpoint to, SteadyTime deadline, Abandon* abandon);
  /// What connect() would try, in its order, as literals. A network without names gives the endpoint itself.
  virtual Task<Result<std::vector<Endpoint>>> resolve(Endpoint name, SteadyTime deadline);
  virtual Result<std::unique_ptr<Listener>> listen(const Endpoint& at) = 0;
  /// Turns an accepted connection into a Stream of this network's executor.
  virtual Result<std::unique_ptr<Stream>> adopt(std::unique_ptr<Incoming> incoming) = 0;
};

}  // namespace smarthl7::env
