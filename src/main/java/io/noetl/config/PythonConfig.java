package io.noetl.config;

import java.time.Duration;
import java.util.List;

/**
 * The python tool of a worker.
 *
 * @param interpreter command of the interpreter, a name on PATH or a path
 * @param maxConcurrent calls that run at once; further ones wait
 * @param warm whether calls use forked children; false starts an interpreter for each
 * @param preload modules that the warm processes import before they fork
 * @param startTimeout how long an interpreter may take until it is ready
 * @param streamLimit bytes of stdout and of stderr that a result keeps, the tail
 * @param resultLimit most bytes of a result as JSON
 * @param secretNames further patterns of variables that are kept from python and shell calls, such
 *     as {@code MY_*}
 */
public record PythonConfig(
    String interpreter,
    int maxConcurrent,
    boolean warm,
    List<String> preload,
    Duration startTimeout,
    long streamLimit,
    long resultLimit,
    List<String> secretNames) {

  public PythonConfig {
    preload = List.copyOf(preload);
    secretNames = List.copyOf(secretNames);
    new Checks("python")
        .notBlank("interpreter", interpreter)
        .range("max-concurrent", maxConcurrent, 1, 10_000)
        .range("start-timeout", startTimeout, Duration.ofSeconds(1), Duration.ofMinutes(10))
        .bytes("stream-limit", streamLimit, 1, 1L << 30)
        .bytes("result-limit", resultLimit, 1, 1L << 30)
        .done();
  }

  static PythonConfig from(Values values) {
    return new PythonConfig(
        values.text("interpreter", "python3", "Command of the interpreter"),
        values.integer("max-concurrent", 16, "Calls that run at once"),
        values.bool("warm", true, "Whether calls are forked from a warm process"),
        values.list("preload", List.of(), "Modules that warm processes import first"),
        values.duration(
            "start-timeout",
            Duration.ofSeconds(20),
            "How long an interpreter may take to be ready"),
        values.bytes("stream-limit", 1L << 20, "Bytes of stdout and of stderr that are kept"),
        values.bytes("result-limit", 64L << 20, "Most bytes of a result as JSON"),
        values.list(
            "secret-names",
            List.of(),
            "Further variables to keep from python and shell calls; * for any text"));
  }

  /** The values that hold when nothing is set. */
  public static PythonConfig defaults() {
    return from(Values.defaults("python"));
  }
}
