package io.noetl.api;

import io.noetl.envelope.Ids;
import io.noetl.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reports of workers and events of other producers. */
final class EventRoutes implements Resource {
  private final ReportDesk desk;
  private final BatchDesk batches;
  private final Owners owners;
  private final ApiLimits limits;

  EventRoutes(ReportDesk desk, BatchDesk batches, Owners owners, ApiLimits limits) {
    this.desk = desk;
    this.batches = batches;
    this.owners = owners;
    this.limits = limits;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .post(
            "/api/events",
            AccessClass.WORKER,
            new Bodies.Limit("limits.event-body", limits.eventBytes()),
            this::event)
        .post(
            "/api/events/batch",
            AccessClass.WORKER,
            new Bodies.Limit("limits.batch-body", limits.batchBytes()),
            this::batch);
  }

  private Reply event(Call call) {
    byte[] body = call.bytes();
    Report report = Report.of(Json.parseSentObject(body), body.length, null, null, limits);
    owners.require(call.tenant(), report.executionId());
    ReportDesk.Taken taken =
        report.ends()
            ? desk.end(call.tenant(), report)
            : desk.record(call.tenant(), report.executionId(), List.of(report)).getFirst();
    return Reply.ok(taken.body());
  }

  private Reply batch(Call call) {
    Map<String, @Nullable Object> body = call.json();
    long executionId = Members.requiredId(body, "execution_id");
    owners.require(call.tenant(), executionId);
    List<Report> reports = reports(body, executionId);
    List<String> eventIds = new ArrayList<>(reports.size());
    int commands = 0;
    for (ReportDesk.Taken taken : batches.take(call.tenant(), executionId, reports)) {
      eventIds.add(Ids.text(taken.eventId()));
      commands += taken.issued();
    }
    Map<String, @Nullable Object> reply = new LinkedHashMap<>();
    reply.put("status", "ok");
    reply.put("event_ids", eventIds);
    reply.put("commands_generated", commands);
    return Reply.ok(reply);
  }

  /** All of them, read and checked before the first is written. */
  private List<Report> reports(Map<String, @Nullable Object> body, long executionId) {
    List<@Nullable Object> items = Members.list(body, "events");
    if (items == null) {
      throw Members.missing("events");
    }
    if (items.size() > limits.batchItems()) {
      throw Members.fault(
          "events",
          "Expected at most "
              + limits.batchItems()
              + " events (limits.batch-items), but got "
              + items.size());
    }
    String worker = Members.text(body, "worker_id");
    List<Report> reports = new ArrayList<>(items.size());
    for (int i = 0; i < items.size(); i++) {
      Report report =
          Report.of(
              Members.item(items.get(i), "events[" + i + "]"),
              Integer.MAX_VALUE,
              executionId,
              worker,
              limits);
      if (report.executionId() != executionId) {
        throw Members.fault(
            "events[" + i + "].execution_id",
            "Expected every event of a batch to be of execution " + executionId);
      }
      reports.add(report);
    }
    return reports;
  }
}
