// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/traffic.h"

#include <fmt/format.h>

#include "runtime/sim/frames.h"

namespace smarthl7::sim {

namespace {

std::string identifier(Rng& rng) { return fmt::format("P{}^^^LAB^MR", rng.below(5)); }

std::string header(const std::string& lab, std::string_view type, const std::string& control_id, bool enhanced) {
  return fmt::format("MSH|^~\\&|{}|LAB|HUB|HUB|20260101||{}|{}|P|2.5.1{}\r", lab, type, control_id, enhanced ? "|||AL|AL" : "");
}

std::string make_result(Rng& rng, const Scenario& scenario, const std::string& mark) {
  const bool nobody = rng.chance(40) && !scenario.has(Part::split);  // which validates
  std::string out =
      fmt::format("PID|1||{}||DOE^JO|||||||||||||{}\r", nobody ? "" : identifier(rng), rng.chance(200) ? identifier(rng) : "");
  const std::uint64_t orders = rng.between(1, 3);
  for (std::uint64_t n = 1; n <= orders; ++n) {
    const bool urgent = scenario.has(Part::urgent) && rng.chance(300);
    out += fmt::format("OBR|{}|{}-{}||GLU\r{}OBX|1|NM|GLU||{}|mg/dL|||||F\r", n, mark, n, urgent ? "TQ1|1||||||||S\r" : "",
                       rng.below(1000));
    if (!scenario.has(Part::large) || !rng.chance(80)) continue;
    out += "NTE|1||" + std::string(rng.between(100, 6000), 'x') + "\r";
  }
  return out;
}

std::string make_change(Rng& rng, std::string_view event, const std::string& mark) {
  std::string out = fmt::format("EVN|{}|20260101|||{}\rPID|1||{}||DOE^JO\r", event, mark, identifier(rng));
  if (event == "A40") out += fmt::format("MRG|{}\r", identifier(rng));
  if (event == "A17") out += fmt::format("PV1|1|I|W1\rPID|2||{}||ROE^JO\rPV1|2|I|W2\r", identifier(rng));
  return out;
}

std::string make_message(Rng& rng, const Scenario& scenario, const std::string& lab, const std::string& control_id,
                         const std::string& mark) {
  const bool enhanced = lab.ends_with('B');  // that one wants both acknowledgements
  const auto dice = rng.below(100);
  if (dice < 3) return header(lab, "ADT^A01^ADT_A01", control_id, enhanced) + make_change(rng, "A01", mark);
  if (dice < 75 || !scenario.has(Part::patient))
    return header(lab, "ORU^R01^ORU_R01", control_id, enhanced) + make_result(rng, scenario, mark);
  if (dice < 85) return header(lab, "ADT^A08^ADT_A01", control_id, enhanced) + make_change(rng, "A08", mark);
  if (dice < 95) return header(lab, "ADT^A40^ADT_A39", control_id, enhanced) + make_change(rng, "A40", mark);
  return header(lab, "ADT^A17^ADT_A17", control_id, enhanced) + make_change(rng, "A17", mark);
}

/// Segment by segment; `take` gets each without its end.
template <class Take>
void for_each_segment(std::string_view message, Take take) {
  while (!message.empty()) {
    const std::size_t end = std::min(message.find('\r'), message.size());
    take(message.substr(0, end));
    message.remove_prefix(std::min(end + 1, message.size()));
  }
}

}  // namespace

std::vector<std::string> make_traffic(Rng& rng, const Scenario& scenario, const std::string& lab, unsigned count) {
  std::vector<std::string> out;
  std::vector<std::string> ids;
  for (unsigned i = 0; i < count; ++i) {
    const bool conflict = scenario.has(Part::conflicts) && !ids.empty() && rng.chance(60);
    const std::string control_id = conflict ? ids[rng.below(ids.size())] : fmt::format("{}-{:04}", lab, i);
    if (!conflict) ids.push_back(control_id);
    out.push_back(make_message(rng, scenario, lab, control_id, fmt::format("T{}{}", lab, i)));
  }
  return out;
}

std::string identity_of(std::string_view message) {
  const std::string mark = field_of(message, "OBR", 2);
  return field_of(message, "MSH", 10) + "/" + (mark.empty() ? field_of(message, "EVN", 5) : mark);
}

std::set<std::string> patient_keys(std::string_view message) {
  std::set<std::string> keys;
  for (const int field : {3, 18}) {
    const std::string value = field_of(message, "PID", field);
    if (!value.empty()) keys.insert(value.substr(0, value.find('^')));
  }
  if (keys.empty()) keys.insert("-");
  return keys;
}

std::set<std::string> all_identifiers(std::string_view message) {
  std::set<std::string> keys;
  for_each_segment(message, [&](std::string_view segment) {
    if (segment.starts_with("PID|")) {
      for (const int field : {2, 3, 4})
        if (const std::string value = field_of(segment, "PID", field); !value.empty()) keys.insert(value);
    } else if (segment.starts_with("MRG|")) {
      if (const std::string value = field_of(segment, "MRG", 1); !value.empty()) keys.insert(value);
    }
  });
  if (keys.empty()) keys.insert("-");
  return keys;
}

std::vector<std::string> parts_of(const std::string& message) {
  std::string head;
  std::vector<std::string> orders;
  for_each_segment(message, [&](std::string_view segment) {
    if (segment.starts_with("OBR|")) orders.emplace_back();
    (orders.empty() ? head : orders.back()) += std::string(segment) + "\r";
  });
  if (orders.size() < 2) return {message};
  const std::string control_id = field_of(head, "MSH", 10);
  const std::size_t at = head.find("|" + control_id + "|") + 1;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    std::string part = head;
    part.replace(at, control_id.size(), fmt::format("{}.{}", control_id, i + 1));
    parts.push_back(part + orders[i]);
  }
  return parts;
}

}  // namespace smarthl7::sim
