package io.noetl.execution;

import io.noetl.playbook.Step;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One decision in progress: the working state and what it has come to so far. Every event is folded
 * in at once, so the rest of the decision sees what a replay will see.
 */
final class Transition {
  private final Definition definition;
  private final Mint mint;
  private final Language language;
  private final List<StoredEvent> events = new ArrayList<>();
  private final List<NewCommand> issued = new ArrayList<>();
  private final List<Long> settled = new ArrayList<>();
  private final StoredData data;
  private final List<Long> closed = new ArrayList<>();
  private ExecutionState state;

  Transition(
      Definition definition, ExecutionState state, Mint mint, Language language, KnownData known) {
    this.data = new StoredData(this, known);
    this.definition = definition;
    this.state = state;
    this.mint = mint;
    this.language = language;
  }

  /** The same decision as it would have been made in another state; what comes of it is apart. */
  Transition at(ExecutionState other) {
    return new Transition(definition, other, mint, language, data.known());
  }

  Definition definition() {
    return definition;
  }

  ExecutionState state() {
    return state;
  }

  /** The language as the execution's recorded settings read it. */
  Language language() {
    ExecutionEvent.Started started = state.started();
    return started == null ? language : language.withRetyping(started.settings().retypeStrings());
  }

  /** Data out of line. */
  StoredData data() {
    return data;
  }

  /** What has been decided so far. */
  List<StoredEvent> events() {
    return events;
  }

  Mint mint() {
    return mint;
  }

  Step stepOf(String name) {
    Step step = definition.playbook().steps().get(name);
    if (step == null) {
      throw new IllegalStateException(
          "Expected step '"
              + name
              + "' in "
              + definition.playbook().path()
              + " version "
              + definition.version()
              + ", but there is none (execution="
              + state.executionId()
              + ")");
    }
    return step;
  }

  StoredEvent emit(ExecutionEvent event) {
    StoredEvent stored = new StoredEvent(mint.nextId(), state.seq() + 1, mint.now(), event);
    state = state.evolve(stored);
    events.add(stored);
    return stored;
  }

  /** What the state would be after this event, without deciding for it. */
  ExecutionState preview(ExecutionState from, ExecutionEvent event) {
    return from.evolve(new StoredEvent(0, from.seq() + 1, mint.now(), event));
  }

  /** What the state would be after these variables were set. */
  ExecutionState written(ExecutionState seen, List<ExecutionEvent.CtxWrite> writes) {
    return writes.isEmpty()
        ? seen
        : preview(seen, new ExecutionEvent.CtxUpdated(null, writes, List.of()));
  }

  void issue(NewCommand command) {
    issued.add(command);
  }

  /** Commands that were made so far. */
  List<NewCommand> issued() {
    return issued;
  }

  void settle(long commandId) {
    settled.add(commandId);
  }

  void close(long waitId) {
    closed.add(waitId);
  }

  /** Ends all that runs, because the execution ends. */
  void dropOpenWork() {
    settled.addAll(state.commands().keySet());
    closed.addAll(state.waits().keySet());
  }

  Decision.Accepted accepted() {
    return new Decision.Accepted(
        List.copyOf(events),
        state,
        List.copyOf(issued),
        List.copyOf(settled),
        data.made(),
        List.copyOf(closed));
  }

  @Nullable String failure() {
    return state.failure();
  }
}
