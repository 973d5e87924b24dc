// SPDX-License-Identifier: Apache-2.0
// All SQL of the store. Schema changes are numbered migrations, forward only: never edit one that was released, add one.
// state.db is the journal brought up to `position`; everything in it can be made again from the journal segments that are kept.
#pragma once

#include <array>
#include <string_view>

namespace smarthl7::store::sql {

inline constexpr std::array<std::string_view, 3> kMigrations = {R"sql(
CREATE TABLE position (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  location INTEGER NOT NULL, groups INTEGER NOT NULL,            -- the journal is applied up to here
  keys_location INTEGER NOT NULL, keys_groups INTEGER NOT NULL,  -- and its dedup keys are in runs up to here
  next_message INTEGER NOT NULL, next_run INTEGER NOT NULL,
  messages INTEGER NOT NULL, rejected INTEGER NOT NULL, duplicates INTEGER NOT NULL, conflicts INTEGER NOT NULL,
  dead INTEGER NOT NULL, dropped INTEGER NOT NULL);
INSERT INTO position VALUES (1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0);
CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE destinations (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, lanes INTEGER NOT NULL, delivered INTEGER NOT NULL, dead INTEGER NOT NULL);
CREATE TABLE messages (
  id INTEGER PRIMARY KEY, record INTEGER NOT NULL, received INTEGER NOT NULL, source INTEGER NOT NULL, type TEXT NOT NULL,
  control INTEGER NOT NULL, size INTEGER NOT NULL, flags INTEGER NOT NULL,
  deliveries INTEGER NOT NULL, delivered INTEGER NOT NULL, dead INTEGER NOT NULL, flows BLOB NOT NULL, later BLOB NOT NULL);
CREATE TABLE queue (  -- a row per lane of each delivery without an outcome
  destination INTEGER NOT NULL, lane INTEGER NOT NULL, message INTEGER NOT NULL, number INTEGER NOT NULL,
  first INTEGER NOT NULL, location INTEGER NOT NULL, size INTEGER NOT NULL, crc INTEGER NOT NULL, received INTEGER NOT NULL,
  attempts INTEGER NOT NULL, released INTEGER NOT NULL, keys BLOB NOT NULL,
  PRIMARY KEY (destination, lane, message, number)) WITHOUT ROWID;
CREATE TABLE dead (
  message INTEGER NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL,
  attempts INTEGER NOT NULL, location INTEGER NOT NULL, size INTEGER NOT NULL, crc INTEGER NOT NULL,
  PRIMARY KEY (message, number, name)) WITHOUT ROWID;
CREATE TABLE ambiguities (
  message INTEGER NOT NULL, number INTEGER NOT NULL, found INTEGER NOT NULL, destination INTEGER NOT NULL, released INTEGER NOT NULL,
  PRIMARY KEY (message, number, found)) WITHOUT ROWID;
CREATE TABLE audit (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, act TEXT NOT NULL, object TEXT NOT NULL);
CREATE TABLE runs (number INTEGER PRIMARY KEY, count INTEGER NOT NULL, expires INTEGER NOT NULL);
CREATE TABLE segments (
  number INTEGER PRIMARY KEY, last_at INTEGER NOT NULL, first_message INTEGER NOT NULL, last_message INTEGER NOT NULL);
)sql",
                                                                // 2: what people did
                                                                R"sql(
ALTER TABLE dead ADD COLUMN state INTEGER NOT NULL DEFAULT 0;     -- 0 open, 1 replayed, 2 dropped
ALTER TABLE dead ADD COLUMN acted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dead ADD COLUMN actor TEXT NOT NULL DEFAULT '';
ALTER TABLE dead ADD COLUMN why TEXT NOT NULL DEFAULT '';
ALTER TABLE dead ADD COLUMN made INTEGER NOT NULL DEFAULT 0;      -- replayed as this message
ALTER TABLE dead ADD COLUMN edits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dead ADD COLUMN original INTEGER NOT NULL DEFAULT 0;  -- edited: where the body was before the first edit
CREATE INDEX dead_open ON dead (message, number, name) WHERE state = 0;
ALTER TABLE ambiguities ADD COLUMN outcome TEXT NOT NULL DEFAULT '';  -- empty: open
ALTER TABLE ambiguities ADD COLUMN resolved INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ambiguities ADD COLUMN actor TEXT NOT NULL DEFAULT '';
ALTER TABLE ambiguities ADD COLUMN why TEXT NOT NULL DEFAULT '';
CREATE TABLE holds (
  name TEXT NOT NULL, lane INTEGER NOT NULL, since INTEGER NOT NULL, actor TEXT NOT NULL, why TEXT NOT NULL,
  PRIMARY KEY (name, lane)) WITHOUT ROWID;
CREATE TABLE requests (  -- replays by the id of what asked for them
  request TEXT NOT NULL, message INTEGER NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, made INTEGER NOT NULL,
  PRIMARY KEY (request, message, number, name)) WITHOUT ROWID;
)sql",
                                                                // 3: what a start must know of resends
                                                                R"sql(
ALTER TABLE queue ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;        -- for now, for the first time
ALTER TABLE ambiguities ADD COLUMN covered INTEGER NOT NULL DEFAULT 0;  -- 1: by the memory of the receiver
ALTER TABLE destinations ADD COLUMN ordering TEXT NOT NULL DEFAULT '';     -- what its keys are; empty: unknown, or it keeps none
ALTER TABLE destinations ADD COLUMN ordered INTEGER NOT NULL DEFAULT 0;    -- that is so from this message on
)sql"};

inline constexpr std::string_view kPosition =
    "SELECT location, groups, keys_location, keys_groups, next_message, next_run, messages, rejected, duplicates, conflicts, "
    "dead, dropped"
    " FROM position";
inline constexpr std::string_view kSavePosition =
    "UPDATE position SET location=?, groups=?, next_message=?, messages=?, rejected=?, duplicates=?, conflicts=?, dead=?, "
    "dropped=?";
inline constexpr std::string_view kSaveKeysPosition = "UPDATE position SET keys_location=?, keys_groups=?, next_run=?";
inline constexpr std::string_view kNames = "SELECT id, name FROM names";
inline constexpr std::string_view kAddName = "INSERT INTO names (id, name) VALUES (?, ?)";
inline constexpr std::string_view kDestinations =
    "SELECT id, name, lanes, delivered, dead, ordering, ordered FROM destinations ORDER BY id";
inline constexpr std::string_view kSaveDestination =
    "INSERT INTO destinations (id, name, lanes, delivered, dead, ordering, ordered) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (id) DO UPDATE SET lanes=excluded.lanes, delivered=excluded.delivered, dead=excluded.dead,"
    " ordering=excluded.ordering, ordered=excluded.ordered";

inline constexpr std::string_view kAddMessage =
    "INSERT INTO messages (id, record, received, source, type, control, size, flags, deliveries, delivered, dead, flows, later)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
inline constexpr std::string_view kUpdateMessage =
    "UPDATE messages SET delivered=delivered+?, dead=dead+?, later=CAST(later||? AS BLOB) WHERE id=?";
inline constexpr std::string_view kMessage =
    "SELECT id, record, received, source, type, control, size, flags, deliveries, delivered, dead, flows, later FROM messages "
    "WHERE id=?";
// The filter's conditions are appended; they hold numbers only.
inline constexpr std::string_view kListMessages =
    "SELECT id, record, received, source, type, control, size, flags, deliveries, delivered, dead, flows, later FROM messages";

inline constexpr std::string_view kAddQueued =
    "INSERT INTO queue (destination, lane, message, number, first, location, size, crc, received, attempts, released, keys, "
    "refused) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
inline constexpr std::string_view kRemoveQueued = "DELETE FROM queue WHERE destination=? AND lane=? AND message=? AND number=?";
inline constexpr std::string_view kUpdateQueued =
    "UPDATE queue SET attempts=max(attempts, ?), released=max(released, ?),"
    " refused=CASE WHEN refused = 0 THEN ? ELSE refused END WHERE destination=? AND lane=? AND message=? AND number=?";
inline constexpr std::string_view kSetReleased =
    "UPDATE queue SET attempts=max(attempts, ?), released=?, refused=CASE WHEN refused = 0 THEN ? ELSE refused END"
    " WHERE destination=? AND lane=? AND message=? AND number=?";
inline constexpr std::string_view kQueued =
    "SELECT location, size, crc FROM queue WHERE destination=? AND lane=? AND message=? AND number=?";
inline constexpr std::string_view kQueuePage =
    "SELECT message, number, location, size, crc, received, attempts, keys, refused FROM queue"
    " WHERE destination=? AND lane=? AND (message, number) > (?, ?) AND message <= ? AND released=0 ORDER BY message, number "
    "LIMIT ?";
inline constexpr std::string_view kQueueReleased =
    "SELECT message, number, location, size, crc, received, attempts, keys, refused, released, lane FROM queue"
    " WHERE destination=? AND released>0 AND first=1 ORDER BY message, number";
inline constexpr std::string_view kQueueLanes =
    "SELECT lane, sum(released=0), max(CASE WHEN released=0 THEN message ELSE 0 END), sum(first), sum(first*size) FROM queue"
    " WHERE destination=? GROUP BY lane";
/// Something of before the order of today is queued (1), and nothing since that waits for all of it (2, the bytes of
/// kEveryKey).
inline constexpr std::string_view kBarrierDue =
    "SELECT EXISTS (SELECT 1 FROM queue WHERE destination=?1 AND message < ?2)"
    " AND NOT EXISTS (SELECT 1 FROM queue WHERE destination=?1 AND message >= ?2 AND substr(keys, 1, 8) = ?3)";
inline constexpr std::string_view kMoveQueue = "CREATE TEMP TABLE moving AS SELECT * FROM queue WHERE destination=";
inline constexpr std::string_view kMovedRows =
    "SELECT message, number, location, size, crc, received, attempts, released, keys, refused FROM temp.moving WHERE first=1";
inline constexpr std::string_view kQueuedKeys =
    "SELECT keys FROM queue WHERE destination=? AND message=? AND number=? AND first=1";
inline constexpr std::string_view kAllQueuedKeys = "SELECT keys FROM queue WHERE destination=? AND first=1";
inline constexpr std::string_view kDropMoved = "DROP TABLE temp.moving";
inline constexpr std::string_view kClearQueue = "DELETE FROM queue WHERE destination=?";

inline constexpr std::string_view kAddDead =
    "INSERT OR REPLACE INTO dead (message, number, name, reason, at, attempts, location, size, crc) VALUES (?, ?, ?, ?, ?, ?, "
    "?, ?, ?)";
inline constexpr std::string_view kDead =
    "SELECT message, number, name, reason, at, attempts, size FROM dead WHERE state = 0 AND message > ?1 AND (?2 IS NULL OR "
    "name = ?2) ORDER BY message, number LIMIT ?3";
inline constexpr std::string_view kLetters =
    "SELECT message, number, name, reason, at, attempts, size, edits, state, acted, actor, why, made, location, crc, original"
    " FROM dead WHERE message > ?1 AND (?2 IS NULL OR name = ?2) AND at >= ?3 AND (?4 OR state = 0) AND (?5 IS NULL OR message "
    "= ?5) ORDER BY message, number, name";
inline constexpr std::string_view kOpenLetters = "SELECT name, count(*) FROM dead WHERE state = 0 GROUP BY name";
inline constexpr std::string_view kCloseLetter =
    "UPDATE dead SET state=?, acted=?, actor=?, why=?, made=? WHERE message=? AND number=? AND name=? AND state=0";
inline constexpr std::string_view kEditLetter =
    "UPDATE dead SET original = CASE WHEN original = 0 THEN location ELSE original END, location=?, size=?, crc=?, "
    "edits=edits+1"
    " WHERE message=? AND number=? AND name=? AND state=0";
inline constexpr std::string_view kAddRequest =
    "INSERT OR REPLACE INTO requests (request, message, number, name, made) VALUES (?, ?, ?, ?, ?)";
inline constexpr std::string_view kRequest = "SELECT made FROM requests WHERE request=? AND message=? AND number=? AND name=?";
inline constexpr std::string_view kRequested =
    "SELECT message, number, name, made FROM requests WHERE request=? ORDER BY message, number, name";
inline constexpr std::string_view kHold = "INSERT OR REPLACE INTO holds (name, lane, since, actor, why) VALUES (?, ?, ?, ?, ?)";
inline constexpr std::string_view kRelease = "DELETE FROM holds WHERE name=?1 AND (lane=?2 OR ?2=4294967295)";
inline constexpr std::string_view kHolds = "SELECT name, lane, since, actor, why FROM holds ORDER BY name, lane";
inline constexpr std::string_view kLedger =
    "SELECT a.message, a.number, d.name, a.released, a.found, m.type, a.outcome, a.resolved, a.actor, a.why, a.covered FROM "
    "ambiguities a JOIN destinations d ON d.id = a.destination LEFT JOIN messages m ON m.id = a.message"
    " WHERE a.message > ?1 AND (?2 IS NULL OR d.name = ?2) AND (?4 OR a.outcome = '') ORDER BY a.message, a.number, a.found "
    "LIMIT ?3";
inline constexpr std::string_view kSettled =
    "SELECT d.name, a.number, a.outcome, a.resolved, a.actor, a.why FROM ambiguities a JOIN destinations d ON d.id = "
    "a.destination WHERE a.message=? AND a.outcome <> '' ORDER BY a.number, a.found";
inline constexpr std::string_view kOpenAmbiguities =
    "SELECT d.name, count(*) FROM ambiguities a JOIN destinations d ON d.id = a.destination WHERE a.outcome = ''"
    " AND (?1 IS NULL OR d.name = ?1) AND (?2 = 0 OR a.message <= ?2) GROUP BY d.name";
inline constexpr std::string_view kResolve =
    "UPDATE ambiguities SET outcome=?, resolved=?, actor=?, why=? WHERE destination=?5 AND outcome = '' AND (?6 = 0 OR message "
    "<= "
    "?6)";
inline constexpr std::string_view kAddAmbiguity =
    "INSERT OR REPLACE INTO ambiguities (message, number, found, destination, released, outcome, resolved, actor, why, "
    "covered)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
inline constexpr std::string_view kAmbiguities =
    "SELECT a.message, a.number, d.name, a.released, a.found, a.covered FROM ambiguities a JOIN destinations d ON d.id = "
    "a.destination"
    " WHERE a.outcome = '' AND a.message > ?1 AND (?2 IS NULL OR d.name = ?2) ORDER BY a.message, a.number, a.found LIMIT ?3";
inline constexpr std::string_view kAddAudit = "INSERT INTO audit (at, actor, act, object) VALUES (?, ?, ?, ?)";
inline constexpr std::string_view kAudit = "SELECT at, actor, act, object FROM audit WHERE id > ? ORDER BY id LIMIT ?";

inline constexpr std::string_view kRuns = "SELECT number, count, expires FROM runs ORDER BY number";
inline constexpr std::string_view kAddRun = "INSERT INTO runs (number, count, expires) VALUES (?, ?, ?)";
inline constexpr std::string_view kRemoveRun = "DELETE FROM runs WHERE number=?";

inline constexpr std::string_view kSaveSegment =
    "INSERT INTO segments (number, last_at, first_message, last_message) VALUES (?, ?, ?, ?) ON CONFLICT (number) DO UPDATE SET"
    " last_at=max(last_at, excluded.last_at), first_message=min(first_message, excluded.first_message),"
    " last_message=max(last_message, excluded.last_message)";
// Old segments into which no undelivered message and no dead letter points. ?1: time, ?2: first segment that is still needed.
inline constexpr std::string_view kUnusedSegments =
    "SELECT number, first_message, last_message FROM segments WHERE last_at < ?1 AND number < ?2"
    " AND number NOT IN (SELECT DISTINCT location >> 40 FROM queue)"
    " AND number NOT IN (SELECT DISTINCT location >> 40 FROM dead WHERE state = 0)"
    " AND number NOT IN (SELECT DISTINCT original >> 40 FROM dead WHERE state = 0)"
    " ORDER BY number";
inline constexpr std::string_view kSegments = "SELECT number FROM segments ORDER BY number";
inline constexpr std::string_view kRemoveSegment = "DELETE FROM segments WHERE number=?";
inline constexpr std::string_view kRemoveLetters = "DELETE FROM dead WHERE message >= ? AND message <= ? AND state <> 0";
inline constexpr std::string_view kRemoveRequests = "DELETE FROM requests WHERE made >= ? AND made <= ?";
inline constexpr std::string_view kRemoveMessages = "DELETE FROM messages WHERE id >= ? AND id <= ?";

}  // namespace smarthl7::store::sql
