package io.noetl.tool.sequence;

import static org.assertj.core.api.Assertions.fail;

import io.noetl.json.Json;
import io.noetl.playbook.ParseResult;
import io.noetl.playbook.PlaybookLimits;
import io.noetl.playbook.PlaybookParser;
import io.noetl.playbook.Step;
import io.noetl.playbook.TemplateCheck;
import io.noetl.playbook.Tool;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.scope.FieldRenderer;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateLimits;
import io.noetl.playbook.template.Templates;
import io.noetl.playbook.value.Outcome;
import io.noetl.tool.Calls;
import io.noetl.tool.ToolCall.LineLog;
import io.noetl.tool.ToolExecutor;
import io.noetl.tool.ToolExecutors;
import io.noetl.tool.http.HttpExecutor;
import io.noetl.tool.http.HttpSettings;
import io.noetl.tool.noop.NoopExecutor;
import io.noetl.tool.process.ChildEnvironment;
import io.noetl.tool.python.PythonExecutor;
import io.noetl.tool.python.PythonSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs steps as a worker does, with real tools and templates; waits are only written down. */
final class Commands implements AutoCloseable {
  static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  final Templates templates = new Templates(TemplateLimits.DEFAULT);
  final List<Duration> waits = new ArrayList<>();
  final ToolExecutors executors;
  SequenceRunner runner;

  Map<String, @Nullable Object> workload = new LinkedHashMap<>();
  Map<String, @Nullable Object> ctx = new LinkedHashMap<>();
  Map<String, @Nullable Object> names = new LinkedHashMap<>();
  Map<String, Outcome> steps = new LinkedHashMap<>();
  @Nullable Map<String, @Nullable Object> iter;
  @Nullable Duration timeout;
  boolean retypeStrings = true;

  Commands() {
    HttpExecutor http = new HttpExecutor(HttpSettings.DEFAULT);
    executors =
        new ToolExecutors(
            Map.<ToolKind, ToolExecutor>of(
                ToolKind.NOOP,
                new NoopExecutor(),
                ToolKind.HTTP,
                http,
                ToolKind.PYTHON,
                new PythonExecutor(
                    PythonSettings.defaults(
                        ChildEnvironment.of(System.getenv(), List.of()),
                        Path.of(System.getProperty("java.io.tmpdir"))),
                    http)));
    runner = runner(executors, SequenceSettings.DEFAULT, waits::add);
  }

  SequenceRunner runner(ToolExecutor executor, SequenceSettings settings, Sleeper sleeper) {
    return new SequenceRunner(executor, templates, settings, () -> NOW, sleeper);
  }

  /** A step called start whose members are these lines of YAML. */
  static Step step(String members) {
    String document =
        "apiVersion: noetl.io/v2\nkind: Playbook\nmetadata: {name: t, path: spec/t}\n"
            + "workflow:\n  - step: start\n"
            + members.indent(4);
    PlaybookParser parser = new PlaybookParser(PlaybookLimits.DEFAULT, new Unchecked());
    return switch (parser.parse(document)) {
      case ParseResult.Valid valid -> valid.playbook().step("start").orElseThrow();
      case ParseResult.Invalid invalid -> fail("expected a valid step, but " + invalid.errors());
    };
  }

  /** Runs the step's tool on names that the server would send. */
  CommandResult run(String members) throws InterruptedException {
    Step step = step(members);
    Scope scope = dispatchScope();
    Map<String, @Nullable Object> stepInput = map(templates.render(step.input(), scope));
    Map<String, @Nullable Object> rendered = Map.of();
    Object input = stepInput;
    if (step.tool() instanceof Tool.Single single) {
      Map<String, @Nullable Object> all = new LinkedHashMap<>(stepInput);
      all.putAll(map(templates.render(single.spec().input(), scope.with(stepInput))));
      input = all;
      rendered = new FieldRenderer(templates).render(single.spec(), scope.with(all), true);
    }
    Map<String, @Nullable Object> environment = new LinkedHashMap<>();
    environment.put("execution_id", "123456789");
    environment.put("catalog_id", "5");
    environment.put("path", "spec/t");
    environment.put("version", 1L);
    environment.put("parent_execution_id", null);
    CommandContext context =
        new CommandContext(
            step.tool(),
            rendered,
            input,
            List.of(),
            names,
            iter,
            workload,
            ctx,
            steps,
            null,
            timeout,
            environment,
            retypeStrings);
    // As it travels.
    CommandContext received = CommandContext.fromMap(Json.parseObject(Json.bytes(context.toMap())));
    return runner.run(received, Calls.IDENTITY, LineLog.NONE, Map.of());
  }

  private Scope dispatchScope() {
    Map<String, @Nullable Object> all = new LinkedHashMap<>(workload);
    all.put("workload", workload);
    all.putAll(ctx);
    all.put("ctx", ctx);
    all.putAll(names);
    if (iter != null) {
      all.put("iter", iter);
    }
    return Scope.of(all, NOW);
  }

  @SuppressWarnings("unchecked") // JSON objects have string keys
  private static Map<String, @Nullable Object> map(@Nullable Object value) {
    return value == null ? Map.of() : (Map<String, @Nullable Object>) value;
  }

  @Override
  public void close() {
    executors.close();
  }

  /** Templates are checked when they run. */
  private static final class Unchecked implements TemplateCheck {
    @Override
    public @Nullable String syntaxError(String template) {
      return null;
    }

    @Override
    public @Nullable String guardSyntaxError(String guard) {
      return null;
    }
  }
}
