package io.noetl.api;

import io.noetl.policy.compiled.Part;
import io.noetl.policy.compiled.Policies;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Whether the process lives, whether it gets on, and its figures. */
final class HealthRoutes implements Resource {
  private static final Map<String, @Nullable Object> OK = Map.of("status", "ok");

  private final HealthSource health;
  private final Access access;
  private final TripHealth trip;
  private final Policies policies;
  private final BuildInfo build;
  private final Supplier<String> scrape;
  private final InstantSource clock;
  private final Instant started;

  HealthRoutes(
      HealthSource health,
      Access access,
      TripHealth trip,
      Policies policies,
      BuildInfo build,
      Supplier<String> scrape,
      InstantSource clock) {
    this.health = health;
    this.access = access;
    this.trip = trip;
    this.policies = policies;
    this.build = build;
    this.scrape = scrape;
    this.clock = clock;
    this.started = clock.instant();
  }

  @Override
  public void routing(Routes routes) {
    routes
        .get("/health", AccessClass.OPEN, _ -> Reply.ok(OK))
        .get("/livez", AccessClass.OPEN, _ -> Reply.ok(OK))
        .get("/readyz", AccessClass.OPEN, _ -> ready())
        .get("/metrics", AccessClass.OPEN, _ -> metrics())
        .get("/version", AccessClass.OPEN, _ -> version())
        .get("/api/health", AccessClass.OPEN, _ -> health());
  }

  private Reply ready() {
    boolean ok = true;
    List<@Nullable Object> shown = new ArrayList<>();
    for (HealthSource.Check check : health.checks()) {
      ok &= check.ok();
      Map<String, @Nullable Object> entry = new LinkedHashMap<>();
      entry.put("name", check.name());
      entry.put("ok", check.ok());
      if (check.detail() != null) {
        entry.put("detail", check.detail());
      }
      shown.add(entry);
    }
    for (Part part : Part.values()) {
      Duration age = policies.age(part);
      if (age != null) {
        Map<String, @Nullable Object> entry = new LinkedHashMap<>();
        entry.put("name", "policy " + part.word() + " version");
        entry.put("ok", true);
        entry.put(
            "detail",
            "version "
                + policies.standing(part).version()
                + ", confirmed "
                + age.toSeconds()
                + " s ago, "
                + PolicyRoutes.state(policies, part));
        shown.add(entry);
      }
    }
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("status", ok ? "ok" : "not ready");
    out.put("checks", shown);
    return Reply.json(ok ? 200 : 503, out);
  }

  private Reply metrics() {
    return Reply.bytes(
        "text/plain; version=0.0.4; charset=utf-8", scrape.get().getBytes(StandardCharsets.UTF_8));
  }

  private Reply version() {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("version", build.version());
    out.put("commit", build.commit());
    out.put("schema_version", build.schemaVersion());
    out.put("abi", List.of("noetl.v1"));
    return Reply.ok(out);
  }

  private Reply health() {
    boolean database = health.databaseAnswers();
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("status", database ? "ok" : "unavailable");
    out.put("database", database ? "ok" : "unavailable");
    out.put("nats", health.bus());
    out.put("auth", access.mode());
    Map<String, @Nullable Object> held = new LinkedHashMap<>();
    for (Part part : Part.values()) {
      held.put(part.word(), PolicyRoutes.state(policies, part));
    }
    out.put("policies", held);
    out.put("mode", health.mode());
    out.put("uptime_seconds", Duration.between(started, clock.instant()).toSeconds());
    out.put("version", build.version());
    if (database) {
      out.putAll(trip.members());
    }
    return Reply.json(database ? 200 : 503, out);
  }
}
