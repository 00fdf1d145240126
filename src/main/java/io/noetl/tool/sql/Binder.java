package io.noetl.tool.sql;

import io.noetl.playbook.ToolKind;
import io.noetl.tool.InvalidConfig;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts question marks in place of the placeholders of one statement. Used once. */
final class Binder {
  private final ToolKind kind;
  private final String sql;
  private final StringBuilder out = new StringBuilder();
  private final List<@Nullable Object> used = new ArrayList<>();

  Binder(ToolKind kind, String sql) {
    this.kind = kind;
    this.sql = sql;
  }

  BoundSql positional(List<@Nullable Object> values) {
    BitSet seen = new BitSet();
    int marks = 0;
    int at = 0;
    while (at < sql.length()) {
      int next = copySkipped(at);
      if (next > at) {
        at = next;
        continue;
      }
      char c = sql.charAt(at);
      int end = c == '$' ? digitsEnd(at + 1) : at;
      if (c == '$' && end > at + 1) {
        int position = position(sql.substring(at + 1, end), values.size());
        seen.set(position);
        use(values.get(position));
        at = end;
      } else if (c == '?' && kind == ToolKind.DUCKDB) {
        // Its own placeholder, taken in turn.
        if (marks >= values.size()) {
          throw fault("Expected a value for question mark " + (marks + 1), values.size());
        }
        seen.set(marks);
        use(values.get(marks++));
        at++;
      } else {
        copy(c);
        at++;
      }
    }
    if (seen.cardinality() != values.size()) {
      throw fault(
          "Expected the statement to use $1 to $" + values.size() + " each at least once",
          values.size());
    }
    return new BoundSql(out.toString(), used, true);
  }

  BoundSql named(Map<String, @Nullable Object> values) {
    int at = 0;
    while (at < sql.length()) {
      int next = copySkipped(at);
      if (next > at) {
        at = next;
        continue;
      }
      char c = sql.charAt(at);
      if (c == ':' && sql.startsWith("::", at)) {
        out.append("::");
        at += 2;
      } else if (c == ':' || (c == '$' && kind == ToolKind.DUCKDB)) {
        String name = nameAt(at + 1);
        // Others are not ours: a slice of an array has colons, too.
        if (!name.isEmpty() && values.containsKey(name)) {
          use(values.get(name));
          at += 1 + name.length();
        } else {
          copy(c);
          at++;
        }
      } else if (sql.startsWith("%(", at)
          && sql.startsWith(")s", at + 2 + nameAt(at + 2).length())) {
        String name = nameAt(at + 2);
        if (!values.containsKey(name)) {
          throw new InvalidConfig(
              "Invalid " + kind.word() + " config: field 'params' has no value for '" + name + "'");
        }
        use(values.get(name));
        at += name.length() + 4;
      } else {
        copy(c);
        at++;
      }
    }
    return new BoundSql(out.toString(), used, true);
  }

  private int copySkipped(int at) {
    int next = SqlText.skip(sql, at);
    out.append(sql, at, next);
    return next;
  }

  private void copy(char c) {
    out.append(c);
    if (c == '?') {
      out.append('?');
    }
  }

  private void use(@Nullable Object value) {
    out.append('?');
    used.add(value);
  }

  private String nameAt(int at) {
    return at < sql.length() && SqlText.nameStart(sql.charAt(at))
        ? sql.substring(at, SqlText.nameEnd(sql, at))
        : "";
  }

  private int digitsEnd(int at) {
    int end = at;
    while (end < sql.length() && end < at + 6 && Character.isDigit(sql.charAt(end))) {
      end++;
    }
    return end;
  }

  private int position(String digits, int count) {
    int number = Integer.parseInt(digits);
    if (number < 1 || number > count) {
      throw fault("Expected a value for $" + number, count);
    }
    return number - 1;
  }

  private InvalidConfig fault(String expected, int count) {
    return new InvalidConfig(
        "Invalid "
            + kind.word()
            + " config: "
            + expected
            + ", but field 'params' has "
            + count
            + (count == 1 ? " value" : " values"));
  }
}
