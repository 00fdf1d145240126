package io.noetl.api;

import io.noetl.envelope.Ids;
import io.noetl.envelope.Scrub;
import io.noetl.journal.RowRebuild;
import io.noetl.upkeep.OutboxProjection;
import io.noetl.upkeep.Purge;
import io.noetl.upkeep.Schema;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Looking after the database: its schema, what may go, and what is derived from the log. */
final class UpkeepRoutes implements Resource {
  private static final String PROJECTION = "execution";

  /** Longest age that may be asked for, in days. */
  private static final int MAX_DAYS = 36_500;

  private static final int MAX_MINUTES = MAX_DAYS * 24 * 60;

  private final Schema schema;
  private final Purge purge;
  private final RowRebuild rows;
  private final OutboxProjection projection;
  private final ApiLimits limits;

  UpkeepRoutes(
      Schema schema, Purge purge, RowRebuild rows, OutboxProjection projection, ApiLimits limits) {
    this.schema = schema;
    this.purge = purge;
    this.rows = rows;
    this.projection = projection;
    this.limits = limits;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .get("/api/db/validate", AccessClass.OPERATOR, _ -> validate())
        .post("/api/db/init", AccessClass.OPERATOR, _ -> init())
        .post(
            "/api/internal/events/project",
            AccessClass.INTERNAL,
            new Bodies.Limit("limits.batch-body", limits.batchBytes()),
            this::project)
        .post("/api/internal/projection/rebuild", AccessClass.OPERATOR, this::rebuild)
        .post("/api/internal/cleanup/purge", AccessClass.OPERATOR, this::purge);
  }

  private Reply validate() {
    Schema.Found found = schema.look();
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("status", found.valid() ? "ok" : "invalid");
    out.put(
        "message",
        found.valid()
            ? "the schema is that of this server: version " + found.newest()
            : "schema version "
                + found.applied()
                + " of "
                + found.newest()
                + (found.missing().isEmpty()
                    ? ""
                    : ", without " + String.join(", ", found.missing())));
    out.put("valid", found.valid());
    out.put("tables", found.tables());
    out.put("missing", found.missing());
    return Reply.ok(out);
  }

  private Reply init() {
    int applied = schema.init();
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("status", "ok");
    out.put("message", applied == 0 ? "nothing was pending" : applied + " migrations were applied");
    return Reply.ok(out);
  }

  private Reply project(Call call) {
    List<@Nullable Object> events = Members.list(call.json(), "events");
    if (events == null) {
      throw Members.missing("events");
    }
    if (events.size() > limits.batchItems()) {
      throw Members.fault(
          "events",
          "Expected at most "
              + limits.batchItems()
              + " events (limits.batch-items), but got "
              + events.size());
    }
    List<OutboxProjection.Named> named = new ArrayList<>(events.size());
    for (int i = 0; i < events.size(); i++) {
      Map<String, @Nullable Object> event = Members.item(events.get(i), "events[" + i + "]");
      named.add(
          new OutboxProjection.Named(
              Members.requiredId(event, "execution_id"), Members.requiredId(event, "event_id")));
    }
    OutboxProjection.Moved moved = projection.move(named);
    if (!moved.unknown().isEmpty()) {
      throw unknown(named, moved).refusal();
    }
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("projected", moved.projected());
    out.put("duplicates", moved.duplicates());
    return Reply.ok(out);
  }

  /** The log takes what was decided here, and nothing that anybody else says has happened. */
  private static Problem unknown(List<OutboxProjection.Named> named, OutboxProjection.Moved moved) {
    List<Map<String, @Nullable Object>> errors = new ArrayList<>();
    for (int i = 0; i < named.size(); i++) {
      if (moved.unknown().contains(named.get(i).eventId())) {
        errors.add(
            Map.of(
                "path",
                "events[" + i + "]",
                "message",
                "event "
                    + named.get(i).eventId()
                    + " of execution "
                    + named.get(i).executionId()
                    + " is neither in the outbox nor in the log"));
      }
    }
    return Problems.invalid(
            "Expected events of this database, but "
                + errors.size()
                + " are unknown; the others were projected",
            errors)
        .with("projected", moved.projected())
        .with("duplicates", moved.duplicates());
  }

  private Reply rebuild(Call call) {
    Map<String, @Nullable Object> body = call.json();
    String projection = Members.text(body, "projection", PROJECTION);
    if (!projection.equals(PROJECTION)) {
      throw Members.fault(
          "projection",
          "Expected projection to be " + PROJECTION + ", but got '" + projection + "'");
    }
    boolean onlyLook = Members.flag(body, "dry_run", false);
    List<Long> ids = ids(body);
    Long next = null;
    if (ids == null) {
      Long after = Cursors.before(Members.text(body, "cursor"));
      ids = rows.page(call.tenant(), after == null ? 0 : after, limits.batchItems());
      next = ids.size() == limits.batchItems() ? ids.getLast() : null;
    }
    int checked = 0;
    List<@Nullable Object> changed = new ArrayList<>();
    List<@Nullable Object> failed = new ArrayList<>();
    for (long id : ids) {
      RowRebuild.Row row = rows.rebuild(call.tenant(), id, onlyLook);
      if (row == null) {
        continue;
      }
      checked++;
      if (row.fault() != null) {
        failed.add(
            Map.of("execution_id", Ids.text(id), "error", String.valueOf(Scrub.text(row.fault()))));
      } else if (!row.differences().isEmpty()) {
        Map<String, @Nullable Object> entry = new LinkedHashMap<>();
        entry.put("execution_id", Ids.text(id));
        entry.put("columns", List.copyOf(row.differences().keySet()));
        changed.add(entry);
      }
    }
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("projection", PROJECTION);
    out.put("dry_run", onlyLook);
    out.put("checked", checked);
    out.put("rebuilt", onlyLook ? 0 : changed.size());
    out.put("differences", changed);
    out.put("failed", failed);
    if (next != null) {
      out.put("next_cursor", Cursors.before(next));
    }
    return Cursors.header(Reply.ok(out), out.get("next_cursor"));
  }

  private @Nullable List<Long> ids(Map<String, @Nullable Object> body) {
    List<@Nullable Object> given = Members.list(body, "execution_ids");
    if (given == null) {
      return null;
    }
    if (given.size() > limits.batchItems()) {
      throw Members.fault(
          "execution_ids",
          "Expected at most "
              + limits.batchItems()
              + " executions (limits.batch-items), but got "
              + given.size());
    }
    List<Long> ids = new ArrayList<>(given.size());
    for (int i = 0; i < given.size(); i++) {
      ids.add(Ids.parse(given.get(i), "execution_ids[" + i + "]"));
    }
    return ids;
  }

  private Reply purge(Call call) {
    Map<String, @Nullable Object> body = call.jsonOrEmpty();
    Purge.Ages ages =
        new Purge.Ages(
            Duration.ofDays(number(body, "command_retention_days", 7, MAX_DAYS)),
            Duration.ofMinutes(number(body, "runtime_stale_minutes", 60, MAX_MINUTES)),
            Duration.ofDays(number(body, "event_retention_days", 0, MAX_DAYS)),
            Duration.ofDays(number(body, "result_retention_days", 0, MAX_DAYS)));
    Purge.Purged purged = purge.purge(ages, Members.flag(body, "dry_run", false));
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("commands_purged", purged.commands());
    out.put("runtime_purged", purged.runtimes());
    out.put("executions_purged", purged.executions());
    out.put("events_purged", purged.events());
    out.put("event_partitions_dropped", purged.partitions());
    out.put("results_purged", purged.results());
    out.put("more", purged.more());
    return Reply.ok(out);
  }

  private static int number(
      Map<String, @Nullable Object> body, String name, int missing, int most) {
    Long value = Members.number(body, name);
    if (value == null) {
      return missing;
    }
    if (value < 0 || value > most) {
      throw Members.fault(name, "Expected " + name + " from 0 to " + most + ", but got " + value);
    }
    return value.intValue();
  }
}
