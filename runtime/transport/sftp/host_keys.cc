// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/sftp/host_keys.h"

#include <fmt/format.h>
#include <libssh/libssh.h>

#include <algorithm>
#include <array>
#include <memory>

namespace smarthl7::transport::sftp {

namespace {

using Key = std::unique_ptr<ssh_key_struct, void (*)(ssh_key)>;

constexpr std::string_view kRevoked = "@revoked ";
constexpr std::array<std::string_view, 6> kAlgorithms = {"ssh-ed25519",         "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
                                                         "ecdsa-sha2-nistp521", "rsa-sha2-512",        "rsa-sha2-256"};

/// As known_hosts writes it.
std::string name_in_file(const env::Endpoint& at) {
  std::string host = at.host;
  std::ranges::transform(host, host.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return at.port == 22 ? host : fmt::format("[{}]:{}", host, at.port);
}

/// The key of a line if it is about this host.
Key key_for(const std::string& line, const std::string& host) {
  ssh_knownhosts_entry* entry = nullptr;
  Key key(nullptr, &ssh_key_free);
  if (ssh_known_hosts_parse_line(host.c_str(), line.c_str(), &entry) == SSH_OK && entry != nullptr)
    key.reset(std::exchange(entry->publickey, nullptr));
  if (entry != nullptr) ssh_knownhosts_entry_free(entry);
  return key;
}

bool same(ssh_key_struct* a, ssh_key_struct* b) { return ssh_key_cmp(a, b, SSH_KEY_CMP_PUBLIC) == 0; }

}  // namespace

std::string fingerprint_of(ssh_key_struct* key) {
  unsigned char* hash = nullptr;
  std::size_t length = 0;
  if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &length) != 0) return {};
  char* text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, length);
  ssh_clean_pubkey_hash(&hash);
  if (text == nullptr) return {};
  std::string out(text);
  ssh_string_free_char(text);
  return out;
}

std::string kind_of(ssh_key_struct* key) {
  const ssh_keytypes_e type = ssh_key_type(key);
  const bool curve = type == SSH_KEYTYPE_ECDSA_P256 || type == SSH_KEYTYPE_ECDSA_P384 || type == SSH_KEYTYPE_ECDSA_P521;
  const char* name = curve ? ssh_pki_key_ecdsa_name(key) : ssh_key_type_to_char(type);
  return name == nullptr ? "a key of an unknown kind" : name;
}

Result<HostKeys> HostKeys::from_known_hosts(std::string text) {
  HostKeys keys;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string line(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.pop_back();
    line.erase(0, line.find_first_not_of(" \t"));
    if (line.empty() || line.front() == '#' || line.starts_with("@cert-authority")) continue;
    keys.lines_.push_back(std::move(line));
  }
  if (keys.lines_.empty())
    return fail(ErrorCode::invalid, "`known_hosts` holds no key: `ssh-keyscan -p PORT HOST` writes its lines");
  return keys;
}

Result<HostKeys> HostKeys::from_fingerprint(std::string text) {
  if (!text.starts_with("SHA256:") || text.size() != 50)
    return fail(ErrorCode::invalid,
                "`host_key` is no fingerprint: expected SHA256: and 43 characters, as `ssh-keygen -l` shows it");
  HostKeys keys;
  keys.fingerprint_ = std::move(text);
  return keys;
}

std::string HostKeys::algorithms(const env::Endpoint& at) const {
  const std::string host = name_in_file(at);
  std::vector<std::string> kinds;
  for (const std::string& line : lines_)
    if (const Key key = key_for(line, host)) kinds.push_back(kind_of(key.get()));
  const auto known = [&kinds](std::string_view algorithm) {
    const std::string_view kind = algorithm.starts_with("rsa-") ? "ssh-rsa" : algorithm;
    return std::ranges::find(kinds, kind) != kinds.end();
  };
  std::string all;
  for (const bool first : {true, false})
    for (const std::string_view algorithm : kAlgorithms)
      if (known(algorithm) == first) all += (all.empty() ? "" : ",") + std::string(algorithm);
  return all;
}

Result<void> HostKeys::judge(ssh_session_struct* session, const env::Endpoint& at) const {
  ssh_key raw = nullptr;
  if (ssh_get_server_publickey(session, &raw) != SSH_OK) return fail(ErrorCode::io, at.text() + " showed no host key");
  const Key shown(raw, &ssh_key_free);
  const std::string fingerprint = fingerprint_of(shown.get());
  const std::string what = fmt::format("{} shows the host key {} {}", at.text(), kind_of(shown.get()), fingerprint);
  if (!fingerprint_.empty()) {
    if (fingerprint == fingerprint_) return {};
    return fail(ErrorCode::refused, fmt::format("{}, and `host_key` is {}: it was renewed, or somebody stands in between; "
                                                "ask those who run the server",
                                                what, fingerprint_));
  }
  const std::string host = name_in_file(at);
  bool found = false;
  bool good = false;
  for (const std::string& line : lines_) {
    const bool revoked = line.starts_with(kRevoked);
    const Key key = key_for(revoked ? line.substr(kRevoked.size()) : line, host);
    if (key == nullptr) continue;
    const bool match = same(key.get(), shown.get());
    if (revoked && match) return fail(ErrorCode::refused, what + ", which `known_hosts` revokes");
    if (revoked) continue;
    found = true;
    good = good || match;
  }
  if (good) return {};
  if (!found)
    return fail(ErrorCode::refused, fmt::format("{}, and `known_hosts` has no line for {}: compare it with what those say who "
                                                "run the server, and add it",
                                                what, host));
  return fail(ErrorCode::refused,
              fmt::format("{}, and `known_hosts` has another one for {}: it was renewed, or somebody stands "
                          "in between; ask those who run the server",
                          what, host));
}

}  // namespace smarthl7::transport::sftp
