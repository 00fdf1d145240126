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
  private final String step;
  private final String path;

  StepReport(
      Diagnostics diagnostics,
      TemplateCheck templates,
      Suggestions suggestions,
      String step,
      String path) {
    this.diagnostics = diagnostics;
    this.templates = templates;
    this.suggestions = suggestions;
    this.step = step;
    this.path = path;
  }

  String step() {
    return step;
  }

  Suggestions suggestions() {
    return suggestions;
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
    switch (node) {
      case null -> {}
      case Scalar scalar -> {
        if (scalar.plain() instanceof String text) {
          expression(templates.syntaxError(text), scalar, place);
        }
      }
      case Items list -> {
        for (int i = 0; i < list.items().size(); i++) {
          templates(list.items().get(i), place + "[" + i + "]");
        }
      }
      case Fields map ->
          map.fields().forEach((key, field) -> templates(field.value(), place + "." + key));
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
