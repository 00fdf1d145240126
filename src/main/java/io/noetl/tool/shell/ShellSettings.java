package io.noetl.tool.shell;

import java.nio.file.Path;
import java.util.Map;

/**
 * Settings of the shell tool.
 *
 * @param shell {@code shell.program}: the shell of calls that name none, a name on PATH or a path;
 *     default {@code sh}
 * @param streamLimit {@code shell.stream-limit}: bytes of stdout and of stderr that a result keeps,
 *     the tail; default 1 MiB
 * @param environment environment of the calls, without the platform's secrets (see {@link
 *     io.noetl.tool.process.ChildEnvironment})
 * @param tempDirectory where private working directories are made
 */
public record ShellSettings(
    String shell, int streamLimit, Map<String, String> environment, Path tempDirectory) {

  public ShellSettings {
    if (shell.isBlank()) {
      throw new IllegalArgumentException("Expected shell.program to be a program, but it is blank");
    }
    if (streamLimit < 1) {
      throw new IllegalArgumentException(
          "Expected shell.stream-limit to be positive, but it is " + streamLimit);
    }
    environment = Map.copyOf(environment);
  }

  /** The defaults, with this environment. */
  public static ShellSettings defaults(Map<String, String> environment, Path tempDirectory) {
    return new ShellSettings("sh", 1 << 20, environment, tempDirectory);
  }

  public ShellSettings withStreamLimit(int bytes) {
    return new ShellSettings(shell, bytes, environment, tempDirectory);
  }
}
