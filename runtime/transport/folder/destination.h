// SPDX-License-Identifier: Apache-2.0
// A destination that writes each message as a file of a folder. Accepted is: written under a temporary name, synced, moved to
// its own name, and the folder synced, each as far as the file system can. A file that is there is never written over: with the
// same bytes it is this message's (a resend after a crash), with others the new one gets a number. Ownership: owns file system
// and thread. Threads: the executor of its Env, blocking calls on a thread of its own. Failure: Sent; until the file has its
// name, nobody has seen anything of it; whether it has is not known if the connection ended just then.
#pragma once

#include "runtime/env/signal.h"
#include "runtime/transport/folder/file_system.h"
#include "runtime/transport/folder/naming.h"
#include "runtime/transport/folder/worker.h"
#include "runtime/transport/transport.h"

namespace smarthl7::transport::folder {

struct DestinationSettings {
  std::string where;  // for people
  std::string folder;
  Naming naming;
};

class FolderDestination final : public Destination {
 public:
  FolderDestination(DestinationSettings settings, std::unique_ptr<FileSystem> files, env::Env env);

  env::Task<Result<void>> connect(SteadyTime deadline) override;
  [[nodiscard]] bool connected() const override { return ready_ && files_->reached(); }
  env::Task<Sent> send(SharedBytes message, SteadyTime answer_deadline) override;
  env::Task<Sent> await_more_answer(SteadyTime deadline) override;
  env::Task<Sent> post(SharedBytes message, SteadyTime deadline) override;
  env::Task<Sent> listen(SteadyTime deadline) override;
  void interrupt() override { wake_.notify_all(); }
  void close() override;
  [[nodiscard]] const std::string& address() const override { return settings_.where; }

 private:
  Result<void> prepare();
  Result<Sent> write(const std::string& name, std::string_view bytes);

  const DestinationSettings settings_;
  const std::unique_ptr<FileSystem> files_;
  env::Env env_;
  const std::string temporary_;  // one message at a time: one name is enough
  bool ready_ = false;
  env::Signal wake_;
  Worker worker_;
};

}  // namespace smarthl7::transport::folder
