package io.noetl.tool.python;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Settings of the python tool.
 *
 * @param interpreter {@code python.interpreter}: command of the interpreter, a name on PATH or a
 *     path; default {@code python3}
 * @param maxConcurrent {@code python.max-concurrent}: calls that run at once, at least 1; further
 *     ones wait; default 16
 * @param warm {@code python.warm}: whether calls use forked children; false starts an interpreter
 *     for each; default true
 * @param preload {@code python.preload}: modules that the warm processes import before they fork;
 *     default none
 * @param startTimeout {@code python.start-timeout}: how long an interpreter may take until it is
 *     ready; default 20 s
 * @param streamLimit {@code python.stream-limit}: bytes of stdout and of stderr that a result
 *     keeps, the tail; default 1 MiB
 * @param resultLimit {@code python.result-limit}: most bytes of a result as JSON; default 64 MiB
 * @param environment environment of the calls, without the platform's secrets (see {@code
 *     tool.process.ChildEnvironment})
 * @param tempDirectory where private working directories are made
 */
public record PythonSettings(
    String interpreter,
    int maxConcurrent,
    boolean warm,
    List<String> preload,
    Duration startTimeout,
    int streamLimit,
    int resultLimit,
    Map<String, String> environment,
    Path tempDirectory) {

  public PythonSettings {
    if (interpreter.isBlank()) {
      throw new IllegalArgumentException("Expected python.interpreter to be a command, but none");
    }
    if (maxConcurrent < 1) {
      throw new IllegalArgumentException(
          "Expected python.max-concurrent to be at least 1, but it is " + maxConcurrent);
    }
    if (streamLimit < 1 || resultLimit < 1) {
      throw new IllegalArgumentException(
          "Expected python.stream-limit and python.result-limit to be positive, but they are "
              + streamLimit
              + " and "
              + resultLimit);
    }
    preload = List.copyOf(preload);
    environment = Map.copyOf(environment);
  }

  /** The defaults, with this environment. */
  public static PythonSettings defaults(Map<String, String> environment, Path tempDirectory) {
    return new PythonSettings(
        "python3",
        16,
        true,
        List.of(),
        Duration.ofSeconds(20),
        1 << 20,
        64 << 20,
        environment,
        tempDirectory);
  }

  public PythonSettings withInterpreter(String command) {
    return new PythonSettings(
        command,
        maxConcurrent,
        warm,
        preload,
        startTimeout,
        streamLimit,
        resultLimit,
        environment,
        tempDirectory);
  }

  public PythonSettings withMaxConcurrent(int calls) {
    return new PythonSettings(
        interpreter,
        calls,
        warm,
        preload,
        startTimeout,
        streamLimit,
        resultLimit,
        environment,
        tempDirectory);
  }

  public PythonSettings withWarm(boolean forks) {
    return new PythonSettings(
        interpreter,
        maxConcurrent,
        forks,
        preload,
        startTimeout,
        streamLimit,
        resultLimit,
        environment,
        tempDirectory);
  }
}
