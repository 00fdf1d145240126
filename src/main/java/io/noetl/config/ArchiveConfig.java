package io.noetl.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Events of finished executions, moved from the database into files.
 *
 * @param folder of the files, the same for all servers; empty: nothing is archived
 * @param after age of an execution, from its end, at which its events leave the database
 * @param recalledFor how long events stay that were brought back because somebody read them
 * @param every pause between two looks
 * @param batch executions of one query
 */
public record ArchiveConfig(
    Optional<Path> folder, Duration after, Duration recalledFor, Duration every, int batch) {

  public ArchiveConfig {
    new Checks("archive")
        .range("after", after, Duration.ofSeconds(1), Duration.ofDays(3650))
        .range("recalled-for", recalledFor, Duration.ofSeconds(1), Duration.ofDays(365))
        .range("every", every, Duration.ofMillis(100), Duration.ofDays(1))
        .range("batch", batch, 1, 100_000)
        .done();
  }

  static ArchiveConfig from(Values values) {
    return new ArchiveConfig(
        values.optionalPath(
            "folder", "Files of archived executions, seen by all servers; empty: none"),
        values.duration(
            "after", Duration.ofDays(30), "Age at which the events of an execution are archived"),
        values.duration(
            "recalled-for", Duration.ofHours(1), "Stay of archived events that somebody read"),
        values.duration("every", Duration.ofMinutes(5), "Pause between two looks"),
        values.integer("batch", 1_000, "Executions of one look"));
  }

  /** The values that hold when nothing is set. */
  public static ArchiveConfig defaults() {
    return from(Values.defaults("archive"));
  }
}
