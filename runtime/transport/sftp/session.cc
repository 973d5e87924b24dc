// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/sftp/session.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace smarthl7::transport::sftp {

namespace {

constexpr int kAliveAfter = 30;  // seconds of silence until the system asks whether the other machine is there

void keep_alive(int descriptor) {
  const int on = 1;
  const int idle = kAliveAfter;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, &idle, sizeof idle);
}

}  // namespace

std::string methods_text(unsigned methods) {
  std::string text;
  const auto add = [&](unsigned method, std::string_view name) {
    if ((methods & method) != 0) text += (text.empty() ? "" : ", ") + std::string(name);
  };
  add(SSH_AUTH_METHOD_PUBLICKEY, "publickey");
  add(SSH_AUTH_METHOD_PASSWORD, "password");
  add(SSH_AUTH_METHOD_INTERACTIVE, "keyboard-interactive");
  add(SSH_AUTH_METHOD_HOSTBASED, "hostbased");
  add(SSH_AUTH_METHOD_GSSAPI_MIC, "gssapi-with-mic");
  return text.empty() ? "nothing that is known here" : text;
}

Result<void> set_options(ssh_session session, int descriptor, const env::Endpoint& at, const std::string& user,
                         const std::string& algorithms, std::chrono::nanoseconds within) {
  const unsigned int port = at.port;
  const int no = 0;
  const long seconds = std::max<long>(1, std::chrono::ceil<std::chrono::seconds>(within).count());
  const socket_t socket = descriptor;
  bool good = ssh_options_set(session, SSH_OPTIONS_FD, &socket) == SSH_OK;
  good = good && ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &no) == SSH_OK;
  good = good && ssh_options_set(session, SSH_OPTIONS_SSH_DIR, "/nonexistent") == SSH_OK;
  good = good && ssh_options_set(session, SSH_OPTIONS_KNOWNHOSTS, "/dev/null") == SSH_OK;
  good = good && ssh_options_set(session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null") == SSH_OK;
  good = good && ssh_options_set(session, SSH_OPTIONS_HOST, at.host.c_str()) == SSH_OK;
  good = good && ssh_options_set(session, SSH_OPTIONS_PORT, &port) == SSH_OK;
  good = good && ssh_options_set(session, SSH_OPTIONS_USER, user.c_str()) == SSH_OK;
  good = good && ssh_options_set(session, SSH_OPTIONS_HOSTKEYS, algorithms.c_str()) == SSH_OK;
  good = good && ssh_options_set(session, SSH_OPTIONS_TIMEOUT, &seconds) == SSH_OK;
  if (!good) return fail(ErrorCode::invalid, "SSH cannot be set up: " + std::string(ssh_get_error(session)));
  return {};
}

Session::Session(Watch& watch, const Login& login)
    : watch_(watch),
      where_(login.text()),
      silence_(login.silence),
      connect_within_(login.connect_within),
      ssh_(ssh_new(), &ssh_free),
      sftp_(nullptr, &sftp_free) {}

Session::~Session() {
  watch_.cut();  // nothing is worth waiting for any more
  for (sftp_file file : left_) sftp_close(file);
  sftp_.reset();
  ssh_.reset();
}

Error Session::ssh_error(const std::string& what, ErrorCode otherwise) {
  if (watch_.was_silent()) return Error{ErrorCode::timeout, fmt::format("{}: {} does not answer", what, where_)};
  if (!watch_.open() || ssh_is_connected(ssh_.get()) == 0) {
    const std::string_view why = ssh_get_error(ssh_.get());
    return Error{ErrorCode::closed,
                 fmt::format("{}: the connection to {} ended{}{}", what, where_, why.empty() ? "" : ": ", why)};
  }
  return Error{otherwise, fmt::format("{}: {}", what, ssh_get_error(ssh_.get()))};
}

Result<std::unique_ptr<Session>> Session::open(int descriptor, const Login& login, Watch& watch) {
  std::unique_ptr<Session> session(new Session(watch, login));
  TRY_VOID(session->begin(descriptor, login));
  return session;
}

Result<void> Session::begin(int descriptor, const Login& login) {
  keep_alive(descriptor);
  const Watch::Call call(watch_, connect_within_);
  if (auto set = set_options(ssh_.get(), descriptor, login.at, login.user, login.hosts.algorithms(login.at), connect_within_);
      !set) {
    ::close(descriptor);
    return set;
  }
  if (ssh_connect(ssh_.get()) != SSH_OK)
    return std::unexpected(ssh_error("no SSH connection to " + where_, ErrorCode::unreachable));
  TRY_VOID(login.hosts.judge(ssh_.get(), login.at));
  TRY_VOID(let_in(login));
  sftp_.reset(sftp_new(ssh_.get()));
  if (sftp_ == nullptr || sftp_init(sftp_.get()) != SSH_OK)
    return std::unexpected(ssh_error(where_ + " gives no SFTP to " + login.user, ErrorCode::refused));
  const char* banner = ssh_get_serverbanner(ssh_.get());
  openssh_ = banner != nullptr && std::string_view(banner).find("OpenSSH") != std::string_view::npos;
  can_sync_ = sftp_extension_supported(sftp_.get(), "fsync@openssh.com", "1") != 0;
  return {};
}

/// The key first, then the password; a server may ask for both.
Result<void> Session::let_in(const Login& login) {
  const auto refused = [&](std::string_view what) {
    return fail(ErrorCode::refused,
                fmt::format("{} does not let {} in: {}; it takes {}", where_, login.user, what, methods_text(methods())));
  };
  int state = ssh_userauth_none(ssh_.get(), nullptr);
  if (state == SSH_AUTH_SUCCESS) return {};
  if (state == SSH_AUTH_ERROR) return std::unexpected(ssh_error("no login at " + where_, ErrorCode::io));
  std::string tried;
  if (login.key != nullptr && (methods() & SSH_AUTH_METHOD_PUBLICKEY) != 0) {
    state = ssh_userauth_publickey(ssh_.get(), nullptr, login.key.get());
    if (state == SSH_AUTH_SUCCESS) return {};
    if (state == SSH_AUTH_ERROR) return std::unexpected(ssh_error("no login at " + where_, ErrorCode::refused));
    tried = state == SSH_AUTH_PARTIAL ? "it takes the key, and wants more" : "it does not know the key";
  }
  if (!login.password.empty()) {
    TRY(const bool in, show_password(login));
    if (in) return {};
    tried += std::string(tried.empty() ? "" : ", and ") + "it does not take the password";
  }
  return refused(tried.empty() ? "what is shown is of no kind that it takes" : tried);
}

unsigned Session::methods() { return static_cast<unsigned>(ssh_userauth_list(ssh_.get(), nullptr)); }

Result<bool> Session::show_password(const Login& login) {
  const char* password = login.password.reveal().data();  // no copy that nobody wipes
  int state = SSH_AUTH_DENIED;
  if ((methods() & SSH_AUTH_METHOD_PASSWORD) != 0) {
    state = ssh_userauth_password(ssh_.get(), nullptr, password);
    if (state == SSH_AUTH_ERROR) return std::unexpected(ssh_error("no login at " + where_, ErrorCode::refused));
    return state == SSH_AUTH_SUCCESS;
  }
  if ((methods() & SSH_AUTH_METHOD_INTERACTIVE) == 0) return false;
  return answer_prompts(login);
}

/// The only prompt that is not echoed is the one for the password; to others there is no answer.
Result<bool> Session::answer_prompts(const Login& login) {
  constexpr int kMostRounds = 4;
  const char* password = login.password.reveal().data();
  int state = ssh_userauth_kbdint(ssh_.get(), nullptr, nullptr);
  for (int round = 0; state == SSH_AUTH_INFO && round < kMostRounds; ++round) {
    const int prompts = ssh_userauth_kbdint_getnprompts(ssh_.get());
    for (int i = 0; i < prompts; ++i) {
      char echo = 0;
      ssh_userauth_kbdint_getprompt(ssh_.get(), static_cast<unsigned>(i), &echo);
      if (echo != 0 || prompts != 1) return false;
      ssh_userauth_kbdint_setanswer(ssh_.get(), static_cast<unsigned>(i), password);
    }
    state = ssh_userauth_kbdint(ssh_.get(), nullptr, nullptr);
  }
  if (state == SSH_AUTH_ERROR) return std::unexpected(ssh_error("no login at " + where_, ErrorCode::refused));
  return state == SSH_AUTH_SUCCESS;
}

sftp_session Session::channel() {
  for (sftp_file file : std::exchange(left_, {})) sftp_close(file);
  return sftp_.get();
}

Error Session::error(const std::string& what) {
  if (watch_.was_silent() || !watch_.open() || ssh_is_connected(ssh_.get()) == 0) return ssh_error(what, ErrorCode::closed);
  const auto say = [&what](ErrorCode code, std::string_view why) { return Error{code, fmt::format("{}: {}", what, why)}; };
  switch (sftp_get_error(sftp_.get())) {
    case SSH_FX_NO_SUCH_FILE:
    case SSH_FX_NO_SUCH_PATH: return say(ErrorCode::not_found, "it is not there");
    case SSH_FX_FILE_ALREADY_EXISTS: return say(ErrorCode::exists, "there is one already");
    case SSH_FX_PERMISSION_DENIED:
    case SSH_FX_WRITE_PROTECT: return say(ErrorCode::io, "the server does not allow it");
    case SSH_FX_OP_UNSUPPORTED: return say(ErrorCode::io, "the server cannot do that");
    case SSH_FX_NO_CONNECTION:
    case SSH_FX_CONNECTION_LOST: return say(ErrorCode::closed, "the connection ended");
    case SSH_FX_FAILURE: return say(ErrorCode::io, "the server failed, and does not say at what (a full disk, a quota?)");
    default: return say(ErrorCode::io, "the server's answer makes no sense");
  }
}

}  // namespace smarthl7::transport::sftp
