package io.noetl.execution;

import java.util.List;

/** The answer to an intent. */
public sealed interface Decision {

  /**
   * @param events to append, positions continuing those of the state decided upon
   * @param state the state after these events
   * @param issued commands to create
   * @param settled ids of commands that end here
   * @param results data to store before the events are appended
   * @param closed ids of waits that end here
   */
  record Accepted(
      List<StoredEvent> events,
      ExecutionState state,
      List<NewCommand> issued,
      List<Long> settled,
      List<NewResult> results,
      List<Long> closed)
      implements Decision {}

  /**
   * Nothing is decided: a template touches data that was not handed in. The caller decides again,
   * with an answer for this uri.
   */
  record NeedsData(String uri) implements Decision {}

  /**
   * @param sentence what was wrong, for people
   */
  record Rejected(Rejection reason, String sentence) implements Decision {}
}
