// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/copies.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compiler/check/flow_walk.h"
#include "compiler/check/ports.h"
#include "compiler/check/values.h"

namespace smarthl7::check {

using diag::Code;

namespace {

constexpr std::uint64_t kSecond = 1'000'000;

std::string duration_text(std::uint64_t micros) {
  const std::uint64_t seconds = (micros + kSecond - 1) / kSecond;
  if (seconds != 0 && seconds % 86'400 == 0) return fmt::format("{}d", seconds / 86'400);
  if (seconds != 0 && seconds % 3600 == 0) return fmt::format("{}h", seconds / 3600);
  if (seconds != 0 && seconds % 60 == 0) return fmt::format("{}m", seconds / 60);
  return fmt::format("{}s", seconds);
}

/// Rounded up, so that what is advised is enough: in hours once it is some.
std::string at_most(std::uint64_t micros) {
  constexpr std::uint64_t kHour = 3600 * kSecond;
  constexpr std::uint64_t kMinute = 60 * kSecond;
  const std::uint64_t unit = micros > 2 * kHour ? kHour : micros > 2 * kMinute ? kMinute : kSecond;
  return duration_text((micros + unit - 1) / unit * unit);
}

// ---- what a mapping does to the key ---------------------------------------------------------------------------------------

struct KeyWrite {
  source::Span span;
  bool keeps = false;  // what it writes is made of the part itself
};

/// The lines of a mapping that write a field of MSH, `when` and `each` included.
class KeyWrites {
 public:
  KeyWrites(const Context& context, std::string_view field) : context_(context), field_(field) {}

  [[nodiscard]] std::vector<KeyWrite> of(const syntax::MappingDecl& mapping) {
    items(mapping.items);
    return std::move(found_);
  }

 private:
  [[nodiscard]] bool is_field(const syntax::PathExpr& path) const {
    const auto at = context_.facts.paths.find(path.id);
    if (at == context_.facts.paths.end()) return context_.text(path.span) == field_;
    return at->second.segment == "MSH" && fmt::format("MSH-{}", at->second.path.field) == field_;
  }

  [[nodiscard]] bool reads_field(const syntax::Expr& value) const {
    const auto* text = value.try_as<syntax::StringExpr>();
    if (text != nullptr && text->is_literal()) return false;
    const std::string_view written = context_.text(value.span);
    for (std::size_t at = written.find(field_); at != std::string_view::npos; at = written.find(field_, at + 1)) {
      const std::size_t after = at + field_.size();
      if (after == written.size() || written[after] < '0' || written[after] > '9') return true;  // not MSH-1 in MSH-10
    }
    return false;
  }

  void items(syntax::List<syntax::MappingItem> list) {
    for (const syntax::MappingItem* item : list) {
      if (const auto* assign = item->try_as<syntax::AssignItem>()) {
        if (assign->target != nullptr && assign->value != nullptr && is_field(*assign->target))
          found_.push_back({assign->span, reads_field(*assign->value)});
      } else if (const auto* remove = item->try_as<syntax::DeleteItem>()) {
        for (const syntax::PathExpr* path : remove->paths)
          if (is_field(*path)) found_.push_back({path->span, false});
      } else if (const auto* when = item->try_as<syntax::WhenItem>()) {
        for (const syntax::WhenMappingArm* arm : when->arms) items(arm->items);
      } else if (const auto* each = item->try_as<syntax::EachItem>()) {
        items(each->items);
      }
    }
  }

  const Context& context_;
  std::string_view field_;
  std::vector<KeyWrite> found_;
};

// ---- deliveries of one message --------------------------------------------------------------------------------------------

bool types_meet(const Delivered& one, const Delivered& other) {
  if (one.types.empty() || other.types.empty()) return true;
  const auto meet = [](const AcceptedEvent& a, const AcceptedEvent& b) {
    if (!a.structure.empty() && !b.structure.empty() && a.structure != b.structure) return false;
    if (!a.code.empty() && !b.code.empty() && a.code != b.code) return false;
    return a.trigger.empty() || b.trigger.empty() || a.trigger == b.trigger;
  };
  return std::ranges::any_of(one.types, [&](const AcceptedEvent& a) {
    return std::ranges::any_of(other.types, [&](const AcceptedEvent& b) { return meet(a, b); });
  });
}

/// No message of theirs goes both ways.
bool exclusive(const Delivered& one, const Delivered& other) {
  if (!types_meet(one, other)) return true;
  if (one.flow != other.flow) {
    const auto sources = sources_of(*one.flow);
    const auto others = sources_of(*other.flow);
    return std::ranges::none_of(sources,
                                [&](std::string_view name) { return std::ranges::find(others, name) != others.end(); });
  }
  const Delivered& first = one.use->span.begin < other.use->span.begin ? one : other;
  if (first.otherwise) return true;  // its line ended there
  for (const auto& [step, arm] : one.arms)
    for (const auto& [other_step, other_arm] : other.arms)
      if (step == other_step && arm != other_arm) return true;
  return false;
}

class CopyCheck {
 public:
  CopyCheck(Context& context, const DestinationInfo& destination, const std::vector<Delivered>& delivered)
      : context_(context), destination_(destination), delivered_(delivered) {}

  void run(const std::vector<Link>& links) {
    check_apart();
    check_twice();
    check_senders();
    if (destination_.values.exactly_once) {
      check_memory();
      for (const Link& link : links)
        if (link.destination == &destination_) check_receiver(link);
    }
  }

 private:
  [[nodiscard]] std::string_view name() const { return destination_.declaration->name->text; }
  [[nodiscard]] std::string keys() const { return fmt::format("{}", fmt::join(destination_.idempotent, ", ")); }
  [[nodiscard]] bool has(std::string_view key) const {
    return std::ranges::find(destination_.idempotent, key) != destination_.idempotent.end();
  }

  /// The mappings before a delivery that write a part of the key.
  [[nodiscard]] std::set<const syntax::MappingDecl*> writers(const Delivered& delivered) const {
    std::set<const syntax::MappingDecl*> found;
    for (const syntax::MappingDecl* mapping : delivered.mappings)
      for (const std::string& key : destination_.idempotent)
        if (!KeyWrites(context_, key).of(*mapping).empty()) found.insert(mapping);
    return found;
  }

  /// What is written to the control id must be made of it, or two messages may come with one key and the second is lost.
  void check_apart() {
    std::set<std::uint32_t> told;
    for (const Delivered& delivered : delivered_) {
      for (const syntax::MappingDecl* mapping : delivered.mappings) {
        const std::string key = has("MSH-10") ? "MSH-10" : destination_.idempotent.front();
        if (!has("MSH-10") && destination_.idempotent.size() > 1) continue;  // the other parts may do
        for (const KeyWrite& write : KeyWrites(context_, key).of(*mapping)) {
          if (write.keeps || !told.insert(write.span.begin).second) continue;
          context_.sink.report(
              {.code = Code::E0743,
               .span = write.span,
               .message = fmt::format("`{}` knows copies by {}, and what is written here does not hold the sender's {}", name(),
                                      keys(), key),
               .secondary = {{destination_.idempotent_option->span,
                              "two messages with one key are one message to the receiver"}},
               .help =
                   fmt::format("make it of the sender's, as in `{} = \"A{{{}}}\"`, or leave {} as it comes", key, key, key)});
        }
      }
    }
  }

  void check_twice() {
    for (std::size_t i = 0; i < delivered_.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const Delivered& first = delivered_[j];
        const Delivered& second = delivered_[i];
        if (exclusive(first, second) || writers(first) != writers(second)) continue;
        context_.sink.report(
            {.code = Code::E0742,
             .span = second.use->span,
             .message = fmt::format(
                 "a message can come to `{}` twice with one key ({}): the receiver drops the second as a copy", name(), keys()),
             .secondary = {{first.use->span, first.flow == second.flow
                                                 ? std::string("it was delivered here")
                                                 : fmt::format("the flow `{}` delivers it here", first.flow->name->text)}},
             .help = "deliver it once, or give one of the two its own control id, as in `MSH-10 = \"{MSH-10}.2\"`"});
        return;
      }
    }
  }

  void check_senders() {
    if (has("MSH-3")) return;
    std::set<std::string_view> sources;
    for (const Delivered& delivered : delivered_)
      for (const std::string_view source : sources_of(*delivered.flow)) sources.insert(source);
    if (sources.size() < 2) return;
    context_.sink.report(
        Code::W0704, destination_.idempotent_option->span,
        fmt::format("`{}` gets messages of {}, and a control id is one sender's own: two messages may have the "
                    "same, and the receiver drops one",
                    name(), fmt::join(sources, ", ")),
        "if the receiver takes the sender into account, say `idempotent by MSH-3, MSH-10`; if not, let a "
        "mapping make MSH-10 one that no other sender has");
  }

  /// The receiver must remember until the last try of what it may have seen.
  void check_memory() {
    const auto at = context_.retries.find(destination_.retry);
    if (at == context_.retries.end() || at->second.broken) return;
    const RetryInfo& retry = at->second;
    const plan::Destination& values = destination_.values;
    const std::uint64_t by_attempts = retry.give_up_attempts * retry.most_micros.value_or(0);
    const std::uint64_t last_pause = retry.most_micros.value_or(0) +
                                     retry.most_micros.value_or(0) / 100 * retry.jitter_percent + values.ack_within_micros +
                                     values.application_within_micros;
    const std::uint64_t tried = std::max({retry.give_up_micros, by_attempts, retry.unreachable_give_up_micros}) + last_pause;
    const std::uint64_t memory = values.idempotent_within_micros;
    if (tried > memory) {
      context_.sink.report(
          {.code = Code::E0741,
           .span = destination_.idempotent_option->span,
           .message = fmt::format("`{}` tries a message for more than {}, and its receiver forgets it after {}", name(),
                                  duration_text(tried - last_pause), duration_text(memory)),
           .secondary = {{destination_.delivery_option->span, "so it is not exactly once"}},
           .help =
               fmt::format("let the retry `{}` end earlier, or write `within {}` or longer if the receiver remembers for so "
                           "long: the last pause and the last answer count too",
                           destination_.retry, at_most(tried))});
    } else if (retry.unreachable_give_up_micros == 0) {
      context_.sink.report(
          Code::W0703, destination_.idempotent_option->span,
          fmt::format("`{}` tries a message that was not answered for ever, and its receiver forgets it after {}", name(),
                      duration_text(memory)),
          "past this its lane is held, with an alert, until a person has asked the receiver; `unreachable give_up after D` in "
          "its "
          "retry gives the message up instead");
    }
  }

  /// The receiver is a source of this very project: what its flows do is known.
  void check_receiver(const Link& link) {
    const std::string_view source = link.source->declaration->name->text;
    for (const auto* flow : context_.project.all<syntax::FlowDecl>()) {
      const auto sources = sources_of(*flow);
      if (std::ranges::find(sources, source) == sources.end()) continue;
      const syntax::DedupStep* dedup = nullptr;
      for (const syntax::Step* step : flow->steps)
        if (dedup == nullptr) dedup = step->try_as<syntax::DedupStep>();
      if (dedup == nullptr) {
        context_.sink.report(
            {.code = Code::E0740,
             .span = destination_.idempotent_option->span,
             .message = fmt::format("the receiver of `{}` is the source `{}`, and its flow `{}` has no `dedup`", name(), source,
                                    flow->name->text),
             .secondary = {{flow->name->span, "takes each copy as a new message"}},
             .help = fmt::format("add `dedup by {} within {}` there", keys(),
                                 duration_text(destination_.values.idempotent_within_micros))});
        continue;
      }
      const auto* unit = dedup->within == nullptr ? nullptr : dedup->within->try_as<syntax::UnitExpr>();
      const auto window = unit == nullptr ? std::nullopt : duration_micros(*unit);
      if (!window || *window >= destination_.values.idempotent_within_micros) continue;
      context_.sink.report({.code = Code::E0741,
                            .span = destination_.idempotent_option->span,
                            .message = fmt::format("the receiver of `{}` is the flow `{}`, and it forgets a message after {}",
                                                   name(), flow->name->text, duration_text(*window)),
                            .secondary = {{dedup->within->span, "its memory"}},
                            .help = fmt::format("write `within {}` there, or less here",
                                                duration_text(destination_.values.idempotent_within_micros))});
    }
  }

  Context& context_;
  const DestinationInfo& destination_;
  const std::vector<Delivered>& delivered_;
};

}  // namespace

void check_copies(Context& context) {
  const std::vector<Link> links = links_of(context);
  const std::vector<Delivered> nowhere;
  for (const auto& [name, destination] : context.destinations) {
    if (destination.refused || destination.idempotent.empty()) continue;
    const auto at = context.delivered.find(name);
    CopyCheck(context, destination, at == context.delivered.end() ? nowhere : at->second).run(links);
  }
}

}  // namespace smarthl7::check
