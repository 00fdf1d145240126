package io.noetl.playbook.scope;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.playbook.ToolKind;
import io.noetl.playbook.ToolSpec;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateLimits;
import io.noetl.playbook.template.Templates;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FieldRendererTest {
  private static @Nullable Object params(ToolKind kind, Object params) {
    Map<String, @Nullable Object> names = new HashMap<>();
    names.put("amount", "12345678901234567.890");
    names.put("list", List.of(1L, 2L));
    names.put("none", null);
    ToolSpec spec =
        new ToolSpec(kind, Map.of("params", params), null, null, List.of(), null, null, Map.of());
    return new FieldRenderer(new Templates(TemplateLimits.DEFAULT))
        .render(spec, Scope.of(names, Instant.EPOCH), false)
        .get("params");
  }

  @Test
  void parametersOfSqlKeepNullListsAndDigits() {
    List<String> templates = List.of("{{ amount }}", "{{ list }}", "{{ none }}", "x{{ none }}");

    assertThat(params(ToolKind.POSTGRES, templates))
        .isEqualTo(Arrays.asList("12345678901234567.890", List.of(1L, 2L), null, "xNone"));
    assertThat(params(ToolKind.DUCKDB, Map.of("a", "{{ amount }}")))
        .isEqualTo(Map.of("a", "12345678901234567.890"));
  }

  @Test
  void parametersOfRequestsAreText() {
    assertThat(params(ToolKind.HTTP, Map.of("a", "{{ none }}"))).isEqualTo(Map.of("a", "None"));
  }
}
