package io.noetl.api;

import io.noetl.envelope.Ids;
import io.noetl.query.EventPages;
import io.noetl.query.EventRow;
import io.noetl.query.ExecutionRow;
import io.noetl.query.Executions;
import io.noetl.query.ServedEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Events of one execution, as pages or as a stream. A page is a range of positions: positions have
 * no gaps, so a page costs the same at the end of a long execution as at its beginning.
 */
final class EventPageRoutes implements Resource {
  private static final int SMALLEST_PAGE = 10;
  private static final int USUAL_PAGE = 100;

  private final Executions executions;
  private final EventPages events;
  private final EventStreams streams;
  private final ApiLimits limits;

  EventPageRoutes(
      Executions executions, EventPages events, EventStreams streams, ApiLimits limits) {
    this.executions = executions;
    this.events = events;
    this.streams = streams;
    this.limits = limits;
  }

  @Override
  public void routing(Routes routes) {
    routes.get("/api/executions/{id}/events", AccessClass.USER, this::events);
  }

  private Reply events(Call call) {
    long id = call.pathId("id");
    ExecutionRow row = executions.find(call.tenant(), id).orElseThrow(() -> Owners.notFound(id));
    Integer after = position(call, row);
    if (call.accepts("text/event-stream")) {
      return streams.stream(call, row, after == null ? 0 : after);
    }
    int size =
        call.queryNumber(
            "page_size",
            USUAL_PAGE,
            Math.min(SMALLEST_PAGE, limits.eventPageSize()),
            limits.eventPageSize());
    String type = call.query("event_type");
    return type == null ? page(call, row, after, size) : typed(call, row, after, size, type);
  }

  /** The position after which to read; null when nothing was said. */
  private @Nullable Integer position(Call call, ExecutionRow row) {
    String given = call.header("Last-Event-ID");
    Long eventId;
    if (given != null && !given.isBlank()) {
      eventId = Ids.parse(given, "Last-Event-ID");
    } else {
      Long since = call.queryId("since_event_id");
      eventId = since != null ? since : call.queryId("cursor");
    }
    if (eventId == null) {
      return null;
    }
    return events
        .position(row.executionId(), eventId)
        .orElseThrow(
            () ->
                Problems.badCursor("event " + eventId + " is not of execution " + row.executionId())
                    .refusal());
  }

  private Reply page(Call call, ExecutionRow row, @Nullable Integer after, int size) {
    int page = call.queryNumber("page", 1, 1, Integer.MAX_VALUE);
    int start = after == null ? 0 : after;
    int from = (int) Math.min(Integer.MAX_VALUE - size, start + (page - 1L) * size);
    List<EventRow> rows = events.range(row.executionId(), from, from + size, size);
    int total = Math.max(row.seq(), rows.isEmpty() ? 0 : rows.getLast().seq()) - start;
    boolean everything = "all".equals(call.query("include"));
    List<@Nullable Object> shown = new ArrayList<>(rows.size());
    for (EventRow event : rows) {
      if (everything || ServedEvent.informative(event)) {
        shown.add(ServedEvent.of(event, row));
      }
    }
    return reply(shown, rows, page, size, Math.max(0, total), from + rows.size() < start + total);
  }

  private Reply typed(Call call, ExecutionRow row, @Nullable Integer after, int size, String type) {
    int page = call.queryNumber("page", 1, 1, Integer.MAX_VALUE);
    int offset = (int) Math.min(Integer.MAX_VALUE, (page - 1L) * size);
    List<EventRow> rows =
        events.ofType(row.executionId(), type, after == null ? 0 : after, size, offset);
    int total = events.countOfType(row.executionId(), type, after == null ? 0 : after);
    List<@Nullable Object> shown = new ArrayList<>(rows.size());
    rows.forEach(event -> shown.add(ServedEvent.of(event, row)));
    return reply(shown, rows, page, size, total, offset + rows.size() < total);
  }

  private static Reply reply(
      List<@Nullable Object> shown,
      List<EventRow> rows,
      int page,
      int size,
      int total,
      boolean more) {
    Map<String, @Nullable Object> pagination = new LinkedHashMap<>();
    pagination.put("page", page);
    pagination.put("page_size", size);
    pagination.put("total_events", total);
    pagination.put("total_pages", (total + size - 1) / size);
    pagination.put("has_next", more);
    pagination.put("has_prev", page > 1);
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("events", shown);
    out.put("pagination", pagination);
    String cursor = more && !rows.isEmpty() ? Long.toString(rows.getLast().eventId()) : null;
    if (cursor != null) {
      out.put("next_cursor", cursor);
    }
    return Cursors.header(Reply.ok(out), cursor);
  }
}
