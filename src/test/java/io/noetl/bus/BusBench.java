package io.noetl.bus;

import io.noetl.testing.NatsServer;
import io.noetl.testing.NatsServers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;

/** Measures both buses on this machine; a program, not a test. */
final class BusBench {

  private static final int ROUNDS = 3;
  private static final int MESSAGES = 200_000;
  private static final int SAMPLES = 10_000;
  private static final int BATCH = 500;
  private static final Duration WAIT = Duration.ofSeconds(10);
  private static final byte[] BODY = new byte[400];

  private BusBench() {}

  public static void main(String[] args) throws Exception {
    BusLimits limits =
        BusLimits.defaults()
            .withDuplicateWindow(Duration.ofSeconds(20))
            .withEvents(new StreamLimits(Duration.ofHours(1), 1L << 30, 1_000_000));
    for (int round = 1; round <= ROUNDS; round++) {
      try (Bus bus = new EmbeddedBus(limits, InstantSource.system())) {
        measure("embedded", bus);
      }
      try (NatsServer server = NatsServers.start();
          Bus bus =
              NatsBus.open(
                  NatsConfig.of(server.url()).withLimits(limits), InstantSource.system())) {
        measure("nats", bus);
      }
    }
  }

  private static void measure(String name, Bus bus) throws Exception {
    bus.ensureStreams();
    latency(name, bus);
    publish(name, bus);
    pull(name, bus);
    both(name, bus);
  }

  /** One message at a time: from before publishing until the waiting pull has returned. */
  private static void latency(String name, Bus bus) throws Exception {
    long[] nanos = new long[SAMPLES];
    SynchronousQueue<Long> arrivals = new SynchronousQueue<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        BusConsumer consumer = bus.consumer(ConsumerSpec.ofPool("latency"))) {
      Future<?> puller =
          threads.submit(
              () -> {
                for (int i = 0; i < SAMPLES; ) {
                  for (BusMessage message : consumer.pull(16, WAIT)) {
                    long at = System.nanoTime();
                    message.ack();
                    arrivals.put(at);
                    i++;
                  }
                }
                return null;
              });
      for (int i = 0; i < SAMPLES; i++) {
        long start = System.nanoTime();
        bus.publish(Subjects.command("latency", i), "latency-" + i, BODY);
        nanos[i] = arrivals.take() - start;
      }
      puller.get();
    }
    long[] warm = Arrays.copyOfRange(nanos, SAMPLES / 2, SAMPLES);
    Arrays.sort(warm);
    print(
        name,
        "publish to pull, one at a time",
        "p50 %.0f us, p99 %.0f us, max %.0f us",
        warm[warm.length / 2] / 1e3,
        warm[warm.length * 99 / 100] / 1e3,
        warm[warm.length - 1] / 1e3);
  }

  private static void publish(String name, Bus bus) throws Exception {
    long start = System.nanoTime();
    publishAll(bus, "publish");
    print(name, "publish until acknowledged", "%.0f/s", rate(start));
  }

  private static void pull(String name, Bus bus) throws Exception {
    try (BusConsumer consumer = bus.consumer(ConsumerSpec.ofShard(0, 2))) {
      long start = System.nanoTime();
      drain(consumer);
      print(name, "pull and acknowledge a backlog", "%.0f/s", rate(start));
    }
  }

  private static void both(String name, Bus bus) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        BusConsumer consumer = bus.consumer(ConsumerSpec.ofShard(0, 2))) {
      long start = System.nanoTime();
      Future<?> puller =
          threads.submit(
              () -> {
                drain(consumer);
                return null;
              });
      publishAll(bus, "both");
      puller.get();
      print(name, "publish, pull and acknowledge at once", "%.0f/s", rate(start));
    }
  }

  private static void publishAll(Bus bus, String prefix) throws InterruptedException {
    CountDownLatch acknowledged = new CountDownLatch(MESSAGES);
    List<Throwable> failures = java.util.Collections.synchronizedList(new java.util.ArrayList<>());
    for (int i = 0; i < MESSAGES; i++) {
      bus.publish(Subjects.event("acme", 0, i), prefix + "-" + i, BODY)
          .whenComplete(
              (ack, failure) -> {
                if (failure != null) {
                  failures.add(failure);
                }
                acknowledged.countDown();
              });
    }
    acknowledged.await();
    if (!failures.isEmpty()) {
      throw new IllegalStateException(failures.size() + " failed", failures.getFirst());
    }
  }

  private static void drain(BusConsumer consumer) throws InterruptedException {
    var seen = ConcurrentHashMap.<Long>newKeySet();
    while (seen.size() < MESSAGES) {
      for (BusMessage message : consumer.pull(BATCH, WAIT)) {
        message.ack();
        seen.add(message.streamSeq());
      }
    }
  }

  private static double rate(long start) {
    return MESSAGES / ((System.nanoTime() - start) / 1e9);
  }

  private static void print(String name, String what, String format, Object... values) {
    System.out.printf(
        Locale.ROOT, "%-9s %-40s %s%n", name, what, String.format(Locale.ROOT, format, values));
  }
}
