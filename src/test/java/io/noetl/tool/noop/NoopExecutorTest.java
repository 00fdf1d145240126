package io.noetl.tool.noop;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.language.Rule;
import io.noetl.playbook.ToolKind;
import io.noetl.tool.Calls;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@Rule("9.6")
class NoopExecutorTest {
  private final NoopExecutor executor = new NoopExecutor();

  @Test
  void givesTheResultThatIsWritten() {
    assertThat(executor.run(Calls.of(ToolKind.NOOP, Map.of("result", List.of(1L)))).data())
        .isEqualTo(List.of(1L));
    assertThat(
            executor.run(Calls.of(ToolKind.NOOP, Collections.singletonMap("result", null))).data())
        .isNull();
  }

  @Test
  void saysOkAndTheMessageWithoutAResult() {
    assertThat(executor.run(Calls.of(ToolKind.NOOP, Map.of())).data())
        .isEqualTo(Map.of("status", "ok", "message", "noop"));
    assertThat(executor.run(Calls.of(ToolKind.NOOP, Map.of("message", "hi"))).data())
        .isEqualTo(Map.of("status", "ok", "message", "hi"));
  }
}
