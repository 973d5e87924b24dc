// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/commands/world.h"

#include <fstream>
#include <iostream>
#include <iterator>

namespace smarthl7::app {

int complain(const Error& error) {
  std::cerr << "smarthl7: " << error.describe() << "\n";
  return error.code == ErrorCode::invalid ? kUsage : kEnvironment;
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorCode::not_found, "cannot read `" + path + "`");
  return std::string{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

namespace {

Result<std::string> read_if_named(const std::string& path) {
  return path.empty() ? Result<std::string>(std::string()) : read_file(path);
}

}  // namespace

Result<peer::Tls> read_tls(const TlsOptions& options) {
  peer::Tls tls;
  TRY(tls.ca, read_if_named(options.ca));
  TRY(tls.certificate, read_if_named(options.certificate));
  TRY(auto key, read_if_named(options.key));
  tls.key = Secret(std::move(key));
  tls.name = options.name;
  tls.require_client = options.require_client;
  return tls;
}

std::chrono::nanoseconds seconds(double value) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(value));
}

}  // namespace smarthl7::app
