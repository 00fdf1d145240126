package io.noetl.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.language.Rule;
import io.noetl.playbook.ToolKind;
import io.noetl.tool.Calls;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.ToolCall;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

@Rule("9.16")
class PluginTimeoutTest {
  private static final Map<String, Object> PLUGIN = Map.of("path", "p");

  private static ToolCall call(Object own) {
    return Calls.of(ToolKind.WASM, Map.of("plugin", PLUGIN, "timeout_seconds", own));
  }

  @Test
  void theSmallerOfTheStepsAndTheToolsTimeoutCounts() {
    ToolCall three = call(3L);

    assertThat(PluginExecutor.timeout(three)).isEqualTo(Duration.ofSeconds(3));
    assertThat(PluginExecutor.timeout(Calls.withTimeout(three, Duration.ofSeconds(2))))
        .isEqualTo(Duration.ofSeconds(2));
    assertThat(PluginExecutor.timeout(Calls.withTimeout(three, Duration.ofSeconds(9))))
        .isEqualTo(Duration.ofSeconds(3));
    assertThat(PluginExecutor.timeout(call("250ms"))).isEqualTo(Duration.ofMillis(250));
  }

  @Test
  void withoutItsOwnTheStepsCounts() {
    ToolCall none = Calls.of(ToolKind.WASM, Map.of("plugin", PLUGIN));

    assertThat(PluginExecutor.timeout(none)).isNull();
    assertThat(PluginExecutor.timeout(Calls.withTimeout(none, Duration.ofSeconds(1))))
        .isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void oneThatIsNoTimeIsRefused() {
    assertThatThrownBy(() -> PluginExecutor.timeout(call("soon")))
        .isInstanceOf(InvalidConfig.class)
        .hasMessageContaining("timeout_seconds");
  }
}
