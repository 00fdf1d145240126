package io.noetl.tool.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import io.noetl.tool.Calls;
import io.noetl.tool.ToolCall;
import io.noetl.tool.artifact.ResultReader.Found;
import io.noetl.tool.artifact.ResultReader.Refused;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rule 9.12: a reference gives the data that was stored, or the step fails aloud. */
final class ArtifactExecutorTest {
  private static final String URI = "noetl://execution/1/result/load/2";
  private static final ArtifactExecutor EXECUTOR =
      new ArtifactExecutor(
          uri ->
              uri.equals(URI)
                  ? new Found(Map.of("count", 3L))
                  : new Refused("not_found", "result " + uri + " not found"));

  private static Outcome run(
      ToolKind kind, Map<String, ? extends @Nullable Object> fields, @Nullable Object input)
      throws InterruptedException {
    return EXECUTOR.run(
        new ToolCall(
            kind,
            new LinkedHashMap<>(fields),
            input,
            Calls.IDENTITY,
            Map.of(),
            null,
            ToolCall.LineLog.NONE));
  }

  private static String message(Outcome outcome) {
    assertThat(outcome.hard()).isTrue();
    Map<String, @Nullable Object> error = outcome.error();
    return String.valueOf(error == null ? null : error.get("message"));
  }

  @Test
  void givesWhatWasStored() throws Exception {
    assertThat(run(ToolKind.ARTIFACT, Map.of("result_ref", URI), null).data())
        .isEqualTo(Map.of("count", 3L));
    assertThat(run(ToolKind.ARTIFACT, Map.of("action", "get"), Map.of("result_ref", URI)).data())
        .isEqualTo(Map.of("count", 3L));
    assertThat(run(ToolKind.RESULT_FETCH, Map.of("ref", URI, "prefer", "flight"), null).data())
        .isEqualTo(Map.of("count", 3L));
    assertThat(run(ToolKind.ARTIFACT, Map.of("result_ref", Map.of("uri", URI)), null).succeeded())
        .isTrue();
  }

  @Test
  void refusesWhatIsNoReferenceAndEveryOtherAction() throws Exception {
    assertThat(message(run(ToolKind.ARTIFACT, Map.of(), null)))
        .startsWith("Invalid artifact config: ")
        .contains("null");
    assertThat(message(run(ToolKind.ARTIFACT, Map.of("result_ref", "x"), null)))
        .startsWith("Invalid artifact config: ");
    assertThat(message(run(ToolKind.ARTIFACT, Map.of("action", "put", "result_ref", URI), null)))
        .startsWith("Invalid artifact config: ")
        .contains("put");
    assertThat(message(run(ToolKind.RESULT_FETCH, Map.of("ref", URI + "9"), null)))
        .contains("not found");
  }
}
