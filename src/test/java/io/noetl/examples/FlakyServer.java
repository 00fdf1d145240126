package io.noetl.examples;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** docs/examples/flaky_server.py on a free port. */
record FlakyServer(Process process, String base) implements AutoCloseable {
  private static final String SCRIPT = "docs/examples/flaky_server.py";
  private static final String GREETING = "listening on ";

  static FlakyServer start() throws IOException {
    Process process =
        new ProcessBuilder("python3", SCRIPT, "0")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    if (line == null || !line.startsWith(GREETING)) {
      process.destroyForcibly();
      throw new AssertionError("Expected '" + GREETING + "…' from " + SCRIPT + ", but got " + line);
    }
    return new FlakyServer(process, line.substring(GREETING.length()));
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
