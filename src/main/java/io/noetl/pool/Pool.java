package io.noetl.pool;

import io.noetl.bus.Bus;
import io.noetl.bus.BusConsumer;
import io.noetl.bus.BusMessage;
import io.noetl.bus.ConsumerSpec;
import io.noetl.consume.ConsumerLoop;
import io.noetl.envelope.Ids;
import io.noetl.json.Json;
import io.noetl.json.JsonException;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.pool.CommandRunner.GiveBackException;
import io.noetl.pool.CommandRunner.NextAttemptException;
import io.noetl.pool.PoolMetrics.ClaimAnswer;
import io.noetl.pool.ServerClient.Reply;
import io.noetl.pool.ServerClient.UnreachableException;
import io.noetl.support.Lifecycle;
import io.noetl.support.Progress;
import io.noetl.tool.PutAside;
import io.noetl.tool.sequence.CommandResult;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One member of a pool: pulls hints, claims, runs and reports, with a bounded number at once. */
public final class Pool implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(Pool.class);
  private static final Duration PULL_WAIT = Duration.ofSeconds(1);

  /** While commands are parked: a pull keeps all free slots, and they want theirs back. */
  private static final Duration SHORT_PULL = Duration.ofMillis(50);

  private static final Duration RETRY_HINT = Duration.ofSeconds(1);

  private final GatheredCalls calls;
  private final CommandRunner runner;
  private final PoolSettings settings;
  private final PoolMetrics metrics;
  private final Progress.Loop progress;
  private final Leases leases;
  private final ResultOffload offload;
  private final Reporter reporter;
  private final Asides asides;
  private final DeadLetters deadLetters;
  private final Registration registration;
  private final Parking parking;
  private final Semaphore slots;

  /** Commands that are being claimed or run here. */
  private final Set<Long> serving = ConcurrentHashMap.newKeySet();

  /** Those of them that came in exchange for another: their own hints wake for one more. */
  private final Set<Long> exchanged = ConcurrentHashMap.newKeySet();

  private final Runs runs = new Runs();

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ConsumerLoop loop;

  /**
   * @param parking the slots, as many as the settings say
   * @param inlineBytes JSON of data that a report may carry; more is stored first
   */
  public Pool(
      Bus bus,
      ServerClient server,
      CommandRunner runner,
      Parking parking,
      PoolSettings settings,
      int inlineBytes,
      PoolMetrics metrics,
      Progress.Loop progress) {
    this.runner = runner;
    this.settings = settings;
    this.metrics = metrics;
    this.progress = progress;
    this.leases = new Leases(server, settings.workerId(), settings.lease());
    this.offload = new ResultOffload(server, inlineBytes);
    this.calls = new GatheredCalls(server);
    this.reporter = new Reporter(calls, settings, metrics);
    this.deadLetters = new DeadLetters(server, settings);
    this.asides = new Asides(server, settings.workerId());
    this.registration = new Registration(server, settings, leases);
    this.parking = parking;
    this.slots = parking.slots();
    this.loop =
        new ConsumerLoop(
            "pool-" + settings.pool(),
            bus,
            ConsumerSpec.ofCommands(settings.durable(), settings.filters()),
            this::pull,
            progress,
            PULL_WAIT.plusSeconds(2));
  }

  @Override
  public void start() {
    registration.start();
    leases.start();
    loop.start();
  }

  /** Stops pulling, lets running commands finish within the drain time, gives the rest back. */
  @Override
  public void close() {
    // Hints that have arrived are served, or come again elsewhere.
    loop.close();
    try {
      parking.close();
      if (!slots.tryAcquire(settings.slots(), settings.drain().toMillis(), TimeUnit.MILLISECONDS)) {
        leases.held().forEach(Leases.Held::interrupt);
      }
      parking.drained();
      threads.shutdown();
      if (!threads.awaitTermination(5, TimeUnit.SECONDS)) {
        log.warn("some commands did not stop in time; their leases will run out");
        threads.shutdownNow();
      }
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    } finally {
      leases.close();
      registration.close();
    }
  }

  /** Takes as many hints as there are free slots; waits for a slot first. */
  private void pull(BusConsumer consumer) throws InterruptedException {
    if (!registration.await(Duration.ZERO)) {
      progress.stuck(String.valueOf(registration.problem()));
      registration.await(PULL_WAIT);
      return;
    }
    if (!slots.tryAcquire(PULL_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
      progress.moved();
      return;
    }
    int room = 1 + slots.drainPermits();
    int used = 0;
    try {
      List<BusMessage> messages = consumer.pull(room, parking.lent() ? SHORT_PULL : PULL_WAIT);
      for (BusMessage message : messages) {
        threads.execute(() -> inSlot(() -> serve(message)));
        used++;
      }
    } finally {
      slots.release(room - used);
    }
    progress.moved();
  }

  private interface Work {
    void run() throws InterruptedException;
  }

  /** Runs in a slot that the caller has taken, and gives it back. */
  private void inSlot(Work work) {
    try {
      work.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.error("command failed in the worker itself", e);
    } finally {
      slots.release();
    }
  }

  private void serve(BusMessage message) throws InterruptedException {
    long commandId;
    Map<String, @Nullable Object> hint;
    try {
      hint = Json.parseObject(message.body());
      commandId = Ids.parse(hint.get("command_id"), "command_id");
    } catch (JsonException | Ids.BadIdException e) {
      boolean ended = deadLetters.end(message, "it cannot be read: " + e.getMessage());
      metrics.claim(ended ? ClaimAnswer.GONE : ClaimAnswer.RETRY);
      return;
    }
    if (!serving.add(commandId)) {
      if (exchanged.contains(commandId)) {
        serveClaimed(claim(message, commandId, hint, true));
        return;
      }
      // A repeated hint: the claim would be granted once more, to the same worker.
      message.ack();
      metrics.claim(ClaimAnswer.TAKEN);
      return;
    }
    Claimed next;
    try {
      Claimed command = claim(message, commandId, hint, false);
      boolean other = command != null && command.commandId() != commandId;
      next = command == null || other ? command : execute(command);
    } finally {
      serving.remove(commandId);
    }
    serveClaimed(next);
  }

  /**
   * Claims the command of a hint, or another of its pool when the server says that this is fairer.
   *
   * @param other whether it must be another
   */
  private @Nullable Claimed claim(
      BusMessage message, long commandId, Map<String, @Nullable Object> hint, boolean other) {
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    // Tells the server whose command it was, should there be none to claim any more.
    body.put("execution_id", hint.get("execution_id"));
    body.put("pool", hint.get("pool"));
    if (other) {
      body.put("other", true);
    }
    body.put("worker_id", settings.workerId());
    body.put("lease_seconds", settings.lease().toSeconds());
    try {
      Reply reply = calls.post(null, "/api/commands/" + Ids.text(commandId) + "/claim", body);
      if (reply.ok()) {
        // From here on the lease guards the command, not the bus.
        message.ack();
        metrics.claim(ClaimAnswer.GRANTED);
        Claimed claimed = Claimed.of(reply.body());
        if (claimed.commandId() != commandId) {
          exchanged.add(claimed.commandId());
        }
        return claimed;
      }
      switch (reply.status()) {
        case 404 -> {
          boolean ended = deadLetters.end(message, reply.error());
          metrics.claim(ended ? ClaimAnswer.GONE : ClaimAnswer.RETRY);
        }
        case 409 -> {
          message.ack();
          metrics.claim(ClaimAnswer.TAKEN);
        }
        default -> {
          message.nak(
              reply.retryAfterSeconds() == null
                  ? RETRY_HINT
                  : Duration.ofSeconds(reply.retryAfterSeconds()));
          metrics.claim(ClaimAnswer.RETRY);
          log.warn("claim of command {} is repeated: {}", commandId, reply.error());
        }
      }
    } catch (UnreachableException e) {
      message.nak(RETRY_HINT);
      metrics.claim(ClaimAnswer.RETRY);
      log.warn("claim of command {} is repeated: {}", commandId, e.getMessage());
    }
    return null;
  }

  /** Runs one command to its report; returns the next one for this slot, if one came back. */
  private @Nullable Claimed execute(Claimed command) throws InterruptedException {
    if (!runs.begin(command)) {
      return null;
    }
    Leases.Held held = leases.hold(command);
    try {
      CommandResult result = run(held);
      CommandResult finished = result == null ? null : offload.prepared(held, result);
      if (finished == null) {
        return null;
      }
      // This slot is free again with the report, and so are those that nobody uses now.
      int others = loop.closing() ? 0 : slots.drainPermits();
      int unused = others;
      try {
        List<Claimed> next = reporter.report(held, finished, loop.closing() ? 0 : 1 + others);
        for (Claimed more : next.subList(Math.min(1, next.size()), next.size())) {
          unused--;
          threads.execute(() -> inSlot(() -> serveClaimed(more)));
        }
        return next.isEmpty() ? null : next.getFirst();
      } finally {
        slots.release(unused);
      }
    } finally {
      leases.end(held);
    }
  }

  private void serveClaimed(@Nullable Claimed first) throws InterruptedException {
    Claimed command = first;
    while (command != null) {
      long commandId = command.commandId();
      serving.add(commandId);
      try {
        command = execute(command);
      } finally {
        serving.remove(commandId);
        exchanged.remove(commandId);
      }
    }
  }

  private @Nullable CommandResult run(Leases.Held held) throws InterruptedException {
    Claimed command = held.command();
    long begun = System.nanoTime();
    metrics.began();
    try {
      try {
        return runner.run(command);
      } finally {
        held.toolEnded();
      }
    } catch (InterruptedException e) {
      if (!held.lost()) {
        reporter.release(command, "worker stops", Duration.ZERO);
      }
      return null;
    } catch (PutAside aside) {
      asides.put(held, aside);
      return null;
    } catch (GiveBackException e) {
      reporter.release(command, String.valueOf(e.getMessage()), RETRY_HINT);
      return null;
    } catch (NextAttemptException e) {
      log.warn("command {} waits for its next attempt: {}", command.commandId(), e.getMessage());
      return null;
    } catch (RuntimeException e) {
      log.error("tool of command {} broke", command.commandId(), e);
      return new CommandResult(
          Outcome.hard(
              Errors.of(
                  "internal",
                  "TOOL_BROKE",
                  "the tool broke: " + e.getClass().getSimpleName(),
                  false)),
          List.of());
    } finally {
      metrics.ended(System.nanoTime() - begun);
    }
  }
}
