// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/connections.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compiler/check/delivery_options.h"
#include "compiler/check/folders.h"
#include "compiler/check/http_options.h"
#include "compiler/check/oauth.h"
#include "compiler/check/option_block.h"
#include "compiler/check/options.h"
#include "compiler/check/ports.h"
#include "compiler/check/sftp_options.h"
#include "compiler/check/values.h"
#include "compiler/check/wire_options.h"
#include "compiler/diag/suggest.h"

namespace smarthl7::check {
namespace {

using connectors::ConnectorSpec;
using connectors::Role;
using diag::Code;

constexpr std::string_view kStandardRetry = "std.retry.standard";

bool takes_files(const ConnectorSpec& connector) { return connector.name == "file" || connector.name == "sftp"; }

/// The connector if it can be used here; null: reported.
const ConnectorSpec* connector_of(Context& context, const syntax::Name* transport, Role role) {
  if (transport == nullptr || transport->text.empty()) return nullptr;
  const ConnectorSpec* connector = connectors::find_connector(transport->text);
  const std::string_view what = role == Role::source ? "source" : "destination";
  if (connector == nullptr) {
    std::vector<std::string_view> known;
    for (const ConnectorSpec* other : connectors::all_connectors()) {
      if (other->built) known.push_back(other->name);
    }
    diag::Diagnostic diagnostic{
        .code = Code::E0711, .span = transport->span, .message = fmt::format("there is no transport `{}`", transport->text)};
    if (const auto near = diag::suggest(transport->text, known)) {
      diagnostic.help = fmt::format("did you mean `{}`?", *near);
      diagnostic.fixes.push_back(diag::replace(transport->span, std::string(*near)));
    } else {
      diagnostic.help = fmt::format("a {} can use {}", what, fmt::join(known, ", "));
    }
    context.sink.report(std::move(diagnostic));
    return nullptr;
  }
  if (!connector->built) {
    context.sink.report(Code::E0212, transport->span,
                        fmt::format("this version does not run `{}` yet ({})", transport->text, connector->doc),
                        "the rest of the file is checked; use `mllp`, or wait for the version that has it");
    return nullptr;
  }
  if (role == Role::source ? !connector->source : !connector->destination) {
    context.sink.report(Code::E0711, transport->span, fmt::format("`{}` cannot be a {}", transport->text, what),
                        fmt::format("it is {}", connector->doc));
    return nullptr;
  }
  return connector;
}

/// TLS, or the reason why not.
void check_tls(Context& context, OptionReader& reader, const ConnectorSpec& connector, const syntax::Declaration& declaration,
               bool block_poisoned) {
  if (!connector.can_use_tls) return;
  const syntax::Option* tls = reader.find("tls");
  const syntax::Option* insecure = reader.find("insecure");
  if (insecure != nullptr && !insecure->poisoned && insecure->values.size() == 1) {
    const auto reason = read_literal(context, "the reason of `insecure because`", *insecure->values.front());
    if (reason && reason->find_first_not_of(" ") == std::string_view::npos) {
      context.sink.report(Code::E0702, insecure->values.front()->span,
                          "`insecure because` needs a reason that a reviewer can judge");
    }
  }
  const UrlTls by_url = connector.url.empty() ? UrlTls::none : tls_of_url(context, reader, connector.url);
  if (by_url == UrlTls::poisoned) return;
  if (by_url == UrlTls::unused && tls != nullptr) {
    context.sink.report(
        {.code = Code::E0715,
         .span = tls->name->span,
         .message = fmt::format("`{}` sets up TLS, and its address is without: http://", declaration.name->text),
         .secondary = {{reader.find(connector.url)->span, "the address"}},
         .help = "write https://, or take `tls` out"});
    return;
  }
  if (by_url == UrlTls::used && insecure != nullptr) {
    context.sink.report({.code = Code::E0715,
                         .span = insecure->name->span,
                         .message = fmt::format("`{}` uses TLS and says that it does not", declaration.name->text),
                         .secondary = {{reader.find(connector.url)->span, "https:// is TLS"}},
                         .help = "remove one of them"});
    return;
  }
  if (by_url == UrlTls::used) return;
  if (tls != nullptr && insecure != nullptr) {
    context.sink.report({.code = Code::E0715,
                         .span = insecure->name->span,
                         .message = fmt::format("`{}` uses TLS and says that it does not", declaration.name->text),
                         .secondary = {{tls->name->span, "TLS is set up here"}},
                         .help = "remove one of them"});
  }
  if (tls == nullptr && insecure == nullptr && !block_poisoned) {
    context.sink.report(Code::E0706, declaration.name->span,
                        fmt::format("`{}` does not use TLS and does not say why", declaration.name->text),
                        by_url == UrlTls::unused ? "write https://, or the reason: `insecure because \"...\"`"
                                                 : "add `tls { ... }`, or the reason: `insecure because \"...\"`");
  }
}

// ---- sources --------------------------------------------------------------------------------------------------------------

bool known_event(std::string_view code, std::string_view trigger) {
  if (code.starts_with('Z') || trigger.starts_with('Z')) return true;  // the site's own
  for (std::size_t i = 0; i < hl7::version_count(); ++i) {
    if (hl7::version_at(i).structure_for_event(code, trigger)) return true;
  }
  return false;
}

bool known_structure(std::string_view name) {
  if (name.starts_with('Z')) return true;  // the site's own
  for (std::size_t i = 0; i < hl7::version_count(); ++i) {
    if (hl7::version_at(i).structure(name)) return true;
  }
  return false;
}

bool known_code(std::string_view code) {
  const std::string prefix = std::string(code) + "_";
  for (std::size_t i = 0; i < hl7::version_count(); ++i) {
    const hl7::Version version = hl7::version_at(i);
    for (std::size_t s = 0; s < version.structure_count(); ++s) {
      const std::string_view name = version.structure_at(s).name();
      if (name == code || name.starts_with(prefix)) return true;
    }
  }
  return code.starts_with('Z');
}

void unknown_event(Context& context, const syntax::Expr& value) {
  context.sink.report(Code::E0714, value.span, fmt::format("HL7 knows no message type `{}`", context.text(value.span)),
                      "write type and event as in MSH-9: `ORU^R01`; types and events of your own begin with Z");
}

void read_accept(Context& context, const syntax::Option& option, SourceInfo& source) {
  std::set<std::string_view> seen;
  for (const syntax::Expr* value : option.values) {
    if (value->poisoned || value->kind == syntax::ExprKind::error) {
      source.refused = true;
      continue;
    }
    AcceptedEvent accepted;
    accepted.span = value->span;
    if (const auto* event = value->try_as<syntax::EventExpr>()) {
      accepted.code = event->code;
      accepted.trigger = event->trigger;
      accepted.structure = event->structure;
      const bool known = known_event(event->code, event->trigger) &&
                         (event->structure.empty() || known_structure(event->structure) || event->code.starts_with('Z'));
      if (!known) unknown_event(context, *value);
    } else if (const auto* path = value->try_as<syntax::PathExpr>(); path != nullptr && path->is_bare_word()) {
      const std::string_view word = path->nodes.front().text;
      const bool structure = word.find('_') != std::string_view::npos;
      (structure ? accepted.structure : accepted.code) = word;
      if (structure ? !known_structure(word) : !known_code(word)) unknown_event(context, *value);
    } else {
      report_kind(context, value->span, "accept", "message types", "accept ORU^R01, ADT^A01");
      source.refused = true;
      continue;
    }
    if (!seen.insert(context.text(value->span)).second) {
      context.sink.report(Code::E0704, value->span, fmt::format("`{}` is named twice", context.text(value->span)));
    }
    source.accepts.push_back(accepted);
  }
}

plan::Level level_of(std::string_view word) {
  if (word == "deidentified") return plan::Level::deidentified;
  if (word == "limited") return plan::Level::limited;
  return plan::Level::identified;
}

/// `application_ack by DEST`.
void read_application_ack(Context& context, OptionReader& reader, SourceInfo& source) {
  const syntax::Option* option = reader.find("application_ack");
  if (option == nullptr || option->poisoned) return;
  constexpr std::string_view kExample = "application_ack by lab_acks";
  const syntax::Expr* value = single_value(context, *option, kExample);
  if (value == nullptr) return;
  const auto* word = value->try_as<syntax::NameExpr>();
  if (word == nullptr) {
    report_kind(context, value->span, "application_ack", "the name of a destination", kExample);
    source.refused = true;
    return;
  }
  const resolve::Entry* entry =
      resolve::lookup(context.project, word->text, word->span, {syntax::DeclKind::destination}, context.sink);
  if (entry == nullptr) {
    source.refused = true;
    return;
  }
  context.facts.use(entry->name);
  source.application_ack = entry->name;
}

/// `ack when delivered within 30s`: how long the sender waits at most.
void read_answer_within(Context& context, OptionReader& reader, SourceInfo& source) {
  constexpr std::uint64_t kUsual = 30'000'000;
  constexpr std::uint64_t kLongest = 3'600'000'000;  // a sender that waits for an hour has gone
  const syntax::Option* within = reader.find("within");
  const std::uint64_t micros = reader.duration("within", kUsual);
  if (source.ack == plan::AckMode::when_delivered) source.answer_within_micros = micros;
  const syntax::Option* by = reader.find("application_ack");
  if (by != nullptr && source.ack == plan::AckMode::when_delivered) {
    context.sink.report(
        {.code = Code::E0715,
         .span = by->span,
         .message = "what `ack when delivered` waits with is the application acknowledgement, on the sender's connection",
         .secondary = {{reader.find("ack")->span, "here it waits"}},
         .help = "take one of the two out"});
  }
  if (within == nullptr || within->poisoned || reader.broken()) return;
  if (source.ack != plan::AckMode::when_delivered) {
    context.sink.report(Code::E0715, within->span,
                        "`within` belongs to `ack when delivered`: no other answer waits for a delivery",
                        "say `ack when delivered within 30s`, or take `within` out");
  } else if (micros == 0 || micros > kLongest) {
    context.sink.report(Code::E0702, within->span, "a sender waits for more than no time, and for at most an hour");
  }
}

void read_source(Context& context, const syntax::SourceDecl& declaration, const ConnectorSpec& connector, SourceInfo& source) {
  OptionReader reader(context, connector, Role::source, *declaration.name);
  reader.read(*declaration.options);
  source.options = reader.own_options(connectors::common_source_options());
  if (const syntax::Option* accept = reader.find("accept"); accept != nullptr && !accept->poisoned)
    read_accept(context, *accept, source);
  const std::string_view ack = reader.word("ack");
  if (ack == "delivered") source.ack = plan::AckMode::when_delivered;
  if (ack == "receipt") {
    source.ack = plan::AckMode::on_receipt;
    context.sink.report(Code::W0502, reader.find("ack")->span,
                        fmt::format("`{}` acknowledges before the message is stored", declaration.name->text),
                        "what is lost after that is lost without notice to the sender; `ack when stored` is safe");
  }
  const syntax::Option* const ack_option = reader.find("ack");
  if (takes_files(connector) && source.ack != plan::AckMode::when_stored && ack_option != nullptr) {
    context.sink.report(
        Code::E0715, ack_option->span,
        fmt::format("`{}` takes files: they are done with when their messages are stored", declaration.name->text),
        "take `ack` out; nobody waits at the other end of a folder");
  }
  read_answer_within(context, reader, source);
  source.resends_micros = reader.duration("resends", 0);
  source.level = level_of(reader.word("yields"));
  read_application_ack(context, reader, source);
  source.refuses_gaps = reader.word("sequence") == "refuse";
  if (connector.url.size() > 0) check_http_options(context, reader);
  if (connector.name == "sftp") check_sftp_options(context, reader, *declaration.name);
  if (is_wire(connector)) check_wire_source(context, reader, source);
  check_tls(context, reader, connector, declaration, declaration.options->poisoned);
  const bool tokens = add_oauth_options(context, reader, Role::source, source.options);
  source.refused = source.refused || reader.broken() || !tokens;
}

// ---- destinations ---------------------------------------------------------------------------------------------------------

/// `order fifo`, `order none`, `order by patient`, `order by PATH {, PATH}`.
void read_order(Context& context, const syntax::Option& option, DestinationInfo& destination) {
  if (option.poisoned || option.values.empty()) return;
  const bool by = option.connective == syntax::Connective::by;
  const syntax::Expr& first = *option.values.front();
  const auto* word = first.try_as<syntax::NameExpr>();
  if (word != nullptr && option.values.size() == 1) {
    const bool keyed = word->text == "patient";
    if (word->text == "fifo" || word->text == "none" || keyed) {
      if (keyed != by) {
        context.sink.report(Code::E0705, option.span, fmt::format("write `order {}{}`", keyed ? "by " : "", word->text));
      }
      destination.values.order = keyed ? plan::Order::patient : word->text == "none" ? plan::Order::none : plan::Order::fifo;
      return;
    }
  }
  for (const syntax::Expr* value : option.values) {
    const auto* path = value->try_as<syntax::PathExpr>();
    if (path == nullptr) {
      if (value->poisoned) continue;
      report_kind(context, value->span, "order", "`fifo`, `none`, `by patient` or `by` with paths", "order by patient");
      destination.refused = true;
      continue;
    }
    destination.order_keys.push_back(path);
  }
  if (!by && !destination.order_keys.empty()) {
    context.sink.report(Code::E0705, option.name->span, "`order` needs `by` before a path", "write it as in `order by PID-3`");
  }
  destination.values.order = plan::Order::keys;
}

void read_retry(Context& context, OptionReader& reader, DestinationInfo& destination) {
  destination.retry = kStandardRetry;
  const syntax::Option* option = reader.find("retry");
  if (option == nullptr || option->poisoned) return;
  const syntax::Expr* value = single_value(context, *option, "retry steady");
  if (value == nullptr) return;
  const auto* word = value->try_as<syntax::NameExpr>();
  if (word == nullptr) {
    report_kind(context, value->span, "retry", "the name of a retry", "retry steady");
    return;
  }
  const resolve::Entry* entry =
      resolve::lookup(context.project, word->text, word->span, {syntax::DeclKind::retry}, context.sink);
  if (entry == nullptr) {
    destination.refused = true;
    return;
  }
  context.facts.use(entry->name);
  destination.retry = entry->name;
}

plan::Refusal refusal_of(std::string_view word) {
  if (word == "for good") return plan::Refusal::for_good;
  if (word == "for now") return plan::Refusal::for_now;
  return plan::Refusal::by_default;
}

plan::AckCondition condition_of(std::string_view word) {
  if (word == "AL") return plan::AckCondition::always;
  if (word == "NE") return plan::AckCondition::never;
  if (word == "ER") return plan::AckCondition::on_error;
  if (word == "SU") return plan::AckCondition::on_success;
  return plan::AckCondition::as_sent;
}

/// What is asked of the receiver: MSH-15, MSH-16, and how long its application may take.
void read_acknowledgements(Context& context, OptionReader& reader, DestinationInfo& destination) {
  using plan::AckCondition;
  const std::string_view name = destination.declaration->name->text;
  plan::Destination& values = destination.values;
  values.accept_ack = condition_of(reader.word("accept_ack"));
  values.application_ack = condition_of(reader.word("application_ack"));
  values.application_within_micros = reader.duration("application.ack", 0);
  const syntax::Option* within = reader.find("application.ack");
  const syntax::Option* asked = reader.find("application_ack");
  if (within != nullptr && values.application_within_micros == 0 && !reader.broken())
    context.sink.report(Code::E0702, within->span, "an application acknowledgement takes longer than no time");
  if (within != nullptr && asked != nullptr && values.application_ack != AckCondition::always && !asked->poisoned) {
    context.sink.report({.code = Code::E0715,
                         .span = asked->span,
                         .message = fmt::format("`{}` waits for the application acknowledgement of every message and asks for "
                                                "it only now and then, or never",
                                                name),
                         .secondary = {{within->span, "every message waits here"}},
                         .help = "say `application_ack AL`, or take `application ack within` out"});
  }
  if (within == nullptr && values.application_ack == AckCondition::always) {
    context.sink.report(Code::E0703, asked->span,
                        fmt::format("`{}` asks for application acknowledgements and does not say how long one may take", name),
                        "add `application ack within 1m`; without it nobody waits for them");
  }
  const bool silent = values.accept_ack == AckCondition::never || values.accept_ack == AckCondition::on_error;
  if (silent && within == nullptr) {
    const bool never = values.accept_ack == AckCondition::never;
    context.sink.report(
        Code::W0702, reader.find("accept_ack")->span,
        fmt::format("`{}` takes {} for the delivery", name, never ? "the writing of a message" : "the silence of the receiver"),
        "what the receiver loses is lost without notice; `accept_ack AL` or `application ack within D` asks it");
  }
}

/// `barrier on ADT^A08, ZAD^Z01`: events that concern all identifiers that they name, as merges do.
void read_barriers(Context& context, const syntax::Option& option, DestinationInfo& destination) {
  constexpr std::string_view kExample = "barrier on ADT^A08, ADT^A31";
  const syntax::Option& values = option.nested != nullptr ? *option.nested : option;
  std::set<std::string_view> seen;
  for (const syntax::Expr* value : values.values) {
    if (value->poisoned || value->kind == syntax::ExprKind::error) {
      destination.refused = true;
      continue;
    }
    const auto* event = value->try_as<syntax::EventExpr>();
    if (event == nullptr || !event->structure.empty()) {
      report_kind(context, value->span, "barrier on", "events as in MSH-9", kExample);
      destination.refused = true;
      continue;
    }
    if (!known_event(event->code, event->trigger))
      context.sink.report(Code::E0702, value->span, fmt::format("HL7 knows no event `{}`", context.text(value->span)),
                          "write type and event as in MSH-9: `ADT^A08`; types and events of your own begin with Z");
    if (!seen.insert(context.text(value->span)).second)
      context.sink.report(Code::E0704, value->span, fmt::format("`{}` is named twice", context.text(value->span)));
    destination.barriers.push_back({event->code, event->trigger, {}, value->span});
  }
  const plan::Order order = destination.values.order;
  if (order == plan::Order::patient || order == plan::Order::keys) return;
  context.sink.report(Code::E0715, option.span,
                      order == plan::Order::fifo ? "with `order fifo` everything keeps its order: there is nothing to wait for"
                                                 : "with `order none` nothing waits for anything",
                      "say `order by patient` or `order by PATH`, or take `barrier` out");
}

void check_order(Context& context, const OptionReader& reader, const DestinationInfo& destination) {
  const plan::Destination& values = destination.values;
  if (values.order == plan::Order::fifo && values.connections > 1) {
    const syntax::Option* connections = reader.find("connections");
    context.sink.report(Code::E0710, connections->span,
                        fmt::format("`order fifo` keeps to one connection, not {}", values.connections),
                        "say `order by patient`, `order by PATH`, or `order none`");
  }
  const bool keyed = values.order == plan::Order::patient || values.order == plan::Order::keys;
  if (!keyed && values.after_refusal == plan::AfterRefusal::hold_key) {
    context.sink.report(
        Code::E0715, reader.find("on.refusal")->span,
        fmt::format("`hold key` needs an order with keys, not `order {}`", values.order == plan::Order::none ? "none" : "fifo"),
        "say `order by patient`, or `on refusal go on`");
  }
}

void read_destination(Context& context, const syntax::DestinationDecl& declaration, const ConnectorSpec& connector,
                      DestinationInfo& destination) {
  constexpr std::uint64_t kMostConnections = 256;
  constexpr std::uint64_t kLongestControlId = 199;
  OptionReader reader(context, connector, Role::destination, *declaration.name);
  reader.read(*declaration.options);
  destination.options = reader.own_options(connectors::common_destination_options());
  plan::Destination& values = destination.values;
  values.ack_within_micros = reader.duration("ack", values.ack_within_micros);
  if (const syntax::Option* order = reader.find("order")) read_order(context, *order, destination);
  values.connections = static_cast<std::uint32_t>(reader.number("connections", 1, kMostConnections, 1));
  read_retry(context, reader, destination);
  if (reader.word("match") == "order") values.match = plan::Match::order;
  if (const syntax::Option* prefix = reader.find("prefix")) {
    if (values.match == plan::Match::order) {
      context.sink.report(Code::E0715, prefix->span, "`prefix` belongs to `match id`, not to `match order`");
    }
    values.match = values.match == plan::Match::order ? values.match : plan::Match::id_prefix;
    values.match_prefix = static_cast<std::uint32_t>(reader.number("prefix", 1, kLongestControlId, values.match_prefix));
  }
  read_acknowledgements(context, reader, destination);
  values.holds = level_of(reader.word("holds"));
  static_cast<void>(reader.word("trust"));
  values.on_ae = refusal_of(reader.word("on.AE"));
  values.on_ar = refusal_of(reader.word("on.AR"));
  const std::string_view after = reader.word("on.refusal");
  if (after == "hold key") values.after_refusal = plan::AfterRefusal::hold_key;
  if (after == "hold lane") values.after_refusal = plan::AfterRefusal::hold_lane;
  check_order(context, reader, destination);
  read_delivery_options(context, reader, destination);
  if (const syntax::Option* barrier = reader.find("barrier"); barrier != nullptr && !barrier->poisoned)
    read_barriers(context, *barrier, destination);
  if (reader.find("tls") != nullptr && (reader.find("tls.certificate") == nullptr) != (reader.find("tls.key") == nullptr)) {
    context.sink.report(
        Code::E0715, reader.find("tls")->name->span,
        fmt::format("`{}` shows a certificate and has no key for it, or a key without certificate", declaration.name->text),
        "give both `certificate file \"...\"` and `key secret NAME`, or none of them");
  }
  if (connector.url.size() > 0) check_http_options(context, reader);
  if (connector.name == "sftp") check_sftp_options(context, reader, *declaration.name);
  if (is_wire(connector)) check_wire_destination(context, reader, destination);
  check_tls(context, reader, connector, declaration, declaration.options->poisoned);
  // The runtime makes no connection in clear that nobody gave a reason for, whatever the settings are at the start.
  if (connector.url.size() > 0 && reader.find("insecure") != nullptr) {
    OptionInfo plain;
    plain.name = "plain";
    plain.kind = plan::OptionKind::block;
    const auto at = std::ranges::lower_bound(destination.options, plain.name, {}, &OptionInfo::name);
    destination.options.insert(at, std::move(plain));
  }
  const bool tokens = add_oauth_options(context, reader, Role::destination, destination.options);
  destination.refused = destination.refused || reader.broken() || !tokens;
}

}  // namespace

void check_connections(Context& context) {
  read_oauth_clients(context);
  for (const auto* declaration : context.project.all<syntax::SourceDecl>()) {
    SourceInfo source;
    source.declaration = declaration;
    const ConnectorSpec* connector = connector_of(context, declaration->transport, Role::source);
    if (connector != nullptr && declaration->options != nullptr)
      read_source(context, *declaration, *connector, source);
    else
      source.refused = true;
    context.source_ends.emplace(declaration->name->text, std::move(source));
  }
  for (const auto* declaration : context.project.all<syntax::DestinationDecl>()) {
    DestinationInfo destination;
    destination.declaration = declaration;
    const ConnectorSpec* connector = connector_of(context, declaration->transport, Role::destination);
    if (connector != nullptr && declaration->options != nullptr)
      read_destination(context, *declaration, *connector, destination);
    else
      destination.refused = true;
    context.destinations.emplace(declaration->name->text, std::move(destination));
  }
  check_oauth_uses(context);
  check_ports(context);
  check_folders(context);
}

}  // namespace smarthl7::check
