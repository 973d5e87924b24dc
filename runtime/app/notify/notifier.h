// SPDX-License-Identifier: Apache-2.0
// Tells contacts of alerts, on a thread of its own with a bounded queue, so that nothing else waits for a mail server. What
// cannot be carried is tried again after pauses from five seconds to five minutes, for a day; who was not reached then is said.
// The end of an episode takes the place of its beginning for those who have not heard of that yet.
// Ownership: what it calls back outlives it. Threads: tell() from any; `done` is called on the notifier's thread. Failure: in
// `done`; a notice that is under way when stop() comes is not reported, and is told again by the next start.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/app/notify/notice.h"

namespace smarthl7::app {

struct ContactAddress {
  std::string contact;
  std::string email;
  std::string page;
};

struct NotifierSetup {
  std::vector<ContactAddress> contacts;
  std::string mail_server;  // "smtp://relay.hub.example:25"; empty: no e-mail is sent
  std::string mail_from;
  std::chrono::milliseconds first_pause = std::chrono::seconds(5);
  std::chrono::milliseconds most_pause = std::chrono::minutes(5);
  std::chrono::milliseconds give_up_after = std::chrono::hours(24);
  /// Every contact has been reached (`problem` is empty), or some have been given up. Called for a try that failed, too, with
  /// `over` false: who looks at the hub meanwhile shall see it.
  std::function<void(const Notice& notice, bool over, const std::string& problem)> done;
};

inline constexpr std::size_t kMostNotices = 256;

class Notifier {
 public:
  explicit Notifier(NotifierSetup setup);
  ~Notifier();  // stops
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  /// Has one of these contacts an address that can be used?
  [[nodiscard]] bool reaches(const std::vector<std::string>& contacts) const;
  /// False: too many wait already.
  bool tell(Notice notice);
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace smarthl7::app
