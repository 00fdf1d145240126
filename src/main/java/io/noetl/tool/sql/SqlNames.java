package io.noetl.tool.sql;

import io.noetl.playbook.ToolKind;
import io.noetl.tool.InvalidConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of tables and columns in SQL text. Stateless. */
public final class SqlNames {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_$]*");
  private static final Pattern PART =
      Pattern.compile("\\G(?:(\"(?:[^\"]|\"\")+\")|([^\".]+))(\\.|$)");

  private SqlNames() {}

  public static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /**
   * A table as its author writes it, such as {@code public.orders}: plain words stay plain, so that
   * capitals mean nothing, and all others are quoted.
   *
   * @throws InvalidConfig when it is no name of a table
   */
  public static String table(ToolKind kind, String text) {
    Matcher matcher = PART.matcher(text.strip());
    List<String> parts = new ArrayList<>();
    int end = 0;
    while (matcher.find()) {
      String quoted = matcher.group(1);
      String plain = matcher.group(2);
      if (quoted != null) {
        parts.add(quoted);
      } else if (plain != null) {
        parts.add(PLAIN.matcher(plain).matches() ? plain : quoted(plain));
      }
      end = matcher.end();
      if (matcher.group(3).isEmpty()) {
        break;
      }
    }
    if (parts.isEmpty() || end != text.strip().length() || text.strip().endsWith(".")) {
      throw new InvalidConfig(
          "Invalid "
              + kind.word()
              + " config: expected field 'table' to be a name such as public.orders, but it is '"
              + text
              + "'");
    }
    return String.join(".", parts);
  }

  /**
   * The columns of a table that are meant by these names: with the same capitals, else with others.
   *
   * @throws InvalidConfig when there is no such column
   */
  public static List<Integer> positions(
      ToolKind kind, String place, List<String> columns, List<String> names) {
    return names.stream()
        .map(
            name ->
                position(columns, name)
                    .orElseThrow(
                        () ->
                            new InvalidConfig(
                                "Invalid "
                                    + kind.word()
                                    + " config: expected "
                                    + place
                                    + " to have column '"
                                    + name
                                    + "', but it has "
                                    + String.join(", ", columns))))
        .toList();
  }

  private static Optional<Integer> position(List<String> columns, String name) {
    int exact = columns.indexOf(name);
    if (exact >= 0) {
      return Optional.of(exact);
    }
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).equalsIgnoreCase(name)) {
        return Optional.of(i);
      }
    }
    return Optional.empty();
  }
}
