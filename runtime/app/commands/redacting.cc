// SPDX-License-Identifier: Apache-2.0
// redact: what a redaction leaves of the messages in files. Findings of --verify name places, never values.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>

#include "compiler/diag/render.h"
#include "compiler/driver/driver.h"
#include "compiler/plan/plan_file.h"
#include "runtime/app/commands/commands.h"
#include "runtime/app/commands/plan_input.h"
#include "runtime/app/service/bind_options.h"
#include "runtime/env/real/real.h"
#include "runtime/eval/message_redactor.h"
#include "stdlib/hl7/batch.h"

namespace smarthl7::app {
namespace {

int complain(const std::string& text, int code) {
  std::cerr << "smarthl7: " << text << "\n";
  return code;
}

/// A plan, and which of its redactions is meant.
struct Chosen {
  plan::Plan plan;
  Sha256 digest{};
  plan::Id redaction = plan::kNone;
};

/// `safe_harbor`, `std.phi.safe_harbor`: a project of one line that starts from it.
std::expected<Chosen, int> of_library(const std::string& name) {
  const std::string full = name.find('.') == std::string::npos ? "std.phi." + name : name;
  const bool plain =
      std::all_of(full.begin(), full.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '.'; });
  auto compilation = driver::compile_texts(
      {{"redact.route", "language 1\nuse std.phi\nredaction chosen from " + (plain ? full : "std.phi.x") + " {\n}\n"}}, {});
  if (!plain || !compilation.plan) {
    return std::unexpected(complain(fmt::format("there is no redaction `{}`: give std.phi.safe_harbor, "
                                                "std.phi.limited_data_set, std.phi.test_data or ROUTE#REDACTION",
                                                name),
                                    kUsage));
  }
  const std::string bytes = plan::write_plan(*compilation.plan);
  return Chosen{std::move(*compilation.plan), plan::plan_digest(bytes).value_or(Sha256{}), 0};
}

std::expected<Chosen, int> of_project(const std::string& with, std::size_t mark) {
  const std::string name = with.substr(mark + 1);
  auto input = load_plan({with.substr(0, mark)}, {});
  if (!input) return std::unexpected(input.error());
  Chosen chosen{std::move(input->plan), input->digest, plan::kNone};
  std::string known;
  for (plan::Id id = 0; id < chosen.plan.redactions.size(); ++id) {
    const plan::Redaction& one = chosen.plan.redactions[id];
    if (one.version != 0) continue;  // for one type of message; the file may hold any
    known += (known.empty() ? "" : ", ") + chosen.plan.text(one.name);
    if (chosen.plan.text(one.name) == name) chosen.redaction = id;
  }
  if (chosen.redaction == plan::kNone) {
    return std::unexpected(complain(
        fmt::format("{} has no redaction `{}`{}", with.substr(0, mark), name, known.empty() ? "" : "; it has " + known),
        kUsage));
  }
  return chosen;
}

/// Settings have no part in a redaction: those without a value get an empty text. Secrets only where they are needed.
std::expected<eval::Bindings, int> bindings_of(Chosen& chosen, const RedactOptions& options) {
  eval::Bindings bindings;
  const auto text = static_cast<plan::Id>(chosen.plan.strings.size());
  chosen.plan.strings.emplace_back("text");
  for (plan::Setting& setting : chosen.plan.settings) {
    if (setting.value != plan::kNone) continue;
    setting.type = text;
    bindings.settings[chosen.plan.strings[setting.name]] = {};
  }
  // What is not keyed by a secret is keyed by this run alone: two runs cannot be joined.
  const auto random = env::make_real_random();
  for (unsigned char& byte : bindings.hash_key) byte = static_cast<unsigned char>(random->next() & 0xFFU);
  chosen.plan.flows.clear();
  chosen.plan.steps.clear();
  chosen.plan.arms.clear();
  for (plan::Table& table : chosen.plan.tables) table.reload = plan::TableReload::never;  // nothing is looked up
  const auto disk = env::make_real_disk();
  for (const plan::RedactionItem& item : chosen.plan.redactions[chosen.redaction].items) {
    if (item.secret == plan::kNone) continue;
    const std::string& name = chosen.plan.text(chosen.plan.secrets[item.secret]);
    auto secret = read_secret(*disk, options.secrets, name);
    if (!secret) return std::unexpected(complain(secret.error().describe(), kEnvironment));
    bindings.secrets[name] = std::move(*secret);
  }
  return bindings;
}

struct Counts {
  std::uint64_t messages = 0, unreadable = 0, searched = 0, found = 0;
};

class FileRedactor {
 public:
  FileRedactor(eval::MessageRedactor& redactor, bool verify) : redactor_(redactor), verify_(verify) {}

  void run(const std::string& file, std::string_view bytes) {
    hl7::BatchReader reader(bytes);
    hl7::BatchItem item;
    while (reader.next(item) == hl7::BatchReader::Step::message) one(file, item);
    if (reader.has_envelope()) std::cerr << "smarthl7: " << file << ": the headers and trailers of its batches are left out\n";
  }
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  void one(const std::string& file, const hl7::BatchItem& item) {
    ++counts_.messages;
    if (auto read = message_.reset(item.bytes); !read) {
      ++counts_.unreadable;
      std::cerr << fmt::format("smarthl7: {}, message {}: left out, it cannot be read: {}\n", file, item.place.number,
                               read.error().describe());
      return;
    }
    std::string left(redactor_.redact(message_, hl7::Charset::utf8));
    if (!left.ends_with('\r') && !left.ends_with('\n')) left += '\r';
    std::cout << left;
    if (!verify_) return;
    if (auto read = left_.reset(std::string_view(left)); !read) return;
    leaks_.clear();
    counts_.searched += redactor_.search(message_, left_, leaks_);
    counts_.found += leaks_.size();
    for (const eval::Leak& leak : leaks_) {
      std::cerr << fmt::format("{}, message {}: the value of {} stands in {} of what is left\n", file, item.place.number,
                               leak.from, leak.in);
    }
  }

  eval::MessageRedactor& redactor_;
  bool verify_;
  hl7::Message message_, left_;
  std::vector<eval::Leak> leaks_;
  Counts counts_;
};

}  // namespace

int redact(const RedactOptions& options) {
  const std::size_t mark = options.with.find('#');
  auto chosen = mark == std::string::npos ? of_library(options.with) : of_project(options.with, mark);
  if (!chosen) return chosen.error();
  auto bindings = bindings_of(*chosen, options);
  if (!bindings) return bindings.error();
  auto bound = eval::bind(std::move(chosen->plan), chosen->digest, std::move(*bindings));
  if (!bound) return complain(bound.error().describe(), kEnvironment);
  auto redactor = eval::make_message_redactor(*std::move(bound), chosen->redaction);
  if (!redactor) return complain(redactor.error().describe(), kEnvironment);
  FileRedactor files(**redactor, options.verify);
  for (const std::string& file : options.files) {
    std::ifstream in(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (!in.is_open() || in.bad()) return complain("cannot read `" + file + "`", kEnvironment);
    files.run(file, bytes);
  }
  std::cout.flush();
  if (!std::cout) return complain("cannot write the messages", kEnvironment);
  const Counts& counts = files.counts();
  if (options.verify) {
    std::cerr << fmt::format("{} messages: {} identified values searched in what is left, {} found\n", counts.messages,
                             counts.searched, counts.found);
  }
  return counts.found + counts.unreadable > 0 ? kFindings : kFine;
}

}  // namespace smarthl7::app
