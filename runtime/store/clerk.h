// SPDX-License-Identifier: Apache-2.0
// Does what people ask (acts.h) with the writer: one act after the other, each looked up in the state, decided with the group
// that commits it, and told about once it is durable. Ownership: part of its Writer. Threads: calls from any executor; put_*()
// on the writer's. Failure: as acts.h says; after a full disk nothing of the refused group was done.
#pragma once

#include <atomic>
#include <deque>

#include "runtime/store/writer.h"

namespace smarthl7::store {

class Clerk final : public Acts {
 public:
  explicit Clerk(Writer& writer) : writer_(writer) {}

  env::Task<Result<std::vector<Letter>>> letters(LetterFilter filter) override;
  env::Task<Result<SharedBytes>> letter_body(Chosen letter, AuditRecord record) override;
  env::Task<Result<std::vector<ReplayVerdict>>> replay(ReplayWish wish, ByWhom whom) override;
  void end_replays() override { ending_.store(true, std::memory_order_relaxed); }
  env::Task<Result<Letter>> edit(Chosen letter, SharedBytes body, std::string difference, ByWhom whom) override;
  env::Task<Result<std::vector<DropVerdict>>> drop(Choice choice, ByWhom whom) override;
  env::Task<Result<std::vector<LedgerEntry>>> ledger(LedgerFilter filter) override;
  env::Task<Result<std::uint64_t>> resolve(std::string destination, MessageId through, std::string outcome,
                                           ByWhom whom) override;
  env::Task<Result<std::vector<SharedBytes>>> bodies(std::vector<DeliveryId> deliveries, AuditRecord record) override;
  env::Task<Result<std::vector<Hold>>> holds() override;
  env::Task<Result<void>> hold(std::string name, std::uint32_t lane, ByWhom whom) override;
  env::Task<Result<void>> release(std::string name, std::uint32_t lane, ByWhom whom) override;

 private:
  struct Page;   // letters that are looked at together
  struct Chunk;  // of these, what one commit takes

  env::Task<bool> turn();
  void pass_turn();
  env::Task<Result<void>> commit(std::function<void(Writer::Group&)> put, bool grows = false);
  env::Task<Result<void>> record(AuditRecord record, MessageId message);

  env::Task<Result<void>> replay_all(const ReplayWish* wish, const ByWhom* whom, std::vector<ReplayVerdict>* verdicts);
  env::Task<Result<void>> replay_page(Page* page);
  env::Task<Result<void>> look(Page* page);
  env::Task<Result<void>> replay_chunk(Page* page, std::size_t* next);
  void put_replays(Writer::Group& group, Chunk& chunk);
  void put_replay(Writer::Group& group, Chunk& chunk, std::size_t at, Destination& destination);
  env::Task<Result<Letter>> edit_one(Chosen letter, const SharedBytes* body, const std::string* difference, const ByWhom* whom);
  env::Task<Result<void>> drop_all(const Choice* choice, const ByWhom* whom, std::vector<DropVerdict>* verdicts);
  env::Task<Result<std::uint64_t>> resolve_open(const std::string* destination, MessageId through, const std::string* outcome,
                                                const ByWhom* whom);
  env::Task<Result<void>> hold_or_release(ActKind kind, std::string name, std::uint32_t lane, ByWhom whom);

  Writer& writer_;
  std::atomic<bool> ending_ = false;
  bool acting_ = false;                           // writer's
  std::deque<env::Completion<bool>*> waiting_{};  // writer's
};

}  // namespace smarthl7::store
