package io.noetl.verify;

import io.noetl.archive.EventRecall;
import io.noetl.envelope.ExecutionStatus;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.ExecutionState;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.IntentReply;
import io.noetl.journal.Replay;
import io.noetl.journal.RowRebuild;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import io.noetl.verify.Diagnosis.Repair;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names what is broken of one execution and repairs it. Events are never changed: what is missing
 * comes back through an intent, what is derived is made again from the events. Safe for many
 * threads and many servers; two that repair the same do it once.
 */
public final class Doctor {
  private static final Logger log = LoggerFactory.getLogger(Doctor.class);

  /** A repair may bring to light what needs the next one. */
  private static final int ROUNDS = 4;

  /** What there is a remedy for; everything else is for people, with a backup. */
  private static final Set<Rule> CURABLE =
      EnumSet.of(
          Rule.EXECUTION_ROW,
          Rule.COMMAND_MISSING,
          Rule.COMMAND_ORPHAN,
          Rule.COMMAND_OVERDUE,
          Rule.WAIT_MISSING,
          Rule.WAIT_ORPHAN,
          Rule.WAIT_OVERDUE,
          Rule.CHILD,
          Rule.CHILD_RUNS_ON,
          Rule.STUCK);

  private final Database database;
  private final IntentHandler intents;
  private final RowRebuild rows;
  private final Replay replay;
  private final Verifier verifier;
  private final DoctorMetrics metrics;

  public Doctor(
      Database database, IntentHandler intents, Verifier.Settings settings, DoctorMetrics metrics) {
    this.database = database;
    this.intents = intents;
    this.rows = new RowRebuild(database.dataSource(Pool.BACKGROUND));
    this.replay = new Replay(database.dataSource(Pool.BACKGROUND), EventRecall.NONE);
    this.verifier = new Verifier(settings);
    this.metrics = metrics;
  }

  /** An execution that runs and has neither a command nor a wait. */
  public record Stuck(long executionId, String tenantId) {}

  /**
   * Executions that wait for nothing, by the tables alone; the oldest first.
   *
   * @param tenantId of whom, or null for everybody
   * @param grace how long they must have been left alone
   * @throws io.noetl.postgres.DatabaseException when the database fails
   */
  public List<Stuck> stuck(@Nullable String tenantId, Duration grace, int limit) {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  select e.execution_id, e.tenant_id from noetl.execution e
                   where e.ended_at is null and e.status = 'RUNNING'
                     and e.tenant_id = coalesce(?, e.tenant_id)
                     and e.updated_at < now() - ? * interval '1 millisecond'
                     and not exists (select 1 from noetl.command c
                                      where c.execution_id = e.execution_id
                                        and c.status <> 'DEAD')
                     and not exists (select 1 from noetl.wait w
                                      where w.execution_id = e.execution_id)
                   order by e.execution_id limit ?
                  """)) {
            statement.setString(1, tenantId);
            statement.setLong(2, grace.toMillis());
            statement.setInt(3, limit);
            List<Stuck> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                found.add(new Stuck(rows.getLong(1), rows.getString(2)));
              }
            }
            return found;
          }
        });
  }

  /** Whether {@link #repair} can do something about it. */
  public static boolean curable(Finding finding) {
    return CURABLE.contains(finding.rule());
  }

  private record Look(List<Finding> findings, @Nullable ExecutionState state) {
    List<Finding> curable() {
      return findings.stream().filter(Doctor::curable).toList();
    }

    Set<Long> ids(Rule rule) {
      Set<Long> ids = new HashSet<>();
      findings.stream().filter(finding -> finding.rule() == rule).forEach(f -> ids.add(f.id()));
      return ids;
    }

    boolean has(Rule rule) {
      return findings.stream().anyMatch(finding -> finding.rule() == rule);
    }
  }

  /**
   * Says what is broken and changes nothing.
   *
   * @throws io.noetl.postgres.DatabaseException when the database fails
   */
  public List<Finding> examine(long executionId) {
    return look(executionId).findings();
  }

  private Look look(long executionId) {
    AtomicReference<@Nullable ExecutionState> state = new AtomicReference<>();
    List<Finding> findings =
        database.transaction(
            Pool.BACKGROUND,
            connection -> {
              try (Statement statement = connection.createStatement()) {
                statement.execute("set transaction isolation level repeatable read, read only");
              }
              return verifier
                  .look(connection, executionId, _ -> {}, (_, folded) -> state.set(folded))
                  .findings();
            });
    return new Look(findings, state.get());
  }

  /**
   * Repairs what can be repaired.
   *
   * @param tenantId owner of the execution
   * @throws io.noetl.postgres.DatabaseException or {@link
   *     io.noetl.journal.JournalUnavailableException} when the database fails; what was repaired
   *     until then stays repaired
   */
  public Diagnosis repair(String tenantId, long executionId) {
    Look first = look(executionId);
    Look now = first;
    List<Repair> repairs = new ArrayList<>();
    for (int round = 0; round < ROUNDS && !now.curable().isEmpty(); round++) {
      int before = repairs.size();
      cure(tenantId, executionId, now, repairs);
      if (repairs.size() == before) {
        break;
      }
      now = look(executionId);
    }
    for (Repair repair : repairs) {
      metrics.repaired(repair.rule());
      log.warn(
          "repaired {}: {} (execution={}, id={})",
          repair.rule().word(),
          repair.action(),
          executionId,
          repair.id());
    }
    return new Diagnosis(executionId, first.findings(), repairs, now.findings());
  }

  private void cure(String tenantId, long executionId, Look look, List<Repair> repairs) {
    if (look.has(Rule.EXECUTION_ROW)) {
      RowRebuild.Row row = rows.rebuild(tenantId, executionId, false);
      if (row != null && row.fault() == null && !row.differences().isEmpty()) {
        String columns = String.join(", ", row.differences().keySet());
        repairs.add(
            new Repair(
                Rule.EXECUTION_ROW, executionId, "made the row again from the events: " + columns));
      }
    }
    if (look.has(Rule.COMMAND_ORPHAN)
        || look.has(Rule.WAIT_ORPHAN)
        || look.has(Rule.COMMAND_MISSING)) {
      int removed = rows.removeStrangers(tenantId, executionId);
      if (removed > 0) {
        repairs.add(
            new Repair(
                look.has(Rule.WAIT_ORPHAN) ? Rule.WAIT_ORPHAN : Rule.COMMAND_ORPHAN,
                executionId,
                "removed " + removed + " rows that no event knows as open"));
      }
    }
    restore(tenantId, executionId, look, repairs);
    for (Finding finding : look.findings()) {
      String action =
          switch (finding.rule()) {
            case COMMAND_OVERDUE -> wakeCommand(finding.id());
            case WAIT_OVERDUE -> wakeWait(finding.id());
            case CHILD -> moveWait(finding.id());
            case CHILD_RUNS_ON ->
                ended(
                    tenantId,
                    executionId,
                    new ExecutionIntent.Cancel("its parent was cancelled (doctor)"),
                    "cancelled it with its parent");
            case STUCK ->
                ended(
                    tenantId,
                    executionId,
                    new ExecutionIntent.Finalize(
                        ExecutionStatus.FAILED,
                        "ended by doctor: the execution waited for nothing, so it could never end"),
                    "ended it as failed: nothing could bring it on");
            default -> null;
          };
      if (action != null) {
        repairs.add(
            new Repair(finding.rule(), finding.id() == 0 ? executionId : finding.id(), action));
      }
    }
  }

  /** Through an intent, at the position at which the loss was seen. */
  private void restore(String tenantId, long executionId, Look look, List<Repair> repairs) {
    Set<Long> commands = look.ids(Rule.COMMAND_MISSING);
    Set<Long> waits = look.ids(Rule.WAIT_MISSING);
    ExecutionState seen = look.state();
    if (commands.isEmpty() && waits.isEmpty() || seen == null) {
      return;
    }
    Replay.Moments moments = replay.moments(executionId, commands);
    if (moments.last().seq() != seen.seq()) {
      return;
    }
    IntentReply reply =
        intents.handle(
            tenantId,
            executionId,
            new ExecutionIntent.Restore(seen.seq(), moments.before(), waits));
    switch (reply) {
      case IntentReply.Accepted _ -> {
        commands.forEach(
            id ->
                repairs.add(new Repair(Rule.COMMAND_MISSING, id, "issued the command once more")));
        waits.forEach(
            id -> repairs.add(new Repair(Rule.WAIT_MISSING, id, "opened the wait once more")));
      }
      case IntentReply.Rejected no -> log.info("nothing is restored: {}", no.sentence());
      case IntentReply.Busy busy -> log.info("restored later: {}", busy.sentence());
      case IntentReply.Duplicate _ ->
          throw new IllegalStateException("Expected a repair not to be a repeated start");
    }
  }

  private @Nullable String ended(
      String tenantId, long executionId, ExecutionIntent intent, String action) {
    return intents.handle(tenantId, executionId, intent) instanceof IntentReply.Accepted
        ? action
        : null;
  }

  /** Somebody looks at it at once; one that is only late is left to the background. */
  private @Nullable String wakeCommand(long commandId) {
    return changed(
            """
            update noetl.command
               set due_at = now(),
                   lease_until = case when status = 'CLAIMED'
                                      then least(coalesce(lease_until, now()), now()) end
             where command_id = ? and due_at = 'infinity' and status in ('PENDING', 'CLAIMED')
               and (status = 'PENDING' or lease_until is null or lease_until <= now())
            """,
            commandId)
        ? "made it due: a hint follows, or its lease ends"
        : null;
  }

  private @Nullable String wakeWait(long waitId) {
    return changed(
            """
            update noetl.wait set due_at = now()
             where wait_id = ? and due_at = 'infinity' and state in ('START', 'DELIVER', 'CASCADE')
            """,
            waitId)
        ? "made it due"
        : null;
  }

  /** The child has gone further, or less far, than the wait says. */
  private @Nullable String moveWait(long waitId) {
    return changed(
            """
            update noetl.wait w
               set state = x.state,
                   due_at = case when x.state = 'WAIT' then w.expires_at else now() end
              from (select w.wait_id,
                           case when c.execution_id is null then 'START'
                                when c.ended_at is not null or not w.until_end then 'DELIVER'
                                else 'WAIT' end as state
                      from noetl.wait w
                      left join noetl.execution c on c.execution_id = w.child_execution_id
                     where w.wait_id = ? and w.kind = 'child') x
             where w.wait_id = x.wait_id and w.state <> x.state
            """,
            waitId)
        ? "moved the wait to where its child is"
        : null;
  }

  private boolean changed(String sql, long id) {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (var statement = connection.prepareStatement(sql)) {
            statement.setLong(1, id);
            return statement.executeUpdate() > 0;
          }
        });
  }
}
