package io.noetl.tool.artifact;

import org.jspecify.annotations.Nullable;

/** Gives the data behind references. Safe for use by many threads; a call may block its thread. */
@FunctionalInterface
public interface ResultReader {

  /**
   * @param uri such as {@code noetl://execution/1/result/load/2}
   * @throws InterruptedException when the command was cancelled or the worker stops
   */
  Read read(String uri) throws InterruptedException;

  /** The same reader, for what is of one tenant. */
  default ResultReader of(String tenant) {
    return this;
  }

  /** What became of it. */
  sealed interface Read {}

  /** The data as it was stored. */
  record Found(@Nullable Object data) implements Read {}

  /**
   * There is no such data, or not any more.
   *
   * @param code stable word
   */
  record Refused(String code, String sentence) implements Read {}
}
