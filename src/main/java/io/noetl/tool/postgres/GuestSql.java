package io.noetl.tool.postgres;

import io.noetl.playbook.ToolKind;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.sql.BoundSql;
import io.noetl.tool.sql.Bytes;
import io.noetl.tool.sql.Canceller;
import io.noetl.tool.sql.ResultBudget;
import io.noetl.tool.sql.SqlParameters;
import io.noetl.tool.sql.SqlRuns;
import io.noetl.tool.sql.SqlText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Parser;

/**
 * One SQL statement for somebody who is not trusted with a connection: a plug-in. It gets one
 * transaction, which the {@link Rights} bound, a time, a number of rows and a number of bytes; the
 * session is put back to its beginning before anybody else has it. Safe for use by many threads.
 */
public final class GuestSql implements AutoCloseable {
  private static final String ROW_LIMIT = "plugin.reply-bytes";

  /** In the message of the driver, in every language. */
  private static final String DRIVER_LIMIT = "maxResultBuffer";

  private static final Set<String> READS = Set.of("SELECT", "WITH", "VALUES", "TABLE");
  private static final Set<String> WRITES = Set.of("INSERT", "UPDATE", "DELETE", "MERGE");

  /**
   * Sets the bounds of the transaction and asks who we are: whether this is a platform's database,
   * whether the role may become its owner, and whether it may become one that leaves the database.
   * Every name and operator says where it is from: the search path is the role's, and so may be the
   * objects on it.
   */
  private static final String BEGINNING =
      """
      select pg_catalog.set_config('statement_timeout', ?, true),
             pg_catalog.set_config('transaction_read_only', ?, true),
             exists (select from pg_catalog.pg_class c
                       join pg_catalog.pg_namespace n
                         on n.oid operator(pg_catalog.=) c.relnamespace
                      where n.nspname operator(pg_catalog.=) 'noetl'
                        and c.relname operator(pg_catalog.=) 'event_outbox'),
             exists (select from pg_catalog.pg_class c
                       join pg_catalog.pg_namespace n
                         on n.oid operator(pg_catalog.=) c.relnamespace
                      where n.nspname operator(pg_catalog.=) 'noetl'
                        and c.relname operator(pg_catalog.=) 'event_outbox'
                        and pg_catalog.pg_has_role(session_user, c.relowner, 'MEMBER')),
             exists (select from pg_catalog.pg_roles r
                      where (r.rolsuper
                             or r.rolname operator(pg_catalog.=) 'pg_read_server_files'
                             or r.rolname operator(pg_catalog.=) 'pg_write_server_files'
                             or r.rolname operator(pg_catalog.=) 'pg_execute_server_program')
                        and pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER'))
      """;

  private final PgPools pools;
  private final SqlRuns runs;
  private final int rows;

  /**
   * @param settings its result limit is that of one reply
   * @param rows most rows of one reply
   */
  public GuestSql(PostgresSettings settings, int rows) {
    this.pools = new PgPools(settings);
    this.rows = rows;
    this.runs =
        new SqlRuns(
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("guest-sql-", 0).factory()));
  }

  /** What the statement may do. */
  public enum Rights {
    /** Read, in a database that is not the platform's. */
    READ,
    /** Also write, as far as the role may; in the platform's database with a role of its own. */
    WRITE
  }

  /**
   * What came of it.
   *
   * @param rows a list of values each
   * @param truncated whether there were more rows than the limit
   * @param affected rows that a statement without rows changed
   */
  public record Answer(
      List<String> columns, List<@Nullable Object> rows, boolean truncated, long affected) {}

  /** Why there is no answer. */
  public enum Reason {
    STATEMENT,
    DENIED,
    CONFLICT,
    TIME,
    SIZE,
    UNREACHABLE
  }

  /** There is no answer; the message may be shown to the guest. */
  public static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    Refused(Reason reason, String message) {
      super(message);
      this.reason = reason;
    }

    public Reason reason() {
      return reason;
    }
  }

  /**
   * Runs one statement.
   *
   * @param params for $1, $2, ...; JSON values
   * @param time for all of it
   * @throws Refused when there is no answer
   * @throws InterruptedException when this thread was interrupted; the statement has been stopped
   */
  public Answer run(
      PgAddresses.Target target, Rights rights, String sql, List<?> params, Duration time)
      throws Refused, InterruptedException {
    BoundSql statement = checked(rights, sql, params);
    try {
      return runs.run(
          time, null, canceller -> new Run(target, rights, statement, time).on(canceller));
    } catch (SqlRuns.TimedOut e) {
      throw new Refused(Reason.TIME, String.valueOf(e.getMessage()));
    } catch (ResultBudget.TooLarge e) {
      throw new Refused(Reason.SIZE, String.valueOf(e.getMessage()));
    } catch (Denied e) {
      throw new Refused(Reason.DENIED, String.valueOf(e.getMessage()));
    } catch (SQLException e) {
      throw refused(e);
    }
  }

  private static BoundSql checked(Rights rights, String sql, List<?> params) throws Refused {
    List<String> statements = SqlText.statements(sql);
    if (statements.size() != 1) {
      throw new Refused(Reason.DENIED, "Expected one statement, but got " + statements.size());
    }
    List<String> words = SqlText.words(statements.getFirst(), 1);
    String first = words.isEmpty() ? "" : words.getFirst();
    if (!READS.contains(first) && !(rights == Rights.WRITE && WRITES.contains(first))) {
      throw new Refused(
          Reason.DENIED,
          "Expected a statement that begins with SELECT, WITH, VALUES or TABLE"
              + (rights == Rights.WRITE ? ", INSERT, UPDATE, DELETE or MERGE" : "")
              + ", but it begins with "
              + (first.isEmpty() ? "none" : first));
    }
    try {
      // Always with placeholders, if none: the server then takes one statement and no more.
      return new SqlParameters.Positional(new ArrayList<>(params))
          .bind(ToolKind.POSTGRES, statements.getFirst());
    } catch (InvalidConfig e) {
      throw new Refused(Reason.STATEMENT, String.valueOf(e.getMessage()));
    }
  }

  private static Refused refused(SQLException problem) {
    Object message = PgErrors.of(problem).get("message");
    return new Refused(reason(PgErrors.state(problem)), String.valueOf(message));
  }

  private static Reason reason(String state) {
    if (state.equals("57014")) {
      return Reason.TIME;
    }
    if (state.equals("42501") || state.startsWith("25") || state.startsWith("28")) {
      return Reason.DENIED;
    }
    if (state.startsWith("23") || state.startsWith("40") || state.equals("55P03")) {
      return Reason.CONFLICT;
    }
    if (state.startsWith("22") || state.startsWith("42") || state.startsWith("0A")) {
      return Reason.STATEMENT;
    }
    return state.startsWith("54") ? Reason.SIZE : Reason.UNREACHABLE;
  }

  /** The role or its database is not one that the guest may use. */
  private static final class Denied extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Denied(String message) {
      super(message);
    }
  }

  /** One statement on one connection. */
  private final class Run {
    private final PgAddresses.Target target;
    private final Rights rights;
    private final BoundSql statement;
    private final Duration time;

    Run(PgAddresses.Target target, Rights rights, BoundSql statement, Duration time) {
      this.target = target;
      this.rights = rights;
      this.statement = statement;
      this.time = time;
    }

    Answer on(Canceller canceller) throws SQLException {
      PgConnection connected = pools.connect(target, canceller);
      Connection connection = connected.connection();
      connection.setAutoCommit(false);
      begin(connection, canceller);
      one(connection);
      Answer answer = answer(connected, canceller);
      if (rights == Rights.WRITE) {
        canceller.checkCancelled();
        connection.commit();
      } else {
        // Nothing of it stays, not even a notification.
        connection.rollback();
      }
      return answer;
    }

    private void begin(Connection connection, Canceller canceller) throws SQLException {
      try (PreparedStatement asked = connection.prepareStatement(BEGINNING)) {
        asked.setString(1, String.valueOf(time.toMillis()));
        asked.setString(2, rights == Rights.WRITE ? "off" : "on");
        canceller.at(asked);
        try (ResultSet row = asked.executeQuery()) {
          row.next();
          judge(row.getBoolean(3), row.getBoolean(4), row.getBoolean(5));
        }
      } finally {
        canceller.at(null);
      }
    }

    private void judge(boolean platform, boolean owned, boolean machine) {
      if (rights == Rights.READ && platform) {
        throw new Denied("Expected a database of the tenant, but this is a platform's");
      }
      if (rights == Rights.READ && machine) {
        throw new Denied(
            "Expected a database role that cannot leave its database, but "
                + target.address().user()
                + " is a superuser or may use files or programs of the machine");
      }
      if (rights == Rights.WRITE && owned) {
        throw new Denied(
            "Expected a database role of its own, but "
                + target.address().user()
                + " has the rights of the platform");
      }
    }

    /** The driver cuts at semicolons by its own reading, which must agree with ours. */
    private void one(Connection connection) throws SQLException {
      int parts =
          Parser.parseJdbcSql(
                  statement.sql(),
                  connection.unwrap(BaseConnection.class).getStandardConformingStrings(),
                  true,
                  true,
                  false,
                  false)
              .size();
      if (parts != 1) {
        throw new Denied("Expected one statement, but got " + parts);
      }
    }

    private Answer answer(PgConnection connected, Canceller canceller) throws SQLException {
      PostgresSettings settings = pools.settings();
      ResultBudget budget = new ResultBudget(settings.resultLimit(), ROW_LIMIT);
      try (PreparedStatement prepared = connected.connection().prepareStatement(statement.sql())) {
        prepared.setEscapeProcessing(false);
        prepared.setFetchSize(Math.min(settings.fetchSize(), rows));
        PgValues.bind(prepared, statement.values());
        canceller.at(prepared);
        if (!prepared.execute()) {
          return new Answer(
              List.of(), List.of(), false, Math.max(0, prepared.getLargeUpdateCount()));
        }
        return rows(connected, prepared, budget, canceller);
      } catch (SQLException e) {
        if (String.valueOf(e.getMessage()).contains(DRIVER_LIMIT)) {
          throw budget.exceeded();
        }
        throw e;
      } finally {
        canceller.at(null);
      }
    }

    private Answer rows(
        PgConnection connected,
        PreparedStatement prepared,
        ResultBudget budget,
        Canceller canceller)
        throws SQLException {
      try (ResultSet result = prepared.getResultSet()) {
        PgRows reader = new PgRows(connected.connection(), connected.arrays(), result, Bytes.JSON);
        List<@Nullable Object> all = new ArrayList<>();
        List<@Nullable Object> row;
        while ((row = reader.next()) != null) {
          if (all.size() == rows) {
            return new Answer(reader.columns(), all, true, 0);
          }
          budget.add(row, 1);
          all.add(row);
          canceller.checkCancelled();
        }
        return new Answer(reader.columns(), all, false, 0);
      }
    }
  }

  /** Stops what runs, and closes the connections. */
  @Override
  public void close() {
    runs.close();
    pools.close();
  }
}
