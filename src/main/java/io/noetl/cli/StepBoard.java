package io.noetl.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the events of one execution say about its steps: one line per run of a step, in the order in
 * which they began. Belongs to one thread.
 */
final class StepBoard {
  /** How a step stands. */
  enum State {
    RUNNING,
    COMPLETED,
    FAILED,
    SKIPPED,
    /** The execution ended before the step did. */
    STOPPED
  }

  /** One run of one step. */
  static final class Line {
    private final String step;
    private final Instant began;
    private State state = State.RUNNING;
    private @Nullable Instant ended;
    private int outstanding;
    private int finished;
    private boolean loop;
    private @Nullable Long expected;
    private String note = "";

    private Line(String step, Instant began) {
      this.step = step;
      this.began = began;
    }

    String step() {
      return step;
    }

    Instant began() {
      return began;
    }

    State state() {
      return state;
    }

    /** What else is to say: an error, how many iterations are done; may be empty. */
    String note() {
      if (loop && state == State.RUNNING && note.isEmpty()) {
        return finished + (expected == null ? "" : " of " + expected);
      }
      return note;
    }

    /** How long it took, or has taken until now. */
    Duration span(Instant now) {
      Duration span = Duration.between(began, ended == null ? now : ended);
      return span.isNegative() ? Duration.ZERO : span;
    }
  }

  /** What an event changed on the board. */
  enum Change {
    BEGAN,
    ENDED,
    NOTED,
    NOTHING
  }

  /**
   * @param line the line that changed, or null
   */
  record Update(Change change, @Nullable Line line) {
    private static final Update NONE = new Update(Change.NOTHING, null);
  }

  private final List<Line> lines = new ArrayList<>();
  private final Map<String, Line> open = new LinkedHashMap<>();
  private @Nullable Instant began;
  private @Nullable Instant last;

  List<Line> lines() {
    return List.copyOf(lines);
  }

  /** The lines as the JSON of {@code -o json} has them. */
  List<Map<String, @Nullable Object>> json() {
    List<Map<String, @Nullable Object>> all = new ArrayList<>();
    for (Line line : lines) {
      Map<String, @Nullable Object> one = new LinkedHashMap<>();
      one.put("step", line.step);
      one.put("status", line.state.name());
      one.put("started_at", line.began.toString());
      one.put("duration_ms", line.span(line.began).toMillis());
      if (!line.note().isEmpty()) {
        one.put("note", line.note());
      }
      all.add(one);
    }
    return all;
  }

  /** From the first to the last event. */
  Duration span() {
    return began == null || last == null ? Duration.ZERO : Duration.between(began, last);
  }

  /** Takes the next event, in order of {@code seq}. */
  List<Update> apply(Map<String, @Nullable Object> event) {
    Instant at = at(event);
    began = began == null ? at : began;
    last = at;
    String step = text(event, "node_name").or(() -> text(event, "step")).orElse("");
    return switch (text(event, "event_type").orElse("")) {
      case "command.issued", "step.waiting" -> List.of(issued(step, at));
      case "call.done" -> List.of(called(step, at, State.COMPLETED, event));
      case "call.error", "command.failed" -> List.of(called(step, at, State.FAILED, event));
      case "command.expired" -> List.of(expired(step));
      case "step.exit" -> List.of(exited(step, at, event));
      case "step.skipped" -> List.of(skipped(step, at, event));
      case "loop.started" -> List.of(loopBegan(step, at, event));
      case "loop.done" -> List.of(loopDone(step, at, event));
      case "playbook.completed", "playbook.failed", "playbook.cancelled" -> stopOpen(at);
      default -> List.of(Update.NONE);
    };
  }

  private Update issued(String step, Instant at) {
    Line line = openLine(step);
    if (line != null) {
      line.outstanding++;
      return Update.NONE;
    }
    line = add(step, at);
    line.outstanding = 1;
    return new Update(Change.BEGAN, line);
  }

  private Update called(String step, Instant at, State end, Map<String, @Nullable Object> event) {
    Line line = openLine(step);
    if (line == null) {
      return Update.NONE;
    }
    line.outstanding = Math.max(0, line.outstanding - 1);
    if (line.loop) {
      // The claim of a cursor loop is a call, too, and no iteration.
      boolean iteration =
          event.get("context") instanceof Map<?, ?> context && context.get("iteration") != null;
      line.finished += iteration ? 1 : 0;
      return iteration ? new Update(Change.NOTED, line) : Update.NONE;
    }
    return line.outstanding > 0
        ? Update.NONE
        : end(line, end, at, end == State.FAILED ? error(event) : "");
  }

  private Update expired(String step) {
    Line line = openLine(step);
    if (line == null) {
      return Update.NONE;
    }
    line.note = "the worker was lost, offered again";
    return new Update(Change.NOTED, line);
  }

  /** A step that the server completed itself; the exit that a worker reports says nothing new. */
  private Update exited(String step, Instant at, Map<String, @Nullable Object> event) {
    Line line = openLine(step);
    if (line == null && event.get("worker_id") != null) {
      return Update.NONE;
    }
    line = line == null ? add(step, at) : line;
    boolean failed = text(event, "status").orElse("").equals("FAILED");
    return end(line, failed ? State.FAILED : State.COMPLETED, at, failed ? error(event) : "");
  }

  private Update skipped(String step, Instant at, Map<String, @Nullable Object> event) {
    Line line = openLine(step);
    return end(line == null ? add(step, at) : line, State.SKIPPED, at, error(event));
  }

  private Update loopBegan(String step, Instant at, Map<String, @Nullable Object> event) {
    Line line = openLine(step);
    boolean isNew = line == null;
    line = line == null ? add(step, at) : line;
    line.loop = true;
    if (event.get("context") instanceof Map<?, ?> context
        && context.get("iterations_expected") instanceof Number count) {
      line.expected = count.longValue();
    }
    return isNew ? new Update(Change.BEGAN, line) : Update.NONE;
  }

  private Update loopDone(String step, Instant at, Map<String, @Nullable Object> event) {
    Line line = openLine(step);
    line = line == null ? add(step, at) : line;
    boolean failed = text(event, "status").orElse("").equals("FAILED");
    String note = failed ? error(event) : line.finished + " iterations";
    return end(line, failed ? State.FAILED : State.COMPLETED, at, note);
  }

  private List<Update> stopOpen(Instant at) {
    return List.copyOf(open.values()).stream()
        .map(line -> end(line, State.STOPPED, at, line.note))
        .toList();
  }

  private Update end(Line line, State state, Instant at, String note) {
    line.state = state;
    line.ended = at;
    line.note = note;
    open.remove(line.step);
    return new Update(Change.ENDED, line);
  }

  private Line add(String step, Instant at) {
    Line line = new Line(step, at);
    lines.add(line);
    open.put(step, line);
    return line;
  }

  private @Nullable Line openLine(String step) {
    return open.get(step);
  }

  private Instant at(Map<String, @Nullable Object> event) {
    Optional<String> written = text(event, "created_at").or(() -> text(event, "timestamp"));
    try {
      return written.map(Instant::parse).orElse(last == null ? Instant.EPOCH : last);
    } catch (DateTimeParseException e) {
      // A producer outside may write what it likes; the line is what matters.
      return last == null ? Instant.EPOCH : last;
    }
  }

  /** The sentence of a failure, wherever the event has it. */
  static String error(Map<String, @Nullable Object> event) {
    Object error = event.get("error");
    if (error == null && event.get("result") instanceof Map<?, ?> result) {
      error = result.get("context") instanceof Map<?, ?> context ? context.get("error") : null;
    }
    if (error instanceof Map<?, ?> map && map.get("message") != null) {
      error = map.get("message");
    }
    return error == null ? "" : error.toString();
  }

  private static Optional<String> text(Map<String, @Nullable Object> event, String member) {
    return Optional.ofNullable(event.get(member)).map(Object::toString).filter(t -> !t.isEmpty());
  }
}
