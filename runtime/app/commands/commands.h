// SPDX-License-Identifier: Apache-2.0
// The commands of `smarthl7`, one function each, after their arguments were read (cli.cc). A command prints results on
// standard output, progress and complaints on standard error, and returns the exit code.
// Threads: called once, from the main thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace smarthl7::app {

inline constexpr int kFine = 0;         // done
inline constexpr int kFindings = 1;     // findings, refusals or failures of the thing looked at
inline constexpr int kUsage = 2;        // wrong usage
inline constexpr int kEnvironment = 3;  // a file, port, service or store failed

struct CheckOptions {
  std::vector<std::string> paths;
  std::string format = "human";  // human, json, sarif, github
  bool deny_warnings = false;
  bool fix = false;
  std::string environment;
};
int check(const CheckOptions& options);

struct FormatOptions {
  std::vector<std::string> paths;
  bool check = false;
  bool to_stdout = false;
};
int format(const FormatOptions& options);

struct CompileOptions {
  std::vector<std::string> paths;
  std::string output;
  std::string environment;
};
int compile(const CompileOptions& options);

struct TestOptions {
  std::vector<std::string> paths;
  std::string format = "human";  // human, junit, json
  std::string filter;            // only tests whose title contains this
  bool coverage = false;
  std::string lcov;  // a file to write the coverage to
  std::uint64_t seed = 1;
  std::string environment;
  std::map<std::string, std::string> settings;
};
int test(const TestOptions& options);

struct ValidateOptions {
  std::vector<std::string> files;
  std::string against;  // ROUTE#MESSAGE or a version; empty: what each message states
  bool strict = false;
  bool tolerant = false;
  bool summary = false;
  bool json = false;
};
int validate(const ValidateOptions& options);

int plan_show(const std::string& file, bool json);
/// 1 if there are differences.
int plan_diff(const std::string& before, const std::string& after, bool json);

struct GraphOptions {
  std::vector<std::string> paths;
  std::string format = "svg";  // svg, dot
  std::string output;          // empty: standard output
  std::string flow;            // empty: all
};
int plan_graph(const GraphOptions& options);

struct DocsOptions {
  std::vector<std::string> paths;
  std::string output;
  std::string title;  // empty: named after the project
};
int document(const DocsOptions& options);
int explain(const std::string& code);
/// The language server on standard input and output.
int language_server(const std::string& version);

struct DescribeOptions {
  std::string version;
  std::vector<std::string> what;  // `table 0203` is two words
  bool json = false;
};
int describe(const DescribeOptions& options);

struct RedactOptions {
  std::vector<std::string> files;
  std::string with;  // std.phi.safe_harbor, or ROUTE#REDACTION
  std::string secrets;
  bool verify = false;
};
int redact(const RedactOptions& options);

struct RunOptions {
  std::vector<std::string> paths;
  std::string data = "data";
  std::string environment;
  std::map<std::string, std::string> settings;
  std::string secrets;
  std::vector<std::string> admin;     // unix:PATH, HOST:PORT; without a unix one: unix:DATA/admin.sock
  std::vector<std::string> contacts;  // "NAME=https://...", "NAME=mailto:..."
  std::string mail_server;
  std::string mail_from;
  unsigned reactors = 0;  // 0: one per core
  double drain_seconds = 20;
  std::uint64_t memory = 256ULL << 20;  // bytes of messages that are being received
  std::uint64_t disk = 0;               // bytes of the data folder; 0: what the disk has
};
int run(const RunOptions& options);

/// Where a running service is asked.
struct ServiceOptions {
  std::string data = "data";
  std::string admin;
  bool json = false;
};
int status(const ServiceOptions& service);
int alerts(const ServiceOptions& service);

struct MessagesOptions {
  ServiceOptions service;
  std::string source, flow, state, control_id;
  std::uint64_t after = 0;
  std::uint32_t limit = 50;
};
int messages(const MessagesOptions& options);
int trace(const ServiceOptions& service, const std::string& id);
int body(const ServiceOptions& service, std::uint64_t id, std::optional<std::uint32_t> delivery);

/// Which dead letters, or deliveries of messages.
struct LettersOptions {
  ServiceOptions service;
  std::vector<std::string> ids;  // "17", "17.1": delivery 1 of message 17
  bool all = false;
  std::string destination, flow, since;
  bool all_states = false;
  std::uint64_t after = 0;
  std::uint32_t limit = 100;
  bool body = false;  // show: the bytes too
};
int dead_list(const LettersOptions& options);
int dead_show(const LettersOptions& options);

/// What is done, why, and under which id it is asked for again.
struct ActOptions {
  std::string reason;
  std::string request;  // empty: a new one
  std::string to;       // replay: another destination
  bool despite_order = false;
  std::string body;  // edit: the file
};
/// `deliveries`: of messages, dead or not; else of dead letters.
int replay(const LettersOptions& letters, const ActOptions& act, bool deliveries);
int dead_edit(const LettersOptions& letters, const ActOptions& act);
int dead_drop(const LettersOptions& letters, const ActOptions& act);

struct LedgerOptions {
  ServiceOptions service;
  std::string destination;
  std::string format = "human";  // human, csv, json
  bool all = false;
  std::uint64_t after = 0;
  std::uint32_t limit = 1000;
  std::uint64_t through = 0;  // resolve
  std::string outcome, reason;
};
int ambiguous(const LedgerOptions& options);
int ambiguous_resolve(const LedgerOptions& options);

struct TablesOptions {
  ServiceOptions service;
  std::string name;  // of a table; empty: all
};
int tables(const TablesOptions& options);
int tables_reload(const TablesOptions& options);

struct HoldOptions {
  ServiceOptions service;
  std::string name;  // empty: list what is held
  std::optional<std::uint32_t> lane;
  std::string reason;
};
int hold(const HoldOptions& options);
int release(const HoldOptions& options);

struct TlsOptions {
  std::string ca, certificate, key, name;
  bool require_client = false;
};

struct SendOptions {
  std::vector<std::string> files;
  std::string to;
  TlsOptions tls;
  std::uint64_t release = 1;  // of MLLP
  unsigned connections = 1;
  double rate = 0;
  std::uint64_t repeat = 1;
  double answer_seconds = 30;
  double resend_seconds = 0;
  std::string log;  // a line per acknowledged message
  bool json = false;
};
int send(const SendOptions& options);

struct InitOptions {
  std::string folder = ".";
  std::uint16_t port = 2575;  // of the hub; the receiver's is the next
  bool json = false;
};
/// 1 if a file is there already.
int start_project(const InitOptions& options);

struct ProbeOptions {
  std::string url;
  TlsOptions tls;
  std::string via;
  std::string send;  // a file; empty: nothing of the caller's is sent
  bool ask = false;
  bool nak = false;
  bool once = false;
  double wait_seconds = 5;
  bool json = false;
};
/// 1 if there are defects.
int probe_peer(const ProbeOptions& options);

struct ParseOptions {
  std::string file;         // "-": standard input
  std::string as = "tree";  // tree, er7, xml, json
  std::string envelope, wrap;
  bool base64 = false;
  bool cdata = false;
  bool compact = false;
  std::string charset;
  std::uint64_t message = 0;  // this one only; 0: all
  std::string out;            // a file for each message in this folder
};
int parse(const ParseOptions& options);

struct ListenOptions {
  std::string url;
  TlsOptions tls;
  std::uint64_t release = 1;  // of MLLP
  std::string ack = "AA";
  std::string out;
  std::string log;
  std::uint64_t count = 0;
  std::uint64_t every = 0;  // the odd answer only every n-th message; 0: always
  std::string odd;          // what the odd answer is: AE, AR, 207, nothing, late, other, garbage, truncated
  double delay_seconds = 0;
  bool json = false;
};
int listen(const ListenOptions& options);

}  // namespace smarthl7::app
