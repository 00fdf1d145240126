package io.noetl.upkeep;

import io.noetl.archive.EventRecall;
import io.noetl.journal.Replay;
import io.noetl.journal.RowRebuild;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import io.noetl.query.EventPages;
import io.noetl.query.OpenWork;
import io.noetl.query.PoolBacklog;
import io.noetl.query.VariableHistory;
import java.time.Duration;
import java.util.function.LongConsumer;

/** Everything that looks at, or after, one database; handed to the API in one piece. */
public record Upkeep(
    Schema schema,
    Purge purge,
    OutboxProjection projection,
    ObjectStore objects,
    Connections connections,
    RowRebuild rows,
    Replay replay,
    OpenWork work,
    VariableHistory variables,
    PoolBacklog backlog,
    Retention retention,
    DeadMessages dead) {

  /** How long the figures of pools are good for. */
  private static final Duration KEEP = Duration.ofSeconds(1);

  /**
   * @param recall brings archived events back for those who read them
   * @param forget told of each execution that was purged
   */
  public static Upkeep of(Database database, EventRecall recall, LongConsumer forget) {
    return new Upkeep(
        new Schema(database),
        new Purge(database, forget),
        new OutboxProjection(database),
        new ObjectStore(database),
        new Connections(database),
        new RowRebuild(database.dataSource(Pool.BACKGROUND)),
        new Replay(database.dataSource(Pool.READ), recall),
        new OpenWork(database),
        new VariableHistory(new EventPages(database, recall)),
        new PoolBacklog(database, KEEP, System::nanoTime),
        new Retention(database),
        new DeadMessages(database));
  }
}
