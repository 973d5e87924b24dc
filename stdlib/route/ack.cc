// SPDX-License-Identifier: Apache-2.0
#include "stdlib/route/ack.h"

#include <array>

namespace smarthl7::route {
namespace {

enum class Code : std::uint8_t { none, aa, ae, ar, ca, ce, cr };
struct Cell {
  Code commit;
  Code application;
};

constexpr std::size_t kVerdicts = 5;
constexpr std::size_t kAsked = 5;
constexpr std::array<Cell, 2 * kVerdicts * kAsked * kAsked> kCells = {{
#include "stdlib/route/ack_table.inc"
}};

[[nodiscard]] std::optional<hl7::AckCode> code_of(Code code) {
  if (code == Code::none) return std::nullopt;
  return static_cast<hl7::AckCode>(static_cast<std::uint8_t>(code) - 1);
}

[[nodiscard]] bool is(std::string_view value, std::string_view word) {
  return value.size() == 2 && (value[0] & ~0x20) == word[0] && (value[1] & ~0x20) == word[1];
}

}  // namespace

AckAsked ack_asked(std::string_view value) {
  if (value.empty() || value == "\"\"") return AckAsked::empty;
  if (is(value, "NE")) return AckAsked::never;
  if (is(value, "ER")) return AckAsked::on_error;
  if (is(value, "SU")) return AckAsked::on_success;
  return AckAsked::always;
}

AckAnswers ack_answers(AckOf of, hl7::Verdict verdict, AckAsked commit, AckAsked application) {
  std::size_t at = static_cast<std::size_t>(of);
  at = at * kVerdicts + static_cast<std::size_t>(verdict);
  at = at * kAsked + static_cast<std::size_t>(commit);
  at = at * kAsked + static_cast<std::size_t>(application);
  return {code_of(kCells[at].commit), code_of(kCells[at].application)};
}

AckAnswers ack_answers(const hl7::Message& message, hl7::Verdict verdict) {
  const AckOf of = hl7::is_acknowledgement(message) ? AckOf::answer : AckOf::message;
  return ack_answers(of, verdict, ack_asked(message.accept_ack_type()), ack_asked(message.application_ack_type()));
}

}  // namespace smarthl7::route
