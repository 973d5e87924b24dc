// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace smarthl7::check {
namespace {

std::string name_of(const Type& type) {
  switch (type.kind) {
    case TypeKind::error: return "?";
    case TypeKind::text: return "text";
    case TypeKind::number: return "number";
    case TypeKind::boolean: return "bool";
    case TypeKind::date: return "date";
    case TypeKind::time: return "time";
    case TypeKind::timestamp: return "timestamp";
    case TypeKind::duration: return "duration";
    case TypeKind::size: return "size";
    case TypeKind::port: return "port";
    case TypeKind::url: return "url";
    case TypeKind::address: return "address";
    case TypeKind::code:
      return type.local.empty() ? fmt::format("code({:04})", type.table) : fmt::format("code({})", type.local);
    case TypeKind::varies: return "varies";
    case TypeKind::composite: return std::string(type.datatype.empty() ? std::string_view("composite") : type.datatype);
    case TypeKind::segment: return "segment";
    case TypeKind::null: return "null";
  }
  return "?";
}

}  // namespace

std::string describe(const Type& type) {
  std::string text = name_of(type);
  if (type.precision) text += fmt::format(" to the {}", builtins::name_of(*type.precision));
  if (type.list) return "list of " + text;
  if (type.optional) return "optional " + text;
  return text;
}

std::string describe(const MessageType& type) {
  switch (type.kind) {
    case MessageType::Kind::open: return "hl7";
    case MessageType::Kind::hl7:
      if (type.redacted) {
        MessageType whole = type;
        whole.redacted = false;
        return describe(whole) + ", redacted";
      }
      if (type.profile != nullptr && type.profile->name != nullptr) return std::string(type.profile->name->text);
      return fmt::format("hl7 {} {}", type.version.name(), type.structure ? type.structure.name() : "");
    case MessageType::Kind::xml: return "xml";
    case MessageType::Kind::json: return "json";
    case MessageType::Kind::bytes: return "bytes";
    case MessageType::Kind::error: return "?";
  }
  return "?";
}

Proofs Proofs::both(const Proofs& one, const Proofs& other) {
  Proofs result;
  std::set_intersection(one.facts.begin(), one.facts.end(), other.facts.begin(), other.facts.end(),
                        std::inserter(result.facts, result.facts.end()));
  return result;
}

}  // namespace smarthl7::check
