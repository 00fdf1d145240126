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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  @Test
  void anEventIsFoundByItsIdAloneWithoutReadingTheLog() throws Exception {
    try (Database database = TestPostgres.open();
        Connection connection = database.dataSource(Database.Pool.BACKGROUND).getConnection();
        Statement statement = connection.createStatement()) {
      long first = Snowflake.lowerBound(Instant.now());
      statement.execute(
          """
          insert into noetl.event
          select %d + n / 10, n %% 10, %d + n, 't', 'default', json_build_object('x', repeat('x', 900)), now()
            from generate_series(0, 9999) n
          """
              .formatted(first, first));
      PartitionKeeper keeper =
          new PartitionKeeper(
              database.dataSource(Database.Pool.BACKGROUND),
              new Progress(System::nanoTime).loop("partitions", Duration.ofHours(12)));

      assertThat(keeper.summarize()).isGreaterThan(50);
      assertThat(keeper.summarize()).isZero();
      statement.execute("analyze noetl.event");
      assertThat(blocksRead(statement, first + 5_000)).isLessThan(20);
    }
  }

  private static long blocksRead(Statement statement, long eventId) throws Exception {
    StringBuilder plan = new StringBuilder();
    try (ResultSet rows =
        statement.executeQuery(
            "explain (analyze, timing off) select * from noetl.event where event_id = "
                + eventId)) {
      while (rows.next()) {
        plan.append(rows.getString(1)).append('\n');
      }
    }
    Matcher blocks = Pattern.compile("Heap Blocks: lossy=(\\d+)").matcher(plan);
    assertThat(blocks.find()).as(plan.toString()).isTrue();
    return Long.parseLong(blocks.group(1));
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
