// SPDX-License-Identifier: Apache-2.0
// HTTPS in, TLS 1.3, in one run under one load generator: a bare Beast echo, and the hub that validates, maps, stores durably
// and delivers each message before its response (delivery to a sink over MLLP). A rate counts what was answered AA and
// delivered, the drain at the end included; syncs are counted at the store's file layer in the same run. The load makes its
// messages while it runs, on the same cores.
//   https_bench [--seconds N]
#include <signal.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "runtime/transport/tls/testing/certificates.h"
#include "tests/bench/https_load.h"
#include "tests/bench/hub_process.h"

namespace smarthl7::bench {
namespace {

using smarthl7::testing::Process;
using smarthl7::testing::ScratchFolder;
const std::string kProgram = SMARTHL7_PROGRAM;
const std::string kEcho = SMARTHL7_ECHO;
const std::string kSource = SMARTHL7_SOURCE_DIR;

void write(const std::string& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::binary);
  out << bytes;
}

std::string read(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void print_row(const char* what, double rate, const LoadResult& load, double processor_us) {
  std::printf("  %-34s %9.0f req/s   p50 %7.2f ms  p99 %7.2f ms  %4.0f us processor\n", what, rate, load.p50_ms, load.p99_ms,
              processor_us);
  std::fflush(stdout);
}

void check(const LoadResult& load) {
  if (load.refused == 0 && load.acknowledged > 0) return;
  std::fprintf(stderr, "https_bench: %llu requests were answered otherwise\n", static_cast<unsigned long long>(load.refused));
  std::exit(1);
}

double echo(const std::string& folder, const LoadOptions& wanted) {
  const ScratchFolder logs("echo");
  Process process({kEcho, folder + "/hub.pem", folder + "/secrets/hub_key"}, logs.path() + "/log");
  await([&] { return read(logs.path() + "/log").ends_with('\n'); }, "the start of the echo");
  LoadOptions options = wanted;
  options.port = static_cast<unsigned short>(std::stoul(read(logs.path() + "/log")));
  const double before = processor_time(process);
  const LoadResult load = run_https_load(options, "\r\n\r\nMSH|");
  check(load);
  print_row("bare Beast echo", load.rate(), load, (processor_time(process) - before) / static_cast<double>(load.acknowledged));
  process.signal(SIGTERM);
  process.wait();
  return load.rate();
}

void hub(const std::string& folder, const LoadOptions& wanted, double bare) {
  const ScratchFolder scratch("hub");
  const std::string data = scratch.path() + "/data";
  AckSink sink;
  LoadOptions options = wanted;
  options.port = smarthl7::testing::free_port();
  Process process({kProgram, "run", folder, "--data", data, "--secrets", folder + "/secrets", "--set",
                   "hub_port=" + std::to_string(options.port), "--set", "out_port=" + std::to_string(sink.port())},
                  scratch.path() + "/log");
  await([&] { return status(kProgram, data).is_object(); }, "the start of the hub");
  const auto before = status(kProgram, data);
  const double processor = processor_time(process);
  const auto start = std::chrono::steady_clock::now();
  const LoadResult load = run_https_load(options, "\rMSA|AA|");
  check(load);
  await([&] { return sink.count() >= load.acknowledged; }, "the delivery of all");
  const double rate =
      static_cast<double>(load.acknowledged) / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  print_row("hub, durable, delivered", rate, load,
            (processor_time(process) - processor) / static_cast<double>(load.acknowledged));
  const double syncs = status(kProgram, data).at("syncs").to_number<double>() - before.at("syncs").to_number<double>();
  std::printf("      %.2f of the bare echo; %.3f syncs a message\n", rate / bare,
              syncs / static_cast<double>(load.acknowledged));
  process.signal(SIGTERM);
  process.wait();
}

}  // namespace

int main_of(int argc, char** argv) {
  LoadOptions options;
  options.seconds = 4;
  if (argc == 3 && std::strcmp(argv[1], "--seconds") == 0) options.seconds = std::atof(argv[2]);
  const ScratchFolder scratch("https");
  const std::string folder = scratch.path() + "/route";
  std::filesystem::copy(kSource + "/tests/bench/https", folder, std::filesystem::copy_options::recursive);
  std::filesystem::create_directory(folder + "/secrets");
  const auto authority = transport::testing::make_authority("bench");
  const auto identity = transport::testing::make_identity(authority, {"hub", "DNS:localhost"});
  write(folder + "/hub.pem", identity.certificate_pem);
  write(folder + "/secrets/hub_key", identity.key_pem.reveal());
  for (const unsigned connections : {1U, 8U, 32U}) {
    std::printf("\n%u connection%s\n", connections, connections == 1 ? "" : "s");
    options.connections = connections;
    options.prefix = "H" + std::to_string(connections) + "c";
    const double bare = echo(folder, options);
    hub(folder, options, bare);
  }
  return 0;
}

}  // namespace smarthl7::bench

int main(int argc, char** argv) { return smarthl7::bench::main_of(argc, argv); }
