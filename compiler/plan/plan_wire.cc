// SPDX-License-Identifier: Apache-2.0
// Plan <-> Cap'n Proto, one put and one get for each struct of plan.h.
#include "compiler/plan/plan_wire.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include <cstring>

#include "compiler/plan/plan.capnp.h"

namespace smarthl7::plan::wire {
namespace {

// Enumerations: a number outside of the enumeration is an error of the file.
struct Bad {
  const char* what;
};

template <class E>
E to_enum(std::uint16_t number, E last, const char* what) {
  if (number > static_cast<std::uint16_t>(last)) throw Bad{what};
  return static_cast<E>(number);
}

template <class E>
std::uint16_t from_enum(E value) {
  return static_cast<std::uint16_t>(value);
}

std::string to_string(capnp::Text::Reader text) { return std::string(text.begin(), text.size()); }

Sha256 to_digest(capnp::Data::Reader data) {
  Sha256 digest{};
  if (data.size() != digest.size()) throw Bad{"a digest is not 32 bytes long"};
  std::memcpy(digest.data(), data.begin(), digest.size());
  return digest;
}

capnp::Data::Reader from_digest(const Sha256& digest) { return capnp::Data::Reader(digest.data(), digest.size()); }

// Lists of structures call these.
void put(const plan::SourcePlace& from, SourcePlace::Builder to);
void get(SourcePlace::Reader from, plan::SourcePlace& to);
void put(const plan::Path& from, Path::Builder to);
void get(Path::Reader from, plan::Path& to);
void put(const plan::Expr& from, Expr::Builder to);
void get(Expr::Reader from, plan::Expr& to);
void put(const plan::Scope& from, Scope::Builder to);
void get(Scope::Reader from, plan::Scope& to);
void put(const plan::Statement& from, Statement::Builder to);
void get(Statement::Reader from, plan::Statement& to);
void put(const plan::Mapping& from, Mapping::Builder to);
void get(Mapping::Reader from, plan::Mapping& to);
void put(const plan::Cardinality& from, Cardinality::Builder to);
void get(Cardinality::Reader from, plan::Cardinality& to);
void put(const plan::LocalField& from, LocalField::Builder to);
void get(LocalField::Reader from, plan::LocalField& to);
void put(const plan::LocalSegment& from, LocalSegment::Builder to);
void get(LocalSegment::Reader from, plan::LocalSegment& to);
void put(const plan::Rule& from, Rule::Builder to);
void get(Rule::Reader from, plan::Rule& to);
void put(const plan::TableExtension& from, TableExtension::Builder to);
void get(TableExtension::Reader from, plan::TableExtension& to);
void put(const plan::Message& from, Message::Builder to);
void get(Message::Reader from, plan::Message& to);
void put(const plan::RedactionItem& from, RedactionItem::Builder to);
void get(RedactionItem::Reader from, plan::RedactionItem& to);
void put(const plan::Redaction& from, Redaction::Builder to);
void get(Redaction::Reader from, plan::Redaction& to);
void put(const plan::Arm& from, Arm::Builder to);
void get(Arm::Reader from, plan::Arm& to);
void put(const plan::Step& from, Step::Builder to);
void get(Step::Reader from, plan::Step& to);
void put(const plan::Batch& from, Batch::Builder to);
void get(Batch::Reader from, plan::Batch& to);
void put(const plan::AlertCondition& from, AlertCondition::Builder to);
void get(AlertCondition::Reader from, plan::AlertCondition& to);
void put(const plan::Alert& from, Alert::Builder to);
void get(Alert::Reader from, plan::Alert& to);
void put(const plan::AcceptedType& from, AcceptedType::Builder to);
void get(AcceptedType::Reader from, plan::AcceptedType& to);
void put(const plan::Flow& from, Flow::Builder to);
void get(Flow::Reader from, plan::Flow& to);
void put(const plan::OptionValue& from, OptionValue::Builder to);
void get(OptionValue::Reader from, plan::OptionValue& to);
void put(const plan::Source& from, Source::Builder to);
void get(Source::Reader from, plan::Source& to);
void put(const plan::Retry& from, Retry::Builder to);
void get(Retry::Reader from, plan::Retry& to);
void put(const plan::Destination& from, Destination::Builder to);
void get(Destination::Reader from, plan::Destination& to);
void put(const plan::Table& from, Table::Builder to);
void get(Table::Reader from, plan::Table& to);
void put(const plan::Setting& from, Setting::Builder to);
void get(Setting::Reader from, plan::Setting& to);
void put(const plan::EnvironmentValue& from, EnvironmentValue::Builder to);
void get(EnvironmentValue::Reader from, plan::EnvironmentValue& to);
void put(const plan::Environment& from, Environment::Builder to);
void get(Environment::Reader from, plan::Environment& to);
void put(const plan::Input& from, Input::Builder to);
void get(Input::Reader from, plan::Input& to);

template <class List>
void put_ids(const std::vector<Id>& from, List to) {
  for (unsigned i = 0; i < from.size(); ++i) to.set(i, from[i]);
}

template <class List>
void get_ids(List from, std::vector<Id>& to) {
  to.reserve(from.size());
  for (const auto id : from) to.push_back(id);
}

template <class T, class List>
void put_all(const std::vector<T>& from, List to) {
  for (unsigned i = 0; i < from.size(); ++i) put(from[i], to[i]);
}

template <class T, class List>
void get_all(List from, std::vector<T>& to) {
  to.resize(from.size());
  for (unsigned i = 0; i < from.size(); ++i) get(from[i], to[i]);
}

void put(const plan::SourcePlace& from, SourcePlace::Builder to) {
  to.setFile(from.file);
  to.setLine(from.line);
  to.setColumn(from.column);
}

void get(SourcePlace::Reader from, plan::SourcePlace& to) {
  to.file = from.getFile();
  to.line = from.getLine();
  to.column = from.getColumn();
}

void put(const plan::Path& from, Path::Builder to) {
  to.setSegmentFrame(from.segment.frame);
  to.setSegmentGroup(from.segment.group);
  to.setSegmentNode(from.segment.node);
  to.setSegmentName(from.segment.name);
  to.setSegmentPick(from_enum(from.segment.pick));
  to.setSegmentN(from.segment.n);
  to.setField(from.field);
  to.setRepetition(from_enum(from.repetition));
  to.setRepetitionN(from.repetition_n);
  to.setChoice(from.choice);
  to.setComponent(from.component);
  to.setSubcomponent(from.subcomponent);
  to.setText(from.text);
}

void get(Path::Reader from, plan::Path& to) {
  to.segment.frame = from.getSegmentFrame();
  to.segment.group = from.getSegmentGroup();
  to.segment.node = from.getSegmentNode();
  to.segment.name = from.getSegmentName();
  to.segment.pick = to_enum(from.getSegmentPick(), plan::Pick::chosen, "Path.segment.pick is unknown");
  to.segment.n = from.getSegmentN();
  to.field = from.getField();
  to.repetition = to_enum(from.getRepetition(), plan::Pick::chosen, "Path.repetition is unknown");
  to.repetition_n = from.getRepetitionN();
  to.choice = from.getChoice();
  to.component = from.getComponent();
  to.subcomponent = from.getSubcomponent();
  to.text = from.getText();
}

void put(const plan::Expr& from, Expr::Builder to) {
  to.setOp(from_enum(from.op));
  to.setType(from_enum(from.type));
  to.setPrintAbsent(from.print_absent);
  to.setA(from.a);
  to.setB(from.b);
  to.setC(from.c);
  to.setListFirst(from.list.first);
  to.setListCount(from.list.count);
  to.setPlace(from.place);
}

void get(Expr::Reader from, plan::Expr& to) {
  to.op = to_enum(from.getOp(), plan::ExprOp::in_values, "Expr.op is unknown");
  to.type = to_enum(from.getType(), plan::ValueType::nothing, "Expr.type is unknown");
  to.print_absent = from.getPrintAbsent();
  to.a = from.getA();
  to.b = from.getB();
  to.c = from.getC();
  to.list.first = from.getListFirst();
  to.list.count = from.getListCount();
  to.place = from.getPlace();
}

void put(const plan::Scope& from, Scope::Builder to) {
  to.setKind(from_enum(from.kind));
  to.setFrame(from.frame);
  to.setNode(from.node);
  to.setName(from.name);
  to.setPath(from.path);
  to.setWhere(from.where);
}

void get(Scope::Reader from, plan::Scope& to) {
  to.kind = to_enum(from.getKind(), plan::ScopeKind::repetition, "Scope.kind is unknown");
  to.frame = from.getFrame();
  to.node = from.getNode();
  to.name = from.getName();
  to.path = from.getPath();
  to.where = from.getWhere();
}

void put(const plan::Statement& from, Statement::Builder to) {
  to.setOp(from_enum(from.op));
  to.setTarget(from.target);
  to.setValue(from.value);
  to.setScope(from.scope);
  to.setCondition(from.condition);
  to.setBodyFirst(from.body.first);
  to.setBodyCount(from.body.count);
  to.setOtherwiseFirst(from.otherwise.first);
  to.setOtherwiseCount(from.otherwise.count);
  to.setOnFailureKind(from_enum(from.on_failure.kind));
  to.setOnFailureReason(from.on_failure.reason);
  to.setOnFailureDestination(from.on_failure.destination);
  to.setOnFailureValue(from.on_failure.value);
  to.setPlace(from.place);
  to.setMade(from.made);
}

void get(Statement::Reader from, plan::Statement& to) {
  to.op = to_enum(from.getOp(), plan::StatementOp::copy_group, "Statement.op is unknown");
  to.target = from.getTarget();
  to.value = from.getValue();
  to.scope = from.getScope();
  to.condition = from.getCondition();
  to.body.first = from.getBodyFirst();
  to.body.count = from.getBodyCount();
  to.otherwise.first = from.getOtherwiseFirst();
  to.otherwise.count = from.getOtherwiseCount();
  to.on_failure.kind = to_enum(from.getOnFailureKind(), plan::ElseKind::value, "Statement.on_failure.kind is unknown");
  to.on_failure.reason = from.getOnFailureReason();
  to.on_failure.destination = from.getOnFailureDestination();
  to.on_failure.value = from.getOnFailureValue();
  to.place = from.getPlace();
  to.made = from.getMade();
}

void put(const plan::Mapping& from, Mapping::Builder to) {
  to.setName(from.name);
  to.setMessage(from.message);
  to.setBodyFirst(from.body.first);
  to.setBodyCount(from.body.count);
  to.setResult(from.result);
  to.setCode(from.code);
  to.setTrigger(from.trigger);
}

void get(Mapping::Reader from, plan::Mapping& to) {
  to.name = from.getName();
  to.message = from.getMessage();
  to.body.first = from.getBodyFirst();
  to.body.count = from.getBodyCount();
  to.result = from.getResult();
  to.code = from.getCode();
  to.trigger = from.getTrigger();
}

void put(const plan::Cardinality& from, Cardinality::Builder to) {
  to.setNode(from.node);
  to.setMin(from.min);
  to.setMax(from.max);
}

void get(Cardinality::Reader from, plan::Cardinality& to) {
  to.node = from.getNode();
  to.min = from.getMin();
  to.max = from.getMax();
}

void put(const plan::LocalField& from, LocalField::Builder to) {
  to.setNumber(from.number);
  to.setName(from.name);
  to.setType(from.type);
  to.setLength(from.length);
  to.setRequired(from.required);
  to.setRepeats(from.repeats);
  to.setPhi(from.phi);
}

void get(LocalField::Reader from, plan::LocalField& to) {
  to.number = from.getNumber();
  to.name = from.getName();
  to.type = from.getType();
  to.length = from.getLength();
  to.required = from.getRequired();
  to.repeats = from.getRepeats();
  to.phi = from.getPhi();
}

void put(const plan::LocalSegment& from, LocalSegment::Builder to) {
  to.setName(from.name);
  to.setAfter(from.after);
  to.setRequired(from.required);
  to.setRepeats(from.repeats);
  to.setFieldsFirst(from.fields.first);
  to.setFieldsCount(from.fields.count);
}

void get(LocalSegment::Reader from, plan::LocalSegment& to) {
  to.name = from.getName();
  to.after = from.getAfter();
  to.required = from.getRequired();
  to.repeats = from.getRepeats();
  to.fields.first = from.getFieldsFirst();
  to.fields.count = from.getFieldsCount();
}

void put(const plan::Rule& from, Rule::Builder to) {
  to.setKind(from_enum(from.kind));
  to.setPath(from.path);
  to.setCondition(from.condition);
  to.setText(from.text);
  to.setPlace(from.place);
}

void get(Rule::Reader from, plan::Rule& to) {
  to.kind = to_enum(from.getKind(), plan::RuleKind::rule, "Rule.kind is unknown");
  to.path = from.getPath();
  to.condition = from.getCondition();
  to.text = from.getText();
  to.place = from.getPlace();
}

void put(const plan::TableExtension& from, TableExtension::Builder to) {
  to.setTable(from.table);
  to.setCodesFirst(from.codes.first);
  to.setCodesCount(from.codes.count);
  to.setClosed(from.closed);
}

void get(TableExtension::Reader from, plan::TableExtension& to) {
  to.table = from.getTable();
  to.codes.first = from.getCodesFirst();
  to.codes.count = from.getCodesCount();
  to.closed = from.getClosed();
}

void put(const plan::Message& from, Message::Builder to) {
  to.setName(from.name);
  to.setVersion(from.version);
  to.setFromVersion(from.from_version);
  to.setStructure(from.structure);
  to.setDefinition(from.definition);
  put_all(from.cardinalities, to.initCardinalities(static_cast<unsigned>(from.cardinalities.size())));
  put_all(from.segments, to.initSegments(static_cast<unsigned>(from.segments.size())));
  put_all(from.rules, to.initRules(static_cast<unsigned>(from.rules.size())));
  put_all(from.tables, to.initTables(static_cast<unsigned>(from.tables.size())));
}

void get(Message::Reader from, plan::Message& to) {
  to.name = from.getName();
  to.version = from.getVersion();
  to.from_version = from.getFromVersion();
  to.structure = from.getStructure();
  to.definition = from.getDefinition();
  get_all(from.getCardinalities(), to.cardinalities);
  get_all(from.getSegments(), to.segments);
  get_all(from.getRules(), to.rules);
  get_all(from.getTables(), to.tables);
}

void put(const plan::Arm& from, Arm::Builder to) {
  to.setOtherwise(from.otherwise);
  to.setValuesFirst(from.values.first);
  to.setValuesCount(from.values.count);
  to.setCondition(from.condition);
  to.setBodyFirst(from.body.first);
  to.setBodyCount(from.body.count);
  to.setPlace(from.place);
}

void get(Arm::Reader from, plan::Arm& to) {
  to.otherwise = from.getOtherwise();
  to.values.first = from.getValuesFirst();
  to.values.count = from.getValuesCount();
  to.condition = from.getCondition();
  to.body.first = from.getBodyFirst();
  to.body.count = from.getBodyCount();
  to.place = from.getPlace();
}

void put(const plan::RedactionItem& from, RedactionItem::Builder to) {
  to.setLayer(from.layer);
  to.setSegment(from.segment);
  to.setField(from.field);
  to.setComponent(from.component);
  to.setSubcomponent(from.subcomponent);
  to.setLabelsFirst(from.labels.first);
  to.setLabelsCount(from.labels.count);
  to.setMethod(from_enum(from.method));
  to.setSecret(from.secret);
  to.setKeySegment(from.key_segment);
  to.setKeyField(from.key_field);
  to.setKeyComponent(from.key_component);
  to.setKeySubcomponent(from.key_subcomponent);
  to.setAmount(from.amount);
  to.setShape(from.shape);
  to.setPlace(from.place);
}

void get(RedactionItem::Reader from, plan::RedactionItem& to) {
  to.layer = from.getLayer();
  to.segment = from.getSegment();
  to.field = from.getField();
  to.component = from.getComponent();
  to.subcomponent = from.getSubcomponent();
  to.labels.first = from.getLabelsFirst();
  to.labels.count = from.getLabelsCount();
  to.method = to_enum(from.getMethod(), plan::RedactMethod::synthetic, "RedactionItem.method is unknown");
  to.secret = from.getSecret();
  to.key_segment = from.getKeySegment();
  to.key_field = from.getKeyField();
  to.key_component = from.getKeyComponent();
  to.key_subcomponent = from.getKeySubcomponent();
  to.amount = from.getAmount();
  to.shape = from.getShape();
  to.place = from.getPlace();
}

void put(const plan::Redaction& from, Redaction::Builder to) {
  to.setName(from.name);
  to.setAllow(from.allow);
  to.setVersion(from.version);
  to.setMessage(from.message);
  put_all(from.items, to.initItems(static_cast<unsigned>(from.items.size())));
}

void get(Redaction::Reader from, plan::Redaction& to) {
  to.name = from.getName();
  to.allow = from.getAllow();
  to.version = from.getVersion();
  to.message = from.getMessage();
  get_all(from.getItems(), to.items);
}

void put(const plan::Step& from, Step::Builder to) {
  to.setOp(from_enum(from.op));
  to.setTolerant(from.tolerant);
  to.setStrict(from.strict);
  to.setRejectConflict(from.reject_conflict);
  to.setByType(from.by_type);
  to.setUrgent(from.urgent);
  to.setA(from.a);
  to.setListFirst(from.list.first);
  to.setListCount(from.list.count);
  to.setBodyFirst(from.body.first);
  to.setBodyCount(from.body.count);
  to.setOtherwiseFirst(from.otherwise.first);
  to.setOtherwiseCount(from.otherwise.count);
  to.setWindowSeconds(from.window_seconds);
  to.setIgnoringFirst(from.ignoring.first);
  to.setIgnoringCount(from.ignoring.count);
  to.setLevel(from_enum(from.level));
  to.setOnFailureKind(from_enum(from.on_failure.kind));
  to.setOnFailureReason(from.on_failure.reason);
  to.setOnFailureDestination(from.on_failure.destination);
  to.setOnFailureValue(from.on_failure.value);
  to.setPlace(from.place);
}

void get(Step::Reader from, plan::Step& to) {
  to.op = to_enum(from.getOp(), plan::StepOp::batch, "Step.op is unknown");
  to.tolerant = from.getTolerant();
  to.strict = from.getStrict();
  to.reject_conflict = from.getRejectConflict();
  to.by_type = from.getByType();
  to.urgent = from.getUrgent();
  to.a = from.getA();
  to.list.first = from.getListFirst();
  to.list.count = from.getListCount();
  to.body.first = from.getBodyFirst();
  to.body.count = from.getBodyCount();
  to.otherwise.first = from.getOtherwiseFirst();
  to.otherwise.count = from.getOtherwiseCount();
  to.window_seconds = from.getWindowSeconds();
  to.ignoring.first = from.getIgnoringFirst();
  to.ignoring.count = from.getIgnoringCount();
  to.level = to_enum(from.getLevel(), plan::Level::deidentified, "Step.level is unknown");
  to.on_failure.kind = to_enum(from.getOnFailureKind(), plan::ElseKind::value, "Step.on_failure.kind is unknown");
  to.on_failure.reason = from.getOnFailureReason();
  to.on_failure.destination = from.getOnFailureDestination();
  to.on_failure.value = from.getOnFailureValue();
  to.place = from.getPlace();
}

void put(const plan::Batch& from, Batch::Builder to) {
  to.setName(from.name);
  to.setMostMessages(from.most_messages);
  to.setMostMicros(from.most_micros);
  to.setDestinationsFirst(from.destinations.first);
  to.setDestinationsCount(from.destinations.count);
  to.setPlace(from.place);
}

void get(Batch::Reader from, plan::Batch& to) {
  to.name = from.getName();
  to.most_messages = from.getMostMessages();
  to.most_micros = from.getMostMicros();
  to.destinations.first = from.getDestinationsFirst();
  to.destinations.count = from.getDestinationsCount();
  to.place = from.getPlace();
}

void put(const plan::AlertCondition& from, AlertCondition::Builder to) {
  to.setMetric(from.metric);
  to.setQuantile(from.quantile);
  to.setFlow(from.flow);
  to.setDestination(from.destination);
  to.setOp(from.op);
  to.setValue(from.value);
  to.setForMicros(from.for_micros);
}

void get(AlertCondition::Reader from, plan::AlertCondition& to) {
  to.metric = from.getMetric();
  to.quantile = from.getQuantile();
  to.flow = from.getFlow();
  to.destination = from.getDestination();
  to.op = from.getOp();
  to.value = from.getValue();
  to.for_micros = from.getForMicros();
}

void put(const plan::Alert& from, Alert::Builder to) {
  to.setName(from.name);
  put_all(from.conditions, to.initConditions(static_cast<unsigned>(from.conditions.size())));
  to.setNotifyFirst(from.notify.first);
  to.setNotifyCount(from.notify.count);
  to.setPlace(from.place);
}

void get(Alert::Reader from, plan::Alert& to) {
  to.name = from.getName();
  get_all(from.getConditions(), to.conditions);
  to.notify.first = from.getNotifyFirst();
  to.notify.count = from.getNotifyCount();
  to.place = from.getPlace();
}

void put(const plan::AcceptedType& from, AcceptedType::Builder to) {
  to.setCode(from.code);
  to.setTrigger(from.trigger);
  to.setStructure(from.structure);
}

void get(AcceptedType::Reader from, plan::AcceptedType& to) {
  to.code = from.getCode();
  to.trigger = from.getTrigger();
  to.structure = from.getStructure();
}

void put(const plan::Flow& from, Flow::Builder to) {
  to.setName(from.name);
  to.setSourcesFirst(from.sources.first);
  to.setSourcesCount(from.sources.count);
  to.setMessage(from.message);
  to.setBodyFirst(from.body.first);
  to.setBodyCount(from.body.count);
  to.setRespondFrom(from.respond_from);
  to.setRespondWithinMicros(from.respond_within_micros);
  to.setPlace(from.place);
}

void get(Flow::Reader from, plan::Flow& to) {
  to.name = from.getName();
  to.sources.first = from.getSourcesFirst();
  to.sources.count = from.getSourcesCount();
  to.message = from.getMessage();
  to.body.first = from.getBodyFirst();
  to.body.count = from.getBodyCount();
  to.respond_from = from.getRespondFrom();
  to.respond_within_micros = from.getRespondWithinMicros();
  to.place = from.getPlace();
}

void put(const plan::OptionValue& from, OptionValue::Builder to) {
  to.setName(from.name);
  to.setKind(from_enum(from.kind));
  to.setValue(from.value);
  to.setSecret(from.secret);
  to.setFile(from.file);
}

void get(OptionValue::Reader from, plan::OptionValue& to) {
  to.name = from.getName();
  to.kind = to_enum(from.getKind(), plan::OptionKind::block, "OptionValue.kind is unknown");
  to.value = from.getValue();
  to.secret = from.getSecret();
  to.file = from.getFile();
}

void put(const plan::Source& from, Source::Builder to) {
  to.setName(from.name);
  to.setConnector(from.connector);
  put_all(from.options, to.initOptions(static_cast<unsigned>(from.options.size())));
  put_all(from.accepts, to.initAccepts(static_cast<unsigned>(from.accepts.size())));
  to.setAck(from_enum(from.ack));
  to.setLevel(from_enum(from.level));
  to.setPlace(from.place);
  to.setApplicationAck(from.application_ack);
  to.setRefusesGaps(from.refuses_gaps);
  to.setAnswerWithinMicros(from.answer_within_micros);
}

void get(Source::Reader from, plan::Source& to) {
  to.name = from.getName();
  to.connector = from.getConnector();
  get_all(from.getOptions(), to.options);
  get_all(from.getAccepts(), to.accepts);
  to.ack = to_enum(from.getAck(), plan::AckMode::on_receipt, "Source.ack is unknown");
  to.level = to_enum(from.getLevel(), plan::Level::deidentified, "Source.level is unknown");
  to.place = from.getPlace();
  to.application_ack = from.getApplicationAck();
  to.refuses_gaps = from.getRefusesGaps();
  to.answer_within_micros = from.getAnswerWithinMicros();
}

void put(const plan::Retry& from, Retry::Builder to) {
  to.setName(from.name);
  to.setFirstMicros(from.first_micros);
  to.setMostMicros(from.most_micros);
  to.setJitterPercent(from.jitter_percent);
  to.setGiveUpMicros(from.give_up_micros);
  to.setGiveUpAttempts(from.give_up_attempts);
  to.setUnreachableGiveUpMicros(from.unreachable_give_up_micros);
}

void get(Retry::Reader from, plan::Retry& to) {
  to.name = from.getName();
  to.first_micros = from.getFirstMicros();
  to.most_micros = from.getMostMicros();
  to.jitter_percent = from.getJitterPercent();
  to.give_up_micros = from.getGiveUpMicros();
  to.give_up_attempts = from.getGiveUpAttempts();
  to.unreachable_give_up_micros = from.getUnreachableGiveUpMicros();
}

void put(const plan::Destination& from, Destination::Builder to) {
  to.setName(from.name);
  to.setConnector(from.connector);
  put_all(from.options, to.initOptions(static_cast<unsigned>(from.options.size())));
  to.setHolds(from_enum(from.holds));
  to.setOrder(from_enum(from.order));
  to.setConnections(from.connections);
  to.setAckWithinMicros(from.ack_within_micros);
  to.setMatch(from_enum(from.match));
  to.setMatchPrefix(from.match_prefix);
  to.setOnAe(from_enum(from.on_ae));
  to.setOnAr(from_enum(from.on_ar));
  to.setAfterRefusal(from_enum(from.after_refusal));
  to.setRetry(from.retry);
  to.setAcceptAck(from_enum(from.accept_ack));
  to.setApplicationAck(from_enum(from.application_ack));
  to.setApplicationWithinMicros(from.application_within_micros);
  to.setPlace(from.place);
  to.setExactlyOnce(from.exactly_once);
  to.setIdempotentFirst(from.idempotent.first);
  to.setIdempotentCount(from.idempotent.count);
  to.setIdempotentWithinMicros(from.idempotent_within_micros);
  put_all(from.barriers, to.initBarriers(static_cast<unsigned>(from.barriers.size())));
  to.setPaceMessages(from.pace_messages);
  to.setPaceMicros(from.pace_micros);
}

void get(Destination::Reader from, plan::Destination& to) {
  to.name = from.getName();
  to.connector = from.getConnector();
  get_all(from.getOptions(), to.options);
  to.holds = to_enum(from.getHolds(), plan::Level::deidentified, "Destination.holds is unknown");
  to.order = to_enum(from.getOrder(), plan::Order::none, "Destination.order is unknown");
  to.connections = from.getConnections();
  to.ack_within_micros = from.getAckWithinMicros();
  to.match = to_enum(from.getMatch(), plan::Match::order, "Destination.match is unknown");
  to.match_prefix = from.getMatchPrefix();
  to.on_ae = to_enum(from.getOnAe(), plan::Refusal::for_now, "Destination.on_ae is unknown");
  to.on_ar = to_enum(from.getOnAr(), plan::Refusal::for_now, "Destination.on_ar is unknown");
  to.after_refusal = to_enum(from.getAfterRefusal(), plan::AfterRefusal::hold_lane, "Destination.after_refusal is unknown");
  to.retry = from.getRetry();
  to.accept_ack = to_enum(from.getAcceptAck(), plan::AckCondition::on_success, "Destination.accept_ack is unknown");
  to.application_ack =
      to_enum(from.getApplicationAck(), plan::AckCondition::on_success, "Destination.application_ack is unknown");
  to.application_within_micros = from.getApplicationWithinMicros();
  to.place = from.getPlace();
  to.exactly_once = from.getExactlyOnce();
  to.idempotent.first = from.getIdempotentFirst();
  to.idempotent.count = from.getIdempotentCount();
  to.idempotent_within_micros = from.getIdempotentWithinMicros();
  get_all(from.getBarriers(), to.barriers);
  to.pace_messages = from.getPaceMessages();
  to.pace_micros = from.getPaceMicros();
}

void put(const plan::Table& from, Table::Builder to) {
  to.setName(from.name);
  to.setColumnsFirst(from.columns.first);
  to.setColumnsCount(from.columns.count);
  put_ids(from.cells, to.initCells(static_cast<unsigned>(from.cells.size())));
  to.setInput(from.input);
  to.setKeys(from.keys);
  to.setReload(static_cast<std::uint16_t>(from.reload));
  to.setFile(from.file);
  to.setOptionalFirst(from.optional.first);
  to.setOptionalCount(from.optional.count);
  to.setLeastRows(from.least_rows);
}

void get(Table::Reader from, plan::Table& to) {
  to.name = from.getName();
  to.columns.first = from.getColumnsFirst();
  to.columns.count = from.getColumnsCount();
  get_ids(from.getCells(), to.cells);
  to.input = from.getInput();
  to.keys = from.getKeys();
  to.reload = to_enum(from.getReload(), plan::TableReload::when_changed, "Table.reload is unknown");
  to.file = from.getFile();
  to.optional.first = from.getOptionalFirst();
  to.optional.count = from.getOptionalCount();
  to.least_rows = from.getLeastRows();
}

void put(const plan::Setting& from, Setting::Builder to) {
  to.setName(from.name);
  to.setType(from.type);
  to.setValue(from.value);
}

void get(Setting::Reader from, plan::Setting& to) {
  to.name = from.getName();
  to.type = from.getType();
  to.value = from.getValue();
}

void put(const plan::EnvironmentValue& from, EnvironmentValue::Builder to) {
  to.setSetting(from.setting);
  to.setValue(from.value);
}

void get(EnvironmentValue::Reader from, plan::EnvironmentValue& to) {
  to.setting = from.getSetting();
  to.value = from.getValue();
}

void put(const plan::Environment& from, Environment::Builder to) {
  to.setName(from.name);
  put_all(from.values, to.initValues(static_cast<unsigned>(from.values.size())));
}

void get(Environment::Reader from, plan::Environment& to) {
  to.name = from.getName();
  get_all(from.getValues(), to.values);
}

void put(const plan::Input& from, Input::Builder to) {
  to.setPath(from.path);
  to.setDigest(from_digest(from.digest));
}

void get(Input::Reader from, plan::Input& to) {
  to.path = from.getPath();
  to.digest = to_digest(from.getDigest());
}

void put(const plan::Plan& from, Plan::Builder to) {
  to.setCompilerVersion(capnp::Text::Reader(from.compiler_version.c_str(), from.compiler_version.size()));
  to.setLibrary(from_digest(from.library));
  auto strings = to.initStrings(static_cast<unsigned>(from.strings.size()));
  for (unsigned i = 0; i < from.strings.size(); ++i) {
    strings.set(i, capnp::Text::Reader(from.strings[i].c_str(), from.strings[i].size()));
  }
  put_ids(from.lists, to.initLists(static_cast<unsigned>(from.lists.size())));
  put_all(from.places, to.initPlaces(static_cast<unsigned>(from.places.size())));
  put_all(from.inputs, to.initInputs(static_cast<unsigned>(from.inputs.size())));
  put_all(from.paths, to.initPaths(static_cast<unsigned>(from.paths.size())));
  put_all(from.exprs, to.initExprs(static_cast<unsigned>(from.exprs.size())));
  put_all(from.scopes, to.initScopes(static_cast<unsigned>(from.scopes.size())));
  put_all(from.statements, to.initStatements(static_cast<unsigned>(from.statements.size())));
  put_all(from.mappings, to.initMappings(static_cast<unsigned>(from.mappings.size())));
  put_all(from.local_fields, to.initLocalFields(static_cast<unsigned>(from.local_fields.size())));
  put_all(from.messages, to.initMessages(static_cast<unsigned>(from.messages.size())));
  put_all(from.arms, to.initArms(static_cast<unsigned>(from.arms.size())));
  put_all(from.steps, to.initSteps(static_cast<unsigned>(from.steps.size())));
  put_all(from.flows, to.initFlows(static_cast<unsigned>(from.flows.size())));
  put_all(from.sources, to.initSources(static_cast<unsigned>(from.sources.size())));
  put_all(from.retries, to.initRetries(static_cast<unsigned>(from.retries.size())));
  put_all(from.destinations, to.initDestinations(static_cast<unsigned>(from.destinations.size())));
  put_all(from.tables, to.initTables(static_cast<unsigned>(from.tables.size())));
  put_all(from.settings, to.initSettings(static_cast<unsigned>(from.settings.size())));
  put_ids(from.secrets, to.initSecrets(static_cast<unsigned>(from.secrets.size())));
  put_all(from.environments, to.initEnvironments(static_cast<unsigned>(from.environments.size())));
  put_ids(from.builtins, to.initBuiltins(static_cast<unsigned>(from.builtins.size())));
  put_all(from.redactions, to.initRedactions(static_cast<unsigned>(from.redactions.size())));
  put_all(from.batches, to.initBatches(static_cast<unsigned>(from.batches.size())));
  put_all(from.alerts, to.initAlerts(static_cast<unsigned>(from.alerts.size())));
}

void get(Plan::Reader from, plan::Plan& to) {
  to.compiler_version = to_string(from.getCompilerVersion());
  to.library = to_digest(from.getLibrary());
  to.strings.reserve(from.getStrings().size());
  for (const auto text : from.getStrings()) to.strings.push_back(to_string(text));
  get_ids(from.getLists(), to.lists);
  get_all(from.getPlaces(), to.places);
  get_all(from.getInputs(), to.inputs);
  get_all(from.getPaths(), to.paths);
  get_all(from.getExprs(), to.exprs);
  get_all(from.getScopes(), to.scopes);
  get_all(from.getStatements(), to.statements);
  get_all(from.getMappings(), to.mappings);
  get_all(from.getLocalFields(), to.local_fields);
  get_all(from.getMessages(), to.messages);
  get_all(from.getArms(), to.arms);
  get_all(from.getSteps(), to.steps);
  get_all(from.getFlows(), to.flows);
  get_all(from.getSources(), to.sources);
  get_all(from.getRetries(), to.retries);
  get_all(from.getDestinations(), to.destinations);
  get_all(from.getTables(), to.tables);
  get_all(from.getSettings(), to.settings);
  get_ids(from.getSecrets(), to.secrets);
  get_all(from.getEnvironments(), to.environments);
  get_ids(from.getBuiltins(), to.builtins);
  get_all(from.getRedactions(), to.redactions);
  get_all(from.getBatches(), to.batches);
  get_all(from.getAlerts(), to.alerts);
}

}  // namespace

std::string encode(const plan::Plan& plan) {
  capnp::MallocMessageBuilder message;
  put(plan, message.initRoot<Plan>());
  const kj::Array<capnp::word> words = capnp::canonicalize(message.getRoot<Plan>().asReader());
  const auto bytes = words.asBytes();
  return std::string(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
}

bool decode(std::string_view bytes, plan::Plan& plan, std::string& error) {
  if (bytes.size() % sizeof(capnp::word) != 0 || bytes.empty()) {
    error = "its length is wrong";
    return false;
  }
  try {
    auto words = kj::heapArray<capnp::word>(bytes.size() / sizeof(capnp::word));
    std::memcpy(words.begin(), bytes.data(), bytes.size());
    capnp::ReaderOptions options;
    options.traversalLimitInWords = words.size() * 4 + 65536;  // lists may be looked at twice, not for ever
    options.nestingLimit = 8;
    const kj::ArrayPtr<const capnp::word> segment[1] = {words.asPtr()};
    capnp::SegmentArrayMessageReader reader(kj::arrayPtr(segment, 1), options);
    get(reader.getRoot<Plan>(), plan);
    return true;
  } catch (const kj::Exception& exception) {
    error = std::string(exception.getDescription().begin(), exception.getDescription().size());
  } catch (const Bad& bad) {
    error = bad.what;
  } catch (const std::bad_alloc&) {
    error = "it claims more than memory holds";
  }
  return false;
}

}  // namespace smarthl7::plan::wire
