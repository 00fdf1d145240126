package io.noetl.cli;

import io.noetl.config.NoetlConfig;
import io.noetl.mode.EmbeddedRuntime;
import java.io.PrintWriter;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A server to run one execution on, and what Ctrl-C does to it. An embedded one ends with this
 * process, so its execution is cancelled first; on a server of somebody else the execution goes on.
 */
final class RunSession implements AutoCloseable {
  private final PrintWriter err;
  private final @Nullable EmbeddedRuntime runtime;
  private final Thread hook = new Thread(this::interrupted, "ctrl-c");
  private volatile @Nullable ApiClient api;
  private volatile @Nullable String executionId;

  private RunSession(PrintWriter err, @Nullable EmbeddedRuntime runtime) {
    this.err = err;
    this.runtime = runtime;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  static RunSession onServer(PrintWriter err, URI server, ServerToken.Shown shown) {
    RunSession session = new RunSession(err, null);
    session.api = new ApiClient(server, shown);
    return session;
  }

  static RunSession embedded(
      PrintWriter err, EmbeddedRuntime runtime, NoetlConfig config, ServerToken.Shown shown) {
    RunSession session = new RunSession(err, runtime);
    try {
      session.api = new ApiClient(runtime.start(config), shown);
      return session;
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  ApiClient api() {
    return Options.given(api);
  }

  /** From now on Ctrl-C concerns this execution. */
  void executing(String id) {
    executionId = id;
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // Ctrl-C was faster: its hook closes everything and ends the process.
      return;
    }
    if (runtime != null) {
      runtime.close();
    }
  }

  private void interrupted() {
    ApiClient client = api;
    String id = executionId;
    err.println();
    try {
      if (runtime != null) {
        if (client != null && id != null) {
          err.println("noetl: cancelling execution " + id + " …");
          err.flush();
          client.cancel(id, "Ctrl-C");
        }
        runtime.close();
      } else if (client != null && id != null) {
        err.println("noetl: execution " + id + " goes on at " + client.base());
        err.println(
            "  to cancel it: curl -X POST " + client.base() + "/api/executions/" + id + "/cancel");
      }
    } catch (RuntimeException e) {
      err.println("noetl: " + e.getMessage());
    }
    err.flush();
    Runtime.getRuntime().halt(Exit.INTERRUPTED);
  }
}
