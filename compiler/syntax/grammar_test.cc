// SPDX-License-Identifier: Apache-2.0
// PEGTL's analysis of the whole grammar: no rule repeats without reading, none is left-recursive. And the lists of words
// against the grammar's keywords.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <tao/pegtl/contrib/analyze.hpp>

#include "compiler/syntax/ast.h"
#include "compiler/syntax/grammar_declaration.h"
#include "compiler/syntax/grammar_expression.h"
#include "compiler/syntax/grammar_item.h"
#include "compiler/syntax/grammar_option.h"
#include "compiler/syntax/grammar_step.h"
#include "compiler/syntax/words.h"

namespace smarthl7::syntax::grammar {
namespace {

TEST(Grammar, HasNoLoops) {
  struct file : pegtl::star<declaration> {};
  EXPECT_EQ(pegtl::analyze<file>(2), 0U);
}

TEST(Grammar, TheAnalysisFindsALoop) {
  struct loop : pegtl::star<maybe<name>> {};
  EXPECT_NE(pegtl::analyze<loop>(-1), 0U);
}

template <class Rule>
struct Collect;
template <class List>
struct CollectList;
template <class... Rules>
struct CollectList<pegtl::type_list<Rules...>> {
  static void into(std::set<std::string>& words, std::set<const void*>& seen) { (Collect<Rules>::into(words, seen), ...); }
};
/// The keywords that a rule and all below it read; each rule once.
template <class Rule>
struct Collect {
  static void into(std::set<std::string>& words, std::set<const void*>& seen) {
    static const char self = 0;
    if (seen.insert(&self).second) CollectList<typename Rule::subs_t>::into(words, seen);
  }
};
template <Text T>
struct Collect<kw<T>> {
  static void into(std::set<std::string>& words, std::set<const void*>& /*seen*/) {
    if (is_lower(T.view().front())) words.emplace(T.view());
  }
};
template <Kind K, Text T>
struct Collect<kw_node<K, T>> : Collect<kw<T>> {};

template <class Rule>
struct Collect<same_line<Rule>> : Collect<Rule> {};

std::set<std::string> grammar_words() {
  std::set<std::string> words;
  std::set<const void*> seen;
  Collect<declaration>::into(words, seen);
  return words;
}

TEST(Words, HoldEveryKeywordOfTheGrammar) {
  std::set<std::string_view> listed;
  for (const Words words : {reserved_words(), declaration_words(), connective_words(), message_words(), mapping_words(),
                            flow_words(), test_words(), alert_words(), else_words(), clause_words(), foreign_words()})
    listed.insert(words.begin(), words.end());
  for (const std::string& word : grammar_words()) EXPECT_TRUE(listed.contains(word)) << word;
}

TEST(Words, AreReadByTheGrammar) {
  // Not keywords of a rule: read by the scanner, or by the few rules that are written as functions.
  const std::set<std::string_view> scanned = {"and",   "or",   "not",  "present", "absent", "true",
                                              "false", "last", "days", "on",      "ack"};
  const std::set<std::string> read = grammar_words();
  for (const Words words : {reserved_words(), declaration_words(), message_words(), mapping_words(), flow_words(), test_words(),
                            alert_words(), else_words(), clause_words(), foreign_words()}) {
    for (const std::string_view word : words) EXPECT_TRUE(read.contains(std::string(word)) || scanned.contains(word)) << word;
  }
}

TEST(Words, OfConnectivesAreTheOnesOfTheTree) {
  std::set<std::string_view> spelled;
  for (auto one = Connective::file; one <= Connective::from; one = static_cast<Connective>(static_cast<int>(one) + 1))
    spelled.insert(spelling(one));
  const Words words = connective_words();
  EXPECT_EQ(spelled, (std::set<std::string_view>(words.begin(), words.end())));
}

}  // namespace
}  // namespace smarthl7::syntax::grammar
