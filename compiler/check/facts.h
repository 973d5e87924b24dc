// SPDX-License-Identifier: Apache-2.0
// What checking finds out, beside the tree: the type of each expression, what each path means, the message type at each
// step, what is proven. Lowering reads it and asks nothing again; an editor's hover reads the same.
// Keyed by NodeId. Names are views into the sources, the arenas or the dictionary, which outlive it. Filled by one thread,
// then immutable. A node without an entry had an error that was reported.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "compiler/plan/plan.h"
#include "compiler/syntax/ast.h"
#include "stdlib/builtins/function.h"
#include "stdlib/hl7/dictionary/dictionary.h"
#include "stdlib/hl7/dictionary/local_structure.h"
#include "stdlib/hl7/phi.h"

namespace smarthl7::check {

using syntax::NodeId;

enum class TypeKind : std::uint8_t {
  error,  // was reported: stay silent
  text,
  number,
  boolean,
  date,
  time,
  timestamp,
  duration,
  size,
  port,
  url,
  address,
  code,       // of `table`
  varies,     // OBX-5 that is not narrowed
  composite,  // a field or component with parts; `datatype` names it
  segment,    // a whole segment or group
  null,       // the word null
};

struct Type {
  TypeKind kind = TypeKind::error;
  bool optional = false;                                // may be absent here (not proven present)
  bool list = false;                                    // `[*]`, or a path that means every occurrence
  std::uint16_t table = 0;                              // of code: the HL7 table's number; 0 with `local` set: a local table
  std::string_view local = {};                          // of code: name of a declared table
  std::string_view datatype = {};                       // of a value that comes from a path: its HL7 data type ("CX", "ST")
  std::optional<hl7::Precision> precision = {};         // of a date, time or timestamp, where it is known
  builtins::Offset offset = builtins::Offset::unknown;  // of a time or timestamp

  friend bool operator==(const Type&, const Type&) = default;
};

/// `text`, `optional number`, `list of text`, `code(0105)`: for people.
[[nodiscard]] std::string describe(const Type& type);

/// What a message is at some place of a flow or mapping.
struct MessageType {
  enum class Kind : std::uint8_t {
    open,  // `hl7`: nothing is known; paths are of the newest version
    hl7,   // a version and a structure, perhaps narrowed by a profile
    xml,   // a document that `as xml` made of one
    json,
    bytes,
    error,  // was reported: stay silent
  };
  Kind kind = Kind::open;
  hl7::Version version;
  hl7::Structure structure;
  const syntax::MessageDecl* profile = nullptr;
  bool redacted = false;  // what the type demands may be gone

  /// No message of segments and fields.
  [[nodiscard]] bool is_document() const { return kind == Kind::xml || kind == Kind::json || kind == Kind::bytes; }

  friend bool operator==(const MessageType&, const MessageType&) = default;
};
/// `hl7`, `hl7 2.5.1 ORU_R01`, `lab_result`: for people.
[[nodiscard]] std::string describe(const MessageType& type);

/// What is proven at a place: canonical texts of facts about paths ("PID-3.4.1 present"). Only compared as texts; the owner of
/// the spelling is expressions.cc.
struct Proofs {
  std::set<std::string, std::less<>> facts;

  [[nodiscard]] bool holds(std::string_view fact) const { return facts.find(fact) != facts.end(); }
  void add(std::string fact) { facts.insert(std::move(fact)); }
  void add(const Proofs& other) { facts.insert(other.facts.begin(), other.facts.end()); }
  /// What holds after either of two ways.
  [[nodiscard]] static Proofs both(const Proofs& one, const Proofs& other);

  friend bool operator==(const Proofs&, const Proofs&) = default;
};

/// A message at a place of a flow: what comes in to a step.
struct MessageState {
  MessageType type;
  Proofs proofs;

  friend bool operator==(const MessageState&, const MessageState&) = default;
};

/// A path as understood: plan::Path with names in place of string ids. `choice` is an expression of the tree.
struct ResolvedPath {
  plan::Path path;                       // segment.name, text and choice are not set here
  std::string segment;                   // "PID"
  std::string text;                      // as people write it: "PID-3[1].4.1"
  const syntax::Expr* choice = nullptr;  // for Pick::chosen
  Type type;
};

/// An `each` as understood: plan::Scope with names in place of string ids.
struct ResolvedScope {
  plan::Scope scope;   // name, path and where are not set here
  std::string name;    // segment or group
  ResolvedPath field;  // of kind repetition
};

/// What a value or place says about a person, and the way it came there ("PID-5 -> OBX-5 in mapping `m`, line 12").
struct PhiFact {
  hl7::PhiMark mark;
  std::string way;
};

/// The patient data of what comes in to a step.
struct PhiStep {
  plan::Level level = plan::Level::identified;
  std::vector<std::pair<std::string, PhiFact>> places;  // "OBX-5": where something else stands than the standard says
};

struct Facts {
  std::vector<std::shared_ptr<const hl7::LocalStructure>> local_structures;  // behind the handles of `messages`
  std::unordered_map<NodeId, Type> types;                                    // by Expr
  std::unordered_map<NodeId, ResolvedPath> paths;                            // by PathExpr
  std::unordered_map<NodeId, ResolvedPath> every;    // by Expr: it must hold for each value of this path
  std::unordered_set<NodeId> standing;               // PathExpr that means the value on which the `every` around it stands
  std::unordered_map<NodeId, ResolvedScope> scopes;  // by the PathExpr of an `each`, `delete SEG` or `insert`
  std::unordered_map<NodeId, MessageType> messages;  // by MessageDecl
  std::unordered_map<NodeId, MessageState> steps;    // by Step: what comes in; by FlowDecl: what its sources give
  std::unordered_map<NodeId, std::string> failures;  // by MappingItem, Step or Expr: why it can fail, in words; none: it cannot
  std::unordered_map<NodeId, PhiFact> phi;           // by Expr: what it is made of
  std::unordered_map<NodeId, PhiStep> levels;        // by Step
  std::unordered_set<NodeId> made;                   // PathExpr: a place of what a mapping makes, not of what comes in
  std::unordered_set<NodeId> groups;                 // PathExpr of an `insert`: a group
  std::unordered_map<NodeId, std::vector<std::string>> group_copies;  // AssignItem: the segments of the group
  std::unordered_set<NodeId> copies;                                  // AssignItem: the bytes are copied
  std::unordered_set<NodeId> complete;  // MappingDecl to another message: all that it requires is made for certain
  std::unordered_map<NodeId, std::vector<std::string>> codes;  // by CallExpr of `code`: those of its HL7 table, sorted
  std::unordered_set<std::string_view> used;                   // names of declarations that something uses

  void use(std::string_view name) { used.insert(name); }
};

}  // namespace smarthl7::check
