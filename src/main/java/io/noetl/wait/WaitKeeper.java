package io.noetl.wait;

import io.noetl.catalog.Catalog;
import io.noetl.envelope.NoIdsException;
import io.noetl.execution.Awaited;
import io.noetl.execution.Awaited.Child;
import io.noetl.execution.Awaited.Until;
import io.noetl.execution.ChildOutcome;
import io.noetl.execution.ExecutionEvent.WaitOpened;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.ExecutionSettings;
import io.noetl.execution.ExecutionState;
import io.noetl.execution.ExecutionState.OpenWait;
import io.noetl.journal.Definitions;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.IntentReply;
import io.noetl.journal.JournalUnavailableException;
import io.noetl.journal.WaitCodec;
import io.noetl.journal.WaitListener;
import io.noetl.json.Json;
import io.noetl.playbook.value.DataSource;
import io.noetl.playbook.value.Outcome;
import io.noetl.postgres.DatabaseException;
import io.noetl.support.Lifecycle;
import io.noetl.support.Progress;
import io.noetl.support.Rounds;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Acts upon waits: at once when a commit of this server asks for it, when the time of a wait is
 * over, and by a sweep for what others have left. Any number of servers may do so at once. Safe for
 * use by many threads.
 */
public final class WaitKeeper implements Lifecycle, WaitListener {
  private static final Logger log = LoggerFactory.getLogger(WaitKeeper.class);

  /** Rows of one sweep; the next follows at once when there were that many. */
  private static final int BATCH = 500;

  /** Sweeps between two counts of all rows. */
  private static final int COUNT_EVERY = 20;

  private final WaitQueue queue;
  private final IntentHandler intents;
  private final Definitions definitions;
  private final ChildStarter starter;
  private final Cascade cascade;
  private final Function<String, DataSource> data;
  private final WaitSettings settings;
  private final WaitMetrics metrics;
  private final Semaphore permits;
  private final AtomicInteger queued = new AtomicInteger();

  private final Rounds rounds;

  /** Of the sweeping thread alone. */
  private int sweeps;

  /**
   * @param data where data of a tenant is that is out of line
   * @param semantics of the children that are started here
   */
  public WaitKeeper(
      WaitQueue queue,
      IntentHandler intents,
      Definitions definitions,
      Catalog catalog,
      Cascade cascade,
      Function<String, DataSource> data,
      ExecutionSettings semantics,
      WaitSettings settings,
      WaitMetrics metrics,
      Progress.Loop progress) {
    this.queue = queue;
    this.intents = intents;
    this.definitions = definitions;
    this.starter =
        new ChildStarter(
            catalog,
            definitions,
            intents,
            new ChildAdmission(queue, settings.maxDepth()),
            semantics);
    this.cascade = cascade;
    this.data = data;
    this.settings = settings;
    this.metrics = metrics;
    this.permits = new Semaphore(settings.concurrency());
    this.rounds =
        new Rounds(
            "wait sweeper",
            settings.sweep(),
            progress,
            Set.of(DatabaseException.class),
            this::round);
  }

  @Override
  public void start() {
    rounds.start();
  }

  /** Ends the sweep and takes no more shortcuts; what runs ends by itself and needs nobody. */
  @Override
  public void close() {
    rounds.close();
  }

  @Override
  public void opened(String tenantId, long executionId, long waitId, WaitOpened event) {
    if (event.timeout() != null) {
      // Counted from after the commit, so never before the database says that it is over.
      rounds.soon(event.timeout());
    }
    switch (event.awaited()) {
      case Child child -> soon("start", waitId, () -> begin(tenantId, executionId, waitId, child));
      case Awaited.Timer(Instant until) -> {
        if (until != null) {
          // The database's clock counts, so a round asks it how far away that is.
          rounds.soon(Duration.ZERO);
        }
      }
      // It comes by itself.
      case Awaited.Signal _ -> {}
    }
  }

  @Override
  public void answered(String tenantId, long waitId, ExecutionState child) {
    soon("answer", waitId, () -> deliver(tenantId, waitId, child));
  }

  /** On a thread of its own; when too much is queued up, the sweep will find the row. */
  private void soon(String what, long waitId, Runnable work) {
    if (rounds.closing() || queued.incrementAndGet() > settings.maxQueued()) {
      queued.decrementAndGet();
      return;
    }
    Thread.ofVirtual()
        .name("wait-" + what)
        .start(
            () -> {
              try {
                guarded(what, waitId, work);
              } finally {
                queued.decrementAndGet();
              }
            });
  }

  /** What fails is taken up again when the row is due. */
  private void guarded(String what, long waitId, Runnable work) {
    permits.acquireUninterruptibly();
    try {
      work.run();
    } catch (DatabaseException
        | JournalUnavailableException
        | NoIdsException
        | Cascade.BusyException e) {
      log.warn("{} of wait {} failed, trying again: {}", what, waitId, e.getMessage());
    } catch (RuntimeException e) {
      if (rounds.closing()) {
        // What it needs is closed by now; another server, or the next start, goes on.
        log.debug("{} of wait {} ends with the server", what, waitId, e);
      } else {
        log.error("{} of wait {} failed, trying again", what, waitId, e);
      }
    } finally {
      permits.release();
    }
  }

  private Rounds.Next round() throws InterruptedException {
    int found = sweep();
    if (sweeps++ % COUNT_EVERY == 0) {
      WaitQueue.Counts counts = queue.counts();
      metrics.counted(counts.open(), counts.overdueSeconds());
    }
    return found < BATCH ? Rounds.Next.LATER : Rounds.Next.AT_ONCE;
  }

  /**
   * Acts upon all rows that are due, and returns how many there were. The next round is at the next
   * due time, whoever wrote it.
   */
  int sweep() throws InterruptedException {
    WaitQueue.Due found = queue.due(BATCH, settings.retry(), settings.sweep());
    List<DueWait> due = found.waits();
    if (found.next() != null) {
      rounds.soon(found.next());
    }
    CountDownLatch open = new CountDownLatch(due.size());
    for (DueWait wait : due) {
      Thread.ofVirtual()
          .name("wait-sweep")
          .start(
              () -> {
                try {
                  guarded("sweep", wait.waitId(), () -> act(wait));
                } finally {
                  open.countDown();
                }
              });
    }
    open.await();
    metrics.swept(due.size());
    return due.size();
  }

  private void act(DueWait wait) {
    switch (wait.state()) {
      case START -> {
        if (WaitCodec.decode(Json.parseObject(wait.request())) instanceof Child child) {
          try {
            begin(wait.tenantId(), wait.executionId(), wait.waitId(), child);
          } catch (RuntimeException e) {
            // A child that can never begin must not hold its parent for ever.
            expire(wait);
            throw e;
          }
        }
      }
      case WAIT -> expire(wait);
      case DELIVER -> {
        Long childId = wait.childId();
        if (childId != null) {
          deliver(wait.tenantId(), wait.waitId(), intents.state(childId));
        }
      }
      case CASCADE -> {
        Object reason = Json.parseObject(wait.request()).get("reason");
        cascade.cancelChildren(wait.tenantId(), wait.executionId(), String.valueOf(reason));
      }
    }
  }

  private void expire(DueWait wait) {
    if (wait.expired() && told(wait, new ExecutionIntent.ExpireWait(wait.waitId()))) {
      metrics.expired();
    }
  }

  private boolean told(DueWait wait, ExecutionIntent intent) {
    return told(wait.tenantId(), wait.executionId(), wait.waitId(), intent);
  }

  private void begin(String tenantId, long parentId, long waitId, Child child) {
    switch (starter.start(tenantId, parentId, waitId, child)) {
      case ChildStarter.Begun _ -> {
        metrics.started();
        if (child.until() == Until.STARTED) {
          deliver(tenantId, waitId, intents.state(child.executionId()));
        }
      }
      case ChildStarter.Refused(String sentence) -> {
        metrics.refused();
        resume(tenantId, parentId, waitId, ChildOutcome.refused(sentence));
      }
      case ChildStarter.Unwanted _ ->
          log.debug("child {} is not wanted any more (wait={})", child.executionId(), waitId);
      case ChildStarter.Later _ ->
          log.debug("child {} is started later (wait={})", child.executionId(), waitId);
    }
  }

  /** Tells the parent of a child how far the child has come, if that is what it waits for. */
  private void deliver(String tenantId, long waitId, ExecutionState child) {
    if (child.started() == null || child.begun().parentExecutionId() == null) {
      throw new IllegalStateException(
          "Expected execution "
              + child.executionId()
              + " to be a child that has begun, but it is not (wait="
              + waitId
              + ")");
    }
    long parentId = child.begun().parentExecutionId();
    OpenWait wait = intents.state(parentId).waits().get(waitId);
    if (wait == null) {
      forget(parentId, waitId);
      return;
    }
    switch (wait.opened().awaited()) {
      case Child asked -> {
        if (asked.until() != Until.STARTED && !child.status().terminal()) {
          return;
        }
        resume(
            tenantId,
            parentId,
            waitId,
            ChildOutcome.of(
                asked.until(),
                asked.step(),
                child,
                definitions.get(child.begun().catalogId()).playbook(),
                data.apply(tenantId)));
      }
      case Awaited.Signal _, Awaited.Timer _ ->
          throw new IllegalStateException(
              "Expected wait "
                  + waitId
                  + " to be for child "
                  + child.executionId()
                  + ", but it is for a signal or a moment (execution="
                  + parentId
                  + ")");
    }
  }

  private void resume(String tenantId, long executionId, long waitId, Outcome outcome) {
    if (told(tenantId, executionId, waitId, new ExecutionIntent.Resume(waitId, outcome))) {
      metrics.resumed();
    }
  }

  /**
   * @return whether the intent ended the wait
   */
  private boolean told(String tenantId, long executionId, long waitId, ExecutionIntent intent) {
    return switch (intents.handle(tenantId, executionId, intent)) {
      case IntentReply.Accepted _ -> true;
      case IntentReply.Rejected _ -> {
        forget(executionId, waitId);
        yield false;
      }
      case IntentReply.Busy busy -> {
        log.debug("wait {} is taken up later: {}", waitId, busy.sentence());
        yield false;
      }
      case IntentReply.Duplicate _ ->
          throw new IllegalStateException(
              "Expected the end of wait " + waitId + " not to be a repeated start");
    };
  }

  /** The execution does not know the wait as open; its row went with it, or was in error. */
  private void forget(long executionId, long waitId) {
    if (queue.forget(waitId)) {
      log.error(
          "Expected the row of a wait to end with it, but wait {} was still there (execution={})",
          waitId,
          executionId);
    }
  }
}
