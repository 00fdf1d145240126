package io.noetl.bench;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/** What is measured. */
public enum Workload {
  STEP1("step1", "one step through claim, worker and report", 1),
  CHAIN10("chain10", "ten such steps, one after the other", 10),
  ROUTE10("route10", "ten routing steps, which the server completes itself", 10),
  FANOUT100("fanout100", "one step, a hundred side by side, one step", 102),
  TIMER("timer", "one step that waits for 100 ms, which no worker holds", 1),
  PLUGIN("plugin", "one step that runs a WASM plug-in", 1),
  PYTHON("python", "one step that runs python code", 1),
  INGEST("ingest", "batches of 100 events through POST /api/events/batch", 100),
  OUTBOX("outbox", "from the commit to the acknowledgement of the bus", 1),
  PROJECT("project", "from the bus into the log", 1),
  REPLAY("replay", "fold of a long log", 1),
  NOTIFY("notify", "commits with and without a NOTIFY", 1),
  COPY("copy", "ways to write the log: a move, arrays, COPY", 1);

  private final String word;
  private final String about;
  private final int steps;

  Workload(String word, String about, int steps) {
    this.word = word;
    this.about = about;
    this.steps = steps;
  }

  /** Its name on the command line. */
  public String word() {
    return word;
  }

  public String about() {
    return about;
  }

  /** Steps of one run; of {@code ingest} and the parts, events. */
  int steps() {
    return steps;
  }

  /** Whether it is asked for through the API, by clients side by side. */
  boolean throughApi() {
    return switch (this) {
      case STEP1, CHAIN10, ROUTE10, FANOUT100, TIMER, PLUGIN, PYTHON, INGEST -> true;
      case OUTBOX, PROJECT, REPLAY, NOTIFY, COPY -> false;
    };
  }

  public static Optional<Workload> of(String word) {
    return Arrays.stream(values()).filter(workload -> workload.word.equals(word)).findFirst();
  }

  /** Catalog path of its playbook. */
  String path() {
    return "bench/" + word;
  }

  /** The playbook that a run executes; empty for those that execute none. */
  String playbook() {
    return switch (this) {
      case STEP1 -> chain("{name: n, kind: noop}", 1);
      case CHAIN10 -> chain("{name: n, kind: noop}", 10);
      case ROUTE10 -> head() + steps(10, "{kind: noop}");
      case FANOUT100 -> fan(100, 100);
      case TIMER ->
          head()
              + """
              workflow:
                - step: start
                  tool: {kind: wait, seconds: 0.1}
              """;
      case PLUGIN ->
          head()
              + """
              workflow:
                - step: start
                  tool:
                    kind: wasm
                    plugin: {path: bench/upper}
                    input: {t: "the cat saw the dog"}
              """;
      case PYTHON ->
          head()
              + """
              workflow:
                - step: start
                  tool: {kind: python, input: {n: 20}, code: "result = n + 1"}
              """;
      // Open until it is cancelled: events are recorded about executions that have not ended.
      case INGEST ->
          head()
              + """
              workflow:
                - step: start
                  tool: {kind: python, code: "import time; time.sleep(3600)"}
              """;
      case REPLAY -> fan(3_000, 64);
      case OUTBOX, PROJECT, NOTIFY, COPY -> "";
    };
  }

  private String fan(int items, int sideBySide) {
    return head()
        + """
        workload: {items: %s}
        workflow:
          - step: start
            tool: [{name: n, kind: noop}]
            next: each
          - step: each
            loop:
              in: "{{ workload.items }}"
              iterator: item
              spec: {mode: parallel, max_in_flight: %d}
            tool: [{name: n, kind: noop}]
            next:
              arcs:
                - {step: end, when: "{{ event.name == 'loop.done' }}"}
          - step: end
            tool: [{name: n, kind: noop}]
        """
            .formatted(IntStream.range(0, items).boxed().toList(), sideBySide);
  }

  private String head() {
    return """
    apiVersion: noetl.io/v2
    kind: Playbook
    metadata: {name: %s, path: %s}
    """
        .formatted(word, path());
  }

  /** A list under {@code tool} goes to a worker, also when it does nothing there. */
  private String chain(String task, int count) {
    return head() + steps(count, "[" + task + "]");
  }

  private static String steps(int count, String tool) {
    StringBuilder text = new StringBuilder("workflow:\n");
    for (int i = 0; i < count; i++) {
      text.append("  - step: ").append(i == 0 ? "start" : "s" + i).append('\n');
      text.append("    tool: ").append(tool).append('\n');
      if (i < count - 1) {
        text.append("    next: s").append(i + 1).append('\n');
      }
    }
    return text.toString();
  }
}
