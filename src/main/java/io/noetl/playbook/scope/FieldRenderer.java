package io.noetl.playbook.scope;

import io.noetl.playbook.ToolKind;
import io.noetl.playbook.ToolSpec;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.template.Templates;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Renders the fields of one tool call: text fields to text whatever their template yields, all
 * others to native values. The server does it when it dispatches a single tool, a worker just
 * before each task of a sequence.
 */
public final class FieldRenderer {
  private static final Set<String> TEXT =
      Set.of(
          "code",
          "command",
          "cmd",
          "query",
          "sql",
          "claim",
          "url",
          "endpoint",
          "path",
          "method",
          "image",
          "table",
          "bucket",
          "subject",
          "stream",
          "key");
  private static final Set<String> TEXT_LISTS = Set.of("commands", "cmds");
  private static final Set<String> TEXT_MAPS = Set.of("headers", "env");
  private static final String CODE = "code";
  private static final String PARAMS = "params";

  /** Kinds whose {@code params} are values of SQL placeholders. */
  private static final Set<ToolKind> SQL =
      Set.of(ToolKind.POSTGRES, ToolKind.DUCKDB, ToolKind.DUCKLAKE);

  private static final String AUTH = "auth";
  private static final String KEYCHAIN = "keychain";

  private final Templates templates;
  private final Templates verbatim;

  public FieldRenderer(Templates templates) {
    this.templates = templates;
    this.verbatim = templates.withRetyping(false);
  }

  /**
   * @param deferKeychain leave a field raw that refers to {@code keychain}: only a worker may
   *     resolve it
   * @return the rendered fields in their order
   * @throws TemplateException naming the field that cannot be rendered
   */
  public Map<String, @Nullable Object> render(ToolSpec spec, Scope scope, boolean deferKeychain) {
    return render(spec, scope, deferKeychain ? Set.of(KEYCHAIN) : Set.of());
  }

  /**
   * @param deferred leave a field raw that refers to one of these names: only a worker may resolve
   *     it
   * @return the rendered fields in their order
   * @throws TemplateException naming the field that cannot be rendered
   */
  public Map<String, @Nullable Object> render(ToolSpec spec, Scope scope, Set<String> deferred) {
    Map<String, @Nullable Object> rendered = new LinkedHashMap<>();
    for (Map.Entry<String, @Nullable Object> field : spec.fields().entrySet()) {
      String name = field.getKey();
      Object value = field.getValue();
      if (!deferred.isEmpty() && mentions(value, deferred)) {
        rendered.put(name, value);
        continue;
      }
      try {
        rendered.put(name, field(spec.kind(), name, value, scope));
      } catch (TemplateException e) {
        throw new TemplateException("field '" + name + "': " + e.getMessage());
      }
    }
    return rendered;
  }

  /** Whether a template in the value reads one of the names. */
  public static boolean mentions(@Nullable Object value, Set<String> names) {
    return !Collections.disjoint(Templates.words(value), names);
  }

  private @Nullable Object field(ToolKind kind, String name, @Nullable Object value, Scope scope) {
    if (name.equals(PARAMS) && kind == ToolKind.HTTP) {
      // A query is text.
      return text(value, scope);
    }
    if (name.equals(PARAMS) && SQL.contains(kind)) {
      // Null must stay null, and a decimal's text must not lose digits as a float.
      return verbatim.render(value, scope);
    }
    if (name.equals(CODE) && value instanceof String code) {
      // Python text may hold braces that are no template at all.
      return templates.syntaxError(code) == null ? templates.renderText(code, scope) : code;
    }
    if (TEXT.contains(name) || TEXT_LISTS.contains(name) || TEXT_MAPS.contains(name)) {
      return text(value, scope);
    }
    if (name.equals(AUTH) && value instanceof String alias) {
      Object result = templates.render(alias, scope);
      return result == null || result instanceof Map<?, ?> || result instanceof List<?>
          ? result
          : templates.renderText(alias, scope);
    }
    return templates.render(value, scope);
  }

  /** Strings become text; numbers and the like stay as they are, since every tool coerces them. */
  private @Nullable Object text(@Nullable Object value, Scope scope) {
    return switch (value) {
      case String s -> templates.renderText(s, scope);
      case List<?> items -> {
        List<@Nullable Object> out = new ArrayList<>(items.size());
        for (Object item : items) {
          out.add(text(item, scope));
        }
        yield out;
      }
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.put(
              templates.renderText(String.valueOf(entry.getKey()), scope),
              text(entry.getValue(), scope));
        }
        yield out;
      }
      case null, default -> value;
    };
  }
}
