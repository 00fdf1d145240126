package io.noetl.tool.python;

import io.noetl.json.JsonException;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.tool.Fields;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolExecutor;
import io.noetl.tool.code.CodeSource;
import io.noetl.tool.process.CallOutput;
import io.noetl.tool.process.Directories;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs python code, each call in an interpreter state of its own. Processes are started when the
 * first call comes and end with {@link #close} or with this process.
 */
public final class PythonExecutor implements ToolExecutor {
  private static final System.Logger LOG = System.getLogger(PythonExecutor.class.getName());

  /** Interpreters with warm processes of their own; calls of further ones start from nothing. */
  static final int MOST_POOLS = 8;

  private final PythonSettings settings;
  private final CodeSource sources;
  private final Semaphore running;
  private final Path home;
  private final Path runner;
  private final boolean warm;

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, InterpreterPool> pools = new HashMap<>();
  private boolean closed;

  /**
   * @param http fetches scripts that are given by address; not closed by this executor
   * @throws UncheckedIOException when no private directory can be made
   */
  public PythonExecutor(PythonSettings settings, ToolExecutor http) {
    this.settings = settings;
    this.sources = new CodeSource(http);
    this.running = new Semaphore(settings.maxConcurrent(), true);
    // No fork there, so nothing can be kept warm.
    this.warm = settings.warm() && !System.getProperty("os.name").startsWith("Windows");
    try {
      this.home = Files.createTempDirectory(settings.tempDirectory(), "noetl-py-");
      this.runner = home.resolve("noetl_runner.py");
      try (InputStream text =
          PythonExecutor.class.getResourceAsStream("/io/noetl/tool/noetl_runner.py")) {
        if (text == null) {
          throw new IllegalStateException("Expected noetl_runner.py in the jar, but it is not");
        }
        Files.copy(text, runner);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Starts the default interpreter ahead of the first call and does not wait for it. Without this
   * the first call pays for the start, some 200 ms.
   */
  public void warmUp() {
    if (!warm) {
      return;
    }
    try {
      InterpreterPool pool = pool(settings.interpreter());
      if (pool != null) {
        pool.prepare();
      }
    } catch (InterpreterException | InterruptedException e) {
      // The first call meets the same fault, and has somebody to tell it to.
      LOG.log(System.Logger.Level.WARNING, "python could not be started ahead: " + e.getMessage());
    }
  }

  @Override
  public Outcome run(ToolCall call) throws InterruptedException {
    try {
      return checked(call);
    } catch (InvalidConfig e) {
      return Outcome.hard(Errors.configuration(String.valueOf(e.getMessage())));
    } catch (JsonException e) {
      return Outcome.hard(
          Errors.configuration("The input cannot be given to python: " + e.getMessage()));
    }
  }

  private Outcome checked(ToolCall call) throws InterruptedException {
    Fields fields = new Fields(ToolKind.PYTHON, call.fields());
    Duration timeout = shorter(call.timeout(), fields.duration("timeout_seconds", "timeout"));
    Map<String, String> environment = fields.texts("env");
    String own = fields.text("python");
    String interpreter = own == null || own.isBlank() ? settings.interpreter() : own;
    CallRequest request =
        CallRequest.of(
            new CallRequest.Head(
                sources.code(call, fields),
                fields.first("libs"),
                environment,
                fields.text("cwd"),
                call.identity().executionId(),
                call.identity().step(),
                call.identity().serverUrl(),
                settings.resultLimit()),
            call.input(),
            call.names(),
            timeout);
    CallOutput stdout = new CallOutput("stdout", call.log(), settings.streamLimit());
    CallOutput stderr = new CallOutput("stderr", call.log(), settings.streamLimit());
    running.acquire();
    long start = System.nanoTime();
    try {
      RawReply reply = ended(interpreter, environment, request, stdout, stderr);
      stdout.finish();
      stderr.finish();
      long millis = (System.nanoTime() - start) / 1_000_000;
      return new Replies(stdout, stderr, millis).outcome(reply, timeout, settings.resultLimit());
    } catch (InterpreterException e) {
      return Outcome.hard(e.error());
    } finally {
      running.release();
    }
  }

  private RawReply ended(
      String interpreter,
      Map<String, String> environment,
      CallRequest request,
      CallOutput stdout,
      CallOutput stderr)
      throws InterruptedException, InterpreterException {
    InterpreterPool pool =
        !warm || environment.keySet().stream().anyMatch(PythonExecutor::readAtStart)
            ? null
            : pool(interpreter);
    if (pool != null) {
      return pool.run(request, stdout, stderr);
    }
    Path directory = temporary("cold-");
    try {
      return new ColdCall(settings.withInterpreter(interpreter), runner, environment, directory)
          .run(request, stdout, stderr);
    } finally {
      Directories.delete(directory);
    }
  }

  /** Whether an interpreter (or its loader) heeds the variable only when it starts. */
  private static boolean readAtStart(String variable) {
    return variable.startsWith("PYTHON")
        || variable.startsWith("LD_")
        || variable.startsWith("DYLD_");
  }

  private @Nullable InterpreterPool pool(String interpreter)
      throws InterruptedException, InterpreterException {
    lock.lock();
    try {
      if (closed) {
        throw new InterruptedException("the python tool was closed");
      }
      InterpreterPool pool = pools.get(interpreter);
      if (pool == null && pools.size() < MOST_POOLS) {
        try {
          pool =
              new InterpreterPool(
                  settings.withInterpreter(interpreter), runner, temporary("pool-"));
        } catch (IOException e) {
          throw new InterpreterException(
              Errors.configuration(
                  "Expected to listen for python processes in "
                      + home
                      + " (setting python.temp-directory), but "
                      + e.getMessage()));
        }
        pools.put(interpreter, pool);
      }
      return pool;
    } finally {
      lock.unlock();
    }
  }

  private Path temporary(String prefix) throws InterpreterException {
    try {
      return Files.createTempDirectory(home, prefix);
    } catch (IOException e) {
      throw new InterpreterException(
          Errors.configuration(
              "Expected to make a directory for python calls in "
                  + home
                  + " (setting python.temp-directory), but "
                  + e.getMessage()));
    }
  }

  private static @Nullable Duration shorter(@Nullable Duration a, @Nullable Duration b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return a.compareTo(b) <= 0 ? a : b;
  }

  /** Process id of the zygote of the default interpreter, 0 when there is none; for tests. */
  long zygotePid() {
    lock.lock();
    try {
      InterpreterPool pool = pools.get(settings.interpreter());
      return pool == null ? 0 : pool.zygotePid();
    } finally {
      lock.unlock();
    }
  }

  /** The directory below which this executor keeps everything; for tests. */
  Path home() {
    return home;
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      for (InterpreterPool pool : pools.values()) {
        try {
          pool.close();
        } catch (IOException e) {
          LOG.log(System.Logger.Level.WARNING, "python processes were not ended cleanly", e);
        }
      }
      pools.clear();
    } finally {
      lock.unlock();
    }
    Directories.delete(home);
  }
}
