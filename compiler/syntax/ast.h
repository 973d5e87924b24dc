// SPDX-License-Identifier: Apache-2.0
// The tree of a route file, for the whole language.
// Nodes live in the arena of their ParsedFile and are immutable after parsing. Texts are views into the source or
// the arena: SourceSet and ParsedFile outlive every node. Each node has a Span and a NodeId, dense over the files
// parsed with one running `first_id`, so passes keep their facts in vectors beside the tree. Any thread may read.
// What could not be read is there as an error node or marked `poisoned`; it was reported, so later passes stay silent.
// Switch over `kind` without default, then `node.as<PathExpr>()`.
#pragma once

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/source/source.h"
#include "stdlib/base/assert.h"

namespace smarthl7::syntax {

using source::Span;
using NodeId = std::uint32_t;

struct Node {
  NodeId id = 0;
  Span span;
  bool poisoned = false;  // a part of it could not be read
};

template <class T>
using List = std::span<const T* const>;

/// Downcast by kind for the families below (Expr, Declaration, Step, ...).
template <class Base>
struct Family : Node {
  template <class T>
  [[nodiscard]] const T& as() const {
    SMARTHL7_ASSERT(static_cast<const Base*>(this)->kind == T::kKind, "a node is read as what it is");
    return static_cast<const T&>(*this);
  }
  template <class T>
  [[nodiscard]] const T* try_as() const {
    return static_cast<const Base*>(this)->kind == T::kKind ? static_cast<const T*>(this) : nullptr;
  }
};

/// A name as declared or used: `steady`, `std.retry.exponential`, `AE`, `PATIENT_RESULT`. Empty text: it was missing.
struct Name : Node {
  std::string_view text;
};

// ---- Expressions ----------------------------------------------------------------------------------------------

enum class ExprKind : std::uint8_t {
  string,
  number,
  unit,
  count,
  boolean,
  null_value,
  event,
  version,
  name,
  path,
  raw,
  call,
  lookup,
  negation,
  binary,
  in_set,
  matches,
  test,
  each,
  error,
};

struct Expr : Family<Expr> {
  ExprKind kind = ExprKind::error;
  bool parenthesised = false;  // stood in ( ); for the formatter, without meaning
};

struct ErrorExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::error;
};

/// A piece of a string: decoded text, or an interpolated expression if `value` is set.
struct StringPart {
  std::string_view text;
  const Expr* value = nullptr;
  Span span;
};
enum class StringForm : std::uint8_t { plain, block, raw };
struct StringExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::string;
  StringForm form = StringForm::plain;
  std::span<const StringPart> parts;  // no two texts in a row; none for ""

  /// No interpolation: text() is the whole value.
  [[nodiscard]] bool is_literal() const { return parts.empty() || (parts.size() == 1 && parts[0].value == nullptr); }
  [[nodiscard]] std::string_view text() const { return parts.empty() ? std::string_view{} : parts[0].text; }
};

/// `12`, `0.5`: digits as written.
struct NumberExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::number;
  std::string_view text;
};

/// `30s`, `7d`, `64MiB`.
struct UnitExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::unit;
  std::string_view number;
  std::string_view unit;
};

/// `20 attempts`: a number and a word, in options.
struct CountExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::count;
  std::string_view number;
  std::string_view word;
};

struct BoolExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::boolean;
  bool value = false;
};

/// The value `null` (HL7 `""`), as in `PID-8 = null`.
struct NullExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::null_value;
};

/// `ORU^R01`, `ORU^R01^ORU_R01`.
struct EventExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::event;
  std::string_view code;
  std::string_view trigger;
  std::string_view structure;  // may be empty
};

/// `2.5.1`: three numbers. (`2.3` is a NumberExpr in an option.)
struct VersionExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::version;
  std::string_view text;
};

/// A lower-case word, dotted or not: a setting, destination, option word, builtin constant.
struct NameExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::name;
  std::string_view text;
};

enum class IndexKind : std::uint8_t { none, number, all, last, selection };
/// `[2]`, `[*]`, `[last]`, `[.5 == "MR"]`.
struct Index {
  IndexKind kind = IndexKind::none;
  std::uint32_t number = 0;         // kind number: from 1
  const Expr* selection = nullptr;  // kind selection: its relative paths start at the candidate
  Span span;                        // with its brackets
};
/// An upper-case word of a path: group, segment or structure, resolved later.
struct PathNode {
  std::string_view text;
  Index index;
  Span span;  // with its index
};
/// A field, component or subcomponent: by number (from 1), or by name if `number` is 0.
struct PathPart {
  std::uint32_t number = 0;
  std::string_view name;
  Index index;
  Span span;  // with the `-` or `.` before it and its index
};
/// What the parts count from: the last node; the current segment (`-1`); the current repetition (`.4.1`).
enum class PathRoot : std::uint8_t { absolute, segment, repetition };
enum class PathLevel : std::uint8_t { field, component, subcomponent };
struct PathExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::path;
  PathRoot root = PathRoot::absolute;
  std::span<const PathNode> nodes;  // empty unless absolute
  std::span<const PathPart> parts;  // fields first; from the component if root is repetition

  [[nodiscard]] bool is_bare_word() const { return nodes.size() == 1 && parts.empty(); }
  /// What part i is, counted from the root (in a selection, `.5` counts from the candidate like a repetition).
  [[nodiscard]] PathLevel level(std::size_t i) const {
    return static_cast<PathLevel>(i + (root == PathRoot::repetition ? 1U : 0U));
  }
};

/// `raw PATH`: the bytes as they stand.
struct RawExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::raw;
  const PathExpr* path = nullptr;
};

struct CallExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::call;
  const Name* function = nullptr;
  List<Expr> arguments;
};

/// `facilities[.4.1]`, `facilities[.4.1].city`.
struct LookupExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::lookup;
  const Name* table = nullptr;
  List<Expr> keys;
  const Name* column = nullptr;  // may be null
};

/// `not X`.
struct NotExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::negation;
  const Expr* operand = nullptr;
};

enum class BinaryOp : std::uint8_t {
  logic_or,
  logic_and,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  add,
  subtract,
  multiply,
  divide,
};
[[nodiscard]] std::string_view spelling(BinaryOp op);
/// `a or b` is logic or a default; the checker tells by the types.
struct BinaryExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::binary;
  BinaryOp op = BinaryOp::equal;
  Span op_span;
  const Expr* left = nullptr;
  const Expr* right = nullptr;
};

/// `PATH in "A", "B"` (literals in `values`) or `PATH in facilities` (`table` set).
struct InExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::in_set;
  const Expr* operand = nullptr;
  List<Expr> values;
  const Name* table = nullptr;
  bool bracketed = false;  // the literals stood in ( )
};

/// `PATH matches r"..."`.
struct MatchesExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::matches;
  const Expr* operand = nullptr;
  const StringExpr* pattern = nullptr;
};

enum class TestKind : std::uint8_t { present, absent, null };
/// `PATH present`, `PATH absent`, `PATH null`.
struct TestExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::test;
  TestKind test = TestKind::present;
  const Expr* operand = nullptr;
};

/// `each OBX where COND : COND`, the condition of a rule.
struct EachExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::each;
  const PathExpr* scope = nullptr;
  const Expr* where = nullptr;  // may be null
  const Expr* body = nullptr;
};

// ---- Parts that several declarations share ------------------------------------------------------------------------

/// What stands between an option's name and its value.
enum class Connective : std::uint8_t { none, file, secret, oauth, when, within, by, after, because, from };
[[nodiscard]] std::string_view spelling(Connective connective);

struct Option;
struct OptionBlock : Node {
  List<Option> options;

  /// The first option of that name, or null.
  [[nodiscard]] const Option* find(std::string_view name) const;
};
/// `name [connective] value {, value}`, `name { ... }`, or `name option` as in `unreachable give_up after 24h`.
/// Exactly one of values, block and nested is there, unless poisoned.
struct Option : Node {
  const Name* name = nullptr;
  Connective connective = Connective::none;
  List<Expr> values;
  const OptionBlock* block = nullptr;
  const Option* nested = nullptr;
};

enum class ElseKind : std::uint8_t { reject, proceed, keep, dead, drop, deliver, value };
/// What happens if the statement fails. `proceed` is written `continue`.
struct ElseClause : Node {
  ElseKind kind = ElseKind::keep;
  const Name* ack_code = nullptr;      // reject: AE, AR, ...; null means AE
  const StringExpr* reason = nullptr;  // reject (may be null), dead, drop
  List<Name> destinations;             // deliver
  const Expr* value = nullptr;         // value
};

/// `port`, `text`, `code(0105)`, `list of text`, `optional number`.
struct TypeRef : Node {
  const Name* name = nullptr;
  std::string_view argument;         // the table of code(...)
  const TypeRef* element = nullptr;  // of list and optional
};

/// `hl7 2.5.1 from 2.3 ORU_R01`, `xml`, `json`, `bytes`, or the name of a message.
struct MessageType : Node {
  const Name* format = nullptr;        // hl7, xml, json, bytes, or a declared message
  const Name* version = nullptr;       // may be null
  const Name* from_version = nullptr;  // may be null
  const Name* structure = nullptr;     // may be null
};

// ---- Items of a message -----------------------------------------------------------------------------------------

enum class MessageItemKind : std::uint8_t { one, require, condition, segment, rule, table, structure, error };
struct MessageItem : Family<MessageItem> {
  MessageItemKind kind = MessageItemKind::error;
};
struct ErrorMessageItem : MessageItem {
  static constexpr MessageItemKind kKind = MessageItemKind::error;
};
/// `one PATIENT_RESULT`.
struct OneItem : MessageItem {
  static constexpr MessageItemKind kKind = MessageItemKind::one;
  const PathExpr* what = nullptr;
};
/// `require PID-3, PID-5`.
struct RequireItem : MessageItem {
  static constexpr MessageItemKind kKind = MessageItemKind::require;
  List<PathExpr> paths;
};
/// A condition on the values that are there.
struct ConditionItem : MessageItem {
  static constexpr MessageItemKind kKind = MessageItemKind::condition;
  const Expr* condition = nullptr;
};
/// `1 instrument : ST(20) required repeats phi none`.
struct SegmentField : Node {
  std::uint32_t number = 0;
  const Name* name = nullptr;
  const Name* type = nullptr;
  std::uint32_t length = 0;  // 0: not said
  bool required = false;
  bool repeats = false;
  const Name* phi = nullptr;  // null: missing, which the checker refuses
};
/// `segment ZLR optional repeats after OBR { ... }`.
struct SegmentItem : MessageItem {
  static constexpr MessageItemKind kKind = MessageItemKind::segment;
  const Name* name = nullptr;
  bool required = false;
  bool repeats = false;
  const PathExpr* after = nullptr;  // may be null
  List<SegmentField> fields;
};
/// `rule "text" : CONDITION`; the condition may be an EachExpr.
struct RuleItem : MessageItem {
  static constexpr MessageItemKind kKind = MessageItemKind::rule;
  const StringExpr* text = nullptr;
  const Expr* condition = nullptr;
};
/// `table 0105 adds "INTERNAL"`, `table 0001 closed`.
struct TableItem : MessageItem {
  static constexpr MessageItemKind kKind = MessageItemKind::table;
  const Name* table = nullptr;
  bool closed = false;  // then nothing is added
  List<Expr> adds;
};

/// `structure { MSH PID {OBR [{OBX}]} }`: the site's own, in HL7's abstract syntax, instead of the standard's.
struct StructureItem : MessageItem {
  static constexpr MessageItemKind kKind = MessageItemKind::structure;
  const Name* text = nullptr;  // what stands between the outer braces, as written
};

// ---- Items of a mapping -----------------------------------------------------------------------------------------

enum class MappingItemKind : std::uint8_t { each, assign, remove, insert, when, error };
struct MappingItem : Family<MappingItem> {
  MappingItemKind kind = MappingItemKind::error;
};
struct ErrorMappingItem : MappingItem {
  static constexpr MappingItemKind kKind = MappingItemKind::error;
};
/// `each PID-3 [where COND] { ... }`.
struct EachItem : MappingItem {
  static constexpr MappingItemKind kKind = MappingItemKind::each;
  const PathExpr* scope = nullptr;
  const Expr* where = nullptr;  // may be null
  List<MappingItem> items;
};
/// `PATH = EXPR [else ...]`.
struct AssignItem : MappingItem {
  static constexpr MappingItemKind kKind = MappingItemKind::assign;
  const PathExpr* target = nullptr;
  const Expr* value = nullptr;
  const ElseClause* otherwise = nullptr;  // the else; may be null
};
/// `delete PATH {, PATH} [where COND] [else ...]`.
struct DeleteItem : MappingItem {
  static constexpr MappingItemKind kKind = MappingItemKind::remove;
  List<PathExpr> paths;
  const Expr* where = nullptr;            // may be null
  const ElseClause* otherwise = nullptr;  // may be null
};
/// `insert SEG [after SEG] { -1 = ... } [else ...]`.
struct InsertItem : MappingItem {
  static constexpr MappingItemKind kKind = MappingItemKind::insert;
  const PathExpr* segment = nullptr;
  const PathExpr* after = nullptr;  // may be null
  List<MappingItem> items;
  const ElseClause* otherwise = nullptr;  // may be null
};
/// One arm of `when A { } otherwise when B { } otherwise { }`; the last may be without condition.
struct WhenMappingArm : Node {
  const Expr* condition = nullptr;  // null: otherwise
  List<MappingItem> items;
};
struct WhenItem : MappingItem {
  static constexpr MappingItemKind kKind = MappingItemKind::when;
  List<WhenMappingArm> arms;
};

/// An item of a redaction: `PID-5, PID-9 remove`, `PID-3 hash key secret k`, or paths alone in an `allow`.
struct RedactionItem : Node {
  List<PathExpr> paths;
  const Name* method = nullptr;  // may be null: stays as it is
  List<Option> arguments;        // `key secret k`, `vault v`, `days by key PID-3`
};

// ---- Steps of a flow --------------------------------------------------------------------------------------------

enum class StepKind : std::uint8_t {
  from,
  validate,
  dedup,
  map,
  apply,
  convert,
  redact,
  when,
  route,
  fanout,
  branch,
  split,
  batch,
  deliver,
  respond,
  dead,
  drop,
  reject,
  error,
};
struct Step : Family<Step> {
  StepKind kind = StepKind::error;
};
struct ErrorStep : Step {
  static constexpr StepKind kKind = StepKind::error;
};
struct FromStep : Step {
  static constexpr StepKind kKind = StepKind::from;
  List<Name> sources;
};
enum class Strictness : std::uint8_t { normal, strict, tolerant };
struct ValidateStep : Step {
  static constexpr StepKind kKind = StepKind::validate;
  const Name* message = nullptr;
  Strictness strictness = Strictness::normal;
  const ElseClause* otherwise = nullptr;  // may be null
};
/// `dedup by MSH-3, MSH-10 within 7d [ignoring MSH-7] [conflict reject AE]`.
struct DedupStep : Step {
  static constexpr StepKind kKind = StepKind::dedup;
  List<PathExpr> keys;
  const Expr* within = nullptr;
  List<PathExpr> ignoring;
  bool conflict_rejects = false;
  const Name* conflict_code = nullptr;  // AE or AR; null: AE, or no conflict clause
};
struct MapStep : Step {
  static constexpr StepKind kKind = StepKind::map;
  const Name* mapping = nullptr;
  const ElseClause* otherwise = nullptr;  // may be null
};
/// `apply xslt "f.xsl" [{ options }] [as TYPE] [else ...]`.
struct ApplyStep : Step {
  static constexpr StepKind kKind = StepKind::apply;
  const Name* transform = nullptr;
  const StringExpr* file = nullptr;
  const OptionBlock* options = nullptr;   // may be null
  const MessageType* as_type = nullptr;   // may be null
  const ElseClause* otherwise = nullptr;  // may be null
};
/// `as xml [else ...]`.
struct ConvertStep : Step {
  static constexpr StepKind kKind = StepKind::convert;
  const MessageType* type = nullptr;
  const ElseClause* otherwise = nullptr;  // may be null
};
struct RedactStep : Step {
  static constexpr StepKind kKind = StepKind::redact;
  const Name* redaction = nullptr;
  const ElseClause* otherwise = nullptr;  // may be null
};
/// An arm of `when` (condition or otherwise), `route` (values or otherwise) or `fanout` (condition or otherwise).
/// `-> D` is one DeliverStep, `-> dead "why"` one DeadStep, and so on; `-> { ... }` sets `block`.
struct Arm : Node {
  bool otherwise = false;
  const Expr* condition = nullptr;  // of when and fanout
  List<Expr> values;                // of route
  List<Step> steps;
  bool block = false;
};
struct WhenStep : Step {
  static constexpr StepKind kKind = StepKind::when;
  List<Arm> arms;
};
struct RouteStep : Step {
  static constexpr StepKind kKind = StepKind::route;
  const Expr* subject = nullptr;  // the word `type` is a NameExpr
  List<Arm> arms;
};
struct FanoutStep : Step {
  static constexpr StepKind kKind = StepKind::fanout;
  List<Arm> arms;
};
struct BranchStep : Step {
  static constexpr StepKind kKind = StepKind::branch;
  List<Step> steps;
};
struct SplitStep : Step {
  static constexpr StepKind kKind = StepKind::split;
  const PathExpr* group = nullptr;
};
/// `batch up to 100 or 5m`.
struct BatchStep : Step {
  static constexpr StepKind kKind = StepKind::batch;
  const Expr* count = nullptr;
  const Expr* within = nullptr;
};
struct DeliverStep : Step {
  static constexpr StepKind kKind = StepKind::deliver;
  List<Name> destinations;
};
/// `respond from pharmacy within 30s`.
struct RespondStep : Step {
  static constexpr StepKind kKind = StepKind::respond;
  const Name* destination = nullptr;
  const Expr* within = nullptr;
};
struct DeadStep : Step {
  static constexpr StepKind kKind = StepKind::dead;
  const StringExpr* reason = nullptr;
};
struct DropStep : Step {
  static constexpr StepKind kKind = StepKind::drop;
  const StringExpr* reason = nullptr;
};
struct RejectStep : Step {
  static constexpr StepKind kKind = StepKind::reject;
  const Name* ack_code = nullptr;      // null: AE
  const StringExpr* reason = nullptr;  // may be null
};

// ---- Statements of a test and conditions of an alert ---------------------------------------------------------------

enum class AnswerKind : std::uint8_t { code, nothing, garbage };
/// `AE late by 5s 2 times`.
struct Answer : Node {
  AnswerKind kind = AnswerKind::code;
  const Name* code = nullptr;   // of kind code
  const Expr* late = nullptr;   // may be null
  const Expr* times = nullptr;  // null: from then on
};
enum class TestItemKind : std::uint8_t { given_answers, given_down, send, after, expect_ack, expect_gets, expect_alert, error };
struct TestItem : Family<TestItem> {
  TestItemKind kind = TestItemKind::error;
};
struct ErrorTestItem : TestItem {
  static constexpr TestItemKind kKind = TestItemKind::error;
};
struct GivenAnswersItem : TestItem {
  static constexpr TestItemKind kKind = TestItemKind::given_answers;
  const Name* destination = nullptr;
  List<Answer> answers;
};
struct GivenDownItem : TestItem {
  static constexpr TestItemKind kKind = TestItemKind::given_down;
  const Name* destination = nullptr;
  const Expr* duration = nullptr;  // null: for good
};
struct SendItem : TestItem {
  static constexpr TestItemKind kKind = TestItemKind::send;
  bool file = false;  // `text` names a file
  const StringExpr* text = nullptr;
  const Name* source = nullptr;  // may be null: the only source
};
struct AfterItem : TestItem {
  static constexpr TestItemKind kKind = TestItemKind::after;
  const Expr* duration = nullptr;
};
struct ExpectAckItem : TestItem {
  static constexpr TestItemKind kKind = TestItemKind::expect_ack;
  const Name* code = nullptr;
};
/// `expect mercy gets 1 { ... }`; the destination's name may be `dead`.
struct ExpectGetsItem : TestItem {
  static constexpr TestItemKind kKind = TestItemKind::expect_gets;
  const Name* destination = nullptr;
  const Expr* count = nullptr;
  List<Expr> conditions;
  bool block = false;
};
struct ExpectAlertItem : TestItem {
  static constexpr TestItemKind kKind = TestItemKind::expect_alert;
  const Name* alert = nullptr;
};

/// `when p99 of delivery_time in lab_results > 60s for 5m`.
struct AlertCondition : Node {
  const Name* quantile = nullptr;  // `p99`; may be null
  const Name* metric = nullptr;
  bool of_destination = false;  // `of D`; else `in FLOW`
  const Name* subject = nullptr;
  BinaryOp op = BinaryOp::greater;
  const Expr* value = nullptr;
  const Expr* duration = nullptr;  // may be null
};

// ---- Declarations -------------------------------------------------------------------------------------------------

enum class DeclKind : std::uint8_t {
  language,
  use,
  setting,
  secret,
  oauth,
  contact,
  environment,
  table,
  message,
  mapping,
  redaction,
  retry,
  source,
  destination,
  flow,
  alert,
  test,
  error,
};
[[nodiscard]] std::string_view spelling(DeclKind kind);

struct Declaration : Family<Declaration> {
  DeclKind kind = DeclKind::error;
  const Name* name = nullptr;              // null for language, use and test, and where it was not read
  std::span<const std::string_view> docs;  // lines of /// before it, without the slashes
};
/// A declaration whose head was read at most; `name` keeps its uses silent.
struct ErrorDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::error;
  DeclKind intended = DeclKind::error;
};
struct LanguageDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::language;
  std::string_view version;
};
struct UseDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::use;
  const Name* what = nullptr;
};
struct SettingDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::setting;
  const TypeRef* type = nullptr;
  const Expr* value = nullptr;  // may be null: each environment says
};
struct SecretDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::secret;
};
struct OauthDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::oauth;
  const OptionBlock* options = nullptr;
};
struct ContactDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::contact;
  const OptionBlock* options = nullptr;
};
/// `hub_port = 2575`, in an environment.
struct SettingValue : Node {
  const Name* setting = nullptr;
  const Expr* value = nullptr;
};
struct EnvironmentDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::environment;
  List<SettingValue> values;
};
/// `table facilities from csv "facilities.csv" { key code  value namespace }`.
struct TableDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::table;
  const Name* format = nullptr;
  const StringExpr* file = nullptr;
  const OptionBlock* options = nullptr;
};
struct MessageDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::message;
  const MessageType* type = nullptr;
  List<MessageItem> items;
};
struct MappingDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::mapping;
  const Name* from = nullptr;
  const Name* to = nullptr;  // null: edits a copy
  List<MappingItem> items;
};
/// `redaction N [from BASE] [allow] { ... }`.
struct RedactionDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::redaction;
  const Name* base = nullptr;  // may be null
  bool allow = false;
  List<RedactionItem> items;
};
struct RetryDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::retry;
  const Name* base = nullptr;  // may be null
  const OptionBlock* options = nullptr;
};
struct SourceDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::source;
  const Name* transport = nullptr;
  const OptionBlock* options = nullptr;
};
struct DestinationDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::destination;
  const Name* transport = nullptr;
  const OptionBlock* options = nullptr;
};
struct FlowDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::flow;
  List<Step> steps;
};
struct AlertDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::alert;
  List<AlertCondition> conditions;
  List<Name> notify;
};
struct TestDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::test;
  const StringExpr* title = nullptr;
  List<TestItem> items;
};

// ---- A file -------------------------------------------------------------------------------------------------------

/// `// text` or `/// text`, for the formatter; in order.
struct Comment {
  Span span;
  bool doc = false;
};

/// One file as read. Owns its nodes; movable, the nodes stay where they are.
struct ParsedFile {
  const source::SourceFile* source = nullptr;
  List<Declaration> declarations;
  std::vector<Comment> comments;
  NodeId first_id = 0;
  NodeId end_id = 0;        // one past the last NodeId of this file: the next file's first_id
  bool has_errors = false;  // syntax errors were reported
  std::unique_ptr<std::pmr::monotonic_buffer_resource> arena;
};

/// Calls f(const Expr&) for each direct operand, argument, key, index selection and interpolated part.
template <class F>
void for_each_child(const Expr& expr, F&& f);

/// expr and all below it, parents first.
template <class F>
void walk(const Expr& expr, F&& f) {
  f(expr);
  for_each_child(expr, [&f](const Expr& child) { walk(child, f); });
}

template <class F>
void for_each_child(const Expr& expr, F&& f) {
  const auto maybe = [&f](const Expr* child) {
    if (child != nullptr) f(*child);
  };
  switch (expr.kind) {
    case ExprKind::string:
      for (const StringPart& part : expr.as<StringExpr>().parts) maybe(part.value);
      break;
    case ExprKind::path:
      for (const PathNode& node : expr.as<PathExpr>().nodes) maybe(node.index.selection);
      for (const PathPart& part : expr.as<PathExpr>().parts) maybe(part.index.selection);
      break;
    case ExprKind::raw: maybe(expr.as<RawExpr>().path); break;
    case ExprKind::call:
      for (const Expr* argument : expr.as<CallExpr>().arguments) maybe(argument);
      break;
    case ExprKind::lookup:
      for (const Expr* key : expr.as<LookupExpr>().keys) maybe(key);
      break;
    case ExprKind::negation: maybe(expr.as<NotExpr>().operand); break;
    case ExprKind::binary:
      maybe(expr.as<BinaryExpr>().left);
      maybe(expr.as<BinaryExpr>().right);
      break;
    case ExprKind::in_set:
      maybe(expr.as<InExpr>().operand);
      for (const Expr* value : expr.as<InExpr>().values) maybe(value);
      break;
    case ExprKind::matches:
      maybe(expr.as<MatchesExpr>().operand);
      maybe(expr.as<MatchesExpr>().pattern);
      break;
    case ExprKind::test: maybe(expr.as<TestExpr>().operand); break;
    case ExprKind::each:
      maybe(expr.as<EachExpr>().scope);
      maybe(expr.as<EachExpr>().where);
      maybe(expr.as<EachExpr>().body);
      break;
    case ExprKind::number:
    case ExprKind::unit:
    case ExprKind::count:
    case ExprKind::boolean:
    case ExprKind::null_value:
    case ExprKind::event:
    case ExprKind::version:
    case ExprKind::name:
    case ExprKind::error: break;
  }
}

}  // namespace smarthl7::syntax
