// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/oauth/keys.h"

#include <cjose/cjose.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <optional>

namespace smarthl7::transport::oauth {

namespace {

namespace json = boost::json;

constexpr std::size_t kMostKeys = 64;
constexpr std::size_t kLeastRsaBits = 2048;
constexpr int kMostTried = 8;  // keys, for a token that names none

std::string_view text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string_view{} : std::string_view(*text);
}

std::optional<KeyKind> kind_of(const json::object& key) {
  const std::string_view type = text_of(key, "kty");
  if (type == "RSA") return KeyKind::rsa;
  if (type == "EC" && text_of(key, "crv") == "P-256") return KeyKind::p256;
  return std::nullopt;
}

bool may_sign(const json::object& key) {
  const std::string_view use = text_of(key, "use");
  if (!use.empty() && use != "sig") return false;
  const json::value* operations = key.if_contains("key_ops");
  const json::array* list = operations == nullptr ? nullptr : operations->if_array();
  if (list == nullptr) return true;
  for (const json::value& one : *list)
    if (one.is_string() && one.get_string() == "verify") return true;
  return false;
}

/// base64url that cjose's decoder, which ends the program at other text, can be given.
bool is_number(std::string_view text) {
  const bool letters = std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  return letters && !text.empty() && text.size() % 4 != 1;
}

/// The public half alone, as cjose reads it; empty: it is none.
std::string public_half(const json::object& key, KeyKind kind) {
  json::object made;
  made["kty"] = text_of(key, "kty");
  if (kind == KeyKind::p256) made["crv"] = text_of(key, "crv");
  for (const std::string_view name : kind == KeyKind::rsa ? std::array{"n", "e"} : std::array{"x", "y"}) {
    const std::string_view number = text_of(key, name);
    if (!is_number(number)) return {};
    made[name] = number;
  }
  return json::serialize(made);
}

bool fits(KeyKind kind, std::string_view algorithm) {
  return kind == KeyKind::p256 ? algorithm == "ES256" : algorithm == "RS256" || algorithm == "PS256";
}

}  // namespace

struct KeySet::Key {
  ~Key() { cjose_jwk_release(jwk); }
  std::string id;
  std::string algorithm;  // the only one it is for; empty: any of its kind
  KeyKind kind = KeyKind::rsa;
  cjose_jwk_t* jwk = nullptr;
};

KeySet::KeySet() = default;
KeySet::~KeySet() = default;

Result<std::shared_ptr<const KeySet>> KeySet::read(std::string_view text) {
  boost::system::error_code error;
  const json::value whole = json::parse(text, error);
  const json::object* object = error ? nullptr : whole.if_object();
  const json::value* list = object == nullptr ? nullptr : object->if_contains("keys");
  const json::array* keys = list == nullptr ? nullptr : list->if_array();
  if (keys == nullptr) return fail(ErrorCode::corrupt, "this is no JSON Web Key Set (an object with `keys`)");
  if (keys->size() > kMostKeys) return fail(ErrorCode::corrupt, "the key set holds more than 64 keys");
  auto set = std::make_shared<KeySet>();
  for (const json::value& one : *keys) {
    const json::object* given = one.if_object();
    const auto kind = given == nullptr ? std::nullopt : kind_of(*given);
    if (!kind || !may_sign(*given)) continue;
    auto key = std::make_unique<Key>();
    key->id = text_of(*given, "kid");
    key->algorithm = text_of(*given, "alg");
    key->kind = *kind;
    const std::string written = public_half(*given, *kind);
    if (written.empty()) continue;
    cjose_err why{};
    key->jwk = cjose_jwk_import(written.data(), written.size(), &why);
    if (key->jwk == nullptr) continue;
    if (*kind == KeyKind::rsa && cjose_jwk_get_keysize(key->jwk, &why) < kLeastRsaBits) continue;
    set->keys_.push_back(std::move(key));
  }
  if (set->keys_.empty())
    return fail(ErrorCode::corrupt,
                "the key set holds no key that is taken: RSA of 2048 bits and more, or P-256, for signatures");
  return std::shared_ptr<const KeySet>(std::move(set));
}

KeySet::Verdict KeySet::verify(std::string_view token, std::string_view algorithm, std::string_view key_id) const {
  cjose_err why{};
  cjose_jws_t* jws = cjose_jws_import(token.data(), token.size(), &why);
  if (jws == nullptr) return Verdict::bad;
  Verdict verdict = Verdict::unknown_key;
  int tried = 0;
  for (const auto& key : keys_) {
    if (!fits(key->kind, algorithm) || (!key->algorithm.empty() && key->algorithm != algorithm)) continue;
    if (!key_id.empty() && key->id != key_id) continue;
    if (++tried > kMostTried) break;
    verdict = cjose_jws_verify(jws, key->jwk, &why) ? Verdict::good : Verdict::bad;
    if (verdict == Verdict::good) break;
  }
  cjose_jws_release(jws);
  return verdict;
}

}  // namespace smarthl7::transport::oauth
