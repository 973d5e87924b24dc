// SPDX-License-Identifier: Apache-2.0
#include "tests/support/oru_generator.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "tests/support/seeded.h"

namespace smarthl7::testing {
namespace {

struct Analyte {
  std::string_view code, name, units, range;
  int low, high, decimals;  // the values drawn, before the decimal point is set
};

constexpr std::array<Analyte, 20> kAnalytes = {{
    {"718-7", "Hemoglobin", "g/dL", "12.0-16.0", 98, 178, 1},
    {"4544-3", "Hematocrit", "%", "36.0-46.0", 300, 500, 1},
    {"789-8", "Erythrocytes", "10*6/uL", "4.20-5.40", 360, 600, 2},
    {"6690-2", "Leukocytes", "10*3/uL", "4.5-11.0", 31, 150, 1},
    {"777-3", "Platelets", "10*3/uL", "150-400", 110, 480, 0},
    {"787-2", "MCV", "fL", "80-100", 740, 1080, 1},
    {"785-6", "MCH", "pg", "27.0-33.0", 240, 360, 1},
    {"786-4", "MCHC", "g/dL", "32.0-36.0", 300, 370, 1},
    {"788-0", "RDW", "%", "11.5-14.5", 108, 170, 1},
    {"770-8", "Neutrophils/100 leukocytes", "%", "40-70", 350, 780, 1},
    {"736-9", "Lymphocytes/100 leukocytes", "%", "20-45", 150, 500, 1},
    {"5905-5", "Monocytes/100 leukocytes", "%", "2-10", 10, 120, 1},
    {"713-8", "Eosinophils/100 leukocytes", "%", "0-6", 0, 80, 1},
    {"706-2", "Basophils/100 leukocytes", "%", "0-2", 0, 25, 1},
    {"2345-7", "Glucose", "mg/dL", "70-105", 58, 210, 0},
    {"3094-0", "Urea nitrogen", "mg/dL", "7-20", 5, 34, 0},
    {"2160-0", "Creatinine", "mg/dL", "0.60-1.20", 50, 180, 2},
    {"2951-2", "Sodium", "mmol/L", "136-145", 128, 150, 0},
    {"2823-3", "Potassium", "mmol/L", "3.5-5.1", 31, 58, 1},
    {"2075-0", "Chloride", "mmol/L", "98-107", 92, 112, 0},
}};
constexpr std::array<std::string_view, 16> kSurnames = {"ABRAMS",  "BERGMANN", "CASTELLO", "DUMONT",   "EKLUND",   "FARROW",
                                                        "GALLO",   "HOLLIS",   "IBSEN",    "JANSKY",   "KOWALSKA", "LINDHOLM",
                                                        "MORETTI", "NOVAK",    "OKAFOR",   "PELLETIER"};
constexpr std::array<std::string_view, 12> kGivenNames = {"ANNA",  "BRUNO", "CLARA", "DAVID", "ELENA", "FELIX",
                                                          "GRETA", "HUGO",  "IRENE", "JONAS", "KARIN", "LEON"};
constexpr std::array<std::string_view, 8> kStreets = {"MILL LANE",   "STATION ROAD",  "HARBOUR STREET", "CHURCH SQUARE",
                                                      "ORCHARD WAY", "BRIDGE STREET", "PARK AVENUE",    "LIME GROVE"};
constexpr std::array<std::string_view, 4> kWards = {"3W", "ICU", "ED", "5N"};

std::string decimal(int value, int decimals) {
  if (decimals == 0) return fmt::format("{}", value);
  const int scale = decimals == 1 ? 10 : 100;
  return fmt::format("{}.{:0{}}", value / scale, value % scale, decimals);
}

std::string time_of(std::uint64_t n, std::uint64_t minutes_before) {
  const std::uint64_t minute = 60 * 24 + n / 60 - minutes_before;  // a message a second, from the second of March on
  return fmt::format("202603{:02}{:02}{:02}{:02}", 1 + (minute / 1440) % 28, (minute / 60) % 24, minute % 60, n % 60);
}

void add_patient(std::string& out, const OruOptions& options, std::uint64_t n, std::uint64_t patient, Seeded& random) {
  const std::string& facility = oru_facility(options, n);
  Seeded person(options.seed * 7919 + patient);  // the same patient has the same data in every message
  out += fmt::format(
      "PID|1||{:08}^^^{}^MR||{}^{}^^^^^L||19{:02}{:02}{:02}|{}|||{} {}^^RIVERTON^ST^{:05}^USA||^PRN^PH^^1^555^{:07}{}",
      patient + 10000000, facility, person.one_of(kSurnames), person.one_of(kGivenNames), 30 + person.below(65),
      1 + person.below(12), 1 + person.below(28), person.below(2) == 0 ? "F" : "M", 1 + person.below(200),
      person.one_of(kStreets), 10000 + person.below(80000), 1000000 + person.below(8999999), options.terminator);
  out += fmt::format("PV1|1|I|{}^{}^{}^{}||||1{:05}^HARTWELL^NORA^^^DR||||||||||||V{:09}{}", random.one_of(kWards),
                     100 + random.below(60), random.below(2) == 0 ? "A" : "B", facility, random.below(90000), n,
                     options.terminator);
}

}  // namespace

const std::string& oru_facility(const OruOptions& options, std::uint64_t n) {
  Seeded random(options.seed * 31 + n);
  return options.facilities[random.below(options.facilities.size())];
}

std::string oru_control_id(const OruOptions& options, std::uint64_t n) {
  return fmt::format("{}{:010}", options.control_prefix, n);
}

std::string make_oru(const OruOptions& options, std::uint64_t n) {
  Seeded random(options.seed * 1000003 + n);
  const std::uint64_t patient = random.below(options.patients);
  const std::string observed = time_of(n, 45);
  const std::string& end = options.terminator;
  std::string out;
  out.reserve(3000);
  out += fmt::format("MSH|^~\\&|{}|{}|{}|{}|{}||ORU^R01^ORU_R01|{}|P|2.5.1{}", options.sending_application,
                     options.sending_facility, options.receiving_application, options.receiving_facility, time_of(n, 0),
                     oru_control_id(options, n), end);
  add_patient(out, options, n, patient, random);
  out += fmt::format("ORC|RE|P{:09}^EHR|F{:09}^LAB||CM{}", n, n, end);
  out += fmt::format(
      "OBR|1|P{:09}^EHR|F{:09}^LAB|24317-0^Complete blood count and "
      "chemistry^LN|||{}|||||||||1{:05}^HARTWELL^NORA^^^DR||||||{}||LAB|F{}",
      n, n, observed, random.below(90000), time_of(n, 5), end);
  if (options.local_segment) out += fmt::format("ZLR|AN-{:02}|{}{}", 1 + random.below(12), n, end);
  for (std::uint64_t number = 0; number < options.observations; ++number) {
    const Analyte& analyte = kAnalytes[number % kAnalytes.size()];
    const auto span = static_cast<std::uint64_t>(analyte.high - analyte.low + 1);
    const std::uint64_t drawn = random.below(span);
    const std::string_view flag = drawn * 5 < span ? "L" : drawn * 5 > span * 4 ? "H" : "N";
    out += fmt::format("OBX|{}|NM|{}^{}^LN||{}|{}|{}|{}|||F|||{}|REGLAB^Regional Laboratory^L{}", number + 1, analyte.code,
                       analyte.name, decimal(analyte.low + static_cast<int>(drawn), analyte.decimals), analyte.units,
                       analyte.range, flag, observed, end);
  }
  return out;
}

}  // namespace smarthl7::testing
