// SPDX-License-Identifier: Apache-2.0
// run: the service.
#include <algorithm>
#include <iostream>
#include <thread>

#include "runtime/app/commands/commands.h"
#include "runtime/app/commands/plan_input.h"
#include "runtime/app/service/service.h"

namespace smarthl7::app {

namespace {

/// A socket, or an address that other machines do not reach; false: it is neither.
bool read_admin(const std::string& text, ServiceSetup& setup) {
  if (text.starts_with("unix:")) {
    setup.admin_socket = text.substr(5);
    return !setup.admin_socket.empty();
  }
  auto at = env::Endpoint::parse(text.starts_with("http://") ? text.substr(7) : text);
  if (!at) return false;
  if (at->host == "localhost") at->host = "127.0.0.1";
  if (at->host != "127.0.0.1" && at->host != "::1") return false;
  setup.admin_http = std::move(*at);
  return true;
}

}  // namespace

int run(const RunOptions& options) {
  ServiceSetup setup;
  setup.admin_socket = options.data + "/admin.sock";
  for (const std::string& admin : options.admin) {
    if (read_admin(admin, setup)) continue;
    std::cerr << "smarthl7: --admin takes unix:PATH or an address of loopback as 127.0.0.1:9000, not `" << admin << "`\n"
              << "help: other machines reach it through a tunnel, as `ssh -L 9000:127.0.0.1:9000 HOST`\n";
    return kUsage;
  }
  auto input = load_plan(options.paths, options.environment);
  if (!input) return input.error();
  setup.plan = std::move(input->plan);
  setup.digest = input->digest;
  setup.folder = std::move(input->folder);
  setup.data = options.data;
  setup.environment = options.environment;
  setup.settings = options.settings;
  setup.secrets = options.secrets;
  const bool is_mail_url = options.mail_server.starts_with("smtp://") || options.mail_server.starts_with("smtps://");
  if (!options.mail_server.empty() && !is_mail_url) {
    std::cerr << "smarthl7: --mail-server takes smtp://HOST:PORT or smtps://HOST:PORT, not `" << options.mail_server << "`\n";
    return kUsage;
  }
  for (const std::string& contact : options.contacts) {
    const std::size_t equals = contact.find('=');
    const std::string target = equals == std::string::npos ? "" : contact.substr(equals + 1);
    const bool known = target.starts_with("https://") || target.starts_with("http://") || target.starts_with("mailto:");
    if (equals == 0 || !known) {
      std::cerr << "smarthl7: --contact takes NAME=https://URL or NAME=mailto:ADDRESS, not `" << contact << "`\n";
      return kUsage;
    }
    setup.contacts.emplace_back(contact.substr(0, equals), target);
  }
  setup.mail_server = options.mail_server;
  setup.mail_from = options.mail_from;
  setup.reactors = options.reactors != 0 ? options.reactors : std::max(1U, std::thread::hardware_concurrency());
  setup.drain_seconds = options.drain_seconds;
  setup.memory = options.memory;
  setup.store.most_bytes = options.disk;
  return run_service(std::move(setup));
}

}  // namespace smarthl7::app
