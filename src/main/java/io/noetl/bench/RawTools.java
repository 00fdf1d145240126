package io.noetl.bench;

import io.noetl.config.ConfigLoader;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolExecutor;
import io.noetl.tool.process.ChildEnvironment;
import io.noetl.tool.python.PythonExecutor;
import io.noetl.tool.python.PythonSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tools called directly, by one caller, in the client's own process. */
final class RawTools {
  private RawTools() {}

  /** The python code of the workload, without the platform; null when there is no python here. */
  static RawLimits.@Nullable Limit python(Duration length) throws InterruptedException {
    PythonSettings settings =
        PythonSettings.defaults(
            ChildEnvironment.of(ConfigLoader.environment(), List.of()),
            Path.of(System.getProperty("java.io.tmpdir")));
    ToolExecutor none =
        new ToolExecutor() {
          @Override
          public Outcome run(ToolCall call) {
            throw new IllegalStateException("Expected code in place, but it is to be fetched");
          }

          @Override
          public void close() {
            // Nothing is held.
          }
        };
    try (PythonExecutor python = new PythonExecutor(settings, none)) {
      ToolCall call =
          new ToolCall(
              ToolKind.PYTHON,
              Map.of("code", "result = n + 1"),
              Map.of("n", 20),
              new ToolCall.Identity("1", "1", "start", 1, "http://127.0.0.1", "bench"),
              Map.of(),
              null,
              ToolCall.LineLog.NONE);
      if (!python.run(call).succeeded()) {
        return null;
      }
      return RawLimits.Limit.of(
          Load.closed(
              8,
              length,
              _ -> {
                if (!python.run(call).succeeded()) {
                  throw new BenchException("Expected the python code to work");
                }
              }),
          1);
    }
  }
}
