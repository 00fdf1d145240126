package io.noetl.execution;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes valid playbooks from a seed: graphs with guards, joins, back edges, failures and variables.
 * For a simulation that makes up what tools come to, or with tools that can really be run.
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

  /** What real tools do first, as a pattern. */
  static final String PAUSE = "; time\\.sleep\\(0\\.\\d+\\)";

  private final SplittableRandom random;
  private final List<String> children;
  private final boolean real;

  RandomPlaybook(SplittableRandom random) {
    this(random, List.of("p/child"), false);
  }

  /**
   * @param children paths of playbooks that steps may start
   * @param real whether the tools do something that can be foreseen, and not only exist
   */
  RandomPlaybook(SplittableRandom random, List<String> children, boolean real) {
    this.random = random;
    this.children = List.copyOf(children);
    this.real = real;
  }

  /** The document after its header. */
  String body() {
    int steps = 2 + random.nextInt(8);
    List<String> names = new ArrayList<>();
    names.add("start");
    for (int i = 1; i < steps; i++) {
      names.add("s" + i);
    }
    if (real && random.nextBoolean()) {
      names.add("end");
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
    yaml.append(real ? realTool() : tool());
    if (random.nextInt(2) == 0) {
      yaml.append("    set: {ctx.count: \"{{ (ctx.count | default(0)) + 1 }}\"}\n");
    }
    yaml.append(next(name, names));
    return yaml.toString();
  }

  private String tool() {
    return switch (random.nextInt(6)) {
      case 0 -> "    tool: {kind: noop, result: {v: \"{{ n }}\"}}\n";
      case 4 -> "    tool: {kind: wait, signal: go, timeout: 5m}\n";
      case 5 ->
          random.nextBoolean()
              ? "    tool: {kind: wait, seconds: 3}\n"
              : "    tool: {kind: wait, until: \"2026-01-01T00:01:00Z\"}\n";
      case 1 -> "    tool: {kind: python, input: {c: \"{{ ctx.count }}\"}, code: \"result = c\"}\n";
      case 2 -> child();
      default -> "    tool: [{name: a, kind: noop}, {name: b, kind: python, code: \"x\"}]\n";
    };
  }

  private String child() {
    return "    tool: {kind: playbook, path: "
        + (children.isEmpty() ? "p/absent" : children.get(random.nextInt(children.size())))
        + ", input: {c: \"{{ ctx.count }}\"}, "
        + (random.nextBoolean() ? "return_step: end" : "return_result: true")
        + "}\n";
  }

  /** Each takes long enough to be hit while it runs; some report failure, some cannot run. */
  private String realTool() {
    String pause = "import time; time.sleep(0." + (10 + random.nextInt(15)) + ")\\n";
    return switch (random.nextInt(9)) {
      case 0 -> "    tool: {kind: noop, result: {v: \"{{ n }}\"}}\n";
      case 1, 2 -> child();
      case 3 -> "    tool: {kind: python, code: \"%sraise ValueError('boom')\"}\n".formatted(pause);
      case 4 ->
          "    tool: [{name: a, kind: noop, result: {v: 2}}, {name: b, kind: python, input: {p:"
              + " \"{{"
              + " _prev.v }}\"}, code: \"%sresult = {'v': int(p) + 1}\"}]\n".formatted(pause);
      case 5 -> "    tool: {kind: http, url: \"http://127.0.0.1:1/\", timeout: 2}\n";
      default ->
          "    tool: {kind: python, input: {n: \"{{ n }}\"}, code: \"%sresult = {'v': n + %d}\"}\n"
              .formatted(pause, random.nextInt(9));
    };
  }

  private String next(String name, List<String> names) {
    StringBuilder yaml = new StringBuilder();
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
