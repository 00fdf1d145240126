package io.noetl.execution;

import io.noetl.playbook.ToolKind;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a step waits for without holding a worker. */
public sealed interface Awaited {

  /** The tool kind of the step that waits, as events and people see it. */
  ToolKind kind();

  /**
   * Another execution, which this one asked for.
   *
   * @param executionId minted by the decision that asked: whoever starts it, and however often, it
   *     is one execution
   * @param path of the playbook; null when it is named by its catalog id
   * @param catalogId of the playbook; null when it is named by its path
   * @param version null = the newest
   * @param payload of the child
   * @param pool that all commands of the child go to, or null
   * @param until when the wait is over
   * @param step whose value is wanted, or null
   */
  record Child(
      long executionId,
      @Nullable String path,
      @Nullable Long catalogId,
      @Nullable Integer version,
      Map<String, @Nullable Object> payload,
      @Nullable String pool,
      Until until,
      @Nullable String step)
      implements Awaited {
    public Child {
      if ((path == null) == (catalogId == null)) {
        throw new IllegalArgumentException(
            "Expected a child to be named by path or by catalog id, but got path="
                + path
                + ", catalog_id="
                + catalogId);
      }
      if (until == Until.STEP && step == null) {
        throw new IllegalArgumentException("Expected the name of the step that is returned");
      }
    }

    @Override
    public ToolKind kind() {
      return ToolKind.PLAYBOOK;
    }

    /** The playbook as messages name it. */
    public String name() {
      return path != null ? path : "catalog entry " + catalogId;
    }
  }

  /**
   * Somebody outside, who sends a signal of this name.
   *
   * @param name at most {@value #MAX_NAME} characters
   */
  record Signal(String name) implements Awaited {
    /** Longest name, in characters. */
    public static final int MAX_NAME = 128;

    public Signal {
      if (name.isBlank() || name.length() > MAX_NAME) {
        throw new IllegalArgumentException(
            "Expected the name of a signal to have 1 to "
                + MAX_NAME
                + " characters, but it has "
                + name.strip().length());
      }
    }

    @Override
    public ToolKind kind() {
      return ToolKind.WAIT;
    }
  }

  /**
   * A moment.
   *
   * @param until null = when the timeout of the wait is over
   */
  record Timer(@Nullable Instant until) implements Awaited {
    @Override
    public ToolKind kind() {
      return ToolKind.WAIT;
    }
  }

  /** When the wait for a child is over, and with what. */
  enum Until {
    /** When it has started. */
    STARTED,
    /** When it has ended, with the value of one of its steps. */
    STEP,
    /** When it has ended, with its result. */
    RESULT
  }
}
