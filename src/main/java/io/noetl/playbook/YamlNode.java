package io.noetl.playbook;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One value of a YAML text with the place where it stands (both counted from 1). Immutable; a value
 * that is used through aliases is one shared node, so trees are never compared or hashed.
 */
sealed interface YamlNode {
  int line();

  int column();

  /** The value without places: unmodifiable maps and lists of plain JSON values. */
  @Nullable Object plain();

  /** Nodes plus characters below and including this one, aliases counted as often as used. */
  long weight();

  /** Levels of lists and maps below and including this one; 0 for a scalar. */
  int height();

  /** The word for this node in messages to authors. */
  default String typeName() {
    return switch (this) {
      case Fields _ -> "a map";
      case Items _ -> "a list";
      case Scalar scalar ->
          switch (scalar.plain()) {
            case null -> "null";
            case String _ -> "text";
            case Boolean _ -> "a bool";
            default -> "a number";
          };
    };
  }

  /**
   * A scalar.
   *
   * @param plain its typed value
   * @param text its text as written, without quotes
   */
  record Scalar(int line, int column, @Nullable Object plain, String text) implements YamlNode {
    @Override
    public long weight() {
      return 1L + text.length();
    }

    @Override
    public int height() {
      return 0;
    }
  }

  /** A list. */
  record Items(
      int line,
      int column,
      List<YamlNode> items,
      List<@Nullable Object> plain,
      long weight,
      int height)
      implements YamlNode {

    static Items of(int line, int column, List<YamlNode> items) {
      List<@Nullable Object> plain = new ArrayList<>(items.size());
      long weight = 1;
      int height = 0;
      for (YamlNode item : items) {
        plain.add(item.plain());
        weight += item.weight();
        height = Math.max(height, item.height());
      }
      return new Items(
          line,
          column,
          List.copyOf(items),
          Collections.unmodifiableList(plain),
          weight,
          height + 1);
    }
  }

  /** One member of a map, with the place of its key. */
  record Field(int keyLine, int keyColumn, YamlNode value) {}

  /** A map, in the order of the document. */
  record Fields(
      int line,
      int column,
      Map<String, Field> fields,
      Map<String, @Nullable Object> plain,
      long weight,
      int height)
      implements YamlNode {

    static Fields of(int line, int column, Map<String, Field> fields) {
      Map<String, @Nullable Object> plain = LinkedHashMap.newLinkedHashMap(fields.size());
      long weight = 1;
      int height = 0;
      for (Map.Entry<String, Field> field : fields.entrySet()) {
        YamlNode value = field.getValue().value();
        plain.put(field.getKey(), value.plain());
        weight += 1L + field.getKey().length() + value.weight();
        height = Math.max(height, value.height());
      }
      return new Fields(
          line,
          column,
          Collections.unmodifiableMap(fields),
          Collections.unmodifiableMap(plain),
          weight,
          height + 1);
    }

    /** The same place with other members. */
    Fields with(Map<String, Field> others) {
      return of(line, column, others);
    }

    boolean has(String name) {
      return fields.containsKey(name);
    }

    /** The member, or null when it is absent or null in the document. */
    @Nullable YamlNode get(String name) {
      Field field = fields.get(name);
      return field == null || field.value().plain() == null ? null : field.value();
    }

    /** The member if it is a map, else null. */
    @Nullable Fields map(String name) {
      return get(name) instanceof Fields map ? map : null;
    }

    /** The text of a scalar member (numbers and bools as written), else null. */
    @Nullable String text(String name) {
      return get(name) instanceof Scalar scalar ? scalar.text() : null;
    }

    /** A node that stands at the key of the member, for messages about the key itself. */
    YamlNode key(String name) {
      Field field = fields.get(name);
      return field == null ? this : new Scalar(field.keyLine(), field.keyColumn(), name, name);
    }
  }
}
