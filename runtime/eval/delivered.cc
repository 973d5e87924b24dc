// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/delivered.h"

#include "runtime/eval/interpreter.h"
#include "stdlib/hl7/charset.h"

namespace smarthl7::eval {
namespace {

using builtins::Value;
using plan::ExprOp;
using plan::Id;
using plan::kNone;

class DeliveredOfBound final : public DeliveredMessage {
 public:
  explicit DeliveredOfBound(std::shared_ptr<const Bound> bound) : bound_(std::move(bound)), interpreter_(*bound_) {}

  void look_at(const hl7::Message& message, Id seen_as) override {
    interpreter_.reset();
    stage_.receive(*bound_, message, hl7::Charset::utf8);  // where MSH-18 is silent
    seen_as_ = seen_as;
  }

  bool holds(Id condition, Unmet& unmet) override {
    interpreter_.look_at(stage_, seen_as_);
    if (interpreter_.holds(condition)) return true;
    unmet = {};
    blame(condition, unmet);
    return false;
  }

 private:
  /// Finds the smallest part that is false: of `a and b` the side that does not hold, of a comparison its two values.
  void blame(Id id, Unmet& unmet) {
    const plan::Expr& e = bound_->plan().exprs[id];
    switch (e.op) {
      case ExprOp::logical_and: blame(interpreter_.holds(e.a) ? e.b : e.a, unmet); return;
      case ExprOp::equal:
      case ExprOp::not_equal:
      case ExprOp::less:
      case ExprOp::less_equal:
      case ExprOp::greater:
      case ExprOp::greater_equal: {
        const bool path_first = path_in(e.a) != kNone || path_in(e.b) == kNone;
        read(path_first ? e.a : e.b, unmet);
        unmet.compared = true;
        unmet.equality = e.op == ExprOp::equal;
        unmet.expected = text(path_first ? e.b : e.a);
        return;
      }
      case ExprOp::every_scope:
        interpreter_.for_each_in_scope(e.a, [&] {
          if (interpreter_.holds(e.b)) return true;
          blame(e.b, unmet);
          return false;
        });
        return;
      case ExprOp::in_list:
      case ExprOp::in_table:
      case ExprOp::matches:
      case ExprOp::present:
      case ExprOp::is_absent:
      case ExprOp::is_null: read(id, unmet); return;
      default: {
        read(id, unmet);
        return;
      }
    }
  }

  void name(Id path, Unmet& unmet) {
    unmet.path = bound_->text(bound_->plan().paths[path].text);
    unmet.segment = bound_->text(bound_->plan().paths[path].segment.name);
  }

  void read(Id id, Unmet& unmet) {
    const Id path = path_in(id);
    if (path == kNone) return;
    name(path, unmet);
    unmet.absent = true;
    interpreter_.for_each_place(path, [&](const hl7::Location& place) {
      const Value value = interpreter_.read(place);
      unmet.null = interpreter_.message().raw(place) == "\"\"";
      if (value.absent()) return true;
      unmet.absent = false;
      unmet.found = text_of(value, interpreter_.arena());
      return false;
    });
  }

  [[nodiscard]] std::string text(Id id) {
    Value value;
    if (!interpreter_.evaluate(id, value) || value.absent()) return {};
    return std::string(text_of(value, interpreter_.arena()));
  }

  /// The first path of an expression; kNone without one.
  [[nodiscard]] Id path_in(Id id) const {
    if (id == kNone) return kNone;
    const plan::Expr& e = bound_->plan().exprs[id];
    switch (e.op) {
      case ExprOp::read:
      case ExprOp::read_raw:
      case ExprOp::present:
      case ExprOp::is_absent:
      case ExprOp::is_null:
      case ExprOp::every_value:
      case ExprOp::any_value: return e.a;
      case ExprOp::in_list:
      case ExprOp::in_table:
      case ExprOp::matches:
      case ExprOp::logical_not: return path_in(e.a);
      case ExprOp::call:
      case ExprOp::concat:
        for (const Id part : bound_->list(e.list)) {
          if (const Id found = path_in(part); found != kNone) return found;
        }
        return kNone;
      case ExprOp::equal:
      case ExprOp::not_equal:
      case ExprOp::less:
      case ExprOp::less_equal:
      case ExprOp::greater:
      case ExprOp::greater_equal:
      case ExprOp::logical_and:
      case ExprOp::logical_or:
      case ExprOp::either:
      case ExprOp::add:
      case ExprOp::subtract:
      case ExprOp::multiply:
      case ExprOp::divide: {
        const Id found = path_in(e.a);
        return found != kNone ? found : path_in(e.b);
      }
      default: return kNone;
    }
  }

  std::shared_ptr<const Bound> bound_;
  Interpreter interpreter_;
  Stage stage_;
  Id seen_as_ = kNone;
};

}  // namespace

std::unique_ptr<DeliveredMessage> make_delivered_message(std::shared_ptr<const BoundPlan> plan) {
  return std::make_unique<DeliveredOfBound>(std::static_pointer_cast<const Bound>(std::move(plan)));
}

}  // namespace smarthl7::eval
