// SPDX-License-Identifier: Apache-2.0
// A source that takes files out of a folder: looks, waits until a file stands still, reads it once to know it, hands its
// messages to the receiver one after the other, and moves it away when all of them are durable. How far a file was taken is
// remembered by the receiver in the commits of its messages, so a restart goes on behind the last of them. Ownership: borrows
// the receiver; owns file system and thread. Threads: all on the executor of the first Env, blocking calls on a thread of its
// own; stats() from any. Failure: what is in the way (a folder that is missing, a full disk) is told by stats() and tried again
// at each look; a file that cannot be taken is put aside with its reason.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <set>

#include "runtime/env/gate.h"
#include "runtime/env/signal.h"
#include "runtime/transport/folder/answers.h"
#include "runtime/transport/folder/worker.h"
#include "runtime/transport/transport.h"

namespace smarthl7::transport::folder {

enum class FileOrder : std::uint8_t { name, time };

/// At most 32 letters, digits, - and _; empty too.
[[nodiscard]] bool is_lock_name(std::string_view name);

struct SourceSettings {
  std::string where;  // for people: "/data/in", "sftp://host/in"
  std::string read;
  std::string known_as;  // the same folder however it is spelled: what the ledger knows it by; empty: `read`
  std::string pattern = "*";
  FileOrder order = FileOrder::name;
  std::chrono::nanoseconds stable = std::chrono::seconds(2);
  std::chrono::nanoseconds every = std::chrono::seconds(1);
  std::string done;     // empty: files that were taken are deleted
  std::string failed;   // for files that cannot be taken
  std::string answers;  // empty: none are written
  std::string lock;     // what this hub is called where several take from the folder; empty: it is the only one
  bool envelope_matters = true;
  std::uint64_t largest = 64ULL << 20;  // message
};

class FolderSource final : public Source {
 public:
  FolderSource(SourceSettings settings, std::unique_ptr<FileSystem> files, EnvSet envs, Receiver* receiver);
  ~FolderSource() override;

  env::Task<Result<void>> start() override;
  env::Task<void> stop(SteadyTime deadline) override;
  [[nodiscard]] SourceStats stats() const override;
  [[nodiscard]] env::Endpoint local() const override { return {}; }
  [[nodiscard]] std::string place() const override { return settings_.where; }

 private:
  struct Seen {  // a file that was in the folder at the last look
    FileFacts facts;
    SteadyTime since;
  };
  struct Found {  // a file to be taken
    FileFacts facts;
    std::string lies_as;  // its name now: with the mark of the lock, or its own
    bool locked = false;
  };
  struct Flight;                                   // a message at the receiver
  struct Taking;                                   // a file that is being taken
  enum class Next : std::uint8_t { gone, later };  // on to the next file; not before the next look

  env::Task<void> run();
  env::Task<void> interrupt_at(SteadyTime deadline);
  env::Task<Result<void>> look();
  [[nodiscard]] std::vector<Found> note(std::vector<FileFacts> listed);
  env::Task<Result<Next>> take_file(Found found);
  env::Task<Result<Next>> lock(Found* found);
  env::Task<Result<Next>> take_messages(Taking* taking);
  env::Task<Result<void>> hand_over(Taking* taking, FileMessage message);
  env::Task<void> hand_one(Flight* flight, env::Signal* answered);
  env::Task<Result<void>> take_answers(Taking* taking, std::size_t most_waiting);
  env::Task<Result<void>> answer(Taking* taking, FileMessage message, SharedBytes answer);
  env::Task<Result<void>> finish(Taking* taking);
  env::Task<Result<Next>> put_aside(Found found, Hash128 place, std::string why);
  [[nodiscard]] Hash128 place_of(const std::string& name) const;
  void tell(const Error* trouble);

  template <class T>
  env::Task<T> blocking(std::move_only_function<T()> job) {
    return worker_.run<T>(std::move(job));
  }

  const SourceSettings settings_;
  const std::string lock_mark_;  // before the names of files that this hub has locked
  const std::unique_ptr<FileSystem> files_;
  const EnvSet envs_;
  env::Env env_;
  Receiver* const receiver_;
  const std::shared_ptr<const Peer> peer_;
  Worker worker_;
  std::map<std::string, Seen> seen_;
  std::atomic<bool> stopping_{false};
  env::Signal wake_;
  std::atomic<std::uint64_t> frames_{0}, bytes_in_{0}, taken_{0}, failed_{0}, left_alone_{0};
  mutable std::mutex mutex_;  // of the text below
  std::string trouble_;
  env::Signal ended_;
  env::Gate stop_gate_;
  env::Gate gate_;  // last: its frames use all of the above
};

}  // namespace smarthl7::transport::folder
