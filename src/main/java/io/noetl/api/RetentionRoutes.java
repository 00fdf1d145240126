package io.noetl.api;

import io.noetl.upkeep.Retention;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rules that say how long executions are kept, by the beginning of their path. */
final class RetentionRoutes implements Resource {
  private static final String PATH = "/api/internal/retention";

  /** Longest path, in characters. */
  private static final int MAX_PATH = 500;

  private final Retention retention;

  RetentionRoutes(Retention retention) {
    this.retention = retention;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .get(PATH, AccessClass.OPERATOR, this::list)
        .post(PATH, AccessClass.OPERATOR, this::set)
        .delete(PATH, AccessClass.OPERATOR, this::remove);
  }

  private Reply list(Call call) {
    List<@Nullable Object> rules = new ArrayList<>();
    for (Retention.Rule rule : retention.rules(tenant(call, call.query("tenant_id")))) {
      Map<String, @Nullable Object> shown = new LinkedHashMap<>();
      shown.put("path", rule.path());
      shown.put("keep_days", rule.keepDays());
      shown.put("set_by", rule.setBy());
      shown.put("updated_at", rule.updatedAt().toString());
      rules.add(shown);
    }
    return Reply.ok(Map.of("rules", rules));
  }

  private Reply set(Call call) {
    Map<String, @Nullable Object> body = call.json();
    String path = path(Members.text(body, "path", ""));
    Long days = Members.number(body, "keep_days");
    if (days == null) {
      throw Members.missing("keep_days");
    }
    if (days < 0 || days > Retention.MAX_DAYS) {
      throw Members.fault(
          "keep_days",
          "Expected keep_days from 0 (for ever) to " + Retention.MAX_DAYS + ", but got " + days);
    }
    if (!retention.set(
        tenant(call, Members.text(body, "tenant_id")), path, days.intValue(), call.subject())) {
      throw Members.fault(
          "path",
          "Expected at most " + Retention.MAX_RULES + " rules of retention, but there are as many");
    }
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("status", "ok");
    out.put("path", path);
    out.put("keep_days", days);
    return Reply.ok(out);
  }

  private Reply remove(Call call) {
    String given = call.query("path");
    String path = path(given == null ? "" : given);
    boolean removed = retention.remove(tenant(call, call.query("tenant_id")), path);
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("status", removed ? "removed" : "unknown");
    out.put("path", path);
    return Reply.ok(out);
  }

  /** Whoever may call these routes may speak for every tenant. */
  private static String tenant(Call call, @Nullable String named) {
    return named == null || named.isBlank() ? call.tenant() : named;
  }

  private static String path(String path) {
    if (path.length() > MAX_PATH || path.indexOf('\0') >= 0) {
      throw Members.fault(
          "path", "Expected path to have at most " + MAX_PATH + " characters, but it has more");
    }
    return path;
  }
}
