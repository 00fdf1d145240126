package io.noetl.command;

import io.noetl.journal.CommandFences;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Commands in the database. Safe for use by many threads; each call is one or two statements. */
public final class CommandQueue implements CommandFences {
  static final String COLUMNS =
      """
      c.command_id, c.execution_id, c.tenant_id, c.step, c.visit, c.iteration, c.tool_kind, c.pool,
      c.status, c.attempt, c.fence, c.worker_id, c.lease_until, c.claimed_at, c.reason, c.context,
      c.parked
      """;

  private final DataSource database;
  private final ParkedCommands parked;
  private final WaitingCommands waiting;

  public CommandQueue(DataSource database) {
    this.database = database;
    this.parked = new ParkedCommands(database);
    this.waiting = new WaitingCommands(database);
  }

  /**
   * Who wants which command.
   *
   * @param lease how long the worker may stay silent
   * @param pool of which it may be another command as well, when that is fairer; null = no other
   * @param other whether it must be another: the worker has that one, and its hint wakes for one
   *     more
   */
  public record ClaimRequest(
      long commandId, String workerId, Duration lease, @Nullable String pool, boolean other) {

    /** For this command and no other. */
    public ClaimRequest(long commandId, String workerId, Duration lease) {
      this(commandId, workerId, lease, null, false);
    }
  }

  /**
   * Claims many commands in one statement; no command may be named twice. A repeated claim by the
   * worker that holds the live lease gets the same fence. A lease that has run out must be ended
   * first, by whoever finds it, for the log to tell of it.
   *
   * @return answers in the order of the requests
   */
  public List<Claim> claim(List<ClaimRequest> requests) throws SQLException {
    Map<Long, Claim.Granted> granted = new HashMap<>();
    Map<Long, Found> found = new HashMap<>();
    try (Connection connection = database.getConnection()) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              """
              update noetl.command c
                 set status = 'CLAIMED', worker_id = r.worker_id, fence = c.fence + 1,
                     attempt = c.attempt + 1, claimed_at = now(),
                     lease_until = now() + r.lease_ms * interval '1 millisecond',
                     due_at = now() + r.lease_ms * interval '1 millisecond'
                from unnest(?::bigint[], ?::text[], ?::bigint[]) as r(command_id, worker_id, lease_ms)
               where c.command_id = r.command_id and c.command_id = any(?::bigint[])
                 and c.status = 'PENDING'
              returning
              """
                  + COLUMNS)) {
        statement.setArray(1, array(connection, "int8", ids(requests)));
        statement.setArray(
            2,
            array(
                connection,
                "text",
                requests.stream().map(ClaimRequest::workerId).toArray(String[]::new)));
        statement.setArray(
            3,
            array(
                connection,
                "int8",
                requests.stream().mapToLong(request -> request.lease().toMillis()).toArray()));
        statement.setArray(4, array(connection, "int8", ids(requests)));
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            granted.put(rows.getLong(1), granted(rows));
          }
        }
      }
      if (granted.size() < requests.size()) {
        found.putAll(find(connection, ids(requests)));
      }
    }
    List<Claim> answers = new ArrayList<>(requests.size());
    for (ClaimRequest request : requests) {
      answers.add(
          answer(request, granted.get(request.commandId()), found.get(request.commandId())));
    }
    return answers;
  }

  private static Claim answer(
      ClaimRequest request, Claim.@Nullable Granted granted, @Nullable Found found) {
    if (granted != null) {
      return granted;
    }
    if (found == null) {
      return new Claim.NotOpen();
    }
    if (found.status().equals("DEAD")) {
      return new Claim.Dead(found.reason());
    }
    if (found.status().equals("PAUSED")) {
      return new Claim.Paused();
    }
    Claim.Granted held = found.held();
    if (held != null && found.ranOut() == null && request.workerId().equals(found.workerId())) {
      return held;
    }
    // A pending row here became pending between the two statements; the worker may ask again.
    return new Claim.LeaseActive(
        found.workerId(), held == null ? Instant.EPOCH : held.leaseUntil(), found.ranOut());
  }

  private record Found(
      String status,
      @Nullable String workerId,
      @Nullable String reason,
      Claim.@Nullable Granted held,
      @Nullable Expired ranOut) {}

  private static Map<Long, Found> find(Connection connection, long[] ids) throws SQLException {
    Map<Long, Found> found = new HashMap<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select "
                + COLUMNS
                + ", c.max_attempts, c.lease_until <= now() from noetl.command c"
                + " where c.command_id = any(?)")) {
      statement.setArray(1, array(connection, "int8", ids));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          boolean claimed = rows.getString(9).equals("CLAIMED");
          found.put(
              rows.getLong(1),
              new Found(
                  rows.getString(9),
                  rows.getString(12),
                  rows.getString(15),
                  claimed ? granted(rows) : null,
                  claimed && rows.getBoolean(19) ? ranOut(rows) : null));
        }
      }
    }
    return found;
  }

  private static Expired ranOut(ResultSet rows) throws SQLException {
    return new Expired(
        rows.getLong(1),
        rows.getLong(2),
        rows.getString(3),
        rows.getInt(10),
        rows.getInt(18),
        rows.getLong(11),
        rows.getString(12));
  }

  static Claim.Granted granted(ResultSet rows) throws SQLException {
    int iteration = rows.getInt(6);
    return new Claim.Granted(
        rows.getLong(1),
        rows.getLong(2),
        rows.getString(3),
        rows.getString(4),
        rows.getInt(5),
        rows.wasNull() ? null : iteration,
        rows.getString(7),
        rows.getString(8),
        rows.getInt(10),
        rows.getLong(11),
        rows.getObject(13, OffsetDateTime.class).toInstant(),
        rows.getObject(14, OffsetDateTime.class).toInstant(),
        rows.getString(16),
        rows.getString(17));
  }

  /** A command whose lease a worker wants to keep. */
  public record Beat(long commandId, long fence, String workerId) {}

  /**
   * Extends leases.
   *
   * @return the new end of each lease that is still held; a command that is missing is held no more
   */
  public Map<Long, Instant> heartbeat(List<Beat> beats, Duration lease) throws SQLException {
    Map<Long, Instant> kept = new HashMap<>();
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                -- Locks in the order in which appends do, or the two would wait for each other.
                with held as materialized (
                  select c.command_id from noetl.command c
                    join unnest(?::bigint[], ?::bigint[], ?::text[])
                      as b(command_id, fence, worker_id) on c.command_id = b.command_id
                   where c.command_id = any(?::bigint[]) and c.fence = b.fence
                     and c.worker_id = b.worker_id and c.status = 'CLAIMED'
                   order by c.command_id for update of c)
                update noetl.command c
                   set lease_until = now() + ? * interval '1 millisecond',
                       due_at = now() + ? * interval '1 millisecond'
                  from held where c.command_id = held.command_id
                   and c.command_id = any(array(select command_id from held))
                returning c.command_id, c.lease_until
                """)) {
      statement.setArray(
          1, array(connection, "int8", beats.stream().mapToLong(Beat::commandId).toArray()));
      statement.setArray(
          2, array(connection, "int8", beats.stream().mapToLong(Beat::fence).toArray()));
      statement.setArray(
          3, array(connection, "text", beats.stream().map(Beat::workerId).toArray(String[]::new)));
      statement.setArray(
          4, array(connection, "int8", beats.stream().mapToLong(Beat::commandId).toArray()));
      statement.setLong(5, lease.toMillis());
      statement.setLong(6, lease.toMillis());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          kept.put(rows.getLong(1), rows.getObject(2, OffsetDateTime.class).toInstant());
        }
      }
    }
    return kept;
  }

  /**
   * Gives a command back without counting the attempt; a hint follows when it is due.
   *
   * @return false when the worker does not hold it with this fence
   */
  public boolean release(long commandId, String workerId, long fence, Duration delay)
      throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                update noetl.command
                   set status = 'PENDING', worker_id = null, lease_until = null,
                       attempt = attempt - 1, due_at = now() + ? * interval '1 millisecond'
                 where command_id = ? and worker_id = ? and fence = ? and status = 'CLAIMED'
                """)) {
      statement.setLong(1, delay.toMillis());
      statement.setLong(2, commandId);
      statement.setString(3, workerId);
      statement.setLong(4, fence);
      return statement.executeUpdate() == 1;
    }
  }

  /** Those that any worker of their pool may take now. */
  WaitingCommands waitingCommands() {
    return waiting;
  }

  /** As {@link WaitingCommands#waiting}. */
  Map<String, Set<String>> waiting() throws SQLException {
    return waiting.waiting();
  }

  /** Those whose work goes on outside. */
  ParkedCommands parked() {
    return parked;
  }

  /** Ends the leases of a worker that says goodbye: its commands are offered again at once. */
  public int releaseAll(String workerId) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                update noetl.command
                   set status = 'PENDING', worker_id = null, lease_until = null,
                       attempt = attempt - 1, due_at = now()
                 where worker_id = ? and status = 'CLAIMED'
                """)) {
      statement.setString(1, workerId);
      return statement.executeUpdate();
    }
  }

  /** A lease that ran out. */
  public record Expired(
      long commandId,
      long executionId,
      String tenantId,
      int attempt,
      int maxAttempts,
      long fence,
      @Nullable String workerId) {}

  /** Leases that have run out, the oldest first. */
  public List<Expired> expired(int limit) throws SQLException {
    List<Expired> expired = new ArrayList<>();
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                select command_id, execution_id, tenant_id, attempt, max_attempts, fence, worker_id
                  from noetl.command
                 where status = 'CLAIMED' and due_at <= now() and lease_until <= now()
                 order by due_at limit ?
                """)) {
      statement.setInt(1, limit);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          expired.add(
              new Expired(
                  rows.getLong(1),
                  rows.getLong(2),
                  rows.getString(3),
                  rows.getInt(4),
                  rows.getInt(5),
                  rows.getLong(6),
                  rows.getString(7)));
        }
      }
    }
    return expired;
  }

  /** The command as it is now, open or dead, without claiming it; null when there is none. */
  public @Nullable CommandRow row(long commandId) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "select " + COLUMNS + " from noetl.command c where c.command_id = ?")) {
      statement.setLong(1, commandId);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? row(rows) : null;
      }
    }
  }

  /** Commands that a worker holds in an execution, as claims: the answer to a repeated report. */
  public List<Claim.Granted> heldBy(String workerId, long executionId) throws SQLException {
    List<Claim.Granted> held = new ArrayList<>();
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "select "
                    + COLUMNS
                    + " from noetl.command c where c.execution_id = ? and c.worker_id = ?"
                    + " and c.status = 'CLAIMED' and c.lease_until > now()")) {
      statement.setLong(1, executionId);
      statement.setString(2, workerId);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          held.add(granted(rows));
        }
      }
    }
    return held;
  }

  private static CommandRow row(ResultSet rows) throws SQLException {
    int iteration = rows.getInt(6);
    Integer iterationOrNull = rows.wasNull() ? null : (Integer) iteration;
    OffsetDateTime lease = rows.getObject(13, OffsetDateTime.class);
    return new CommandRow(
        rows.getLong(1),
        rows.getLong(2),
        rows.getString(3),
        rows.getString(4),
        rows.getInt(5),
        iterationOrNull,
        rows.getString(7),
        rows.getString(8),
        rows.getString(9),
        rows.getInt(10),
        rows.getLong(11),
        rows.getString(12),
        lease == null ? null : lease.toInstant(),
        rows.getString(15),
        rows.getString(16),
        rows.getString(17));
  }

  /**
   * A command as it is stored.
   *
   * @param reason why it is dead
   * @param parkedJson what goes on outside for it while nobody holds it; null = nothing does
   */
  public record CommandRow(
      long commandId,
      long executionId,
      String tenantId,
      String step,
      int visit,
      @Nullable Integer iteration,
      String kind,
      String pool,
      String status,
      int attempt,
      long fence,
      @Nullable String workerId,
      @Nullable Instant leaseUntil,
      @Nullable String reason,
      String contextJson,
      @Nullable String parkedJson) {}

  @Override
  public Map<Long, Holder> holders(Collection<Long> commandIds) throws SQLException {
    Map<Long, Holder> holders = new HashMap<>();
    if (commandIds.isEmpty()) {
      return holders;
    }
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                select command_id, fence, worker_id from noetl.command
                 where command_id = any(?)
                   and (status = 'CLAIMED' or status = 'PENDING' and parked is not null)
                """)) {
      statement.setArray(
          1, array(connection, "int8", commandIds.stream().mapToLong(Long::longValue).toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          holders.put(rows.getLong(1), new Holder(rows.getLong(2), rows.getString(3)));
        }
      }
    }
    return holders;
  }

  private static long[] ids(List<ClaimRequest> requests) {
    return requests.stream().mapToLong(ClaimRequest::commandId).toArray();
  }

  static java.sql.Array array(Connection connection, String type, Object values)
      throws SQLException {
    return connection.unwrap(org.postgresql.PGConnection.class).createArrayOf(type, values);
  }
}
