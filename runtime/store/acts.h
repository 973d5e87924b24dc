// SPDX-License-Identifier: Apache-2.0
// What people do about messages that did not go the ordinary way: replay, edit and drop dead letters, settle the ambiguity
// ledger, hold and release. Each act is one entry of the journal, in the same record as what it does; it is durable when its
// call returns, and stands in the audit and in the message's trace. Acts are done one after the other, so each sees what those
// before it did; a request's id makes a repeated request harmless.
// A replay is a new message of the same bytes: it skips dedup, its attempts start anew, and it is the newest of its lanes.
// Threads: all calls from any executor; awaiting resumes on the caller's. Ownership: part of its Store.
// Failure: not_found, invalid, full (nothing was done), stopped; what is refused for one letter is said in its verdict.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/store/store.h"

namespace smarthl7::store {

inline constexpr std::uint32_t kEndedByFlow = 0xFFFFFFFFU;  // delivery number of what a flow ended: `-> dead "why"`
inline constexpr std::uint32_t kAllLanes = 0xFFFFFFFFU;

struct ByWhom {
  std::string actor;    // "unix uid 1000"
  std::string reason;   // in the person's words
  std::string request;  // an id that whoever asks has chosen; empty: none
};

/// Hashes of whom a body is about; compared with each other only, never kept. Called on the store's threads.
using IdentitiesOf = std::function<std::vector<std::uint64_t>(std::string_view body)>;

enum class LetterState : std::uint8_t { open, replayed, dropped };
[[nodiscard]] std::string_view name_of(LetterState state);

struct Letter {
  DeliveryId delivery;
  std::string destination;  // or, of kEndedByFlow, the flow's name
  std::string flow;         // empty: its record is no longer kept
  std::string type;
  std::string reason;
  WallTime at{};
  std::uint32_t attempts = 0;
  std::uint32_t size = 0;
  std::uint32_t edits = 0;
  LetterState state = LetterState::open;
  WallTime acted_at{};  // the rest: unless open
  std::string actor;
  std::string why;
  MessageId made = 0;  // replayed as
};

struct LetterFilter {
  std::optional<std::string> destination;
  std::optional<std::string> flow;
  std::optional<WallTime> since;
  std::optional<MessageId> message;
  bool all_states = false;
  MessageId after = 0;
  std::uint32_t limit = 100;
};

/// Some letters of a message, or deliveries of it.
struct Chosen {
  MessageId message = 0;
  std::optional<std::uint32_t> delivery;  // none: all that the filter leaves
};
struct Choice {
  std::vector<Chosen> some;  // empty: all open letters that the filter leaves
  LetterFilter filter;       // destination, flow and since
};

struct ReplayWish {
  Choice choice;
  bool deliveries = false;        // of messages, delivered or not; else of open dead letters
  std::optional<std::string> to;  // another destination than their own
  bool despite_order = false;
  IdentitiesOf identities;
};

struct Later {  // than what would be replayed, about the same, to the same destination
  MessageId message = 0;
  bool delivered = false;  // else it waits to be
};

struct ReplayVerdict {
  DeliveryId delivery;
  std::string destination;  // where it went, or would have gone
  MessageId made = 0;       // the message that it went as; 0: it did not
  bool before = false;      // an earlier call of this request did it
  std::string refused;      // why it did not go, without PHI
  std::vector<Later> later;
  bool more_later = false;  // than are listed
};

struct DropVerdict {
  DeliveryId delivery;
  std::string destination;
  bool dropped = false;
  std::string refused;
};

struct LedgerEntry {
  Ambiguity what;
  std::string type;     // of the message; empty: it is no longer kept
  std::string outcome;  // empty: open
  WallTime resolved_at{};
  std::string actor;
  std::string why;
};
struct LedgerFilter {
  std::optional<std::string> destination;
  bool all = false;  // those that were settled too
  MessageId after = 0;
  std::uint32_t limit = 100;
};

struct Hold {        // by a person; it stays over restarts and other plans until a person ends it
  std::string name;  // of a destination or source
  std::uint32_t lane = kAllLanes;
  WallTime since{};
  std::string actor;
  std::string why;
};

class Acts {
 public:
  virtual ~Acts() = default;

  virtual env::Task<Result<std::vector<Letter>>> letters(LetterFilter filter) = 0;
  /// What would be delivered of a letter, and whose bytes: recorded like each read of a body.
  virtual env::Task<Result<SharedBytes>> letter_body(Chosen letter, AuditRecord record) = 0;

  /// In commit order, each with its verdict. Refused, unless `despite_order`: a letter of which later messages of the same
  /// ordering key, or about the same patient, went (or wait to go) to the same destination.
  virtual env::Task<Result<std::vector<ReplayVerdict>>> replay(ReplayWish wish, ByWhom whom) = 0;
  /// Any thread. A replay of many letters ends after those of its next commit (ErrorCode::stopped), none begins: the hub stops.
  virtual void end_replays() = 0;
  /// Another body is delivered from now on; what was received and what the flow made of it stay. `difference` is recorded.
  virtual env::Task<Result<Letter>> edit(Chosen letter, SharedBytes body, std::string difference, ByWhom whom) = 0;
  virtual env::Task<Result<std::vector<DropVerdict>>> drop(Choice choice, ByWhom whom) = 0;

  virtual env::Task<Result<std::vector<LedgerEntry>>> ledger(LedgerFilter filter) = 0;
  /// Settles what is open for a destination, through a message or all: how many that were.
  virtual env::Task<Result<std::uint64_t>> resolve(std::string destination, MessageId through, std::string outcome,
                                                   ByWhom whom) = 0;
  /// Bodies of these deliveries as they were sent, one record for all; empty: no longer kept.
  virtual env::Task<Result<std::vector<SharedBytes>>> bodies(std::vector<DeliveryId> deliveries, AuditRecord record) = 0;

  virtual env::Task<Result<std::vector<Hold>>> holds() = 0;
  virtual env::Task<Result<void>> hold(std::string name, std::uint32_t lane, ByWhom whom) = 0;
  /// kAllLanes ends the holds of single lanes too. Recorded even if there is no hold: the engine may hold by itself.
  virtual env::Task<Result<void>> release(std::string name, std::uint32_t lane, ByWhom whom) = 0;
};

}  // namespace smarthl7::store
