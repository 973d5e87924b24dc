// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <cerrno>
#include <climits>
#include <cstring>

#include "runtime/env/descriptor.h"
#include "runtime/env/real/network_address.h"
#include "runtime/env/real/reactor_impl.h"

namespace smarthl7::env {

namespace {

using AsioError = boost::system::error_code;
using IoExecutor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, IoExecutor>;

// A connected socket. Its handlers share it, so it outlives the Stream that shows it by as much as they need.
// A wait goes: begin() keeps the frame and the deadline, the handler resumes it. The deadline's timer stays when the wait
// ends and is moved only if it turns out to be too early, so a busy connection sets one timer per deadline, not per read.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  enum class What { read, write };

  Connection(ReactorExecutor& executor, std::string peer)
      : executor_(executor), socket_(executor.io().get_executor()), peer_(std::move(peer)) {}
  ~Connection() { close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Result<void> assign(Descriptor fd, int family) {
    AsioError error;
    socket_.assign(asio::generic::stream_protocol(family, 0), fd.get(), error);
    if (error) return fail(ErrorCode::io, "the socket was not taken: " + error.message());
    fd_ = fd.release();
    return {};
  }

  void close() {
    if (closed_) return;
    closed_ = true;
    AsioError ignored;
    socket_.close(ignored);
    executor_.cancel(std::exchange(read_.timer, kNoTimer));
    executor_.cancel(std::exchange(write_.timer, kNoTimer));
  }

  Result<int> release() {
    if (closed_) return std::unexpected(closed_error());
    AsioError error;
    const int fd = socket_.release(error);
    if (error) return fail(ErrorCode::io, "the socket was not given away: " + error.message());
    close();
    return fd;
  }

  void end_read() {
    if (closed_ || !read_.frame || read_.timed_out) return;
    read_.timed_out = true;
    AsioError ignored;
    socket_.cancel(ignored);
  }

  template <class Handler>
  void when_writable(Handler handler) {
    socket_.async_wait(Socket::wait_write,
                       [self = shared_from_this(), handler = std::move(handler)](const AsioError& error) { handler(error); });
  }

  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] const std::string& peer() const { return peer_; }
  [[nodiscard]] ReactorExecutor& executor() const { return executor_; }
  [[nodiscard]] Error closed_error() const { return Error{ErrorCode::closed, "the connection to " + peer_ + " was closed"}; }
  [[nodiscard]] Error timeout_error(What what) const {
    return Error{ErrorCode::timeout,
                 std::string(what == What::read ? "nothing came from " : "nothing could be sent to ") + peer_ + " in time"};
  }

  // Waits until bytes were read into `into` or, for a write, until the socket takes more.
  class Wait {
   public:
    Wait(Connection* connection, What what, std::span<char> into, SteadyTime deadline)
        : connection_(connection), what_(what), into_(into), deadline_(deadline) {}
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;
    ~Wait() {
      if (begun_) connection_->forget(what_, frame_);
    }
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> frame) {
      frame_ = frame;
      begun_ = true;
      connection_->begin(what_, frame, into_, deadline_);
    }
    Result<std::size_t> await_resume() {
      begun_ = false;
      return connection_->outcome(what_);
    }

   private:
    Connection* connection_;
    What what_;
    std::span<char> into_;
    SteadyTime deadline_;
    std::coroutine_handle<> frame_;
    bool begun_ = false;
  };

 private:
  struct Direction {
    std::coroutine_handle<> frame;  // the one who waits
    std::uint64_t generation = 0;   // of the wait; handlers of an older one have nothing to say
    std::span<char> into;
    SteadyTime deadline = kNever;
    TimerId timer = kNoTimer;
    SteadyTime timer_at = kNever;
    bool timed_out = false;
    AsioError error;
    std::size_t bytes = 0;
  };

  Direction& direction(What what) { return what == What::read ? read_ : write_; }

  void begin(What what, std::coroutine_handle<> frame, std::span<char> into, SteadyTime deadline) {
    Direction& way = direction(what);
    SMARTHL7_ASSERT(!way.frame, "two waits in one direction of a stream");
    way.frame = frame;
    ++way.generation;
    way.into = into;
    way.deadline = deadline;
    way.timed_out = false;
    watch(what);
    if (what == What::read && read_over_) {
      // The system tells the end of a stream once; whoever reads again is told by us.
      executor_.post([self = shared_from_this(), what, generation = way.generation] {
        self->ended(what, generation, self->read_over_, 0);
      });
      return;
    }
    start(what);
  }

  void start(What what) {
    Direction& way = direction(what);
    auto handler = [self = shared_from_this(), what, generation = way.generation](
                       const AsioError& error, std::size_t bytes = 0) { self->ended(what, generation, error, bytes); };
    if (what == What::read) {
      socket_.async_receive(asio::buffer(way.into.data(), way.into.size()), std::move(handler));
    } else {
      socket_.async_wait(Socket::wait_write, std::move(handler));
    }
  }

  void ended(What what, std::uint64_t generation, const AsioError& error, std::size_t bytes) {
    Direction& way = direction(what);
    if (way.generation != generation || !way.frame) return;
    if (error == asio::error::operation_aborted && !closed_ && !way.timed_out)
      return start(what);  // cancelled for the other direction
    way.error = error;
    way.bytes = bytes;
    if (what == What::read && error && error != asio::error::operation_aborted) read_over_ = error;
    std::exchange(way.frame, {}).resume();
  }

  void watch(What what) {
    Direction& way = direction(what);
    if (way.deadline == kNever || (way.timer != kNoTimer && way.timer_at <= way.deadline)) return;
    executor_.cancel(way.timer);
    way.timer_at = way.deadline;
    way.timer = executor_.at(way.deadline, [this, what] { on_timer(what); });  // cancelled by close()
  }

  void on_timer(What what) {
    Direction& way = direction(what);
    way.timer = kNoTimer;
    if (!way.frame || way.timed_out) return;
    if (way.deadline > executor_.now()) return watch(what);
    way.timed_out = true;
    AsioError ignored;
    socket_.cancel(ignored);
  }

  Result<std::size_t> outcome(What what) {
    Direction& way = direction(what);
    if (!way.error) return way.bytes;
    if (way.error == asio::error::eof) return std::size_t{0};
    if (closed_) return std::unexpected(closed_error());
    if (way.timed_out) return std::unexpected(timeout_error(what));
    return std::unexpected(socket_error("the connection to " + peer_ + " broke", way.error.value()));
  }

  void forget(What what, std::coroutine_handle<> frame) {
    Direction& way = direction(what);
    if (way.frame != frame) return;
    way.frame = {};
    AsioError ignored;
    if (!closed_) socket_.cancel(ignored);
  }

  ReactorExecutor& executor_;
  Socket socket_;
  std::string peer_;
  int fd_ = -1;
  bool closed_ = false;
  AsioError read_over_;  // the end or failure that a read has met
  Direction read_;
  Direction write_;
};

class RealStream final : public Stream, public HasDescriptor {
 public:
  explicit RealStream(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
  ~RealStream() override { connection_->close(); }

  Task<Result<std::size_t>> read_some(std::span<char> into, SteadyTime deadline) override {
    Connection& connection = *connection_;
    if (connection.closed()) co_return std::unexpected(connection.closed_error());
    if (deadline != kNever && deadline <= connection.executor().now()) co_return read_now(into);
    Result<std::size_t> result = co_await Connection::Wait(&connection, Connection::What::read, into, deadline);
    co_return result;
  }

  Task<Result<void>> write(std::string_view bytes, SteadyTime deadline) override {
    iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
    Result<void> result = co_await write_vector(&piece, 1, deadline);
    co_return result;
  }

  Task<Result<void>> write_pieces(std::span<const std::string_view> pieces, SteadyTime deadline) override {
    std::vector<iovec> vector;
    vector.reserve(pieces.size());
    for (const std::string_view piece : pieces) vector.push_back({const_cast<char*>(piece.data()), piece.size()});
    Result<void> result = co_await write_vector(vector.data(), vector.size(), deadline);
    co_return result;
  }

  Task<Result<void>> finish(SteadyTime /*deadline*/) override {
    if (connection_->closed()) co_return std::unexpected(connection_->closed_error());
    if (::shutdown(connection_->fd(), SHUT_WR) != 0)
      co_return std::unexpected(socket_error("the connection to " + connection_->peer() + " broke", errno));
    co_return Result<void>();
  }

  void end_read() override { connection_->end_read(); }
  void close() override { connection_->close(); }
  Result<int> release_descriptor() override { return connection_->release(); }
  [[nodiscard]] const std::string& peer() const override { return connection_->peer(); }

 private:
  Result<std::size_t> read_now(std::span<char> into) {
    const ssize_t count = ::recv(connection_->fd(), into.data(), into.size(), MSG_DONTWAIT);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EAGAIN || errno == EINTR) return std::unexpected(connection_->timeout_error(Connection::What::read));
    return std::unexpected(socket_error("the connection to " + connection_->peer() + " broke", errno));
  }

  // Tries first and waits only if the socket is full: nearly every write is one system call.
  Task<Result<void>> write_vector(iovec* pieces, std::size_t count, SteadyTime deadline) {
    Connection& connection = *connection_;
    while (true) {
      if (connection.closed()) co_return std::unexpected(connection.closed_error());
      while (count > 0 && pieces->iov_len == 0) ++pieces, --count;
      if (count == 0) co_return Result<void>();
      msghdr message{};
      message.msg_iov = pieces;
      message.msg_iovlen = std::min<std::size_t>(count, IOV_MAX);
      const ssize_t sent = ::sendmsg(connection.fd(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent >= 0) {
        advance(pieces, count, static_cast<std::size_t>(sent));
        continue;
      }
      if (errno == EINTR) continue;
      if (errno != EAGAIN) co_return std::unexpected(socket_error("the connection to " + connection.peer() + " broke", errno));
      if (deadline != kNever && deadline <= connection.executor().now())
        co_return std::unexpected(connection.timeout_error(Connection::What::write));
      Result<std::size_t> ready = co_await Connection::Wait(&connection, Connection::What::write, {}, deadline);
      if (!ready) co_return std::unexpected(std::move(ready).error());
    }
  }

  static void advance(iovec*& pieces, std::size_t& count, std::size_t sent) {
    while (count > 0 && sent >= pieces->iov_len) {
      sent -= pieces->iov_len;
      ++pieces;
      --count;
    }
    if (count > 0) {
      pieces->iov_base = static_cast<char*>(pieces->iov_base) + sent;
      pieces->iov_len -= sent;
    }
  }

  std::shared_ptr<Connection> connection_;
};

class RealIncoming final : public Incoming {
 public:
  RealIncoming(Descriptor socket, Address address) : fd(std::move(socket)), peer(address) {}
  Descriptor fd;
  Address peer;
};

// An Asio operation that a frame waits for. Shared with its handler, which may come after the frame has gone.
struct Pending {
  Signal* wake = nullptr;  // of the frame; set to nullptr when that goes
  bool done = false;
  AsioError error;

  void finish(const AsioError& given) {
    done = true;
    error = given;
    if (wake != nullptr) wake->notify_all();
  }
};

class PendingOwner {  // the frame's end of a Pending
 public:
  explicit PendingOwner(Signal* wake) : pending(std::make_shared<Pending>()) { pending->wake = wake; }
  ~PendingOwner() { pending->wake = nullptr; }
  PendingOwner(const PendingOwner&) = delete;
  PendingOwner& operator=(const PendingOwner&) = delete;
  const std::shared_ptr<Pending> pending;
};

// The last descriptors of the process are for its own files and its own connections: a store that cannot open a file has
// failed, and nobody who only connects may bring that about. The system hands out the lowest number that is free.
constexpr rlim_t kKeptDescriptors = 64;

bool too_few_left(int newest) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return false;
  return static_cast<rlim_t>(newest) + std::min(kKeptDescriptors, limit.rlim_cur / 2) >= limit.rlim_cur;
}

class RealListener final : public Listener {
 public:
  RealListener(ReactorExecutor& executor, Descriptor fd, Endpoint local)
      : descriptor_(executor.io().get_executor(), fd.release()), local_(std::move(local)) {}
  ~RealListener() override { close(); }

  Task<Result<std::unique_ptr<Incoming>>> accept() override {
    while (!closed_) {
      Address peer;
      peer.size = sizeof peer.storage;
      Descriptor fd(::accept4(descriptor_.native_handle(), peer.raw(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (fd && local_.unix_path.empty() && too_few_left(fd.get()))
        co_return std::unexpected(socket_error("no connection can be accepted on " + local_.text(), EMFILE));
      if (fd) co_return std::unique_ptr<Incoming>(std::make_unique<RealIncoming>(std::move(fd), peer));
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno != EAGAIN) co_return std::unexpected(socket_error("no connection can be accepted on " + local_.text(), errno));
      const PendingOwner waiting(&changed_);
      descriptor_.async_wait(asio::posix::descriptor_base::wait_read,
                             [pending = waiting.pending](const AsioError& error) { pending->finish(error); });
      while (!waiting.pending->done && !closed_) co_await changed_.wait();
    }
    co_return fail(ErrorCode::closed, "listening on " + local_.text() + " has ended");
  }

  void close() override {
    if (closed_) return;
    closed_ = true;
    if (!local_.unix_path.empty()) ::unlink(local_.unix_path.c_str());
    AsioError ignored;
    descriptor_.close(ignored);
    changed_.notify_all();
  }

  [[nodiscard]] const Endpoint& local() const override { return local_; }

 private:
  asio::posix::basic_stream_descriptor<IoExecutor> descriptor_;
  Endpoint local_;
  Signal changed_;
  bool closed_ = false;
};

class RealNetwork final : public Network {
 public:
  explicit RealNetwork(ReactorExecutor& executor) : executor_(executor) {}

  Task<Result<std::unique_ptr<Stream>>> connect(Endpoint to, SteadyTime deadline) override {
    Abandon never;
    Result<std::unique_ptr<Stream>> stream = co_await connect_unless(std::move(to), deadline, &never);
    co_return stream;
  }

  Task<Result<std::unique_ptr<Stream>>> connect_unless(Endpoint to, SteadyTime deadline, Abandon* abandon) override {
    Result<std::vector<Address>> addresses = literal_addresses(to);
    if (addresses && addresses->empty()) addresses = co_await resolve(to, deadline, abandon);
    if (!addresses) co_return std::unexpected(std::move(addresses).error());
    Error last;
    std::size_t left = addresses->size();
    for (const Address& address : *addresses) {
      // An address that does not answer leaves the others their part of the time.
      const SteadyTime part = --left == 0 ? deadline : part_of(deadline, left + 1);
      Result<std::unique_ptr<Stream>> stream = co_await connect_one(address, to, part, abandon);
      if (stream) co_return stream;
      last = std::move(stream).error();
      if (last.code == ErrorCode::closed || executor_.now() >= deadline) break;
    }
    co_return std::unexpected(std::move(last));
  }

  Task<Result<std::vector<Endpoint>>> resolve(Endpoint name, SteadyTime deadline) override {
    Abandon never;
    Result<std::vector<Address>> addresses = literal_addresses(name);
    if (addresses && addresses->empty()) addresses = co_await resolve(name, deadline, &never);
    if (!addresses) co_return std::unexpected(std::move(addresses).error());
    std::vector<Endpoint> found;
    for (const Address& address : *addresses) {
      Endpoint one = name;
      one.host = address.host();
      if (std::ranges::find(found, one) == found.end()) found.push_back(std::move(one));
    }
    co_return found;
  }

  Result<std::unique_ptr<Listener>> listen(const Endpoint& at) override {
    Endpoint local;
    TRY(auto fd, open_listener(at, local));
    return std::make_unique<RealListener>(executor_, std::move(fd), std::move(local));
  }

  Result<std::unique_ptr<Stream>> adopt(std::unique_ptr<Incoming> incoming) override {
    auto* real = dynamic_cast<RealIncoming*>(incoming.get());
    SMARTHL7_ASSERT(real != nullptr, "a connection of another network");
    std::string peer = peer_text(real->fd.get(), real->peer);
    return make_stream(std::move(real->fd), real->peer.family(), std::move(peer));
  }

 private:
  [[nodiscard]] SteadyTime part_of(SteadyTime deadline, std::size_t parts) const {
    constexpr auto kPatience = std::chrono::seconds(10);
    const SteadyTime now = executor_.now();
    if (deadline == kNever) return now + kPatience;
    return now + (deadline - now) / static_cast<std::int64_t>(parts);
  }

  Result<std::unique_ptr<Stream>> make_stream(Descriptor fd, int family, std::string peer) {
    tune_connected(fd.get(), family);
    auto connection = std::make_shared<Connection>(executor_, std::move(peer));
    TRY_VOID(connection->assign(std::move(fd), family));
    return std::make_unique<RealStream>(std::move(connection));
  }

  // Until the operation is done, `abandon` is requested or the time is over.
  static Task<Result<void>> wait(Pending* pending, Abandon* abandon, SteadyTime deadline, std::string to) {
    while (!pending->done) {
      if (abandon->requested) co_return fail(ErrorCode::closed, "the connection to " + to + " is not wanted any more");
      const bool notified = co_await abandon->changed.wait(deadline);
      if (!notified && !pending->done) co_return fail(ErrorCode::timeout, to + " did not answer in time");
    }
    co_return Result<void>();
  }

  Task<Result<std::vector<Address>>> resolve(Endpoint to, SteadyTime deadline, Abandon* abandon) {
    struct Found {
      std::vector<Address> addresses;
    };
    using Resolver = asio::ip::basic_resolver<asio::ip::tcp, IoExecutor>;
    auto found = std::make_shared<Found>();
    auto resolver = std::make_shared<Resolver>(executor_.io().get_executor());
    const PendingOwner waiting(&abandon->changed);
    resolver->async_resolve(
        to.host, std::to_string(to.port),
        [found, resolver, pending = waiting.pending](const AsioError& error, const Resolver::results_type& results) {
          for (const auto& entry : results) {
            Address address;
            address.size = static_cast<socklen_t>(entry.endpoint().size());
            std::memcpy(&address.storage, entry.endpoint().data(), address.size);
            found->addresses.push_back(address);
          }
          pending->finish(error);
        });
    Result<void> waited = co_await wait(waiting.pending.get(), abandon, deadline, "the name service for " + to.host);
    if (!waited) co_return std::unexpected(std::move(waited).error());
    const AsioError& error = waiting.pending->error;
    if (error || found->addresses.empty())
      co_return fail(ErrorCode::unreachable,
                     "the host `" + to.host + "` cannot be resolved" + (error ? ": " + error.message() : ""));
    co_return std::move(found->addresses);
  }

  Task<Result<std::unique_ptr<Stream>>> connect_one(Address address, Endpoint name, SteadyTime deadline, Abandon* abandon) {
    const std::string to = name.text();
    Result<Descriptor> socket = open_socket(address.family());
    if (!socket) co_return std::unexpected(std::move(socket).error());
    const int fd = socket->get();
    Result<void> bound = bind_via(fd, address.family(), name.via);
    if (!bound) co_return std::unexpected(std::move(bound).error());
    const bool at_once = ::connect(fd, address.raw(), address.size) == 0;
    if (!at_once && errno != EINPROGRESS) co_return std::unexpected(socket_error("no connection to " + to, errno));
    tune_connected(fd, address.family());
    auto connection = std::make_shared<Connection>(executor_, to);
    Result<void> assigned = connection->assign(std::move(*socket), address.family());
    if (!assigned) co_return std::unexpected(std::move(assigned).error());
    if (!at_once) {
      const PendingOwner waiting(&abandon->changed);
      connection->when_writable([pending = waiting.pending](const AsioError& error) { pending->finish(error); });
      Result<void> waited = co_await wait(waiting.pending.get(), abandon, deadline, to);
      if (!waited) {
        connection->close();
        co_return std::unexpected(std::move(waited).error());
      }
      int failure = 0;
      socklen_t size = sizeof failure;
      if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) != 0) failure = errno;
      if (failure != 0) {
        connection->close();
        co_return std::unexpected(socket_error("no connection to " + to, failure));
      }
    }
    co_return std::unique_ptr<Stream>(std::make_unique<RealStream>(std::move(connection)));
  }

  ReactorExecutor& executor_;
};

}  // namespace

std::unique_ptr<Network> make_network(ReactorExecutor& executor) { return std::make_unique<RealNetwork>(executor); }

}  // namespace smarthl7::env
