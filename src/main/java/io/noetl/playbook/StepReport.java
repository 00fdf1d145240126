package io.noetl.playbook;

import io.noetl.playbook.YamlNode.Fields;
import io.noetl.playbook.YamlNode.Items;
import io.noetl.playbook.YamlNode.Scalar;
import org.jspecify.annotations.Nullable;

/**
 * Says things about one step, and checks the template text in it. A {@code place} is a path below
 * the step, for example {@code next.arcs[0].when}.
 */
final class StepReport {
  private final Diagnostics diagnostics;
  private final TemplateCheck templates;
  private final Suggestions suggestions;
  private final Expansion expansion;
  private final String step;
  private final String path;

  StepReport(
      Diagnostics diagnostics,
      TemplateCheck templates,
      Suggestions suggestions,
      Expansion expansion,
      String step,
      String path) {
    this.diagnostics = diagnostics;
    this.templates = templates;
    this.suggestions = suggestions;
    this.expansion = expansion;
    this.step = step;
    this.path = path;
  }

  String step() {
    return step;
  }

  Suggestions suggestions() {
    return suggestions;
  }

  /**
   * Accounts for a copy of a part of the document.
   *
   * @return false when that was too much, which is reported
   */
  boolean expand(YamlNode part, YamlNode at, String place) {
    if (expansion.take(part.weight())) {
      return true;
    }
    error(
        "workflow.expansion",
        at,
        place,
        "workbook tools and inputs expand to more than playbook.max-alias-expansion ("
            + expansion.limit()
            + ") nodes and characters",
        "make the tools that many steps share smaller");
    return false;
  }

  /** Reports {@code Step '<s>': <detail>}. */
  void error(String rule, YamlNode at, String place, String detail, @Nullable String hint) {
    errorText(rule, at, place, "Step '" + Diagnostics.clip(step) + "': " + detail, hint);
  }

  /** Reports a message that words the step itself. */
  void errorText(String rule, YamlNode at, String place, String message, @Nullable String hint) {
    diagnostics.error(rule, Diagnostics.INVALID, at, path(place), message, hint);
  }

  void warn(String rule, YamlNode at, String place, String detail, @Nullable String hint) {
    String message = "Step '" + Diagnostics.clip(step) + "': " + detail;
    diagnostics.warn(rule, at, path(place), message, hint);
  }

  /**
   * A guard as the model keeps it: a bool, or text that was checked.
   *
   * @return null when there is no guard, which means always
   */
  @Nullable Object guard(@Nullable YamlNode node, String place) {
    if (node == null) {
      return null;
    }
    if (!(node instanceof Scalar scalar)) {
      error(
          "expression.invalid",
          node,
          place,
          "invalid expression in "
              + place
              + ": expected text or a bool, but got "
              + node.typeName(),
          "quote it: \"{{ ... }}\"");
      return null;
    }
    if (scalar.plain() instanceof Boolean value) {
      return value;
    }
    if (scalar.plain() == null) {
      return null;
    }
    expression(templates.guardSyntaxError(scalar.text()), scalar, place);
    if (scalar.text().contains("step.exit")) {
      warn(
          "guard.event.unknown",
          scalar,
          place,
          place + " asks for the event 'step.exit', which is never sent",
          "events are call.done, call.error and loop.done");
    }
    return scalar.text();
  }

  /** Checks every template string in and below the node. */
  void templates(@Nullable YamlNode node, String place) {
    if (node != null) {
      templates(node, new Trail(null, place), this::expression);
    }
  }

  /**
   * Warns about template strings in and below the node that will fail the step when it runs. They
   * are no errors: the text may be meant for another templating tool.
   */
  void laterTemplates(@Nullable YamlNode node, String place) {
    if (node != null) {
      templates(
          node,
          new Trail(null, place),
          (fault, at, where) ->
              warn(
                  "template.syntax",
                  at,
                  where,
                  "the template in "
                      + Diagnostics.clip(where)
                      + " will fail the step when it runs: "
                      + Diagnostics.clip(fault),
                  "mend it, or keep braces that are no template between {% raw %} and"
                      + " {% endraw %}"));
    }
  }

  /** What is told about a template with a fault. */
  private interface Telling {
    void tell(String fault, YamlNode at, String place);
  }

  private void templates(YamlNode node, Trail trail, Telling telling) {
    switch (node) {
      case Scalar scalar -> {
        String fault = scalar.plain() instanceof String text ? templates.syntaxError(text) : null;
        // The place is put together only when it is shown: it may be long, and scalars many.
        if (fault != null) {
          telling.tell(fault, scalar, diagnostics.errorsAreFull() ? "" : trail.text());
        }
      }
      case Items list -> {
        for (int i = 0; i < list.items().size(); i++) {
          templates(list.items().get(i), new Trail(trail, "[" + i + "]"), telling);
        }
      }
      case Fields map ->
          map.fields()
              .forEach(
                  (key, field) -> templates(field.value(), new Trail(trail, "." + key), telling));
    }
  }

  /** The way from a place down to a scalar. */
  private record Trail(@Nullable Trail up, String segment) {
    String text() {
      String shown = Diagnostics.clip(segment);
      return up == null ? shown : up.text() + shown;
    }
  }

  private void expression(@Nullable String fault, YamlNode at, String place) {
    if (fault != null) {
      error(
          "expression.invalid",
          at,
          place,
          "invalid expression in " + Diagnostics.clip(place) + ": " + Diagnostics.clip(fault),
          null);
    }
  }

  private String path(String place) {
    return place.isEmpty() ? path : path + "." + place;
  }
}
