// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/ports.h"

#include <fmt/format.h>

#include <set>

#include "compiler/check/options.h"
#include "compiler/check/values.h"

namespace smarthl7::check {
namespace {

struct Listener {
  const SourceInfo* source = nullptr;
  const syntax::Expr* value = nullptr;
  std::string host;
  std::uint16_t port = 0;
};

bool is_every_host(std::string_view host) { return host == "0.0.0.0" || host == "[::]" || host == "*"; }

bool collide(const Listener& a, const Listener& b) {
  return a.port == b.port && (a.host == b.host || is_every_host(a.host) || is_every_host(b.host));
}

std::vector<Listener> listeners(const Context& context, const std::map<std::string_view, std::string>& settings) {
  std::vector<Listener> found;
  for (const auto& [name, source] : context.source_ends) {
    for (const OptionInfo& option : source.options) {
      if (option.name != "listen" || option.value == nullptr) continue;
      const auto address = text_with(*option.value, settings);
      const auto port = address ? port_of(*address) : std::nullopt;
      if (!port || *port == 0) continue;  // port 0: the system chooses a free one
      found.push_back({&source, option.value, address->substr(0, address->rfind(':')), *port});
    }
  }
  return found;
}

}  // namespace

void check_ports(Context& context) {
  std::vector<std::string_view> environments = {""};
  for (const auto* environment : context.project.all<syntax::EnvironmentDecl>())
    environments.push_back(environment->name->text);
  std::set<const SourceInfo*> reported;
  for (const std::string_view environment : environments) {
    if (!context.environment.empty() && environment != context.environment) continue;
    const std::vector<Listener> found = listeners(context, setting_values(context, environment));
    for (std::size_t i = 0; i < found.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const bool in_order = found[j].value->span < found[i].value->span;
        const Listener& first = in_order ? found[j] : found[i];
        const Listener& second = in_order ? found[i] : found[j];
        if (!collide(first, second) || !reported.insert(second.source).second) continue;
        const std::string where = environment.empty() ? "" : fmt::format(" in the environment `{}`", environment);
        context.sink.report(
            {.code = diag::Code::E0708,
             .span = second.value->span,
             .message = fmt::format("`{}` and `{}` both listen on port {}{}", second.source->declaration->name->text,
                                    first.source->declaration->name->text, second.port, where),
             .secondary = {{first.value->span, "the other one"}},
             .help = "give one of them another port or address"});
      }
    }
  }
}

}  // namespace smarthl7::check
