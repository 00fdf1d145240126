package io.noetl.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.noetl.postgres.Database;
import io.noetl.testing.TestPostgres;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BacklogIT {
  private final Database database = TestPostgres.open();
  private final Backlog backlog = new Backlog(database);

  @AfterEach
  void close() {
    database.close();
  }

  private void run(String sql) {
    database.autocommit(
        Database.Pool.BACKGROUND,
        connection -> {
          try (var statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
          }
        });
  }

  private void commands(int first, int count, String pool, String status) {
    run(
        """
        insert into noetl.command (command_id, execution_id, tenant_id, step, visit, tool_kind,
            pool, status, max_attempts, due_at, context, created_at)
          select n, 1, 'default', 's', 1, 'python', '%s', '%s', 3, now(), '{"a":1}', now()
            from generate_series(%d, %d) n
        """
            .formatted(pool, status, first, first + count - 1));
  }

  private void events(int count) {
    run(
        """
        insert into noetl.event_outbox (execution_id, seq, event_id, event_type, tenant_id, payload,
            created_at)
          select 1, n, n, 'call.done', 'default', '{"a":"some payload"}', now()
            from generate_series(1, %d) n
        """
            .formatted(count));
  }

  @Test
  void countsExactlyWhatIsLittle() {
    assertThat(backlog.sample().outbox()).isZero();
    assertThat(backlog.sample().commands()).isEmpty();

    events(7);
    commands(1, 3, "shared", "PENDING");
    commands(10, 2, "gpu", "PENDING");
    commands(20, 5, "gpu", "CLAIMED");
    commands(30, 4, "system", "DEAD");

    assertThat(backlog.sample().outbox()).isEqualTo(7);
    assertThat(backlog.sample().commands())
        .hasSize(2)
        .containsEntry("shared", 3L)
        .containsEntry("gpu", 2L);
  }

  @Test
  void estimatesWhatIsMuchFromABoundedNumberOfPages() {
    events(300_000);
    commands(1, 150_000, "shared", "PENDING");
    commands(200_001, 50_000, "gpu", "PENDING");

    Backlog.Sample sample = backlog.sample();

    // Both tables are larger than what a sample reads.
    assertThat(sample.outbox()).isNotEqualTo(300_000).isCloseTo(300_000, within(30_000L));
    assertThat(sample.commands().get("shared")).isCloseTo(150_000L, within(30_000L));
    assertThat(sample.commands().get("gpu")).isCloseTo(50_000L, within(15_000L));
  }

  @Test
  void seesAnEmptiedTableAsEmptyAlthoughItsFileIsLarge() {
    events(300_000);
    run("delete from noetl.event_outbox where seq > 3000");

    assertThat(backlog.sample().outbox()).isLessThan(30_000);
  }
}
