// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tls_receiver.h"

#include <openssl/ssl.h>
#include <signal.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string_view>

#include "runtime/transport/tls/testing/certificates.h"
#include "tests/support/receiver.h"

namespace smarthl7::testing {
namespace {

using transport::testing::Identity;
using transport::testing::make_authority;
using transport::testing::make_identity;

void write(const std::string& path, std::string_view text) { std::ofstream(path, std::ios::binary) << text; }

void write_identity(const std::string& path, const Identity& identity) {
  write(path + ".pem", identity.certificate_pem);
  write(path + ".key", identity.key_pem.reveal());
}

using Context = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)>;
using Session = std::unique_ptr<SSL, void (*)(SSL*)>;

}  // namespace

void make_certificates(const std::string& folder) {
  const Identity authority = make_authority("Test Authority");
  write(folder + "/ca.pem", authority.certificate_pem);
  write_identity(folder + "/receiver",
                 make_identity(authority, {.common_name = "receiver", .alternative_name = "IP:127.0.0.1"}));
  const Identity other = make_authority("Another Authority");
  write_identity(folder + "/stranger", make_identity(other, {.common_name = "receiver", .alternative_name = "IP:127.0.0.1"}));
}

void write_tls_route(const std::string& folder) {
  std::ifstream in(std::string(SMARTHL7_SOURCE_DIR) + "/tests/e2e/misbehaviour.route");
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const std::string_view plain = "insecure because \"a test on one machine\"";
  const auto at = text.find(plain, text.find("destination out"));
  text.replace(at, plain.size(), "tls { ca file \"ca.pem\" }");
  write(folder + "/tls.route", text);
}

void serve_tls(const std::string& folder, TlsWays ways, int number, Line& line, const std::function<void()>& came) {
  ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  const Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  const std::string who = folder + (ways == TlsWays::stranger ? "/stranger" : "/receiver");
  if (SSL_CTX_use_certificate_chain_file(context.get(), (who + ".pem").c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.get(), (who + ".key").c_str(), SSL_FILETYPE_PEM) != 1)
    return;
  if (ways == TlsWays::wants_certificate) {
    SSL_CTX_load_verify_locations(context.get(), (folder + "/ca.pem").c_str(), nullptr);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  const Session session(SSL_new(context.get()), SSL_free);
  SSL_set_fd(session.get(), line.descriptor());
  if (SSL_accept(session.get()) != 1) return;
  std::string seen;
  char chunk[4096];
  for (int got = 0; (got = SSL_read(session.get(), chunk, sizeof chunk)) > 0;) {
    seen.append(chunk, static_cast<std::size_t>(got));
    if (seen.find("\x1c\r") == std::string::npos) continue;
    came();
    if (ways == TlsWays::breaks_once && number == 1) {
      static_cast<void>(line.write_raw(std::string("\x17\x03\x03\x00\x20 this was never encrypted, ever", 5 + 32)));
      static_cast<void>(line.ends(5));
      return;
    }
    const std::string id = control_id_of(seen.substr(1));
    seen.clear();
    const std::string answer = "\x0b" + answer_to(id, "AA") + "\x1c\r";
    if (SSL_write(session.get(), answer.data(), static_cast<int>(answer.size())) <= 0) return;
  }
}

}  // namespace smarthl7::testing
