# SPDX-License-Identifier: Apache-2.0
# The plan on disk. It mirrors plan.h field by field: names here are its names in camel case, a range or an `else` is
# written flat. Enumerations are written by number: their order in plan.h is part of this format. A change that an older
# reader would misread raises kSchemaVersion in plan.h.
@0xb1f6d2c34a7e9058;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("smarthl7::plan::wire");

struct SourcePlace {
  file @0 :UInt32;
  line @1 :UInt32;
  column @2 :UInt32;
}

struct Path {
  segmentFrame @0 :UInt16;
  segmentGroup @1 :UInt16 = 65535;
  segmentNode @2 :UInt16 = 65535;
  segmentName @3 :UInt32;
  segmentPick @4 :UInt16;
  segmentN @5 :UInt32 = 1;
  field @6 :UInt16;
  repetition @7 :UInt16;
  repetitionN @8 :UInt16 = 1;
  choice @9 :UInt32 = 4294967295;
  component @10 :UInt16;
  subcomponent @11 :UInt16;
  text @12 :UInt32;
}

struct Expr {
  op @0 :UInt16;
  type @1 :UInt16;
  printAbsent @2 :Bool;
  a @3 :UInt32 = 4294967295;
  b @4 :UInt32 = 4294967295;
  c @5 :UInt32 = 4294967295;
  listFirst @6 :UInt32;
  listCount @7 :UInt32;
  place @8 :UInt32 = 4294967295;
}

struct Scope {
  kind @0 :UInt16;
  frame @1 :UInt16;
  node @2 :UInt16 = 65535;
  name @3 :UInt32;
  path @4 :UInt32 = 4294967295;
  where @5 :UInt32 = 4294967295;
}

struct Statement {
  op @0 :UInt16;
  target @1 :UInt32 = 4294967295;
  value @2 :UInt32 = 4294967295;
  scope @3 :UInt32 = 4294967295;
  condition @4 :UInt32 = 4294967295;
  bodyFirst @5 :UInt32;
  bodyCount @6 :UInt32;
  otherwiseFirst @7 :UInt32;
  otherwiseCount @8 :UInt32;
  onFailureKind @9 :UInt16;
  onFailureReason @10 :UInt32 = 4294967295;
  onFailureDestination @11 :UInt32 = 4294967295;
  onFailureValue @12 :UInt32 = 4294967295;
  place @13 :UInt32 = 4294967295;
  made @14 :Bool;
}

struct Mapping {
  name @0 :UInt32;
  message @1 :UInt32 = 4294967295;
  bodyFirst @2 :UInt32;
  bodyCount @3 :UInt32;
  result @4 :UInt32 = 4294967295;
  code @5 :UInt32;
  trigger @6 :UInt32;
}

struct Cardinality {
  node @0 :UInt16 = 65535;
  min @1 :UInt16;
  max @2 :UInt16;
}

struct LocalField {
  number @0 :UInt16;
  name @1 :UInt32;
  type @2 :UInt32;
  length @3 :UInt16;
  required @4 :Bool;
  repeats @5 :Bool;
  phi @6 :UInt32;
}

struct LocalSegment {
  name @0 :UInt32;
  after @1 :UInt16 = 65535;
  required @2 :Bool;
  repeats @3 :Bool;
  fieldsFirst @4 :UInt32;
  fieldsCount @5 :UInt32;
}

struct Rule {
  kind @0 :UInt16;
  path @1 :UInt32 = 4294967295;
  condition @2 :UInt32 = 4294967295;
  text @3 :UInt32;
  place @4 :UInt32 = 4294967295;
}

struct TableExtension {
  table @0 :UInt16;
  codesFirst @1 :UInt32;
  codesCount @2 :UInt32;
  closed @3 :Bool;
}

struct Message {
  name @0 :UInt32;
  version @1 :UInt32;
  fromVersion @2 :UInt32;
  structure @3 :UInt32;
  cardinalities @4 :List(Cardinality);
  segments @5 :List(LocalSegment);
  rules @6 :List(Rule);
  tables @7 :List(TableExtension);
  definition @8 :UInt32;
}

struct RedactionItem {
  layer @0 :UInt16;
  segment @1 :UInt32;
  field @2 :UInt16;
  component @3 :UInt16;
  subcomponent @4 :UInt16;
  labelsFirst @5 :UInt32;
  labelsCount @6 :UInt32;
  method @7 :UInt16;
  secret @8 :UInt32 = 4294967295;
  keySegment @9 :UInt32;
  keyField @10 :UInt16;
  keyComponent @11 :UInt16;
  keySubcomponent @12 :UInt16;
  amount @13 :UInt32;
  shape @14 :Bool;
  place @15 :UInt32 = 4294967295;
}

struct Redaction {
  name @0 :UInt32;
  allow @1 :Bool;
  version @2 :UInt32;
  message @3 :UInt32 = 4294967295;
  items @4 :List(RedactionItem);
}

struct Arm {
  otherwise @0 :Bool;
  valuesFirst @1 :UInt32;
  valuesCount @2 :UInt32;
  condition @3 :UInt32 = 4294967295;
  bodyFirst @4 :UInt32;
  bodyCount @5 :UInt32;
  place @6 :UInt32 = 4294967295;
}

struct Step {
  op @0 :UInt16;
  tolerant @1 :Bool;
  rejectConflict @2 :Bool;
  byType @3 :Bool;
  a @4 :UInt32 = 4294967295;
  listFirst @5 :UInt32;
  listCount @6 :UInt32;
  bodyFirst @7 :UInt32;
  bodyCount @8 :UInt32;
  otherwiseFirst @9 :UInt32;
  otherwiseCount @10 :UInt32;
  windowSeconds @11 :UInt64;
  onFailureKind @12 :UInt16;
  onFailureReason @13 :UInt32 = 4294967295;
  onFailureDestination @14 :UInt32 = 4294967295;
  onFailureValue @15 :UInt32 = 4294967295;
  place @16 :UInt32 = 4294967295;
  strict @17 :Bool;
  ignoringFirst @18 :UInt32;
  ignoringCount @19 :UInt32;
  level @20 :UInt16;
  urgent @21 :Bool;
}

struct Batch {
  name @0 :UInt32;
  mostMessages @1 :UInt32;
  mostMicros @2 :UInt64;
  destinationsFirst @3 :UInt32;
  destinationsCount @4 :UInt32;
  place @5 :UInt32 = 4294967295;
}

struct AlertCondition {
  metric @0 :UInt32;
  quantile @1 :UInt16;
  flow @2 :UInt32 = 4294967295;
  destination @3 :UInt32 = 4294967295;
  op @4 :UInt32;
  value @5 :UInt64;
  forMicros @6 :UInt64;
}

struct Alert {
  name @0 :UInt32;
  conditions @1 :List(AlertCondition);
  notifyFirst @2 :UInt32;
  notifyCount @3 :UInt32;
  place @4 :UInt32 = 4294967295;
}

struct AcceptedType {
  code @0 :UInt32;
  trigger @1 :UInt32;
  structure @2 :UInt32;
}

struct Flow {
  name @0 :UInt32;
  sourcesFirst @1 :UInt32;
  sourcesCount @2 :UInt32;
  message @3 :UInt32 = 4294967295;
  bodyFirst @4 :UInt32;
  bodyCount @5 :UInt32;
  place @6 :UInt32 = 4294967295;
  respondFrom @7 :UInt32 = 4294967295;
  respondWithinMicros @8 :UInt64;
}

struct OptionValue {
  name @0 :UInt32;
  kind @1 :UInt16;
  value @2 :UInt32 = 4294967295;
  secret @3 :UInt32 = 4294967295;
  file @4 :UInt32 = 4294967295;
}

struct Source {
  name @0 :UInt32;
  connector @1 :UInt32;
  options @2 :List(OptionValue);
  accepts @3 :List(AcceptedType);
  ack @4 :UInt16;
  level @5 :UInt16;
  place @6 :UInt32 = 4294967295;
  applicationAck @7 :UInt32 = 4294967295;
  refusesGaps @8 :Bool;
  answerWithinMicros @9 :UInt64;
}

struct Retry {
  name @0 :UInt32;
  firstMicros @1 :UInt64;
  mostMicros @2 :UInt64;
  jitterPercent @3 :UInt32 = 20;
  giveUpMicros @4 :UInt64;
  giveUpAttempts @5 :UInt32;
  unreachableGiveUpMicros @6 :UInt64;
}

struct Destination {
  name @0 :UInt32;
  connector @1 :UInt32;
  options @2 :List(OptionValue);
  holds @3 :UInt16;
  order @4 :UInt16;
  connections @5 :UInt32 = 1;
  ackWithinMicros @6 :UInt64 = 30000000;
  match @7 :UInt16;
  matchPrefix @8 :UInt32 = 20;
  onAe @9 :UInt16;
  onAr @10 :UInt16;
  afterRefusal @11 :UInt16;
  retry @12 :UInt32 = 4294967295;
  place @13 :UInt32 = 4294967295;
  acceptAck @14 :UInt16;
  applicationAck @15 :UInt16;
  applicationWithinMicros @16 :UInt64;
  exactlyOnce @17 :Bool;
  idempotentFirst @18 :UInt32;
  idempotentCount @19 :UInt32;
  idempotentWithinMicros @20 :UInt64;
  barriers @21 :List(AcceptedType);
  paceMessages @22 :UInt32;
  paceMicros @23 :UInt64;
}

struct Table {
  name @0 :UInt32;
  columnsFirst @1 :UInt32;
  columnsCount @2 :UInt32;
  cells @3 :List(UInt32);
  input @4 :UInt32 = 4294967295;
  keys @5 :UInt32 = 1;
  reload @6 :UInt16;
  file @7 :UInt32 = 4294967295;
  optionalFirst @8 :UInt32;
  optionalCount @9 :UInt32;
  leastRows @10 :UInt32;
}

struct Setting {
  name @0 :UInt32;
  type @1 :UInt32;
  value @2 :UInt32 = 4294967295;
}

struct EnvironmentValue {
  setting @0 :UInt32 = 4294967295;
  value @1 :UInt32;
}

struct Environment {
  name @0 :UInt32;
  values @1 :List(EnvironmentValue);
}

struct Input {
  path @0 :UInt32;
  digest @1 :Data;
}

struct Plan {
  compilerVersion @0 :Text;
  library @1 :Data;
  strings @2 :List(Text);
  lists @3 :List(UInt32);
  places @4 :List(SourcePlace);
  inputs @5 :List(Input);
  paths @6 :List(Path);
  exprs @7 :List(Expr);
  scopes @8 :List(Scope);
  statements @9 :List(Statement);
  mappings @10 :List(Mapping);
  localFields @11 :List(LocalField);
  messages @12 :List(Message);
  arms @13 :List(Arm);
  steps @14 :List(Step);
  flows @15 :List(Flow);
  sources @16 :List(Source);
  retries @17 :List(Retry);
  destinations @18 :List(Destination);
  tables @19 :List(Table);
  settings @20 :List(Setting);
  secrets @21 :List(UInt32);
  environments @22 :List(Environment);
  builtins @23 :List(UInt32);
  redactions @24 :List(Redaction);
  batches @25 :List(Batch);
  alerts @26 :List(Alert);
}
