// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/folder/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "runtime/env/crash_point.h"
#include "runtime/transport/folder/placing.h"
#include "stdlib/base/name_pattern.h"

namespace smarthl7::transport::folder {

namespace {

constexpr std::size_t kWindow = 128;               // messages of a file on their way into the store at a time ...
constexpr std::uint64_t kWindowBytes = 8 << 20;    // ... and their bytes; one message always
constexpr std::chrono::seconds kLongestPause{30};  // between two looks, while something is in the way
constexpr std::chrono::minutes kRefusedPause{5};   // after a login that was refused: asking again and again locks accounts ...
constexpr std::chrono::seconds kRenewedPause{2};   // ... unless it is another login meanwhile

std::string lock_mark(const std::string& hub) { return ".taking-" + hub + "-"; }

std::uint64_t version_of(const FileScan& scan) {
  HashKey key;
  std::memcpy(key.data(), &scan.content.high, 8);
  std::memcpy(key.data() + 8, &scan.content.low, 8);
  char facts[16];
  std::memcpy(facts, &scan.facts.size, 8);
  std::memcpy(facts + 8, &scan.facts.changed, 8);
  const std::uint64_t version = keyed_hash(key, {facts, sizeof facts}).low;
  return version == 0 ? 1 : version;
}

}  // namespace

bool is_lock_name(std::string_view name) {
  constexpr std::size_t kMost = 32;
  return name.size() <= kMost && std::ranges::all_of(name, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
         });
}

struct FolderSource::Flight {
  FolderSource* source = nullptr;
  FileMessage message;  // its bytes are the receiver's by now
  std::uint64_t size = 0;
  Received received;
  Reply reply;
  SharedBytes later;
  bool done = false;
};

struct FolderSource::Taking {
  Found found;
  FileScan scan;
  Hash128 place;
  std::uint64_t version = 0;
  std::uint64_t known = 0;  // messages of it that are durable already
  std::shared_ptr<MessageStream> stream;
  std::shared_ptr<AnswerFile> answers;
  std::deque<Flight> window;
  std::uint64_t window_bytes = 0;
  bool kept = true;
  env::Signal answered;
  env::Gate gate;
};

FolderSource::FolderSource(SourceSettings settings, std::unique_ptr<FileSystem> files, EnvSet envs, Receiver* receiver)
    : settings_(std::move(settings)),
      lock_mark_(settings_.lock.empty() ? std::string() : lock_mark(settings_.lock)),
      files_(std::move(files)),
      envs_(std::move(envs)),
      env_(envs_.front()),
      receiver_(receiver),
      peer_(std::make_shared<const Peer>(Peer{1, settings_.where, {}})) {}

FolderSource::~FolderSource() = default;

env::Task<Result<void>> FolderSource::start() {
  stopping_ = false;
  gate_.spawn(run());
  co_return Result<void>{};
}

env::Task<void> FolderSource::stop(SteadyTime deadline) {
  stopping_ = true;
  wake_.notify_all();
  stop_gate_.spawn(interrupt_at(deadline));
  co_await gate_.drained();
  ended_.notify_all();
  co_await stop_gate_.drained();
}

/// A server that does not answer holds nobody up for longer.
env::Task<void> FolderSource::interrupt_at(SteadyTime deadline) {
  const bool ended = co_await ended_.wait(deadline);
  if (!ended) files_->interrupt();
}

SourceStats FolderSource::stats() const {
  SourceStats stats;
  stats.frames = frames_;
  stats.bytes_in = bytes_in_;
  stats.files = taken_;
  stats.failed_files = failed_;
  stats.left_alone = left_alone_;
  const std::lock_guard lock(mutex_);
  stats.trouble = trouble_;
  return stats;
}

void FolderSource::tell(const Error* trouble) {
  const std::lock_guard lock(mutex_);
  trouble_ = trouble == nullptr ? std::string() : trouble->describe();
}

Hash128 FolderSource::place_of(const std::string& name) const {
  const std::string& folder = settings_.known_as.empty() ? settings_.read : settings_.known_as;
  return keyed_hash(HashKey{}, folder + '\0' + name);
}

env::Task<void> FolderSource::run() {
  std::chrono::nanoseconds pause = settings_.every;
  while (!stopping_) {
    Result<void> looked = co_await look();
    if (stopping_) break;
    tell(looked ? nullptr : &looked.error());
    const bool refused = !looked && looked.error().code == ErrorCode::refused;
    pause = looked ? settings_.every
                   : std::min<std::chrono::nanoseconds>(pause * 2,
                                                        std::max<std::chrono::nanoseconds>(settings_.every, kLongestPause));
    SteadyTime next = env_.executor.now() + pause;
    if (refused) {
      const SteadyTime latest = env_.executor.now() + std::max<std::chrono::nanoseconds>(pause, kRefusedPause);
      for (next += kRenewedPause; next < latest && !stopping_ && !files_->renewed(); next += kRenewedPause)
        co_await wake_.wait(next);
      continue;
    }
    co_await wake_.wait(next);
  }
}

/// Takes what stands still, in order; a file that does not, or cannot be taken now, is waited for, and so are those behind it.
env::Task<Result<void>> FolderSource::look() {
  Result<void> reached = co_await files_->reach(env_);
  if (!reached) co_return reached;
  std::move_only_function<Result<std::vector<FileFacts>>()> list = [this] { return files_->list(settings_.read); };
  Result<std::vector<FileFacts>> listed = co_await blocking(std::move(list));
  if (!listed) co_return std::unexpected(std::move(listed).error());
  const std::vector<Found> files = note(std::move(*listed));
  for (const Found& found : files) {
    if (stopping_) break;
    const auto seen = seen_.find(found.lies_as);
    if (seen == seen_.end() || env_.executor.now() - seen->second.since < settings_.stable) break;
    Found wanted = found;
    Result<Next> next = co_await take_file(std::move(wanted));
    if (!next) co_return std::unexpected(std::move(next).error());
    seen_.erase(found.lies_as);
    if (*next == Next::later) break;
  }
  co_return Result<void>{};
}

/// What of it is a file to be taken, in order; since when each stands still is in seen_.
std::vector<FolderSource::Found> FolderSource::note(std::vector<FileFacts> listed) {
  std::map<std::string, Seen> seen;
  std::vector<Found> files;
  std::uint64_t left = 0;
  const SteadyTime now = env_.executor.now();
  for (FileFacts& facts : listed) {
    Found found{std::move(facts), {}, false};
    found.lies_as = found.facts.name;
    found.locked = !lock_mark_.empty() && found.lies_as.starts_with(lock_mark_);
    if (found.locked) found.facts.name.erase(0, lock_mark_.size());
    if (!fits_pattern(found.facts.name, settings_.pattern) || found.lies_as.starts_with(kTemporaryPrefix)) continue;
    if (!found.facts.regular) {
      ++left;
      continue;
    }
    const auto before = seen_.find(found.lies_as);
    const bool still = before != seen_.end() && before->second.facts.same_as(found.facts);
    seen.emplace(found.lies_as, Seen{found.facts, still ? before->second.since : now});
    files.push_back(std::move(found));
  }
  left_alone_ = left;
  seen_ = std::move(seen);
  std::ranges::sort(files, [this](const Found& a, const Found& b) {
    if (a.locked != b.locked) return a.locked;  // those were begun
    if (settings_.order == FileOrder::time && a.facts.changed != b.facts.changed) return a.facts.changed < b.facts.changed;
    return a.facts.name < b.facts.name;
  });
  return files;
}

/// Of several hubs that try it, one succeeds. Its own name is then another one, so a hub that was killed finds it again.
env::Task<Result<FolderSource::Next>> FolderSource::lock(Found* found) {
  std::move_only_function<Result<void>()> moving = [this, found]() -> Result<void> {
    const std::string marked = lock_mark_ + found->facts.name;
    TRY_VOID(files_->move(settings_.read, found->lies_as, settings_.read, marked));
    found->lies_as = marked;
    return files_->sync(settings_.read);
  };
  Result<void> moved = co_await blocking(std::move(moving));
  if (!moved && moved.error().code == ErrorCode::not_found) co_return Next::gone;  // another one has it
  if (!moved && moved.error().code == ErrorCode::exists) co_return Next::later;    // an older one of this name comes first
  if (!moved) co_return std::unexpected(std::move(moved).error());
  found->locked = true;
  co_return Next::later;
}

env::Task<Result<FolderSource::Next>> FolderSource::take_file(Found found) {
  Taking taking;
  if (!lock_mark_.empty() && !found.locked) {
    Result<Next> locked = co_await lock(&found);
    if (!locked || !found.locked) co_return locked;
  }
  taking.found = found;
  const FileFacts& facts = found.facts;
  std::move_only_function<Result<FileScan>()> scanning = [this, &found]() -> Result<FileScan> {
    TRY(const auto reader, files_->open(settings_.read, found.lies_as));
    return scan_file(*reader, settings_.largest, stopping_);
  };
  Result<FileScan> scan = co_await blocking(std::move(scanning));
  if (!scan && (stopping_ || scan.error().code == ErrorCode::not_found || scan.error().code == ErrorCode::refused))
    co_return Next::later;  // it has gone meanwhile, or has become a link
  if (!scan) co_return std::unexpected(std::move(scan).error());
  taking.scan = std::move(*scan);
  if (taking.scan.moved || !taking.scan.facts.same_as(facts)) co_return Next::later;
  taking.place = place_of(facts.name);
  taking.version = version_of(taking.scan);
  Result<InFile> progress = co_await receiver_->progress_of(taking.place);
  if (!progress) co_return std::unexpected(std::move(progress).error());
  if (progress->version == taking.version) {
    taking.known = progress->number;
  } else if (progress->version != 0 && !progress->last) {
    std::string why =
        fmt::format("it is not the file of this name of which {} messages were taken: it changed meanwhile", progress->number);
    Result<Next> aside = co_await put_aside(std::move(found), taking.place, std::move(why));
    co_return aside;
  }
  if (std::string why = taking.scan.fault(settings_.envelope_matters); !why.empty() && taking.known == 0) {
    Result<Next> aside = co_await put_aside(std::move(found), taking.place, std::move(why));
    co_return aside;
  }
  Result<Next> next = co_await take_messages(&taking);
  while (!taking.window.empty()) {  // whatever happened: the receiver gives every message back
    while (!taking.window.front().done) co_await taking.answered.wait();
    taking.window.pop_front();
  }
  co_await taking.gate.drained();
  co_return next;
}

env::Task<Result<FolderSource::Next>> FolderSource::take_messages(Taking* taking) {
  FileScan& scan = taking->scan;
  if (!settings_.answers.empty()) {
    const FileFacts& facts = taking->found.facts;
    const WallTime changed{std::chrono::microseconds(facts.changed / 1000)};
    taking->answers =
        std::make_shared<AnswerFile>(*files_, settings_.answers, facts.name, to_hl7_timestamp(changed), scan.findings);
  }
  std::move_only_function<Result<std::shared_ptr<MessageStream>>()> opening =
      [this, taking, &scan]() -> Result<std::shared_ptr<MessageStream>> {
    if (scan.kept_whole) return std::make_shared<MessageStream>(std::move(scan.whole), nullptr);
    TRY(auto reader, files_->open(settings_.read, taking->found.lies_as));
    return std::make_shared<MessageStream>(std::string(), std::move(reader));
  };
  Result<std::shared_ptr<MessageStream>> stream = co_await blocking(std::move(opening));
  if (!stream) co_return std::unexpected(std::move(stream).error());
  taking->stream = std::move(*stream);
  for (;;) {
    std::move_only_function<Result<std::vector<FileMessage>>()> reading = [taking] {
      return taking->stream->next(taking->known);
    };
    Result<std::vector<FileMessage>> chunk = co_await blocking(std::move(reading));
    if (!chunk) co_return std::unexpected(std::move(chunk).error());
    if (chunk->empty()) break;
    for (FileMessage& message : *chunk) {
      if (stopping_) co_return Next::later;
      FileMessage one = std::move(message);
      Result<void> handed = co_await hand_over(taking, std::move(one));
      if (!handed) co_return std::unexpected(std::move(handed).error());
      if (!taking->kept) co_return fail(ErrorCode::full, "the store cannot take more now");
    }
  }
  Result<void> all = co_await take_answers(taking, 0);
  if (!all) co_return std::unexpected(std::move(all).error());
  if (!taking->kept) co_return fail(ErrorCode::full, "the store cannot take more now");
  std::move_only_function<Result<FileFacts>()> asking = [this, taking]() -> Result<FileFacts> {
    TRY(const auto reader, files_->open(settings_.read, taking->found.lies_as));
    return reader->facts();
  };
  Result<FileFacts> now = co_await blocking(std::move(asking));
  if (!now) co_return std::unexpected(std::move(now).error());
  if (!now->same_as(taking->found.facts)) {
    std::string why = fmt::format("it changed while it was taken: {} messages of what it held before are stored",
                                  std::max(taking->known, scan.messages));
    Found found = taking->found;
    Result<Next> aside = co_await put_aside(std::move(found), taking->place, std::move(why));
    co_return aside;
  }
  Result<void> finished = co_await finish(taking);
  if (!finished) co_return std::unexpected(std::move(finished).error());
  receiver_->file_gone(taking->place);
  ++taken_;
  co_return Next::gone;
}

/// In the order of the file: what was taken before a restart has its answer from the store, the rest goes to the receiver.
env::Task<Result<void>> FolderSource::hand_over(Taking* taking, FileMessage message) {
  const std::uint64_t number = message.at.number;
  InFile where;
  where.place = taking->place;
  where.version = taking->version;
  where.number = number;
  if (number <= taking->known) {
    if (!taking->answers) co_return Result<void>{};
    Result<SharedBytes> known = co_await receiver_->answer_in_file(std::move(where));
    if (!known) co_return std::unexpected(std::move(known).error());
    Result<void> added = co_await answer(taking, std::move(message), std::move(*known));
    co_return added;
  }
  where.keep_answer = taking->answers != nullptr;
  where.last = number == taking->scan.messages;
  where.note = fmt::format("message {} of {} of \"{}\"", number, taking->scan.messages, taking->found.facts.name);
  if (taking->scan.envelope) where.note += ": " + hl7::describe(message.at);
  if (taking->scan.finding_count > 0) where.note += "; expected in its envelope: " + taking->scan.findings.front().text;
  Flight& flight = taking->window.emplace_back();
  flight.source = this;
  flight.size = message.bytes.size();
  flight.received.message = std::move(message.bytes);
  flight.received.peer = peer_;
  flight.received.at = env_.clock.wall();
  flight.received.at_steady = env_.executor.now();
  flight.received.in_file = std::move(where);
  flight.message = std::move(message);
  taking->window_bytes += flight.size;
  ++frames_;
  bytes_in_ += flight.size;
  taking->gate.spawn(hand_one(&flight, &taking->answered));
  const bool too_much = taking->window_bytes > kWindowBytes;
  Result<void> taken = co_await take_answers(taking, too_much ? 0 : kWindow - 1);
  co_return taken;
}

env::Task<void> FolderSource::hand_one(Flight* flight, env::Signal* answered) {
  Received received = std::move(flight->received);
  Reply reply = co_await flight->source->receiver_->on_message(std::move(received));
  if (reply.later) {
    SharedBytes later = co_await *reply.later;
    flight->later = std::move(later);
  }
  flight->reply = std::move(reply);
  flight->done = true;
  answered->notify_all();
}

/// From the front, until so many are left that wait.
env::Task<Result<void>> FolderSource::take_answers(Taking* taking, std::size_t most_waiting) {
  while (!taking->window.empty()) {
    if (!taking->window.front().done) {
      if (taking->window.size() <= most_waiting) break;
      co_await taking->answered.wait();
      continue;
    }
    Flight flight = std::move(taking->window.front());
    taking->window.pop_front();
    taking->window_bytes -= flight.size;
    taking->kept = taking->kept && flight.reply.kept;
    receiver_->answer_written(flight.reply.token, true);
    if (!taking->answers || !taking->kept) continue;
    std::string bytes;
    for (const SharedBytes* one : {&flight.reply.answer, &flight.reply.second, &flight.later}) bytes += one->view();
    SharedBytes whole(std::move(bytes));
    Result<void> added = co_await answer(taking, std::move(flight.message), std::move(whole));
    if (!added) co_return std::unexpected(std::move(added).error());
  }
  co_return Result<void>{};
}

env::Task<Result<void>> FolderSource::answer(Taking* taking, FileMessage message, SharedBytes bytes) {
  std::move_only_function<Result<void>()> adding = [taking, &message, &bytes] {
    return taking->answers->add(message, bytes.view());
  };
  Result<void> added = co_await blocking(std::move(adding));
  co_return added;
}

/// All of its messages are durable: its answer first, then the file itself. After a crash in between this is done again.
env::Task<Result<void>> FolderSource::finish(Taking* taking) {
  env::crash_point(env::CrashPoint::between_commit_and_ack);
  std::move_only_function<Result<void>()> finishing = [this, taking]() -> Result<void> {
    taking->stream.reset();
    if (taking->answers) TRY_VOID(taking->answers->finish());
    const Found& found = taking->found;
    if (settings_.done.empty()) {
      TRY_VOID(files_->remove(settings_.read, found.lies_as));
      return files_->sync(settings_.read);
    }
    TRY([[maybe_unused]] const Placed placed,
        place_file(*files_, settings_.read, found.lies_as, settings_.done, found.facts.name, false));
    TRY_VOID(files_->sync(settings_.done));
    return files_->sync(settings_.read);
  };
  Result<void> finished = co_await blocking(std::move(finishing));
  co_return finished;
}

/// The reason first: a file without one says nothing.
env::Task<Result<FolderSource::Next>> FolderSource::put_aside(Found found, Hash128 place, std::string why) {
  const std::string at = to_iso8601(env_.clock.wall());
  std::move_only_function<Result<void>()> moving = [this, &found, &why, &at]() -> Result<void> {
    for (unsigned number = 1;; ++number) {
      const std::string wanted = numbered(found.facts.name, number);
      const auto taken = files_->open(settings_.failed, wanted);
      if (taken || taken.error().code != ErrorCode::not_found) {
        if (number < 1000) continue;
        return fail(ErrorCode::full, "too many files of one name in " + settings_.failed);
      }
      const std::string temporary = temporary_name(wanted + ".reason");
      TRY(auto out, files_->create(settings_.failed, temporary));
      TRY_VOID(out->write(fmt::format("{} not taken from {}: {}\n", at, settings_.where, why)));
      TRY_VOID(out->finish());
      out.reset();
      TRY_VOID(files_->replace(settings_.failed, temporary, wanted + ".reason"));
      auto moved = files_->move(settings_.read, found.lies_as, settings_.failed, wanted);
      if (!moved && moved.error().code == ErrorCode::exists) continue;
      TRY_VOID(std::move(moved));
      TRY_VOID(files_->sync(settings_.failed));
      return files_->sync(settings_.read);
    }
  };
  Result<void> moved = co_await blocking(std::move(moving));
  if (!moved) co_return std::unexpected(std::move(moved).error());
  receiver_->file_gone(place);
  ++failed_;
  co_return Next::gone;
}

}  // namespace smarthl7::transport::folder
