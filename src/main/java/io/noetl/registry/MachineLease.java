package io.noetl.registry;

import io.noetl.config.SnowflakeConfig;
import io.noetl.envelope.NoIdsException;
import io.noetl.envelope.Snowflake;
import io.noetl.postgres.DatabaseException;
import io.noetl.support.Lifecycle;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The machine number of this process, and the ids minted with it. A configured number is used as it
 * is; else one is leased, and renewed by a loop. When the lease may have ended, minting stops at
 * once. It goes on when the number turns out to be ours still, or another one could be taken.
 *
 * <p>Safe for use by many threads between {@code start} and {@code close}.
 */
public final class MachineLease implements Lifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(MachineLease.class);

  private final MachineNumbers numbers;
  private final SnowflakeConfig config;
  private final String holder;
  private final LongSupplier unixMillis;
  private final LongSupplier nanoClock;
  private final Consumer<String> lost;
  private final CountDownLatch closing = new CountDownLatch(1);
  private @Nullable Thread loop;
  private volatile @Nullable Held held;
  private volatile boolean saidLost;

  /**
   * @param endNanos on the clock that only goes forward; minting stops there
   */
  private record Held(Snowflake ids, long endNanos) {}

  /**
   * @param role shown to people in {@code noetl.machine.holder}
   * @param unixMillis the clock of the ids
   * @param nanoClock a clock that only goes forward
   * @param lost told in words when the lease ends against our will; must return soon
   */
  public MachineLease(
      MachineNumbers numbers,
      SnowflakeConfig config,
      String role,
      LongSupplier unixMillis,
      LongSupplier nanoClock,
      Consumer<String> lost) {
    this.numbers = numbers;
    this.config = config;
    this.holder = role + " pid=" + ProcessHandle.current().pid() + " " + UUID.randomUUID();
    this.unixMillis = unixMillis;
    this.nanoClock = nanoClock;
    this.lost = lost;
  }

  /**
   * @throws MachineNumbers.NoMachineNumberException when all numbers are held
   * @throws DatabaseException when the database does not answer
   */
  @Override
  public void start() {
    if (fixed()) {
      held = new Held(new Snowflake(config.machine(), unixMillis), Long.MAX_VALUE);
      return;
    }
    take();
    loop = Thread.ofVirtual().name("machine-lease").start(this::renewUntilClosed);
  }

  /** Gives the number back. */
  @Override
  public void close() {
    closing.countDown();
    Held last = held;
    held = null;
    try {
      if (loop != null) {
        loop.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    if (last != null && !fixed()) {
      try {
        numbers.release(last.ids.machine(), holder);
      } catch (DatabaseException e) {
        // It ends by itself; a stop must not fail for that.
        LOG.info("Machine number {} is not given back: {}", last.ids.machine(), e.getMessage());
      }
    }
  }

  /**
   * The next id.
   *
   * @throws NoIdsException while the process may not mint
   */
  public long nextId() {
    Held now = held;
    if (now == null || ended(now)) {
      throw new NoIdsException(without(now));
    }
    return now.ids.next();
  }

  /** Why no ids can be minted now, for readiness; null when they can. */
  public @Nullable String trouble() {
    Held now = held;
    return now == null || ended(now) ? without(now) : now.ids.trouble();
  }

  private String without(@Nullable Held now) {
    return "Expected a leased machine number to mint ids with, but "
        + (now == null ? "there is none" : "the lease of " + now.ids.machine() + " ended")
        + " (snowflake.lease="
        + config.lease().toMillis()
        + " ms); it is renewed when the database answers";
  }

  /** Whether ids can be minted now, for readiness. */
  public boolean held() {
    Held now = held;
    return now != null && !ended(now);
  }

  /**
   * @throws NoIdsException while there is no number
   */
  public int machine() {
    Held now = held;
    if (now == null) {
      throw new NoIdsException("Expected a leased machine number, but there is none");
    }
    return now.ids.machine();
  }

  private boolean fixed() {
    return config.machine() >= 0;
  }

  private boolean ended(Held lease) {
    return lease.endNanos != Long.MAX_VALUE && nanoClock.getAsLong() - lease.endNanos >= 0;
  }

  private void renewUntilClosed() {
    try {
      while (!closing.await(config.renew().toMillis(), TimeUnit.MILLISECONDS)) {
        renewNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One turn of the loop. */
  void renewNow() {
    Held now = held;
    try {
      // Measured before the question is sent: the database's lease then ends later than ours.
      long asked = nanoClock.getAsLong();
      if (now != null && numbers.renew(now.ids.machine(), holder, config.lease())) {
        become(new Held(now.ids, asked + config.lease().toNanos()));
        return;
      }
      held = null;
      sayLost("another process has machine number " + (now == null ? "?" : now.ids.machine()));
      take();
    } catch (DatabaseException | MachineNumbers.NoMachineNumberException e) {
      Held still = held;
      if (still == null || ended(still)) {
        sayLost(String.valueOf(e.getMessage()));
      }
    } catch (RuntimeException e) {
      // A fault of ours. The loop must go on: without a lease no id can be made here.
      LOG.error("renewing the machine lease failed, trying again", e);
    }
  }

  private void take() {
    long asked = nanoClock.getAsLong();
    int machine = numbers.take(holder, config.lease());
    become(new Held(new Snowflake(machine, unixMillis), asked + config.lease().toNanos()));
  }

  private void become(Held next) {
    if (closing.getCount() > 0) {
      held = next;
    }
    if (saidLost) {
      LOG.info("Ids are minted again, with machine number {}", next.ids.machine());
      saidLost = false;
    }
  }

  private void sayLost(String why) {
    if (!saidLost) {
      saidLost = true;
      LOG.warn("No ids are minted: {}", why);
      lost.accept(why);
    }
  }
}
