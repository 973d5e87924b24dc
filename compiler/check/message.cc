// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "compiler/check/checker.h"
#include "compiler/diag/suggest.h"

namespace smarthl7::check {
namespace {

using diag::Code;
using syntax::MessageItemKind;

constexpr std::array<std::string_view, 6> kLabels = {"none",   "clinical",         "quasi", "quasi_identifier",
                                                     "direct", "direct_identifier"};

std::string known_versions() {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < hl7::version_count(); ++i) names.push_back(hl7::version_at(i).name());
  return fmt::format("{}", fmt::join(names, ", "));
}

bool find_version(Context& context, const syntax::MessageType& written, MessageType& type) {
  if (written.version == nullptr || written.structure == nullptr) {
    context.sink.report(Code::E0315, written.span, "a message states its version and structure", "write `hl7 2.5.1 ORU_R01`");
    return false;
  }
  const hl7::VersionMatch match = hl7::find_version(written.version->text);
  if (!match.version || !match.exact) {
    context.sink.report(Code::E0315, written.version->span,
                        fmt::format("there are no facts of HL7 version `{}` here", written.version->text),
                        fmt::format("the versions are {}; `hl7 2.5.1 from 2.3` takes older ones too", known_versions()));
    return false;
  }
  type.version = match.version;
  if (written.from_version == nullptr) return true;
  const auto order = hl7::compare_versions(written.from_version->text, written.version->text);
  if (order && *order <= 0) return true;
  context.sink.report(Code::E0315, written.from_version->span,
                      order ? fmt::format("`from {}` is newer than {}", written.from_version->text, written.version->text)
                            : fmt::format("`{}` is no version of HL7", written.from_version->text),
                      "after `from` stands the oldest version that is taken");
  return false;
}

bool find_structure(Context& context, const syntax::MessageType& written, MessageType& type) {
  type.structure = type.version.structure(written.structure->text);
  if (type.structure) return true;
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < type.version.structure_count(); ++i) names.push_back(type.version.structure_at(i).name());
  const auto near = diag::suggest(written.structure->text, names);
  diag::Diagnostic diagnostic;
  diagnostic.code = Code::E0315;
  diagnostic.span = written.structure->span;
  diagnostic.message = fmt::format("HL7 {} has no message structure `{}`", type.version.name(), written.structure->text);
  if (near) {
    diagnostic.help = fmt::format("did you mean `{}`?", *near);
    diagnostic.fixes.push_back(diag::replace(written.structure->span, std::string(*near), fmt::format("write `{}`", *near)));
  }
  context.sink.report(std::move(diagnostic));
  return false;
}

const syntax::StructureItem* structure_item(const syntax::MessageDecl& message) {
  for (const syntax::MessageItem* item : message.items) {
    if (item->poisoned || item->kind != MessageItemKind::structure) continue;
    if (const auto& structure = item->as<syntax::StructureItem>(); structure.text != nullptr) return &structure;
  }
  return nullptr;
}

/// The structure that the site writes down itself.
bool read_structure(Context& context, const syntax::StructureItem& item, MessageType& type, std::string_view name) {
  const auto parsed = hl7::LocalStructure::parse(type.version, name, item.text->text);
  if (parsed) {
    context.facts.local_structures.push_back(*parsed);
    type.structure = (*parsed)->structure();
    return true;
  }
  const hl7::LocalStructure::Mistake& mistake = parsed.error();
  std::string help = "it is written as in the standard: `MSH [{SFT}] PID {ORDER( OBR [{OBX}] [ZLR] )}`";
  if (!mistake.segment.empty()) {
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < type.version.segment_count(); ++i) names.push_back(type.version.segment_at(i).name());
    const auto near = diag::suggest(mistake.segment, names);
    help =
        near ? fmt::format("did you mean `{}`? segments of your own begin with Z", *near) : "segments of your own begin with Z";
  }
  Span span = item.text->span;
  const auto begin = static_cast<std::uint32_t>(std::min<std::size_t>(span.begin + mistake.offset, span.end));
  span = {span.file, begin, std::min(span.end, static_cast<std::uint32_t>(begin + std::max<std::size_t>(mistake.size, 1)))};
  if (mistake.size == 0) span = item.text->span;
  context.sink.report(Code::E0318, span, mistake.what, std::move(help));
  return false;
}

/// The items of one declaration, in order.
class Profile {
 public:
  Profile(Context& context, const MessageState& state) : checker_(context, state) {}

  void check(const syntax::MessageItem& item) {
    if (item.poisoned) return;
    switch (item.kind) {
      case MessageItemKind::one: return one(item.as<syntax::OneItem>());
      case MessageItemKind::require: return require(item.as<syntax::RequireItem>());
      case MessageItemKind::condition: return condition(*item.as<syntax::ConditionItem>().condition, true);
      case MessageItemKind::segment: return segment(item.as<syntax::SegmentItem>());
      case MessageItemKind::rule: {
        const auto& rule = item.as<syntax::RuleItem>();
        if (rule.text != nullptr && !rule.text->is_literal()) {
          checker_.report(Code::E0401, rule.text->span, "the text of a rule is plain, without `{...}`", {},
                          "a finding names the path; values stay out of it");
        }
        if (rule.condition != nullptr) condition(*rule.condition, false);
        return;
      }
      case MessageItemKind::table: return table(item.as<syntax::TableItem>());
      case MessageItemKind::structure:
        if (structures_++ > 0) checker_.report(Code::E0317, item.span, "the structure is written twice");
        return;
      case MessageItemKind::error: return;
    }
  }

 private:
  void one(const syntax::OneItem& item) {
    if (item.what == nullptr) return;
    if (!item.what->parts.empty()) {
      checker_.report(Code::E0311, item.what->span, fmt::format("`{}` is no group or segment", checker_.text(*item.what)), {},
                      "`one` narrows a group or a segment");
      return;
    }
    const auto frame = checker_.scope(*item.what);
    if (!frame) return;
    if (frame->places.size() != 1) {
      checker_.report(Code::E0307, item.what->span,
                      fmt::format("`{}` could mean {} places", checker_.text(*item.what), frame->places.size()), {},
                      "write its group before it, as in `ORDER_OBSERVATION.NTE`");
      return;
    }
    if (checker_.model.node(frame->places.front()).local != nullptr) {
      checker_.report(Code::E0311, item.what->span, fmt::format("`{}` is described in this message", frame->name), {},
                      "say `required`, and leave out `repeats`, there");
      return;
    }
    once(frame->places.front() + 0U, item.what->span, fmt::format("one {}", frame->name));
  }

  void once(std::size_t what, Span span, std::string name) {
    if (!ones_.insert(what).second) checker_.report(Code::E0317, span, fmt::format("`{}` is said twice", name));
  }

  void require(const syntax::RequireItem& item) {
    for (const syntax::PathExpr* path : item.paths) {
      const auto info = checker_.path(*path, Want::any);
      if (!info) continue;
      if (info->resolved.choice != nullptr) continue;
      if (!required_.insert(info->resolved.text).second) {
        checker_.report(Code::E0317, path->span, fmt::format("`{}` is required twice", checker_.text(*path)));
      }
    }
  }

  void condition(const syntax::Expr& condition, bool values_only) {
    checker_.every = true;
    checker_.every_value = values_only;
    checker_.message_condition(condition);
    checker_.every = checker_.every_value = false;
  }

  void segment(const syntax::SegmentItem& item) {
    const std::string_view name = item.name->text;
    if (name.size() != 3 || name.front() != 'Z') {
      checker_.report(Code::E0316, item.name->span, fmt::format("`{}` is no name for a segment of the site", name), {},
                      "it begins with Z and has three characters, as ZLR");
    } else if (!segments_.insert(name).second) {
      checker_.report(Code::E0317, item.name->span, fmt::format("segment `{}` is described twice", name));
    }
    const bool placed = item.name->text.starts_with('Z') && is_in_structure(name);
    if (placed && item.after != nullptr) {
      checker_.report(Code::E0317, item.after->span, fmt::format("the structure says already where `{}` stands", name), {},
                      "leave out `after`, and how often it stands there");
    } else if (item.after == nullptr && !placed) {
      checker_.report(Code::E0316, item.span, fmt::format("it is not said after which segment `{}` stands", name), {},
                      "write `after OBR`");
    } else if (item.after != nullptr) {
      after(item);
    }
    std::set<std::uint32_t> numbers;
    for (const syntax::SegmentField* field : item.fields) {
      if (field->poisoned) continue;
      if (field->number == 0 || !numbers.insert(field->number).second) {
        checker_.report(Code::E0317, field->span, fmt::format("{}-{} is described twice", name, field->number));
      }
      this->field(*field, name);
    }
  }

  [[nodiscard]] bool is_in_structure(std::string_view name) const {
    const hl7::Structure structure = checker_.model.type().structure;
    for (hl7::NodeIndex index = 1; index < structure.node_count(); ++index) {
      if (structure.node(index).kind() == hl7::NodeKind::segment && structure.node(index).name() == name) return true;
    }
    return false;
  }

  void after(const syntax::SegmentItem& item) {
    const auto frame = checker_.scope(*item.after);
    if (!frame) return;
    if (frame->kind != plan::ScopeKind::segment) {
      checker_.report(Code::E0311, item.after->span,
                      fmt::format("`{}` is a group; after `after` stands a segment", checker_.text(*item.after)));
    } else if (frame->places.size() != 1) {
      checker_.report(Code::E0307, item.after->span,
                      fmt::format("`{}` could mean {} places", checker_.text(*item.after), frame->places.size()), {},
                      "write its group before it, as in `OBSERVATION.OBX`");
    }
  }

  void field(const syntax::SegmentField& field, std::string_view segment) {
    if (field.type != nullptr && !field.type->text.empty() && !checker_.model.version().datatype(field.type->text)) {
      std::vector<std::string_view> names;
      for (std::size_t i = 0; i < checker_.model.version().datatype_count(); ++i)
        names.push_back(checker_.model.version().datatype_at(i).name());
      const auto near = diag::suggest(field.type->text, names);
      checker_.report(Code::E0316, field.type->span,
                      fmt::format("HL7 {} has no data type `{}`", checker_.model.version().name(), field.type->text), {},
                      near ? fmt::format("did you mean `{}`?", *near) : std::string());
    }
    if (field.phi == nullptr) {
      checker_.report(Code::E0316, field.span, fmt::format("{}-{} has no PHI label", segment, field.number), {},
                      "say what it holds: `phi none`, `phi clinical`, `phi quasi` or `phi direct`",
                      {diag::replace({field.span.file, field.span.end, field.span.end}, " phi direct",
                                     "protect it as a direct identifier")});
    } else if (!field.phi->text.empty() && std::find(kLabels.begin(), kLabels.end(), field.phi->text) == kLabels.end()) {
      const auto near = diag::suggest(field.phi->text, kLabels);
      checker_.report(
          Code::E0316, field.phi->span, fmt::format("`{}` is no PHI label", field.phi->text), {},
          near ? fmt::format("did you mean `{}`?", *near) : "the labels are `none`, `clinical`, `quasi` and `direct`");
    }
  }

  void table(const syntax::TableItem& item) {
    const std::uint16_t number = table_number(item.table->text);
    const hl7::Table table = checker_.model.version().table(number);
    if (number == 0 || !table) {
      checker_.report(Code::E0316, item.table->span, fmt::format("there is no HL7 table `{}`", item.table->text), {},
                      "write its number with four digits, as 0105");
      return;
    }
    if (item.closed && !closed_.insert(number).second) {
      checker_.report(Code::E0317, item.span, fmt::format("table {} is closed already", table_text(number)));
    }
    for (const syntax::Expr* code : item.adds) {
      const auto* text = code->try_as<syntax::StringExpr>();
      if (text == nullptr || !text->is_literal()) {
        checker_.report(Code::E0401, code->span, fmt::format("`{}` is no code", checker_.text(*code)), {},
                        "codes are plain texts: `\"INTERNAL\"`");
      } else if (table.contains(text->text()) || !codes_.insert(fmt::format("{} {}", number, text->text())).second) {
        checker_.report(Code::E0317, code->span, fmt::format("table {} has `{}` already", table_text(number), text->text()));
      }
    }
  }

  Checker checker_;
  std::set<std::size_t> ones_;
  std::set<std::string> required_;
  std::set<std::string_view> segments_;
  std::set<std::string> codes_;
  int structures_ = 0;
  std::set<std::uint16_t> closed_;
};

}  // namespace

void declare_message(Context& context, const syntax::MessageDecl& message) {
  MessageType type;
  type.kind = MessageType::Kind::error;
  type.profile = &message;
  const syntax::MessageType* written = message.type;
  if (written != nullptr && !written->poisoned && written->format != nullptr) {
    if (written->format->text != "hl7") {
      context.sink.report(Code::E0210, written->format->span,
                          fmt::format("a message of the format `{}` does not run yet", written->format->text),
                          "this version runs `hl7 VERSION STRUCTURE`");
    } else if (find_version(context, *written, type)) {
      const syntax::StructureItem* own = structure_item(message);
      const bool found = own == nullptr ? find_structure(context, *written, type)
                                        : read_structure(context, *own, type, written->structure->text);
      if (found) type.kind = MessageType::Kind::hl7;
    }
  }
  context.facts.messages[message.id] = type;
}

void check_message(Context& context, const syntax::MessageDecl& message) {
  MessageState state;
  state.type = context.message_type(message);
  if (state.type.kind != MessageType::Kind::hl7) return;
  Profile profile(context, state);
  for (const syntax::MessageItem* item : message.items) profile.check(*item);
}

}  // namespace smarthl7::check
