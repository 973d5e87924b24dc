// SPDX-License-Identifier: Apache-2.0
// What a probe looks at on an SFTP server.
#include <fmt/format.h>

#include <optional>

#include "runtime/app/probe/prober.h"
#include "runtime/env/descriptor.h"
#include "runtime/transport/folder/worker.h"

namespace smarthl7::app::probe {

using env::Task;
using transport::sftp::Inspection;

Result<Target> read_sftp_target(const std::string& url) {
  std::string rest = url.substr(std::string_view("sftp://").size());
  rest = rest.substr(0, rest.find('/'));
  Target target;
  if (const std::size_t at = rest.rfind('@'); at != std::string::npos) {
    target.user = rest.substr(0, at);
    rest = rest.substr(at + 1);
    if (target.user.empty() || target.user.find(':') != std::string::npos)
      return fail(ErrorCode::invalid, "a probe shows no password: write sftp://USER@HOST:PORT");
  }
  if (!rest.empty() && rest.find(':') == std::string::npos) rest += ":22";
  TRY(target.at, env::Endpoint::parse(rest));
  return target;
}

Task<Result<Inspection>> Prober::ask_ssh(std::unique_ptr<env::Stream> stream, std::string user, std::string_view kinds) {
  if (stream == nullptr) {
    Result<std::unique_ptr<env::Stream>> made = co_await open();
    if (!made) co_return std::unexpected(std::move(made).error());
    stream = std::move(*made);
  }
  Result<int> descriptor = env::release_descriptor(*stream);
  if (!descriptor) co_return std::unexpected(std::move(descriptor).error());
  transport::folder::Worker worker;
  std::move_only_function<Result<Inspection>()> asking = [this, &user, kinds, socket = *descriptor] {
    return transport::sftp::inspect(socket, target_.at, user, kinds, settings_.wait);
  };
  Result<Inspection> found = co_await worker.run<Result<Inspection>>(std::move(asking));
  co_return found;
}

/// Which keys it has is seen one by one, over connections of their own: it shows the one that is asked for.
Task<void> Prober::look_at_ssh(std::unique_ptr<env::Stream> stream) {
  std::optional<Inspection> first;
  Error last;
  for (const std::string_view kinds : transport::sftp::kHostKeyKinds) {
    if (first && !settings_.scan) break;
    std::string user = first ? std::string() : target_.user;
    Result<Inspection> found = co_await ask_ssh(std::move(stream), std::move(user), kinds);
    stream.reset();
    if (!found) {
      last = std::move(found).error();
      if (last.code == ErrorCode::timeout) break;
      continue;
    }
    if (!first) fine("ssh", fmt::format("{}, {}, {}", found->banner, found->exchange, found->cipher));
    fine("host key", found->host_key);
    report_->host_keys.push_back(found->host_key);
    if (!first) first = std::move(*found);
  }
  if (!first) {
    std::string nobody;
    Result<Inspection> old = co_await ask_ssh(nullptr, std::move(nobody), transport::sftp::kOldHostKeyKind);
    judge_no_ssh(last, old.has_value());
    co_return;
  }
  if (target_.user.empty()) {
    note("login", Severity::note, "no_user", "what it takes for a login is not known without a name",
         "probe sftp://USER@HOST:PORT; no key and no password is shown");
  } else if (first->open) {
    note("login", Severity::defect, "anyone", "it lets " + target_.user + " in without key or password",
         "whoever runs it should ask for a key");
  } else {
    fine("login", fmt::format("it takes {} of {}", first->methods, target_.user));
  }
}

void Prober::judge_no_ssh(const Error& error, bool old) {
  if (old) {
    note("host key", Severity::defect, "sha1_only", "its only host key signs with SHA-1 (ssh-rsa), which is given up",
         "the server should have an Ed25519 key, or sign with rsa-sha2-256 and -512");
  } else if (error.code == ErrorCode::timeout) {
    note("ssh", Severity::defect, "never_answers", "the connection stands, and no SSH comes over it",
         "is it an SSH server, or one that hangs?");
  } else {
    note("ssh", Severity::defect, "no_ssh", "there is no SSH that both know: " + error.describe(),
         "is the port right? an old server may know none of today's algorithms");
  }
}

}  // namespace smarthl7::app::probe
