package io.noetl.playbook;

import java.util.List;

/** What a step runs: one tool call, or an ordered list of labelled ones in one command. */
public sealed interface Tool {

  /** One tool call; its result has the single-tool shape. */
  record Single(ToolSpec spec) implements Tool {}

  /** A list-shaped tool, also of length one; its result has the sequence shape. */
  record Sequence(List<Task> tasks) implements Tool {
    public Sequence {
      tasks = List.copyOf(tasks);
      if (tasks.isEmpty()) {
        throw new IllegalArgumentException(
            "Expected at least one task in a sequence, but got none");
      }
    }
  }

  /** One entry of a sequence; {@code label} is unique in the step. */
  record Task(String label, ToolSpec spec) {}
}
