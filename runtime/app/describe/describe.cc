// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/describe/describe.h"

#include <fmt/format.h>

#include "runtime/app/describe/subject.h"

namespace smarthl7::app::describing {

Answer describe(const Request& request) {
  Answer answer;
  const hl7::VersionMatch match = hl7::find_version(request.version);
  if (!match.version) {
    std::string names;
    for (std::size_t n = 0; n < hl7::version_count(); ++n)
      names += fmt::format("{}{}", n == 0 ? "" : ", ", hl7::version_at(n).name());
    answer.complaint = fmt::format("`{}` is no version of HL7\nhelp: the versions are {}", request.version, names);
    return answer;
  }
  if (!match.exact) {
    answer.complaint =
        fmt::format("note: there are no facts of HL7 {} here; these are those of {}", request.version, match.version.name());
  }
  const Found found = find_subject(match.version, request.what);
  if (!found.subject) {
    answer.complaint = found.complaint;
    return answer;
  }
  answer.found = true;
  answer.text = request.json ? as_json(match.version, *found.subject) : as_text(match.version, *found.subject, request.colours);
  return answer;
}

}  // namespace smarthl7::app::describing
