// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/sftp_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/check/options.h"

namespace smarthl7::check {

using diag::Code;

namespace {

bool is_fingerprint(std::string_view text) {
  constexpr std::string_view kKind = "SHA256:";
  constexpr std::size_t kLength = 43;  // of 32 bytes in base64 without its ending
  if (!text.starts_with(kKind) || text.size() != kKind.size() + kLength) return false;
  return std::ranges::all_of(text.substr(kKind.size()), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' || c == '/';
  });
}

void check_host_key(Context& context, const OptionReader& reader, const syntax::Name& owner) {
  const syntax::Option* hosts = reader.find("known_hosts");
  const syntax::Option* one = reader.find("host_key");
  if (hosts == nullptr && one == nullptr) {
    context.sink.report(Code::E0703, owner.span, fmt::format("`{}` does not say how its server is known", owner.text),
                        "add `known_hosts file \"...\"`, or `host_key` with the fingerprint; `smarthl7 probe sftp://HOST:PORT` "
                        "shows it, and those who run the server can confirm it");
    return;
  }
  if (hosts != nullptr && one != nullptr)
    context.sink.report({.code = Code::E0715,
                         .span = one->name->span,
                         .message = "`known_hosts` and `host_key` both say how the server is known",
                         .secondary = {{hosts->name->span, "the other one"}},
                         .help = "take one of them out"});
  if (one == nullptr || one->poisoned || one->values.size() != 1) return;
  const syntax::Expr& value = *one->values.front();
  const auto text = text_with(value, setting_values(context, context.environment));
  if (text && !is_fingerprint(*text))
    context.sink.report(Code::E0702, value.span, "`host_key` takes a fingerprint, as `ssh-keygen -l` shows it",
                        "write SHA256: and the 43 characters behind it");
}

}  // namespace

void check_sftp_options(Context& context, const OptionReader& reader, const syntax::Name& owner) {
  if (reader.broken()) return;
  check_host_key(context, reader, owner);
  const syntax::Option* passphrase = reader.find("passphrase");
  if (reader.find("key") == nullptr && reader.find("password") == nullptr)
    context.sink.report(Code::E0703, owner.span, fmt::format("`{}` shows its server neither a key nor a password", owner.text),
                        "add `key secret NAME` or `password secret NAME`");
  else if (passphrase != nullptr && reader.find("key") == nullptr)
    context.sink.report(Code::E0715, passphrase->span, "`passphrase` belongs to `key`",
                        "add `key secret NAME`, or take it out; what a login takes is `password`");
}

}  // namespace smarthl7::check
