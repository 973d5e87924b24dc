// SPDX-License-Identifier: Apache-2.0
// The journal's format. A segment file is a header and records; a record is one committed group:
//   record header | bodies, one after the other | meta: table of bodies (size, checksum), then entries.
// A body that a mapping changed in a few places is kept as its difference (delta.h) from the received one of the same record.
// Everything is checksummed (CRC-32C, seeded with the segment's salt, so bytes of an earlier file never pass): headers by
// themselves, bodies by the table, the meta by the record header. Key id and salt are there for encryption; 0 = in clear.
// Value types; any thread; decoding checks everything and says what is wrong.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/store/store.h"

namespace smarthl7::store {

// 1 had no differences, 2 no responses, 3 no acts of people, 4 nothing covered in the ledger, 5 no files and no orders, 6 no
// versions of tables; all are read as they are.
inline constexpr std::uint32_t kFormatVersion = 7;
inline constexpr std::size_t kSegmentHeaderSize = 64;
inline constexpr std::size_t kRecordHeaderSize = 56;
inline constexpr std::uint64_t kMaxMetaSize = 1ULL << 30;

/// Segment number and offset in one word: what points at a record or a body.
using Location = std::uint64_t;
[[nodiscard]] constexpr Location make_location(std::uint32_t segment, std::uint64_t offset) {
  return (static_cast<std::uint64_t>(segment) << 40) | offset;
}
[[nodiscard]] constexpr std::uint32_t segment_of(Location at) { return static_cast<std::uint32_t>(at >> 40); }
/// Set in the location of a body that is kept as a difference.
inline constexpr Location kDifferenceBit = 1ULL << 39;
[[nodiscard]] constexpr std::uint64_t offset_of(Location at) { return at & (kDifferenceBit - 1); }
[[nodiscard]] constexpr bool is_difference(Location at) { return (at & kDifferenceBit) != 0; }
[[nodiscard]] std::string segment_name(std::uint32_t segment);  // "journal-0000000001"

struct SegmentHeader {
  std::uint32_t number = 0;
  std::uint32_t key_id = 0;
  std::array<char, 16> salt{};
  std::int64_t created_at = 0;  // microseconds
  std::uint64_t first_group = 0;
  [[nodiscard]] std::uint32_t seed() const;  // of the checksums in this segment
};
[[nodiscard]] std::string encode(const SegmentHeader& header);
[[nodiscard]] Result<SegmentHeader> decode_segment_header(std::string_view bytes, const std::string& path);

struct RecordHeader {
  std::uint32_t meta_size = 0;
  std::uint64_t body_size = 0;
  std::uint64_t group = 0;
  MessageId first_message = 0;
  std::int64_t at = 0;  // wall clock of the commit, microseconds
  std::uint32_t messages = 0;
  std::uint32_t meta_crc = 0;
  [[nodiscard]] std::uint64_t size() const { return kRecordHeaderSize + body_size + meta_size; }
};
[[nodiscard]] std::string encode(const RecordHeader& header, std::uint32_t seed);
/// not_found: there is no record (bytes that are none).
[[nodiscard]] Result<RecordHeader> decode_record_header(std::string_view bytes, std::uint32_t seed);

struct Piece {             // one body in a record
  std::uint32_t size = 0;  // of its bytes here
  std::uint32_t crc = 0;
  std::uint32_t whole = 0;  // of the body; more than `size` if its bytes here are a difference
  [[nodiscard]] Location placed(Location at) const { return whole == size ? at : at | kDifferenceBit; }
};

struct BodyPlace {  // all that it takes to read a body
  Location at = 0;
  std::uint32_t size = 0;  // of the whole body
  std::uint32_t crc = 0;
};

/// What the bytes of a difference begin with; the delta follows.
struct DifferenceHeader {
  std::uint32_t size = 0;      // with this header
  std::uint32_t distance = 0;  // back from its first byte to the first byte of the received body
  std::uint32_t base_size = 0;
  std::uint32_t base_crc = 0;
};
inline constexpr std::size_t kDifferenceHeaderSize = 16;
[[nodiscard]] DifferenceHeader decode_difference_header(std::string_view bytes);
void encode(const DifferenceHeader& header, char* out);

// ---- entries; texts are views into the record's meta ------------------------------------------------------------------------

struct DeliveryRef {
  DeliveryId id;
  DestinationId destination = 0;
  std::vector<LaneNumber> lanes;
};

struct DeliveryEntry {
  DestinationId destination = 0;
  bool released = false;
  std::uint32_t piece = 0;
  std::vector<std::uint64_t> keys;
};
struct EndingEntry {
  Ending::Kind kind = Ending::Kind::dead;
  std::string_view reason;
  std::uint32_t piece = 0;
};
struct FlowEntry {
  std::string_view name;
  bool claimed = false;    // leaves the key below
  bool duplicate = false;  // nothing of it was done
  Hash128 key;
  Hash128 content;
  std::int64_t expires = 0;  // seconds since 1970
  std::vector<DeliveryEntry> deliveries;
  std::vector<EndingEntry> endings;
};
inline constexpr std::uint32_t kNoPiece = 0xFFFFFFFFU;
struct TableEntry {  // a version of a table that reloads
  std::string_view name;
  std::uint64_t version = 0;
  std::int64_t since = 0;
};
struct MessageEntry {
  MessageId id = 0;
  Verdict verdict = Verdict::accepted;
  bool duplicate = false;
  bool conflict = false;
  std::string_view source;
  std::uint64_t connection = 0;
  std::int64_t received_at = 0;
  std::string_view plan;  // 32 bytes
  std::string_view type;
  std::uint64_t control = 0;  // keyed hash
  std::string_view reason;
  std::uint64_t size = 0;
  std::uint32_t body = kNoPiece;
  std::uint32_t acknowledgement = kNoPiece;
  MessageId duplicate_of = 0;
  bool replay = false;       // a person had it sent (again): ...
  DeliveryId replay_of{};    // ... this delivery, of another message
  MessageId replay_age = 0;  // ... and what it says is as old as this message: the first of a chain of replays
  std::array<std::uint32_t, 4> stage_micros{};
  std::vector<FlowEntry> flows;
  std::vector<TableEntry> tables;  // that were looked up in
};
struct OutcomeEntry {
  DeliveryRef delivery;
  OutcomeKind kind = OutcomeKind::accepted;
  std::string_view reason;
  std::string_view answer;
  std::uint32_t attempts = 0;
  std::int64_t at = 0;
};
struct AttemptEntry {
  DeliveryRef delivery;
  std::uint32_t number = 0;
  std::string_view outcome;
  std::string_view detail;
  std::int64_t at = 0;
};
struct ReleaseEntry {
  DeliveryRef delivery;
};
struct GiveBackEntry {  // released, but not sent: queued again
  DeliveryRef delivery;
};
struct AmbiguityEntry {
  DeliveryRef delivery;
  std::int64_t released_at = 0;
  bool covered = false;  // by the receiver's own memory
};
struct AuditEntry {
  std::string_view actor;
  std::string_view act;
  std::string_view object;
  MessageId message = 0;  // 0: about no message
  std::int64_t at = 0;
};
struct DestinationEntry {
  DestinationId id = 0;
  std::string_view name;
  LaneNumber lanes = 1;
  std::string_view order{};  // what its keys are; empty: unknown, or nothing keeps its order
};
struct ResponseEntry {  // what a copy of the message is answered from now on
  OutcomeKind kind = OutcomeKind::accepted;
  DestinationId destination = 0;
  MessageId message = 0;
  Hash128 key;
  std::int64_t expires = 0;        // seconds since 1970
  std::uint32_t piece = kNoPiece;  // none: nothing was answered
};
struct FileEntry {  // how far a file was taken: with the message that it stands behind; version 0: the file has gone
  MessageId message = 0;
  Hash128 place;
  std::uint64_t version = 0;
  std::uint64_t number = 0;
  bool last = false;
  std::int64_t expires = 0;        // seconds since 1970
  std::uint32_t piece = kNoPiece;  // the acknowledgement, if it is kept; then:
  Hash128 answer;                  // its key
  std::int64_t answer_expires = 0;
};
enum class ActKind : std::uint8_t { replayed = 1, edited, dropped, held, released, resolved };
struct ActEntry {  // what a person did
  ActKind kind = ActKind::replayed;
  std::string_view actor;
  std::string_view reason;
  std::string_view detail;  // what else there is to say: "despite 3 later messages"
  std::string_view request;
  std::string_view name;           // the destination, or the flow that ended the message, or the source
  DeliveryId delivery{};           // of a letter
  MessageId made = 0;              // replayed: as this message. resolved: through this one, 0: all
  bool letter = false;             // replayed: it was a dead letter, which is closed by this
  std::uint32_t lane = 0;          // held, released: kAllLanes: all of them
  std::string_view outcome;        // resolved
  std::uint32_t piece = kNoPiece;  // edited: the body that is delivered from now on
  DestinationId destination = 0;   // resolved
};
using Entry = std::variant<MessageEntry, OutcomeEntry, AttemptEntry, ReleaseEntry, AmbiguityEntry, AuditEntry, DestinationEntry,
                           GiveBackEntry, ResponseEntry, ActEntry, FileEntry>;

void encode_entry(std::string& out, const Entry& entry);
void encode_table(std::string& out, const std::vector<Piece>& pieces);

/// A record's meta, decoded entry by entry.
class MetaReader {
 public:
  /// `meta` outlives the reader and what it gives out.
  static Result<MetaReader> open(std::string_view meta, const RecordHeader& header);
  /// False at the end.
  Result<bool> next(Entry& out);
  [[nodiscard]] const std::vector<Piece>& pieces() const { return pieces_; }
  /// Where piece i starts, counted from the record's first byte.
  [[nodiscard]] std::uint64_t piece_offset(std::uint32_t piece) const { return offsets_[piece]; }
  /// Of a piece of the record at `record`.
  [[nodiscard]] BodyPlace place(Location record, std::uint32_t piece) const {
    const Piece& facts = pieces_[piece];
    return {facts.placed(record + offsets_[piece]), facts.whole, facts.crc};
  }

 private:
  std::string_view rest_;
  MessageId next_message_ = 0;
  std::vector<Piece> pieces_;
  std::vector<std::uint64_t> offsets_;
};

/// Those that are hashes of ordering keys, in their order: without kExpressLane, and none with kEveryKey.
[[nodiscard]] std::span<const std::uint64_t> hashes_of(std::span<const std::uint64_t> keys);
/// The lanes of a delivery with these keys: sorted, without repetition; kEveryKey and kExpressLane are understood.
[[nodiscard]] std::vector<LaneNumber> lanes_of(const std::vector<std::uint64_t>& keys, LaneNumber lanes);

}  // namespace smarthl7::store
