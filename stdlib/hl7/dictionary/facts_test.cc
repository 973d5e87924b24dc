// SPDX-License-Identifier: Apache-2.0
// Every fact of the dictionary against the tables that import.py read: what differs is a correction of corrections.txt, or
// follows one of the rules below. The tables are no part of the project: the comparison runs where SMARTHL7_HL7_FACTS or a
// folder `shared/hl7` beside the source says where they are, and says so where it does not.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "stdlib/hl7/dictionary/dictionary.h"

namespace smarthl7::hl7 {
namespace {

namespace fs = std::filesystem;

// What import.py does everywhere, with the number of places in which it did.
constexpr const char* kGap = "a number that the facts leave out is a withdrawn field";
constexpr const char* kName = "blanks and a wrongly decoded dash in a name";
constexpr const char* kTable = "9999 and words stand where no table was assigned";
constexpr const char* kValueTypes = "table 0125 has the value types of all versions";

[[nodiscard]] fs::path facts_folder() {
  if (const char* named = std::getenv("SMARTHL7_HL7_FACTS"); named != nullptr) return named;
  for (const char* beside : {"../shared/hl7", "../../shared/hl7"}) {
    const fs::path folder = fs::path(SMARTHL7_SOURCE_DIR) / beside;
    if (fs::exists(folder / "structures.tsv")) return folder;
  }
  return {};
}

[[nodiscard]] std::vector<std::string> split(const std::string& line, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : line) {
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

[[nodiscard]] std::vector<std::vector<std::string>> rows(const fs::path& file) {
  std::ifstream in(file);
  std::vector<std::vector<std::string>> found;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) found.push_back(split(line, '\t'));
  return found;
}

[[nodiscard]] std::string with_single_blanks(const std::string& text) {
  std::istringstream in(text);
  std::string result;
  for (std::string word; in >> word;) result += (result.empty() ? "" : " ") + word;
  return result;
}

/// A structure's tree in HL7's abstract syntax.
[[nodiscard]] std::string abstract(const StructureNode& node) {
  std::string inner;
  if (node.kind() == NodeKind::segment) {
    inner = node.name();
  } else if (node.kind() == NodeKind::any_segment) {
    inner = "ANYHL7SEGMENT";
  } else {
    const bool choice = node.kind() == NodeKind::choice;
    for (StructureNode child = node.first_child(); child; child = child.next_sibling())
      inner += (inner.empty() ? "" : choice ? "|" : " ") + abstract(child);
    if (choice)
      inner = "<" + inner + ">";
    else if (node.parent())
      inner = fmt::format("{}( {} )", node.name(), inner);
  }
  if (node.repeats()) inner = "{" + inner + "}";
  return node.required() ? inner : "[" + inner + "]";
}

class Comparison {
 public:
  explicit Comparison(const fs::path& folder) : folder_(folder) { read_corrections(); }

  void run() {
    compare_structures();
    compare_parts("segments.tsv");
    compare_parts("datatypes.tsv");
    compare_tables();
    print();
    for (const auto& [key, uses] : corrections_) {
      EXPECT_GT(uses, 0) << "corrections.txt corrects what is not wrong: " << std::get<0>(key) << " " << std::get<1>(key) << " "
                         << std::get<2>(key);
    }
  }

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  // version, kind, name
  struct Count {
    std::size_t structures = 0, segments = 0, fields = 0, types = 0, components = 0, corrected = 0;
  };

  void read_corrections() {
    std::ifstream in(fs::path(SMARTHL7_SOURCE_DIR) / "stdlib/hl7/dictionary/corrections.txt");
    bool reason = false;
    for (std::string line; std::getline(in, line);) {
      const auto words = split(line, ' ');
      if (words[0] == "because") reason = words.size() > 3;
      if (line.empty() || line[0] == '#' || line[0] == ' ' || words[0] == "because") continue;
      EXPECT_TRUE(reason) << "no reason: " << line;
      const bool structure = words[0] == "within" || words[0] == "structure" || words[0] == "remove";
      const std::string kind = structure ? "structure" : words[0] == "segment" || words[0] == "code" ? words[0] : "field";
      for (const std::string& version : split(words[1], ',')) corrections_[{version, kind, words[2]}] += 0;
    }
    EXPECT_GT(corrections_.size(), 100U);
  }

  void differs(const std::string& version, const std::string& kind, const std::string& name, const std::string& what) {
    const auto found = corrections_.find({version, kind, name});
    if (found == corrections_.end()) {
      ADD_FAILURE() << "not explained: " << version << " " << kind << " " << name << ": " << what;
      return;
    }
    if (found->second++ == 0) ++counts_[version].second.corrected;
  }

  void compare_structures() {
    std::map<std::string, std::set<std::string>> given;
    for (const auto& row : rows(folder_ / "structures.tsv")) {
      const std::string& version = row[0];
      given[version].insert(row[1]);
      ++counts_[version].first.structures;
      const VersionMatch match = find_version(version);
      ASSERT_TRUE(match.exact) << version;
      const Structure structure = match.version.structure(row[1]);
      if (!structure) {
        differs(version, "structure", row[1], "is not there");
        continue;
      }
      std::string have;
      for (StructureNode node = structure.root().first_child(); node; node = node.next_sibling())
        have += (have.empty() ? "" : " ") + abstract(node);
      if (have != row[2]) differs(version, "structure", row[1], have + "\n  but given is: " + row[2]);
    }
    for (std::size_t n = 0; n < version_count(); ++n) {
      const Version version = version_at(n);
      const std::string name(version.name());
      counts_[name].second.structures = version.structure_count();
      for (std::size_t index = 0; index < version.structure_count(); ++index) {
        const std::string structure(version.structure_at(index).name());
        if (!given[name].contains(structure)) differs(name, "structure", structure, "is not given");
      }
    }
  }

  void compare_parts(const char* file) {
    const bool segments = std::string_view(file) == "segments.tsv";
    std::map<std::string, std::map<std::string, std::map<std::size_t, std::vector<std::string>>>> given;
    for (const auto& row : rows(folder_ / file)) given[row[0]][row[1]][std::stoul(row[2])] = row;
    for (std::size_t n = 0; n < version_count(); ++n) {
      const Version version = version_at(n);
      const std::string name(version.name());
      auto& [facts, have] = counts_[name];
      std::set<std::string> seen;
      for (std::size_t index = 0; index < (segments ? version.segment_count() : version.datatype_count()); ++index) {
        const Segment segment = segments ? version.segment_at(index) : Segment();
        const Datatype type = segments ? Datatype() : version.datatype_at(index);
        if (!segments && !type.is_composite()) continue;  // a primitive: it is named by fields, not described
        const std::string owner(segments ? segment.name() : type.name());
        const std::size_t count = segments ? segment.field_count() : type.component_count();
        ++(segments ? have.segments : have.types);
        (segments ? have.fields : have.components) += count;
        seen.insert(owner);
        if (!given[name].contains(owner)) {
          if (segments)
            differs(name, "segment", owner, "is not given");
          else
            ++carried_[owner];  // a data type that a carried segment needs
          continue;
        }
        for (std::size_t number = 1; number <= count; ++number)
          compare_part(name, owner, segments ? segment.field(number) : type.component(number), given[name][owner]);
      }
      for (const auto& [owner, parts] : given[name]) {
        ++(segments ? facts.segments : facts.types);
        (segments ? facts.fields : facts.components) += parts.size();
        EXPECT_TRUE(seen.contains(owner)) << name << " " << owner << " is not there";
      }
    }
  }

  void compare_part(const std::string& version, const std::string& owner, const Part& part,
                    const std::map<std::size_t, std::vector<std::string>>& given) {
    const std::string place = fmt::format("{}-{}", owner, part.number());
    const auto found = given.find(part.number());
    if (found == given.end()) {
      if (part.withdrawn())
        ++rules_[kGap];
      else
        differs(version, "field", place, "is not given");
      return;
    }
    const std::vector<std::string>& row = found->second;
    const std::string type = row[4] == "wd" || row[4].empty() ? "WD" : row[4];
    const bool withdrawn = type == "WD" || row[6] == "0";
    const bool same = part.type() == type && part.withdrawn() == withdrawn && std::to_string(part.min()) == row[5] &&
                      (row[6] == "*" ? part.max() == kUnbounded : std::to_string(part.max()) == row[6]) &&
                      part.length() == (row[7].empty() ? 0 : std::stoul(row[7]));
    if (!same)
      differs(version, "field", place, fmt::format("{} {}..{} {}", part.type(), part.min(), part.max(), part.length()));
    if (row[8].empty() ? part.table_number() != 0 : fmt::format("{:04}", part.table_number()) != row[8]) {
      EXPECT_TRUE(part.table_number() == 0 && (row[8] == "9999" || row[8].find_first_not_of("0123456789") == 0))
          << version << place;
      ++rules_[kTable];
    }
    if (part.name() != row[3]) {
      std::string mended = with_single_blanks(row[3]);
      for (std::size_t at = 0; at < mended.size();) {  // bytes beyond ASCII: a dash
        if (static_cast<unsigned char>(mended[at]) < 0x80) {
          ++at;
          continue;
        }
        std::size_t end = at;
        while (end < mended.size() && static_cast<unsigned char>(mended[end]) >= 0x80) ++end;
        mended.replace(at, end - at, "-");
      }
      EXPECT_EQ(part.name(), mended) << version << " " << place;
      ++rules_[kName];
    }
  }

  void compare_tables() {
    const Version version = newest_version();
    std::map<std::string, std::map<std::string, std::string>> given;
    for (const auto& row : rows(folder_ / "tables.tsv")) {
      ++given_codes_;
      given[row[0]].emplace(row[2], row[3]);
      const Table table = version.table(static_cast<std::uint16_t>(std::stoul(row[0])));
      ASSERT_TRUE(table) << row[0];
      EXPECT_EQ(table.name(), row[1]);
    }
    given_tables_ = given.size();
    EXPECT_EQ(Version::table_count(), given.size());
    for (std::size_t index = 0; index < Version::table_count(); ++index) {
      const Table table = version.table_at(index);
      const auto& codes = given[fmt::format("{:04}", table.number())];
      codes_ += table.size();
      for (std::size_t n = 0; n < table.size(); ++n) {
        const Code code = table.code(n);
        const auto found = codes.find(std::string(code.code));
        if (found != codes.end())
          EXPECT_EQ(with_single_blanks(found->second), code.meaning) << table.number() << " " << code.code;
        else if (const auto added = corrections_.find({fmt::format("{:04}", table.number()), "code", std::string(code.code)});
                 added != corrections_.end())
          ++added->second;
        else if (table.number() == 125)
          ++rules_[kValueTypes];
        else
          ADD_FAILURE() << "not given: table " << table.number() << " code " << code.code;
      }
      for (const auto& [code, meaning] : codes) EXPECT_TRUE(table.contains(code)) << table.number() << " " << code;
    }
  }

  void print() {
    fmt::print("{:8}{:>14}{:>14}{:>14}{:>14}{:>14}{:>11}\n", "version", "structures", "segments", "fields", "data types",
               "components", "corrected");
    for (std::size_t n = 0; n < version_count(); ++n) {
      const auto& [facts, have] = counts_[std::string(version_at(n).name())];
      const auto pair = [](std::size_t a, std::size_t b) {
        return a == b ? fmt::format("{:>14}", a) : fmt::format("{:>14}", fmt::format("{} -> {}", a, b));
      };
      fmt::print("{:8}{}{}{}{}{}{:>11}\n", version_at(n).name(), pair(facts.structures, have.structures),
                 pair(facts.segments, have.segments), pair(facts.fields, have.fields), pair(facts.types, have.types),
                 pair(facts.components, have.components), have.corrected);
    }
    fmt::print("tables: {} of {}, codes: {} of {}\n", Version::table_count(), given_tables_, codes_, given_codes_);
    for (const auto& [rule, count] : rules_) fmt::print("{:6} times: {}\n", count, rule);
    for (const auto& [type, count] : carried_)
      fmt::print("{:6} versions: data type {} stays with the segments that need it\n", count, type);
    fmt::print("the dictionary is {} bytes\n", dictionary_size());
    std::fflush(stdout);
  }

  fs::path folder_;
  std::map<Key, int> corrections_;  // with how often each explained a difference
  std::map<std::string, std::pair<Count, Count>> counts_;
  std::map<std::string, int> rules_, carried_;
  std::size_t given_tables_ = 0, given_codes_ = 0, codes_ = 0;
};

TEST(Facts, DifferOnlyWhereTheyWereCorrected) {
  const fs::path folder = facts_folder();
  if (folder.empty()) {
    fmt::print("no folder of facts here (SMARTHL7_HL7_FACTS): the dictionary was not compared with them\n");
    return;
  }
  Comparison(folder).run();
}

}  // namespace
}  // namespace smarthl7::hl7
