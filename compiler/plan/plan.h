// SPDX-License-Identifier: Apache-2.0
// The checked plan as plain data: what the compiler's last pass produces and what the runtime executes.
// Everything is an index into a flat array; nothing is looked up by name while a message runs. A plan is canonical: same input
// files, same standard library, same compiler version give the same bytes (plan_file.h writes and reads them).
// Value type; immutable once read; any thread. Strings in it come from route files, so they are not patient data.
//
// How a message runs over it: flows -> steps -> (messages | mappings) -> statements -> expressions -> paths.
// Absent index: kNone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stdlib/base/digest.h"

// The file's codec is built as C++17, which has no defaulted comparison and needs none.
#if __cplusplus >= 202002L
#define SMARTHL7_PLAN_EQUALITY(Type) friend bool operator==(const Type&, const Type&) = default;
#else
#define SMARTHL7_PLAN_EQUALITY(Type)
#endif

namespace smarthl7::plan {

using Id = std::uint32_t;
inline constexpr Id kNone = 0xFFFFFFFF;
inline constexpr std::uint16_t kNoNode = 0xFFFF;
inline constexpr std::uint32_t kSchemaVersion = 3;     // of the file; 3: the whole language (redactions, moments, splits, ...)
inline constexpr std::uint32_t kSemanticsVersion = 3;  // of what operations mean; 3: the same

struct Range {  // a run of items in `Plan::lists`: lists[first .. first + count)
  Id first = 0;
  Id count = 0;
  SMARTHL7_PLAN_EQUALITY(Range)
};

struct SourcePlace {  // for messages and `plan show`
  Id file = 0;        // into Plan::inputs
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  SMARTHL7_PLAN_EQUALITY(SourcePlace)
};

// ---- paths ----------------------------------------------------------------------------------------------------------------

enum class Pick : std::uint8_t {
  nth,  // the n-th (1-based)
  last,
  every,    // all that are there: the path has many values
  current,  // the one that the frame stands on
  chosen,   // the one for which `choice` is true; none or several: a reason to fail
};

/// Where a segment is looked for. Frames are the `each` blocks around, frame 0 is the whole message; a frame is a range of
/// segments (message, group instance), one segment, or one repetition of a field.
struct SegmentRef {
  std::uint16_t frame = 0;
  std::uint16_t group = kNoNode;  // if set: the instance of this group that encloses the frame, instead of the frame itself
  std::uint16_t node = kNoNode;   // if set: only segments placed at this node of the structure; else every one of the name
  Id name = 0;                    // string: "PID"
  Pick pick = Pick::nth;          // `current`: the segment of the frame
  std::uint32_t n = 1;            // in document order over the scope
  SMARTHL7_PLAN_EQUALITY(SegmentRef)
};

struct Path {
  SegmentRef segment;
  std::uint16_t field = 0;         // 0: the whole segment
  Pick repetition = Pick::nth;     // `current`: the repetition of the innermost field frame
  std::uint16_t repetition_n = 1;  // 0 with nth: the whole field with all its repetitions
  Id choice = kNone;               // expression for Pick::chosen, evaluated with a field frame on each repetition
  std::uint16_t component = 0;     // 0: the whole repetition
  std::uint16_t subcomponent = 0;
  Id text = 0;  // string: as people write it, for reasons and ERR-2
  SMARTHL7_PLAN_EQUALITY(Path)
};

// ---- expressions ----------------------------------------------------------------------------------------------------------

enum class ValueType : std::uint8_t { text, number, boolean, duration, size, list, date, time, timestamp, nothing };

enum class ExprOp : std::uint8_t {
  text,         // a: string
  number,       // a: string (canonical decimal)
  boolean,      // a: 0 or 1
  absent,       // the value that is not there
  setting,      // a: setting
  read,         // a: path; decoded text of the first subcomponent where the path ends above it; absent if not there or null
  read_raw,     // a: path; bytes as they stand
  present,      // a: path; any of its places holds a value
  is_absent,    // a: path; nothing was sent (at none of its places)
  is_null,      // a: path; HL7 ""
  value,        // the value that the enclosing every_value stands on
  every_value,  // a: path, b: condition; true if b holds for each value that is present (none: true)
  any_value,    // a: path, b: condition; true if b holds for one
  every_scope,  // a: scope, b: condition (`each OBX where ... : ...` of a rule); true if b holds in each
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,  // a, b: expressions of one type; absent equals nothing; moments that do not compare: a reason to fail
  logical_and,
  logical_or,
  logical_not,  // a, b
  either,       // a or b: b if a is absent
  in_list,      // a: expression, list: expressions (literals)
  in_table,     // a: expression, b: table; a key of it
  matches,      // a: expression, b: string (RE2, whole value)
  add,
  subtract,
  multiply,
  divide,     // a, b: numbers, durations, sizes, moments (stdlib/builtins/calculate.h)
  concat,     // list: expressions; an absent one prints "-" if flag print_absent, else makes the whole absent
  call,       // a: builtin (Plan::builtins), list: arguments
  lookup,     // a: table, b: key expression (list: those of the further key columns), c: value column; a key that is absent or
              // not in the table: a reason to fail
  read_list,  // a: path; the values of all its places that hold one, as `read` gives each
  code,       // a: expression; its text if that is a key of table b, or, if b is kNone, one of the strings of list (sorted);
              // c: string, the table's name; another text: a reason to fail
  in_values,  // a: expression, b: a list; a equals one of its values
};

struct Expr {
  ExprOp op = ExprOp::absent;
  ValueType type = ValueType::nothing;
  bool print_absent = false;
  Id a = kNone;
  Id b = kNone;
  Id c = kNone;
  Range list;
  Id place = kNone;  // into Plan::places
  SMARTHL7_PLAN_EQUALITY(Expr)
};

// ---- scopes (`each`) ------------------------------------------------------------------------------------------------------

enum class ScopeKind : std::uint8_t { group, segment, repetition };
struct Scope {
  ScopeKind kind = ScopeKind::segment;
  std::uint16_t frame = 0;       // looked for inside this frame
  std::uint16_t node = kNoNode;  // group: its node. segment: kNoNode means every place of the name
  Id name = 0;                   // string
  Id path = kNone;               // repetition: the field (repetition ignored)
  Id where = kNone;              // condition, evaluated in the new frame, on the input
  SMARTHL7_PLAN_EQUALITY(Scope)
};

// ---- what happens when something cannot be done ---------------------------------------------------------------------------

enum class ElseKind : std::uint8_t { none, reject_error, reject, proceed, keep, dead, drop, deliver, value };
struct Else {  // reject_error: AE; reject: AR; proceed: `continue`
  ElseKind kind = ElseKind::none;
  Id reason = kNone;       // expression (text)
  Id destination = kNone;  // deliver
  Id value = kNone;        // expression
  SMARTHL7_PLAN_EQUALITY(Else)
};

// ---- mappings -------------------------------------------------------------------------------------------------------------

enum class StatementOp : std::uint8_t {
  assign,             // target path = expression (text is encoded)
  assign_null,        // target path = null
  copy,               // target path = source path, bytes of the same type (field, repetition, component; null stays null)
  copy_segment,       // target segment = source segment
  remove,             // delete target path
  remove_segments,    // scope (segments or groups with `where`)
  each,               // scope, body
  when,               // condition, body, otherwise
  insert,             // a segment (of path `target`, after the segment of path `value` if given); body says what it holds
  insert_group,       // the same for an instance of the group at target's node
  insert_repetition,  // the same for a repetition behind those of target's field
  copy_segments,      // made: target's segments = those of path `value` (Pick::every or one)
  copy_group,         // made: the group at target's node = the instances that `scope` goes through; the first of them unless
                      // target's pick is every
};

struct Statement {
  StatementOp op = StatementOp::assign;
  Id target = kNone;     // path
  Id value = kNone;      // expression; copy: path
  Id scope = kNone;      // each, remove_segments
  Id condition = kNone;  // when
  Range body;            // statements
  Range otherwise;       // statements
  Else on_failure;
  Id place = kNone;
  /// The target is a place of what the mapping makes: its frame counts the `insert` blocks around (0: the new message), and its
  /// segment and the groups above it are made when first written to.
  bool made = false;
  SMARTHL7_PLAN_EQUALITY(Statement)
};

struct Mapping {
  Id name = 0;
  Id message = kNone;  // the profile it is written for
  Range body;
  Id result = kNone;  // the profile of what it makes, which starts empty; kNone: it edits a copy
  Id code = 0;        // MSH-9 of what it makes: "ORM" and "O01"; an empty trigger is the one of the message that comes in, or
  Id trigger = 0;     // what the mapping assigns
  SMARTHL7_PLAN_EQUALITY(Mapping)
};

// ---- messages (site profiles) ---------------------------------------------------------------------------------------------

struct Cardinality {  // `one PATIENT_RESULT`
  std::uint16_t node = kNoNode;
  std::uint16_t min = 0;
  std::uint16_t max = 0;  // 0: unbounded
  SMARTHL7_PLAN_EQUALITY(Cardinality)
};

struct LocalField {
  std::uint16_t number = 0;
  Id name = 0;
  Id type = 0;  // string: "ST"
  std::uint16_t length = 0;
  bool required = false;
  bool repeats = false;
  Id phi = 0;  // string: label
  SMARTHL7_PLAN_EQUALITY(LocalField)
};

struct LocalSegment {
  Id name = 0;
  std::uint16_t after = kNoNode;  // node of the segment that it follows; none: the structure names it itself
  bool required = false;
  bool repeats = false;
  Range fields;  // into Plan::local_fields directly (first, count)
  SMARTHL7_PLAN_EQUALITY(LocalSegment)
};

enum class RuleKind : std::uint8_t { require, condition, rule };
struct Rule {
  RuleKind kind = RuleKind::condition;
  Id path = kNone;       // what a finding points at; require: what must be present
  Id condition = kNone;  // condition, rule: must be true
  Id text = 0;           // string: the expectation, for people
  Id place = kNone;
  SMARTHL7_PLAN_EQUALITY(Rule)
};

struct TableExtension {
  std::uint16_t table = 0;
  Range codes;          // lists of strings
  bool closed = false;  // other codes than the standard's and the site's are findings
  SMARTHL7_PLAN_EQUALITY(TableExtension)
};

struct Message {
  Id name = 0;
  Id version = 0;       // string "2.5.1"
  Id from_version = 0;  // oldest MSH-12 taken by this definition; same as version if not said
  Id structure = 0;     // string "ORU_R01"
  Id definition = 0;    // string: the site's own structure of that name in abstract syntax; empty: the standard's
  std::vector<Cardinality> cardinalities;
  std::vector<LocalSegment> segments;
  std::vector<Rule> rules;
  std::vector<TableExtension> tables;
  SMARTHL7_PLAN_EQUALITY(Message)
};

// ---- redactions -----------------------------------------------------------------------------------------------------------

enum class RedactMethod : std::uint8_t {
  keep,       // stays as it is
  remove,     // left empty
  year,       // dates cut to the year, ages over 89 folded
  zip3,       // the first three digits, 000 for prefixes where few live
  mask,       // amount: characters at the end that stay; shape: a letter for a letter, a digit for a digit
  shift,      // dates moved by days that follow from the key (amount: at most)
  hash,       // HMAC-SHA-256, `amount` characters of it
  synthetic,  // made up from a keyed hash
};

/// What happens to a place or to all places of some labels. The item of a later layer has the say over one of an earlier
/// layer; in a layer a deeper path over a shallower one, and a path over labels.
struct RedactionItem {
  std::uint16_t layer = 0;  // 0: the redaction that the chain of `from` begins with
  Id segment = 0;           // string: "PID"; empty: `labels`
  std::uint16_t field = 0;  // 0: every field of the segment
  std::uint16_t component = 0;
  std::uint16_t subcomponent = 0;
  Range labels;  // strings
  RedactMethod method = RedactMethod::keep;
  Id secret = kNone;   // into Plan::secrets; kNone: the key of the data folder
  Id key_segment = 0;  // string; of shift: the nearest one before the date, or the first
  std::uint16_t key_field = 0;
  std::uint16_t key_component = 0;  // 0: the first
  std::uint16_t key_subcomponent = 0;
  std::uint32_t amount = 0;
  bool shape = false;
  Id place = kNone;
  SMARTHL7_PLAN_EQUALITY(RedactionItem)
};

/// A redaction for what the check knows of the message: one for each such use.
struct Redaction {
  Id name = 0;
  bool allow = false;  // what no item names is removed; else it stays
  Id version = 0;      // string: "2.5.1"; empty: the open type, so the strongest label of all versions counts
  Id message = kNone;  // the profile, whose Z-segments are known
  std::vector<RedactionItem> items;
  SMARTHL7_PLAN_EQUALITY(Redaction)
};

// ---- flows ----------------------------------------------------------------------------------------------------------------

/// How much a message says about its patient, the strongest first.
enum class Level : std::uint8_t { identified, limited, deidentified };

enum class Order : std::uint8_t { fifo, keys, patient, none };

enum class StepOp : std::uint8_t {
  validate,  // a: message; tolerant or strict flag; on_failure reject / proceed / dead / drop / deliver
  dedup,     // list: key expressions, window, reject_conflict; ignoring: paths, none: MSH-7 and MSH-13
  map,       // a: mapping
  when,      // a: condition; body; otherwise
  route,     // arms; the first that fits
  fanout,    // arms; all that fit, `otherwise` arm if none did
  branch,    // body; a copy goes its own way
  deliver,   // a: destination; keys: key expressions of its `order by`
  dead,      // a: reason expression; ends the line
  drop,      // a: reason expression; ends the line
  redact,    // a: redaction
  convert,   // a: Content that it becomes; list: of hl7, the version and the structure that it must have (strings)
  reject,    // on_failure says with what; the whole message, in all flows
  split,     // a: scope of frame 0 (group or segment); the steps after it run for each part
  batch,     // a: into Plan::batches; ends the line, the batch goes on
};
enum class Content : std::uint8_t { hl7, xml, json, bytes };

struct Arm {
  bool otherwise = false;
  Range values;          // route: literals (expressions) or, with route type, strings "ADT^A01" / "ORU_R01"
  Id condition = kNone;  // fanout
  Range body;            // steps
  Id place = kNone;
  SMARTHL7_PLAN_EQUALITY(Arm)
};

struct Step {
  StepOp op = StepOp::deliver;
  bool tolerant = false;
  bool strict = false;
  bool reject_conflict = false;
  bool by_type = false;  // route type { ... }
  bool urgent = false;   // deliver: with a text of list `otherwise` at a place of the paths `ignoring`: urgent
  Id a = kNone;
  Range list;
  Range body;
  Range otherwise;
  Range ignoring;
  std::uint64_t window_seconds = 0;
  Level level = Level::identified;  // of what comes in, as proven
  Else on_failure;
  Id place = kNone;
  SMARTHL7_PLAN_EQUALITY(Step)
};
// Step::a of route is the expression (kNone with by_type); Step::list of route and fanout are arms.

struct AcceptedType {
  Id code = 0;       // "ORU"
  Id trigger = 0;    // "R01"; empty string: every trigger
  Id structure = 0;  // "ORU_R01" or empty
  SMARTHL7_PLAN_EQUALITY(AcceptedType)
};

struct Flow {
  Id name = 0;
  Range sources;            // list of source ids
  Id message = kNone;       // profile of the first validate, if its type is known before it; kNone: open
  Range body;               // steps
  Id respond_from = kNone;  // destination whose own response is the answer to the source
  std::uint64_t respond_within_micros = 0;
  Id place = kNone;
  SMARTHL7_PLAN_EQUALITY(Flow)
};

/// `batch up to N or D`: what is collected for it in the store, under its name, and where it goes.
struct Batch {
  Id name = 0;  // string: "lab_results batch 1"
  std::uint32_t most_messages = 1;
  std::uint64_t most_micros = 0;  // since its first message was taken
  Range destinations;             // list of destination ids, in the order of the flow
  Id place = kNone;
  SMARTHL7_PLAN_EQUALITY(Batch)
};

// ---- alerts ---------------------------------------------------------------------------------------------------------------

struct AlertCondition {
  Id metric = 0;               // string: "delivery_time"
  std::uint16_t quantile = 0;  // 99: p99; 0: the value itself
  Id flow = kNone;             // one of the two
  Id destination = kNone;
  Id op = 0;                // string: ">"
  std::uint64_t value = 0;  // microseconds, bytes or a count, as the metric has it
  std::uint64_t for_micros = 0;
  SMARTHL7_PLAN_EQUALITY(AlertCondition)
};

struct Alert {
  Id name = 0;
  std::vector<AlertCondition> conditions;  // alternatives
  Range notify;                            // list of strings: contacts
  Id place = kNone;
  SMARTHL7_PLAN_EQUALITY(Alert)
};

// ---- ends -----------------------------------------------------------------------------------------------------------------

enum class OptionKind : std::uint8_t { text, number, duration, size, boolean, file, secret, block };
struct OptionValue {
  Id name = 0;  // string, full: "connect", "tls.certificate"
  OptionKind kind = OptionKind::text;
  Id value = kNone;   // expression over settings only (text, number...); duration in microseconds, size in bytes
  Id secret = kNone;  // into Plan::secrets
  Id file = kNone;    // string: path relative to the route file's folder
  SMARTHL7_PLAN_EQUALITY(OptionValue)
};

enum class AckMode : std::uint8_t { when_stored, when_delivered, on_receipt };

struct Source {
  Id name = 0;
  Id connector = 0;  // string "mllp"
  std::vector<OptionValue> options;
  std::vector<AcceptedType> accepts;  // empty: everything
  AckMode ack = AckMode::when_stored;
  Level level = Level::identified;
  Id place = kNone;
  Id application_ack = kNone;  // the destination that application acknowledgements of enhanced mode go to; kNone: right here
  bool refuses_gaps = false;   // a message whose MSH-13 jumps ahead is refused
  std::uint64_t answer_within_micros = 0;  // of when_delivered: how long a sender waits at most
  SMARTHL7_PLAN_EQUALITY(Source)
};

struct Retry {
  Id name = 0;
  std::uint64_t first_micros = 0;
  std::uint64_t most_micros = 0;
  std::uint32_t jitter_percent = 20;
  std::uint64_t give_up_micros = 0;              // 0: not by time
  std::uint32_t give_up_attempts = 0;            // 0: not by number
  std::uint64_t unreachable_give_up_micros = 0;  // 0: never
  SMARTHL7_PLAN_EQUALITY(Retry)
};

enum class Match : std::uint8_t { id, id_prefix, order };
enum class AfterRefusal : std::uint8_t { go_on, hold_key, hold_lane };

/// `on AE ...` of a destination: how an answer code is taken where no finer code speaks.
enum class Refusal : std::uint8_t { by_default, for_good, for_now };

/// MSH-15 and MSH-16 of what a destination is sent (table 0155).
enum class AckCondition : std::uint8_t { as_sent, always, never, on_error, on_success };

struct Destination {
  Id name = 0;
  Id connector = 0;
  std::vector<OptionValue> options;
  Level holds = Level::identified;
  Order order = Order::fifo;
  std::uint32_t connections = 1;
  std::uint64_t ack_within_micros = 30'000'000;
  Match match = Match::id;
  std::uint32_t match_prefix = 20;
  Refusal on_ae = Refusal::by_default;
  Refusal on_ar = Refusal::by_default;
  AfterRefusal after_refusal = AfterRefusal::go_on;
  Id retry = kNone;
  AckCondition accept_ack = AckCondition::as_sent;
  AckCondition application_ack = AckCondition::as_sent;
  std::uint64_t application_within_micros = 0;  // 0: the first answer is the delivery
  Id place = kNone;
  bool exactly_once = false;  // a resend that the receiver's memory does not cover waits for a person
  Range idempotent;           // list of strings, "MSH-10": the paths by which the receiver knows a copy; none: it does not
  std::uint64_t idempotent_within_micros = 0;  // how long it does
  std::vector<AcceptedType> barriers;          // events that concern all of a patient's identifiers, beside the standard's
  std::uint32_t pace_messages = 0;             // 0: as fast as it goes
  std::uint64_t pace_micros = 0;               // so many messages in this time
  SMARTHL7_PLAN_EQUALITY(Destination)
};

// ---- tables, settings, inputs ---------------------------------------------------------------------------------------------

enum class TableReload : std::uint8_t {
  never,         // its rows are part of the plan
  when_told,     // its rows are those of `file`, read when the hub starts and when a person says so
  when_changed,  // ... and whenever the file is another one
};

struct Table {
  Id name = 0;
  Range columns;          // strings; the first `keys` are the key
  std::vector<Id> cells;  // strings, row by row, rows sorted by key bytes; none of a table that reloads
  std::uint32_t keys = 1;
  Id input = kNone;  // the CSV, into Plan::inputs; kNone of a table that reloads: the plan does not depend on its rows
  TableReload reload = TableReload::never;
  Id file = kNone;               // string: the CSV of a table that reloads, relative to the project folder
  Range optional;                // strings: its value columns that may be empty; the others are refused if they are
  std::uint32_t least_rows = 0;  // a file of a table that reloads with fewer is refused
  SMARTHL7_PLAN_EQUALITY(Table)
};

struct Setting {
  Id name = 0;
  Id type = 0;       // string: "port", "text", "number", "duration", "size", "bool", "address", "url"
  Id value = kNone;  // string: default as text, kNone: must be given
  SMARTHL7_PLAN_EQUALITY(Setting)
};

struct EnvironmentValue {
  Id setting = kNone;
  Id value = 0;  // string
  SMARTHL7_PLAN_EQUALITY(EnvironmentValue)
};

struct Environment {
  Id name = 0;
  std::vector<EnvironmentValue> values;
  SMARTHL7_PLAN_EQUALITY(Environment)
};

struct Input {  // a file that went into the plan
  Id path = 0;  // relative to the project folder
  Sha256 digest{};
  SMARTHL7_PLAN_EQUALITY(Input)
};

struct Plan {
  std::string compiler_version;
  Sha256 library{};                  // digest of the standard library
  std::vector<std::string> strings;  // 0 is ""
  std::vector<Id> lists;             // what Ranges of ids point into
  std::vector<SourcePlace> places;
  std::vector<Input> inputs;
  std::vector<Path> paths;
  std::vector<Expr> exprs;
  std::vector<Scope> scopes;
  std::vector<Statement> statements;
  std::vector<Mapping> mappings;
  std::vector<LocalField> local_fields;
  std::vector<Message> messages;
  std::vector<Arm> arms;
  std::vector<Step> steps;
  std::vector<Flow> flows;
  std::vector<Source> sources;
  std::vector<Retry> retries;
  std::vector<Destination> destinations;
  std::vector<Table> tables;
  std::vector<Setting> settings;
  std::vector<Id> secrets;  // strings: names
  std::vector<Environment> environments;
  std::vector<Id> builtins;  // strings: names of the functions that calls use
  std::vector<Redaction> redactions;
  std::vector<Batch> batches;
  std::vector<Alert> alerts;

  [[nodiscard]] const std::string& text(Id string) const { return strings[string]; }
  SMARTHL7_PLAN_EQUALITY(Plan)
};

}  // namespace smarthl7::plan
