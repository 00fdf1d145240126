package io.noetl.chaos;

import io.noetl.chaos.Promise.Cancelled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Starts executions at a steady rate, and remembers what was promised of each. */
final class Load implements AutoCloseable {
  /** Beyond it nothing is started: an outage must not pile up hours of work. */
  private static final int MOST_OPEN = 400;

  /** One start in so many is sent twice at once, under one key. */
  private static final int TWICE_IN = 10;

  private final Client client;
  private final SplittableRandom random;
  private final Duration between;
  private final Map<String, Object> common;
  private final Duration pause;
  private final Queue<Promise> promises = new ConcurrentLinkedQueue<>();
  private final Queue<String> refusals = new ConcurrentLinkedQueue<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Errand> deck = new ArrayList<>();
  private volatile boolean stopped;
  private @Nullable Thread starter;

  /**
   * @param rate starts per second
   * @param effects where steps do what they do
   * @param pause how long a long step takes
   */
  Load(Client client, SplittableRandom random, int rate, String effects, Duration pause) {
    this.client = client;
    this.random = random;
    this.between = Duration.ofSeconds(1).dividedBy(rate);
    this.pause = pause;
    this.common = Map.of("effects", effects, "pause", pause.toMillis() / 1000.0);
    for (Errand errand : Errand.values()) {
      for (int i = 0; i < errand.weight(); i++) {
        deck.add(errand);
      }
    }
  }

  /** How long a long step takes, and the longer of two timers. */
  Duration pause() {
    return pause;
  }

  void begin() {
    starter = Thread.ofVirtual().name("load").start(this::run);
  }

  /** No more starts; those under way go on. */
  void stop() throws InterruptedException {
    stopped = true;
    if (starter != null) {
      starter.join();
    }
  }

  /** Every promise, and every start that is not answered yet. */
  List<Promise> promises() {
    return List.copyOf(promises);
  }

  List<Promise> inFlight() {
    return promises.stream().filter(Promise::inFlight).toList();
  }

  /** Starts without an answer so far. */
  List<Promise> unanswered() {
    return promises.stream().filter(promise -> promise.executionId() == null).toList();
  }

  /** Answers that refuse what should be accepted. */
  List<String> refusals() {
    return List.copyOf(refusals);
  }

  private void run() {
    long next = System.nanoTime();
    for (int n = 1; !stopped; n++) {
      Errand errand = deck.get(random.nextInt(deck.size()));
      boolean twice = random.nextInt(TWICE_IN) == 0;
      Duration patience = Duration.ofMillis(random.nextInt(3000));
      long open = promises.stream().filter(promise -> !promise.hasEnded()).count();
      if (open < MOST_OPEN) {
        Promise promise = new Promise(errand, n, "chaos-" + n);
        promises.add(promise);
        threads.execute(() -> start(promise, patience));
        if (twice) {
          threads.execute(() -> again(promise));
        }
      }
      next += between.toNanos();
      try {
        TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void start(Promise promise, Duration patience) {
    try {
      Client.Answer answer = client.post("/api/execute", request(promise));
      if (answer.status() != 200) {
        refusals.add(promise + " was refused: HTTP " + answer.status() + " " + answer.body());
        return;
      }
      promise.accepted(String.valueOf(answer.body().get("execution_id")));
      switch (promise.errand()) {
        case CANCELLED -> {
          Thread.sleep(patience);
          cancel(promise);
        }
        case SIGNALS -> signal(promise, patience);
        default -> {}
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void again(Promise promise) {
    try {
      client.post("/api/execute", request(promise));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Map<String, Object> request(Promise promise) {
    Map<String, Object> payload = new HashMap<>(common);
    payload.put("n", promise.n());
    return Map.of(
        "path", promise.errand().path(), "payload", payload, "dedup", Map.of("key", promise.key()));
  }

  /**
   * Two signals of one name, each under a key. Some are early, some come again with other data,
   * which must change nothing, also after the execution has ended.
   */
  private void signal(Promise promise, Duration patience) throws InterruptedException {
    boolean early = patience.toMillis() % 2 == 0;
    boolean twice = patience.toMillis() % 3 == 0;
    Thread.sleep(early ? Duration.ZERO : patience);
    signal(promise, "first", promise.n());
    if (twice) {
      signal(promise, "first", -1);
    }
    Thread.sleep(early ? Duration.ZERO : patience);
    signal(promise, "second", promise.n() + 1);
    if (twice) {
      signal(promise, "second", -1);
    }
  }

  private void signal(Promise promise, String key, int value) throws InterruptedException {
    Client.Answer answer =
        client.post(
            "/api/executions/" + promise.executionId() + "/signal/go",
            Map.of("key", key, "data", Map.of("v", value)));
    if (answer.status() != 200) {
      refusals.add(
          "%s: signal %s was refused: HTTP %d %s"
              .formatted(promise, key, answer.status(), answer.body()));
    }
  }

  private void cancel(Promise promise) throws InterruptedException {
    // Until there is an answer nobody can tell.
    promise.cancelled(Cancelled.PERHAPS);
    Client.Answer answer =
        client.post(
            "/api/executions/" + promise.executionId() + "/cancel", Map.of("reason", "chaos"));
    if ("cancelled".equals(answer.body().get("status"))) {
      promise.cancelled(Cancelled.YES);
    } else if (answer.tries() == 1) {
      promise.cancelled(Cancelled.NO);
    }
  }

  @Override
  public void close() {
    stopped = true;
    threads.shutdownNow();
  }
}
