// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/phi.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>
#include <string>

namespace smarthl7::hl7 {
namespace {

[[nodiscard]] PhiKind kind_at(std::string_view version, std::string_view path) {
  const std::size_t dash = path.find('-');
  std::array<unsigned, 3> numbers{};
  std::size_t at = dash + 1;
  for (unsigned& number : numbers) {
    if (at >= path.size()) break;
    const std::size_t end = std::min(path.find('.', at), path.size());
    number = static_cast<unsigned>(std::stoul(std::string(path.substr(at, end - at))));
    at = end + 1;
  }
  return label_of(find_version(version).version, path.substr(0, dash), numbers[0], numbers[1], numbers[2]).kind;
}

struct Known {
  std::string_view version, path;
  PhiKind kind;
};

// What an officer for data protection would look up first.
constexpr Known kKnown[] = {
    {"2.5.1", "PID-3", PhiKind::mrn},       {"2.5.1", "PID-3.1", PhiKind::mrn},       {"2.5.1", "PID-3.2", PhiKind::mrn},
    {"2.5.1", "PID-3.4", PhiKind::none},    {"2.5.1", "PID-3.5", PhiKind::none},      {"2.5.1", "PID-3.7", PhiKind::date},
    {"2.1", "PID-2", PhiKind::mrn},         {"2.7", "PID-2", PhiKind::mrn},           {"2.1", "PID-5", PhiKind::name},
    {"2.5.1", "PID-5.1", PhiKind::name},    {"2.5.1", "PID-5.1.1", PhiKind::name},    {"2.5.1", "PID-5.2", PhiKind::name},
    {"2.5.1", "PID-5.7", PhiKind::none},    {"2.8.2", "PID-5.15", PhiKind::name},     {"2.5.1", "PID-6", PhiKind::name},
    {"2.5.1", "PID-7", PhiKind::date},      {"2.1", "PID-7", PhiKind::date},          {"2.5.1", "PID-7.1", PhiKind::date},
    {"2.5.1", "PID-8", PhiKind::clinical},  {"2.5.1", "PID-10", PhiKind::clinical},   {"2.5.1", "PID-11", PhiKind::street},
    {"2.5.1", "PID-11.1", PhiKind::street}, {"2.5.1", "PID-11.1.2", PhiKind::street}, {"2.5.1", "PID-11.3", PhiKind::place},
    {"2.5.1", "PID-11.4", PhiKind::none},   {"2.5.1", "PID-11.5", PhiKind::zip},      {"2.2", "PID-11.5", PhiKind::zip},
    {"2.5.1", "PID-11.9", PhiKind::place},  {"2.5.1", "PID-11.10", PhiKind::street},  {"2.8.2", "PID-11.20", PhiKind::text},
    {"2.5.1", "PID-12", PhiKind::place},    {"2.5.1", "PID-13", PhiKind::phone},      {"2.5.1", "PID-13.4", PhiKind::email},
    {"2.5.1", "PID-13.3", PhiKind::none},   {"2.1", "PID-14", PhiKind::phone},        {"2.5.1", "PID-18", PhiKind::account},
    {"2.5.1", "PID-19", PhiKind::ssn},      {"2.8.2", "PID-19", PhiKind::ssn},        {"2.5.1", "PID-20.1", PhiKind::licence},
    {"2.5.1", "PID-20.3", PhiKind::date},   {"2.5.1", "PID-23", PhiKind::street},     {"2.5.1", "PID-29", PhiKind::date},
    {"2.5.1", "PID-30", PhiKind::clinical}, {"2.8.2", "PID-40", PhiKind::phone},      {"2.5.1", "MRG-1", PhiKind::mrn},
    {"2.5.1", "MRG-7", PhiKind::name},      {"2.5.1", "NK1-2", PhiKind::name},        {"2.5.1", "NK1-4", PhiKind::street},
    {"2.5.1", "NK1-5", PhiKind::phone},     {"2.5.1", "NK1-13", PhiKind::name},       {"2.5.1", "NK1-37", PhiKind::ssn},
    {"2.5.1", "GT1-3", PhiKind::name},      {"2.5.1", "GT1-12", PhiKind::ssn},        {"2.1", "GT1-16", PhiKind::name},
    {"2.5.1", "IN1-2", PhiKind::clinical},  {"2.5.1", "IN1-16", PhiKind::name},       {"2.5.1", "IN1-36", PhiKind::plan},
    {"2.5.1", "IN1-49", PhiKind::plan},     {"2.2", "IN2-6", PhiKind::plan},          {"2.5.1", "IN2-61", PhiKind::plan},
    {"2.5.1", "IN2-2", PhiKind::ssn},       {"2.5.1", "PV1-3", PhiKind::clinical},    {"2.5.1", "PV1-7", PhiKind::clinical},
    {"2.5.1", "PV1-19", PhiKind::account},  {"2.5.1", "PV1-44", PhiKind::date},       {"2.5.1", "PV2-8", PhiKind::date},
    {"2.5.1", "ACC-1", PhiKind::date},      {"2.5.1", "ACC-11", PhiKind::street},     {"2.5.1", "OBR-2", PhiKind::other},
    {"2.5.1", "OBR-3", PhiKind::other},     {"2.5.1", "OBR-3.2", PhiKind::none},      {"2.1", "OBR-3", PhiKind::other},
    {"2.5.1", "OBR-4", PhiKind::clinical},  {"2.5.1", "OBR-7", PhiKind::date},        {"2.5.1", "OBR-13", PhiKind::text},
    {"2.5.1", "OBR-16", PhiKind::clinical}, {"2.5.1", "OBR-32.2", PhiKind::date},     {"2.5.1", "ORC-2", PhiKind::other},
    {"2.5.1", "ORC-4", PhiKind::other},     {"2.5.1", "ORC-12", PhiKind::clinical},   {"2.5.1", "OBX-3", PhiKind::clinical},
    {"2.5.1", "OBX-5", PhiKind::text},      {"2.5.1", "OBX-6", PhiKind::clinical},    {"2.5.1", "OBX-14", PhiKind::date},
    {"2.5.1", "OBX-18", PhiKind::clinical}, {"2.5.1", "SPM-2", PhiKind::other},       {"2.5.1", "SPM-4.9", PhiKind::text},
    {"2.5.1", "SPM-17", PhiKind::date},     {"2.5.1", "NTE-3", PhiKind::text},        {"2.5.1", "TXA-6", PhiKind::date},
    {"2.5.1", "TXA-12", PhiKind::other},    {"2.5.1", "DG1-3", PhiKind::clinical},    {"2.5.1", "DG1-5", PhiKind::date},
    {"2.1", "DG1-4", PhiKind::text},        {"2.5.1", "PR1-5", PhiKind::date},        {"2.5.1", "AL1-3", PhiKind::clinical},
    {"2.5.1", "AL1-6", PhiKind::date},      {"2.5.1", "MSH-3", PhiKind::none},        {"2.5.1", "MSH-7", PhiKind::date},
    {"2.5.1", "MSH-10", PhiKind::none},     {"2.5.1", "EVN-2", PhiKind::date},        {"2.5.1", "QRD-8", PhiKind::name},
    {"2.5.1", "QPD-3", PhiKind::unknown},   {"2.5.1", "PCR-12", PhiKind::device},     {"2.5.1", "RXE-15", PhiKind::other},
    {"2.5.1", "PID-99", PhiKind::unknown},  {"2.5.1", "PID-5.99", PhiKind::name},     {"2.5.1", "MSH-99", PhiKind::unknown},
    {"2.5.1", "ZPI-1", PhiKind::unknown},
};

TEST(Phi, WellKnownFields) {
  for (const Known& known : kKnown) {
    EXPECT_EQ(kind_at(known.version, known.path), known.kind)
        << known.version << " " << known.path << " is " << kind_name(kind_at(known.version, known.path));
  }
}

TEST(Phi, EveryFieldOfEveryVersionHasALabel) {
  for (std::size_t v = 0; v < version_count(); ++v) {
    const Version version = version_at(v);
    std::array<std::size_t, 5> counts{};
    for (std::size_t s = 0; s < version.segment_count(); ++s) {
      const Segment segment = version.segment_at(s);
      for (unsigned f = 1; f <= segment.field_count(); ++f) {
        const Field field = segment.field(f);
        const PhiMark whole = label_of(version, segment.name(), f);
        ++counts[static_cast<std::size_t>(whole.label)];
        // `unknown` is what a line says, not what was forgotten: withdrawn fields apart, its type or the field has a line.
        if (whole.kind == PhiKind::unknown && !field.withdrawn() && !has_own_label(segment.name(), f)) {
          EXPECT_THAT(field.type(), testing::AnyOf("QIP", "QSC", "SCV"))
              << version.name() << " " << segment.name() << "-" << f << " " << field.name();
        }
        // The whole is as strong as its strongest part, and no stronger.
        PhiMark strongest;
        const unsigned parts = field.datatype() && field.datatype().is_composite() ? field.datatype().component_count() : 1;
        for (unsigned c = 1; c <= parts; ++c) {
          const PhiMark part = label_of(version, segment.name(), f, c);
          strongest = stronger(strongest, part);
          const Component component = field.datatype() ? field.datatype().component(c) : Component();
          const Datatype below = component ? component.datatype() : Datatype();
          if (!below || !below.is_composite()) continue;
          PhiMark finest;
          for (unsigned sub = 1; sub <= below.component_count(); ++sub) {
            finest = stronger(finest, label_of(version, segment.name(), f, c, sub));
          }
          EXPECT_EQ(finest.label, part.label) << version.name() << " " << segment.name() << "-" << f << "." << c;
        }
        EXPECT_EQ(strongest.label, whole.label) << version.name() << " " << segment.name() << "-" << f;
      }
    }
    fmt::print("{:6} direct {:4}  free text {:4}  quasi {:4}  clinical {:4}  none {:4}\n", version.name(), counts[4], counts[3],
               counts[2], counts[1], counts[0]);
    EXPECT_GT(counts[4], 40U);
    EXPECT_GT(counts[2], 50U);
  }
}

TEST(Phi, AValueOfAnyTypeGoesByItsType) {
  const Version version = find_version("2.5.1").version;
  const auto of = [&](std::string_view type) { return label_of_type(version, type).kind; };
  EXPECT_EQ(of("NM"), PhiKind::clinical);
  EXPECT_EQ(of("SN"), PhiKind::clinical);
  EXPECT_EQ(of("CE"), PhiKind::clinical);
  EXPECT_EQ(of("ST"), PhiKind::text);
  EXPECT_EQ(of("TX"), PhiKind::text);
  EXPECT_EQ(of("FT"), PhiKind::text);
  EXPECT_EQ(of("ED"), PhiKind::text);
  EXPECT_EQ(of("RP"), PhiKind::url);
  EXPECT_EQ(of("DT"), PhiKind::date);
  EXPECT_EQ(of("TS"), PhiKind::date);
  EXPECT_EQ(of("XPN"), PhiKind::name);
  EXPECT_EQ(of("CX"), PhiKind::mrn);
  EXPECT_EQ(of("XX"), PhiKind::unknown);
  EXPECT_EQ(label_of_type(version, "CWE", 9).kind, PhiKind::text);
  EXPECT_EQ(label_of_type(version, "CWE", 1).kind, PhiKind::clinical);
}

TEST(Phi, AKindHasTheLabelOfTheRegulation) {
  // 164.514(e)(2): what a limited data set may keep is what safe harbor removes and (e)(2) does not name.
  EXPECT_EQ(label_of_kind(PhiKind::zip), PhiLabel::quasi);
  EXPECT_EQ(label_of_kind(PhiKind::date), PhiLabel::quasi);
  EXPECT_EQ(label_of_kind(PhiKind::other), PhiLabel::quasi);
  EXPECT_EQ(label_of_kind(PhiKind::street), PhiLabel::direct);
  EXPECT_EQ(label_of_kind(PhiKind::unknown), PhiLabel::direct);
  EXPECT_EQ(label_of(find_version("2.5.1").version, "TXA", 16).label, PhiLabel::direct);
  for (std::size_t kind = 0; kind < kPhiKinds; ++kind) EXPECT_NE(kind_name(static_cast<PhiKind>(kind)), "");
  EXPECT_EQ(declared_label("quasi")->label, PhiLabel::quasi);
  EXPECT_EQ(declared_label("direct")->label, PhiLabel::direct);
  EXPECT_FALSE(declared_label("some"));
}

}  // namespace
}  // namespace smarthl7::hl7
