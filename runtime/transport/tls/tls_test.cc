// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/tls/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/env/real/real.h"
#include "runtime/env/testing/run_on.h"
#include "runtime/transport/tls/testing/certificates.h"
#include "stdlib/base/certificate.h"

namespace smarthl7::transport::tls {
namespace {

using namespace std::chrono_literals;
using env::Stream;
using env::Task;
using ::testing::HasSubstr;
using transport::testing::Identity;
using transport::testing::make_authority;
using transport::testing::make_identity;

const Identity& authority() {
  static const Identity instance = make_authority("Test Authority");
  return instance;
}
const Identity& hub() {
  static const Identity instance =
      make_identity(authority(), {.common_name = "hub", .alternative_name = "DNS:hub.example,IP:127.0.0.1"});
  return instance;
}
const Identity& lab() {
  static const Identity instance = make_identity(authority(), {.common_name = "lab", .alternative_name = {}});
  return instance;
}

ServerSettings server_settings(bool clients = false) {
  return {.certificate_pem = hub().certificate_pem,
          .key_pem = hub().key_pem,
          .clients_pem = clients ? authority().certificate_pem : ""};
}
ClientSettings client_settings() {
  return {.ca_pem = authority().certificate_pem, .certificate_pem = {}, .key_pem = {}, .server_name = "127.0.0.1"};
}

struct Outcome {
  std::string server;  // its error, or what it heard
  std::string client;
  ErrorCode client_code = ErrorCode::io;
  std::string subject;  // of the client, as the server saw it
};

// The server answers what it hears with "heard: ..." after the client has finished its side.
Task<void> serve(env::Listener* listener, env::Network* network, std::shared_ptr<const Context> context, SteadyTime deadline,
                 Outcome* outcome) {
  Result<std::unique_ptr<env::Incoming>> incoming = co_await listener->accept();
  Result<std::unique_ptr<Stream>> plain = network->adopt(std::move(*incoming));
  Result<std::unique_ptr<Stream>> stream = co_await accept(std::move(context), std::move(*plain), deadline);
  if (!stream) {
    outcome->server = stream.error().describe();
    co_return;
  }
  outcome->subject = (*stream)->peer_certificate_subject();
  std::string buffer(1000, '\0');
  while (true) {
    Result<std::size_t> count = co_await (*stream)->read_some(buffer, deadline);
    if (!count) outcome->server += "read: " + count.error().describe();
    if (!count || *count == 0) break;
    outcome->server.append(buffer.data(), *count);
  }
  const std::string answer = "heard: " + outcome->server;
  Result<void> written = co_await (*stream)->write(answer, deadline);
  Result<void> finished = co_await (*stream)->finish(deadline);
  (*stream)->close();
}

Task<void> ask(std::unique_ptr<Stream> plain, std::shared_ptr<const Context> context, SteadyTime deadline, std::string question,
               Outcome* outcome) {
  Result<std::unique_ptr<Stream>> stream = co_await connect(std::move(context), std::move(plain), deadline);
  if (!stream) {
    outcome->client = stream.error().describe();
    outcome->client_code = stream.error().code;
    co_return;
  }
  Result<void> written = co_await (*stream)->write(question, deadline);
  Result<void> finished = co_await (*stream)->finish(deadline);
  std::string buffer(1000, '\0');
  while (true) {
    Result<std::size_t> count = co_await (*stream)->read_some(buffer, deadline);
    if (!count) {
      outcome->client += "read: " + count.error().describe();
      outcome->client_code = count.error().code;
    }
    if (!count || *count == 0) break;
    outcome->client.append(buffer.data(), *count);
  }
}

Task<Outcome> meet(env::Network* network, env::Executor* executor, std::shared_ptr<const Context> server,
                   std::shared_ptr<const Context> client, std::string question) {
  const SteadyTime deadline = executor->now() + 20s;
  Outcome outcome;
  auto listener = std::move(network->listen({"127.0.0.1", 0, {}}).value());
  env::Gate gate;
  gate.spawn(serve(listener.get(), network, std::move(server), deadline, &outcome));
  Result<std::unique_ptr<Stream>> plain = co_await network->connect(listener->local(), deadline);
  if (client != nullptr) {
    gate.spawn(ask(std::move(*plain), std::move(client), deadline, std::move(question), &outcome));
  } else {
    Result<void> written = co_await (*plain)->write(question, deadline);  // plain text on a TLS port
    std::string buffer(1000, '\0');
    Result<std::size_t> count = co_await (*plain)->read_some(buffer, deadline);
    (*plain)->close();
  }
  co_await gate.drained();
  co_return outcome;
}

class Tls : public ::testing::Test {
 protected:
  void SetUp() override { reactor_->start("tls"); }
  Outcome meet_with(const ServerSettings& server, const ClientSettings* client, const std::string& question = "MSH|question") {
    auto server_context = make_server_context(server);
    EXPECT_TRUE(server_context.has_value()) << server_context.error().describe();
    std::shared_ptr<const Context> client_context;
    if (client != nullptr) client_context = make_client_context(*client).value();
    return env::run_on(reactor_->executor(), [&] {
      return meet(&reactor_->network(), &reactor_->executor(), *server_context, client_context, question);
    });
  }
  std::unique_ptr<env::RealReactor> reactor_ = env::make_reactor();
};

TEST_F(Tls, carries_bytes_both_ways_and_ends_each_way_on_its_own) {
  const ClientSettings client = client_settings();
  const Outcome outcome = meet_with(server_settings(), &client);
  EXPECT_EQ(outcome.server, "MSH|question");
  EXPECT_EQ(outcome.client, "heard: MSH|question");
  EXPECT_EQ(outcome.subject, "");
}

TEST_F(Tls, both_versions_and_none_below) {
  ClientSettings client = client_settings();
  client.server_name = "hub.example";
  ServerSettings server = server_settings();
  server.least = Version::tls13;
  EXPECT_EQ(meet_with(server, &client).client, "heard: MSH|question");
  client.most = Version::tls12;
  const Outcome outcome = meet_with(server, &client);
  EXPECT_THAT(outcome.server, HasSubstr("its version of TLS is too old"));
  EXPECT_THAT(outcome.client, HasSubstr("it does not take our version of TLS"));
  server.least = Version::tls12;
  EXPECT_EQ(meet_with(server, &client).client, "heard: MSH|question");
}

TEST_F(Tls, with_version_12_a_missing_client_certificate_fails_the_handshake) {
  ClientSettings client = client_settings();
  client.most = Version::tls12;
  const Outcome outcome = meet_with(server_settings(true), &client);
  EXPECT_THAT(outcome.server, HasSubstr("it has shown no client certificate"));
  EXPECT_THAT(outcome.client, HasSubstr("demands a client certificate"));
  EXPECT_EQ(outcome.client_code, ErrorCode::refused);
}

TEST_F(Tls, large_writes) {
  const ClientSettings client = client_settings();
  std::string large(3 << 20, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>('a' + i % 23);
  const Outcome outcome = meet_with(server_settings(), &client, large);
  EXPECT_TRUE(outcome.client == "heard: " + large) << outcome.client.size();
}

TEST_F(Tls, the_subject_of_a_client_certificate_is_known) {
  ClientSettings client = client_settings();
  client.certificate_pem = lab().certificate_pem;
  client.key_pem = lab().key_pem;
  const Outcome outcome = meet_with(server_settings(true), &client);
  EXPECT_EQ(outcome.subject, "CN=lab");
  EXPECT_EQ(outcome.client, "heard: MSH|question");
}

TEST_F(Tls, no_client_certificate_is_named_on_both_sides) {
  const ClientSettings client = client_settings();
  const Outcome outcome = meet_with(server_settings(true), &client);
  EXPECT_THAT(outcome.server, HasSubstr("it has shown no client certificate"));
  EXPECT_THAT(outcome.client, HasSubstr("it demands a client certificate and we have shown none"));
  EXPECT_EQ(outcome.client_code, ErrorCode::refused);
}

TEST_F(Tls, a_client_of_an_unknown_authority_is_refused) {
  const Identity other = make_authority("Other Authority");
  const Identity stranger = make_identity(other, {.common_name = "stranger", .alternative_name = {}});
  ClientSettings client = client_settings();
  client.certificate_pem = stranger.certificate_pem;
  client.key_pem = stranger.key_pem;
  const Outcome outcome = meet_with(server_settings(true), &client);
  EXPECT_THAT(outcome.server, HasSubstr("its certificate is not accepted: unable to get local issuer certificate"));
  EXPECT_THAT(outcome.client, HasSubstr("it does not know the authority that signed our certificate"));
  EXPECT_EQ(outcome.client_code, ErrorCode::refused);
}

TEST_F(Tls, a_server_of_an_unknown_authority_is_refused) {
  ClientSettings client = client_settings();
  client.ca_pem = make_authority("Other Authority").certificate_pem;
  const Outcome outcome = meet_with(server_settings(), &client);
  EXPECT_THAT(outcome.client, HasSubstr("its certificate is not accepted: unable to get local issuer certificate"));
  EXPECT_EQ(outcome.client_code, ErrorCode::refused);
  EXPECT_THAT(outcome.server, HasSubstr("it does not know the authority that signed our certificate"));
}

TEST_F(Tls, a_wrong_name_is_refused) {
  ClientSettings client = client_settings();
  client.server_name = "mercy.example";
  const Outcome outcome = meet_with(server_settings(), &client);
  EXPECT_THAT(outcome.client, HasSubstr("its certificate is not accepted: hostname mismatch"));
  client.server_name = "127.0.0.2";
  EXPECT_THAT(meet_with(server_settings(), &client).client, HasSubstr("its certificate is not accepted: IP address mismatch"));
}

TEST_F(Tls, expired_certificates_are_refused_on_either_side) {
  using std::chrono::days;
  const Identity old_hub =
      make_identity(authority(), {.common_name = "hub", .alternative_name = "IP:127.0.0.1", .valid = days(-3)});
  const Identity old_lab = make_identity(authority(), {.common_name = "lab", .alternative_name = {}, .valid = days(-3)});
  ClientSettings client = client_settings();
  ServerSettings server = server_settings();
  server.certificate_pem = old_hub.certificate_pem;
  server.key_pem = old_hub.key_pem;
  const Outcome first = meet_with(server, &client);
  EXPECT_THAT(first.client, HasSubstr("its certificate is not accepted: certificate has expired"));
  EXPECT_THAT(first.server, HasSubstr("our certificate has expired"));
  client.certificate_pem = old_lab.certificate_pem;
  client.key_pem = old_lab.key_pem;
  const Outcome second = meet_with(server_settings(true), &client);
  EXPECT_THAT(second.server, HasSubstr("its certificate is not accepted: certificate has expired"));
  EXPECT_THAT(second.client, HasSubstr("our certificate has expired"));
}

TEST_F(Tls, renewed_files_are_what_new_connections_use) {
  const Identity other = make_authority("Other Authority");
  const Identity new_hub = make_identity(other, {.common_name = "hub", .alternative_name = "IP:127.0.0.1"});
  ServerSettings settings = server_settings();
  const auto server = make_server_context(settings).value();
  const auto client = make_client_context(client_settings()).value();
  const auto talk = [&] {
    return env::run_on(reactor_->executor(),
                       [&] { return meet(&reactor_->network(), &reactor_->executor(), server, client, "MSH|question"); });
  };
  EXPECT_EQ(talk().client, "heard: MSH|question");
  settings.certificate_pem = new_hub.certificate_pem;
  settings.key_pem = server_settings().key_pem;
  const auto half = renew_server_context(*server, settings);  // the certificate was written and the key not yet
  ASSERT_FALSE(half.has_value());
  EXPECT_THAT(half.error().text, HasSubstr("does not belong to the certificate"));
  EXPECT_EQ(talk().client, "heard: MSH|question");
  settings.key_pem = new_hub.key_pem;
  ASSERT_TRUE(renew_server_context(*server, settings).has_value());
  EXPECT_THAT(talk().client, HasSubstr("unable to get local issuer certificate"));
  ClientSettings trusting = client_settings();
  trusting.ca_pem = other.certificate_pem;
  ASSERT_TRUE(renew_client_context(*client, trusting).has_value());
  EXPECT_EQ(talk().client, "heard: MSH|question");
}

TEST_F(Tls, only_the_pinned_certificate_is_taken) {
  ClientSettings client = client_settings();
  client.certificate_pem = lab().certificate_pem;
  client.key_pem = lab().key_pem;
  const std::string digest = "sha256:" + read_certificates(lab().certificate_pem).value().front().fingerprint;
  ServerSettings server = server_settings(true);
  for (const std::string& pin : {std::string("CN=lab"), digest}) {
    server.pin = pin;
    EXPECT_EQ(meet_with(server, &client).client, "heard: MSH|question") << pin;
  }
  server.pin = "CN=another lab";
  const Outcome refused = meet_with(server, &client);
  EXPECT_THAT(refused.server, HasSubstr("its certificate is not the one that is pinned here"));
  EXPECT_THAT(refused.client, HasSubstr("it does not accept our certificate"));
  EXPECT_EQ(refused.client_code, ErrorCode::refused);
  client.pin = "127.0.0.1";
  EXPECT_EQ(meet_with(server_settings(), &client).client, "heard: MSH|question");
  client.pin = "CN=somebody";
  EXPECT_THAT(meet_with(server_settings(), &client).client, HasSubstr("is not the one that is pinned"));
  server.clients_pem.clear();
  EXPECT_THAT(make_server_context(server).error().text, HasSubstr("no authority of clients is given"));
}

TEST_F(Tls, what_was_revoked_is_refused) {
  ClientSettings client = client_settings();
  client.certificate_pem = lab().certificate_pem;
  client.key_pem = lab().key_pem;
  ServerSettings server = server_settings(true);
  server.crl_pem = testing::make_revocations(authority(), {});
  EXPECT_EQ(meet_with(server, &client).client, "heard: MSH|question");
  server.crl_pem = testing::make_revocations(authority(), {lab()});
  const Outcome refused = meet_with(server, &client);
  EXPECT_THAT(refused.server, HasSubstr("its certificate is not accepted: certificate revoked"));
  EXPECT_THAT(refused.client, HasSubstr("our certificate is revoked"));
  server.crl_pem = "no list";
  EXPECT_THAT(make_server_context(server).error().text, HasSubstr("no X509 CRL"));
}

TEST_F(Tls, plain_text_on_a_tls_port_is_named) {
  const Outcome outcome = meet_with(server_settings(), nullptr, "\x0bMSH|^~\\&|LAB|\x1c\r");
  EXPECT_THAT(outcome.server, HasSubstr("it sends plain text, not TLS"));
}

TEST(TlsSettings, what_cannot_work_is_named) {
  ServerSettings server = server_settings();
  server.key_pem = lab().key_pem;
  EXPECT_THAT(make_server_context(server).error().text, HasSubstr("does not belong to the certificate"));
  server.key_pem = Secret("not a key");
  EXPECT_THAT(make_server_context(server).error().text, HasSubstr("not an unencrypted key in PEM"));
  server.certificate_pem = "not a certificate";
  EXPECT_THAT(make_server_context(server).error().text, HasSubstr("holds no certificate"));
  ClientSettings client = client_settings();
  client.certificate_pem = lab().certificate_pem;
  EXPECT_THAT(make_client_context(client).error().text, HasSubstr("needs its private key"));
}

}  // namespace
}  // namespace smarthl7::transport::tls
