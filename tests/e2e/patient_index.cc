// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/patient_index.h"

namespace smarthl7::testing {

namespace {

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) { return Seeded(a * 0x9E3779B97F4A7C15ULL ^ (b + 0x7F4A7C15ULL))(); }

std::uint64_t number_of(std::string_view text) {
  std::uint64_t hash = 1469598103934665603ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string field(const std::vector<std::string_view>& fields, std::size_t number) {
  return number < fields.size() ? std::string(fields[number]) : std::string();
}

/// The first identifier of a list, its number alone.
std::string first_id(const std::string& list) { return list.substr(0, list.find_first_of("^~")); }

}  // namespace

PatientIndex::Seen PatientIndex::read(std::string_view message) {
  Seen seen;
  for (const std::string_view segment : split(message, '\r')) {
    const auto fields = split(segment, '|');
    if (fields[0] == "MSH") {
      seen.event = field(fields, 8).substr(4, 3);
      seen.id = field(fields, 9);
    } else if (fields[0] == "PID") {
      seen.pids.push_back(first_id(field(fields, 3)));
      seen.names.push_back(field(fields, 5));
      seen.accounts.push_back(first_id(field(fields, 18)));
    } else if (fields[0] == "PV1") {
      seen.beds.push_back(field(fields, 3));
    } else if (fields[0] == "MRG") {
      seen.prior = first_id(field(fields, 1));
      seen.prior_account = first_id(field(fields, 3));
    }
  }
  return seen;
}

void PatientIndex::mark(Patient& patient, const Seen& seen, std::uint64_t other) {
  patient.history = mixed(mixed(patient.history, number_of(seen.id)), other);
}

void PatientIndex::apply(std::string_view message) {
  const Seen seen = read(message);
  if (seen.pids.empty() || seen.event.empty()) {
    ++unread_;
    return;
  }
  ++events_[seen.event];
  Patient& patient = patients_[seen.pids[0]];
  if (seen.event == "A17" || seen.event == "A24" || seen.event == "A37") {
    if (seen.pids.size() < 2) {
      ++unread_;
      return;
    }
    Patient& second = patients_[seen.pids[1]];
    if (seen.event == "A17") {
      std::swap(patient.bed, second.bed);
    } else if (seen.event == "A24") {
      patient.links.insert(seen.pids[1]);
      second.links.insert(seen.pids[0]);
    } else {
      patient.links.erase(seen.pids[1]);
      second.links.erase(seen.pids[0]);
    }
    const std::uint64_t first_history = patient.history;
    mark(patient, seen, second.history);
    mark(second, seen, first_history);
    return;
  }
  if (!seen.prior.empty()) {
    Patient& prior = patients_[seen.prior];
    const std::uint64_t before = prior.history;
    if (seen.event == "A40") {
      patient.accounts.merge(prior.accounts);
      patient.links.merge(prior.links);
      if (patient.bed.empty()) patient.bed = prior.bed;
      prior = Patient{};
      prior.merged_into = seen.pids[0];
    } else if (seen.event == "A43") {  // all its identifiers are the other's now
      patient.links.merge(prior.links);
      prior.links.clear();
    } else if (seen.event == "A44") {
      if (prior.accounts.erase(seen.prior_account) > 0) patient.accounts.insert(seen.prior_account);
    } else if (seen.event == "A47") {
      prior.name += "'";
    }
    mark(prior, seen, patient.history);
    mark(patient, seen, before);
    return;
  }
  if (seen.event == "A01" || seen.event == "A02") {
    patient.bed = seen.beds.empty() ? std::string() : seen.beds[0];
    if (!seen.accounts[0].empty()) patient.accounts.insert(seen.accounts[0]);
  } else if (seen.event == "A03") {
    patient.bed.clear();
  }
  patient.name = seen.names[0];
  mark(patient, seen);
}

std::string PatientIndex::state() const {
  std::string out;
  for (const auto& [id, patient] : patients_) {
    out += id + " " + std::to_string(patient.history) + " " + patient.name + " bed " + patient.bed;
    if (!patient.merged_into.empty()) out += " merged into " + patient.merged_into;
    for (const std::string& account : patient.accounts) out += " account " + account;
    for (const std::string& link : patient.links) out += " link " + link;
    out += "\n";
  }
  return out;
}

// ---- the stream -----------------------------------------------------------------------------------------------------------

std::string AdtStream::identifiers(std::size_t patient) const {
  std::string list = "P" + std::to_string(patient) + "^^^GENERAL^MR";
  if (patient % 3 == 0) list += "~R" + std::to_string(patient) + "^^^REGION^PI";  // some have two: each message is a barrier
  return list;
}

std::string AdtStream::pid(std::size_t patient, int set) {
  return "PID|" + std::to_string(set) + "||" + identifiers(patient) + "||NAME" + std::to_string(number_) +
         "^ANN|||||||||||||A" + std::to_string(random_.below(patients_ * 2)) + "^^^GENERAL^AN\r";
}

std::size_t AdtStream::other_than(std::size_t patient) { return (patient + 1 + random_.below(patients_ - 1)) % patients_; }

std::string AdtStream::next() {
  ++number_;
  const std::size_t patient = random_.below(patients_);
  const std::size_t other = other_than(patient);
  static constexpr const char* kEvents[] = {"A01", "A02", "A03", "A04", "A08", "A31"};
  static constexpr const char* kOfTwo[] = {"A17", "A24", "A37", "A40", "A40", "A43", "A44", "A47"};
  const bool of_two = random_.below(10) == 0;
  const std::string event = of_two ? kOfTwo[random_.below(8)] : kEvents[random_.below(6)];
  std::string message = "MSH|^~\\&|REG|GENERAL|INDEX|REGION|20261123120000||ADT^" + event + "|" + std::to_string(number_) +
                        "|P|2.5.1\rEVN||20261123120000\r" + pid(patient);
  const std::string bed = "W" + std::to_string(random_.below(40)) + "^" + std::to_string(number_);
  if (event == "A17" || event == "A24" || event == "A37") {
    if (event == "A17") message += "PV1|1|I|" + bed + "\r";
    message += pid(other, 2);
    if (event == "A17") message += "PV1|2|I|" + bed + "\r";
  } else if (of_two) {
    message += "MRG|" + identifiers(other);
    if (event == "A44") message += "||A" + std::to_string(random_.below(patients_ * 2)) + "^^^GENERAL^AN";
    message += "\r";
  } else {
    message += "PV1|1|I|" + bed + "\r";
  }
  return message;
}

}  // namespace smarthl7::testing
