// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/commands/admin_client.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <future>
#include <iostream>

#include "runtime/app/commands/world.h"
#include "runtime/app/service/admin_token.h"
#include "runtime/env/gate.h"
#include "runtime/env/real/real.h"

namespace smarthl7::app {
namespace {

using namespace std::chrono_literals;

/// An act on very many letters may search the journal for long.
env::Task<void> call(env::Env env, env::Endpoint to, api::Request request, std::promise<Result<api::Response>>* done) {
  const auto patience = request.method == "POST" ? std::chrono::seconds(3600) : 60s;
  auto answer = co_await api::http_call(env, std::move(to), std::move(request), env.executor.now() + patience);
  done->set_value(std::move(answer));
}

Result<env::Endpoint> endpoint_of(const ServiceOptions& service) {
  env::Endpoint to;
  if (service.admin.empty()) {
    to.unix_path = service.data + "/admin.sock";
    return to;
  }
  if (service.admin.starts_with("unix:")) {
    to.unix_path = service.admin.substr(5);
    return to;
  }
  const bool url = service.admin.starts_with("http://");
  if (auto loopback = env::Endpoint::parse(url ? service.admin.substr(7) : service.admin)) return loopback;
  return fail(ErrorCode::invalid, "--admin takes unix:PATH or an address as 127.0.0.1:9000, not `" + service.admin + "`");
}

/// The token that a service made in its data folder, if it is not asked through its socket.
Result<void> show_token(const ServiceOptions& service, const env::Endpoint& to, api::Request& request) {
  if (!to.unix_path.empty()) return {};
  TRY(std::string token, read_file(admin_token_path(service.data)));
  while (token.ends_with('\n')) token.pop_back();
  request.authorization = "Bearer " + token;
  return {};
}

Result<api::Response> blocking_call(const env::Endpoint& to, api::Request request) {
  const auto disk = env::make_real_disk();
  const auto clock = env::make_real_clock();
  const auto random = env::make_real_random();
  const auto reactor = env::make_reactor();
  env::Gate gate;
  std::promise<Result<api::Response>> done;
  auto answer = done.get_future();
  reactor->start("admin-client");
  reactor->executor().post([&] {
    const env::Env env{reactor->executor(), reactor->network(), *disk, *clock, *random};
    gate.spawn(call(env, to, std::move(request), &done));
  });
  Result<api::Response> result = answer.get();
  std::promise<void> idle;
  reactor->executor().post([&] { idle.set_value(); });  // the root frame has ended by then
  idle.get_future().wait();
  reactor->stop();
  return result;
}

}  // namespace

namespace {

std::expected<api::Response, int> exchange(const ServiceOptions& service, api::Request request) {
  auto to = endpoint_of(service);
  if (!to) {
    std::cerr << "smarthl7: " << to.error().text << "\n";
    return std::unexpected(kUsage);
  }
  if (const auto shown = show_token(service, *to, request); !shown) {
    std::cerr << "smarthl7: " << shown.error().describe() << "\n"
              << "help: --data names the folder of the service, where its token is; `run --admin HOST:PORT` makes it\n";
    return std::unexpected(kEnvironment);
  }
  auto answer = blocking_call(*to, std::move(request));
  if (answer) return std::move(*answer);
  std::cerr << "smarthl7: no service answers at " << to->text() << ": " << answer.error().describe() << "\n"
            << "help: name its data folder with --data, or start one with `smarthl7 run`\n";
  return std::unexpected(kEnvironment);
}

int complain(const api::Response& answer) {
  std::string why = answer.body;
  boost::system::error_code error;
  const auto parsed = boost::json::parse(answer.body, error);
  if (!error && parsed.is_object() && parsed.as_object().contains("error")) why = parsed.at("error").as_string().c_str();
  std::cerr << "smarthl7: " << why << "\n";
  return answer.status == 404 || answer.status == 400 || answer.status == 409 ? kFindings : kEnvironment;
}

}  // namespace

std::expected<Acted, int> act(const ServiceOptions& service, const std::string& path, const boost::json::object& body) {
  api::Request request;
  request.method = "POST";
  request.path = path;
  request.body = boost::json::serialize(body);
  auto answer = exchange(service, std::move(request));
  if (!answer) return std::unexpected(answer.error());
  boost::system::error_code error;
  auto parsed = boost::json::parse(answer->body, error);
  const bool verdicts = !error && parsed.is_object() && !parsed.as_object().contains("error");
  if (verdicts && (answer->status == 200 || answer->status == 409)) return Acted{std::move(parsed), answer->status == 409};
  return std::unexpected(complain(*answer));
}

std::expected<std::string, int> ask_for_bytes(const ServiceOptions& service, api::Request request) {
  auto answer = exchange(service, std::move(request));
  if (!answer) return std::unexpected(answer.error());
  if (answer->status == 200) return std::move(answer->body);
  return std::unexpected(complain(*answer));
}

std::expected<boost::json::value, int> ask(const ServiceOptions& service, api::Request request) {
  auto bytes = ask_for_bytes(service, std::move(request));
  if (!bytes) return std::unexpected(bytes.error());
  boost::system::error_code error;
  auto parsed = boost::json::parse(*bytes, error);
  if (!error) return parsed;
  std::cerr << "smarthl7: the service's answer is not JSON: " << error.message() << "\n";
  return std::unexpected(kEnvironment);
}

}  // namespace smarthl7::app
