// SPDX-License-Identifier: Apache-2.0
#include "compiler/plan/plan_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/plan/plan_check.h"
#include "compiler/plan/plan_wire.h"

namespace smarthl7::plan {
namespace {

// The header: magic (8 bytes), schema version (4, little-endian), zero (4), SHA-256 of what follows (32).
constexpr std::string_view kMagic = "SH7PLAN\n";
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kDigestAt = 16;
constexpr std::size_t kHeaderSize = 48;
constexpr std::size_t kMaxPlanSize = std::size_t{256} << 20U;

void put_number(std::string& out, std::uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>((value >> shift) & 0xFFU));
}

std::uint32_t get_number(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) value |= std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return value;
}

}  // namespace

std::string write_plan(const Plan& plan) {
  const std::string body = wire::encode(plan);
  const Sha256 digest = sha256(body);
  std::string out(kMagic);
  put_number(out, kSchemaVersion);
  put_number(out, 0);
  out.append(reinterpret_cast<const char*>(digest.data()), digest.size());
  return out += body;
}

Result<Sha256> plan_checksum(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) return fail(ErrorCode::invalid, "not a plan: its first bytes are others");
  if (bytes.size() < kHeaderSize) return fail(ErrorCode::corrupt, "the plan is cut off in its header");
  const std::uint32_t version = get_number(bytes, kVersionAt);
  if (version != kSchemaVersion) {
    return fail(ErrorCode::version, fmt::format("the plan is written in schema version {}, this program reads version {}",
                                                version, kSchemaVersion));
  }
  if (bytes.size() > kMaxPlanSize) return fail(ErrorCode::invalid, "the plan is larger than 256 MiB");
  Sha256 stated{};
  std::copy_n(bytes.begin() + kDigestAt, stated.size(), stated.begin());
  if (get_number(bytes, kVersionAt + 4) != 0 || sha256(bytes.substr(kHeaderSize)) != stated) {
    return fail(ErrorCode::corrupt, "the plan's bytes are not those that were written: its SHA-256 differs");
  }
  return stated;
}

Sha256 plan_digest(const Plan& plan) {
  Plan bare = plan;
  for (SourcePlace& place : bare.places) place.line = place.column = 0;
  // What a route file says is in the plan; only of other files, whose content the plan may name without holding it, the digest
  // counts.
  for (Input& input : bare.inputs) {
    if (std::string_view(bare.text(input.path)).ends_with(".route")) input.digest = {};
  }
  return sha256(wire::encode(bare));
}

Result<Plan> read_plan(std::string_view bytes) {
  TRY_VOID(plan_checksum(bytes));
  Plan plan;
  std::string error;
  if (!wire::decode(bytes.substr(kHeaderSize), plan, error)) {
    return fail(ErrorCode::corrupt, "the plan cannot be read: " + error);
  }
  TRY_VOID(check_plan(plan));
  // Fields that this program does not know would be ignored in silence; then the same plan has other bytes.
  if (wire::encode(plan) != bytes.substr(kHeaderSize)) {
    return fail(ErrorCode::version, "the plan holds what this program does not know: it was written by another version of it");
  }
  return plan;
}

Result<Sha256> plan_digest(std::string_view bytes) {
  TRY(const Plan plan, read_plan(bytes));
  return plan_digest(plan);
}

}  // namespace smarthl7::plan
