package io.noetl.tool.shell;

import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Shape;
import io.noetl.playbook.value.Outcome.Status;
import io.noetl.tool.Fields;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolExecutor;
import io.noetl.tool.process.CallOutput;
import io.noetl.tool.process.Directories;
import io.noetl.tool.process.Program;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Runs commands in shells. How many run at once is bounded by the slots of the worker. */
public final class ShellExecutor implements ToolExecutor {
  private final ShellSettings settings;
  private final ReentrantLock lock = new ReentrantLock();
  private final Set<Program> running = new HashSet<>();
  private boolean closed;

  public ShellExecutor(ShellSettings settings) {
    this.settings = settings;
  }

  @Override
  public Outcome run(ToolCall call) throws InterruptedException {
    try {
      ShellPlan plan = ShellPlan.of(call, settings);
      Path directory = plan.directory();
      return directory == null ? runPrivately(plan, call) : run(plan, call, directory);
    } catch (InvalidConfig e) {
      return Outcome.hard(Errors.configuration(String.valueOf(e.getMessage())));
    }
  }

  private Outcome runPrivately(ShellPlan plan, ToolCall call) throws InterruptedException {
    Path directory;
    try {
      directory = Files.createTempDirectory(settings.tempDirectory(), "noetl-sh-");
    } catch (IOException e) {
      throw new InvalidConfig(
          "Expected to make a directory for shell calls in "
              + settings.tempDirectory()
              + " (system property java.io.tmpdir), but "
              + e.getMessage());
    }
    try {
      return run(plan, call, directory);
    } finally {
      Directories.delete(directory);
    }
  }

  private Outcome run(ShellPlan plan, ToolCall call, Path directory) throws InterruptedException {
    CallOutput stdout = new CallOutput("stdout", call.log(), settings.streamLimit());
    CallOutput stderr = new CallOutput("stderr", call.log(), settings.streamLimit());
    long start = System.nanoTime();
    Program.End end = new Program.End(0, false);
    for (String command : plan.commands()) {
      Duration limit = plan.limit();
      Duration left = limit == null ? null : limit.minusNanos(System.nanoTime() - start);
      end = ended(plan, command, directory, left, stdout, stderr);
      if (end.timedOut() || end.exitCode() != 0) {
        break;
      }
    }
    stdout.finish();
    stderr.finish();
    long millis = (System.nanoTime() - start) / 1_000_000;
    return outcome(
        plan,
        end,
        plan.capture() ? stdout.text() : "",
        plan.capture() ? stderr.text() : "",
        millis);
  }

  private Program.End ended(
      ShellPlan plan,
      String command,
      Path directory,
      @Nullable Duration left,
      CallOutput stdout,
      CallOutput stderr)
      throws InterruptedException {
    List<String> line = new ArrayList<>(plan.shell());
    line.add(command);
    ProcessBuilder builder = new ProcessBuilder(line).directory(directory.toFile());
    builder.redirectInput(ProcessBuilder.Redirect.from(nothing()));
    builder.environment().clear();
    builder.environment().putAll(plan.environment());
    Program program;
    try {
      program = started(builder, stdout, stderr);
    } catch (IOException e) {
      throw new InvalidConfig(
          "Expected to start the shell '" + plan.shell().getFirst() + "', but " + e.getMessage());
    }
    boolean cut;
    Program.End end;
    try {
      end = program.await(left);
    } finally {
      cut = removed(program);
    }
    if (cut) {
      throw new InterruptedException("the shell tool was closed");
    }
    return end;
  }

  private Program started(ProcessBuilder builder, CallOutput stdout, CallOutput stderr)
      throws IOException, InterruptedException {
    lock.lock();
    try {
      if (closed) {
        throw new InterruptedException("the shell tool was closed");
      }
      Program program = Program.start(builder, null, stdout, stderr, "shell-call");
      running.add(program);
      return program;
    } finally {
      lock.unlock();
    }
  }

  /** Forgets the program; tells whether it was ended because the tool was closed. */
  private boolean removed(Program program) {
    lock.lock();
    try {
      running.remove(program);
      return closed;
    } finally {
      lock.unlock();
    }
  }

  private static Outcome outcome(
      ShellPlan plan, Program.End end, String stdout, String stderr, long millis) {
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("exit_code", (long) end.exitCode());
    data.put("stdout", stdout);
    data.put("stderr", stderr);
    Map<String, @Nullable Object> meta = new LinkedHashMap<>();
    meta.put("duration_ms", millis);
    Duration limit = plan.limit();
    if (end.timedOut() && limit != null) {
      Map<String, @Nullable Object> error =
          Errors.timeout("Shell command timed out after " + Fields.words(limit));
      return new Outcome(Status.TIMEOUT, Shape.SINGLE, null, error, false, null, meta, null, data);
    }
    if (end.exitCode() == 0) {
      return new Outcome(Status.SUCCESS, Shape.SINGLE, data, null, false, null, meta, null, data);
    }
    Map<String, @Nullable Object> error =
        Errors.of(
            "process",
            "EXIT_" + end.exitCode(),
            "Command exited with code " + end.exitCode(),
            false);
    return new Outcome(Status.ERROR, Shape.SINGLE, data, error, false, null, meta, null, data);
  }

  private static File nothing() {
    return new File(File.separatorChar == '\\' ? "NUL" : "/dev/null");
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      running.forEach(Program::kill);
    } finally {
      lock.unlock();
    }
  }
}
