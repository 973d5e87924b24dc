// SPDX-License-Identifier: Apache-2.0
#include "compiler/docs/specification.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "compiler/docs/names.h"
#include "compiler/docs/svg.h"
#include "compiler/plan/outline.h"
#include "compiler/plan/plan_file.h"
#include "stdlib/base/digest.h"

namespace smarthl7::docs {
namespace {

using plan::Id;
using plan::kNone;
using plan::StepOp;
using plan::Subject;
using Rows = std::vector<std::vector<std::string>>;

std::string code(std::string_view text) {
  if (text.empty()) return {};
  std::string out = "`";
  for (const char c : text) out += c == '`' ? '\'' : c;
  return out + '`';
}

/// Text of a route file on one line.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (blank && (out.empty() || out.back() == ' ')) continue;
    out += blank ? ' ' : c;
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

/// "PID-3 present" -> "PID-3": the first path of an expression.
const syntax::PathExpr* first_path(const syntax::Expr* expr) {
  const syntax::PathExpr* found = nullptr;
  if (expr == nullptr) return found;
  syntax::walk(*expr, [&found](const syntax::Expr& one) {
    const auto* path = one.try_as<syntax::PathExpr>();
    if (found == nullptr && path != nullptr && path->root == syntax::PathRoot::absolute) found = path;
  });
  return found;
}

class Author {
 public:
  Author(const Project& project, std::string title) : project_(project), lines_(plan::outline(project.plan)) {
    document_.title = std::move(title);
  }

  Document run() {
    document_.paragraph("Interface specification, made from the checked plan " +
                        code(to_hex(plan::plan_digest(project_.plan)).substr(0, 16)) +
                        ": what stands here is what runs. Words in `this type` are those of the route files.");
    overview();
    for (const plan::Flow& flow : project_.plan.flows) this->flow(flow);
    messages();
    mappings();
    redactions();
    ends(Subject::source, "Sources", "sources");
    ends(Subject::destination, "Destinations", "destinations");
    retries();
    tables();
    contacts();
    tests();
    return std::move(document_);
  }

 private:
  [[nodiscard]] const plan::Plan& plan() const { return project_.plan; }
  [[nodiscard]] std::span<const Id> ids(plan::Range range) const {
    return std::span(plan().lists).subspan(range.first, range.count);
  }
  [[nodiscard]] const std::string& text(Id id) const { return plan().text(id); }
  [[nodiscard]] std::string written(const syntax::Node& node) const { return one_line(project_.sources.text(node.span)); }

  /// The `///` lines over a declaration of the author's.
  [[nodiscard]] std::string doc_of(std::string_view name) const {
    const resolve::Entry* entry = project_.declared.find(name);
    if (entry == nullptr || entry->declaration == nullptr) return {};
    std::string all;
    for (const std::string_view line : entry->declaration->docs) all += (all.empty() ? "" : " ") + one_line(line);
    return all;
  }

  // ---- what there is --------------------------------------------------------------------------------------------------------

  void deliveries(plan::Range body, std::map<Id, plan::Level>& found) const {
    for (const Id id : ids(body)) {
      const plan::Step& step = plan().steps[id];
      const auto gets = [&](Id destination) {
        const auto [at, added] = found.emplace(destination, step.level);
        if (!added) at->second = std::min(at->second, step.level);
      };
      if (step.op == StepOp::deliver) gets(step.a);
      if (step.op == StepOp::batch) {
        for (const Id destination : ids(plan().batches[step.a].destinations)) gets(destination);
      }
      deliveries(step.body, found);
      deliveries(step.otherwise, found);
      if (step.op != StepOp::route && step.op != StepOp::fanout) continue;
      for (const Id arm : ids(step.list)) deliveries(plan().arms[arm].body, found);
    }
  }

  void overview() {
    document_.heading(2, "Interfaces", "interfaces");
    Rows rows;
    for (const plan::Flow& flow : plan().flows) {
      std::string from;
      std::string takes;
      for (const Id id : ids(flow.sources)) {
        from += (from.empty() ? "" : ", ") + code(text(plan().sources[id].name));
        for (const plan::AcceptedType& type : plan().sources[id].accepts) {
          takes += (takes.empty() ? "" : ", ") + text(type.code);
          if (!text(type.trigger).empty()) takes += "^" + text(type.trigger);
        }
      }
      std::map<Id, plan::Level> found;
      deliveries(flow.body, found);
      std::string to;
      for (const auto& [id, level] : found) {
        to += (to.empty() ? "" : ", ") + code(text(plan().destinations[id].name));
        if (level != plan::Level::identified) to += std::string(" (") + plan::name_of(level) + ")";
      }
      rows.push_back({code(text(flow.name)), from, takes.empty() ? "everything" : takes, to, doc_of(text(flow.name))});
    }
    document_.table({"flow", "from", "messages", "to", ""}, std::move(rows));
  }

  // ---- a flow ---------------------------------------------------------------------------------------------------------------

  void flow(const plan::Flow& flow) {
    const std::string& name = text(flow.name);
    document_.heading(2, "Flow " + code(name), "flow-" + name);
    document_.paragraph(doc_of(name));
    const std::vector<Panel> panels = picture(plan(), name);
    document_.picture(svg(panels), name);
    Rows steps;
    Rows failures;
    for (const plan::OutlineLine& line : lines_) {
      if (line.subject != Subject::flow || line.name != name || line.indent == 0) continue;
      std::string said = line.text;
      if (const std::size_t failure = said.find("  else "); failure != std::string::npos) {
        failures.push_back(
            {code(said.substr(0, failure)), code(said.substr(failure + 7)), consequence(said.substr(failure + 7))});
        said.resize(failure);
      }
      if (said.starts_with("--")) {
        steps.push_back({"", "everything so far is stored in one commit, then the sender gets its answer"});
      } else {
        steps.push_back({line.number, (line.arm != kNone ? "if " : "") + code(said)});
      }
    }
    document_.heading(3, "Steps");
    document_.table({"", "step"}, std::move(steps));
    if (!failures.empty()) {
      document_.heading(3, "When a step fails");
      document_.table({"step", "then", "which means"}, std::move(failures));
    }
  }

  static std::string consequence(std::string_view otherwise) {
    if (otherwise.starts_with("reject AR")) return "the sender gets AR, and nothing of the message is delivered";
    if (otherwise.starts_with("reject"))
      return "the sender gets AE with what was found, and nothing of the message is delivered";
    if (otherwise.starts_with("dead")) return "the message waits in the dead letters with this reason";
    if (otherwise.starts_with("drop")) return "the message is filtered out, on record with this reason";
    if (otherwise.starts_with("continue")) return "what was found is recorded, and the message goes on";
    if (otherwise.starts_with("keep")) return "the value stays as it was";
    if (otherwise.starts_with("->")) return "the message goes there instead";
    return "this value is used";
  }

  // ---- messages -------------------------------------------------------------------------------------------------------------

  [[nodiscard]] std::string path_name(const syntax::Expr* expr, hl7::Version version) const {
    const syntax::PathExpr* path = first_path(expr);
    return path == nullptr ? std::string() : names_of(version, written(*path));
  }

  void messages() {
    const auto all = project_.declared.all<syntax::MessageDecl>();
    if (all.empty()) return;
    document_.heading(2, "Messages", "messages");
    for (const syntax::MessageDecl* message : all) {
      const auto known = project_.facts.messages.find(message->id);
      const bool hl7 = known != project_.facts.messages.end() && known->second.kind == check::MessageType::Kind::hl7;
      const hl7::Version version = hl7 ? known->second.version : hl7::newest_version();
      document_.heading(3, code(message->name->text) + " is " + code(written(*message->type)),
                        "message-" + std::string(message->name->text));
      document_.paragraph(doc_of(message->name->text));
      Rows rows;
      for (const syntax::MessageItem* item : message->items) rule(*item, version, rows);
      document_.table({"what is agreed on", "where", "in the standard's words"}, std::move(rows));
      for (const syntax::MessageItem* item : message->items) {
        if (const auto* segment = item->try_as<syntax::SegmentItem>()) local_segment(*segment);
      }
    }
  }

  void rule(const syntax::MessageItem& item, hl7::Version version, Rows& rows) const {
    switch (item.kind) {
      case syntax::MessageItemKind::one:
        rows.push_back({"there is exactly one", code(written(*item.as<syntax::OneItem>().what)), ""});
        break;
      case syntax::MessageItemKind::require:
        for (const syntax::PathExpr* path : item.as<syntax::RequireItem>().paths)
          rows.push_back({"must be there", code(written(*path)), names_of(version, written(*path))});
        break;
      case syntax::MessageItemKind::condition: {
        const syntax::Expr* condition = item.as<syntax::ConditionItem>().condition;
        rows.push_back({"holds for each value", code(written(*condition)), path_name(condition, version)});
        break;
      }
      case syntax::MessageItemKind::rule: {
        const auto& rule = item.as<syntax::RuleItem>();
        rows.push_back({rule.text == nullptr ? "" : std::string(rule.text->text()), code(written(*rule.condition)),
                        path_name(rule.condition, version)});
        break;
      }
      case syntax::MessageItemKind::segment:
        rows.push_back({"a segment of the site", code(item.as<syntax::SegmentItem>().name->text), "below"});
        break;
      case syntax::MessageItemKind::table: rows.push_back({"codes", code(written(item)), ""}); break;
      case syntax::MessageItemKind::structure: rows.push_back({"a structure of the site", code(written(item)), ""}); break;
      case syntax::MessageItemKind::error: break;
    }
  }

  void local_segment(const syntax::SegmentItem& segment) {
    if (segment.fields.empty()) return;
    Rows rows;
    for (const syntax::SegmentField* field : segment.fields) {
      std::string type(field->type == nullptr ? "" : field->type->text);
      if (field->length > 0) type += "(" + std::to_string(field->length) + ")";
      rows.push_back({code(std::string(segment.name->text) + "-" + std::to_string(field->number)),
                      field->name == nullptr ? "" : std::string(field->name->text), code(type), field->required ? "yes" : "",
                      field->repeats ? "yes" : "", field->phi == nullptr ? "" : std::string(field->phi->text)});
    }
    document_.heading(4, "Segment " + code(segment.name->text));
    document_.table({"field", "name", "type", "required", "repeats", "patient data"}, std::move(rows));
  }

  // ---- mappings and redactions ----------------------------------------------------------------------------------------------

  [[nodiscard]] hl7::Version version_of(std::string_view mapping) const {
    for (const plan::Mapping& one : plan().mappings) {
      if (text(one.name) != mapping || one.message == kNone) continue;
      if (const auto match = hl7::find_version(text(plan().messages[one.message].version)); match.version) return match.version;
    }
    return hl7::newest_version();
  }

  /// The path that a line writes, with the repetition or segment that an `each` around it stands on.
  static std::string whole_path(const std::string& path, const std::vector<std::string>& scopes) {
    if (!path.starts_with('.') && !path.starts_with('-')) return path;
    for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope) {
      if (scope->starts_with("each ")) return scope->substr(5, scope->find(" where ") - 5) + path;
      if (scope->starts_with("insert ")) return scope->substr(7, scope->find(' ', 7) - 7) + path;
    }
    return path;
  }

  void mappings() {
    if (plan().mappings.empty()) return;
    document_.heading(2, "Mappings", "mappings");
    document_.paragraph("What a mapping reads is the message that came in; what it does not name stays byte for byte.");
    for (const plan::Mapping& mapping : plan().mappings) {
      const std::string& name = text(mapping.name);
      const hl7::Version version = version_of(name);
      document_.heading(3, code(name), "mapping-" + name);
      document_.paragraph(doc_of(name));
      Rows rows;
      std::vector<std::string> scopes;
      for (const plan::OutlineLine& line : lines_) {
        if (line.subject != Subject::mapping || line.name != name || line.indent == 0) continue;
        scopes.resize(std::min(scopes.size(), static_cast<std::size_t>(line.indent - 1)));
        std::string said = line.text;
        std::string failure;
        if (const std::size_t at = said.find("  else "); at != std::string::npos) {
          failure = said.substr(at + 7);
          said.resize(at);
        }
        std::string where;
        for (const std::string& scope : scopes) where += (where.empty() ? "" : ", ") + code(scope);
        if (const std::size_t equals = said.find(" = ");
            equals != std::string::npos && !said.starts_with("when ") && !said.starts_with("each ")) {
          const std::string path = said.substr(0, equals);
          rows.push_back(
              {where, code(path), names_of(version, whole_path(path, scopes)), code(said.substr(equals + 3)), code(failure)});
        } else if (said.starts_with("delete ")) {
          const std::string path = said.substr(7, said.find(" where ") - 7);
          rows.push_back({where, code(path), names_of(version, whole_path(path, scopes)), code(said), code(failure)});
        } else if (said.starts_with("insert ")) {
          rows.push_back({where, code(said.substr(7)), names_of(version, said.substr(7, said.find(' ', 7) - 7)),
                          "a new segment", code(failure)});
        }
        while (scopes.size() < static_cast<std::size_t>(line.indent)) scopes.emplace_back();
        scopes[static_cast<std::size_t>(line.indent) - 1] = said;
      }
      document_.table({"in", "field", "in the standard's words", "becomes", "if that fails"}, std::move(rows));
    }
  }

  void redactions() {
    std::set<std::string> told;
    for (const plan::OutlineLine& line : lines_) {
      if (line.subject != Subject::redaction || line.indent != 0 || !told.insert(line.name).second) continue;
      if (told.size() == 1) document_.heading(2, "Redactions", "redactions");
      document_.heading(3, code(line.name), "redaction-" + line.name);
      document_.paragraph(doc_of(line.name));
      Rows rows;
      std::set<std::string> seen;
      for (const plan::OutlineLine& item : lines_) {
        if (item.subject == Subject::redaction && item.name == line.name && item.indent > 0 && seen.insert(item.text).second)
          rows.push_back({code(item.text)});
      }
      document_.table({"what is done"}, std::move(rows));
    }
  }

  // ---- ends, retries, tables ------------------------------------------------------------------------------------------------

  void ends(Subject subject, const char* title, const char* anchor) {
    document_.heading(2, title, anchor);
    std::vector<std::string> names;
    for (const plan::OutlineLine& line : lines_) {
      if (line.subject == subject && line.indent == 0) names.push_back(line.name);
    }
    for (const std::string& name : names) {
      document_.heading(3, code(name), std::string(plan::name_of(subject)) + "-" + name);
      document_.paragraph(doc_of(name));
      Rows rows;
      for (const plan::OutlineLine& line : lines_) {
        if (line.subject != subject || line.name != name) continue;
        if (line.indent == 0) {
          rows.push_back({"kind", line.text.substr(std::min(line.text.size(), line.text.find(" = ") + 3))});
        } else {
          const std::size_t blank = line.text.find(' ');
          rows.push_back(
              {code(line.text.substr(0, blank)), blank == std::string::npos ? "" : code(line.text.substr(blank + 1))});
        }
      }
      if (const auto reason = insecure_reason(name)) rows.push_back({"without TLS", *reason});
      document_.table({"what", "value"}, std::move(rows));
    }
  }

  /// `insecure because "..."` of a source or destination: what was said to whoever signs.
  [[nodiscard]] std::optional<std::string> insecure_reason(std::string_view name) const {
    const resolve::Entry* entry = project_.declared.find(name);
    if (entry == nullptr || entry->declaration == nullptr) return std::nullopt;
    const syntax::OptionBlock* options = nullptr;
    if (const auto* source = entry->declaration->try_as<syntax::SourceDecl>()) options = source->options;
    if (const auto* destination = entry->declaration->try_as<syntax::DestinationDecl>()) options = destination->options;
    const syntax::Option* insecure = options == nullptr ? nullptr : options->find("insecure");
    if (insecure == nullptr || insecure->values.empty()) return std::nullopt;
    std::string reason = written(*insecure->values.front());
    std::erase(reason, '"');
    return reason;
  }

  void retries() {
    Rows rows;
    for (const plan::Destination& one : plan().destinations) {
      if (one.retry == kNone) continue;
      const plan::Retry& retry = plan().retries[one.retry];
      std::string refused = "for ever";
      if (retry.give_up_micros != 0) refused = "for " + plan::duration_text(retry.give_up_micros);
      if (retry.give_up_attempts != 0) refused = std::to_string(retry.give_up_attempts) + " attempts";
      rows.push_back({code(text(one.name)), "an answer within " + plan::duration_text(one.ack_within_micros),
                      plan::duration_text(retry.first_micros) + ", doubling to " + plan::duration_text(retry.most_micros),
                      refused,
                      retry.unreachable_give_up_micros == 0 ? "for ever, in order"
                                                            : "for " + plan::duration_text(retry.unreachable_give_up_micros)});
    }
    if (rows.empty()) return;
    document_.heading(2, "When a receiver does not take a message", "retries");
    document_.paragraph(
        "What a receiver refuses for good goes to the dead letters at once, with its reason; what it refuses for now, and what "
        "it does not "
        "answer, is tried again.");
    document_.table({"destination", "waits for", "pauses", "tries what is refused for now", "tries while it cannot be reached"},
                    std::move(rows));
  }

  void tables() {
    Rows rows;
    for (const plan::Table& table : plan().tables) {
      std::string columns;
      for (const Id column : ids(table.columns)) columns += (columns.empty() ? "" : ", ") + code(text(column));
      const bool reloads = table.reload != plan::TableReload::never;
      const std::string file = reloads                ? code(text(table.file))
                               : table.input == kNone ? ""
                                                      : code(text(plan().inputs[table.input].path));
      const std::size_t count = table.columns.count == 0 ? 0 : table.cells.size() / table.columns.count;
      rows.push_back({code(text(table.name)), file, columns,
                      !reloads                                          ? std::to_string(count)
                      : table.reload == plan::TableReload::when_changed ? "read again when it changed"
                                                                        : "read again when told",
                      doc_of(text(table.name))});
    }
    if (rows.empty()) return;
    document_.heading(2, "Tables", "tables");
    document_.table({"table", "file", "columns", "rows", ""}, std::move(rows));
  }

  // ---- people and tests -----------------------------------------------------------------------------------------------------

  void contacts() {
    Rows rows;
    for (const syntax::ContactDecl* contact : project_.declared.all<syntax::ContactDecl>()) {
      std::string how;
      if (contact->options != nullptr) {
        for (const syntax::Option* option : contact->options->options)
          how += (how.empty() ? "" : ", ") + code(written(*option));
      }
      rows.push_back({code(contact->name->text), how, doc_of(contact->name->text)});
    }
    if (!rows.empty()) {
      document_.heading(2, "Contacts", "contacts");
      document_.table({"who", "how", ""}, std::move(rows));
    }
    Rows alerts;
    for (const syntax::AlertDecl* alert : project_.declared.all<syntax::AlertDecl>()) {
      std::string when;
      for (const syntax::AlertCondition* condition : alert->conditions)
        when += (when.empty() ? "" : "; or ") + code(written(*condition));
      std::string who;
      for (const syntax::Name* name : alert->notify) who += (who.empty() ? "" : ", ") + code(name->text);
      alerts.push_back({code(alert->name->text), when, who, doc_of(alert->name->text)});
    }
    if (alerts.empty()) return;
    document_.heading(2, "Alerts", "alerts");
    document_.table({"alert", "when", "tells", ""}, std::move(alerts));
  }

  void tests() {
    std::vector<std::string> titles;
    for (const syntax::ParsedFile& file : project_.declared.files) {
      for (const syntax::Declaration* declaration : file.declarations) {
        const auto* test = declaration->try_as<syntax::TestDecl>();
        if (test != nullptr && test->title != nullptr) titles.emplace_back(test->title->text());
      }
    }
    if (titles.empty()) return;
    document_.heading(2, "Tests that these interfaces pass", "tests");
    document_.paragraph("Run by `smarthl7 test`, on the simulator.");
    document_.list(titles);
  }

  const Project& project_;
  std::vector<plan::OutlineLine> lines_;
  Document document_;
};

}  // namespace

Document specification(const Project& project, std::string title) { return Author(project, std::move(title)).run(); }

}  // namespace smarthl7::docs
