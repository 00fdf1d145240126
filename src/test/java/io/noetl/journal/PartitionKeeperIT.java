package io.noetl.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.envelope.Snowflake;
import io.noetl.postgres.Database;
import io.noetl.support.Progress;
import io.noetl.testing.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;

/** The log has partitions for the months ahead, and no event falls into the default one. */
final class PartitionKeeperIT {

  @Test
  void makesWhatIsMissingAndNothingTwice() throws Exception {
    try (Database database = TestPostgres.open();
        Connection connection = database.dataSource(Database.Pool.BACKGROUND).getConnection();
        Statement statement = connection.createStatement()) {
      PartitionKeeper keeper =
          new PartitionKeeper(
              database.dataSource(Database.Pool.BACKGROUND),
              new Progress(System::nanoTime).loop("partitions", Duration.ofHours(12)));
      String last = newest(statement);
      statement.execute("drop table noetl." + last);

      assertThat(keeper.keep()).isEqualTo(1);
      assertThat(keeper.keep()).isZero();
      assertThat(newest(statement)).isEqualTo(last);
    }
  }

  @Test
  void anEventOfNowAndOfNextMonthHasAPartitionOfItsOwn() throws Exception {
    try (Database database = TestPostgres.open();
        Connection connection = database.dataSource(Database.Pool.BACKGROUND).getConnection();
        Statement statement = connection.createStatement()) {
      for (Instant at : new Instant[] {Instant.now(), Instant.now().plus(40, ChronoUnit.DAYS)}) {
        statement.execute(
            """
            insert into noetl.event values (%d, 1, %d, 't', 'default', '{}', now())
            """
                .formatted(Snowflake.lowerBound(at), Snowflake.lowerBound(at)));
      }
      try (ResultSet rows =
          statement.executeQuery("select count(*) from only noetl.event_default")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getLong(1)).isZero();
      }
    }
  }

  private static String newest(Statement statement) throws Exception {
    try (ResultSet rows =
        statement.executeQuery(
            """
            select max(c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname = 'noetl' and c.relname like 'event\\_p%' and c.relkind = 'r'
            """)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }
}
