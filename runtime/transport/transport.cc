// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/transport.h"

#include "stdlib/base/assert.h"

namespace smarthl7::transport {

env::Task<Result<InFile>> Receiver::progress_of(Hash128 place) {
  InFile nothing;
  nothing.place = place;
  co_return nothing;
}

env::Task<Result<SharedBytes>> Receiver::answer_in_file(InFile /*where*/) { co_return SharedBytes(); }

std::string_view name_of(EventKind kind) {
  switch (kind) {
    case EventKind::opened: return "opened";
    case EventKind::closed: return "closed";
    case EventKind::refused: return "refused";
    case EventKind::broken: return "broken";
    case EventKind::bad_frame: return "bad frame";
    case EventKind::timed_out: return "timed out";
    case EventKind::tolerated_ending: return "tolerated ending";
    case EventKind::noise: return "noise";
  }
  SMARTHL7_UNREACHABLE("an event kind without a name");
}

}  // namespace smarthl7::transport
