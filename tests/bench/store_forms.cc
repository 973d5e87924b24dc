// SPDX-License-Identifier: Apache-2.0
// The three forms of the store that ADR 0001 weighs, on the rows that the hub writes, with many dedup keys there before:
//   a  everything in SQLite (WAL, synchronous=FULL)
//   b  bodies synced to a segment file, then the SQLite commit that refers to them
//   c  one journal record per group, synced once; SQLite (synchronous=NORMAL) brought up to date from it in large transactions
// store_forms [KEYS [SECONDS]] prints a table. Syncs and bytes are counted at the calls of the C library.
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace {
std::uint64_t g_syncs = 0;
}

extern "C" int fdatasync(int file) {
  ++g_syncs;
  return static_cast<int>(::syscall(SYS_fdatasync, file));
}
extern "C" int fsync(int file) {
  ++g_syncs;
  return static_cast<int>(::syscall(SYS_fsync, file));
}

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kBody = 2500;
constexpr int kFacts = 230;  // what a group's entry says of a message apart from its body

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::uint64_t bytes_written() {
  std::ifstream in("/proc/self/io");
  std::string name;
  std::uint64_t value = 0;
  while (in >> name >> value)
    if (name == "wchar:") return value;
  return 0;
}

double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

class Sqlite {
 public:
  Sqlite(const std::string& path, const char* synchronous) {
    check(sqlite3_open(path.c_str(), &handle_));
    run("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA cache_size=-65536;");
    run(std::string("PRAGMA synchronous=") + synchronous);
    run("CREATE TABLE IF NOT EXISTS bodies (id INTEGER PRIMARY KEY, body BLOB);"
        "CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, place INTEGER, received INTEGER, source INTEGER, type "
        "TEXT, control INTEGER);"
        "CREATE TABLE IF NOT EXISTS keys (key BLOB PRIMARY KEY, message INTEGER, expires INTEGER) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS queue (message INTEGER PRIMARY KEY, destination INTEGER, released INTEGER);"
        "CREATE TABLE IF NOT EXISTS trace (id INTEGER PRIMARY KEY, message INTEGER, what TEXT)");
  }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;
  ~Sqlite() {
    for (auto& [text, statement] : prepared_) sqlite3_finalize(statement);
    sqlite3_close(handle_);
  }
  void run(const std::string& sql) { check(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr)); }
  template <class... T>
  void insert(const char* sql, const T&... values) {
    sqlite3_stmt*& statement = prepared(sql);
    int at = 0;
    (bind(statement, ++at, values), ...);
    if (sqlite3_step(statement) != SQLITE_DONE) fail();
    sqlite3_reset(statement);
  }

 private:
  static void bind(sqlite3_stmt* statement, int at, std::uint64_t value) {
    sqlite3_bind_int64(statement, at, static_cast<sqlite3_int64>(value));
  }
  static void bind(sqlite3_stmt* statement, int at, const std::string& value) {
    sqlite3_bind_blob(statement, at, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
  }
  sqlite3_stmt*& prepared(const char* sql) {
    for (auto& [text, statement] : prepared_)
      if (text == sql) return statement;
    prepared_.emplace_back(sql, nullptr);
    check(sqlite3_prepare_v2(handle_, sql, -1, &prepared_.back().second, nullptr));
    return prepared_.back().second;
  }
  void check(int code) {
    if (code != SQLITE_OK) fail();
  }
  [[noreturn]] void fail() {
    fmt::print(stderr, "SQLite: {}\n", sqlite3_errmsg(handle_));
    std::exit(1);
  }
  sqlite3* handle_ = nullptr;
  std::vector<std::pair<const char*, sqlite3_stmt*>> prepared_;
};

class AppendFile {
 public:
  explicit AppendFile(const std::string& path) : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {}
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;
  ~AppendFile() { ::close(file_); }
  std::uint64_t append(const std::vector<std::string_view>& pieces) {
    const std::uint64_t before = size_;
    std::vector<iovec> parts;
    for (const auto piece : pieces) parts.push_back({const_cast<char*>(piece.data()), piece.size()});
    for (std::size_t at = 0; at < parts.size(); at += 512) {
      const auto wrote = ::writev(file_, &parts[at], static_cast<int>(std::min<std::size_t>(512, parts.size() - at)));
      if (wrote < 0) std::exit(1);
      size_ += static_cast<std::uint64_t>(wrote);
    }
    return before;
  }
  void sync() {
    if (fdatasync(file_) != 0) std::exit(1);
  }

 private:
  int file_;
  std::uint64_t size_ = 0;
};

struct Messages {  // the work: bodies, and a random key for each
  std::mt19937_64 random{7};
  std::vector<std::string> bodies;
  Messages() {
    for (int i = 0; i < 64; ++i) {
      std::string body(kBody, '|');
      for (char& c : body) c = static_cast<char>('A' + random() % 26);
      bodies.push_back(body);
    }
  }
  std::string key() {
    std::string key(16, '\0');
    const std::uint64_t words[2] = {random(), random()};
    std::copy_n(reinterpret_cast<const char*>(words), 16, key.begin());
    return key;
  }
};

void preload(Sqlite& database, Messages& messages, std::uint64_t keys) {
  database.run("BEGIN");
  for (std::uint64_t i = 0; i < keys; ++i) database.insert("INSERT INTO keys VALUES (?, ?, ?)", messages.key(), i, i);
  database.run("COMMIT");
  database.run("PRAGMA wal_checkpoint(TRUNCATE)");
}

void add_rows(Sqlite& database, Messages& messages, std::uint64_t id, std::uint64_t place) {
  database.insert("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)", id, place, id, std::uint64_t{1}, std::string("ORU^R01"),
                  id * 77);
  database.insert("INSERT INTO keys VALUES (?, ?, ?)", messages.key(), id, id);
  database.insert("INSERT INTO queue VALUES (?, ?, ?)", id, std::uint64_t{1}, std::uint64_t{1});
  database.insert("INSERT INTO trace VALUES (NULL, ?, ?)", id, std::string("stored, answered with AA, released to hospital-1"));
}

void add_outcomes(Sqlite& database, std::uint64_t first, std::uint64_t count) {  // of an earlier group
  for (std::uint64_t id = first; id < first + count; ++id) {
    database.insert("DELETE FROM queue WHERE message=?", id);
    database.insert("INSERT INTO trace VALUES (NULL, ?, ?)", id, std::string("accepted by hospital-1 after 1 attempt: AA"));
  }
}

class FormA {
 public:
  FormA(const std::string& folder, Messages& messages, std::uint64_t keys)
      : messages_(messages), database_(folder + "/a.db", "FULL") {
    preload(database_, messages_, keys);
  }
  void group(std::uint64_t first, std::uint64_t count) {
    database_.run("BEGIN");
    for (std::uint64_t id = first; id < first + count; ++id) {
      database_.insert("INSERT INTO bodies VALUES (?, ?)", id, messages_.bodies[id % 64]);
      add_rows(database_, messages_, id, id);
    }
    if (first > count) add_outcomes(database_, first - count, count);
    database_.run("COMMIT");
  }

 private:
  Messages& messages_;
  Sqlite database_;
};

class FormB {
 public:
  FormB(const std::string& folder, Messages& messages, std::uint64_t keys)
      : messages_(messages), database_(folder + "/b.db", "FULL"), segment_(folder + "/b.seg") {
    preload(database_, messages_, keys);
  }
  void group(std::uint64_t first, std::uint64_t count) {
    std::vector<std::string_view> pieces;
    for (std::uint64_t id = first; id < first + count; ++id) pieces.emplace_back(messages_.bodies[id % 64]);
    const std::uint64_t place = segment_.append(pieces);
    segment_.sync();
    database_.run("BEGIN");
    for (std::uint64_t id = first; id < first + count; ++id) add_rows(database_, messages_, id, place + (id - first) * kBody);
    if (first > count) add_outcomes(database_, first - count, count);
    database_.run("COMMIT");
  }

 private:
  Messages& messages_;
  Sqlite database_;
  AppendFile segment_;
};

// On the one thread of this benchmark; the hub has the state on another. Keys go to sorted runs (64 bytes a key, written twice
// because runs are merged); deliveries that ended before the state caught up leave one row for the message and its trace.
class FormC {
 public:
  FormC(const std::string& folder, Messages& messages, std::uint64_t keys)
      : messages_(messages), database_(folder + "/c.db", "NORMAL"), journal_(folder + "/c.journal"), runs_(folder + "/c.keys") {
    const std::string block(64 * 1024, 'k');
    for (std::uint64_t i = 0; i < keys; i += 1024) runs_.append({block});
    runs_.sync();
  }
  void group(std::uint64_t first, std::uint64_t count) {
    std::vector<std::string_view> pieces;
    for (std::uint64_t id = first; id < first + count; ++id) pieces.emplace_back(messages_.bodies[id % 64]);
    std::string facts;
    for (std::uint64_t i = 0; i < count; ++i) {
      keys_.push_back(messages_.key());
      facts += keys_.back();
      facts.append(kFacts, 'f');
    }
    pieces.emplace_back(facts);
    journal_.append(pieces);
    journal_.sync();
    waiting_ += count;
    if (waiting_ >= 16384) apply(first + count - waiting_, waiting_);
  }

 private:
  void apply(std::uint64_t first, std::uint64_t count) {
    database_.run("BEGIN");
    for (std::uint64_t id = first; id < first + count; ++id)
      database_.insert("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)", id, id, id, std::uint64_t{1},
                       std::string("ORU^R01, 1 of 1 delivered"), id * 77);
    database_.run("COMMIT");
    std::sort(keys_.begin(), keys_.end());
    std::string run;
    for (const std::string& key : keys_) run += key + std::string(48, 'k');
    runs_.append({run, run});
    runs_.sync();
    keys_.clear();
    waiting_ = 0;
  }
  Messages& messages_;
  Sqlite database_;
  AppendFile journal_;
  AppendFile runs_;
  std::vector<std::string> keys_;
  std::uint64_t waiting_ = 0;
};

double raw_rate(const std::string& folder, std::size_t record, double seconds) {
  AppendFile file(folder + "/raw");
  const std::string bytes(record, 'r');
  std::uint64_t count = 0;
  const auto start = Clock::now();
  for (; seconds_since(start) < seconds; ++count) {
    file.append({bytes});
    file.sync();
  }
  std::filesystem::remove(folder + "/raw");
  return static_cast<double>(count) / seconds_since(start);
}

template <class Form>
void measure(const char* name, const std::string& folder, std::uint64_t keys, double seconds) {
  Messages messages;
  auto form = std::make_unique<Form>(folder, messages, keys);
  std::uint64_t next = 1;
  for (const std::uint64_t group : {1U, 8U, 32U, 256U}) {
    const std::uint64_t first = next;
    const std::uint64_t syncs = g_syncs;
    const std::uint64_t written = bytes_written();
    const double processor = processor_seconds();
    const auto start = Clock::now();
    while (seconds_since(start) < seconds) {
      form->group(next, group);
      next += group;
    }
    const double took = seconds_since(start);
    const double busy = processor_seconds() - processor;
    const auto synced = static_cast<double>(g_syncs - syncs);
    const auto wrote = static_cast<double>(bytes_written() - written);
    const auto count = static_cast<double>(next - first);
    const double raw = raw_rate(folder, group * (kBody + kFacts + 16), 0.5);
    fmt::print("| {} | {} | {:.0f} | {:.4f} | {:.2f} | {:.1f} | {:.0f} | {:.2f} |\n", name, group, count / took, synced / count,
               wrote / (count * kBody), busy / count * 1e6, raw, count / took / (raw * static_cast<double>(group)));
    std::fflush(stdout);
  }
}

}  // namespace

int main(int count, char** arguments) {
  const std::uint64_t keys = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 1'000'000;
  const double seconds = count > 2 ? std::strtod(arguments[2], nullptr) : 3;
  std::string folder = (std::filesystem::temp_directory_path() / "smarthl7-forms-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  fmt::print(
      "| form | group | msg/s | syncs/msg | bytes written per byte received | CPU us/msg | raw append+fdatasync/s | share of "
      "raw |\n");
  fmt::print("| --- | --- | --- | --- | --- | --- | --- | --- |\n");
  measure<FormA>("a SQLite", folder, keys, seconds);
  measure<FormB>("b segment, then SQLite", folder, keys, seconds);
  measure<FormC>("c journal", folder, keys, seconds);
  std::filesystem::remove_all(folder);
  return 0;
}
