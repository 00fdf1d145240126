package io.noetl.execution;

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
 * What the inputs of one command leave to the worker: whatever reads the keychain, and whatever
 * reads that. Such members stay templates, and the command names them, so that no other text of an
 * input is ever taken for one.
 */
final class Deferral {
  private static final Pattern PLAIN_NAME =
      Pattern.compile("\\{\\{\\s*([A-Za-z_][A-Za-z0-9_]*)\\s*}}");

  private final Templates templates;
  private final Set<String> names = new LinkedHashSet<>();
  private final Map<String, @Nullable Object> raw = new LinkedHashMap<>();

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
            Object deferred = renamed(value);
            names.add(name);
            raw.put(name, deferred);
            out.put(name, deferred);
            return;
          }
          names.remove(name);
          try {
            out.put(name, templates.render(value, scope));
          } catch (TemplateException e) {
            throw new TemplateException("input." + name + ": " + e.getMessage());
          }
        });
    return out;
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
    Set<String> read = new HashSet<>();
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
