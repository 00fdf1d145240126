package io.noetl.execution;

import io.noetl.playbook.ToolSpec;
import io.noetl.playbook.scope.FieldRenderer;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.template.Templates;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the inputs of one command leave to the worker: whatever reads the keychain or touches large
 * data out of line, and whatever reads that. Such members stay templates, and the command names
 * them, so that no other text of an input is ever taken for one.
 */
final class Deferral {
  private static final Pattern PLAIN_NAME =
      Pattern.compile("\\{\\{\\s*([A-Za-z_][A-Za-z0-9_]*)\\s*}}");

  private final Templates templates;
  private final Set<String> names = new LinkedHashSet<>();
  private final Map<String, @Nullable Object> raw = new LinkedHashMap<>();
  private final Set<String> fields = new HashSet<>();

  Deferral(Templates templates) {
    this.templates = templates;
  }

  /** Renders members of an input; those of a later call win over those of an earlier one. */
  Map<String, @Nullable Object> rendered(Map<String, @Nullable Object> input, Scope scope) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    Set<String> before = words();
    input.forEach(
        (name, value) -> {
          if (FieldRenderer.mentions(value, before)) {
            out.put(name, deferred(name, renamed(value)));
            return;
          }
          try {
            out.put(name, templates.render(value, scope));
            names.remove(name);
          } catch (TemplateException e) {
            throw new TemplateException("input." + name + ": " + e.getMessage());
          } catch (NeedsDataException e) {
            out.put(name, deferred(name, leftToWorker(value, e)));
          }
        });
    return out;
  }

  private @Nullable Object deferred(String name, @Nullable Object value) {
    names.add(name);
    raw.put(name, value);
    return value;
  }

  private static @Nullable Object leftToWorker(@Nullable Object value, NeedsDataException e) {
    if (!e.late()) {
      throw e;
    }
    return value;
  }

  /** The fields of a tool that can be rendered here; those that are missing or raw cannot. */
  Map<String, @Nullable Object> fields(FieldRenderer renderer, ToolSpec spec, Scope scope) {
    Set<String> left = words();
    for (@Nullable Object value : spec.fields().values()) {
      if (FieldRenderer.mentions(value, left)) {
        fields.addAll(Templates.words(value));
      }
    }
    try {
      return renderer.render(spec, scope, left);
    } catch (NeedsDataException e) {
      leftToWorker(null, e);
    }
    Map<String, @Nullable Object> rendered = new LinkedHashMap<>();
    spec.fields()
        .forEach(
            (name, value) -> {
              try {
                rendered.putAll(renderer.render(withField(spec, name, value), scope, left));
              } catch (NeedsDataException e) {
                fields.addAll(Templates.words(leftToWorker(value, e)));
              }
            });
    return rendered;
  }

  private static ToolSpec withField(ToolSpec spec, String name, @Nullable Object value) {
    Map<String, @Nullable Object> one = new LinkedHashMap<>();
    one.put(name, value);
    return new ToolSpec(
        spec.kind(),
        one,
        spec.input(),
        spec.policy(),
        spec.set(),
        spec.timeout(),
        spec.retry(),
        spec.source());
  }

  /** A member that only passes an earlier one on, often under its own name, is that one. */
  private @Nullable Object renamed(@Nullable Object value) {
    if (value instanceof String text) {
      Matcher matcher = PLAIN_NAME.matcher(text.strip());
      if (matcher.matches() && names.contains(matcher.group(1))) {
        return raw.get(matcher.group(1));
      }
    }
    return value;
  }

  /** Names that only a worker may resolve. */
  Set<String> words() {
    Set<String> words = new HashSet<>(names);
    words.add("keychain");
    return words;
  }

  /** What the templates that are left read. */
  Set<String> read() {
    Set<String> read = new HashSet<>(fields);
    names.forEach(name -> read.addAll(Templates.words(raw.get(name))));
    return read;
  }

  /** Names the members in the context of the command. */
  void noteIn(Map<String, @Nullable Object> context) {
    if (!names.isEmpty()) {
      List<@Nullable Object> list = new ArrayList<>(names);
      context.put("deferred", list);
    }
  }
}
