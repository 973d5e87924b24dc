// SPDX-License-Identifier: Apache-2.0
#include "runtime/observe/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <utility>

namespace smarthl7::observe {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

class Families {
 public:
  void add(const char* name, const char* help, MetricType type, const char* label, const std::string& value, double number) {
    ClientMetric metric;
    metric.label.push_back({label, value});
    (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = number;
    family(name, help, type).metric.push_back(std::move(metric));
  }
  void single(const char* name, const char* help, MetricType type, double number) {
    ClientMetric metric;
    (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = number;
    family(name, help, type).metric.push_back(std::move(metric));
  }
  void latency(const char* name, const char* help, const char* label, const std::string& value, const Latency& of) {
    ClientMetric metric;
    metric.label.push_back({label, value});
    metric.summary.sample_count = of.count;
    metric.summary.quantile = {{0.5, of.p50 / 1e6}, {0.9, of.p90 / 1e6}, {0.99, of.p99 / 1e6}};
    family(name, help, MetricType::Summary).metric.push_back(std::move(metric));
  }
  [[nodiscard]] std::string text() const { return prometheus::TextSerializer().Serialize(all_); }

 private:
  MetricFamily& family(const char* name, const char* help, MetricType type) {
    for (MetricFamily& one : all_)
      if (one.name == name) return one;
    all_.push_back({name, help, type, {}});
    return all_.back();
  }
  std::vector<MetricFamily> all_;
};

}  // namespace

std::string to_prometheus(const ServiceStatus& status, std::uint64_t syncs, std::uint64_t bytes_written) {
  constexpr MetricType kCounter = MetricType::Counter;
  constexpr MetricType kGauge = MetricType::Gauge;
  const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
  Families out;
  for (const SourceStatus& s : status.sources) {
    out.add("smarthl7_source_connections", "Open connections.", kGauge, "source", s.name, number(s.connections));
    out.add("smarthl7_source_received_total", "Complete frames.", kCounter, "source", s.name, number(s.received));
    out.add("smarthl7_source_accepted_total", "Messages acknowledged positively.", kCounter, "source", s.name,
            number(s.accepted));
    out.add("smarthl7_source_rejected_total", "Messages answered with AE or AR.", kCounter, "source", s.name,
            number(s.rejected));
    out.add("smarthl7_source_duplicates_total", "Resends that were dropped.", kCounter, "source", s.name, number(s.duplicates));
    out.add("smarthl7_source_conflicts_total", "Known dedup keys with other bytes.", kCounter, "source", s.name,
            number(s.conflicts));
    out.add("smarthl7_source_not_stored_total", "Messages refused because the store could not take them.", kCounter, "source",
            s.name, number(s.not_stored));
    out.add("smarthl7_source_charset_mismatches_total", "Messages with bytes that their character set cannot hold.", kCounter,
            "source", s.name, number(s.charset_mismatches));
    out.add("smarthl7_source_noise_bytes_total", "Bytes outside of frames.", kCounter, "source", s.name, number(s.noise_bytes));
    out.add("smarthl7_source_bad_frames_total", "Frames that were none: the connection was closed.", kCounter, "source", s.name,
            number(s.bad_frames));
    out.add("smarthl7_source_timed_out_total", "Connections closed for their silence, in a frame or idle.", kCounter, "source",
            s.name, number(s.timed_out));
    out.add("smarthl7_source_broken_total", "Connections that the peer ended in a frame or before its answer was written.",
            kCounter, "source", s.name, number(s.broken));
    out.add("smarthl7_source_refused_connections_total", "Connections beyond the limit, or without TLS.", kCounter, "source",
            s.name, number(s.refused_connections));
    out.add("smarthl7_source_sequence_gaps_total", "Messages whose MSH-13 jumped ahead.", kCounter, "source", s.name,
            number(s.sequence_gaps));
    out.add("smarthl7_source_batches_total", "Frames that were batches or files.", kCounter, "source", s.name,
            number(s.batches));
    out.add("smarthl7_source_batch_findings_total", "What was wrong with their envelopes.", kCounter, "source", s.name,
            number(s.batch_findings));
    out.add("smarthl7_source_files_total", "Files that were taken whole.", kCounter, "source", s.name, number(s.files));
    out.add("smarthl7_source_failed_files_total", "Files that were put aside with a reason.", kCounter, "source", s.name,
            number(s.failed_files));
    out.add("smarthl7_source_left_alone", "Links, folders and the like among the files.", kGauge, "source", s.name,
            number(s.left_alone));
    out.add("smarthl7_source_in_trouble", "1 while something keeps it from its folder.", kGauge, "source", s.name,
            s.trouble.empty() ? 0 : 1);
    out.add("smarthl7_source_held", "1 while a person holds it: it does not listen.", kGauge, "source", s.name, s.held ? 1 : 0);
    out.latency("smarthl7_source_acknowledgement_seconds", "From a complete frame to its answer.", "source", s.name,
                s.to_acknowledgement);
  }
  for (const DestinationStatus& d : status.destinations) {
    out.add("smarthl7_destination_queued", "Stored and without an outcome.", kGauge, "destination", d.name, number(d.queued));
    out.add("smarthl7_destination_delivered_total", "Deliveries that were accepted.", kCounter, "destination", d.name,
            number(d.delivered));
    out.add("smarthl7_destination_refused_total", "Answers that were refusals.", kCounter, "destination", d.name,
            number(d.refused));
    out.add("smarthl7_destination_retries_total", "Sends after a delivery's first.", kCounter, "destination", d.name,
            number(d.retries));
    out.add("smarthl7_destination_unanswered_total", "Sends without an answer in time.", kCounter, "destination", d.name,
            number(d.unanswered));
    out.add("smarthl7_destination_unreachable_total", "Connects that failed.", kCounter, "destination", d.name,
            number(d.unreachable));
    out.add("smarthl7_destination_dead_total", "Deliveries given up.", kCounter, "destination", d.name, number(d.dead));
    out.add("smarthl7_destination_dead_letters", "Dead letters that nobody has replayed or dropped.", kGauge, "destination",
            d.name, number(d.dead_letters));
    out.add("smarthl7_destination_ambiguous", "Deliveries that may have been seen twice, not settled.", kGauge, "destination",
            d.name, number(d.ambiguous));
    const auto held = [&](bool by_person) {
      return std::ranges::count_if(
          d.lanes, [&](const LaneStatus& lane) { return lane.state == "held" && lane.held_by_person == by_person; });
    };
    out.add("smarthl7_destination_held_lanes", "Connections that stand still until a person lets them go on.", kGauge,
            "destination", d.name, static_cast<double>(held(false)));
    out.add("smarthl7_destination_held_by_person_lanes", "Connections that a person holds.", kGauge, "destination", d.name,
            static_cast<double>(held(true)));
    out.add("smarthl7_destination_held", "Refused messages that wait for a person.", kGauge, "destination", d.name,
            number(d.held));
    out.add("smarthl7_destination_parked", "Messages that wait behind refused ones of their keys.", kGauge, "destination",
            d.name, number(d.parked));
    out.latency("smarthl7_destination_delivery_seconds", "From receipt to acceptance by the destination.", "destination",
                d.name, d.to_delivery);
  }
  for (const BatchStatus& b : status.batches) {
    out.add("smarthl7_batch_waiting", "Messages collected for the next batch.", kGauge, "batch", b.name, number(b.waiting));
    out.add("smarthl7_batch_batches_total", "Batches that were closed.", kCounter, "batch", b.name, number(b.batches));
    out.add("smarthl7_batch_members_total", "Messages in them.", kCounter, "batch", b.name, number(b.members));
  }
  out.single("smarthl7_receiving_bytes", "Memory of messages that are being received.", kGauge,
             number(status.receiving.growing + status.receiving.whole));
  out.single("smarthl7_receiving_waiting", "Large messages that wait for memory.", kGauge, number(status.receiving.waiting));
  out.single("smarthl7_receiving_spooled_total", "Messages that were received into a file.", kCounter,
             number(status.receiving.spooled));
  for (const TableStatus& t : status.tables) {
    out.add("smarthl7_table_rows", "Rows of a table that is read again while the hub runs.", kGauge, "table", t.name,
            number(t.rows));
    out.add("smarthl7_table_since_seconds", "Since when its version is in use (Unix time).", kGauge, "table", t.name,
            static_cast<double>(std::chrono::duration_cast<std::chrono::seconds>(t.since.time_since_epoch()).count()));
    out.add("smarthl7_table_trouble", "1 while the file that is there is not used, because something is wrong with it.", kGauge,
            "table", t.name, t.trouble.empty() ? 0 : 1);
  }
  for (const CertificateStatus& c : status.certificates) {
    const auto ends = std::chrono::duration_cast<std::chrono::seconds>(c.not_after.time_since_epoch());
    out.add("smarthl7_certificate_not_after_seconds",
            "When a certificate in use, or an authority that is trusted, expires (Unix time).", kGauge, "of",
            c.end + ", " + c.what, static_cast<double>(ends.count()));
    out.add("smarthl7_certificate_trouble", "1 while files that were renewed cannot be used.", kGauge, "of",
            c.end + ", " + c.what, c.trouble.empty() ? 0 : 1);
  }
  for (const AlertStatus& a : status.alerts) {
    const std::string name = a.subject.empty() ? a.name : a.name + " of " + a.subject;
    out.add("smarthl7_alert_firing", "1 while the alert fires. Those that need no declaration are here only while they do.",
            kGauge, "alert", name, a.state == "firing" ? 1 : 0);
    out.add("smarthl7_alert_untold", "1 while somebody who is to hear of the alert has not been reached.", kGauge, "alert",
            name, a.telling.empty() ? 0 : 1);
    out.add("smarthl7_alert_fired_total", "Episodes that began in this run.", kCounter, "alert", name, number(a.fired));
  }
  out.single("smarthl7_disk_syncs_total", "Syncs of files, of all kinds.", kCounter, number(syncs));
  out.single("smarthl7_disk_written_bytes_total", "Bytes written to files.", kCounter, number(bytes_written));
  return out.text();
}

}  // namespace smarthl7::observe
