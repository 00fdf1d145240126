package io.noetl.journal;

import io.noetl.execution.Execution;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.ExecutionState;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes intents, decides them, appends what was decided, and answers. Safe for use by many threads;
 * a call blocks its (virtual) thread until the batch with its intent is committed.
 */
public final class IntentHandler implements AutoCloseable {
  private final List<Lane> lanes = new ArrayList<>();

  /**
   * @param ids mints ids of events and commands
   * @param committed told after each commit; must be quick
   * @param vault stores and gives data out of line
   */
  public IntentHandler(
      LaneLimits limits,
      Execution execution,
      Definitions definitions,
      PostgresJournal journal,
      CommandFences fences,
      LongSupplier ids,
      InstantSource clock,
      CommitListener committed,
      LaneMetrics metrics,
      ResultVault vault) {
    for (int i = 0; i < limits.lanes(); i++) {
      Decider decider = new Decider(execution, definitions, ids, clock);
      lanes.add(new Lane(i, limits, decider, journal, fences, committed, metrics, vault));
    }
  }

  /** Who acts upon waits that decisions open or answer; before {@link #start}. */
  public void tell(WaitListener listener) {
    lanes.forEach(lane -> lane.tell(listener));
  }

  public void start() {
    lanes.forEach(Lane::start);
  }

  /** Decides the intent and waits for its commit. */
  public IntentReply handle(String tenantId, long executionId, ExecutionIntent intent) {
    return handle(tenantId, executionId, intent, null, null, null);
  }

  /**
   * Decides the intent and waits for its commit.
   *
   * @param take what the reporting worker has room for, or null
   * @param dedupKey makes a start idempotent within the tenant, or null
   * @param dedupDigest digest of the request that the key stands for
   * @throws JournalUnavailableException when the database cannot be reached or failed; whether the
   *     intent was written is then unknown
   */
  public IntentReply handle(
      String tenantId,
      long executionId,
      ExecutionIntent intent,
      @Nullable Take take,
      @Nullable String dedupKey,
      @Nullable String dedupDigest) {
    CompletableFuture<IntentReply> reply = new CompletableFuture<>();
    Commit.Dedup dedup =
        dedupKey == null || dedupDigest == null ? null : new Commit.Dedup(dedupKey, dedupDigest);
    Submission submission =
        new Submission(tenantId, executionId, intent, take, dedup, reply, 0, Map.of(), 0);
    if (!laneOf(executionId).offer(submission)) {
      return new IntentReply.Busy(
          "too many requests wait for a decision (lanes.max-queue), or the server is stopping", 1);
    }
    try {
      return reply.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** The state of an execution as its lane knows it, read from the log when it does not. */
  public ExecutionState state(long executionId) {
    return laneOf(executionId).state(executionId);
  }

  /**
   * Whether the execution runs as far as this server knows, which may be less than the log; false
   * when it knows nothing. Never blocks on the database.
   */
  public boolean live(long executionId) {
    return laneOf(executionId).live(executionId);
  }

  private Lane laneOf(long executionId) {
    // Low bits of a snowflake are mostly zero: mix before taking the remainder.
    long mixed = executionId * 0x9E3779B97F4A7C15L;
    return lanes.get((int) Long.remainderUnsigned(mixed >>> 17, lanes.size()));
  }

  /** Intents waiting or being decided, in all lanes. */
  public int waiting() {
    return lanes.stream().mapToInt(Lane::waiting).sum();
  }

  /** Stops taking intents, finishes those that were taken, and ends the lanes. */
  @Override
  public void close() {
    lanes.forEach(Lane::close);
  }
}
