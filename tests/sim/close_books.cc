// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/close_books.h"

#include <set>

#include "tests/sim/traffic.h"

namespace smarthl7::sim {

namespace {

constexpr std::uint32_t kAll = 1'000'000;
constexpr std::uint32_t kByFlow = 0xFFFFFFFFU;

env::Task<Result<std::string>> body_of(store::Store* store, store::MessageId id, std::optional<std::uint32_t> delivery) {
  store::AuditRecord record;
  record.actor = "the checker";
  record.act = "read body";
  Result<SharedBytes> body = co_await store->read_body(id, delivery, record);
  if (!body) co_return std::unexpected(std::move(body).error());
  co_return std::string(body->view());
}

env::Task<std::optional<Error>> list_messages(store::Store* store, Books* books) {
  store::MessageFilter filter;
  filter.limit = kAll;
  Result<std::vector<store::MessageRow>> rows = co_await store->messages(filter);
  if (!rows) co_return std::move(rows).error();
  for (const store::MessageRow& row : *rows) {
    if (row.state == "rejected" || row.state == "duplicate") continue;
    std::optional<std::uint32_t> received;
    Result<std::string> body = co_await body_of(store, row.id, received);
    if (!body) co_return std::move(body).error();
    Result<store::Trace> trace = co_await store->trace(row.id);
    if (!trace) co_return std::move(trace).error();
    const bool is_batch = body->starts_with("FHS") || body->starts_with("BHS");
    if (is_batch && !row.replay) {
      Books::Batch& batch = books->batches[field_of(*body, "BHS", 10)];  // BHS-11: the first separator is BHS-1 itself
      batch.id = row.id;
      batch.trace = std::move(*trace);
      continue;
    }
    Result<std::vector<store::DeliveryState>> deliveries = co_await store->deliveries(row.id);
    if (!deliveries) co_return std::move(deliveries).error();
    Books::Message& message = (row.replay ? books->replays : books->messages)[row.id];
    message.identity = is_batch ? field_of(*body, "BHS", 10) : identity_of(*body);
    message.trace = std::move(*trace);
    message.deliveries = std::move(*deliveries);
  }
  co_return std::nullopt;
}

env::Task<std::optional<Error>> list_dead(store::Store* store, Books* books) {
  std::optional<std::string> all;
  Result<std::vector<store::DeadLetter>> dead = co_await store->dead_letters(all, 0, kAll);
  if (!dead) co_return std::move(dead).error();
  for (const store::DeadLetter& letter : *dead) {
    std::optional<std::uint32_t> delivery;
    if (letter.delivery.number != kByFlow) delivery = letter.delivery.number;
    Result<std::string> body = co_await body_of(store, letter.delivery.message, delivery);
    if (!body) co_return std::move(body).error();
    Books::Delivery& entry = books->dead.emplace_back();
    entry.destination = letter.destination;
    entry.identity = identity_of(*body);
    entry.reason = letter.reason;
  }
  co_return std::nullopt;
}

}  // namespace

env::Task<std::optional<Error>> close_books(store::Store* store, Books* books) {
  std::optional<Error> error = co_await list_messages(store, books);
  if (error) co_return error;
  error = co_await list_dead(store, books);
  if (error) co_return error;
  std::optional<std::string> all;
  Result<std::vector<store::Ambiguity>> listed = co_await store->ambiguities(all, 0, kAll);
  if (!listed) co_return std::move(listed).error();
  books->ambiguities = std::move(*listed);
  co_return std::nullopt;
}

}  // namespace smarthl7::sim
