package io.noetl.tool.python;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The process that forks slots when it is told to. */
final class Zygote {
  private static final int LAST_WORDS = 4096;

  private final Process process;
  private final Thread listener;
  private final StringBuilder words = new StringBuilder();

  /**
   * @throws IOException when there is no such interpreter
   */
  Zygote(PythonSettings settings, Path runner, Path socket, Path directory) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                settings.interpreter(),
                runner.toString(),
                "--zygote",
                socket.toString(),
                directory.toString()));
    command.addAll(settings.preload());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.directory(directory.toFile());
    builder.environment().clear();
    builder.environment().putAll(settings.environment());
    process = builder.start();
    listener = Thread.ofPlatform().daemon().name("python-zygote-output").start(this::listen);
  }

  /** Asks for one more slot, which then connects. */
  void fork() throws IOException {
    OutputStream commands = process.getOutputStream();
    commands.write('F');
    commands.flush();
  }

  boolean alive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  void onExit(Runnable action) {
    var _ = process.onExit().thenRun(action);
  }

  /** What the process has printed last; after its end, with its exit code. */
  String lastWords() {
    try {
      // A pipe breaks a moment before its process is seen to have ended.
      if (process.waitFor(500, TimeUnit.MILLISECONDS)) {
        listener.join(500);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String said;
    synchronized (words) {
      said = words.toString().strip();
    }
    return process.isAlive() ? said : "exit code " + process.exitValue() + ", output: " + said;
  }

  /** Ends the process; its slots live as long as their connections. */
  void stop() {
    process.destroy();
    try {
      if (!process.waitFor(2, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private void listen() {
    byte[] buffer = new byte[1024];
    try (InputStream output = process.getInputStream()) {
      int count;
      while ((count = output.read(buffer)) >= 0) {
        synchronized (words) {
          words.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
          words.delete(0, Math.max(0, words.length() - LAST_WORDS));
        }
      }
    } catch (IOException e) {
      synchronized (words) {
        words.append("(output cannot be read: ").append(e.getMessage()).append(')');
      }
    }
  }
}
