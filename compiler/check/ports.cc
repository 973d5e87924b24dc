// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/ports.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compiler/check/flow_walk.h"
#include "compiler/check/http_options.h"
#include "compiler/check/options.h"
#include "compiler/check/values.h"

namespace smarthl7::check {
namespace {

struct End {
  const SourceInfo* source = nullptr;  // one of the two
  const DestinationInfo* destination = nullptr;
  const syntax::Expr* value = nullptr;
  std::string host;
  std::uint16_t port = 0;
  std::string target;  // of an address of HTTP: what is asked for there
};

bool is_every_host(std::string_view host) { return host == "0.0.0.0" || host == "[::]" || host == "*"; }

bool is_this_machine(std::string_view host) {
  return is_every_host(host) || host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

bool collide(const End& a, const End& b) {
  return a.port == b.port && (a.host == b.host || is_every_host(a.host) || is_every_host(b.host));
}

/// Does what connects there come to what listens here?
bool reaches(const End& connect, const End& listen) {
  if (connect.port != listen.port) return false;
  return connect.host == listen.host || (is_this_machine(connect.host) && is_this_machine(listen.host));
}

using Settings = std::map<std::string_view, std::string>;

void add_ends(const std::vector<OptionInfo>& options, std::string_view name, const Settings& settings, End end,
              std::vector<End>& found) {
  for (const OptionInfo& option : options) {
    if (option.name != name || option.value == nullptr) continue;
    auto address = text_with(*option.value, settings);
    if (const auto http = address && name == "post" ? http_address(*address) : std::nullopt) {
      address = http->address;
      end.target = http->target;
    }
    const auto port = address ? port_of(*address) : std::nullopt;
    if (!port || *port == 0) continue;  // port 0: the system chooses a free one
    end.value = option.value;
    end.host = address->substr(0, address->rfind(':'));
    end.port = *port;
    found.push_back(end);
  }
}

std::vector<End> listeners(const Context& context, const Settings& settings) {
  std::vector<End> found;
  for (const auto& [name, source] : context.source_ends) {
    End end;
    end.source = &source;
    add_ends(source.options, "listen", settings, std::move(end), found);
  }
  return found;
}

std::vector<End> connectors(const Context& context, const Settings& settings) {
  std::vector<End> found;
  for (const auto& [name, destination] : context.destinations) {
    End end;
    end.destination = &destination;
    const bool writes = std::ranges::any_of(destination.options, [](const OptionInfo& o) { return o.name == "write"; });
    if (writes) continue;  // who meets whom there is a matter of folders
    add_ends(destination.options, "connect", settings, end, found);
    add_ends(destination.options, "post", settings, std::move(end), found);
  }
  return found;
}

/// The one asked for, or all; the empty name is the defaults.
std::vector<std::string_view> environments_of(const Context& context) {
  if (!context.environment.empty()) return {context.environment};
  std::vector<std::string_view> environments = {""};
  for (const auto* environment : context.project.all<syntax::EnvironmentDecl>())
    environments.push_back(environment->name->text);
  return environments;
}

std::string in_environment(std::string_view environment) {
  return environment.empty() ? "" : fmt::format(" in the environment `{}`", environment);
}

void check_listeners(Context& context, std::string_view environment, std::set<const SourceInfo*>& reported) {
  const std::vector<End> found = listeners(context, setting_values(context, environment));
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const bool in_order = found[j].value->span < found[i].value->span;
      const End& first = in_order ? found[j] : found[i];
      const End& second = in_order ? found[i] : found[j];
      if (!collide(first, second) || !reported.insert(second.source).second) continue;
      context.sink.report(
          {.code = diag::Code::E0708,
           .span = second.value->span,
           .message = fmt::format("`{}` and `{}` both listen on port {}{}", second.source->declaration->name->text,
                                  first.source->declaration->name->text, second.port, in_environment(environment)),
           .secondary = {{first.value->span, "the other one"}},
           .help = "give one of them another port or address"});
    }
  }
}

void check_connectors(Context& context, std::string_view environment, std::set<const DestinationInfo*>& reported) {
  const std::vector<End> found = connectors(context, setting_values(context, environment));
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const bool in_order = found[j].value->span < found[i].value->span;
      const End& first = in_order ? found[j] : found[i];
      const End& second = in_order ? found[i] : found[j];
      const bool same = first.port == second.port && first.host == second.host && first.target == second.target;
      if (!same || !reported.insert(second.destination).second) continue;
      context.sink.report(
          {.code = diag::Code::W0710,
           .span = second.value->span,
           .message = fmt::format("`{}` and `{}` deliver to one address{}", second.destination->declaration->name->text,
                                  first.destination->declaration->name->text, in_environment(environment)),
           .secondary = {{first.value->span, "the other one"}},
           .help = "each keeps the order of its own messages, and there is none between them; use one destination if the order "
                   "matters"});
    }
  }
}

// ---- circles --------------------------------------------------------------------------------------------------------------

/// Follows links and flows from one source; finds the link that leads back to it.
class Circle {
 public:
  Circle(const Context& context, const std::vector<Link>& links) : links_(links) {
    for (const auto* flow : context.project.all<syntax::FlowDecl>()) {
      std::set<std::string_view> destinations;
      deliveries_of(flow->steps, [&destinations](const syntax::Name& name) { destinations.insert(name.text); });
      for (const std::string_view source : sources_of(*flow))
        delivers_[source].insert(destinations.begin(), destinations.end());
    }
  }

  [[nodiscard]] const Link* back_to(const SourceInfo& source) {
    visited_.clear();
    return search(source, source);
  }

 private:
  const Link* search(const SourceInfo& from, const SourceInfo& target) {
    if (!visited_.insert(&from).second) return nullptr;
    const auto delivered = delivers_.find(from.declaration->name->text);
    if (delivered == delivers_.end()) return nullptr;
    for (const Link& link : links_) {
      if (!delivered->second.contains(link.destination->declaration->name->text)) continue;
      if (link.source == &target) return &link;
      if (const Link* found = search(*link.source, target)) return found;
    }
    return nullptr;
  }

  const std::vector<Link>& links_;
  std::map<std::string_view, std::set<std::string_view>> delivers_;  // by source
  std::set<const SourceInfo*> visited_;
};

}  // namespace

void check_ports(Context& context) {
  std::set<const SourceInfo*> sources;
  std::set<const DestinationInfo*> destinations;
  for (const std::string_view environment : environments_of(context)) {
    check_listeners(context, environment, sources);
    check_connectors(context, environment, destinations);
  }
}

std::vector<Link> links_of(const Context& context) {
  std::vector<Link> links;
  std::set<std::pair<const DestinationInfo*, const SourceInfo*>> seen;
  for (const std::string_view environment : environments_of(context)) {
    const Settings settings = setting_values(context, environment);
    const std::vector<End> listening = listeners(context, settings);
    for (const End& connect : connectors(context, settings)) {
      for (const End& listen : listening) {
        if (reaches(connect, listen) && seen.emplace(connect.destination, listen.source).second)
          links.push_back({connect.destination, listen.source, connect.value, listen.value, std::string(environment)});
      }
    }
  }
  return links;
}

void check_circles(Context& context) {
  const std::vector<Link> links = links_of(context);
  if (links.empty()) return;
  Circle circle(context, links);
  std::set<const Link*> reported;
  for (const auto& [name, source] : context.source_ends) {
    const Link* back = circle.back_to(source);
    if (back == nullptr || !reported.insert(back).second) continue;
    context.sink.report({.code = diag::Code::E0731,
                         .span = back->connect->span,
                         .message = fmt::format("what `{}` takes comes back to it through `{}`{}", name,
                                                back->destination->declaration->name->text, in_environment(back->environment)),
                         .secondary = {{back->listen->span, "here it listens"}},
                         .help = "a message would go round for ever: deliver to another address, or take the delivery out"});
  }
}

}  // namespace smarthl7::check
