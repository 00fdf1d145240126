package io.noetl.tool.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.noetl.config.DatabaseConfig;
import io.noetl.json.Json;
import io.noetl.playbook.ToolKind;
import io.noetl.testing.TestPostgres;
import io.noetl.testing.Waiting;
import io.noetl.tool.auth.Credential;
import io.noetl.tool.postgres.GuestSql.Answer;
import io.noetl.tool.postgres.GuestSql.Reason;
import io.noetl.tool.postgres.GuestSql.Refused;
import io.noetl.tool.postgres.GuestSql.Rights;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a statement of a plug-in may do, and in which state it leaves the session it had. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GuestSqlTest {
  private static final Duration TIME = Duration.ofSeconds(10);
  private static final int ROWS = 10_000;
  private static final int BYTES = 1 << 20;

  private DatabaseConfig own;
  private DatabaseConfig platform;
  private GuestSql sql;

  @BeforeAll
  void start() throws Exception {
    own = TestPostgres.empty();
    platform = TestPostgres.migrated();
    sql =
        new GuestSql(
            // One connection: whoever comes next has the session of who was before.
            new PostgresSettings(
                8,
                1,
                Duration.ofSeconds(5),
                Duration.ofMinutes(1),
                Duration.ofMinutes(5),
                500,
                BYTES),
            ROWS);
    for (String role : List.of("guest_reader", "guest_writer")) {
      if (count(own, "select count(*) from pg_roles where rolname = '" + role + "'") == 0) {
        execute(own, "create role " + role + " login password 'guest'");
      }
    }
    execute(own, "create table orders (id int primary key, total numeric(9,2))");
    execute(own, "create sequence guest_sequence");
    execute(own, "grant usage on sequence guest_sequence to guest_reader");
    execute(own, "insert into orders select n, n * 1.5 from generate_series(1, 3) n");
    execute(
        own,
        "create function add_order() returns int language sql as "
            + "'insert into orders values (99, 1) returning id'");
    execute(own, "grant select, insert, update, delete on orders to guest_writer, guest_reader");
    execute(platform, "grant usage on schema noetl to guest_reader, guest_writer");
    execute(platform, "grant select on noetl.catalog, noetl.event_outbox to guest_reader");
    execute(platform, "create table public.notes (text text)");
    execute(platform, "grant select, insert on public.notes to guest_writer");
  }

  @AfterAll
  void stop() {
    sql.close();
  }

  private static PgAddresses.Target target(DatabaseConfig database, String role) {
    return target(
        Map.of(
            "db_host",
            database.host(),
            "db_port",
            (long) database.port(),
            "db_user",
            role,
            "db_password",
            "guest",
            "db_name",
            database.name()));
  }

  private static PgAddresses.Target target(Map<String, ? extends @Nullable Object> members) {
    return PgAddresses.of(ToolKind.POSTGRES, new Credential("pg", "postgres", Map.copyOf(members)));
  }

  private Answer read(String text, @Nullable Object... params) throws Exception {
    return sql.run(target(own, "guest_reader"), Rights.READ, text, Arrays.asList(params), TIME);
  }

  private Reason refused(
      DatabaseConfig database, String role, Rights rights, String text, Duration time) {
    Refused refused =
        catchThrowableOfType(
            Refused.class, () -> sql.run(target(database, role), rights, text, List.of(), time));
    assertThat(refused).as(text).isNotNull();
    return refused.reason();
  }

  private Reason refused(String text) {
    return refused(own, "guest_reader", Rights.READ, text, TIME);
  }

  private static void execute(DatabaseConfig database, String text) throws SQLException {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute(text);
    }
  }

  private static long count(DatabaseConfig database, String text) throws SQLException {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(text)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static Connection connect(DatabaseConfig database) throws SQLException {
    return DriverManager.getConnection(
        database.jdbcUrl(), database.user(), database.password().reveal());
  }

  @Test
  void rowsAreListsOfTheValuesThatThePostgresToolWouldGive() throws Exception {
    Answer answer =
        read(
            "select id, total, true as b, null as n, '{\"a\":[1]}'::jsonb as j, array[1,2] as l,"
                + " timestamptz '2026-01-02 03:04:05+00' as t, '\\x0102'::bytea as x"
                + " from orders where id = $1 and total < $2",
            2L,
            10L);

    assertThat(answer.columns()).containsExactly("id", "total", "b", "n", "j", "l", "t", "x");
    assertThat(answer.truncated()).isFalse();
    assertThat(Json.text(answer.rows()))
        .isEqualTo(
            "[[2,\"3.00\",true,null,{\"a\":[1]},[1,2],\"2026-01-02T03:04:05+00:00\",\"AQI=\"]]");
  }

  @Test
  void valuesComeByParametersOnly() throws Exception {
    assertThat(read("select $1::text as v", "x'; drop table orders; --").rows())
        .isEqualTo(List.of(List.of("x'; drop table orders; --")));
    assertThat(read("select '{\"a\":1}'::jsonb ? 'a' as v").rows())
        .isEqualTo(List.of(List.of(true)));
    assertThat(refused("select $1")).isEqualTo(Reason.STATEMENT);
    assertThat(refused("select nothing from orders")).isEqualTo(Reason.STATEMENT);
    assertThat(refused("select 1/0")).isEqualTo(Reason.STATEMENT);
  }

  static Stream<Arguments> denied() {
    return Stream.of(
            "insert into orders values (7, 1)",
            "with x as (insert into orders values (7, 1) returning id) select * from x",
            "select add_order()",
            "update orders set total = 0",
            "delete from orders",
            "select * from orders for update",
            "select nextval('guest_sequence')",
            "create table stolen (a int)",
            "create temporary table kept (a int)",
            "select 1 as a into temporary table kept",
            "select 1 as a into kept",
            "drop table orders",
            "truncate orders",
            "select 1; select 2",
            "select 1; commit; delete from orders",
            "select 1 -- one\n; delete from orders",
            "commit",
            "begin",
            "do $$ begin delete from orders; end $$",
            "call something()",
            "copy orders to stdout",
            "copy orders to program 'touch /tmp/stolen'",
            "copy (select 1) to '/tmp/stolen'",
            "set role guest_writer",
            "set transaction read write",
            "set statement_timeout = 0",
            "select set_config('transaction_read_only', 'off', true)",
            "set session authorization guest_writer",
            "listen noetl",
            "notify noetl",
            "lock table orders",
            "prepare p as select 1",
            "explain analyze delete from orders",
            "select pg_read_file('/etc/passwd')",
            "select pg_ls_dir('/')",
            "select lo_import('/etc/passwd')",
            "select * from pg_authid",
            "")
        .map(Arguments::of);
  }

  @ParameterizedTest
  @MethodSource("denied")
  void aTenantsStatementThatDoesMoreThanReadIsDenied(String text) throws Exception {
    assertThat(refused(text)).isEqualTo(Reason.DENIED);
    assertThat(count(own, "select count(*) from orders where total > 1")).isEqualTo(3);
    assertThat(read("select 1 as v").rows()).isEqualTo(List.of(List.of(1L)));
  }

  @Test
  void aRoleThatCanLeaveItsDatabaseIsDenied() throws Exception {
    Map<String, Object> superuser =
        Map.of(
            "db_host", own.host(),
            "db_port", (long) own.port(),
            "db_user", own.user(),
            "db_password", own.password().reveal(),
            "db_name", own.name());

    Refused refused =
        catchThrowableOfType(
            Refused.class,
            () -> sql.run(target(superuser), Rights.READ, "select 1", List.of(), TIME));

    assertThat(refused.reason()).isEqualTo(Reason.DENIED);
    assertThat(refused).hasMessageContaining("superuser");
  }

  @Test
  void aTenantNeverReadsThePlatformsDatabaseWhateverItsRoleMay() {
    assertThat(
            refused(
                platform, "guest_reader", Rights.READ, "select * from noetl.event_outbox", TIME))
        .isEqualTo(Reason.DENIED);
    assertThat(refused(platform, "guest_reader", Rights.READ, "select 1", TIME))
        .isEqualTo(Reason.DENIED);
  }

  @Test
  void theSystemWritesInThePlatformsDatabaseWithARoleOfItsOwnAndAsFarAsThatMay() throws Exception {
    PgAddresses.Target writer = target(platform, "guest_writer");

    Answer written =
        sql.run(writer, Rights.WRITE, "insert into public.notes values ($1)", List.of("one"), TIME);
    Answer returned =
        sql.run(
            writer,
            Rights.WRITE,
            "insert into public.notes values ('two') returning text",
            List.of(),
            TIME);

    assertThat(written.affected()).isEqualTo(1);
    assertThat(written.rows()).isEmpty();
    assertThat(returned.rows()).isEqualTo(List.of(List.of("two")));
    assertThat(count(platform, "select count(*) from public.notes")).isEqualTo(2);
    assertThat(
            refused(platform, "guest_writer", Rights.WRITE, "delete from noetl.event_outbox", TIME))
        .isEqualTo(Reason.DENIED);
    assertThat(refused(platform, "guest_writer", Rights.WRITE, "drop table public.notes", TIME))
        .isEqualTo(Reason.DENIED);
    Refused owner =
        catchThrowableOfType(
            Refused.class,
            () ->
                sql.run(
                    target(
                        Map.of(
                            "dsn",
                            "postgresql://"
                                + platform.user()
                                + ":"
                                + platform.password().reveal()
                                + "@"
                                + platform.host()
                                + ":"
                                + platform.port()
                                + "/"
                                + platform.name())),
                    Rights.WRITE,
                    "select 1",
                    List.of(),
                    TIME));
    assertThat(owner).hasMessageContaining("role of its own");
  }

  @Test
  void aMillionRowsAreCutAtTheLimitOfRowsAndWideOnesAtThatOfBytes() throws Exception {
    Answer many = read("select n from generate_series(1, 1000000) n");
    Answer exact = read("select n from generate_series(1, 10000) n");

    assertThat(many.rows()).hasSize(ROWS);
    assertThat(many.truncated()).isTrue();
    assertThat(exact.rows()).hasSize(ROWS);
    assertThat(exact.truncated()).isFalse();
    assertThat(refused("select repeat('x', 1000) from generate_series(1, 1000000)"))
        .isEqualTo(Reason.SIZE);
    assertThat(refused("select repeat('x', 100000000)")).isEqualTo(Reason.SIZE);
    assertThat(read("select 1 as v").rows()).isEqualTo(List.of(List.of(1L)));
  }

  @Test
  void aSleepEndsAtTheTimeLimitAndTheNextStatementRuns() throws Exception {
    for (String sleep :
        List.of(
            "select pg_sleep(60)",
            "select set_config('statement_timeout', '0', false), pg_sleep(60)",
            "select count(*) from generate_series(1, 100000) a, generate_series(1, 100000) b")) {
      long started = System.nanoTime();

      assertThat(refused(own, "guest_reader", Rights.READ, sleep, Duration.ofMillis(500)))
          .isEqualTo(Reason.TIME);

      assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(5));
      assertThat(read("select current_setting('statement_timeout') as v").rows())
          .isEqualTo(List.of(List.of("10s")));
    }
  }

  @Test
  void whatAStatementLeavesInItsSessionIsGoneForTheNext() throws Exception {
    read("select pg_advisory_lock(4711)");
    read("select set_config('search_path', 'elsewhere', false)");
    read("select set_config('guest.word', 'mine', false)");
    read("select set_config('role', 'guest_reader', false)");
    read("select pg_notify('noetl', 'x')");

    assertThat(
            read("select current_setting('search_path') as a,"
                    + " coalesce(current_setting('guest.word', true), '') as b,"
                    + " current_setting('role') as c, current_setting('transaction_read_only')"
                    + " as d, (select count(*) from pg_locks where locktype = 'advisory') as e,"
                    + " (select count(*) from pg_listening_channels()) as f,"
                    + " (select count(*) from pg_prepared_statements) as g")
                .rows())
        .isEqualTo(List.of(List.of("\"$user\", public", "", "none", "on", 0L, 0L, 0L)));
  }

  @Test
  void anInterruptStopsTheStatementAndLeavesTheConnectionsUsable() throws Exception {
    AtomicReference<Throwable> ended = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(1);
    Thread caller =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    read("select 'interrupted here', pg_sleep(60)");
                  } catch (Exception e) {
                    ended.set(e);
                  } finally {
                    done.countDown();
                  }
                });
    String active =
        "select count(*) from pg_stat_activity where state = 'active' and query like"
            + " 'select ''interrupted here''%'";
    Waiting.until(TestPostgres.PATIENCE, () -> "no statement runs", () -> counts(active) == 1);

    caller.interrupt();
    done.await();

    assertThat(ended.get()).isInstanceOf(InterruptedException.class);
    assertThat(counts(active)).isZero();
    assertThat(read("select 1 as v").rows()).isEqualTo(List.of(List.of(1L)));
  }

  private long counts(String text) {
    try {
      return count(own, text);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aDatabaseThatIsNotThereOrDoesNotKnowTheRoleIsSaid() {
    assertThat(
            refused(
                own.at(own.host(), 1, own.name(), own.user(), own.password()),
                "guest_reader",
                Rights.READ,
                "select 1",
                TIME))
        .isEqualTo(Reason.UNREACHABLE);
    assertThat(refused(own, "nobody_here", Rights.READ, "select 1", TIME)).isEqualTo(Reason.DENIED);
  }
}
