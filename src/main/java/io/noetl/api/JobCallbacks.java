package io.noetl.api;

import io.noetl.command.CommandLeases;
import io.noetl.command.CommandQueue.CommandRow;
import io.noetl.envelope.Ids;
import io.noetl.execution.ExecutionEvent.CallFinished;
import io.noetl.execution.ExecutionEvent.IterationFinished;
import io.noetl.execution.ExecutionIntent.AcceptReport;
import io.noetl.execution.Rejection;
import io.noetl.execution.StoredEvent;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.IntentReply;
import io.noetl.json.Json;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.ParkedJob;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Takes what a cluster tells about the end of a job. A word about a job that is put aside ends its
 * command; one that comes before the worker has put it aside is kept until then. Whatever is late,
 * repeated or about another job is answered and changes nothing. Safe for use by many threads.
 */
final class JobCallbacks {
  /** Longest text of one member of a callback, in characters. */
  static final int MAX_TEXT = 1_024;

  /** How often a callback is tried while workers look at the same job. */
  private static final int MAX_TRIES = 10;

  /** A job is named after its command. */
  private static final Pattern JOB_NAME = Pattern.compile("noetl-([0-9]{1,19})-[0-9a-f]{8}.*");

  private final CommandLeases leases;
  private final IntentHandler intents;

  JobCallbacks(CommandLeases leases, IntentHandler intents) {
    this.leases = leases;
    this.intents = intents;
  }

  /**
   * What became of a callback.
   *
   * @param status {@code accepted}: it ended the command; {@code noted}: it will, once the worker
   *     has told which job it is; {@code woken}: a worker looks at the job at once; {@code
   *     ignored}: the job has not ended, or a worker watches it; {@code stale}: nobody waits for it
   * @param eventId of the end; null when there is none
   */
  record Taken(String status, @Nullable Long eventId) {
    static final Taken STALE = new Taken("stale", null);
    static final Taken IGNORED = new Taken("ignored", null);
  }

  /** What a cluster tells. */
  record Word(
      @Nullable Boolean succeeded,
      String jobName,
      @Nullable String jobUid,
      @Nullable String reason,
      @Nullable Long exitCode,
      @Nullable String completedAt,
      @Nullable String stdout,
      @Nullable String stderr) {

    /**
     * @throws Problem.Refusal when a member is missing or cannot be used
     */
    static Word of(Map<String, @Nullable Object> body) {
      return new Word(
          ended(Members.requiredText(body, "state")),
          Members.requiredText(body, "job_name"),
          text(body, "job_uid"),
          text(body, "reason"),
          Members.number(body, "exit_code"),
          text(body, "completed_at"),
          text(body, "stdout_uri"),
          text(body, "stderr_uri"));
    }

    private static @Nullable String text(Map<String, @Nullable Object> body, String name) {
      String text = Members.text(body, name);
      if (text != null && text.length() > MAX_TEXT) {
        throw Members.fault(
            name,
            "Expected "
                + name
                + " of at most "
                + MAX_TEXT
                + " characters, but it has "
                + text.length());
      }
      return text;
    }

    private static @Nullable Boolean ended(String state) {
      String normal = StatusWords.normal(state);
      return switch (normal) {
        case "COMPLETED" -> Boolean.TRUE;
        case "FAILED", "CANCELLED" -> Boolean.FALSE;
        case null ->
            throw Members.fault(
                "state", "Expected state to be succeeded or failed, but got '" + state + "'");
        default -> null;
      };
    }

    Map<String, @Nullable Object> toMap() {
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      map.put("state", Boolean.TRUE.equals(succeeded) ? "succeeded" : "failed");
      map.put("job_name", jobName);
      map.put("job_uid", jobUid);
      map.put("reason", reason);
      map.put("exit_code", exitCode);
      map.put("completed_at", completedAt);
      map.put("stdout_uri", stdout);
      map.put("stderr_uri", stderr);
      return map;
    }

    private ParkedJob.End end() {
      Map<String, String> more = new LinkedHashMap<>();
      if (stdout != null) {
        more.put("stdout_uri", stdout);
      }
      if (stderr != null) {
        more.put("stderr_uri", stderr);
      }
      return new ParkedJob.End(Boolean.TRUE.equals(succeeded), reason, exitCode, completedAt, more);
    }

    private boolean isAbout(ParkedJob job) {
      return jobName.equals(job.name()) && (jobUid == null || jobUid.equals(job.uid()));
    }
  }

  /**
   * @throws Problem.Refusal when the server is busy: the same callback may be sent again
   */
  Taken take(String tenant, long executionId, String step, Word word) {
    Matcher named = JOB_NAME.matcher(word.jobName());
    Long commandId = named.matches() ? number(named.group(1)) : null;
    if (commandId == null) {
      return Taken.STALE;
    }
    for (int i = 0; i < MAX_TRIES; i++) {
      Optional<CommandRow> found =
          leases
              .row(commandId)
              .filter(row -> row.tenantId().equals(tenant))
              .filter(row -> row.executionId() == executionId && row.step().equals(step))
              .filter(row -> !row.status().equals("DEAD"));
      if (found.isEmpty()) {
        return Taken.STALE;
      }
      if (word.succeeded() == null) {
        return Taken.IGNORED;
      }
      Taken taken = take(tenant, found.get(), word);
      if (taken != null) {
        return taken;
      }
    }
    throw Problems.of(
            new IntentReply.Busy("workers look at job " + word.jobName() + " all the time", 1))
        .refusal();
  }

  /**
   * A command was put aside for which somebody had told before how its job ended.
   *
   * @param callbackJson what was told
   */
  void takeNoted(String tenant, long executionId, String step, String callbackJson) {
    take(tenant, executionId, step, Word.of(Json.parseObject(callbackJson)));
  }

  /** Null when the row has changed meanwhile. */
  private @Nullable Taken take(String tenant, CommandRow row, Word word) {
    if (!row.kind().equals(ToolKind.CONTAINER.word())
        && !row.kind().equals(ToolKind.SCRIPT.word())) {
      // A part of a sequence: its worker watches the job itself.
      return Taken.IGNORED;
    }
    if (row.parkedJson() == null) {
      if (leases.note(row.commandId(), Json.text(word.toMap()))) {
        return new Taken("noted", null);
      }
      // Another word was first, or the worker has put it aside now.
      return leases.row(row.commandId()).filter(now -> now.parkedJson() == null).isPresent()
          ? new Taken("noted", null)
          : null;
    }
    ParkedJob job = ParkedJob.fromMap(Json.parseObject(row.parkedJson()));
    if (!word.isAbout(job)) {
      return Taken.STALE;
    }
    if (row.kind().equals(ToolKind.SCRIPT.word())) {
      // Its result is what it has written, which only a worker can read.
      leases.wake(row.commandId());
      return new Taken("woken", null);
    }
    return ended(tenant, row, job, word);
  }

  private @Nullable Taken ended(String tenant, CommandRow row, ParkedJob job, Word word) {
    IntentReply reply =
        intents.handle(
            tenant,
            row.executionId(),
            new AcceptReport(
                row.commandId(),
                job.outcome(word.end()),
                List.of(),
                Math.max(1, row.attempt()),
                row.fence(),
                row.workerId(),
                null));
    return switch (reply) {
      case IntentReply.Accepted accepted ->
          new Taken("accepted", end(accepted.events(), row.commandId()));
      case IntentReply.Rejected rejected ->
          rejected.reason() == Rejection.STALE_FENCE ? null : Taken.STALE;
      case IntentReply.Busy busy -> throw Problems.of(busy).refusal();
      case IntentReply.Duplicate duplicate ->
          throw new IllegalStateException(
              "Expected a callback not to be a repeated start (execution="
                  + duplicate.executionId()
                  + ")");
    };
  }

  private static @Nullable Long end(List<StoredEvent> events, long commandId) {
    for (StoredEvent stored : events) {
      switch (stored.event()) {
        case CallFinished e when e.commandId() == commandId -> {
          return stored.eventId();
        }
        case IterationFinished e when e.commandId() != null && e.commandId() == commandId -> {
          return stored.eventId();
        }
        default -> {
          // Another event of the same decision.
        }
      }
    }
    return null;
  }

  private static @Nullable Long number(String digits) {
    try {
      return Ids.parse(digits, "job_name");
    } catch (Ids.BadIdException e) {
      // Not one of our jobs.
      return null;
    }
  }
}
