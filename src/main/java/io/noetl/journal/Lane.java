package io.noetl.journal;

import io.noetl.envelope.NoIdsException;
import io.noetl.execution.Decision;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.ExecutionIntent.AcceptReport;
import io.noetl.execution.ExecutionIntent.ExpireLease;
import io.noetl.execution.ExecutionState;
import io.noetl.execution.KnownData;
import io.noetl.execution.Rejection;
import io.noetl.execution.StoredEvent;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that decides the intents of its share of executions, in batches. Whatever queued up
 * while the last batch was being committed makes up the next one.
 */
final class Lane {
  private static final Logger log = LoggerFactory.getLogger(Lane.class);
  private static final long IDLE_MS = 100;
  private static final String DEADLOCK = "40P01";
  private static final String NOT_SERIALIZABLE = "40001";

  private final LaneLimits limits;
  private final Decider decider;
  private final PostgresJournal journal;
  private final CommandFences fences;
  private final CommitListener committed;
  private final LaneMetrics metrics;
  private final BlockingQueue<Submission> queue;
  private final StateCache cache;
  private final Thread thread;
  private final AtomicBoolean closing = new AtomicBoolean();
  private final DataFetcher fetcher;
  private final ResultVault vault;
  private volatile WaitListener waits = WaitListener.NONE;

  Lane(
      int number,
      LaneLimits limits,
      Decider decider,
      PostgresJournal journal,
      CommandFences fences,
      CommitListener committed,
      LaneMetrics metrics,
      ResultVault vault) {
    this.vault = vault;
    this.limits = limits;
    this.decider = decider;
    this.journal = journal;
    this.fences = fences;
    this.committed = committed;
    this.metrics = metrics;
    this.queue = new ArrayBlockingQueue<>(limits.maxQueue());
    this.fetcher = new DataFetcher(vault, queue);
    this.cache = new StateCache(limits.cachedStates());
    this.thread = Thread.ofPlatform().daemon().name("lane-" + number).unstarted(this::run);
  }

  void tell(WaitListener listener) {
    waits = listener;
  }

  void start() {
    thread.start();
  }

  boolean offer(Submission submission) {
    return !closing.get() && queue.offer(submission);
  }

  int waiting() {
    return queue.size();
  }

  /** The state as of the last commit that this server knows of, or as the log has it. */
  ExecutionState state(long executionId) {
    try {
      ExecutionState known = cache.get(executionId);
      return known != null ? advanced(known) : load(executionId);
    } catch (SQLException e) {
      throw new JournalUnavailableException(e);
    }
  }

  /** Whether this server decided about it last, as far as it knows, and it goes on. */
  boolean live(long executionId) {
    return cache.get(executionId) != null;
  }

  void close() {
    closing.set(true);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    List<Submission> batch = new ArrayList<>();
    while (true) {
      try {
        Submission first = queue.poll(IDLE_MS, TimeUnit.MILLISECONDS);
        if (first == null) {
          if (closing.get() && fetcher.idle() && queue.isEmpty()) {
            return;
          }
          continue;
        }
        batch.add(first);
        queue.drainTo(batch, limits.maxBatch() - 1);
        process(batch);
      } catch (InterruptedException e) {
        log.warn("lane interrupted; it goes on until it is closed");
      } catch (SQLException e) {
        log.warn("{} intents get an error: {}", batch.size(), e.getMessage());
        fail(batch, new JournalUnavailableException(e));
      } catch (NoIdsException e) {
        log.warn("{} intents get an error: {}", batch.size(), e.getMessage());
        fail(batch, e);
      } catch (RuntimeException e) {
        // One broken execution must not stop the others of its lane: its callers get the error.
        log.error("decision failed", e);
        fail(batch, e);
      } finally {
        batch.clear();
      }
    }
  }

  private void fail(List<Submission> batch, RuntimeException error) {
    for (Submission submission : batch) {
      cache.drop(submission.executionId());
      submission.reply().completeExceptionally(error);
    }
  }

  private void process(List<Submission> batch) throws SQLException {
    List<Submission> todo = batch;
    boolean first = true;
    while (!todo.isEmpty()) {
      try {
        todo = round(todo, !first);
      } catch (SQLException e) {
        if (!rolledBack(e)) {
          throw e;
        }
        log.warn("append of {} intents is repeated: {}", todo.size(), e.getMessage());
        todo = again(todo);
      }
      first = false;
    }
  }

  /** Two servers waited for each other's rows, and the database ended one: nothing is written. */
  private static boolean rolledBack(SQLException e) {
    return DEADLOCK.equals(e.getSQLState()) || NOT_SERIALIZABLE.equals(e.getSQLState());
  }

  /** Those that have no answer yet and may be decided once more. */
  private List<Submission> again(List<Submission> submissions) {
    List<Submission> again = new ArrayList<>();
    for (Submission submission : submissions) {
      metrics.conflict();
      if (submission.reply().isDone()) {
        continue;
      }
      if (submission.decisions() + 1 >= limits.maxDecisions()) {
        submission.reply().complete(tooManyConflicts(submission));
      } else {
        again.add(submission.decidedOnce());
      }
    }
    return again;
  }

  private IntentReply.Busy tooManyConflicts(Submission submission) {
    return new IntentReply.Busy(
        "execution "
            + submission.executionId()
            + " was changed by another server "
            + limits.maxDecisions()
            + " times in a row (lanes.max-decisions)",
        1);
  }

  /**
   * Decides and appends once.
   *
   * @param suspicious after a conflict: fences are asked for before deciding
   * @return what must be decided again
   */
  private List<Submission> round(List<Submission> submissions, boolean suspicious)
      throws SQLException {
    Instant at = decider.now();
    Map<Long, List<Submission>> byExecution = new LinkedHashMap<>();
    for (Submission submission : submissions) {
      byExecution
          .computeIfAbsent(submission.executionId(), id -> new ArrayList<>())
          .add(submission);
    }
    Map<Long, CommandFences.Holder> holders =
        suspicious ? fences.holders(reportedCommands(submissions)) : Map.of();
    List<LaneWork> works = new ArrayList<>();
    for (Map.Entry<Long, List<Submission>> entry : byExecution.entrySet()) {
      LaneWork work = decided(entry.getKey(), entry.getValue(), at, suspicious ? holders : null);
      if (work == null) {
        continue;
      }
      if (work.isEmpty()) {
        work.answer();
        remember(work.state);
      } else {
        works.add(work);
      }
    }
    if (works.isEmpty()) {
      return List.of();
    }
    long begun = System.nanoTime();
    for (LaneWork work : works) {
      if (!work.results.isEmpty()) {
        vault.store(work.tenantId, work.executionId, work.results);
      }
    }
    Set<Long> written = journal.append(works.stream().map(LaneWork::commit).toList(), at);
    metrics.committed(works.size(), events(works), System.nanoTime() - begun);
    if (!written.isEmpty()) {
      tell(works, written);
    }
    List<Submission> again = new ArrayList<>();
    for (LaneWork work : works) {
      if (written.contains(work.executionId)) {
        work.tell(waits);
        work.answer();
      } else {
        metrics.conflict();
        again.addAll(retried(work));
      }
    }
    return again;
  }

  /** The work of one execution; null when it is broken, which its own callers are told. */
  private @Nullable LaneWork decided(
      long executionId,
      List<Submission> submissions,
      Instant at,
      @Nullable Map<Long, CommandFences.Holder> holders)
      throws SQLException {
    boolean suspicious = holders != null;
    boolean cached = !suspicious && cache.get(executionId) != null;
    try {
      LaneWork work = new LaneWork(executionId, base(executionId, submissions, suspicious), cached);
      for (Submission submission : submissions) {
        decide(work, submission, at, holders);
      }
      return work;
    } catch (NoIdsException e) {
      // Not the execution's fault, and true of all others in the batch.
      throw e;
    } catch (RuntimeException e) {
      // Others share the batch; they must not pay for one execution whose log or playbook is
      // damaged.
      log.error("execution {} cannot be decided", executionId, e);
      fail(submissions, e);
      return null;
    }
  }

  private ExecutionState base(long executionId, List<Submission> submissions, boolean suspicious)
      throws SQLException {
    ExecutionState known = cache.get(executionId);
    if (known != null) {
      return suspicious ? advanced(known) : known;
    }
    if (!suspicious && submissions.getFirst().intent() instanceof ExecutionIntent.Begin) {
      return ExecutionState.none(executionId);
    }
    return load(executionId);
  }

  private void decide(
      LaneWork work,
      Submission submission,
      Instant at,
      @Nullable Map<Long, CommandFences.Holder> holders)
      throws SQLException {
    if (submission.intent() instanceof ExecutionIntent.Begin && work.state.started() != null) {
      // Decided again after its commit: the start is there, by whoever.
      work.reply(submission, new IntentReply.Duplicate(work.executionId, true));
      return;
    }
    IntentReply stale = holders == null ? null : stale(submission.intent(), holders);
    if (stale != null) {
      work.reply(submission, stale);
      return;
    }
    KnownData known = fetcher.known(submission);
    Decision decision = decider.decide(work.state, submission.intent(), at, known);
    if (changesNothing(decision) && work.cached && work.isEmpty()) {
      // Another server may have gone on since: a refusal, or that all is done already, is only good
      // for what is in the log now. Had this round already decided something upon the cached state,
      // the append would find out.
      work.rebase(advanced(work.state));
      decision = decider.decide(work.state, submission.intent(), at, known);
    }
    switch (decision) {
      case Decision.Rejected no ->
          work.reply(submission, new IntentReply.Rejected(no.reason(), no.sentence()));
      case Decision.Accepted yes -> work.accept(submission, yes);
      // It comes back when its data is there; the others of the batch go on.
      case Decision.NeedsData(String uri) -> fetcher.fetch(submission, uri);
    }
  }

  private static boolean changesNothing(Decision decision) {
    return switch (decision) {
      case Decision.Rejected _ -> true;
      case Decision.Accepted accepted -> accepted.events().isEmpty();
      case Decision.NeedsData _ -> false;
    };
  }

  private static @Nullable IntentReply stale(
      ExecutionIntent intent, Map<Long, CommandFences.Holder> holders) {
    return switch (intent) {
      case AcceptReport report -> stale(report, holders);
      case ExecutionIntent.Batch batch -> {
        IntentReply stale = null;
        for (AcceptReport report : batch.reports()) {
          stale = stale == null ? stale(report, holders) : stale;
        }
        yield stale;
      }
      case ExpireLease lease -> {
        CommandFences.Holder holder = holders.get(lease.commandId());
        // One that was put aside has a fence, and no lease that could end.
        yield holder != null && holder.workerId() != null && holder.fence() == lease.fence()
            ? null
            : new IntentReply.Rejected(
                Rejection.STALE_FENCE, "command " + lease.commandId() + " was claimed again");
      }
      default -> null;
    };
  }

  private static @Nullable IntentReply stale(
      AcceptReport report, Map<Long, CommandFences.Holder> holders) {
    CommandFences.Holder holder = holders.get(report.commandId());
    return holder != null && holder.fence() == report.fence()
        ? null
        : new IntentReply.Rejected(
            Rejection.STALE_FENCE,
            "command " + report.commandId() + " is no longer held with fence " + report.fence());
  }

  private static Collection<Long> reportedCommands(List<Submission> submissions) {
    List<Long> ids = new ArrayList<>();
    for (Submission submission : submissions) {
      for (AcceptReport report : LaneWork.reports(submission.intent())) {
        ids.add(report.commandId());
      }
      if (submission.intent() instanceof ExpireLease lease) {
        ids.add(lease.commandId());
      }
    }
    return ids;
  }

  /** What of a commit that was refused must be decided again; the rest is answered here. */
  private List<Submission> retried(LaneWork work) throws SQLException {
    List<Submission> again = new ArrayList<>();
    for (Submission submission : work.submissions) {
      if (submission.dedup() != null) {
        PostgresJournal.Started first =
            journal.started(submission.tenantId(), submission.dedup().key());
        if (first != null) {
          boolean same = submission.dedup().digest().equals(first.digest());
          submission.reply().complete(new IntentReply.Duplicate(first.executionId(), same));
          continue;
        }
      }
      if (submission.intent() instanceof ExecutionIntent.Start start
          && start.parentCommandId() != null
          && !journal.waits(start.parentCommandId())) {
        submission
            .reply()
            .complete(
                new IntentReply.Rejected(
                    Rejection.WAIT_NOT_OPEN,
                    "wait " + start.parentCommandId() + " of the parent is not open any more"));
        continue;
      }
      if (submission.decisions() + 1 >= limits.maxDecisions()) {
        submission.reply().complete(tooManyConflicts(submission));
        continue;
      }
      again.add(submission.decidedOnce());
    }
    return again;
  }

  private void remember(ExecutionState state) {
    if (state.status().terminal() || state.started() == null) {
      cache.drop(state.executionId());
    } else {
      cache.put(state);
    }
  }

  private ExecutionState load(long executionId) throws SQLException {
    return advanced(ExecutionState.none(executionId));
  }

  private ExecutionState advanced(ExecutionState known) throws SQLException {
    ExecutionState state = known;
    while (true) {
      // Page by page: a long log is never in memory as a whole.
      List<StoredEvent> page = journal.page(known.executionId(), state.seq());
      for (StoredEvent event : page) {
        state = state.evolve(event);
      }
      if (page.size() < PostgresJournal.PAGE) {
        return state;
      }
    }
  }

  /** First what the lane knows, then who listens: whoever looks after he heard sees the news. */
  private void tell(List<LaneWork> works, Set<Long> written) {
    Map<Long, Integer> positions = new HashMap<>();
    Set<Long> ended = new HashSet<>();
    for (LaneWork work : works) {
      if (written.contains(work.executionId)) {
        remember(work.state);
        positions.put(work.executionId, work.state.seq());
        if (work.state.status().terminal()) {
          ended.add(work.executionId);
        }
      }
    }
    committed.committed(positions, ended);
  }

  private static int events(List<LaneWork> works) {
    return works.stream().mapToInt(work -> work.events.size()).sum();
  }
}
