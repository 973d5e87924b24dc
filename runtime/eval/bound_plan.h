// SPDX-License-Identifier: Apache-2.0
// The plan as evaluation wants it: settings as texts, tables behind hashes, regular expressions compiled, literals parsed, a
// Validator for each message, segment names as numbers. Internal to this folder; made by bind(), immutable, shared by all
// threads.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/eval/evaluator.h"
#include "runtime/eval/live_tables.h"
#include "runtime/eval/mapping_frame.h"
#include "runtime/eval/recorder.h"
#include "runtime/eval/shape.h"
#include "stdlib/builtins/all.h"
#include "stdlib/hl7/charset.h"
#include "stdlib/hl7/dictionary/local_structure.h"
#include "stdlib/hl7/validate.h"

namespace re2 {
class RE2;
}

namespace smarthl7::eval {

class Bound final : public BoundPlan {
 public:
  Bound(plan::Plan plan, const Sha256& digest, const HashKey& hash_key);
  ~Bound() override;
  Bound(const Bound&) = delete;
  Bound& operator=(const Bound&) = delete;

  /// Fills what the members below hold; once, before anybody else sees the object.
  [[nodiscard]] Result<void> prepare(const Bindings& bindings);

  [[nodiscard]] const plan::Plan& plan() const override { return plan_; }
  [[nodiscard]] const Sha256& digest() const override { return digest_; }
  [[nodiscard]] std::string option_text(const plan::OptionValue& option) const override;

  [[nodiscard]] const HashKey& hash_key() const override { return hash_key_; }
  /// Of a redaction; empty if it was not given, which no flow uses then.
  [[nodiscard]] std::string_view secret(plan::Id id) const { return secrets_[id].reveal(); }
  /// Counts for the coverage of tests; in the service nobody does.
  void record(std::vector<std::uint64_t> Recorder::* counts, std::size_t index) const {
    if (recorder_ != nullptr) ++(recorder_->*counts)[index];
  }
  void record(std::vector<std::uint64_t> Recorder::* counts, const plan::Step& step) const {
    if (recorder_ != nullptr) ++(recorder_->*counts)[static_cast<std::size_t>(&step - plan_.steps.data())];
  }
  [[nodiscard]] Recorder* recorder() const { return recorder_; }
  [[nodiscard]] std::string_view text(plan::Id string) const { return plan_.strings[string]; }
  [[nodiscard]] std::span<const plan::Id> list(plan::Range range) const {
    return std::span(plan_.lists).subspan(range.first, range.count);
  }
  [[nodiscard]] const builtins::Value& setting_value(plan::Id id) const { return setting_values_[id]; }
  /// What a call of constants gives, made once; null: it is made for each message.
  [[nodiscard]] const builtins::Value* constant(plan::Id call) const {
    if (!is_constant_[call]) return nullptr;
    return &constants_.find(call)->second;
  }
  [[nodiscard]] hl7::NameKey path_key(plan::Id path) const { return path_keys_[path]; }
  [[nodiscard]] hl7::NameKey scope_key(plan::Id scope) const { return scope_keys_[scope]; }
  [[nodiscard]] const Decimal& number(plan::Id string) const { return numbers_.find(string)->second; }
  [[nodiscard]] const builtins::Function& builtin(plan::Id id) const { return *builtins_[id]; }
  [[nodiscard]] bool matches(plan::Id pattern, std::string_view text) const;
  [[nodiscard]] LiveTables& live_tables() const override { return *tables_; }
  [[nodiscard]] const hl7::Validator& validator(plan::Id message) const { return *validators_[message]; }
  /// The structure of a message as inserting wants it.
  [[nodiscard]] const Shape& shape(plan::Id message) const { return shapes_[message]; }
  /// How the header of what a mapping makes differs from that of the message that comes in.
  [[nodiscard]] const MadeHeader& made_header(plan::Id mapping) const { return made_headers_[mapping]; }
  /// May the statement's target not be left empty (a required field or component, or `require`)?
  [[nodiscard]] bool target_required(plan::Id statement) const { return target_required_[statement]; }
  [[nodiscard]] std::span<const plan::Id> flows_of(plan::Id source) const { return flows_of_[source]; }
  [[nodiscard]] hl7::Charset charset_of(plan::Id source) const override { return source_charsets_[source]; }
  /// `charset` of a destination: what messages are converted to; name is what MSH-18 says then.
  struct Conversion {
    hl7::Charset to = hl7::Charset::utf8;
    std::string name;
  };
  [[nodiscard]] const std::optional<Conversion>& conversion_of(plan::Id destination) const { return conversions_[destination]; }

 private:
  [[nodiscard]] Result<void> bind_settings(const Bindings& bindings);
  [[nodiscard]] Result<void> bind_secrets(const Bindings& bindings);
  [[nodiscard]] Result<void> bind_expressions();
  [[nodiscard]] Result<void> bind_call(const plan::Expr& expr);
  void bind_constants();
  [[nodiscard]] std::optional<builtins::Value> fold(plan::Id expr);
  [[nodiscard]] Result<void> bind_messages();
  [[nodiscard]] Result<void> bind_charsets();
  [[nodiscard]] Result<std::optional<Conversion>> charset_option(const std::vector<plan::OptionValue>& options,
                                                                 std::string_view owner) const;
  [[nodiscard]] Result<void> bind_tables(const Bindings& bindings);
  void bind_required(plan::Id message, plan::Id made, plan::Range body);
  [[nodiscard]] bool is_required(plan::Id message, const plan::Path& target) const;
  [[nodiscard]] std::string constant_text(plan::Id expr) const;

  plan::Plan plan_;
  Sha256 digest_;
  HashKey hash_key_;
  Recorder* recorder_ = nullptr;
  std::vector<std::string> settings_;
  std::vector<Secret> secrets_;  // by Plan::secrets
  std::vector<builtins::Value> setting_values_;
  builtins::Arena constant_texts_;
  std::unordered_map<plan::Id, builtins::Value> constants_;  // by call
  std::vector<bool> is_constant_;                            // by expression
  std::vector<hl7::NameKey> path_keys_;
  std::vector<hl7::NameKey> scope_keys_;
  std::unordered_map<plan::Id, Decimal> numbers_;                     // by string
  std::unordered_map<plan::Id, std::unique_ptr<re2::RE2>> patterns_;  // by string
  std::vector<const builtins::Function*> builtins_;
  std::unique_ptr<LiveTables> tables_;
  std::vector<std::shared_ptr<const hl7::LocalStructure>> local_structures_;  // what validators of a site's own use
  std::vector<std::unique_ptr<hl7::Validator>> validators_;
  std::vector<Shape> shapes_;
  std::vector<MadeHeader> made_headers_;
  std::vector<bool> target_required_;
  std::vector<std::vector<plan::Id>> flows_of_;
  std::vector<hl7::Charset> source_charsets_;
  std::vector<std::optional<Conversion>> conversions_;
};

}  // namespace smarthl7::eval
