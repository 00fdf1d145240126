package io.noetl.command;

import io.noetl.command.CommandQueue.Beat;
import io.noetl.command.CommandQueue.ClaimRequest;
import io.noetl.command.CommandQueue.CommandRow;
import io.noetl.command.ParkedCommands.Begun;
import io.noetl.command.ParkedCommands.Parked;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.JournalUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What workers do with commands, for callers that know no SQL: a database that fails is a {@link
 * JournalUnavailableException}, after which the same call may be repeated. Safe for many threads.
 */
public final class CommandLeases {
  private final Claims claims;
  private final CommandQueue commands;
  private final IntentHandler intents;

  public CommandLeases(Claims claims, CommandQueue commands, IntentHandler intents) {
    this.claims = claims;
    this.commands = commands;
    this.intents = intents;
  }

  /**
   * As {@link Claims#claim}. A lease that has run out is ended first, as the sweep would do it: the
   * log tells of every lease that ran out, and its attempt counts.
   */
  public Claim claim(ClaimRequest request) {
    Claim answer = asked(() -> claims.claim(request));
    if (answer instanceof Claim.LeaseActive held && held.ranOut() != null) {
      LeaseSweeper.end(intents, held.ranOut());
      return asked(() -> claims.claim(request));
    }
    return answer;
  }

  /**
   * How many of a tenant's next commands a worker of the pool may go on with at once, without
   * passing by others that wait.
   *
   * @param wanted by the worker
   */
  public int room(String pool, String tenantId, int wanted) {
    return asked(
        () -> {
          claims.shares().look();
          return claims.shares().room(pool, tenantId, wanted);
        });
  }

  /** A worker of the pool went on with so many of the tenant's commands. */
  public void handedBack(String pool, String tenantId, int commands) {
    claims.shares().served(pool, tenantId, commands);
  }

  /** As {@link CommandQueue#heartbeat}. */
  public Map<Long, Instant> heartbeat(List<Beat> beats, Duration lease) {
    return asked(() -> commands.heartbeat(beats, lease));
  }

  /** As {@link CommandQueue#release}. */
  public boolean release(long commandId, String workerId, long fence, Duration delay) {
    return asked(() -> commands.release(commandId, workerId, fence, delay));
  }

  /** As {@link ParkedCommands#park}. */
  public Optional<Parked> park(
      long commandId, String workerId, long fence, String parkedJson, Duration delay) {
    return asked(
        () ->
            Optional.ofNullable(
                commands.parked().park(commandId, workerId, fence, parkedJson, delay)));
  }

  /** As {@link ParkedCommands#note}. */
  public boolean note(long commandId, String callbackJson) {
    return asked(() -> commands.parked().note(commandId, callbackJson));
  }

  /** As {@link ParkedCommands#wake}. */
  public void wake(long commandId) {
    asked(
        () -> {
          commands.parked().wake(commandId);
          return true;
        });
  }

  /** As {@link ParkedCommands#ended}. */
  public List<Long> ended(String tenantId, List<Begun> begun) {
    return asked(() -> commands.parked().ended(tenantId, begun));
  }

  /** As {@link CommandQueue#releaseAll}. */
  public int releaseAll(String workerId) {
    return asked(() -> commands.releaseAll(workerId));
  }

  /** As {@link CommandQueue#row}. */
  public Optional<CommandRow> row(long commandId) {
    return asked(() -> Optional.ofNullable(commands.row(commandId)));
  }

  /** As {@link CommandQueue#heldBy}. */
  public List<Claim.Granted> heldBy(String workerId, long executionId) {
    return asked(() -> commands.heldBy(workerId, executionId));
  }

  private interface Question<T> {
    T ask() throws SQLException;
  }

  private static <T> T asked(Question<T> question) {
    try {
      return question.ask();
    } catch (SQLException e) {
      throw new JournalUnavailableException(e);
    }
  }
}
