package io.noetl.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A command that waits for a child lends its slot, and has it again when it goes on. */
@Timeout(20)
final class ParkingTest {
  private final Parking parking = new Parking(1);
  private final Semaphore slots = parking.slots();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  /** Takes the slot, waits without it, and gives it back, as a pool does. */
  private Future<String> parked(CountDownLatch waits, CompletableFuture<String> awaited) {
    return threads.submit(
        () -> {
          slots.acquire();
          try {
            return parking.without(
                () -> {
                  waits.countDown();
                  try {
                    return awaited.get();
                  } catch (ExecutionException e) {
                    throw new IllegalStateException(e);
                  }
                });
          } finally {
            slots.release();
          }
        });
  }

  @Test
  void lendsTheOnlySlotWhileItWaits() throws Exception {
    CountDownLatch waits = new CountDownLatch(2);
    CompletableFuture<String> awaited = new CompletableFuture<>();
    Future<String> first = parked(waits, awaited);
    Future<String> second = parked(waits, awaited);

    waits.await();
    slots.acquire();
    awaited.complete("done");
    slots.release();

    assertThat(first.get()).isEqualTo("done");
    assertThat(second.get()).isEqualTo("done");
    assertThat(slots.availablePermits()).isEqualTo(1);
  }

  @Test
  void goesOnOnlyWithASlot() throws Exception {
    CountDownLatch waits = new CountDownLatch(1);
    CompletableFuture<String> awaited = new CompletableFuture<>();
    Future<String> command = parked(waits, awaited);
    waits.await();
    slots.acquire();

    awaited.complete("done");

    assertThat(command.isDone()).as("before the slot is free").isFalse();
    slots.release();
    assertThat(command.get()).isEqualTo("done");
  }

  @Test
  void endsWaitsWhenThePoolStops() throws Exception {
    CountDownLatch waits = new CountDownLatch(1);
    Future<String> command = parked(waits, new CompletableFuture<>());
    waits.await();

    parking.close();

    assertThatThrownBy(command::get).hasRootCauseInstanceOf(InterruptedException.class);
    assertThat(
            slots.tryAcquire(
                Duration.ofSeconds(5).toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS))
        .isTrue();
    assertThatThrownBy(() -> parking.without(() -> "never"))
        .isInstanceOf(InterruptedException.class);
  }

  @Test
  void doesNotWaitForSlotsThatThePoolHasTakenForGood() throws Exception {
    CountDownLatch waits = new CountDownLatch(1);
    Future<String> command = parked(waits, new CompletableFuture<>());
    waits.await();
    slots.acquire();

    parking.close();
    parking.drained();

    assertThatThrownBy(command::get).hasRootCauseInstanceOf(InterruptedException.class);
  }
}
