// SPDX-License-Identifier: Apache-2.0
// validate: what is wrong with messages in files, by the standard or by a site's own `message`. Findings name places, never
// values.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>

#include "compiler/diag/json.h"
#include "compiler/diag/render.h"
#include "runtime/app/commands/commands.h"
#include "runtime/app/commands/plan_input.h"
#include "runtime/app/commands/table.h"
#include "runtime/app/service/table_files.h"
#include "runtime/env/real/real.h"
#include "runtime/eval/profile_checker.h"
#include "stdlib/hl7/batch.h"
#include "stdlib/hl7/message_type.h"
#include "stdlib/hl7/validate.h"
#include "stdlib/hl7/validate_charset.h"

namespace smarthl7::app {
namespace {

using hl7::Severity;

struct Checked {
  std::string file;
  std::uint64_t number = 0;
  std::string type;
  std::string version;
  std::vector<hl7::Finding> findings;
  hl7::Tally tally;
};

/// What messages are measured by: the version that each states, one version for all, or a message of a route file.
class Measure {
 public:
  /// False: printed what is wrong with --against.
  [[nodiscard]] std::optional<int> read(const ValidateOptions& options) {
    strictness_ = options.strict     ? hl7::Strictness::strict
                  : options.tolerant ? hl7::Strictness::tolerant
                                     : hl7::Strictness::usual;
    if (options.against.empty()) return std::nullopt;
    if (options.against.find('#') != std::string::npos) return read_profile(options.against);
    fixed_ = hl7::find_version(options.against);
    if (fixed_.exact) return std::nullopt;
    std::string known;
    for (std::size_t at = 0; at < hl7::version_count(); ++at) {
      known += (at == 0 ? "" : ", ") + std::string(hl7::version_at(at).name());
    }
    std::cerr << "smarthl7: --against takes ROUTE#MESSAGE or a version (" << known << "), not `" << options.against << "`\n";
    return kUsage;
  }

  void check(const hl7::Message& message, Checked& result) {
    result.version = std::string(message.version());
    const std::string_view structure = message.structure_id();
    result.type = structure.empty() ? fmt::format("{}^{}", message.message_code(), message.trigger_event()) : structure;
    if (profile_) {
      result.tally = profile_->check(message, strictness_, result.findings);
      return;
    }
    hl7::MessageType type;
    std::vector<hl7::Finding> about_type;
    if (fixed_.version) {
      type = {fixed_.version, hl7::structure_of(message, fixed_.version), true};
    } else {
      type = hl7::message_type(message, {}, &about_type);
    }
    if (!type) return untyped(message, type.version, std::move(about_type), result);
    const hl7::Validator& validator = validator_of(type.version, type.structure);
    validator.placer().place(message, placement_);
    result.tally = validator.check(message, placement_, result.findings, {.strictness = strictness_});
    if (!fixed_.version && type.version.name() != message.version()) soften_version(type.version, result);
    const hl7::TextEncoding encoding = hl7::text_encoding(message);
    if (hl7::count_misfits(message, encoding) > 0 || !hl7::can_carry_messages(encoding.base)) {
      hl7::check_bytes(message, encoding, placement_, validator.placer(), strictness_, result.findings, result.tally);
    }
  }

 private:
  /// Nothing says what the message is: it cannot be measured.
  static void untyped(const hl7::Message& message, hl7::Version version, std::vector<hl7::Finding> about, Checked& result) {
    if (about.empty()) {
      about.push_back(hl7::finding_at(message, {0, 9, 0, 0, 0}, Severity::error, hl7::condition::kMessageType,
                                      fmt::format("a message type that version {} has", version.name())));
    }
    for (hl7::Finding& finding : about) {
      finding.rule = finding.code == hl7::condition::kVersionId ? hl7::Rule::version : hl7::Rule::message_type;
      ++(finding.severity == Severity::error ? result.tally.errors : result.tally.others);
      result.findings.push_back(std::move(finding));
    }
  }

  std::optional<int> read_profile(const std::string& against) {
    const std::size_t mark = against.find('#');
    const std::string name = against.substr(mark + 1);
    auto input = load_plan({against.substr(0, mark)}, {});
    if (!input) return input.error();
    plan::Id id = 0;
    std::string known;
    while (id < input->plan.messages.size() && input->plan.strings[input->plan.messages[id].name] != name) {
      known += (known.empty() ? "" : ", ") + input->plan.strings[input->plan.messages[id].name];
      ++id;
    }
    if (id == input->plan.messages.size()) {
      std::cerr << "smarthl7: " << against.substr(0, mark) << " has no message `" << name << "`"
                << (known.empty() ? "" : "; it has " + known) << "\n";
      return kUsage;
    }
    // Where the hub listens has no part in what a message must look like: settings without a value get an empty text.
    eval::Bindings bindings;
    const auto text = static_cast<plan::Id>(input->plan.strings.size());
    input->plan.strings.emplace_back("text");
    for (plan::Setting& setting : input->plan.settings) {
      if (setting.value != plan::kNone) continue;
      setting.type = text;
      bindings.settings[input->plan.strings[setting.name]] = {};
    }
    const auto disk = env::make_real_disk();
    auto rows = read_tables(*disk, input->plan, input->folder);
    if (!rows) {
      std::cerr << "smarthl7: " << rows.error().describe() << "\n";
      return kEnvironment;
    }
    bindings.tables = std::move(*rows);
    auto bound = eval::bind(std::move(input->plan), input->digest, std::move(bindings));
    if (!bound) {
      std::cerr << "smarthl7: " << bound.error().describe() << "\n";
      return kEnvironment;
    }
    profile_ = eval::make_profile_checker(*std::move(bound), id);
    return std::nullopt;
  }

  const hl7::Validator& validator_of(hl7::Version version, hl7::Structure structure) {
    auto& validator = validators_[std::string(version.name()) + " " + std::string(structure.name())];
    if (!validator) {
      hl7::SiteRules rules;
      if (fixed_.version) rules.oldest_version = hl7::version_at(0).name();  // measured by another version on purpose
      validator = std::make_unique<hl7::Validator>(version, structure, std::move(rules));
    }
    return *validator;
  }

  /// A version that has no facts of its own is read by a neighbour's: worth a word, no error.
  static void soften_version(hl7::Version version, Checked& result) {
    for (hl7::Finding& finding : result.findings) {
      if (finding.rule != hl7::Rule::version || finding.severity != Severity::error) continue;
      finding.severity = Severity::warning;
      finding.text = fmt::format("a version that is known here: the message was read by {}", version.name());
      --result.tally.errors;
      ++result.tally.others;
    }
  }

  hl7::Strictness strictness_ = hl7::Strictness::usual;
  hl7::VersionMatch fixed_;
  std::unique_ptr<eval::ProfileChecker> profile_;
  std::map<std::string, std::unique_ptr<hl7::Validator>> validators_;
  hl7::Placement placement_;
};

struct KindCount {
  std::array<std::uint64_t, 3> by_severity{};
  std::uint64_t messages = 0;
};

/// Counts findings by rule and prints them.
class Report {
 public:
  explicit Report(const ValidateOptions& options) : options_(options) {
    if (options_.json) std::cout << "{\"messages\":[";
  }

  void add(const Checked& one) {
    ++messages_;
    errors_ += one.tally.errors;
    if (one.tally.errors > 0) ++wrong_;
    if (one.tally.errors == 0 && one.tally.others == 0) ++clean_;
    unlisted_ += one.tally.unlisted;
    std::map<std::string_view, bool> seen;
    for (const hl7::Finding& finding : one.findings) {
      KindCount& kind = kinds_[std::string(hl7::id_of(finding.rule))];
      ++kind.by_severity[static_cast<std::size_t>(finding.severity)];
      if (!std::exchange(seen[hl7::id_of(finding.rule)], true)) ++kind.messages;
    }
    if (options_.json) {
      print_json(one);
    } else if (!options_.summary) {
      print_text(one);
    }
  }

  /// Of a file or batch around the messages.
  void add_outer(const std::string& file, Severity severity, std::string_view where, std::string_view text) {
    if (severity == Severity::error) ++errors_, ++outer_;
    if (options_.json) {
      outer_json_ +=
          fmt::format("{}{{\"file\":{},\"severity\":\"{}\",\"place\":{},\"expected\":{}}}", outer_json_.empty() ? "" : ",",
                      diag::json_quote(file), hl7::name_of(severity), diag::json_quote(where), diag::json_quote(text));
    } else {
      std::cout << file << ": " << hl7::name_of(severity) << " in the batch" << (where.empty() ? "" : " (") << where
                << (where.empty() ? "" : ")") << ": expected " << text << "\n";
    }
  }

  [[nodiscard]] bool has_errors() const { return errors_ > 0; }

  void finish() {
    if (options_.json) {
      std::string kinds;
      for (const auto& [id, count] : kinds_) {
        kinds += fmt::format("{}\"{}\":{{\"errors\":{},\"warnings\":{},\"informations\":{},\"messages\":{}}}",
                             kinds.empty() ? "" : ",", id, count.by_severity[0], count.by_severity[1], count.by_severity[2],
                             count.messages);
      }
      std::cout << "],\"outer\":[" << outer_json_ << "],\"kinds\":{" << kinds << "},\"count\":" << messages_
                << ",\"with_errors\":" << wrong_ << ",\"clean\":" << clean_ << "}\n";
      return;
    }
    if (!kinds_.empty()) {
      Table table({"rule", "errors", "warnings", "informations", "messages", "about"});
      for (const auto& [id, count] : kinds_) {
        table.add({id, std::to_string(count.by_severity[0]), std::to_string(count.by_severity[1]),
                   std::to_string(count.by_severity[2]), std::to_string(count.messages),
                   std::string(hl7::facts_of(hl7::find_rule(id).value_or(hl7::Rule::other)).title)});
      }
      table.print(std::cout);
    }
    std::cout << messages_ << (messages_ == 1 ? " message: " : " messages: ") << clean_ << " without findings, " << wrong_
              << " with errors";
    if (outer_ > 0) std::cout << "; " << outer_ << " around them";
    if (unlisted_ > 0) std::cout << "; " << unlisted_ << " findings not listed";
    std::cout << "\n";
  }

 private:
  static void print_text(const Checked& one) {
    std::cout << one.file << ", message " << one.number << " (" << one.type << " " << one.version << "): ";
    if (one.findings.empty()) {
      std::cout << "fine\n";
      return;
    }
    std::cout << one.tally.errors << (one.tally.errors == 1 ? " error, " : " errors, ") << one.tally.others << " other"
              << (one.tally.others == 1 ? "" : "s") << "\n";
    for (const hl7::Finding& finding : one.findings) {
      const bool whole = finding.text.find(" is required") != std::string::npos;
      std::cout << fmt::format("  {:<11} {:<20} {:<3} {}: {}{}\n", hl7::name_of(finding.severity), hl7::id_of(finding.rule),
                               finding.code, finding.path, whole ? "" : "expected ", finding.text);
    }
    if (one.tally.unlisted > 0) std::cout << "  and " << one.tally.unlisted << " more\n";
  }

  void print_json(const Checked& one) {
    std::string findings;
    for (const hl7::Finding& finding : one.findings) {
      findings += fmt::format(
          "{}{{\"severity\":\"{}\",\"rule\":\"{}\",\"code\":{},\"path\":{},\"location\":{},\"table\":{},\"expected\":{},"
          "\"section\":{}}}",
          findings.empty() ? "" : ",", hl7::name_of(finding.severity), hl7::id_of(finding.rule), finding.code,
          diag::json_quote(finding.path), diag::json_quote(hl7::err_location(finding)), finding.table,
          diag::json_quote(finding.text), diag::json_quote(hl7::facts_of(finding.rule).section));
    }
    std::cout << (messages_ == 1 ? "" : ",")
              << fmt::format(
                     "\n{{\"file\":{},\"message\":{},\"type\":{},\"version\":{},\"errors\":{},\"others\":{},\"unlisted\":{},"
                     "\"findings\":[{}]}}",
                     diag::json_quote(one.file), one.number, diag::json_quote(one.type), diag::json_quote(one.version),
                     one.tally.errors, one.tally.others, one.tally.unlisted, findings);
  }

  const ValidateOptions& options_;
  std::map<std::string, KindCount> kinds_;
  std::string outer_json_;
  std::uint64_t messages_ = 0, wrong_ = 0, clean_ = 0, errors_ = 0, unlisted_ = 0, outer_ = 0;
};

}  // namespace

int validate(const ValidateOptions& options) {
  Measure measure;
  if (const auto code = measure.read(options)) return *code;
  Report report(options);
  hl7::Message message;
  for (const std::string& file : options.files) {
    std::ifstream in(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (!in.is_open() || in.bad()) {
      std::cerr << "smarthl7: cannot read `" << file << "`\n";
      return kEnvironment;
    }
    hl7::BatchReader reader{std::string_view(bytes)};
    hl7::BatchItem item;
    while (reader.next(item) == hl7::BatchReader::Step::message) {
      Checked checked;
      checked.file = file;
      checked.number = item.place.number;
      if (const auto read = message.reset(item.bytes); read) {
        measure.check(message, checked);
      } else {
        hl7::Finding finding;
        finding.code = hl7::condition::kSegmentSequence;
        finding.path = "MSH";
        finding.text = "a message header: " + read.error().describe();
        checked.findings.push_back(std::move(finding));
        checked.tally.errors = 1;
      }
      report.add(checked);
    }
    for (const hl7::BatchFinding& finding : reader.findings()) {
      report.add_outer(file, finding.severity, hl7::describe(finding.place), finding.text);
    }
  }
  report.finish();
  return report.has_errors() ? kFindings : kFine;
}

}  // namespace smarthl7::app
