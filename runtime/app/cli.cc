// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/cli.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>

#include "runtime/app/commands/commands.h"

namespace smarthl7::app {
namespace {

constexpr const char* kVersion = "smarthl7 0.1.0";

/// One command line being put together: the parser, and what to call once it is read.
class CommandLine {
 public:
  CommandLine() {
    app_.name("smarthl7");
    app_.description("SmartHL7, an HL7 v2 messaging hub: checks route files and runs them.");
    app_.footer(
        "Exit codes: 0 fine, 1 findings or refusals, 2 wrong usage, 3 the environment failed.\n"
        "Start with: smarthl7 init lab");
    app_.set_version_flag("--version", kVersion);
    app_.require_subcommand(1);
    app_.get_formatter()->column_width(34);
    add_init();
    add_compiler_commands();
    add_test();
    add_language_server();
    add_describe();
    add_validate();
    add_redact();
    add_run();
    add_questions();
    add_dead();
    add_acts();
    add_peers();
    add_probe();
    add_parse();
  }

  int run(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp& help) {
      std::cout << app_.help("", CLI::AppFormatMode::Normal);
      return kFine;
    } catch (const CLI::ParseError& error) {
      if (error.get_exit_code() == 0) return app_.exit(error, std::cout, std::cerr);
      std::cerr << "smarthl7: " << error.what() << "\n";
      const auto used = app_.get_subcommands();
      std::cerr << "help: smarthl7 " << (used.empty() ? "" : used.front()->get_name() + " ") << "--help\n";
      return kUsage;
    }
    return action_();
  }

 private:
  CLI::App* add(CLI::App& to, const char* name, const char* what, const char* example, std::function<int()> action) {
    CLI::App* command = to.add_subcommand(name, what);
    command->footer(std::string("Example:\n  ") + example);
    command->callback([this, action = std::move(action)] { action_ = action; });
    return command;
  }

  void add_compiler_commands() {
    auto* c = add(app_, "check", "Compile route files without output and print what is wrong",
                  "smarthl7 check routes/ --deny warnings", [this] { return check(check_); });
    c->add_option("PATH", check_.paths, "Route files, or folders of them")->required();
    c->add_option("--format", check_.format, "human, json, sarif (2.1.0, for code scanning) or github (annotations)")
        ->check(CLI::IsMember({"human", "json", "sarif", "github"}))
        ->capture_default_str();
    c->add_flag("--json", [this](std::int64_t) { check_.format = "json"; }, "The same as --format json");
    c->add_option("--deny", "Fail on these too")->check(CLI::IsMember({"warnings"}))->each([this](const std::string&) {
      check_.deny_warnings = true;
    });
    c->add_flag("--fix", check_.fix, "Write the fixes that are known into the files");
    c->add_option("--env", check_.environment, "The environment to check for");

    c = add(app_, "fmt", "Write route files in the one format", "smarthl7 fmt routes/ --check",
            [this] { return format(format_); });
    c->add_option("PATH", format_.paths, "Route files, or folders of them")->required();
    c->add_flag("--check", format_.check, "Change nothing; exit 1 and name the files that are not in the format");
    c->add_flag("--stdout", format_.to_stdout, "Print instead of writing");

    c = add(app_, "compile", "Write the checked plan", "smarthl7 compile routes/ -o lab.plan",
            [this] { return compile(compile_); });
    c->add_option("PATH", compile_.paths, "Route files, or folders of them")->required();
    c->add_option("-o,--output", compile_.output, "The plan file to write")->required();
    c->add_option("--env", compile_.environment, "The environment to check for");

    CLI::App* plan = app_.add_subcommand("plan", "Look into plans");
    plan->require_subcommand(1);
    c = add(*plan, "show", "Print a plan's operations and checkpoints", "smarthl7 plan show lab.plan",
            [this] { return plan_show(file_, json_); });
    c->add_option("FILE", file_, "A plan, or route files")->required();
    c->add_flag("--json", json_, "For programs");

    c = add(*plan, "diff", "Say in words what another plan changes: messages, flows, destinations, patient data, retries",
            "smarthl7 plan diff running.plan routes/", [this] { return plan_diff(file_, other_, json_); });
    c->add_option("BEFORE", file_, "A plan, or route files")->required();
    c->add_option("AFTER", other_, "The same")->required();
    c->add_flag("--json", json_, "For programs");

    c = add(*plan, "graph", "Draw the flows: sources, steps, decisions, destinations, levels of patient data",
            "smarthl7 plan graph routes/ -o routes.svg", [this] { return plan_graph(graph_); });
    c->add_option("FILE", graph_.paths, "A plan, or route files and folders of them")->required();
    c->add_option("-o,--output", graph_.output, "The file to write; standard output if left out");
    c->add_option("--format", graph_.format, "svg, or dot for Graphviz")
        ->check(CLI::IsMember({"svg", "dot"}))
        ->capture_default_str();
    c->add_option("--flow", graph_.flow, "Only this flow");

    c = add(app_, "docs", "Write the interface specification: HTML, Markdown and pictures",
            "smarthl7 docs routes/ -o interface", [this] { return document(docs_); });
    c->add_option("PATH", docs_.paths, "Route files, or folders of them")->required();
    c->add_option("-o,--output", docs_.output, "The folder to write to")->required();
    c->add_option("--title", docs_.title, "What the document is called");

    c = add(app_, "explain", "Print the page of a diagnostic's code", "smarthl7 explain E0312",
            [this] { return explain(file_); });
    c->add_option("CODE", file_, "The code, as check prints it")->required();
  }

  void add_test() {
    auto* c = add(app_, "test", "Run the `test` blocks of route files in a simulation of network, disk and time",
                  "smarthl7 test routes/ --coverage\n  smarthl7 test routes/ --filter Mercy\n"
                  "  smarthl7 test routes/ --format junit > report.xml",
                  [this] { return run_tests(); });
    c->add_option("PATH", test_.paths, "Route files, or folders of them")->required();
    c->add_option("--format", test_.format, "human, junit or json")
        ->check(CLI::IsMember({"human", "junit", "json"}))
        ->capture_default_str();
    c->add_flag("--json", [this](std::int64_t) { test_.format = "json"; }, "The same as --format json");
    c->add_option("--filter", test_.filter, "Only tests whose title contains this text");
    c->add_flag("--coverage", test_.coverage, "Print what of the routes the tests have run, and what never ran");
    c->add_option("--coverage-lcov", test_.lcov, "Write that as a trace file for coverage tools");
    c->add_option("--seed", test_.seed, "Of the simulation: the same seed gives the same history")->capture_default_str();
    c->add_option("--env", test_.environment, "The environment whose settings the tests see");
    c->add_option("--set", sets_, "NAME=VALUE, a setting over the environment's")->allow_extra_args(false);
  }

  int run_tests() {
    const auto settings = read_sets();
    if (!settings) return kUsage;
    test_.settings = *settings;
    return app::test(test_);
  }

  void add_language_server() {
    auto* c = add(app_, "lsp", "The language server that editors start; it speaks on standard input and output",
                  "smarthl7 lsp        (an editor runs it: docs/editors.md says how to set it up)",
                  [] { return language_server(kVersion); });
    // Clients add this word to say how they speak; there is no other way here.
    c->add_flag("--stdio", [](std::int64_t) {}, "Speak on standard input and output, as always");
  }

  void add_describe() {
    auto* c = add(app_, "describe", "Print what the HL7 standard says: a segment, field, data type, structure, table or event",
                  "smarthl7 describe 2.5.1 PID-3\n  smarthl7 describe 2.5.1 ORU_R01\n  smarthl7 describe 2.3 ADT^A08\n"
                  "  smarthl7 describe 2.8.2 table 0203 --json",
                  [this] { return describe(describe_); });
    c->add_option("VERSION", describe_.version, "2.1 to 2.8.2")->required();
    c->add_option("WHAT", describe_.what,
                  "PID, PID-3, PID-3.4, ORU_R01, CX, A08, ADT^A08, table 0203; all there is if left out");
    c->add_flag("--json", describe_.json, "For programs");
  }

  void add_validate() {
    auto* c =
        add(app_, "validate", "Look for all that is wrong with messages in files",
            "smarthl7 validate results.hl7 --against routes/lab.route#lab_result", [this] { return validate(validate_); });
    c->add_option("FILE", validate_.files, "Files with one or many messages, or batches of them")->required();
    c->add_option("--against", validate_.against, "ROUTE#MESSAGE, or a version of HL7; without it, what each message states");
    auto* strict = c->add_flag("--strict", validate_.strict, "What the standard lets receivers ignore is an error too");
    c->add_flag("--tolerant", validate_.tolerant, "What stands in fields is a warning")->excludes(strict);
    c->add_flag("--summary", validate_.summary, "Print the table of kinds only");
    c->add_flag("--json", validate_.json, "For programs");
  }

  void add_redact() {
    auto* c = add(app_, "redact", "Write messages with what a redaction leaves of them",
                  "smarthl7 redact results.hl7 --with std.phi.safe_harbor --verify > results-deidentified.hl7",
                  [this] { return redact(redact_); });
    c->add_option("FILE", redact_.files, "Files with one or many messages, or batches of them")->required();
    c->add_option("--with", redact_.with,
                  "std.phi.safe_harbor, std.phi.limited_data_set, std.phi.test_data, or ROUTE#REDACTION")
        ->required();
    c->add_flag("--verify", redact_.verify,
                "Search what is left for values that identify; report the places, 1 if there are any");
    c->add_option("--secrets", redact_.secrets, "A folder with one file for each secret, named like it");
  }

  void add_run() {
    auto* c = add(app_, "run", "Run a plan as a service; SIGTERM drains and ends",
                  "smarthl7 run routes/ --data /var/lib/smarthl7 --env production --secrets /run/secrets",
                  [this] { return run_service(); });
    c->add_option("PATH", run_.paths, "A plan, or route files or folders of them")->required();
    c->add_option("--data", run_.data, "The data folder; one process at a time")->capture_default_str();
    c->add_option("--env", run_.environment, "The environment of the route files to run");
    c->add_option("--set", sets_, "NAME=VALUE, a setting over the environment's")->allow_extra_args(false);
    c->add_option("--secrets", run_.secrets, "A folder with one file for each secret, named like it");
    c->add_option(
         "--admin", run_.admin,
         "Where to answer status and questions: unix:PATH (default: unix:DATA/admin.sock); 127.0.0.1:PORT besides, for "
         "who shows the token that is in DATA/admin.token")
        ->allow_extra_args(false);
    c->add_option("--contact", run_.contacts,
                  "NAME=https://URL or NAME=mailto:ADDRESS: how a contact of the route files is told of alerts")
        ->allow_extra_args(false);
    c->add_option("--mail-server", run_.mail_server,
                  "smtp://HOST:PORT or smtps://HOST:PORT: the mail server for contacts with mailto:");
    c->add_option("--mail-from", run_.mail_from, "The sender of such mails (default: smarthl7@ this host's name)");
    c->add_option("--reactors", run_.reactors, "Threads for connections (default: one per core)");
    c->add_option("--memory", run_.memory, "Memory for messages that are being received, as 256MiB; what is more waits on disk")
        ->transform(CLI::AsSizeValue(false))
        ->check(CLI::Range(std::uint64_t{16} << 20, std::uint64_t{1} << 40))
        ->default_str("256MiB")
        ->option_text("SIZE=256MiB");
    c->add_option("--disk", run_.disk, "How large the data folder may become, as 50GiB; unless said, what its disk has")
        ->transform(CLI::AsSizeValue(false))
        ->check(CLI::Range(std::uint64_t{512} << 20, std::uint64_t{1} << 60))
        ->option_text("SIZE");
    c->add_option("--drain", run_.drain_seconds, "Seconds that messages in hand get at the end")->capture_default_str();
  }

  /// What --set says; nothing, and a complaint, if one is no NAME=VALUE.
  std::optional<std::map<std::string, std::string>> read_sets() {
    std::map<std::string, std::string> settings;
    for (const std::string& set : sets_) {
      const auto equals = set.find('=');
      if (equals == std::string::npos || equals == 0) {
        std::cerr << "smarthl7: --set takes NAME=VALUE, not `" << set << "`\n";
        return std::nullopt;
      }
      settings[set.substr(0, equals)] = set.substr(equals + 1);
    }
    return settings;
  }

  int run_service() {
    auto settings = read_sets();
    if (!settings) return kUsage;
    run_.settings = std::move(*settings);
    return app::run(run_);
  }

  void add_service(CLI::App* command, bool json = true) {
    command->add_option("--data", service_.data, "The data folder of the service")->capture_default_str();
    command->add_option("--admin", service_.admin,
                        "Where the service answers: unix:PATH, 127.0.0.1:PORT (default: unix:DATA/admin.sock)");
    if (json) command->add_flag("--json", service_.json, "For programs");
  }

  void add_questions() {
    auto* c = add(app_, "status", "Print what a running service does", "smarthl7 status --data /var/lib/smarthl7",
                  [this] { return status(service_); });
    add_service(c);

    c = add(app_, "alerts", "Print what a running service watches and what fires", "smarthl7 alerts --data /var/lib/smarthl7",
            [this] { return alerts(service_); });
    add_service(c);

    c = add(app_, "messages", "List messages that a running service has taken", "smarthl7 messages --state dead --limit 20",
            [this] {
              messages_.service = service_;
              return messages(messages_);
            });
    add_service(c);
    c->add_option("--source", messages_.source, "Of this source only");
    c->add_option("--flow", messages_.flow, "Of this flow only");
    c->add_option("--state", messages_.state, "queued, delivered, rejected, duplicate, dead or mixed");
    c->add_option("--control-id", messages_.control_id, "With this MSH-10");
    c->add_option("--after", messages_.after, "After this message; without it, the newest first");
    c->add_option("--limit", messages_.limit, "At most so many")->capture_default_str();

    c = add(app_, "trace", "Print all that happened to a message", "smarthl7 trace 17",
            [this] { return trace(service_, file_); });
    c->add_option("ID", file_, "The message's number, or its MSH-10")->required();
    add_service(c);

    c = add(app_, "body", "Print a message's bytes; the read is recorded", "smarthl7 body 17 | tr '\\r' '\\n'",
            [this] { return body(service_, number_, delivery_); });
    c->add_option("ID", number_, "The message's number")->required();
    c->add_option("--delivery", delivery_, "As its delivery of this number carries it");
    add_service(c, false);
  }

  void add_dead() {
    CLI::App* dead = app_.add_subcommand("dead", "Messages that could not be delivered, or that a flow ended with `dead`");
    dead->require_subcommand(1);
    auto* c = add(*dead, "list", "List dead letters that wait for a person",
                  "smarthl7 dead list --destination mercy --since 2h", [this] { return dead_list(letters()); });
    add_service(c);
    add_filter(c);
    c->add_flag("--all-states", letters_.all_states, "Those that were replayed or dropped too");
    c->add_option("--after", letters_.after, "After this message");
    c->add_option("--limit", letters_.limit, "At most so many")->capture_default_str();

    c = add(*dead, "show", "Print a dead letter's history: each attempt, each answer, what people did",
            "smarthl7 dead show 17\n  smarthl7 dead show 17.1 --body | tr '\\r' '\\n'",
            [this] { return dead_show(letters()); });
    add_letter(c);
    c->add_flag("--body", letters_.body, "Print the bytes that a replay would deliver instead; the read is recorded");
    add_service(c);

    c = add(*dead, "replay", "Deliver dead letters, as the newest messages of their order",
            "smarthl7 dead replay 17 --reason \"the ward's bed exists now\"\n"
            "  smarthl7 dead replay --all --destination mercy --to mercy_backup",
            [this] { return replay(letters(), act_, false); });
    add_letters(c);
    add_replay(c);

    c = add(*dead, "edit", "Deliver another body when the letter is replayed; what was received stays",
            "smarthl7 dead edit 17 --body fixed.hl7 --reason \"OBX-3 without a code\"",
            [this] { return dead_edit(letters(), act_); });
    add_letter(c);
    c->add_option("--body", act_.body, "The file with the whole message; line feeds alone become CR")->required();
    add_reason(c, true);
    add_service(c);

    c = add(*dead, "drop", "Give dead letters up for good", "smarthl7 dead drop 17 18 --reason \"sent by hand on Monday\"",
            [this] { return dead_drop(letters(), act_); });
    add_letters(c);
    add_reason(c, true);
  }

  void add_acts() {
    auto* c = add(app_, "replay", "Deliver a message again, to its destinations or another one",
                  "smarthl7 replay --message 17 --reason \"restored from an older backup\"\n"
                  "  smarthl7 replay --message 17 --to archive",
                  [this] { return replay(letters(), act_, true); });
    c->add_option("--message", letters_.ids, "The message's number, or 17.1 for its delivery 1")->required()->expected(1);
    c->add_option("--destination", letters_.destination, "Only what went to this destination");
    c->add_option("--flow", letters_.flow, "Only what this flow made");
    add_replay(c);
    add_service(c);

    c = app_.add_subcommand("ambiguous", "Deliveries that a partner may have seen twice, as a list to hand over");
    c->footer(
        "Control ids are shown and the read is recorded; nothing else of the messages is.\n"
        "Example:\n  smarthl7 ambiguous list --destination mercy --format csv > mercy.csv");
    c->require_subcommand(0, 1);
    c->callback([this, c] {
      if (c->get_subcommands().empty()) action_ = [this] { return ambiguous(ledger()); };
    });
    add_ledger(c);
    auto* list = add(*c, "list", "List them", "smarthl7 ambiguous list --destination mercy --format csv > mercy.csv",
                     [this] { return ambiguous(ledger()); });
    add_ledger(list);
    auto* resolve =
        add(*c, "resolve", "Settle them, once the partner has looked",
            "smarthl7 ambiguous resolve --destination mercy --through 1204 --outcome seen-once --reason \"mail of 3 May\"",
            [this] { return ambiguous_resolve(ledger()); });
    resolve->add_option("--destination", ledger_.destination, "Whose")->required();
    resolve->add_option("--through", ledger_.through, "Up to this message; all that are open if left out");
    resolve->add_option("--outcome", ledger_.outcome, "seen-once, seen-twice or unknown")
        ->required()
        ->check(CLI::IsMember({"seen-once", "seen-twice", "unknown"}));
    resolve->add_option("--reason", ledger_.reason, "Who said so; it stands in the records")->required();
    add_service(resolve);

    c = app_.add_subcommand("tables", "Tables that are read again while the hub runs: their versions");
    c->footer("Example:\n  smarthl7 tables");
    c->require_subcommand(0, 1);
    c->callback([this, c] {
      if (c->get_subcommands().empty()) action_ = [this] { return tables({service_, {}}); };
    });
    add_service(c);
    auto* reload = add(*c, "reload", "Read a table, or all of them, again now; the answer says what came of it",
                       "smarthl7 tables reload mrns", [this] { return tables_reload({service_, table_}); });
    reload->add_option("NAME", table_, "A table with `reload`; all of them if left out");
    add_service(reload);

    c = add(app_, "hold", "Hold a destination, one of its lanes, or a source, until it is released; without a name, list holds",
            "smarthl7 hold mercy --reason \"their database moves until noon\"", [this] { return hold(held()); });
    c->add_option("NAME", hold_.name, "A destination (messages are taken and queued meanwhile), or a source (it closes)");
    c->add_option("--lane", hold_.lane, "Only this lane of the destination");
    c->add_option("--reason", hold_.reason, "Shown in `status`; write nothing about patients here");
    add_service(c);

    c = add(app_, "release", "Let go on what was held, by a person or by the hub itself", "smarthl7 release mercy",
            [this] { return release(held()); });
    c->add_option("NAME", hold_.name, "A destination or a source")->required();
    c->add_option("--lane", hold_.lane, "Only this lane of the destination");
    c->add_option("--reason", hold_.reason, "It stands in the records");
    add_service(c);
  }

  LettersOptions letters() {
    letters_.service = service_;
    return letters_;
  }
  LedgerOptions ledger() {
    ledger_.service = service_;
    return ledger_;
  }
  HoldOptions held() {
    hold_.service = service_;
    return hold_;
  }

  void add_filter(CLI::App* command) {
    command->add_option("--destination", letters_.destination, "Of this destination only");
    command->add_option("--flow", letters_.flow, "Of this flow only");
    command->add_option("--since", letters_.since, "Dead since 30m, 2h, 7d, or 2026-11-23T05:26Z");
  }

  void add_letter(CLI::App* command) {
    command->add_option("ID", letters_.ids, "The letter: 17, or 17.1 if message 17 has several")->required()->expected(1);
  }

  void add_letters(CLI::App* command) {
    command->add_option("ID", letters_.ids, "Letters: 17 (all open ones of message 17) or 17.1 (its delivery 1)");
    command->add_flag("--all", letters_.all, "All open ones, or all that the options below leave");
    add_filter(command);
    add_service(command);
  }

  void add_replay(CLI::App* command) {
    command->add_option("--to", act_.to, "Another destination than their own");
    command->add_flag("--despite-order", act_.despite_order,
                      "Also if later messages of the same key or patient went there since");
    add_reason(command, false);
    command->add_option("--request", act_.request, "An id of your own: what it was given for once is not done twice");
  }

  void add_reason(CLI::App* command, bool needed) {
    auto* option = command->add_option("--reason", act_.reason, "It stands in the records, for those who ask later");
    if (needed) option->required();
  }

  void add_ledger(CLI::App* command) {
    command->add_option("--destination", ledger_.destination, "Of this destination only");
    command->add_option("--format", ledger_.format, "human, csv or json")
        ->check(CLI::IsMember({"human", "csv", "json"}))
        ->capture_default_str();
    command->add_flag("--all", ledger_.all, "Those that were settled too");
    command->add_option("--after", ledger_.after, "After this message");
    command->add_option("--limit", ledger_.limit, "At most so many")->capture_default_str();
    add_service(command);
  }

  static void add_tls(CLI::App* command, TlsOptions& tls) {
    command->add_option("--ca", tls.ca, "PEM file with the authorities to trust");
    command->add_option("--certificate", tls.certificate, "PEM file with our certificate");
    command->add_option("--key", tls.key, "PEM file with its key");
  }

  void add_parse() {
    auto* c = add(app_, "parse", "Read messages in pipes, XML or JSON and show or convert them, patient data included",
                  "smarthl7 parse results.hl7 --as xml --message 1", [this] { return parse(parse_); });
    c->add_option("FILE", parse_.file, "A file with one or many messages, or a batch; - is standard input")->required();
    c->add_option("--as", parse_.as, "tree (for people), er7 (pipes), xml (HL7 v2 XML) or json")
        ->check(CLI::IsMember({"tree", "er7", "xml", "json"}))
        ->capture_default_str();
    c->add_option("--envelope", parse_.envelope, "The message is text in a document: json:/data/hl7 or xml:Envelope/Body/hl7");
    c->add_option("--wrap", parse_.wrap, "Write it as text in a document, at such a place");
    c->add_flag("--base64", parse_.base64, "... in base64");
    c->add_flag("--cdata", parse_.cdata, "Wrap in XML as CDATA (its readers see segments end in LF)");
    c->add_option("--message", parse_.message, "Only the message of this number, from 1");
    c->add_option("--charset", parse_.charset, "What bytes are in where MSH-18 is silent, as 8859/1 (default: UNICODE UTF-8)");
    c->add_option("--out", parse_.out, "Write a file for each message into this folder");
    c->add_flag("--compact", parse_.compact, "XML and JSON without indentation");
  }

  void add_peers() {
    auto* c = add(app_, "send", "Send messages and print each refusal and a summary",
                  "smarthl7 send results.hl7 --to mllp://localhost:2575 --connections 4\n"
                  "  smarthl7 send results.hl7 --to https://hl7.mercy.example/hl7 --ca mercy-ca.pem",
                  [this] { return send(send_); });
    c->add_option("FILE", send_.files, "Files with one or many messages")->required();
    c->add_option("--to", send_.to, "mllp://host:port, mllps://host:port, https://host/path (or http://)")->required();
    add_tls(c, send_.tls);
    c->add_option("--name", send_.tls.name, "The name to ask for and to find in the server's certificate");
    c->add_option("--release", send_.release, "The release of MLLP; 2: each message is confirmed by a commit block")
        ->capture_default_str();
    c->add_option("--connections", send_.connections, "How many at the same time")->capture_default_str();
    c->add_option("--rate", send_.rate, "Messages a second over all connections; 0: as fast as answers come")
        ->capture_default_str();
    c->add_option("--repeat", send_.repeat, "Send all files so many times")->capture_default_str();
    c->add_option("--wait", send_.answer_seconds, "Seconds to wait for an answer")->capture_default_str();
    c->add_option("--resend", send_.resend_seconds,
                  "For so many seconds, connect anew and send again what got no answer; 0: it counts as failed")
        ->capture_default_str();
    c->add_option("--log", send_.log, "Append a line for each answer: control id, code");
    c->add_flag("--json", send_.json, "The summary for programs");

    c = add(app_, "listen", "Receive messages, for trials", "smarthl7 listen mllp://localhost:2575 --out received/",
            [this] { return listen(listen_); });
    c->add_option("URL", listen_.url, "mllp://host:port, mllps://host:port, https://host:port/path (or http://)")->required();
    add_tls(c, listen_.tls);
    c->add_flag("--require-client", listen_.tls.require_client, "Take only clients with a certificate of --ca");
    c->add_option("--ack", listen_.ack, "The code to answer")->capture_default_str();
    c->add_option("--release", listen_.release, "The release of MLLP; 2: each message is confirmed by a commit block")
        ->capture_default_str();
    c->add_option("--out", listen_.out, "Write each message into this folder");
    c->add_option("--log", listen_.log, "Append a line for each message: connection, control id, code");
    c->add_option("--count", listen_.count, "End after so many messages; 0: never")->capture_default_str();
    c->add_option("--odd", listen_.odd, "Answer oddly: AE, AR, 207, nothing, late, other, garbage, truncated");
    c->add_option("--every", listen_.every, "... to every n-th message only")->capture_default_str();
    c->add_option("--delay", listen_.delay_seconds, "Wait so many seconds before each answer")->capture_default_str();
    c->add_flag("--json", listen_.json, "The summary for programs");
  }

  void add_init() {
    auto* c = add(app_, "init", "Write a new project that runs: a route, its tests, a table, a message",
                  "smarthl7 init lab\n  smarthl7 init lab --port 12575", [this] { return start_project(init_); });
    c->add_option("DIR", init_.folder, "The folder to write to; what is there already is never replaced")
        ->capture_default_str();
    c->add_option("--port", init_.port, "Where the hub will listen; its receiver for trials takes the next port")
        ->check(CLI::Range(1, 65534))
        ->capture_default_str();
    c->add_flag("--json", init_.json, "For programs");
  }

  void add_probe() {
    auto* c = add(app_, "probe", "Look at a receiver from outside and name what is wrong with it",
                  "smarthl7 probe mllps://hl7.mercy.example:2575 --ca mercy-ca.pem\n"
                  "  smarthl7 probe mllp://localhost:2575 --ask --nak\n"
                  "  smarthl7 probe https://hl7.mercy.example/hl7 --ca mercy-ca.pem\n"
                  "  smarthl7 probe sftp://hub@files.mercy.example:22\n"
                  "Unless told to, it sends no frame and so nothing that could be taken for a message: it resolves, connects,\n"
                  "shakes hands, and waits a second, or asks for the OPTIONS of HTTP. Its scan for old versions and weak "
                  "ciphers (on a plain port: for TLS)\n"
                  "takes further connections, which the partner's log may show; --once leaves it out.\n"
                  "Exit code: 0 without a defect, 1 with one.",
                  [this] { return probe_peer(probe_); });
    c->add_option("URL", probe_.url, "mllp://host:port, mllps://host:port, https://host/path or sftp://user@host:port")
        ->required();
    add_tls(c, probe_.tls);
    c->add_option("--name", probe_.tls.name, "The name that the server's certificate must carry, if it is not the host");
    c->add_option("--via", probe_.via, "Connect from this address of the machine, or through this interface, as wg0");
    c->add_flag("--once", probe_.once, "Leave out the scan");
    c->add_flag("--ask", probe_.ask,
                "Send a query for the receiver's clock (NMQ^N01, MSH-11 T: no patient, no order) and judge its answer");
    c->add_flag("--nak", probe_.nak, "Send a frame, or body, that holds no message, and look whether it is refused");
    c->add_option("--send", probe_.send, "Send the messages of this file, as they are, and judge the answers");
    c->add_option("--wait", probe_.wait_seconds, "Seconds to wait in each step")->capture_default_str();
    c->add_flag("--json", probe_.json, "For programs");
  }

  CLI::App app_;
  std::function<int()> action_ = [] { return kUsage; };
  CheckOptions check_;
  FormatOptions format_;
  GraphOptions graph_;
  DocsOptions docs_;
  CompileOptions compile_;
  TestOptions test_;
  DescribeOptions describe_;
  ValidateOptions validate_;
  RedactOptions redact_;
  RunOptions run_;
  ServiceOptions service_;
  MessagesOptions messages_;
  LettersOptions letters_;
  ActOptions act_;
  LedgerOptions ledger_;
  HoldOptions hold_;
  std::string table_;
  SendOptions send_;
  ListenOptions listen_;
  InitOptions init_;
  ProbeOptions probe_;
  ParseOptions parse_;
  std::vector<std::string> sets_;
  std::string file_;
  std::string other_;
  std::uint64_t number_ = 0;
  std::optional<std::uint32_t> delivery_;
  bool json_ = false;
};

}  // namespace

int run_command_line(int argc, char** argv) { return std::make_unique<CommandLine>()->run(argc, argv); }

}  // namespace smarthl7::app
