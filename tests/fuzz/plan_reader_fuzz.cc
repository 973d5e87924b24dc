// SPDX-License-Identifier: Apache-2.0
// Any bytes as a plan: refused with an error, or a plan that can be described, bound, run over a message and written again as
// the same plan. The first byte chooses whether the rest is a file as it stands or the body behind a right header, which
// otherwise no input would ever have. Corpus: tests/fuzz/corpus/plan_reader.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "compiler/plan/plan_file.h"
#include "runtime/eval/evaluator.h"
#include "stdlib/base/digest.h"

namespace {

using namespace smarthl7;

constexpr std::string_view kMessage =
    "MSH|^~\\&|A|B|C|D|20261123||ORU^R01^ORU_R01|1|P|2.5.1\r"
    "PID|1||1^^^M^MR~2^^^N^PI||Smith^Anna||1970|F\rOBR|1|||1^x^LN\rOBX|1|NM|2^y^LN||5.4|mmol/L|||||F\rNTE|1|L|a \\T\\ b\r";

std::string with_header(std::string_view body) {
  std::string file = "SH7PLAN\n";
  for (unsigned i = 0; i < 4; ++i) file.push_back(static_cast<char>((plan::kSchemaVersion >> (8 * i)) & 0xFFU));
  file.append(4, '\0');
  const Sha256 digest = sha256(body);
  file.append(reinterpret_cast<const char*>(digest.data()), digest.size());
  return file.append(body);
}

void use(const plan::Plan& plan) {
  const std::string text = plan::describe_plan(plan);
  const std::string bytes = plan::write_plan(plan);
  const auto again = plan::read_plan(bytes);
  if (!again || !(*again == plan) || plan::write_plan(*again) != bytes) std::abort();
  const auto bound = eval::bind(plan, {}, {});
  if (!bound) return;
  const auto message = hl7::Message::parse(kMessage);
  const auto evaluator = eval::make_evaluator(*bound);
  for (plan::Id source = 0; source < plan.sources.size() && source < 4; ++source) {
    if (evaluator->evaluate(source, *message).flows.size() > plan.flows.size()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto plan = plan::read_plan(data[0] == 'f' ? std::string(bytes) : with_header(bytes));
  if (plan) use(*plan);
  return 0;
}
