// SPDX-License-Identifier: Apache-2.0
#include "runtime/sim/injected.h"

namespace smarthl7::sim {

std::string_view name_of(Injected kind) {
  switch (kind) {
    case Injected::delayed: return "delayed bytes";
    case Injected::split: return "writes in pieces";
    case Injected::overtaken: return "bytes before older ones of another connection";
    case Injected::cut: return "connections cut in a write";
    case Injected::refused: return "connects refused";
    case Injected::late_answer: return "late answers";
    case Injected::no_answer: return "no answers";
    case Injected::wrong_answer: return "answers for another message";
    case Injected::cut_answer: return "answers with half of the id";
    case Injected::garbage_answer: return "garbage answers";
    case Injected::half_answer: return "half answers";
    case Injected::twice_answered: return "doubled answers";
    case Injected::hung_up: return "connections closed instead of an answer";
    case Injected::refused_for_now: return "refusals for now";
    case Injected::refused_for_good: return "refusals for good";
    case Injected::answered_elsewhere: return "answers over a connection of their own";
    case Injected::receiver_away: return "receivers away";
    case Injected::half_message: return "half messages";
    case Injected::nested_frame: return "frames inside a frame";
    case Injected::noise: return "noise between frames";
    case Injected::impatient: return "senders that hang up before the answer";
    case Injected::copy: return "copies at once";
    case Injected::late_copy: return "copies later";
    case Injected::conflict: return "other bytes under the same id";
    case Injected::killed_between_steps: return "ends at a suspension point";
    case Injected::killed_at_point: return "ends at a named point";
    case Injected::killed_at_operation: return "ends at an operation of disk or network";
    case Injected::power_lost: return "of these, losses of power";
    case Injected::lost_write: return "unsynced writes lost";
    case Injected::torn_write: return "unsynced writes torn";
    case Injected::failed_sync: return "failed syncs";
    case Injected::slow_sync: return "slow syncs";
    case Injected::low_disk: return "disks nearly full";
    case Injected::full_disk: return "writes that found the disk full";
    case Injected::clock_jump: return "clock jumps";
    case Injected::stopped: return "hubs stopped and started";
    case Injected::plan_replaced: return "plans replaced";
    case Injected::plan_refused: return "plans refused for a queue";
    case Injected::lane_resumed: return "held lanes let go";
    case Injected::replayed: return "dead letters replayed";
    case Injected::replay_refused: return "replays refused";
    case Injected::replay_repeated: return "requests for a replay repeated in the next life";
  }
  return "?";
}

}  // namespace smarthl7::sim
