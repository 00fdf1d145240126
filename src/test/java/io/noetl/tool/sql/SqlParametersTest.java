package io.noetl.tool.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.playbook.ToolKind;
import io.noetl.tool.InvalidConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SqlParametersTest {
  private static BoundSql bind(String sql, @Nullable Object params) {
    return SqlParameters.of(ToolKind.POSTGRES, params).bind(ToolKind.POSTGRES, sql);
  }

  @Test
  void withoutParametersTextStaysAsItIs() {
    assertThat(bind("select $1, :a, ?", null))
        .isEqualTo(new BoundSql("select $1, :a, ?", List.of(), false));
    assertThat(bind("select 1", List.of()).prepared()).isFalse();
  }

  @Test
  void bindsPositionsInAnyOrderAndMoreThanOnce() {
    assertThat(bind("select $2, $1, '$1', $1 -- $9", Arrays.asList("a", null)))
        .isEqualTo(new BoundSql("select ?, ?, '$1', ? -- $9", Arrays.asList(null, "a", "a"), true));
  }

  @Test
  void doublesQuestionMarksThatAreOperators() {
    assertThat(bind("select doc ? $1, '?'", List.of("k")).sql()).isEqualTo("select doc ?? ?, '?'");
  }

  @Test
  void bindsNamesOfBothForms() {
    assertThat(bind("select :a::int, %(b)s, a[1:2], ':a', x:y", Map.of("a", 1L, "b", "v")))
        .isEqualTo(new BoundSql("select ?::int, ?, a[1:2], ':a', x:y", List.of(1L, "v"), true));
  }

  @Test
  void namesAMissingValue() {
    assertThatThrownBy(() -> bind("select %(b)s", Map.of("a", 1L)))
        .isInstanceOf(InvalidConfig.class)
        .hasMessage("Invalid postgres config: field 'params' has no value for 'b'");
    assertThatThrownBy(() -> bind("select $2", List.of(1L)))
        .hasMessage(
            "Invalid postgres config: Expected a value for $2, but field 'params' has 1 value");
    assertThatThrownBy(() -> bind("select 1", List.of(1L)))
        .hasMessageContaining("Expected the statement to use $1 to $1 each at least once");
    assertThatThrownBy(() -> bind("select 1", "x"))
        .hasMessageContaining("expected field 'params' to be a list or a map, but it is string");
  }

  @Test
  void duckdbKnowsQuestionMarksAndDollarNames() {
    assertThat(
            SqlParameters.of(ToolKind.DUCKDB, List.of("a", "b"))
                .bind(ToolKind.DUCKDB, "select ?, '?', ?"))
        .isEqualTo(new BoundSql("select ?, '?', ?", List.of("a", "b"), true));
    assertThat(
            SqlParameters.of(ToolKind.DUCKDB, Map.of("n", 1L)).bind(ToolKind.DUCKDB, "select $n"))
        .isEqualTo(new BoundSql("select ?", List.of(1L), true));
  }
}
