// SPDX-License-Identifier: Apache-2.0
#include "runtime/store/format.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/store/codec.h"
#include "stdlib/base/assert.h"

namespace smarthl7::store {

namespace {

constexpr std::string_view kSegmentMagic = "SH7JRNL\n";
constexpr std::uint32_t kDifferenceFlag = 1U << 31U;  // in the size of a body kept as a difference
constexpr std::uint32_t kRecordMagic = 0x37523147;    // "G1R7"

enum Tag : std::uint8_t {
  kMessage = 1,
  kOutcome,
  kAttempt,
  kRelease,
  kAmbiguity,
  kAudit,
  kDestination,
  kGiveBack,
  kResponse,
  kAct,
  kCovered,
  kFile,
  kOrdered  // a destination whose order is known
};

enum MessageFlag : std::uint8_t {
  kRejected = 1,
  kDuplicate = 2,
  kConflict = 4,
  kHasBody = 8,
  kHasAck = 16,
  kReplay = 32,
  kLookedUp = 64
};
enum FlowFlag : std::uint8_t { kClaimed = 1, kFlowDuplicate = 2 };

void put(ByteWriter& out, const Hash128& hash) {
  out.u64(hash.high);
  out.u64(hash.low);
}
Hash128 take_hash(ByteReader& in) {
  Hash128 hash;
  hash.high = in.u64();
  hash.low = in.u64();
  return hash;
}
void put(ByteWriter& out, const DeliveryRef& ref) {
  out.varint(ref.id.message);
  out.varint(ref.id.number);
  out.varint(ref.destination);
  out.varint(ref.lanes.size());
  for (const LaneNumber lane : ref.lanes) out.varint(lane);
}
DeliveryRef take_ref(ByteReader& in) {
  DeliveryRef ref;
  ref.id.message = in.varint();
  ref.id.number = static_cast<std::uint32_t>(in.varint());
  ref.destination = static_cast<std::uint32_t>(in.varint());
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) ref.lanes.push_back(static_cast<LaneNumber>(in.varint()));
  return ref;
}
// kNoPiece is written as 0, piece i as i + 1.
void put_piece(ByteWriter& out, std::uint32_t piece) { out.varint(piece == kNoPiece ? 0 : std::uint64_t{piece} + 1); }
std::uint32_t take_piece(ByteReader& in) {
  const std::uint64_t value = in.varint();
  return value == 0 ? kNoPiece : static_cast<std::uint32_t>(value - 1);
}

void put_flow(ByteWriter& out, const FlowEntry& flow) {
  out.text(flow.name);
  out.u8(static_cast<std::uint8_t>((flow.claimed ? kClaimed : 0) | (flow.duplicate ? kFlowDuplicate : 0)));
  if (flow.claimed) {
    put(out, flow.key);
    put(out, flow.content);
    out.i64(flow.expires);
  }
  out.varint(flow.deliveries.size());
  for (const DeliveryEntry& delivery : flow.deliveries) {
    out.varint(delivery.destination);
    out.u8(delivery.released ? 1 : 0);
    put_piece(out, delivery.piece);
    out.varint(delivery.keys.size());
    for (const std::uint64_t key : delivery.keys) out.u64(key);
  }
  out.varint(flow.endings.size());
  for (const EndingEntry& ending : flow.endings) {
    out.u8(static_cast<std::uint8_t>(ending.kind));
    out.text(ending.reason);
    put_piece(out, ending.piece);
  }
}

FlowEntry take_flow(ByteReader& in) {
  FlowEntry flow;
  flow.name = in.text();
  const std::uint8_t flags = in.u8();
  flow.claimed = (flags & kClaimed) != 0;
  flow.duplicate = (flags & kFlowDuplicate) != 0;
  if (flow.claimed) {
    flow.key = take_hash(in);
    flow.content = take_hash(in);
    flow.expires = in.i64();
  }
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    DeliveryEntry& delivery = flow.deliveries.emplace_back();
    delivery.destination = static_cast<std::uint32_t>(in.varint());
    delivery.released = in.u8() != 0;
    delivery.piece = take_piece(in);
    for (std::uint64_t keys = in.varint(); keys > 0 && in.ok(); --keys) delivery.keys.push_back(in.u64());
  }
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    EndingEntry& ending = flow.endings.emplace_back();
    ending.kind = static_cast<Ending::Kind>(in.u8());
    ending.reason = in.text();
    ending.piece = take_piece(in);
  }
  return flow;
}

struct Encoder {
  ByteWriter out;

  void operator()(const MessageEntry& entry) {
    out.u8(kMessage);
    std::uint8_t flags = 0;
    if (entry.verdict == Verdict::rejected) flags |= kRejected;
    if (entry.duplicate) flags |= kDuplicate;
    if (entry.conflict) flags |= kConflict;
    if (entry.body != kNoPiece) flags |= kHasBody;
    if (entry.acknowledgement != kNoPiece) flags |= kHasAck;
    if (entry.replay) flags |= kReplay;
    if (!entry.tables.empty()) flags |= kLookedUp;
    out.u8(flags);
    out.text(entry.source);
    out.varint(entry.connection);
    out.i64(entry.received_at);
    out.bytes(entry.plan);
    out.text(entry.type);
    out.u64(entry.control);
    out.text(entry.reason);
    out.varint(entry.size);
    if (entry.body != kNoPiece) out.varint(entry.body);
    if (entry.acknowledgement != kNoPiece) out.varint(entry.acknowledgement);
    if (entry.duplicate || entry.conflict) out.varint(entry.duplicate_of);
    if (entry.replay) {
      out.varint(entry.replay_of.message);
      out.varint(entry.replay_of.number);
      out.varint(entry.replay_age);
    }
    for (const std::uint32_t micros : entry.stage_micros) out.varint(micros);
    out.varint(entry.flows.size());
    for (const FlowEntry& flow : entry.flows) put_flow(out, flow);
    if (entry.tables.empty()) return;
    out.varint(entry.tables.size());
    for (const TableEntry& table : entry.tables) {
      out.text(table.name);
      out.u64(table.version);
      out.i64(table.since);
    }
  }
  void operator()(const OutcomeEntry& entry) {
    out.u8(kOutcome);
    put(out, entry.delivery);
    out.u8(static_cast<std::uint8_t>(entry.kind));
    out.text(entry.reason);
    out.text(entry.answer);
    out.varint(entry.attempts);
    out.i64(entry.at);
  }
  void operator()(const AttemptEntry& entry) {
    out.u8(kAttempt);
    put(out, entry.delivery);
    out.varint(entry.number);
    out.text(entry.outcome);
    out.text(entry.detail);
    out.i64(entry.at);
  }
  void operator()(const ReleaseEntry& entry) {
    out.u8(kRelease);
    put(out, entry.delivery);
  }
  void operator()(const AmbiguityEntry& entry) {
    out.u8(entry.covered ? kCovered : kAmbiguity);
    put(out, entry.delivery);
    out.i64(entry.released_at);
  }
  void operator()(const AuditEntry& entry) {
    out.u8(kAudit);
    out.text(entry.actor);
    out.text(entry.act);
    out.text(entry.object);
    out.varint(entry.message);
    out.i64(entry.at);
  }
  void operator()(const GiveBackEntry& entry) {
    out.u8(kGiveBack);
    put(out, entry.delivery);
  }
  void operator()(const ResponseEntry& entry) {
    out.u8(kResponse);
    out.u8(static_cast<std::uint8_t>(entry.kind));
    out.varint(entry.destination);
    out.varint(entry.message);
    put(out, entry.key);
    out.i64(entry.expires);
    put_piece(out, entry.piece);
  }
  void operator()(const FileEntry& entry) {
    out.u8(kFile);
    out.varint(entry.message);
    put(out, entry.place);
    out.u64(entry.version);
    out.varint(entry.number);
    out.u8(entry.last ? 1 : 0);
    out.i64(entry.expires);
    put_piece(out, entry.piece);
    if (entry.piece == kNoPiece) return;
    put(out, entry.answer);
    out.i64(entry.answer_expires);
  }
  void operator()(const DestinationEntry& entry) {
    out.u8(entry.order.empty() ? kDestination : kOrdered);
    out.varint(entry.id);
    out.text(entry.name);
    out.varint(entry.lanes);
    if (!entry.order.empty()) out.text(entry.order);
  }
  void operator()(const ActEntry& entry) {
    out.u8(kAct);
    out.u8(static_cast<std::uint8_t>(entry.kind));
    out.text(entry.actor);
    out.text(entry.reason);
    out.text(entry.detail);
    out.text(entry.request);
    out.text(entry.name);
    out.varint(entry.delivery.message);
    out.varint(entry.delivery.number);
    out.varint(entry.made);
    out.u8(entry.letter ? 1 : 0);
    out.varint(entry.lane);
    out.text(entry.outcome);
    put_piece(out, entry.piece);
    out.varint(entry.destination);
  }
};

MessageEntry take_message(ByteReader& in, MessageId id) {
  MessageEntry entry;
  entry.id = id;
  const std::uint8_t flags = in.u8();
  entry.verdict = (flags & kRejected) != 0 ? Verdict::rejected : Verdict::accepted;
  entry.duplicate = (flags & kDuplicate) != 0;
  entry.conflict = (flags & kConflict) != 0;
  entry.source = in.text();
  entry.connection = in.varint();
  entry.received_at = in.i64();
  entry.plan = in.bytes(32);
  entry.type = in.text();
  entry.control = in.u64();
  entry.reason = in.text();
  entry.size = in.varint();
  if ((flags & kHasBody) != 0) entry.body = static_cast<std::uint32_t>(in.varint());
  if ((flags & kHasAck) != 0) entry.acknowledgement = static_cast<std::uint32_t>(in.varint());
  if (entry.duplicate || entry.conflict) entry.duplicate_of = in.varint();
  entry.replay = (flags & kReplay) != 0;
  if (entry.replay) {
    entry.replay_of.message = in.varint();
    entry.replay_of.number = static_cast<std::uint32_t>(in.varint());
    entry.replay_age = in.varint();
  }
  for (std::uint32_t& micros : entry.stage_micros) micros = static_cast<std::uint32_t>(in.varint());
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) entry.flows.push_back(take_flow(in));
  if ((flags & kLookedUp) == 0) return entry;
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    TableEntry& table = entry.tables.emplace_back();
    table.name = in.text();
    table.version = in.u64();
    table.since = in.i64();
  }
  return entry;
}

ActEntry take_act(ByteReader& in) {
  ActEntry entry;
  entry.kind = static_cast<ActKind>(in.u8());
  entry.actor = in.text();
  entry.reason = in.text();
  entry.detail = in.text();
  entry.request = in.text();
  entry.name = in.text();
  entry.delivery.message = in.varint();
  entry.delivery.number = static_cast<std::uint32_t>(in.varint());
  entry.made = in.varint();
  entry.letter = in.u8() != 0;
  entry.lane = static_cast<std::uint32_t>(in.varint());
  entry.outcome = in.text();
  entry.piece = take_piece(in);
  entry.destination = static_cast<DestinationId>(in.varint());
  return entry;
}

bool take_entry(ByteReader& in, MessageId& next_message, Entry& out) {
  const std::uint8_t tag = in.u8();
  switch (tag) {
    case kMessage: out = take_message(in, next_message++); return true;
    case kOutcome: {
      OutcomeEntry entry;
      entry.delivery = take_ref(in);
      entry.kind = static_cast<OutcomeKind>(in.u8());
      entry.reason = in.text();
      entry.answer = in.text();
      entry.attempts = static_cast<std::uint32_t>(in.varint());
      entry.at = in.i64();
      out = std::move(entry);
      return true;
    }
    case kAttempt: {
      AttemptEntry entry;
      entry.delivery = take_ref(in);
      entry.number = static_cast<std::uint32_t>(in.varint());
      entry.outcome = in.text();
      entry.detail = in.text();
      entry.at = in.i64();
      out = std::move(entry);
      return true;
    }
    case kRelease: out.emplace<ReleaseEntry>().delivery = take_ref(in); return true;
    case kGiveBack: out.emplace<GiveBackEntry>().delivery = take_ref(in); return true;
    case kCovered:
    case kAmbiguity: {
      AmbiguityEntry entry;
      entry.covered = tag == kCovered;
      entry.delivery = take_ref(in);
      entry.released_at = in.i64();
      out = std::move(entry);
      return true;
    }
    case kAudit: {
      AuditEntry entry;
      entry.actor = in.text();
      entry.act = in.text();
      entry.object = in.text();
      entry.message = in.varint();
      entry.at = in.i64();
      out = std::move(entry);
      return true;
    }
    case kResponse: {
      ResponseEntry entry;
      entry.kind = static_cast<OutcomeKind>(in.u8());
      entry.destination = static_cast<DestinationId>(in.varint());
      entry.message = in.varint();
      entry.key = take_hash(in);
      entry.expires = in.i64();
      entry.piece = take_piece(in);
      out = std::move(entry);
      return true;
    }
    case kFile: {
      FileEntry entry;
      entry.message = in.varint();
      entry.place = take_hash(in);
      entry.version = in.u64();
      entry.number = in.varint();
      entry.last = in.u8() != 0;
      entry.expires = in.i64();
      entry.piece = take_piece(in);
      if (entry.piece != kNoPiece) {
        entry.answer = take_hash(in);
        entry.answer_expires = in.i64();
      }
      out = std::move(entry);
      return true;
    }
    case kOrdered:
    case kDestination: {
      DestinationEntry entry;
      entry.id = static_cast<DestinationId>(in.varint());
      entry.name = in.text();
      entry.lanes = static_cast<LaneNumber>(in.varint());
      if (tag == kOrdered) entry.order = in.text();
      out = std::move(entry);
      return true;
    }
    case kAct: out = take_act(in); return true;
    default: return false;
  }
}

}  // namespace

std::string segment_name(std::uint32_t segment) { return fmt::format("journal-{:010}", segment); }

std::uint32_t SegmentHeader::seed() const { return crc32c(std::string_view(salt.data(), salt.size()), number); }

std::string encode(const SegmentHeader& header) {
  std::string out;
  ByteWriter writer(out);
  writer.bytes(kSegmentMagic);
  writer.u32(kFormatVersion);
  writer.u32(header.number);
  writer.u32(header.key_id);
  writer.bytes({header.salt.data(), header.salt.size()});
  writer.i64(header.created_at);
  writer.u64(header.first_group);
  out.resize(kSegmentHeaderSize - 4, '\0');
  writer.u32(crc32c(out));
  return out;
}

Result<SegmentHeader> decode_segment_header(std::string_view bytes, const std::string& path) {
  if (bytes.size() < kSegmentHeaderSize || !bytes.starts_with(kSegmentMagic))
    return fail(ErrorCode::corrupt, path + ": offset 0: not a journal segment");
  ByteReader reader(bytes.substr(kSegmentMagic.size(), kSegmentHeaderSize - kSegmentMagic.size()));
  const std::uint32_t version = reader.u32();
  ByteReader tail(bytes.substr(kSegmentHeaderSize - 4, 4));
  if (tail.u32() != crc32c(bytes.substr(0, kSegmentHeaderSize - 4)))
    return fail(ErrorCode::corrupt, path + ": offset 0: the segment's header is damaged");
  if (version > kFormatVersion)
    return fail(ErrorCode::version,
                fmt::format("{}: written in format {}, this program knows up to {}", path, version, kFormatVersion));
  SegmentHeader header;
  header.number = reader.u32();
  header.key_id = reader.u32();
  const std::string_view salt = reader.bytes(header.salt.size());
  std::copy(salt.begin(), salt.end(), header.salt.begin());
  header.created_at = reader.i64();
  header.first_group = reader.u64();
  if (header.key_id != 0) return fail(ErrorCode::version, path + ": is encrypted, and this program has no key");
  return header;
}

std::string encode(const RecordHeader& header, std::uint32_t seed) {
  std::string out;
  ByteWriter writer(out);
  writer.u32(kRecordMagic);
  writer.u32(header.meta_size);
  writer.u64(header.body_size);
  writer.u64(header.group);
  writer.u64(header.first_message);
  writer.i64(header.at);
  writer.u32(header.messages);
  writer.u32(header.meta_crc);
  out.resize(kRecordHeaderSize - 4, '\0');
  writer.u32(crc32c(out, seed));
  return out;
}

Result<RecordHeader> decode_record_header(std::string_view bytes, std::uint32_t seed) {
  if (bytes.size() < kRecordHeaderSize) return fail(ErrorCode::not_found, "there is no record");
  ByteReader reader(bytes.substr(0, kRecordHeaderSize));
  if (reader.u32() != kRecordMagic) return fail(ErrorCode::not_found, "there is no record");
  ByteReader tail(bytes.substr(kRecordHeaderSize - 4, 4));
  if (tail.u32() != crc32c(bytes.substr(0, kRecordHeaderSize - 4), seed))
    return fail(ErrorCode::not_found, "there is no record");
  RecordHeader header;
  header.meta_size = reader.u32();
  header.body_size = reader.u64();
  header.group = reader.u64();
  header.first_message = reader.u64();
  header.at = reader.i64();
  header.messages = reader.u32();
  header.meta_crc = reader.u32();
  return header;
}

void encode_table(std::string& out, const std::vector<Piece>& pieces) {
  ByteWriter table(out);
  table.varint(pieces.size());
  for (const Piece& piece : pieces) {
    const bool difference = piece.whole != piece.size;
    table.u32(difference ? piece.size | kDifferenceFlag : piece.size);
    table.u32(piece.crc);
    if (difference) table.u32(piece.whole);
  }
}

DifferenceHeader decode_difference_header(std::string_view bytes) {
  ByteReader in(bytes);
  DifferenceHeader header;
  header.size = in.u32();
  header.distance = in.u32();
  header.base_size = in.u32();
  header.base_crc = in.u32();
  return header;
}

void encode(const DifferenceHeader& header, char* out) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.u32(header.size);
  writer.u32(header.distance);
  writer.u32(header.base_size);
  writer.u32(header.base_crc);
  std::copy(bytes.begin(), bytes.end(), out);
}

void encode_entry(std::string& out, const Entry& entry) { std::visit(Encoder{ByteWriter(out)}, entry); }

Result<MetaReader> MetaReader::open(std::string_view meta, const RecordHeader& header) {
  ByteReader in(meta);
  MetaReader reader;
  reader.next_message_ = header.first_message;
  const std::uint64_t count = in.varint();
  if (count > meta.size()) return fail(ErrorCode::corrupt, "a record's table of bodies is damaged");
  reader.pieces_.reserve(static_cast<std::size_t>(count));
  reader.offsets_.reserve(static_cast<std::size_t>(count));
  std::uint64_t offset = kRecordHeaderSize;
  for (std::uint64_t i = 0; i < count; ++i) {
    Piece piece;
    piece.size = in.u32();
    piece.crc = in.u32();
    const bool difference = (piece.size & kDifferenceFlag) != 0;
    piece.size &= ~kDifferenceFlag;
    piece.whole = difference ? in.u32() : piece.size;
    if (difference && (piece.size < kDifferenceHeaderSize || piece.whole <= piece.size))
      return fail(ErrorCode::corrupt, "a record's table of bodies is damaged");
    reader.offsets_.push_back(offset);
    reader.pieces_.push_back(piece);
    offset += piece.size;
  }
  if (!in.ok() || offset != kRecordHeaderSize + header.body_size)
    return fail(ErrorCode::corrupt, "a record's table of bodies is damaged");
  reader.rest_ = in.rest();
  return reader;
}

Result<bool> MetaReader::next(Entry& out) {
  if (rest_.empty()) return false;
  ByteReader in(rest_);
  const char* const before = rest_.data();
  if (!take_entry(in, next_message_, out) || !in.ok()) return fail(ErrorCode::corrupt, "an entry of a record cannot be read");
  rest_ = in.rest();
  SMARTHL7_ASSERT(rest_.data() > before, "every entry has bytes");
  return true;
}

std::span<const std::uint64_t> hashes_of(std::span<const std::uint64_t> keys) {
  if (!keys.empty() && keys.front() == kExpressLane) keys = keys.subspan(1);
  if (!keys.empty() && keys.back() == kExpressLane) keys = keys.first(keys.size() - 1);
  if (!keys.empty() && keys.front() == kEveryKey) return {};
  return keys;
}

std::vector<LaneNumber> lanes_of(const std::vector<std::uint64_t>& keys, LaneNumber lanes) {
  std::vector<LaneNumber> out;
  if (keys.empty()) return {0};
  if (keys.front() == kExpressLane) return {lanes};
  const bool express = keys.back() == kExpressLane;
  if (lanes <= 1) {
    out.push_back(0);
  } else if (keys.front() == kEveryKey) {
    for (LaneNumber lane = 0; lane < lanes; ++lane) out.push_back(lane);
  } else {
    out.reserve(keys.size());
    for (const std::uint64_t key : keys)
      if (key < kEveryKey) out.push_back(static_cast<LaneNumber>(key % lanes));
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
  }
  if (express) out.push_back(lanes);
  return out;
}

}  // namespace smarthl7::store
