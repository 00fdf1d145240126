package io.noetl.tool.code;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.language.Rule;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import io.noetl.tool.Calls;
import io.noetl.tool.TestServer;
import io.noetl.tool.ToolCall;
import io.noetl.tool.http.HttpExecutor;
import io.noetl.tool.http.HttpSettings;
import io.noetl.tool.python.PythonExecutor;
import io.noetl.tool.python.PythonSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Section 10.2: where the code of a call comes from. */
@Rule("10.2")
class CodeSourceTest {

  @Test
  void scriptsComeFromFilesAndAddresses(@TempDir Path temp) throws Exception {
    Path file = Files.writeString(temp.resolve("step.py"), "result = {'file': x}");
    try (TestServer server = new TestServer();
        HttpExecutor http = new HttpExecutor(HttpSettings.DEFAULT);
        PythonExecutor python =
            new PythonExecutor(
                PythonSettings.defaults(Map.of("PATH", "/usr/bin:/bin"), temp), http)) {
      python.warmUp();
      assertThat(
              python
                  .run(call(Map.of("uri", file.toString(), "source", Map.of("type", "file"))))
                  .data())
          .isEqualTo(Map.of("file", 1L));
      assertThat(
              python
                  .run(
                      call(
                          Map.of(
                              "uri",
                              "ignored",
                              "source",
                              Map.of("type", "http", "endpoint", server.url("/script")))))
                  .data())
          .isEqualTo(Map.of("fetched", true));
      Outcome missing =
          python.run(call(Map.of("uri", server.url("/missing"), "source", Map.of("type", "http"))));
      assertThat(missing.hard()).isTrue();
      assertThat(String.valueOf(missing.error().get("message")))
          .contains("/missing", "HTTP 404 response");
    }
  }

  private static ToolCall call(Map<String, Object> script) {
    return Calls.of(ToolKind.PYTHON, Map.of("script", script), Map.of("x", 1L));
  }
}
