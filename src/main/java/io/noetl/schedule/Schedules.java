package io.noetl.schedule;

import io.noetl.catalog.Catalog;
import io.noetl.execution.ExecutionSettings;
import io.noetl.journal.Definitions;
import io.noetl.journal.IntentHandler;
import io.noetl.postgres.Database;
import io.noetl.support.Progress;
import io.noetl.wait.Cascade;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Schedules as people see and change them. Safe for use by many threads. */
public final class Schedules {
  private static final Logger log = LoggerFactory.getLogger(Schedules.class);

  /** Next fire times that are shown of one schedule. */
  private static final int UPCOMING = 5;

  /** Past fire times that are shown of one schedule. */
  private static final int SHOWN_FIRES = 100;

  private final ScheduleStore store;
  private final Firing firing;
  private final Catalog catalog;
  private final ScheduleSettings settings;

  /**
   * @param semantics of executions that are started here
   * @param ids mints ids of executions
   */
  public Schedules(
      Database database,
      Catalog catalog,
      Definitions definitions,
      IntentHandler intents,
      Cascade cascade,
      ExecutionSettings semantics,
      LongSupplier ids,
      ScheduleSettings settings,
      ScheduleMetrics metrics) {
    this.store = new ScheduleStore(database);
    this.catalog = catalog;
    this.settings = settings;
    this.firing =
        new Firing(
            store,
            new ScheduleStarter(catalog, definitions, intents, cascade, semantics),
            ids,
            metrics);
  }

  /** Who fires them on this server. */
  public ScheduleKeeper keeper(Progress.Loop progress) {
    return new ScheduleKeeper(this, store, firing, settings, progress);
  }

  /**
   * A schedule.
   *
   * @param playbookVersion null = the newest at each fire time
   * @param rhythm the expression or interval as written, with its zone, anchor and bounds
   * @param next the next fire time; null = none, or disabled
   * @param upcoming the next few, when one schedule is asked for
   * @param fires the newest past ones first
   * @param error why it cannot fire, or null
   */
  public record Shown(
      String path,
      int version,
      long catalogId,
      boolean enabled,
      @Nullable String playbook,
      @Nullable Integer playbookVersion,
      Map<String, String> rhythm,
      @Nullable String misfire,
      @Nullable String overlap,
      @Nullable Instant next,
      List<Instant> upcoming,
      List<Fire> fires,
      @Nullable String error) {}

  /** Schedules of a tenant by path. */
  public List<Shown> list(String tenantId, int limit, int offset) {
    sync();
    List<Shown> shown = new ArrayList<>();
    for (ScheduleRow row : store.list(tenantId, limit, offset)) {
      shown.add(shown(row, 0, 1));
    }
    return shown;
  }

  public Optional<Shown> find(String tenantId, String path) {
    sync();
    return store.find(tenantId, path).map(row -> shown(row, UPCOMING, SHOWN_FIRES));
  }

  /** Lets it fire, or not. Times in between are not made up for. */
  public Optional<Shown> enable(String tenantId, String path, boolean enabled) {
    sync();
    Optional<ScheduleRow> found = store.find(tenantId, path);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    ScheduleRow row = found.get();
    Instant next =
        enabled && read(row) instanceof ScheduleReader.Read(ScheduleSpec spec)
            ? spec.times().next(row.now())
            : null;
    store.enable(row, enabled, next);
    return find(tenantId, path);
  }

  /** What became of a backfill. */
  public sealed interface Backfill {}

  /**
   * @param fires every fire time of the span, the oldest first
   */
  public record Done(List<Fire> fires) implements Backfill {}

  /** It may not be done; nothing was. */
  public record Refused(String sentence) implements Backfill {}

  /**
   * Fires the times of a span that is over, beside whatever runs. A time that has fired before
   * keeps its execution.
   *
   * @param from inclusive
   * @param to exclusive, and not in the future
   * @param onlyLook whether to start nothing
   * @return empty when there is no such schedule
   */
  public Optional<Backfill> backfill(
      String tenantId, String path, Instant from, Instant to, boolean onlyLook) {
    sync();
    Optional<ScheduleRow> found = store.find(tenantId, path);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    ScheduleRow row = found.get();
    if (!from.isBefore(to) || to.isAfter(row.now())) {
      return Optional.of(
          new Refused(
              "Expected from before to, and to not after now ("
                  + row.now()
                  + "), but got "
                  + from
                  + " and "
                  + to));
    }
    return Optional.of(
        switch (read(row)) {
          case ScheduleReader.Refused refused -> new Refused(sentence(refused));
          case ScheduleReader.Read(ScheduleSpec spec) -> backfill(row, spec, from, to, onlyLook);
        });
  }

  private Backfill backfill(
      ScheduleRow row, ScheduleSpec spec, Instant from, Instant to, boolean onlyLook) {
    List<Instant> times = FirePlan.between(spec.times(), from, to, settings.maxBackfill() + 1);
    if (times.size() > settings.maxBackfill()) {
      return new Refused(
          "Expected at most "
              + settings.maxBackfill()
              + " fire times (schedules.max-backfill), but "
              + from
              + " to "
              + to
              + " has more; take a shorter span");
    }
    if (onlyLook) {
      return new Done(
          times.stream()
              .map(
                  at -> new Fire(row.tenantId(), row.path(), at, 0, Fire.State.CLAIMED, null, true))
              .toList());
    }
    // Should this server die halfway, another goes on with what was written down.
    store.touch(row.tenantId(), row.path(), settings.retry());
    List<Fire> fires = new ArrayList<>();
    for (Instant at : times) {
      fires.add(firing.backfill(row, spec, at));
    }
    return new Done(List.copyOf(fires));
  }

  /** Brings the rows to what the catalog has. */
  void sync() {
    for (ScheduleRow row : store.changed()) {
      switch (read(row)) {
        case ScheduleReader.Read(ScheduleSpec spec) ->
            store.adopt(
                row, spec.enabled(), spec.enabled() ? spec.times().next(row.now()) : null, null);
        case ScheduleReader.Refused refused -> {
          log.error(
              "schedule {} version {} cannot be read here: {}",
              row.path(),
              row.version(),
              sentence(refused));
          store.adopt(row, false, null, sentence(refused));
        }
      }
    }
    store.drop();
  }

  ScheduleReader.Outcome read(ScheduleRow row) {
    return ScheduleReader.read(catalog.document(row.content()));
  }

  private static String sentence(ScheduleReader.Refused refused) {
    ScheduleReader.Fault first = refused.faults().getFirst();
    return first.path() + ": " + first.message();
  }

  private Shown shown(ScheduleRow row, int upcoming, int fires) {
    ScheduleSpec spec = read(row) instanceof ScheduleReader.Read(ScheduleSpec s) ? s : null;
    List<Instant> next = new ArrayList<>();
    Instant at = row.next();
    while (spec != null && at != null && next.size() < upcoming) {
      next.add(at);
      at = spec.times().next(at);
    }
    return new Shown(
        row.path(),
        row.version(),
        row.catalogId(),
        row.enabled(),
        spec == null ? null : spec.playbook(),
        spec == null ? null : spec.version(),
        spec == null ? Map.of() : spec.rhythm(),
        spec == null ? null : word(spec.misfire().policy()),
        spec == null ? null : word(spec.overlap()),
        row.next(),
        next,
        store.newest(row.tenantId(), row.path(), fires),
        row.error());
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
