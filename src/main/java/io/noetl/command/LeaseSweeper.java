package io.noetl.command;

import io.noetl.command.CommandQueue.Expired;
import io.noetl.envelope.NoIdsException;
import io.noetl.execution.ExecutionIntent;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.IntentReply;
import io.noetl.journal.JournalUnavailableException;
import io.noetl.support.Lifecycle;
import io.noetl.support.Progress;
import io.noetl.support.Rounds;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends leases that ran out. Any number of servers may sweep at once: the fence of the row decides
 * whose intent counts.
 */
public final class LeaseSweeper implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(LeaseSweeper.class);

  /** Leases ended in one sweep; the next follows at once when there were that many. */
  private static final int BATCH = 500;

  private final CommandQueue commands;
  private final IntentHandler intents;
  private final Rounds rounds;

  public LeaseSweeper(
      CommandQueue commands, IntentHandler intents, Duration every, Progress.Loop progress) {
    this.commands = commands;
    this.intents = intents;
    this.rounds =
        new Rounds(
            "lease sweeper",
            every,
            progress,
            Set.of(JournalUnavailableException.class, NoIdsException.class),
            () -> sweep() < BATCH ? Rounds.Next.LATER : Rounds.Next.AT_ONCE);
  }

  @Override
  public void start() {
    rounds.start();
  }

  @Override
  public void close() {
    rounds.close();
  }

  /** Ends the leases that have run out and returns how many there were. */
  int sweep() {
    List<Expired> leases = expired();
    leases.forEach(lease -> end(intents, lease));
    return leases.size();
  }

  /** Ends a lease; one that was extended or ended meanwhile stays as it is. */
  static void end(IntentHandler intents, Expired lease) {
    IntentReply reply =
        intents.handle(
            lease.tenantId(),
            lease.executionId(),
            new ExecutionIntent.ExpireLease(
                lease.commandId(),
                lease.attempt(),
                lease.maxAttempts(),
                lease.fence(),
                lease.workerId()));
    if (reply instanceof IntentReply.Accepted) {
      log.info(
          "lease of {} ran out (execution={}, command={}, attempt={})",
          lease.workerId(),
          lease.executionId(),
          lease.commandId(),
          lease.attempt());
    }
  }

  private List<Expired> expired() {
    try {
      return commands.expired(BATCH);
    } catch (SQLException e) {
      throw new JournalUnavailableException(e);
    }
  }
}
