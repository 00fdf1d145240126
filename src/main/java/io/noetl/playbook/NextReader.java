package io.noetl.playbook;

import io.noetl.playbook.YamlNode.Fields;
import io.noetl.playbook.YamlNode.Items;
import io.noetl.playbook.YamlNode.Scalar;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads every form of {@code next} into arcs. */
final class NextReader {
  private static final String SHAPE = "write next: {arcs: [{step: name, when: \"{{ ... }}\"}]}";
  private static final Set<String> ARC_KEYS =
      Set.of("step", "when", "set", "args", "with", "set_ctx", "set_iter", "desc", "description");

  private final StepReport report;
  private final Set<String> steps;
  private final @Nullable String nextMode;

  /**
   * @param steps names of all steps of the playbook
   * @param nextMode the older {@code spec.next_mode} of the step, or null
   */
  NextReader(StepReport report, Set<String> steps, @Nullable String nextMode) {
    this.report = report;
    this.steps = steps;
    this.nextMode = nextMode;
  }

  Router read(@Nullable YamlNode next) {
    return switch (next) {
      case null -> Router.NONE;
      case Scalar scalar when scalar.plain() instanceof String ->
          router(null, List.of(scalar), "next", false);
      case Scalar scalar -> refused(scalar);
      case Items list -> {
        boolean onlyNames =
            !list.items().isEmpty() && list.items().stream().allMatch(Scalar.class::isInstance);
        yield router(null, list.items(), "next", onlyNames);
      }
      case Fields map when map.get("arcs") instanceof Items arcs ->
          router(mode(map), arcs.items(), "next.arcs", false);
      case Fields map when map.has("arcs") && map.get("arcs") == null -> Router.NONE;
      case Fields map when map.has("step") && !map.has("arcs") ->
          router(null, List.of(map), "next", false);
      case Fields map -> refused(map);
    };
  }

  private Router refused(YamlNode next) {
    report.error("next.shape", next, "next", "next must define 'arcs'", SHAPE);
    return Router.NONE;
  }

  private Router router(
      @Nullable String mode, List<YamlNode> items, String place, boolean onlyNames) {
    String word = mode == null ? nextMode : mode;
    boolean inclusive =
        word == null ? onlyNames : word.strip().toLowerCase(Locale.ROOT).equals("inclusive");
    List<Router.Arc> arcs = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      boolean single = place.equals("next") && items.get(i) instanceof Scalar && items.size() == 1;
      String at = single ? place : place + "[" + i + "]";
      Router.Arc arc = arc(items.get(i), at);
      if (arc != null) {
        arcs.add(arc);
      }
    }
    return new Router(inclusive ? Router.Mode.INCLUSIVE : Router.Mode.EXCLUSIVE, arcs);
  }

  private @Nullable String mode(Fields next) {
    Fields spec = next.map("spec");
    String mode = spec == null ? null : spec.text("mode");
    if (spec != null && mode != null) {
      String word = mode.strip().toLowerCase(Locale.ROOT);
      if (!word.equals("exclusive") && !word.equals("inclusive")) {
        report.warn(
            "next.mode.unknown",
            spec.key("mode"),
            "next.spec.mode",
            "routing mode '" + Diagnostics.clip(mode) + "' is unknown and read as exclusive",
            "write exclusive or inclusive");
      }
    } else if (next.has("mode")) {
      report.warn(
          "next.mode.place",
          next.key("mode"),
          "next.mode",
          "'next.mode' has no effect",
          "write next: {spec: {mode: ...}, arcs: [...]}");
    }
    return mode;
  }

  private Router.@Nullable Arc arc(YamlNode node, String place) {
    if (node instanceof Scalar name && name.plain() != null) {
      checkTarget(name, place);
      return new Router.Arc(name.text(), null, List.of());
    }
    String target = node instanceof Fields map ? map.text("step") : null;
    if (!(node instanceof Fields arc) || target == null || target.isBlank()) {
      report.error("next.arc.step", node, place, place + ": missing 'step'", SHAPE);
      return null;
    }
    YamlNode step = arc.get("step");
    checkTarget(step instanceof Scalar name ? name : new Scalar(1, 1, target, target), place);
    for (String key : arc.fields().keySet()) {
      if (!ARC_KEYS.contains(key)) {
        String near = report.suggestions().nearest(key, ARC_KEYS);
        boolean guard = key.equals("cond") || key.equals("condition") || key.equals("if");
        report.warn(
            "next.arc.key",
            arc.key(key),
            place + "." + key,
            "'"
                + Diagnostics.clip(key)
                + "' of an arc has no effect"
                + (guard && !arc.has("when") ? "; the arc is taken always" : ""),
            guard ? "write 'when'" : near == null ? null : "did you mean '" + near + "'?");
      }
    }
    return new Router.Arc(
        target,
        report.guard(arc.get("when"), place + ".when"),
        MutationReader.arc(report, arc, place));
  }

  private void checkTarget(Scalar name, String place) {
    String target = name.text();
    if (steps.contains(target) || target.equals(Playbook.END)) {
      return;
    }
    String near = report.suggestions().didYouMean(target, steps);
    report.errorText(
        "next.target.unknown",
        name,
        place + ".step",
        "Step '"
            + Diagnostics.clip(report.step())
            + "' references unknown step '"
            + Diagnostics.clip(target)
            + "' in next.arcs",
        near == null ? "define the step, or end the branch with 'end'" : near);
  }
}
