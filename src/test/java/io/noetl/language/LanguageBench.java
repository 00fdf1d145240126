package io.noetl.language;

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
 * What guards, templates and the reading of a playbook cost. {@code ./noetl jmh LanguageBench} runs
 * it.
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
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

  @Benchmark
  public ParseResult parseAPlaybook() {
    return LanguageDocumentsTest.PARSER.parse(BODY);
  }
}
