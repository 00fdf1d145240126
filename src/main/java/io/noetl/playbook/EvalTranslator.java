package io.noetl.playbook;

import io.noetl.playbook.YamlNode.Field;
import io.noetl.playbook.YamlNode.Fields;
import io.noetl.playbook.YamlNode.Items;
import io.noetl.playbook.YamlNode.Scalar;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rewrites the older {@code eval} list of a tool as rules of a policy. */
final class EvalTranslator {
  private static final String OLD = "outcome";
  private static final String NEW = "output";

  private EvalTranslator() {}

  static Items translate(Items eval) {
    List<YamlNode> rules = new ArrayList<>();
    for (YamlNode entry : eval.items()) {
      rules.add(entry instanceof Fields rule ? rule(rule) : entry);
    }
    return Items.of(eval.line(), eval.column(), rules);
  }

  private static Fields rule(Fields rule) {
    Map<String, Field> result = new LinkedHashMap<>();
    rule.fields()
        .forEach(
            (key, field) -> {
              YamlNode value = field.value();
              switch (key) {
                case "expr" -> result.put("when", at(field, rewrite(value, true)));
                case "target" -> result.put("to", field);
                case "set_vars" -> result.put(key, at(field, rewrite(value, false)));
                case "else" ->
                    result.put(key, value instanceof Fields body ? at(field, rule(body)) : field);
                default -> result.put(key, field);
              }
            });
    return rule.with(result);
  }

  private static Field at(Field place, YamlNode value) {
    return new Field(place.keyLine(), place.keyColumn(), value);
  }

  private static YamlNode rewrite(YamlNode node, boolean expression) {
    return switch (node) {
      case Scalar scalar when scalar.plain() instanceof String text -> {
        String renamed = rename(text, expression);
        yield new Scalar(scalar.line(), scalar.column(), renamed, renamed);
      }
      case Scalar scalar -> scalar;
      case Items list ->
          Items.of(
              list.line(),
              list.column(),
              list.items().stream().map(item -> rewrite(item, expression)).toList());
      case Fields map -> {
        Map<String, Field> fields = new LinkedHashMap<>();
        map.fields()
            .forEach(
                (key, field) -> fields.put(key, at(field, rewrite(field.value(), expression))));
        yield map.with(fields);
      }
    };
  }

  /**
   * Renames the name {@code outcome} inside template delimiters, or everywhere in a text without
   * them when it is an expression; not in quoted text and not as a member ({@code x.outcome}).
   */
  static String rename(String text, boolean expression) {
    boolean bare = expression && !text.contains("{{") && !text.contains("{%");
    boolean code = bare;
    char quote = 0;
    StringBuilder out = new StringBuilder(text.length());
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (quote != 0) {
        if (c == '\\' && i + 1 < text.length()) {
          out.append(c);
          c = text.charAt(++i);
        } else if (c == quote) {
          quote = 0;
        }
      } else if (!code) {
        code = text.startsWith("{{", i) || text.startsWith("{%", i);
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (!bare && (text.startsWith("}}", i) || text.startsWith("%}", i))) {
        code = false;
      } else if (text.startsWith(OLD, i) && isName(text, i)) {
        out.append(NEW);
        i += OLD.length();
        continue;
      }
      out.append(c);
      i++;
    }
    return out.toString();
  }

  private static boolean isName(String text, int start) {
    int end = start + OLD.length();
    boolean before =
        start == 0
            || (!Character.isJavaIdentifierPart(text.charAt(start - 1))
                && text.charAt(start - 1) != '.');
    return before && (end == text.length() || !Character.isJavaIdentifierPart(text.charAt(end)));
  }
}
