package io.noetl.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.config.SnowflakeConfig;
import io.noetl.envelope.NoIdsException;
import io.noetl.envelope.Snowflake;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import io.noetl.testing.TestPostgres;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MachineLeaseIT {
  private static final Duration LEASE = Duration.ofSeconds(60);

  private static Database database;
  private static MachineNumbers numbers;

  private final AtomicLong nanos = new AtomicLong();
  private final List<String> lost = new ArrayList<>();

  @BeforeAll
  static void open() {
    database = TestPostgres.open();
    numbers = new MachineNumbers(database);
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @BeforeEach
  void forgetHolders() {
    execute("truncate noetl.machine");
  }

  @Test
  void twoProcessesHoldDifferentNumbers() {
    try (MachineLease first = lease();
        MachineLease second = lease()) {
      first.start();
      second.start();

      assertThat(first.machine()).isNotEqualTo(second.machine());
      assertThat(first.nextId()).isNotEqualTo(second.nextId());
      assertThat((first.nextId() >>> 12) & 1023).isEqualTo(first.machine());
    }
  }

  @Test
  void manyThatTakeAtOnceGetDifferentNumbers() throws Exception {
    Set<Integer> taken = new HashSet<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Integer>> takers = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        String holder = "taker " + i;
        takers.add(() -> numbers.take(holder, LEASE));
      }
      for (Future<Integer> number : threads.invokeAll(takers)) {
        assertThat(taken.add(number.get())).isTrue();
      }
    }
  }

  @Test
  void aNumberGivenBackRestsBeforeAnotherTakesIt() {
    int first = numbers.take("a", LEASE);
    numbers.release(first, "a");

    assertThat(numbers.take("b", LEASE)).isNotEqualTo(first);
  }

  @Test
  void takesANumberWhoseLeaseEndedLongAgoWhenNoneIsUnused() {
    MachineNumbers two = new MachineNumbers(database, 2);
    int first = two.take("a", LEASE);
    two.take("b", LEASE);
    assertThatThrownBy(() -> two.take("c", LEASE))
        .isInstanceOf(MachineNumbers.NoMachineNumberException.class);

    execute(
        "update noetl.machine set lease_until = now() - interval '1 minute' where machine = "
            + first);

    assertThat(two.take("c", LEASE)).isEqualTo(first);
    assertThat(two.renew(first, "a", LEASE)).isFalse();
    assertThat(two.renew(first, "c", LEASE)).isTrue();
  }

  @Test
  void saysWhenAllAreHeld() {
    execute(
        "insert into noetl.machine select n, 'x', now() + interval '1 minute'"
            + " from generate_series(0, 1023) n");

    try (MachineLease lease = lease()) {
      assertThatThrownBy(lease::start)
          .isInstanceOf(MachineNumbers.NoMachineNumberException.class)
          .hasMessageContaining("Expected a free machine number of 1024, but all are held");
      assertThat(lease.held()).isFalse();
    }
  }

  @Test
  void mintsNothingPastTheEndOfItsLeaseUntilItIsRenewed() {
    try (MachineLease lease = lease()) {
      lease.start();
      int machine = lease.machine();
      nanos.addAndGet(LEASE.toNanos() - 1);
      assertThat(lease.held()).isTrue();

      nanos.incrementAndGet();
      assertThat(lease.held()).isFalse();
      assertThatThrownBy(lease::nextId)
          .isInstanceOf(NoIdsException.class)
          .hasMessageContaining("the lease of " + machine + " ended")
          .hasMessageContaining("snowflake.lease=60000 ms");

      assertThat(lease.trouble()).contains("the lease of " + machine + " ended");

      lease.renewNow();
      assertThat(lease.trouble()).isNull();
      assertThat(lease.machine()).isEqualTo(machine);
      assertThat(Snowflake.instantOf(lease.nextId())).isNotNull();
    }
  }

  @Test
  void takesAnotherNumberAndSaysSoWhenSomebodyElseHasItsOwn() {
    try (MachineLease lease = lease()) {
      lease.start();
      int machine = lease.machine();
      execute("update noetl.machine set holder = 'thief' where machine = " + machine);

      lease.renewNow();

      assertThat(lost).containsExactly("another process has machine number " + machine);
      assertThat(lease.held()).isTrue();
      assertThat(lease.machine()).isNotEqualTo(machine);
    }
  }

  @Test
  void stopsMintingWhileTheDatabaseIsAway() {
    Database own = TestPostgres.open();
    MachineLease lease =
        lease(new MachineNumbers(own), new SnowflakeConfig(-1, LEASE, LEASE.dividedBy(3)));
    lease.start();
    own.close();

    lease.renewNow();
    assertThat(lease.held()).isTrue();
    assertThat(lost).isEmpty();

    nanos.addAndGet(LEASE.toNanos());
    lease.renewNow();
    lease.renewNow();
    assertThat(lease.held()).isFalse();
    assertThat(lost).hasSize(1);

    lease.close();
    assertThatThrownBy(lease::nextId).isInstanceOf(NoIdsException.class);
  }

  @Test
  void aConfiguredNumberNeedsNoDatabase() {
    MachineLease lease =
        lease(new MachineNumbers(database), new SnowflakeConfig(77, LEASE, LEASE.dividedBy(3)));
    lease.start();

    assertThat(lease.machine()).isEqualTo(77);
    assertThat((lease.nextId() >>> 12) & 1023).isEqualTo(77);
    nanos.addAndGet(Duration.ofDays(9).toNanos());
    assertThat(lease.held()).isTrue();
    lease.close();
  }

  private MachineLease lease() {
    return lease(numbers, SnowflakeConfig.defaults());
  }

  private MachineLease lease(MachineNumbers from, SnowflakeConfig config) {
    return new MachineLease(from, config, "test", System::currentTimeMillis, nanos::get, lost::add);
  }

  private static void execute(String sql) {
    database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (Statement statement = connection.createStatement()) {
            return statement.execute(sql);
          }
        });
  }
}
