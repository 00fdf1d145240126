package io.noetl.language;

import io.noetl.execution.Decision;
import io.noetl.execution.Definition;
import io.noetl.execution.Execution;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.ExecutionLimits;
import io.noetl.execution.ExecutionSettings;
import io.noetl.execution.ExecutionState;
import io.noetl.execution.KnownData;
import io.noetl.execution.Language;
import io.noetl.execution.Mint;
import io.noetl.execution.PoolChooser;
import io.noetl.execution.StoredEvent;
import io.noetl.playbook.ParseResult;
import io.noetl.playbook.scope.Views;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateLimits;
import io.noetl.playbook.template.Templates;
import io.noetl.playbook.value.Outcome;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What guards, templates and decisions cost. {@code mvn -Pbench test-compile} makes the program,
 * CONTRIBUTING.md says how to run it.
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class LanguageBench {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static final String BODY =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: bench}
      workload: {n: 5, name: Ada}
      workflow:
        - step: start
          tool: {kind: python, input: {n: "{{ workload.n }}"}, code: "result = n"}
          next: {arcs: [{step: end, when: "{{ output.status == 'ok' }}"}]}
        - step: end
          tool: {kind: noop, result: {n: "{{ start }}"}}
      """;

  private final Templates templates = new Templates(TemplateLimits.DEFAULT);
  private final Scope scope =
      Scope.of(
          Map.of(
              "output", Views.output(Outcome.success(Map.of("status", "ok", "n", 5L))),
              "workload", Map.of("n", 5L, "name", "Ada"),
              "items", List.of(1L, 2L, 3L)),
          NOW);
  private final Execution core =
      new Execution(new Language(templates, ExecutionLimits.DEFAULT, new PoolChooser(Map.of())));
  private final Definition definition = definition();
  private final ExecutionState running = start();
  private final ExecutionIntent.AcceptReport report =
      new ExecutionIntent.AcceptReport(
          running.commands().keySet().iterator().next(),
          Outcome.success(5L),
          List.of(),
          1,
          1,
          "w",
          null);
  private final List<StoredEvent> events =
      ((Decision.Accepted) core.decide(definition, running, report, mint(), KnownData.NONE))
          .events();

  private static Definition definition() {
    if (!(LanguageDocumentsTest.PARSER.parse(BODY) instanceof ParseResult.Valid valid)) {
      throw new IllegalStateException("Expected the playbook of the benchmark to be valid");
    }
    return new Definition(1, 1, valid.playbook());
  }

  private ExecutionState start() {
    ExecutionIntent.Start intent =
        new ExecutionIntent.Start(
            1, "bench", 1, Map.of(), null, null, null, ExecutionSettings.DEFAULT);
    return ((Decision.Accepted)
            core.decide(definition, ExecutionState.none(7), intent, mint(), KnownData.NONE))
        .state();
  }

  private static Mint mint() {
    return new Mint() {
      private long id = 100;

      @Override
      public Instant now() {
        return NOW;
      }

      @Override
      public long nextId() {
        return ++id;
      }
    };
  }

  @Benchmark
  public boolean guardOnStatus() {
    return templates.guard("{{ output.status == 'ok' }}", scope);
  }

  @Benchmark
  public boolean guardOfSeveralParts() {
    return templates.guard(
        "{{ output.status == 'error' and output.error.retryable or (workload.n | int) > 3 }}",
        scope);
  }

  @Benchmark
  public @Nullable Object singleExpression() {
    return templates.render("{{ workload.n + 1 }}", scope);
  }

  @Benchmark
  public @Nullable Object mixedText() {
    return templates.render("Hello {{ workload.name }}, {{ items | length }} items", scope);
  }

  @Benchmark
  public @Nullable Object textWithALoop() {
    return templates.render(
        "{% for i in items %}{{ i }}{% if not loop.last %}, {% endif %}{% endfor %}", scope);
  }

  /** A report that ends a step, takes its arc, and ends the execution. */
  @Benchmark
  public Decision decideTheEndOfAnExecution() {
    return core.decide(definition, running, report, mint(), KnownData.NONE);
  }

  @Benchmark
  public ExecutionState evolveItsEvents() {
    ExecutionState state = running;
    for (StoredEvent event : events) {
      state = state.evolve(event);
    }
    return state;
  }

  @Benchmark
  public ParseResult parseAPlaybook() {
    return LanguageDocumentsTest.PARSER.parse(BODY);
  }
}
