package io.noetl.execution;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes valid playbooks from a seed: graphs with guards, joins, back edges, failures and variables.
 */
final class RandomPlaybook {
  private static final String[] GUARDS = {
    "{{ true }}",
    "{{ false }}",
    "{{ event.name == 'call.done' }}",
    "{{ event.name == 'call.error' }}",
    "{{ (ctx.count | default(0)) < 3 }}",
    "{{ output.status == 'success' }}"
  };

  /** How often back edges are taken, all together. */
  private static final int MOST_BACK = 3;

  private final SplittableRandom random;

  RandomPlaybook(SplittableRandom random) {
    this.random = random;
  }

  /** The document after its header. */
  String body() {
    int steps = 2 + random.nextInt(8);
    List<String> names = new ArrayList<>();
    names.add("start");
    for (int i = 1; i < steps; i++) {
      names.add("s" + i);
    }
    StringBuilder yaml = new StringBuilder("workload: {n: 1, flag: true}\nworkflow:\n");
    for (String name : names) {
      yaml.append(step(name, names));
    }
    return yaml.toString();
  }

  private String step(String name, List<String> names) {
    StringBuilder yaml = new StringBuilder("  - step: " + name + "\n");
    if (random.nextInt(8) == 0) {
      yaml.append("    when: \"{{ (ctx.count | default(0)) < 5 }}\"\n");
    }
    if (random.nextInt(6) == 0) {
      yaml.append("    spec: {on_error: ").append(random.nextBoolean() ? "continue" : "fail");
      yaml.append("}\n");
    }
    if (random.nextInt(4) == 0) {
      yaml.append("    loop: {in: ")
          .append(random.nextInt(4))
          .append(", iterator: it, spec: {mode: ");
      yaml.append(random.nextBoolean() ? "sequential" : "parallel, max_in_flight: 2")
          .append("}}\n");
    }
    yaml.append(
        switch (random.nextInt(6)) {
          case 4 -> "    tool: {kind: wait, signal: go, timeout: 5m}\n";
          case 5 ->
              random.nextBoolean()
                  ? "    tool: {kind: wait, seconds: 3}\n"
                  : "    tool: {kind: wait, until: \"2026-01-01T00:01:00Z\"}\n";
          case 0 -> "    tool: {kind: noop, result: {v: \"{{ n }}\"}}\n";
          case 1 ->
              "    tool: {kind: python, input: {c: \"{{ ctx.count }}\"}, code: \"result = c\"}\n";
          case 2 ->
              "    tool: {kind: playbook, path: p/child, input: {c: \"{{ ctx.count }}\"}, "
                  + (random.nextBoolean() ? "return_step: end" : "return_result: true")
                  + "}\n";
          default -> "    tool: [{name: a, kind: noop}, {name: b, kind: python, code: \"x\"}]\n";
        });
    if (random.nextInt(2) == 0) {
      yaml.append("    set: {ctx.count: \"{{ (ctx.count | default(0)) + 1 }}\"}\n");
    }
    int arcs = random.nextInt(4);
    if (arcs > 0) {
      yaml.append("    next:\n      spec: {mode: ");
      yaml.append(random.nextInt(3) == 0 ? "exclusive" : "inclusive").append("}\n      arcs:\n");
      for (int i = 0; i < arcs; i++) {
        String target = target(name, names);
        yaml.append("        - step: ").append(target).append("\n");
        if (names.contains(target) && names.indexOf(target) <= names.indexOf(name)) {
          yaml.append("          when: \"{{ (ctx.back | default(0)) < ")
              .append(MOST_BACK)
              .append(" }}\"\n");
          yaml.append("          set: {ctx.back: \"{{ (ctx.back | default(0)) + 1 }}\"}\n");
          continue;
        }
        if (random.nextInt(2) == 0) {
          yaml.append("          when: \"").append(GUARDS[random.nextInt(GUARDS.length)]);
          yaml.append("\"\n");
        }
        if (random.nextInt(4) == 0) {
          yaml.append("          set: {ctx.last: ").append(name).append("}\n");
        }
      }
    }
    return yaml.toString();
  }

  /** Mostly forward, sometimes back; a back edge counts itself, or a run might never end. */
  private String target(String from, List<String> names) {
    int at = names.indexOf(from);
    if (at + 1 < names.size() && random.nextInt(6) != 0) {
      return names.get(at + 1 + random.nextInt(names.size() - at - 1));
    }
    return random.nextInt(4) == 0 ? names.get(random.nextInt(names.size())) : "end";
  }
}
