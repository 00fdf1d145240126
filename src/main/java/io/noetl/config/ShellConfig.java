package io.noetl.config;

/**
 * The shell tool of a worker. Which variables its calls do not see is a setting of {@link
 * PythonConfig}.
 *
 * @param program the shell of calls that name none, a name on PATH or a path
 * @param streamLimit bytes of stdout and of stderr that a result keeps, the tail
 */
public record ShellConfig(String program, long streamLimit) {

  public ShellConfig {
    new Checks("shell")
        .notBlank("program", program)
        .bytes("stream-limit", streamLimit, 1, 1L << 30)
        .done();
  }

  static ShellConfig from(Values values) {
    return new ShellConfig(
        values.text("program", "sh", "Shell of calls that name none"),
        values.bytes("stream-limit", 1L << 20, "Bytes of stdout and of stderr that are kept"));
  }

  /** The values that hold when nothing is set. */
  public static ShellConfig defaults() {
    return from(Values.defaults("shell"));
  }
}
