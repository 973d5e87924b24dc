// SPDX-License-Identifier: Apache-2.0
// PEGTL's analysis of the whole grammar: no rule repeats without reading, none is left-recursive.
#include <gtest/gtest.h>

#include <tao/pegtl/contrib/analyze.hpp>

#include "compiler/syntax/grammar_declaration.h"
#include "compiler/syntax/grammar_expression.h"
#include "compiler/syntax/grammar_item.h"
#include "compiler/syntax/grammar_option.h"
#include "compiler/syntax/grammar_step.h"

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

}  // namespace
}  // namespace smarthl7::syntax::grammar
