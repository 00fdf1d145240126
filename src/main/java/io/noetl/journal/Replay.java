package io.noetl.journal;

import io.noetl.archive.EventRecall;
import io.noetl.execution.ExecutionEvent;
import io.noetl.execution.ExecutionState;
import io.noetl.execution.StoredEvent;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Builds the state of an execution again, as it was at any moment. Safe for many threads. */
public final class Replay {
  private final DataSource database;
  private final EventRecall recall;

  /**
   * @param recall asked for the events of an execution of which none are in the log
   */
  public Replay(DataSource database, EventRecall recall) {
    this.database = database;
    this.recall = recall;
  }

  /**
   * Up to where to go; null = to the end. The first that is reached ends the replay.
   *
   * @param eventId the last event to take
   * @param position its position
   * @param time nothing that was decided later is taken
   * @param limit most events to take
   */
  public record Until(
      @Nullable Long eventId, @Nullable Integer position, @Nullable Instant time, int limit) {}

  /**
   * A rebuilt state.
   *
   * @param last the last event that was taken; null when none was
   * @param complete whether the log had nothing more before the wanted moment: false when the limit
   *     ended the replay
   * @param found whether the wanted event or position was there
   */
  public record Replayed(
      ExecutionState state, @Nullable StoredEvent last, boolean complete, boolean found) {}

  /**
   * States before events.
   *
   * @param last the state after the last event
   * @param before by event id: the state just before it
   */
  public record Moments(ExecutionState last, Map<Long, ExecutionState> before) {
    public Moments {
      before = Map.copyOf(before);
    }
  }

  /**
   * The states of an execution just before some of its events.
   *
   * @throws JournalUnavailableException when the log cannot be read
   */
  public Moments moments(long executionId, Set<Long> eventIds) {
    try (Connection connection = database.getConnection()) {
      ExecutionState state = ExecutionState.none(executionId);
      Map<Long, ExecutionState> before = new HashMap<>();
      for (StoredEvent event : PostgresJournal.read(connection, executionId, 0)) {
        if (eventIds.contains(event.eventId())) {
          before.put(event.eventId(), state);
        }
        state = state.evolve(event);
      }
      return new Moments(state, before);
    } catch (SQLException e) {
      throw new JournalUnavailableException(e);
    }
  }

  /**
   * @throws JournalUnavailableException when the log cannot be read
   */
  public Replayed state(long executionId, Until until) {
    List<StoredEvent> events = events(executionId);
    ExecutionState state = ExecutionState.none(executionId);
    StoredEvent last = null;
    boolean found = until.eventId() == null && until.position() == null;
    boolean complete = true;
    for (StoredEvent event : events) {
      Instant time = until.time();
      if (time != null && event.at().isAfter(time)) {
        break;
      }
      if (state.seq() >= until.limit()) {
        complete = false;
        break;
      }
      state = state.evolve(event);
      last = event;
      boolean wanted =
          until.eventId() != null && until.eventId() == event.eventId()
              || until.position() != null && until.position() == event.seq();
      if (wanted) {
        found = true;
        break;
      }
    }
    return new Replayed(state, last, complete, found);
  }

  private List<StoredEvent> events(long executionId) {
    try {
      List<StoredEvent> events = eventsNow(executionId);
      return events.isEmpty() && recall.recall(executionId) ? eventsNow(executionId) : events;
    } catch (SQLException e) {
      throw new JournalUnavailableException(e);
    }
  }

  private List<StoredEvent> eventsNow(long executionId) throws SQLException {
    try (Connection connection = database.getConnection()) {
      return PostgresJournal.read(connection, executionId, 0);
    }
  }

  /**
   * A place to fork at.
   *
   * @param state up to there
   * @param total events of the whole log
   */
  public record Cut(ExecutionState state, int total) {}

  /**
   * The state after an event, for a fork. Two events are never parted from what belongs to them:
   * variables that the same decision set are taken along, and the terminal event is left out.
   *
   * @param eventId of the event, or null
   * @param seq of the event, or null; the end when both are
   * @return null when there is no such event
   * @throws JournalUnavailableException when the log cannot be read
   */
  public @Nullable Cut cut(long executionId, @Nullable Long eventId, @Nullable Integer seq) {
    ExecutionState state = ExecutionState.none(executionId);
    StoredEvent last = null;
    boolean reached = false;
    boolean over = false;
    List<StoredEvent> events = events(executionId);
    for (StoredEvent event : events) {
      over |= reached && !(last != null && belongs(last, event));
      reached |= eventId != null && eventId == event.eventId() || seq != null && seq == event.seq();
      if (!over && !terminal(event)) {
        state = state.evolve(event);
        last = event;
      }
    }
    boolean found = reached || eventId == null && seq == null;
    return found && !events.isEmpty() ? new Cut(state, events.size()) : null;
  }

  private static boolean belongs(StoredEvent before, StoredEvent event) {
    return event.event() instanceof ExecutionEvent.CtxUpdated && event.at().equals(before.at());
  }

  private static boolean terminal(StoredEvent event) {
    return event.event() instanceof ExecutionEvent.Completed
        || event.event() instanceof ExecutionEvent.Failed
        || event.event() instanceof ExecutionEvent.Cancelled;
  }
}
