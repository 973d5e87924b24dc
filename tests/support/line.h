// SPDX-License-Identifier: Apache-2.0
// MLLP for test peers: plain blocking sockets and a search for VT and FS CR. Shares no code with the hub, so that it cannot
// share its mistakes. Ownership: a Line closes its socket. Threads: one for each Line. Failure: false.
#pragma once

#include <string>
#include <utility>

namespace smarthl7::testing {

/// One blocking MLLP connection.
class Line {
 public:
  Line() = default;
  explicit Line(int fd) : fd_(fd) {}
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line() { close(); }

  bool connect(unsigned short port);
  void close();
  [[nodiscard]] bool open() const { return fd_ >= 0; }
  [[nodiscard]] int descriptor() const { return fd_; }
  /// Closes it as by a crash of the peer: RST instead of FIN.
  void reset();
  /// Reads on to the end of the connection; false if it does not come within `seconds`.
  bool ends(int seconds);
  bool write_frame(const std::string& message);
  bool write_raw(const std::string& bytes);  // without framing
  /// The next frame's content; false at the end of the connection or after `seconds`.
  bool read_frame(std::string& message, int seconds);

 private:
  int fd_ = -1;
  std::string pending_;
};

/// MSH-10 of a message; MSA-1 and MSA-2 of an answer.
[[nodiscard]] std::string control_id_of(const std::string& message);
[[nodiscard]] std::pair<std::string, std::string> msa_of(const std::string& answer);

}  // namespace smarthl7::testing
