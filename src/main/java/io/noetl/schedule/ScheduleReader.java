package io.noetl.schedule;

import io.noetl.json.Json;
import io.noetl.playbook.Durations;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one schedule document, and says all that is wrong with it. Not for several threads. */
final class ScheduleReader {
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LATEST = Duration.ofDays(1);
  private static final Instant EPOCH = Instant.EPOCH;

  private final List<Fault> faults = new ArrayList<>();

  /**
   * One thing that is wrong.
   *
   * @param path where, for example {@code spec.cron}
   */
  record Fault(String path, String message) {}

  /** What reading came to. */
  sealed interface Outcome {}

  record Read(ScheduleSpec spec) implements Outcome {}

  record Refused(List<Fault> faults) implements Outcome {}

  static Outcome read(Map<String, @Nullable Object> document) {
    return new ScheduleReader().document(document);
  }

  private Outcome document(Map<String, @Nullable Object> document) {
    keys(document, "", Set.of("apiVersion", "kind", "metadata", "spec"));
    if (!"noetl.io/v2".equals(document.get("apiVersion"))) {
      fault("apiVersion", "Expected apiVersion noetl.io/v2, but got " + document.get("apiVersion"));
    }
    Map<String, @Nullable Object> metadata = map(document, "metadata", "metadata");
    String name = text(metadata, "name", "metadata.name");
    String path = text(metadata, "path", "metadata.path");
    if (name == null) {
      fault("metadata.name", "metadata.name is required");
    }
    Map<String, @Nullable Object> spec = map(document, "spec", "spec");
    keys(
        spec,
        "spec.",
        Set.of(
            "playbook",
            "version",
            "payload",
            "pool",
            "cron",
            "timezone",
            "interval",
            "anchor",
            "start",
            "end",
            "misfire",
            "overlap",
            "enabled"));
    String playbook = text(spec, "playbook", "spec.playbook");
    if (playbook == null) {
      fault("spec.playbook", "Expected the path of the playbook to start, but it is missing");
    }
    Long version = whole(spec, "version", "spec.version", 1, Integer.MAX_VALUE);
    Map<String, String> rhythm = new LinkedHashMap<>();
    Timetable times = times(spec, rhythm);
    Misfire misfire = misfire(spec.get("misfire"));
    Overlap overlap = word(spec.get("overlap"), "spec.overlap", Overlap.class, Overlap.SKIP);
    Object enabled = spec.get("enabled");
    if (enabled != null && !(enabled instanceof Boolean)) {
      fault("spec.enabled", "Expected enabled to be true or false, but got " + enabled);
    }
    Object payload = spec.get("payload");
    if (payload != null && !(payload instanceof Map<?, ?>)) {
      fault("spec.payload", "Expected payload to be a map, but got " + Json.typeName(payload));
    }
    String pool = text(spec, "pool", "spec.pool");
    if (!faults.isEmpty() || times == null || name == null || playbook == null) {
      return new Refused(List.copyOf(faults));
    }
    return new Read(
        new ScheduleSpec(
            name,
            path == null ? name : path,
            playbook,
            version == null ? null : (Integer) version.intValue(),
            payload instanceof Map<?, ?> map ? named(map) : Map.of(),
            pool,
            times,
            rhythm,
            misfire,
            overlap,
            !Boolean.FALSE.equals(enabled)));
  }

  private @Nullable Timetable times(
      Map<String, @Nullable Object> spec, Map<String, String> rhythm) {
    Instant start = moment(spec, "start");
    Instant end = moment(spec, "end");
    if (start != null && end != null && !start.isBefore(end)) {
      fault("spec.end", "Expected end to be after start, but got " + start + " and " + end);
    }
    boolean cron = spec.get("cron") != null;
    boolean interval = spec.get("interval") != null;
    if (cron == interval) {
      fault("spec.cron", "Expected one of cron and interval, but got " + (cron ? "both" : "none"));
      return null;
    }
    Timetable times = cron ? wall(spec, rhythm) : every(spec, rhythm);
    if (times == null) {
      return null;
    }
    Timetable bounded =
        start == null && end == null ? times : new Timetable.Between(times, start, end);
    if (start != null) {
      rhythm.put("start", start.toString());
    }
    if (end != null) {
      rhythm.put("end", end.toString());
    }
    if (times.next(EPOCH) == null) {
      fault("spec.cron", "Expected an expression that matches some day, but this one never does");
    }
    return bounded;
  }

  private @Nullable Timetable wall(Map<String, @Nullable Object> spec, Map<String, String> rhythm) {
    if (spec.get("anchor") != null) {
      fault("spec.anchor", "Expected anchor with interval only, but got it with cron");
    }
    String text = String.valueOf(spec.get("cron"));
    String zone = text(spec, "timezone", "spec.timezone");
    ZoneId id = null;
    try {
      id = ZoneId.of(zone == null ? "UTC" : zone);
    } catch (DateTimeException e) {
      fault(
          "spec.timezone",
          "Expected a time zone such as Europe/Berlin or UTC, but got '" + zone + "'");
    }
    try {
      Cron cron = Cron.parse(text);
      rhythm.put("cron", text.strip());
      rhythm.put("timezone", id == null ? "UTC" : id.getId());
      return id == null ? null : new Timetable.Wall(cron, id);
    } catch (IllegalArgumentException e) {
      fault("spec.cron", String.valueOf(e.getMessage()));
      return null;
    }
  }

  private @Nullable Timetable every(
      Map<String, @Nullable Object> spec, Map<String, String> rhythm) {
    if (spec.get("timezone") != null) {
      fault("spec.timezone", "Expected timezone with cron only, but got it with interval");
    }
    Duration every =
        duration(spec.get("interval"), "spec.interval", SHORTEST, Duration.ofDays(3650));
    Instant anchor = moment(spec, "anchor");
    if (every == null) {
      return null;
    }
    rhythm.put("interval", String.valueOf(spec.get("interval")));
    rhythm.put("anchor", (anchor == null ? EPOCH : anchor).toString());
    return new Timetable.Every(every, anchor == null ? EPOCH : anchor);
  }

  private Misfire misfire(@Nullable Object value) {
    Misfire usual = Misfire.DEFAULT;
    if (value == null || value instanceof String) {
      return new Misfire(
          word(value, "spec.misfire", Misfire.Policy.class, usual.policy()),
          usual.after(),
          usual.limit());
    }
    if (!(value instanceof Map<?, ?> raw)) {
      fault("spec.misfire", "Expected misfire to be a word or a map, but got " + value);
      return usual;
    }
    Map<String, @Nullable Object> map = named(raw);
    keys(map, "spec.misfire.", Set.of("policy", "after", "limit"));
    Duration after =
        map.get("after") == null
            ? usual.after()
            : duration(map.get("after"), "spec.misfire.after", SHORTEST, LATEST);
    Long limit = whole(map, "limit", "spec.misfire.limit", 1, FirePlan.MOST);
    return new Misfire(
        word(map.get("policy"), "spec.misfire.policy", Misfire.Policy.class, usual.policy()),
        after == null ? usual.after() : after,
        limit == null ? usual.limit() : limit.intValue());
  }

  private <E extends Enum<E>> E word(
      @Nullable Object value, String path, Class<E> type, E missing) {
    if (value == null) {
      return missing;
    }
    List<String> words = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      String word = constant.name().toLowerCase(Locale.ROOT);
      if (word.equals(value)) {
        return constant;
      }
      words.add(word);
    }
    fault(path, "Expected one of " + String.join(", ", words) + ", but got " + value);
    return missing;
  }

  private @Nullable Duration duration(
      @Nullable Object value, String path, Duration least, Duration most) {
    Duration duration = Durations.parse(value);
    if (duration == null || duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
      fault(
          path,
          "Expected seconds, or text such as 30s, 15m, 2h, from "
              + least.toSeconds()
              + " to "
              + most.toSeconds()
              + " seconds, but got "
              + value);
      return null;
    }
    return Duration.ofMillis(duration.toMillis());
  }

  private @Nullable Instant moment(Map<String, @Nullable Object> spec, String name) {
    Object value = spec.get(name);
    if (value == null) {
      return null;
    }
    try {
      return OffsetDateTime.parse(value.toString()).toInstant();
    } catch (DateTimeException e) {
      fault(
          "spec." + name,
          "Expected a time such as 2026-01-31T12:00:00+01:00, but got '" + value + "'");
      return null;
    }
  }

  private @Nullable Long whole(
      Map<String, @Nullable Object> from, String name, String path, long least, long most) {
    Object value = from.get(name);
    if (value == null) {
      return null;
    }
    if (value instanceof Number number
        && number.doubleValue() == number.longValue()
        && number.longValue() >= least
        && number.longValue() <= most) {
      return number.longValue();
    }
    fault(path, "Expected a number from " + least + " to " + most + ", but got " + value);
    return null;
  }

  private @Nullable String text(Map<String, @Nullable Object> from, String name, String path) {
    Object value = from.get(name);
    if (value == null) {
      return null;
    }
    if (!(value instanceof String text) || text.isBlank() || text.indexOf('\0') >= 0) {
      fault(path, "Expected text, but got " + value);
      return null;
    }
    return text.strip();
  }

  private Map<String, @Nullable Object> map(
      Map<String, @Nullable Object> from, String name, String path) {
    Object value = from.get(name);
    if (value instanceof Map<?, ?> map) {
      return named(map);
    }
    fault(path, "Expected " + name + " to be a map, but it is " + Json.typeName(value));
    return Map.of();
  }

  private void keys(Map<String, @Nullable Object> from, String place, Set<String> known) {
    for (String key : from.keySet()) {
      if (!known.contains(key)) {
        fault(
            place + key,
            "Expected one of "
                + String.join(", ", known.stream().sorted().toList())
                + ", but got '"
                + key
                + "'");
      }
    }
  }

  private void fault(String path, String message) {
    faults.add(new Fault(path, message));
  }

  @SuppressWarnings("unchecked") // plain JSON values have string keys
  private static Map<String, @Nullable Object> named(Map<?, ?> map) {
    return (Map<String, @Nullable Object>) map;
  }
}
