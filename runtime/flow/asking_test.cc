// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/asking.h"

#include <gtest/gtest.h>

namespace smarthl7::flow {
namespace {

using plan::AckCondition;

constexpr Asked kNothing{};
constexpr Asked kBoth{AckCondition::always, AckCondition::always};

TEST(Asking, reads_a_field_of_the_first_line_only) {
  const std::string message = "MSH|^~\\&|A|B|C|D|2026||ORU^R01|17|P|2.5.1|||AL|NE\rPID|1||x\r";
  EXPECT_EQ(header_field(message, 2), "^~\\&");
  EXPECT_EQ(header_field(message, 10), "17");
  EXPECT_EQ(header_field(message, 15), "AL");
  EXPECT_EQ(header_field(message, 16), "NE");
  EXPECT_EQ(header_field(message, 17), "");
  EXPECT_EQ(header_field("MSH|^~\\&|A\rPID|1|2|3|4|5|6|7|8|9|10", 10), "");
  EXPECT_EQ(header_field("BHS|^~\\&|A|B", 3), "");
  EXPECT_EQ(header_field("", 3), "");
  EXPECT_EQ(header_field("\xEF\xBB\xBFMSH|^~\\&|A|B\r", 4), "B");
}

TEST(Asking, an_unknown_or_null_condition_asks_nothing) {
  EXPECT_EQ(asked_of("MSH|^~\\&|A|B|C|D|2026||ORU|17|P|2.5.1|||\"\"|XX\r"), kNothing);
  EXPECT_EQ(asked_of("MSH|^~\\&|A|B|C|D|2026||ORU|17|P|2.5.1\r"), kNothing);
  EXPECT_EQ(asked_of("MSH#*~\\&#A#B#C#D#2026##ORU#17#P#2.5.1###ER#SU"),
            (Asked{AckCondition::on_error, AckCondition::on_success}));
}

TEST(Asking, sets_the_two_fields_and_nothing_else) {
  EXPECT_EQ(asking("MSH|^~\\&|A|B|C|D|2026||ORU|17|P|2.5.1\rPID|1\r", kBoth),
            "MSH|^~\\&|A|B|C|D|2026||ORU|17|P|2.5.1|||AL|AL\rPID|1\r");
  EXPECT_EQ(asking("MSH|^~\\&|A|B|C|D|2026||ORU|17|P|2.5.1|5||NE||DEU|8859/1\rPID|1||\r", kBoth),
            "MSH|^~\\&|A|B|C|D|2026||ORU|17|P|2.5.1|5||AL|AL|DEU|8859/1\rPID|1||\r");
  const Asked accept_only{AckCondition::never, AckCondition::as_sent};
  EXPECT_EQ(asking("MSH|^~\\&|A|B|C|D|2026||ORU|17|P|2.5.1|||AL|ER\n", accept_only),
            "MSH|^~\\&|A|B|C|D|2026||ORU|17|P|2.5.1|||NE|ER\n");
  const Asked application_only{AckCondition::as_sent, AckCondition::on_success};
  EXPECT_EQ(asking("MSH|^~\\&|A\r", application_only), "MSH|^~\\&|A|||||||||||||SU\r");
}

TEST(Asking, what_was_set_is_read_and_the_rest_stays) {
  const std::string message = "\xEF\xBB\xBFMSH|^~\\&|A|B|C|D|2026||ORU|17|P|2.5.1||||AL||ÄÖ\xFF\rOBX|1|ST|MSH|||\r";
  const std::string set = asking(message, {AckCondition::on_error, AckCondition::never});
  EXPECT_EQ(asked_of(set), (Asked{AckCondition::on_error, AckCondition::never}));
  EXPECT_EQ(set.substr(set.find('\r')), message.substr(message.find('\r')));
  EXPECT_EQ(asking(message, kNothing), message);
  EXPECT_EQ(asking("no header", kBoth), "no header");
}

TEST(Asking, says_what_comes_back) {
  const auto expect = [](AckCondition accept, AckCondition application, bool waits) {
    return expected({accept, application}, waits);
  };
  using enum AckCondition;
  EXPECT_EQ(expect(as_sent, as_sent, false), Expect::answer);  // original mode
  EXPECT_EQ(expect(as_sent, as_sent, true), Expect::answer);
  EXPECT_EQ(expect(always, never, false), Expect::answer);
  EXPECT_EQ(expect(on_success, as_sent, false), Expect::answer);
  EXPECT_EQ(expect(never, always, false), Expect::answer);  // the application's is the first one
  EXPECT_EQ(expect(as_sent, always, true), Expect::application_only);
  EXPECT_EQ(expect(never, always, true), Expect::application_only);
  EXPECT_EQ(expect(on_error, always, true), Expect::application_only);
  EXPECT_EQ(expect(on_error, never, false), Expect::refusal_only);
  EXPECT_EQ(expect(never, on_error, false), Expect::refusal_only);
  EXPECT_EQ(expect(never, never, false), Expect::nothing);
  EXPECT_EQ(expect(never, as_sent, false), Expect::nothing);
}

}  // namespace
}  // namespace smarthl7::flow
