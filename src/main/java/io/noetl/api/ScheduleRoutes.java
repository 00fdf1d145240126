package io.noetl.api;

import io.noetl.catalog.Catalog;
import io.noetl.catalog.CatalogEntry;
import io.noetl.envelope.Ids;
import io.noetl.schedule.Fire;
import io.noetl.schedule.Schedules;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Schedules: what there are, when they fire, and making up for times that are over. */
final class ScheduleRoutes implements Resource {
  private final Schedules schedules;
  private final Catalog catalog;
  private final ApiLimits limits;

  ScheduleRoutes(Schedules schedules, Catalog catalog, ApiLimits limits) {
    this.schedules = schedules;
    this.catalog = catalog;
    this.limits = limits;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .get("/api/schedules", AccessClass.USER, this::list)
        .get("/api/schedules/{path...}", AccessClass.USER, this::one)
        .post("/api/schedules/{path...}/enable", AccessClass.USER, call -> enable(call, true))
        .post("/api/schedules/{path...}/disable", AccessClass.USER, call -> enable(call, false))
        .post("/api/schedules/{path...}/backfill", AccessClass.USER, this::backfill)
        .delete("/api/schedules/{path...}", AccessClass.USER, this::archive);
  }

  private Reply list(Call call) {
    int limit = call.queryNumber("limit", limits.usualPageSize(), 1, limits.pageSize());
    Cursors.Offset cursor = Cursors.offset(call.query("cursor"));
    int offset = cursor == null ? 0 : cursor.value();
    List<@Nullable Object> items = new ArrayList<>();
    for (Schedules.Shown schedule : schedules.list(call.tenant(), limit, offset)) {
      items.add(shown(schedule, false));
    }
    Map<String, @Nullable Object> reply = new LinkedHashMap<>();
    reply.put("items", items);
    reply.put("count", items.size());
    if (items.size() == limit) {
      reply.put("next_cursor", Cursors.of(offset + limit));
    }
    return Cursors.header(Reply.ok(reply), reply.get("next_cursor"));
  }

  private Reply one(Call call) {
    String path = path(call);
    return schedules
        .find(call.tenant(), path)
        .map(schedule -> Reply.ok(shown(schedule, true)))
        .orElseThrow(() -> notFound(path));
  }

  private Reply enable(Call call, boolean enabled) {
    String path = path(call);
    return schedules
        .enable(call.tenant(), path, enabled)
        .map(schedule -> Reply.ok(shown(schedule, true)))
        .orElseThrow(() -> notFound(path));
  }

  private Reply backfill(Call call) {
    String path = path(call);
    Map<String, @Nullable Object> body = call.json();
    Schedules.Backfill backfill =
        schedules
            .backfill(
                call.tenant(),
                path,
                moment(body, "from"),
                moment(body, "to"),
                Members.flag(body, "dry_run", false))
            .orElseThrow(() -> notFound(path));
    return switch (backfill) {
      case Schedules.Refused(String sentence) -> throw Problems.invalid(sentence).refusal();
      case Schedules.Done(List<Fire> fires) -> {
        Map<String, @Nullable Object> reply = new LinkedHashMap<>();
        reply.put("path", path);
        reply.put("count", fires.size());
        reply.put("fires", fires.stream().map(ScheduleRoutes::shown).toList());
        yield Reply.ok(reply);
      }
    };
  }

  private Reply archive(Call call) {
    String path = path(call);
    return CatalogRoutes.archived(
        catalog.archive(call.tenant(), path, null, CatalogEntry.SCHEDULE), path, call);
  }

  private static Instant moment(Map<String, @Nullable Object> body, String name) {
    String text = Members.requiredText(body, name);
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException _) {
      throw Members.fault(
          name, "Expected " + name + " to be a time such as 2026-01-31T12:00:00Z, but got " + text);
    }
  }

  private static String path(Call call) {
    String path = call.path("path");
    int from = 0;
    int to = path.length();
    while (from < to && path.charAt(from) == '/') {
      from++;
    }
    while (to > from && path.charAt(to - 1) == '/') {
      to--;
    }
    return path.substring(from, to);
  }

  private static Problem.Refusal notFound(String path) {
    return Problems.notFound("schedule " + path + " not found").refusal();
  }

  private static Map<String, @Nullable Object> shown(Schedules.Shown schedule, boolean whole) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("path", schedule.path());
    out.put("version", schedule.version());
    out.put("catalog_id", Ids.text(schedule.catalogId()));
    out.put("enabled", schedule.enabled());
    if (schedule.playbook() != null) {
      out.put("playbook", schedule.playbook());
    }
    if (schedule.playbookVersion() != null) {
      out.put("playbook_version", schedule.playbookVersion());
    }
    out.putAll(schedule.rhythm());
    if (schedule.misfire() != null) {
      out.put("misfire", schedule.misfire());
      out.put("overlap", schedule.overlap());
    }
    out.put("next_fire_at", schedule.next() == null ? null : schedule.next().toString());
    if (schedule.error() != null) {
      out.put("error", schedule.error());
    }
    if (whole) {
      out.put("upcoming", schedule.upcoming().stream().map(Instant::toString).toList());
      out.put("fires", schedule.fires().stream().map(ScheduleRoutes::shown).toList());
    } else if (!schedule.fires().isEmpty()) {
      out.put("last", shown(schedule.fires().getFirst()));
    }
    return out;
  }

  private static Map<String, @Nullable Object> shown(Fire fire) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("fire_at", fire.fireAt().toString());
    boolean planned = fire.executionId() == 0;
    out.put("state", planned ? "planned" : fire.state().name().toLowerCase(Locale.ROOT));
    if (fire.state() == Fire.State.STARTED) {
      out.put("execution_id", Ids.text(fire.executionId()));
    }
    if (fire.reason() != null) {
      out.put("reason", fire.reason());
    }
    if (fire.backfill()) {
      out.put("backfill", true);
    }
    return out;
  }
}
