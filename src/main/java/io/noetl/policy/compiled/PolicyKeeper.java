package io.noetl.policy.compiled;

import io.noetl.journal.JournalUnavailableException;
import io.noetl.postgres.Database;
import io.noetl.postgres.DatabaseException;
import io.noetl.support.Lifecycle;
import io.noetl.support.Progress;
import io.noetl.support.Rounds;
import io.noetl.wait.Cascade;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has policies compiled, and keeps what this server decides with to what the rows say. Every server
 * runs one; each compilation is taken by one of them, and ended by whichever sees its end.
 */
public final class PolicyKeeper implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(PolicyKeeper.class);

  private final PolicyStore store;
  private final Compilations compilations;
  private final Policies policies;
  private final LongSupplier ids;
  private final PolicyMetrics metrics;
  private final BiConsumer<String, @Nullable String> trouble;
  private final Rounds rounds;

  /**
   * @param ids mints ids of executions
   * @param trouble told for each part why it is not as it should be; null when it is again
   */
  public PolicyKeeper(
      Database database,
      Compilations compilations,
      Policies policies,
      LongSupplier ids,
      PolicyMetrics metrics,
      BiConsumer<String, @Nullable String> trouble,
      Progress.Loop progress) {
    this.store = new PolicyStore(database);
    this.compilations = compilations;
    this.policies = policies;
    this.ids = ids;
    this.metrics = metrics;
    this.trouble = trouble;
    metrics.of(policies);
    this.rounds =
        new Rounds(
            "policies",
            policies.settings().poll(),
            progress,
            Set.of(
                DatabaseException.class,
                JournalUnavailableException.class,
                Cascade.BusyException.class),
            () -> {
              round();
              return Rounds.Next.LATER;
            });
  }

  /**
   * Reads what is in force, then begins: a server never serves a request without the policy that
   * held before it started.
   */
  @Override
  public void start() {
    follow(store.rows());
    rounds.start();
  }

  @Override
  public void close() {
    rounds.close();
  }

  /** Follows the rows, and brings compilations on. */
  void round() {
    Map<Part, PolicyRow> rows = store.rows();
    follow(rows);
    boolean changed = false;
    for (PolicyRow row : rows.values()) {
      changed |= row.on() && drive(row);
    }
    if (changed) {
      follow(store.rows());
    }
  }

  private void follow(Map<Part, PolicyRow> rows) {
    for (Part part : Part.values()) {
      PolicyRow row = rows.get(part);
      if (row == null) {
        continue;
      }
      Standing known = policies.standing(part);
      Standing now = standing(row, known);
      if (row.version() == known.version() && row.compiled() == known.compiled()) {
        policies.stands(now);
      } else {
        // Should it have changed again in between, the next round follows that.
        String document = row.compiled() ? store.document(part) : null;
        String unreadable = policies.adopt(now, document);
        if (unreadable != null) {
          log.error("policy {} version {}: {}", part.word(), row.version(), unreadable);
        } else {
          log.info(
              "policy {} version {} is in force: {} rules",
              part.word(),
              row.version(),
              policies.standing(part).rules());
        }
      }
      trouble.accept("policy " + part.word(), trouble(part));
    }
  }

  private static Standing standing(PolicyRow row, Standing known) {
    boolean same = row.version() == known.version();
    return new Standing(
        row.part(),
        row.on(),
        row.version(),
        row.ofSource(),
        row.sourceVersion(),
        row.ofCompiler(),
        row.setBy(),
        row.setAt(),
        row.compiledAt(),
        row.compiled() ? row.confirmedAt() : null,
        same && !known.usable() ? known.error() : row.error(),
        row.executionId(),
        known.rules(),
        !same || known.usable());
  }

  private @Nullable String trouble(Part part) {
    Standing standing = policies.standing(part);
    if (policies.stale(part)) {
      return "version "
          + standing.version()
          + " is too old to go by (policy.max-age): "
          + standing.error();
    }
    if (standing.error() == null) {
      return null;
    }
    return standing.compiled()
        ? "version " + standing.version() + " stays in force: " + standing.error()
        : "built-in rules alone are in force: " + standing.error();
  }

  /** Returns whether the row has changed. */
  private boolean drive(PolicyRow row) {
    Long running = row.executionId();
    return running == null ? begin(row) : look(row, running);
  }

  private boolean begin(PolicyRow row) {
    Integer compiler = compilations.compiler(row.part());
    boolean newCompiler = compiler != null && !compiler.equals(row.triedCompiler());
    if (!newCompiler && row.dueAt().isAfter(row.now())) {
      return false;
    }
    long id = ids.getAsLong();
    // The id goes into the row first: should this server die, any other ends what it began.
    if (!store.begin(row, id, compiler)) {
      return false;
    }
    String source = store.source(row.part());
    String refusal =
        source == null ? "its source was taken away" : compilations.start(row.part(), id, source);
    if (refusal != null) {
      failed(row.part(), id, refusal);
    }
    return true;
  }

  private boolean look(PolicyRow row, long id) {
    Part part = row.part();
    PolicySettings settings = policies.settings();
    return switch (compilations.look(id, settings.limits().bytes())) {
      case Compilations.Failed(String sentence) -> failed(part, id, sentence);
      case Compilations.Ended(String document) -> {
        String fault = policies.fault(part, document);
        if (fault != null) {
          yield failed(part, id, "what " + part.playbook() + " made is no policy: " + fault);
        }
        boolean written = store.succeeded(part, id, document, settings.refresh());
        if (written) {
          metrics.compiled(part);
        }
        yield written;
      }
      case Compilations.Running _ -> {
        Instant begun = row.begunAt();
        Duration since = begun == null ? Duration.ZERO : Duration.between(begun, row.now());
        if (since.compareTo(settings.deadline()) < 0) {
          yield false;
        }
        String sentence =
            "execution "
                + id
                + " did not end within "
                + settings.deadline().toMillis()
                + " ms (policy.deadline)";
        boolean written = failed(part, id, sentence);
        compilations.cancel(id, sentence);
        yield written;
      }
    };
  }

  private boolean failed(Part part, long id, String sentence) {
    boolean written = store.failed(part, id, cut(sentence), policies.settings().retry());
    if (written) {
      metrics.failed(part);
      log.warn("policy {} was not compiled: {}", part.word(), sentence);
    }
    return written;
  }

  /** What a plug-in says is of any length. */
  private static String cut(String sentence) {
    String clean = sentence.replace('\0', ' ');
    return clean.length() <= 2_000 ? clean : clean.substring(0, 2_000) + "…";
  }
}
