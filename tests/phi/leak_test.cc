// SPDX-License-Identifier: Apache-2.0
// Flows that check accepts, each with 1,000 generated messages: every place that identifies somebody gets a value that stands
// nowhere else, and what is delivered to `research` is searched for all of them. Of deidentified data everything that the
// labels call direct, quasi or free text is searched for; of limited data, what is direct or free text.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "compiler/diag/render.h"
#include "compiler/driver/driver.h"
#include "compiler/plan/plan_file.h"
#include "runtime/eval/evaluator.h"
#include "stdlib/hl7/editor.h"
#include "stdlib/hl7/phi.h"
#include "tests/support/message_generator.h"

namespace smarthl7 {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMessages = 1000;
constexpr std::size_t kAttempts = 16000;

struct Route {
  std::map<std::string, std::string> files;
  std::string text;
};

Route read_route(const fs::path& path) {
  std::ifstream in(path);
  Route route;
  std::string* to = nullptr;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("=== ")) {
      const std::string name = line.substr(4);
      to = name == "lab.route" ? &route.text : &route.files[name];
    } else if (to != nullptr) {
      *to += line + "\n";
    }
  }
  return route;
}

driver::Compilation compile(const Route& route) {
  check::Files files;
  files.read = [&route](const std::string& path) -> Result<std::string> {
    const auto at = route.files.find(path);
    if (at == route.files.end()) return fail(ErrorCode::not_found, "there is no such file");
    return at->second;
  };
  files.exists = [&route](const std::string& path) { return route.files.contains(path); };
  return driver::compile_texts({{"lab.route", route.text}}, files);
}

/// A message in which every identifying place holds a value of its own.
class Marker {
 public:
  explicit Marker(hl7::Version version) : version_(version) {}

  struct Marked {
    std::string bytes;
    std::vector<std::pair<std::string, hl7::PhiMark>> values;  // with where: "PID-5.1.1 Qxaaaab"
    std::vector<std::string> places;
  };

  /// With `extras`, PID gets fields that no version knows.
  Marked mark(const std::string& bytes, bool extras) {
    Marked made;
    const auto message = hl7::Message::parse(std::string_view(bytes));
    EXPECT_TRUE(message);
    hl7::Editor editor(*message);
    for (std::uint32_t s = 0; s < message->segment_count(); ++s) {
      const hl7::SegmentView segment = message->segment(s);
      const hl7::Segment definition = version_.segment(segment.name());
      if (!definition) {
        mark_unknown(made, editor, segment, 1, segment.field_count());
        continue;
      }
      if (extras && segment.name() == "PID") mark_unknown(made, editor, segment, definition.field_count() + 1U, 45);
      for (unsigned f = 1; f <= segment.field_count(); ++f) mark_field(made, editor, segment, definition.field(f), f);
    }
    editor.write(made.bytes);
    return made;
  }

 private:
  void mark_field(Marked& made, hl7::Editor& editor, const hl7::SegmentView& segment, hl7::Field field, unsigned number) {
    if (!field || field.withdrawn() || (hl7::is_header(segment.key()) && number <= 2)) return;
    const std::string type = field.varies() ? std::string(segment.field(2).text()) : std::string(field.type());
    const std::size_t repetitions = segment.field(number).repetition_count();
    for (unsigned r = 1; r <= repetitions; ++r) {
      const hl7::Location place{segment.index(), static_cast<std::uint16_t>(number), static_cast<std::uint16_t>(r), 0, 0};
      mark_part(made, editor, segment.name(), place, type, field.varies());
    }
  }

  /// A segment or fields that nobody declared.
  void mark_unknown(Marked& made, hl7::Editor& editor, const hl7::SegmentView& segment, std::size_t first, std::size_t last) {
    for (std::size_t f = first; f <= last; ++f) {
      const std::string value = next("ST");
      EXPECT_TRUE(editor.set_text({segment.index(), static_cast<std::uint16_t>(f), 0, 0, 0}, value));
      made.values.emplace_back(value, hl7::PhiMark{hl7::PhiLabel::direct, hl7::PhiKind::unknown});
      made.places.push_back(fmt::format("{}-{}, which nobody declared,", segment.name(), f));
    }
  }

  void mark_part(Marked& made, hl7::Editor& editor, std::string_view segment, const hl7::Location& place, std::string_view type,
                 bool varies) {
    const hl7::Message& message = editor.message();
    if (message.state(place) != hl7::State::present) return;
    const hl7::Datatype datatype = version_.datatype(type);
    if (datatype && datatype.is_composite() && place.subcomponent == 0) {
      for (std::uint16_t n = 1; n <= datatype.component_count(); ++n) {
        hl7::Location part = place;
        (place.component == 0 ? part.component : part.subcomponent) = n;
        mark_part(made, editor, segment, part, datatype.component(std::size_t{n}).type(), varies);
      }
      return;
    }
    const hl7::PhiMark mark = varies ? hl7::label_of_type(version_, editor.message().segment(place.segment).field(2).text(),
                                                          place.component, place.subcomponent)
                                     : hl7::label_of(version_, segment, place.field, place.component, place.subcomponent);
    if (!mark.identifies()) return;
    const std::string value = next(type);
    EXPECT_TRUE(editor.set_text(place, value));
    made.values.emplace_back(value, mark);
    made.places.push_back(fmt::format("{}-{}.{}.{}", segment, place.field, place.component, place.subcomponent));
  }

  /// Distinct, and right for the type: a date is a date of its own, a number a number of its own.
  std::string next(std::string_view type) {
    const std::size_t n = count_++;
    // The whole date is searched for, not its year.
    const std::string date = fmt::format("{:04}{:02}{:02}", 1931 + n % 60, 1 + n / 60 % 12, 1 + n / 720 % 28);
    if (type == "DT") return date;
    if (type == "DTM" || type == "TS") return date + fmt::format("{:02}{:02}{:02}", n % 24, n % 60, n / 60 % 60);
    if (type == "NM" || type == "SI" || type == "SNM") return fmt::format("{}", 7'100'000 + n);
    if (type == "TN") return fmt::format("(617)555-{:04}", n % 10000);
    if (type == "TM") return "0815";
    std::string text = "Qx";
    for (std::size_t rest = n; text.size() < 7; rest /= 20) text += "bcdfghjklmnpqrstvwxz"[rest % 20];
    return text;
  }

  hl7::Version version_;
  std::size_t count_ = 0;
};

class AcceptedFlow : public ::testing::TestWithParam<fs::path> {};

TEST_P(AcceptedFlow, DeliversNoIdentifiedValue) {
  const Route route = read_route(GetParam());
  const driver::Compilation compilation = compile(route);
  std::string findings;
  for (const auto& diagnostic : compilation.diagnostics) findings += diag::render_human(diagnostic, *compilation.sources);
  ASSERT_TRUE(compilation.plan) << findings;
  const std::string file = plan::write_plan(*compilation.plan);
  const auto plan = plan::read_plan(file);
  ASSERT_TRUE(plan) << plan.error().describe();
  eval::Bindings bindings;
  for (const std::string& name : eval::secrets_of_redactions(*plan))
    bindings.secrets[name] = Secret("a key of thirty-two characters..");
  const auto bound = eval::bind(*plan, plan::plan_digest(file).value(), std::move(bindings));
  ASSERT_TRUE(bound) << bound.error().describe();
  const auto evaluator = eval::make_evaluator(*bound);

  plan::Id research = plan::kNone;
  for (plan::Id i = 0; i < plan->destinations.size(); ++i) {
    if (plan->text(plan->destinations[i].name) == "research") research = i;
  }
  ASSERT_NE(research, plan::kNone);
  if (plan->sources.front().level != plan::Level::identified) return;  // the source promises it: nothing is redacted
  const bool limited = plan->destinations[research].holds == plan::Level::limited;

  const hl7::Version version = hl7::find_version("2.5.1").version;
  testing::GeneratorOptions options;
  options.seed = 20260101;
  options.optional_segments = 80;
  options.optional_fields = 45;
  options.repeats = 2;
  options.most_segments = 60;
  options.nulls = false;
  options.international = false;
  testing::MessageGenerator generator(version, options);
  Marker marker(version);
  std::size_t delivered = 0;
  std::size_t searched = 0;
  std::size_t kept = 0;
  // Most of what is generated the profile refuses; what one route took, the others begin with.
  static std::vector<std::uint64_t> taken;
  const std::vector<std::uint64_t> first = taken;
  std::uint64_t tried = 0;
  for (; tried < first.size() + kAttempts && delivered < kMessages; ++tried) {
    const std::uint64_t n = tried < first.size() ? first[tried] : tried - first.size();
    const std::size_t before = delivered;
    const Marker::Marked marked = marker.mark(generator.make(version.structure("ORU_R01"), n), n % 3 == 0);
    const auto message = hl7::Message::parse(std::string_view(marked.bytes));
    ASSERT_TRUE(message);
    const eval::Effects& effects = evaluator->evaluate(0, *message);
    for (const eval::FlowEffects& flow : effects.flows) {
      for (const eval::Delivery& delivery : flow.deliveries) {
        if (delivery.destination != research) continue;
        ++delivered;
        ASSERT_TRUE(delivery.body) << "what is redacted is another message";
        const std::string_view out = delivery.body->view();
        ASSERT_TRUE(hl7::Message::parse(out));
        kept += out.size();
        for (std::size_t i = 0; i < marked.values.size(); ++i) {
          const auto& [value, mark] = marked.values[i];
          if (limited && mark.label == hl7::PhiLabel::quasi) continue;
          ++searched;
          ASSERT_EQ(out.find(value), std::string_view::npos) << marked.places[i] << " of message " << n << " is delivered";
        }
      }
    }
    if (first.empty() && delivered > before) taken.push_back(n);
  }
  fmt::print("{}: {} messages delivered of {}, {} values searched for, {} bytes left on average\n", GetParam().stem().string(),
             delivered, tried, searched, delivered == 0 ? 0 : kept / delivered);
  EXPECT_GE(delivered, kMessages);
  EXPECT_GT(searched, delivered * 20);
}

std::vector<fs::path> accepted() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(SMARTHL7_SOURCE_DIR) / "tests/golden/diagnostics")) {
    if (entry.path().stem().string().starts_with("phi_fine_")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST(AcceptedFlows, AreTwentyAtLeast) { EXPECT_GE(accepted().size(), 20U); }

INSTANTIATE_TEST_SUITE_P(Routes, AcceptedFlow, ::testing::ValuesIn(accepted()),
                         [](const auto& each) { return each.param.stem().string(); });

}  // namespace
}  // namespace smarthl7
