package io.noetl.execution;

import io.noetl.playbook.ToolSpec;
import io.noetl.playbook.scope.FieldRenderer;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.template.Templates;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Inputs of one command that touch data out of line. They are not rendered here but travel as they
 * were written, and the worker renders them: large data never passes through the server.
 */
final class LateInputs {
  private final Templates templates;
  private final Map<String, @Nullable Object> raw = new LinkedHashMap<>();
  private final Map<String, String> uris = new LinkedHashMap<>();

  LateInputs(Templates templates) {
    this.templates = templates;
  }

  /** The inputs that the worker must render, by name, as written, in order. */
  Map<String, @Nullable Object> raw() {
    return raw;
  }

  /** The inputs that could be rendered. */
  Map<String, @Nullable Object> rendered(Map<String, @Nullable Object> inputs, Scope scope) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    inputs.forEach((name, value) -> render(name, value, scope, out));
    return out;
  }

  /** Inputs of the tool laid over those of the step. */
  Map<String, @Nullable Object> merged(
      Map<String, @Nullable Object> step, Map<String, @Nullable Object> tool, Scope scope) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>(step);
    tool.forEach((name, value) -> render(name, value, scope, out));
    return out;
  }

  private void render(
      String name, @Nullable Object value, Scope scope, Map<String, @Nullable Object> into) {
    if (FieldRenderer.mentionsKeychain(value)) {
      into.put(name, value);
      return;
    }
    try {
      into.put(name, templates.render(value, scope));
      raw.remove(name);
      uris.remove(name);
    } catch (TemplateException e) {
      throw new TemplateException("input." + name + ": " + e.getMessage());
    } catch (NeedsDataException e) {
      if (!e.late()) {
        throw e;
      }
      into.remove(name);
      raw.remove(name);
      raw.put(name, value);
      uris.put(name, e.uri());
    }
  }

  /** A scope in which the late inputs exist, though nothing here can read them. */
  Scope over(Scope scope) {
    if (uris.isEmpty()) {
      return scope;
    }
    LateNames names = new LateNames(scope);
    Map.copyOf(uris)
        .forEach(
            (name, uri) ->
                names.put(
                    name,
                    () -> {
                      throw new NeedsDataException(uri, true);
                    }));
    return names;
  }

  /** The words of a tool and those of the late inputs. */
  Set<String> words(Set<String> tool) {
    if (raw.isEmpty()) {
      return tool;
    }
    Set<String> all = new HashSet<>(tool);
    CommandContexts.addWords(raw, all);
    return all;
  }

  /** The fields of a tool that could be rendered; the worker renders those that are missing. */
  static Map<String, @Nullable Object> fields(FieldRenderer fields, ToolSpec spec, Scope scope) {
    try {
      return fields.render(spec, scope, true);
    } catch (NeedsDataException e) {
      if (!e.late()) {
        throw e;
      }
      Map<String, @Nullable Object> rendered = new LinkedHashMap<>();
      spec.fields()
          .forEach(
              (name, value) -> {
                Map<String, @Nullable Object> one = new LinkedHashMap<>();
                one.put(name, value);
                try {
                  rendered.putAll(fields.render(withFields(spec, one), scope, true));
                } catch (NeedsDataException e2) {
                  if (!e2.late()) {
                    throw e2;
                  }
                  rendered.remove(name);
                }
              });
      return rendered;
    }
  }

  private static ToolSpec withFields(ToolSpec spec, Map<String, @Nullable Object> fields) {
    return new ToolSpec(
        spec.kind(),
        fields,
        spec.input(),
        spec.policy(),
        spec.set(),
        spec.timeout(),
        spec.retry(),
        spec.source());
  }
}
