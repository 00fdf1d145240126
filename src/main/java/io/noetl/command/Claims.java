package io.noetl.command;

import io.noetl.command.CommandQueue.ClaimRequest;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Gathers claims that arrive while the last ones are on their way to the database, and claims them
 * together. Safe for use by many threads.
 */
public final class Claims implements AutoCloseable {
  private static final long IDLE_MS = 100;

  private final FairClaims commands;
  private final FairShare shares;
  private final int maxBatch;
  private final BlockingQueue<Waiting> queue;
  private final Thread thread;
  private final AtomicBoolean closing = new AtomicBoolean();

  private record Waiting(ClaimRequest request, CompletableFuture<Claim> answer) {}

  /**
   * @param shares whose turn it is where tenants share workers
   * @param maxBatch claims in one statement
   * @param maxQueue claims that may wait; beyond, they are refused
   */
  public Claims(CommandQueue commands, FairShare shares, int maxBatch, int maxQueue) {
    this.commands = new FairClaims(commands, shares);
    this.shares = shares;
    this.maxBatch = maxBatch;
    this.queue = new ArrayBlockingQueue<>(maxQueue);
    this.thread = Thread.ofPlatform().daemon().name("claims").unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /**
   * Claims and waits for the answer.
   *
   * @throws OverloadedException when too many claims wait
   * @throws SQLException when the database failed; the claim may or may not have been written, and
   *     repeating it is safe
   */
  public Claim claim(ClaimRequest request) throws SQLException {
    CompletableFuture<Claim> answer = new CompletableFuture<>();
    if (closing.get() || !queue.offer(new Waiting(request, answer))) {
      throw new OverloadedException("too many claims wait (command.max-claim-queue)");
    }
    try {
      return answer.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case SQLException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case null, default -> throw e;
      }
    }
  }

  FairShare shares() {
    return shares;
  }

  /** Too many claims wait. */
  public static final class OverloadedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OverloadedException(String message) {
      super(message);
    }
  }

  private void run() {
    List<Waiting> batch = new ArrayList<>();
    while (true) {
      try {
        Waiting first = queue.poll(IDLE_MS, TimeUnit.MILLISECONDS);
        if (first == null) {
          if (closing.get()) {
            return;
          }
          continue;
        }
        batch.add(first);
        queue.drainTo(batch, maxBatch - 1);
        answer(batch);
      } catch (InterruptedException e) {
        if (closing.get()) {
          return;
        }
      } catch (SQLException | RuntimeException e) {
        batch.forEach(waiting -> waiting.answer().completeExceptionally(e));
      } finally {
        batch.clear();
      }
    }
  }

  /** One statement may name a command once; a second claim of the same waits for the next one. */
  private void answer(List<Waiting> batch) throws SQLException {
    List<Waiting> rest = batch;
    while (!rest.isEmpty()) {
      Set<Long> seen = new LinkedHashSet<>();
      List<Waiting> now = new ArrayList<>();
      List<Waiting> later = new ArrayList<>();
      for (Waiting waiting : rest) {
        (seen.add(waiting.request().commandId()) ? now : later).add(waiting);
      }
      List<Claim> answers = commands.claim(now.stream().map(Waiting::request).toList());
      for (int i = 0; i < now.size(); i++) {
        now.get(i).answer().complete(answers.get(i));
      }
      rest = later;
    }
  }

  /** Answers what waits, then ends. */
  @Override
  public void close() {
    closing.set(true);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
