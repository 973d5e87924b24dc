// SPDX-License-Identifier: Apache-2.0
// The walk over one flow's steps. Internal to the check of flows; borrows the context; one thread; reports to the sink.
// A Way is what is known of a message between two steps; each step takes one and gives the next.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/check/context.h"
#include "compiler/check/ports.h"

namespace smarthl7::check {

class Shadow;

struct Way {
  MessageState state;
  bool ended = false;                                // no message comes here any more
  bool told = false;                                 // and that was reported for the steps here
  bool delivered = false;                            // at least one destination, or an end, has it on every way to here
  std::set<std::string_view> reached;                // destinations that have it on every way to here, copies apart
  std::optional<source::Span> ender;                 // the step that ended it
  std::optional<source::Span> split;                 // the step that made parts of it
  std::vector<const syntax::MappingDecl*> mappings;  // that were applied
  std::vector<std::pair<NodeId, std::size_t>> arms;  // of the `when` and `route` around: which arm
  std::optional<diag::Label> open_choice;            // the choice through which a message passes without an end
};

/// The type of a message about which an error was reported.
[[nodiscard]] MessageType unknown_type();

class FlowChecker {
 public:
  /// `links` are links_of() the project; they outlive the checker.
  FlowChecker(Context& context, const syntax::FlowDecl& flow, const std::vector<Link>& links)
      : context_(context), flow_(flow), links_(links) {}

  void check();

 private:
  // steps of a line
  Way steps(syntax::List<syntax::Step> list, Way way);
  Way step(const syntax::Step& step, Way way);
  Way validate(const syntax::ValidateStep& step, Way way);
  void dedup(const syntax::DedupStep& step, const Way& way);
  Way map(const syntax::MapStep& step, Way way);
  Way redact(const syntax::RedactStep& step, Way way);
  // convert.cc
  Way convert(const syntax::ConvertStep& step, Way way);
  /// A step that works on segments and fields, and a document comes: reported.
  bool needs_message(const syntax::Step& step, std::string_view word, const Way& way);
  void check_content(const syntax::Name& use, const DestinationInfo& destination, const Way& way);
  void branch(const syntax::BranchStep& step, Way way);
  Way deliver(const syntax::Node& step, syntax::List<syntax::Name> destinations, Way way);
  void respond(const syntax::RespondStep& step, const Way& way);
  Way end(const syntax::Step& step, const syntax::StringExpr* reason, Way way);
  Way refuse(const syntax::Step& step, Way way);
  // one message to many, many to one, none: flow_shapes.cc
  Way split(const syntax::SplitStep& step, Way way);
  Way reject(const syntax::RejectStep& step, Way way);
  /// With all that follows it in its body, which belongs to the batch.
  Way batch(const syntax::BatchStep& step, std::span<const syntax::Step* const> rest, Way way);
  // choices
  Way when(const syntax::WhenStep& step, const Way& way);
  Way route(const syntax::RouteStep& step, const Way& way);
  Way route_type(const syntax::RouteStep& step, const Way& way);
  Way fanout(const syntax::FanoutStep& step, const Way& way);
  /// All arms that go on as one; `passes` if a message can go by them all.
  Way merged(const syntax::Step& step, std::vector<Way> ways, std::optional<Way> passes);
  bool hidden(const syntax::Arm& arm, const syntax::Node& value, std::string key,
              std::vector<std::pair<std::string, source::Span>>& seen);
  void hidden(const syntax::Expr& condition, Shadow& shadow);
  bool after_otherwise(const syntax::Arm& arm, const syntax::Arm*& otherwise);
  // parts
  void sources(const syntax::FromStep& step);
  bool check_source_order();
  /// What the sources ask of the flow's dedup: `ack when delivered`, `resends within`, a destination of ours behind them.
  void check_dedup_window();
  void check_open_end(const Way& way, source::Span place, std::string_view what);
  void check_failure(const syntax::Step& step, const syntax::ElseClause* clause, const Way& way, std::string_view what,
                     bool may_continue);
  void check_reject(source::Span span, std::string_view what);
  void check_keys(const syntax::Node& step, const syntax::Name& use, const DestinationInfo& destination, const Way& way);
  /// Remembers the delivery for check_copies().
  void note_delivery(const syntax::Name& use, const DestinationInfo& destination, const Way& way, bool otherwise);
  void check_refused_types(const syntax::ValidateStep& step, const MessageType& type);
  [[nodiscard]] bool fits_sources(const MessageType& type) const;
  [[nodiscard]] std::string accepted_text() const;

  Context& context_;
  const syntax::FlowDecl& flow_;
  const std::vector<Link>& links_;
  std::vector<const SourceInfo*> sources_;
  bool takes_everything_ = false;       // a source without `accept`
  std::vector<AcceptedEvent> accepts_;  // of all sources
  bool sources_known_ = true;           // none of them is broken
  std::string_view no_reject_;          // why a reject cannot be told; empty: it can
  const syntax::DedupStep* dedup_ = nullptr;
  std::optional<std::uint64_t> window_micros_;  // of it
  const syntax::RespondStep* respond_ = nullptr;
  int choices_ = 0;  // `when`, `route EXPR` and `fanout` around
  bool in_branch_ = false;
  bool in_fanout_ = false;  // in an arm of one, not in a branch there
};

}  // namespace smarthl7::check
