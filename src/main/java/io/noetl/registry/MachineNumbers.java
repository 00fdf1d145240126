package io.noetl.registry;

import io.noetl.envelope.Snowflake;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * Machine numbers in {@code noetl.machine}: who holds which until when. Of the free ones those
 * never used go first, then the one that has been free longest, so that a number returns late: the
 * clocks of two computers differ, and ids of the later holder must not meet those of the earlier.
 *
 * <p>Safe for use by many threads.
 */
public final class MachineNumbers {
  /** How long a number rests after its lease ended, before another process may take it. */
  public static final Duration REST = Duration.ofSeconds(10);

  private static final int TRIES = 20;

  private static final String TAKE =
      """
      with free as (
        select n as machine
        from generate_series(0, ?) n left join noetl.machine m on m.machine = n
        where m.machine is null or m.lease_until < now() - ? * interval '1 millisecond'
        order by m.lease_until nulls first, n
        limit 1)
      insert into noetl.machine as held (machine, holder, lease_until)
      select machine, ?, now() + ? * interval '1 millisecond' from free
      on conflict (machine) do update
        set holder = excluded.holder, lease_until = excluded.lease_until
        where held.lease_until < now() - ? * interval '1 millisecond'
      returning machine\
      """;

  private static final String ANY_FREE =
      """
      select count(*) from noetl.machine
      where lease_until >= now() - ? * interval '1 millisecond'\
      """;

  // Also after the lease ran out, as long as nobody else took the number.
  private static final String RENEW =
      """
      update noetl.machine set lease_until = now() + ? * interval '1 millisecond'
      where machine = ? and holder = ?\
      """;

  private static final String RELEASE =
      "update noetl.machine set lease_until = now() where machine = ? and holder = ?";

  private final Database database;
  private final int numbers;

  public MachineNumbers(Database database) {
    this(database, Snowflake.MAX_MACHINE + 1);
  }

  /**
   * @param numbers how many there are, from 0
   */
  MachineNumbers(Database database, int numbers) {
    this.database = database;
    this.numbers = numbers;
  }

  /**
   * Takes a free number.
   *
   * @param holder unique among all processes and over time
   * @throws NoMachineNumberException when all are held
   */
  public int take(String holder, Duration lease) {
    for (int attempt = 0; attempt < TRIES; attempt++) {
      OptionalInt taken =
          database.autocommit(Pool.BACKGROUND, connection -> take(connection, holder, lease));
      if (taken.isPresent()) {
        return taken.getAsInt();
      }
      // Either another process took the same one a moment earlier, or there is none.
      if (held() >= numbers) {
        break;
      }
    }
    throw new NoMachineNumberException(
        "Expected a free machine number of "
            + numbers
            + ", but all are held. End processes that are no longer needed; a number is free "
            + REST.toSeconds()
            + " s after its lease ends");
  }

  /**
   * @return false when another process has the number
   */
  public boolean renew(int machine, String holder, Duration lease) {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(RENEW)) {
            statement.setLong(1, lease.toMillis());
            statement.setInt(2, machine);
            statement.setString(3, holder);
            return statement.executeUpdate() == 1;
          }
        });
  }

  /** Gives the number back; nothing happens when another process has it. */
  public void release(int machine, String holder) {
    database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(RELEASE)) {
            statement.setInt(1, machine);
            statement.setString(2, holder);
            return statement.executeUpdate();
          }
        });
  }

  private OptionalInt take(Connection connection, String holder, Duration lease)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(TAKE)) {
      statement.setInt(1, numbers - 1);
      statement.setLong(2, REST.toMillis());
      statement.setString(3, holder);
      statement.setLong(4, lease.toMillis());
      statement.setLong(5, REST.toMillis());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? OptionalInt.of(row.getInt(1)) : OptionalInt.empty();
      }
    }
  }

  private int held() {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(ANY_FREE)) {
            statement.setLong(1, REST.toMillis());
            try (ResultSet row = statement.executeQuery()) {
              row.next();
              return row.getInt(1);
            }
          }
        });
  }

  /** Every machine number is held; a person must look. */
  public static final class NoMachineNumberException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoMachineNumberException(String message) {
      super(message);
    }
  }
}
