// SPDX-License-Identifier: Apache-2.0
// The bare echo: Boost.Beast over Boost.Asio and OpenSSL, two threads, nothing but the body sent back. What it reaches is what
// HTTP and TLS leave to a hub.
//   http_echo CERTIFICATE KEY     (prints its port; ends with SIGTERM)
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <cstdio>
#include <memory>
#include <thread>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, asio::ssl::context& context) : stream_(std::move(socket), context) {}
  void start() {
    stream_.async_handshake(asio::ssl::stream_base::server, [self = shared_from_this()](error_code error) {
      if (!error) self->read();
    });
  }

 private:
  void read() {
    request_ = {};
    http::async_read(stream_, buffer_, request_, [self = shared_from_this()](error_code error, std::size_t) {
      if (!error) self->answer();
    });
  }
  void answer() {
    response_ = http::response<http::string_body>(http::status::ok, request_.version());
    response_.keep_alive(request_.keep_alive());
    response_.set(http::field::content_type, "application/hl7-v2");
    response_.body() = std::move(request_.body());
    response_.prepare_payload();
    http::async_write(stream_, response_, [self = shared_from_this()](error_code error, std::size_t) {
      if (!error && self->response_.keep_alive()) self->read();
    });
  }

  beast::ssl_stream<tcp::socket> stream_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

/// Connections in turn over two reactors, as the hub spreads them.
class Echo {
 public:
  explicit Echo(asio::ssl::context& context)
      : context_(context), acceptor_(reactors_[0], {asio::ip::address_v4::loopback(), 0}) {}
  void run() {
    std::printf("%u\n", acceptor_.local_endpoint().port());
    std::fflush(stdout);
    accept();
    const auto keep = asio::make_work_guard(reactors_[1]);
    std::jthread second([this] { reactors_[1].run(); });
    reactors_[0].run();
  }

 private:
  void accept() {
    asio::io_context& reactor = reactors_[next_++ % 2];
    acceptor_.async_accept(reactor, [this, &reactor](error_code error, tcp::socket socket) {
      if (!error) {
        socket.set_option(tcp::no_delay(true));
        auto session = std::make_shared<Session>(std::move(socket), context_);
        asio::post(reactor, [session] { session->start(); });
      }
      accept();
    });
  }

  asio::ssl::context& context_;
  asio::io_context reactors_[2];
  tcp::acceptor acceptor_;
  unsigned next_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: http_echo CERTIFICATE KEY\n", stderr);
    return 2;
  }
  asio::ssl::context context(asio::ssl::context::tlsv13_server);
  context.use_certificate_chain_file(argv[1]);
  context.use_private_key_file(argv[2], asio::ssl::context::pem);
  Echo(context).run();
}
