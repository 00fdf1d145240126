package io.noetl.upkeep;

import io.noetl.postgres.DatabaseException;
import io.noetl.support.Lifecycle;
import io.noetl.support.Progress;
import io.noetl.support.Rounds;
import io.noetl.upkeep.Purge.Purged;
import java.time.Duration;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes now and then what is over by the settings and by the rules of retention. Every server
 * may: what one has removed the others do not find.
 */
public final class RetentionKeeper implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(RetentionKeeper.class);

  private final Purge purge;
  private final Settings settings;
  private final Progress.Loop progress;
  private final Rounds rounds;

  /**
   * @param every between two rounds
   * @param ages what may go
   */
  public record Settings(Duration every, Purge.Ages ages) {}

  public RetentionKeeper(Purge purge, Settings settings, Progress.Loop progress) {
    this.purge = purge;
    this.settings = settings;
    this.progress = progress;
    this.rounds =
        new Rounds(
            "retention",
            settings.every(),
            progress,
            Set.of(DatabaseException.class),
            () -> {
              round();
              return Rounds.Next.LATER;
            });
  }

  @Override
  public void start() {
    rounds.start();
  }

  @Override
  public void close() {
    rounds.close();
  }

  /**
   * Removes all that is over.
   *
   * @return how many executions went
   */
  int round() {
    int executions = 0;
    Purged purged;
    do {
      purged = purge.purge(settings.ages(), false);
      executions += purged.executions();
      if (purged.executions() + purged.commands() + purged.runtimes() > 0
          || !purged.partitions().isEmpty()) {
        log.info(
            "removed {} executions with {} events, {} dead commands and messages, {} silent"
                + " components, partitions {}",
            purged.executions(),
            purged.events(),
            purged.commands(),
            purged.runtimes(),
            purged.partitions());
      }
      progress.moved();
    } while (purged.more() && !rounds.closing());
    return executions;
  }
}
