// SPDX-License-Identifier: Apache-2.0
// A server of MLLP: reads a frame, gives it to the receiver, writes the answer, reads on. An answer that comes later than the
// first one is written by a coroutine of its own. Release 2: a commit block says that the receiver has kept the message (it is
// durable), before anything else is answered. Internal to this folder. Ownership, threads, failure: as server.h says.
#pragma once

#include <chrono>

#include "runtime/transport/mllp/frame.h"
#include "runtime/transport/server/server.h"

namespace smarthl7::transport::mllp {

/// What MLLP adds to what every server is told.
struct MllpSettings {
  FrameDecoder::Rules rules;
  std::chrono::nanoseconds frame_within{std::chrono::seconds(30)};
  std::chrono::nanoseconds idle_within{0};  // 0: for ever
  bool close_without_msh = false;
  bool answers = true;     // false: the sender reads none; what cannot be kept closes its connection
  bool release_2 = false;  // each message is told to be kept, or not, by a commit block before it is answered
};

struct SourceSettings {
  ServerSettings server;
  MllpSettings mllp;
};

class MllpSource final : public Server {
 public:
  MllpSource(SourceSettings settings, EnvSet envs, Receiver* receiver);

 private:
  struct Connection;

  std::unique_ptr<Link> make_link(IntakeMemory* memory) override;
  env::Task<void> talk(Worker* worker, Link* link) override;
  env::Task<void> exchange(Worker* worker, Connection* connection);
  env::Task<bool> read_frame(Worker* worker, Connection* connection);
  env::Task<bool> answer(Worker* worker, Connection* connection);
  static void silence(Reply* reply);
  env::Task<bool> take_commit(Worker* worker, Connection* connection, bool kept);
  env::Task<bool> write_reply(Worker* worker, Connection* connection, const Reply* reply);
  env::Task<bool> answer_later(Worker* worker, Connection* connection, Reply* reply);
  env::Task<void> answer_aside(Worker* worker, Connection* connection, env::Task<SharedBytes> later);
  env::Task<Result<void>> write_frames(Worker* worker, Connection* connection, std::span<const std::string_view> pieces);
  [[nodiscard]] SteadyTime read_deadline(const Connection& connection, SteadyTime now) const;
  void count(Connection* connection);
  void tell_read_failure(Connection* connection, const Error& error);

  const MllpSettings settings_;
};

}  // namespace smarthl7::transport::mllp
