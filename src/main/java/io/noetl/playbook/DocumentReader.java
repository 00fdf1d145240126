package io.noetl.playbook;

import io.noetl.playbook.YamlNode.Fields;
import io.noetl.playbook.YamlNode.Items;
import io.noetl.playbook.YamlNode.Scalar;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the root of a document: header, data, and the steps one by one. */
final class DocumentReader {
  private static final String API_VERSION = "noetl.io/v2";
  private static final String API_VERSION_SYNONYM = "noetl.io/v10";
  private static final Set<String> KEYS =
      Set.of(
          "apiVersion",
          "kind",
          "metadata",
          "workload",
          "vars",
          "executor",
          "keychain",
          "workbook",
          "workflow",
          "spec",
          "tracing");

  private final PlaybookLimits limits;
  private final TemplateCheck templates;
  private final Diagnostics diagnostics;
  private final Suggestions suggestions = new Suggestions();
  private final Expansion expansion;

  DocumentReader(PlaybookLimits limits, TemplateCheck templates, Diagnostics diagnostics) {
    this.limits = limits;
    this.templates = templates;
    this.diagnostics = diagnostics;
    this.expansion = new Expansion(limits.maxAliasExpansion());
  }

  /** The playbook, or null when any error was reported. */
  @Nullable Playbook read(Fields root) {
    checkKeys(root);
    checkHeader(root);
    String name = name(root);
    String path = path(root, name);
    Map<String, @Nullable Object> workload = workload(root);
    Map<String, @Nullable Object> vars = legacyMap(root, "vars", "set values in the first step");
    Map<String, @Nullable Object> spec = legacyMap(root, "spec", "put its values into workload");
    List<Map<String, @Nullable Object>> keychain =
        new KeychainReader(diagnostics).read(root.get("keychain"));
    WorkbookReader workbook = new WorkbookReader(root.get("workbook"), diagnostics);
    List<YamlNode> workflow = workflow(root);
    Set<String> names = names(workflow);
    ExecutorOptions executor =
        new ExecutorReader(diagnostics, suggestions, names).read(root.get("executor"));
    if (!workflow.isEmpty() && executor.entryStep() == null) {
      checkStart(root, names);
    }
    Map<String, Step> steps = steps(workflow, names, workbook);
    if (diagnostics.hasErrors()) {
      return null;
    }
    Playbook playbook = new Playbook(name, path, workload, vars, spec, keychain, executor, steps);
    warnAboutUnreachable(playbook, workflow);
    return playbook;
  }

  private void checkHeader(Fields root) {
    String version = shown(root, "apiVersion");
    if (version.equals(API_VERSION_SYNONYM)) {
      diagnostics.warn(
          "document.api-version.synonym",
          root.key("apiVersion"),
          "apiVersion",
          "'" + API_VERSION_SYNONYM + "' is a synonym",
          "write apiVersion: " + API_VERSION);
    } else if (!version.equals(API_VERSION)) {
      diagnostics.error(
          "document.api-version",
          Diagnostics.INVALID,
          place(root, "apiVersion"),
          "apiVersion",
          "Unsupported API version: " + version + ". Expected " + API_VERSION,
          "write apiVersion: " + API_VERSION);
    }
    String kind = shown(root, "kind");
    if (!kind.equals("Playbook")) {
      diagnostics.error(
          "document.kind",
          Diagnostics.INVALID,
          place(root, "kind"),
          "kind",
          "Invalid kind: " + kind + ". Expected Playbook",
          "write kind: Playbook");
    }
  }

  private String name(Fields root) {
    Fields metadata = root.map("metadata");
    String name = metadata == null ? null : metadata.text("name");
    if (metadata != null && name != null && !name.isBlank()) {
      if (!(metadata.plain().get("name") instanceof String)) {
        diagnostics.warn(
            "metadata.name.type",
            metadata.key("name"),
            "metadata.name",
            "metadata.name is not text and is read as '" + Diagnostics.clip(name) + "'",
            "quote it");
      }
      return name;
    }
    diagnostics.error(
        "metadata.name",
        Diagnostics.BAD_REQUEST,
        metadata == null ? place(root, "metadata") : place(metadata, "name"),
        "metadata.name",
        "metadata.name is required",
        "write metadata: {name: my-playbook}");
    return "";
  }

  private String path(Fields root, String name) {
    Fields metadata = root.map("metadata");
    String written = metadata == null ? null : metadata.text("path");
    String path = strip(written == null ? "" : written.strip());
    if (path.isEmpty()) {
      path = strip(name.strip());
    }
    if (path.isEmpty() && metadata != null && !name.isEmpty()) {
      diagnostics.error(
          "metadata.path",
          Diagnostics.INVALID,
          place(metadata, "path"),
          "metadata.path",
          "metadata.path has nothing but slashes",
          "write metadata: {path: folder/name}");
    }
    return path;
  }

  private static String strip(String path) {
    int start = 0;
    int end = path.length();
    while (start < end && path.charAt(start) == '/') {
      start++;
    }
    while (end > start && path.charAt(end - 1) == '/') {
      end--;
    }
    return path.substring(start, end);
  }

  private Map<String, @Nullable Object> workload(Fields root) {
    YamlNode node = root.get("workload");
    if (node == null || node instanceof Fields) {
      return node instanceof Fields map ? map.plain() : Map.of();
    }
    diagnostics.error(
        "workload.shape",
        Diagnostics.INVALID,
        node,
        "workload",
        "workload must be a map, but is " + node.typeName(),
        "write workload: {name: value}");
    return Map.of();
  }

  private Map<String, @Nullable Object> legacyMap(Fields root, String name, String hint) {
    YamlNode node = root.get(name);
    if (node == null) {
      return Map.of();
    }
    boolean map = node instanceof Fields;
    diagnostics.warn(
        "document." + name,
        root.key(name),
        name,
        map
            ? "'" + name + "' at the root is an older form"
            : "'" + name + "' at the root must be a map and is ignored",
        hint);
    return node instanceof Fields members ? members.plain() : Map.of();
  }

  private List<YamlNode> workflow(Fields root) {
    if (!(root.get("workflow") instanceof Items list) || list.items().isEmpty()) {
      diagnostics.error(
          "workflow.empty",
          Diagnostics.INVALID,
          place(root, "workflow"),
          "workflow",
          "Workflow must have at least one step",
          "write workflow: [{step: start, tool: {kind: noop}}]");
      return List.of();
    }
    if (list.items().size() > limits.maxSteps()) {
      diagnostics.error(
          "workflow.too-large",
          Diagnostics.INVALID,
          list,
          "workflow",
          "Workflow has "
              + list.items().size()
              + " steps, more than playbook.max-steps ("
              + limits.maxSteps()
              + ")",
          "use a loop, or move parts into playbooks of their own");
      return List.of();
    }
    return list.items();
  }

  private Set<String> names(List<YamlNode> workflow) {
    Set<String> names = new LinkedHashSet<>();
    for (int i = 0; i < workflow.size(); i++) {
      String name = stepName(workflow.get(i));
      String path = "workflow[" + i + "]";
      if (name == null) {
        boolean renamed = workflow.get(i) instanceof Fields step && step.has("name");
        diagnostics.error(
            "step.name.missing",
            Diagnostics.BAD_REQUEST,
            workflow.get(i),
            path,
            path + ": missing 'step'",
            renamed ? "write 'step' instead of 'name'" : "write - step: name");
      } else if (!names.add(name)) {
        YamlNode at = workflow.get(i) instanceof Fields step ? step.key("step") : workflow.get(i);
        diagnostics.error(
            "step.name.duplicate",
            Diagnostics.INVALID,
            at,
            path + ".step",
            "Duplicate step name: " + Diagnostics.clip(name),
            "give each step its own name");
      }
    }
    return names;
  }

  private static @Nullable String stepName(YamlNode item) {
    String name = item instanceof Fields step ? step.text("step") : null;
    return name == null || name.isBlank() ? null : name;
  }

  private void checkStart(Fields root, Set<String> names) {
    if (!names.contains(Playbook.DEFAULT_ENTRY)) {
      String near = suggestions.didYouMean(Playbook.DEFAULT_ENTRY, names);
      diagnostics.error(
          "workflow.start",
          Diagnostics.INVALID,
          place(root, "workflow"),
          "workflow",
          "Workflow must have a step named 'start'",
          near == null ? "name the first step 'start', or set executor.spec.entry_step" : near);
    }
  }

  private Map<String, Step> steps(
      List<YamlNode> workflow, Set<String> names, WorkbookReader workbook) {
    Map<String, Step> steps = new LinkedHashMap<>();
    for (int i = 0; i < workflow.size(); i++) {
      String name = stepName(workflow.get(i));
      if (workflow.get(i) instanceof Fields entry) {
        String path = "workflow[" + i + "]";
        StepReport report =
            new StepReport(
                diagnostics, templates, suggestions, expansion, name == null ? path : name, path);
        Step step = new StepReader(report, workbook, names).read(entry);
        if (step != null) {
          steps.putIfAbsent(step.name(), step);
        }
      }
    }
    return steps;
  }

  private void warnAboutUnreachable(Playbook playbook, List<YamlNode> workflow) {
    Set<String> reached = new HashSet<>();
    Deque<String> open = new ArrayDeque<>();
    open.add(playbook.entryStep());
    if (playbook.executor().finalStep() != null) {
      open.add(playbook.executor().finalStep());
    }
    while (!open.isEmpty()) {
      String name = open.remove();
      Step step = playbook.steps().get(name);
      if (step != null && reached.add(name)) {
        step.router().arcs().forEach(arc -> open.add(arc.target()));
      }
    }
    for (int i = 0; i < workflow.size(); i++) {
      String name = stepName(workflow.get(i));
      if (name != null && !reached.contains(name) && workflow.get(i) instanceof Fields step) {
        diagnostics.warn(
            "step.unreachable",
            step.key("step"),
            "workflow[" + i + "]",
            "Step '" + Diagnostics.clip(name) + "' is never reached",
            "add an arc to it, or remove it");
      }
    }
  }

  private void checkKeys(Fields root) {
    for (String key : root.fields().keySet()) {
      String near = KEYS.contains(key) ? null : suggestions.didYouMean(key, KEYS);
      if (near != null) {
        diagnostics.warn(
            "document.key.ignored",
            root.key(key),
            key,
            "key '" + Diagnostics.clip(key) + "' has no effect here",
            near);
      }
    }
  }

  private static YamlNode place(Fields owner, String name) {
    YamlNode value = owner.get(name);
    return value != null ? value : owner.key(name);
  }

  private static String shown(Fields root, String name) {
    YamlNode node = root.get(name);
    return switch (node) {
      case null -> "(missing)";
      case Scalar scalar -> Diagnostics.clip(scalar.text());
      case Fields _, Items _ -> node.typeName();
    };
  }
}
