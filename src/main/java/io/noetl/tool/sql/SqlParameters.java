package io.noetl.tool.sql;

import io.noetl.json.Json;
import io.noetl.playbook.ToolKind;
import io.noetl.tool.InvalidConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values of a call's placeholders. Immutable. */
public sealed interface SqlParameters {

  /** There are none: text is taken as it is. */
  record None() implements SqlParameters {}

  /**
   * Values for {@code $1}, {@code $2}, ...
   *
   * @param values plain JSON values
   */
  record Positional(List<@Nullable Object> values) implements SqlParameters {
    public Positional {
      values = Collections.unmodifiableList(new ArrayList<>(values));
    }
  }

  /**
   * Values for {@code :name} and {@code %(name)s}.
   *
   * @param values plain JSON values
   */
  record Named(Map<String, @Nullable Object> values) implements SqlParameters {
    public Named {
      values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }
  }

  /**
   * @param field null, a list, or a map
   * @throws InvalidConfig when it is something else
   */
  static SqlParameters of(ToolKind kind, @Nullable Object field) {
    return switch (field) {
      case null -> new None();
      case String text when text.isBlank() -> new None();
      case List<?> list -> list.isEmpty() ? new None() : new Positional(new ArrayList<>(list));
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        map.forEach((name, value) -> values.put(String.valueOf(name), value));
        yield values.isEmpty() ? new None() : new Named(values);
      }
      default ->
          throw new InvalidConfig(
              "Invalid "
                  + kind.word()
                  + " config: expected field 'params' to be a list or a map, but it is "
                  + Json.typeName(field));
    };
  }

  /**
   * The statement with {@code ?} in place of every placeholder. A question mark of its own is
   * doubled, as the drivers want it.
   *
   * @throws InvalidConfig when a placeholder has no value, or a position is not used
   */
  default BoundSql bind(ToolKind kind, String sql) {
    return switch (this) {
      case None _ -> new BoundSql(sql, List.of(), false);
      case Positional(List<@Nullable Object> values) -> new Binder(kind, sql).positional(values);
      case Named(Map<String, @Nullable Object> values) -> new Binder(kind, sql).named(values);
    };
  }
}
