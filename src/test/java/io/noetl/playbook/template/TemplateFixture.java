package io.noetl.playbook.template;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the tests of templates share: one engine, and scopes made of names and values. */
final class TemplateFixture {
  static final Instant NOW = Instant.parse("2024-05-01T10:00:00.250Z");
  static final Templates TEMPLATES = new Templates(TemplateLimits.DEFAULT);

  private TemplateFixture() {}

  /** A scope of alternating names and values. */
  static Scope scope(@Nullable Object... namesAndValues) {
    return Scope.of(map(namesAndValues), NOW);
  }

  /** A map of alternating names and values, in their order. */
  static Map<String, @Nullable Object> map(@Nullable Object... namesAndValues) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
    }
    return map;
  }

  /** The value of an expression, rendered as a whole template. */
  static @Nullable Object eval(String expression, @Nullable Object... namesAndValues) {
    return TEMPLATES.render("{{ " + expression + " }}", scope(namesAndValues));
  }

  static @Nullable Object render(@Nullable Object value, @Nullable Object... namesAndValues) {
    return TEMPLATES.render(value, scope(namesAndValues));
  }

  /** The text of a template, as a text field. */
  static String text(String template, @Nullable Object... namesAndValues) {
    return TEMPLATES.renderText(template, scope(namesAndValues));
  }

  static boolean guard(@Nullable Object guard, @Nullable Object... namesAndValues) {
    return TEMPLATES.guard(guard, scope(namesAndValues));
  }
}
