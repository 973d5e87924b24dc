// SPDX-License-Identifier: Apache-2.0
// The redactions of std.phi against the table of labels: in every version, of every segment, every place is filled with a word
// of its own; what identifies must be gone, what identifies nobody must stay. Then 1,000 messages of many structures, with
// words that can be told apart in every place that identifies: none may be left.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "compiler/driver/driver.h"
#include "compiler/plan/plan_file.h"
#include "runtime/eval/message_redactor.h"
#include "stdlib/hl7/editor.h"
#include "stdlib/hl7/escape.h"
#include "stdlib/hl7/primitive.h"
#include "tests/support/message_generator.h"

namespace smarthl7 {
namespace {

/// The redaction `name` for messages of the version (a structure that every version has), or of any version.
std::unique_ptr<eval::MessageRedactor> redactor(std::string_view name, std::string_view version) {
  const std::string text = fmt::format(
      "language 1\nuse std.phi\nsource lab = mllp {{ listen \"0.0.0.0:2575\"  insecure because \"a test\" }}\n"
      "{}flow f {{\n  from lab\n{}  redact std.phi.{}\n  drop \"a test\"\n}}\n",
      version.empty() ? "" : fmt::format("message known = hl7 {} ADT_A01 {{\n}}\n", version),
      version.empty() ? "" : "  validate known else reject AE\n", name);
  const driver::Compilation compilation = driver::compile_texts({{"test.route", text}}, {});
  std::string said;
  for (const auto& one : compilation.diagnostics) said += one.message + "\n";
  EXPECT_TRUE(compilation.plan) << said;
  if (!compilation.plan) return nullptr;
  const std::string bytes = plan::write_plan(*compilation.plan);
  auto bound = eval::bind(*compilation.plan, plan::plan_digest(bytes).value(), {});
  EXPECT_TRUE(bound) << bound.error().describe();
  EXPECT_EQ(compilation.plan->redactions.size(), 1U);
  auto made = eval::make_message_redactor(*std::move(bound), 0);
  EXPECT_TRUE(made);
  return *std::move(made);
}

struct Place {
  std::string path;
  std::string word;
  hl7::PhiMark mark;
  hl7::Primitive form;
  bool withdrawn = false;  // by this version, but not by all: on the open type it is what it was
};

bool once_in_use(std::string_view segment, unsigned field) {
  for (std::size_t i = 0; i < hl7::version_count(); ++i) {
    const hl7::Segment definition = hl7::version_at(i).segment(segment);
    const hl7::Field part = definition ? definition.field(field) : hl7::Field();
    if (part && !part.withdrawn()) return true;
  }
  return false;
}

/// A segment with a word of its own in every place that the version defines.
std::string filled(hl7::Version version, hl7::Segment segment, std::vector<Place>& places) {
  std::string text(segment.name());
  const bool header = hl7::is_header(hl7::name_key(segment.name()));
  if (header) text += "|^~\\&";
  for (unsigned f = header ? 3 : 1; f <= segment.field_count(); ++f) {
    const hl7::Field field = segment.field(f);
    text += '|';
    if (segment.name() == "OBX" && (f == 2 || f == 5)) continue;  // by type, below
    if (segment.name() == "MSH" && f == 7) {
      text += "20261123";  // what ages are counted from
      continue;
    }
    if (segment.name() == "MSH" && (f == 12 || f == 18)) {
      text += f == 12 ? version.name() : "";
      continue;
    }
    const auto parts_of = [](hl7::Datatype type) { return type && type.is_composite() ? type.component_count() : 1; };
    for (int c = 1; c <= parts_of(field.datatype()); ++c) {
      if (c > 1) text += '^';
      const hl7::Component component = parts_of(field.datatype()) > 1 || (field.datatype() && field.datatype().is_composite())
                                           ? field.datatype().component(static_cast<std::size_t>(c))
                                           : hl7::Component();
      const hl7::Datatype below = component ? component.datatype() : hl7::Datatype();
      for (int s = 1; s <= parts_of(below); ++s) {
        if (s > 1) text += '&';
        Place place;
        place.path = fmt::format("{} {}-{}.{}.{}", version.name(), segment.name(), f, c, s);
        place.word = fmt::format("w{}x{}x{}x", f, c, s);
        place.mark = hl7::label_of(version, segment.name(), f, static_cast<unsigned>(c), static_cast<unsigned>(s));
        const hl7::Component sub = below && below.is_composite() ? below.component(static_cast<std::size_t>(s)) : component;
        place.form = hl7::primitive_of(sub ? sub.type() : field.type());
        place.withdrawn = field.withdrawn() && once_in_use(segment.name(), f);
        text += place.word;
        places.push_back(std::move(place));
      }
    }
  }
  return text;
}

struct Tally {
  std::size_t identified = 0, others = 0;
};

void check_segments(eval::MessageRedactor& safe_harbor, hl7::Version version, bool open, Tally& tally) {
  for (std::size_t i = 0; i < version.segment_count(); ++i) {
    const hl7::Segment segment = version.segment_at(i);
    std::vector<Place> places;
    const std::string body = filled(version, segment, places);
    const bool header = segment.name() == "MSH";
    const std::string bytes =
        (header ? "" : fmt::format("MSH|^~\\&|||||20261123||ADT^A01|1|P|{}\r", version.name())) + body + "\r";
    const auto message = hl7::Message::parse(std::string_view(bytes));
    ASSERT_TRUE(message) << bytes;
    const std::string left(safe_harbor.redact(*message, hl7::Charset::utf8));
    for (const Place& place : places) {
      const bool stays = left.find(place.word) != std::string::npos;
      if (open && place.withdrawn) continue;
      if (place.mark.identifies()) {
        EXPECT_FALSE(stays) << place.path << " " << hl7::kind_name(place.mark.kind);
        ++tally.identified;
      } else if (!open && (place.form == hl7::Primitive::other || place.form == hl7::Primitive::tn)) {
        EXPECT_TRUE(stays) << place.path << " " << hl7::kind_name(place.mark.kind) << "\n" << left;
        ++tally.others;
      }
    }
  }
}

TEST(RedactionCover, safeHarborTakesEveryLabelledPlaceOfEveryVersion) {
  Tally tally;
  for (std::size_t i = 0; i < hl7::version_count(); ++i) {
    const hl7::Version version = hl7::version_at(i);
    const auto safe_harbor = redactor("safe_harbor", version.name());
    ASSERT_TRUE(safe_harbor);
    check_segments(*safe_harbor, version, false, tally);
  }
  std::printf("places that identify: %zu, none left; that do not: %zu, all there\n", tally.identified, tally.others);
  EXPECT_GT(tally.identified, 10'000U);
  EXPECT_GT(tally.others, 10'000U);
}

TEST(RedactionCover, onTheOpenTypeSafeHarborTakesWhateverAnyVersionLabels) {
  Tally tally;
  const auto safe_harbor = redactor("safe_harbor", "");
  ASSERT_TRUE(safe_harbor);
  for (std::size_t i = 0; i < hl7::version_count(); ++i) check_segments(*safe_harbor, hl7::version_at(i), true, tally);
  EXPECT_GT(tally.identified, 10'000U);
}

/// Puts a word of its own into every place that identifies; a date stays a date of its own kind.
std::string with_words(const hl7::Message& message, hl7::Version version, std::vector<std::string>& words) {
  hl7::Editor editor(message);
  for (std::uint32_t index = 0; index < message.segment_count(); ++index) {
    const hl7::SegmentView segment = message.segment(index);
    const std::string name(segment.name());
    const bool header = hl7::is_header(message.segment_key(index));
    for (std::size_t f = header ? 3 : 1; f <= segment.field_count(); ++f) {
      for (std::size_t r = 1; r <= segment.field(f).repetition_count(); ++r) {
        const hl7::RepetitionView repetition = segment.field(f).repetition(r);
        for (std::size_t c = 1; c <= repetition.component_count(); ++c) {
          const hl7::ComponentView component = repetition.component(c);
          for (std::size_t s = 1; s <= component.subcomponent_count(); ++s) {
            if (!component.subcomponent(s).present()) continue;
            const auto mark = name == "OBX" && f == 5 ? hl7::label_of_type(version, segment.field(2).text(),
                                                                           static_cast<unsigned>(c), static_cast<unsigned>(s))
                                                      : hl7::label_of(version, name, static_cast<unsigned>(f),
                                                                      static_cast<unsigned>(c), static_cast<unsigned>(s));
            if (!mark.identifies() || mark.kind == hl7::PhiKind::date || mark.kind == hl7::PhiKind::zip) continue;
            words.push_back(fmt::format("Qz{}Zq", words.size()));
            EXPECT_TRUE(editor.set_text({index, static_cast<std::uint16_t>(f), static_cast<std::uint16_t>(r),
                                         static_cast<std::uint16_t>(c), static_cast<std::uint16_t>(s)},
                                        words.back()));
          }
        }
      }
    }
  }
  std::string out;
  editor.write(out);
  return out;
}

TEST(RedactionCover, ofAThousandMessagesNoIdentifiedValueIsLeft) {
  std::size_t messages = 0, words_searched = 0, chance = 0;
  std::uint64_t searched = 0;
  const auto open = redactor("safe_harbor", "");
  ASSERT_TRUE(open);
  for (std::size_t v = 0; v < hl7::version_count(); ++v) {
    const hl7::Version version = hl7::version_at(v);
    const auto typed = redactor("safe_harbor", version.name());
    ASSERT_TRUE(typed);
    testing::GeneratorOptions options;
    options.seed = 77 + v;
    options.international = false;
    options.unambiguous = false;
    testing::MessageGenerator generator(version, options);
    for (std::uint64_t n = 0; n < 84; ++n) {
      const hl7::Structure structure = version.structure_at((n * 7 + v) % version.structure_count());
      const std::string plain = generator.make(structure, n);
      const auto first = hl7::Message::parse(std::string_view(plain));
      ASSERT_TRUE(first) << plain;
      std::vector<std::string> words;
      const std::string bytes = with_words(*first, version, words);
      const auto message = hl7::Message::parse(std::string_view(bytes));
      ASSERT_TRUE(message) << bytes;
      ++messages;
      for (eval::MessageRedactor* one : {typed.get(), open.get()}) {
        const std::string left(one->redact(*message, hl7::Charset::utf8));
        EXPECT_EQ(left.find("Qz"), std::string::npos) << version.name() << " " << structure.name() << " " << n << "\n" << left;
        const auto after = hl7::Message::parse(std::string_view(left));
        ASSERT_TRUE(after) << left;
        EXPECT_EQ(after->control_id(), message->control_id());
        EXPECT_EQ(after->segment(0).raw_field(9), message->segment(0).raw_field(9));
        EXPECT_LE(left.size(), bytes.size());
        // Once more changes nothing: what is left is what may stay.
        EXPECT_EQ(std::string(one->redact(*after, hl7::Charset::utf8)), left);
        std::vector<eval::Leak> leaks;
        searched += one->search(*message, *after, leaks);
        // Only dates and ZIP codes have no words of their own: one may be another's code by chance.
        chance += leaks.size();
      }
      words_searched += words.size();
    }
  }
  std::printf(
      "%zu messages, %zu words in places that identify, none left; --verify searched %llu values, %zu stand there by chance\n",
      messages, words_searched, static_cast<unsigned long long>(searched), chance);
  EXPECT_GE(messages, 1000U);
  EXPECT_GT(words_searched, 10'000U);
}

TEST(RedactionCover, theOtherRedactionsTakeWhatTheySay) {
  const auto limited = redactor("limited_data_set", "2.5.1");
  const auto test_data = redactor("test_data", "2.5.1");
  ASSERT_TRUE(limited && test_data);
  const hl7::Version version = hl7::find_version("2.5.1").version;
  std::size_t kept = 0, gone = 0;
  for (std::size_t i = 0; i < version.segment_count(); ++i) {
    const hl7::Segment segment = version.segment_at(i);
    if (segment.name() == "MSH") continue;
    std::vector<Place> places;
    const std::string bytes = "MSH|^~\\&|||||20261123||ADT^A01|1|P|2.5.1\r" + filled(version, segment, places) + "\r";
    const auto message = hl7::Message::parse(std::string_view(bytes));
    ASSERT_TRUE(message);
    const std::string of_limited(limited->redact(*message, hl7::Charset::utf8));
    const std::string of_test_data(test_data->redact(*message, hl7::Charset::utf8));
    for (const Place& place : places) {
      const bool free = place.form == hl7::Primitive::other;
      if (place.mark.identifies()) {
        EXPECT_EQ(of_test_data.find(place.word), std::string::npos) << place.path;
      }
      if (place.mark.label == hl7::PhiLabel::direct || place.mark.label == hl7::PhiLabel::free_text) {
        EXPECT_EQ(of_limited.find(place.word), std::string::npos) << place.path;
        ++gone;
      } else if (free) {
        EXPECT_NE(of_limited.find(place.word), std::string::npos) << place.path << " " << of_limited;
        ++kept;
      }
    }
  }
  EXPECT_GT(kept, 1000U);
  EXPECT_GT(gone, 300U);
}

TEST(RedactionSecrets, aPlanDoesNotStartWithoutTheOnesThatItsFlowsNeed) {
  const std::string text =
      "language 1\nsecret study_key\nsecret other_key\nsource lab = mllp { listen \"0.0.0.0:2575\"  insecure because \"a "
      "test\" }\n"
      "redaction used { PID-3.1 hash key secret study_key }\nredaction unused { PID-3.1 hash key secret other_key }\n"
      "flow f {\n  from lab\n  redact used\n  drop \"a test\"\n}\n";
  const driver::Compilation compilation = driver::compile_texts({{"test.route", text}}, {});
  ASSERT_TRUE(compilation.plan);
  EXPECT_EQ(eval::secrets_of_redactions(*compilation.plan), std::vector<std::string>{"study_key"});
  const auto without = eval::bind(*compilation.plan, {}, {});
  ASSERT_FALSE(without);
  EXPECT_NE(without.error().text.find("study_key"), std::string::npos);
  eval::Bindings bindings;
  bindings.secrets["study_key"] = Secret("x");
  auto bound = eval::bind(*compilation.plan, {}, bindings);
  ASSERT_TRUE(bound);
  for (plan::Id id = 0; id < compilation.plan->redactions.size(); ++id) {
    const bool unused = compilation.plan->text(compilation.plan->redactions[id].name) == "unused";
    EXPECT_EQ(eval::make_message_redactor(*bound, id).has_value(), !unused);
  }
}

}  // namespace
}  // namespace smarthl7
