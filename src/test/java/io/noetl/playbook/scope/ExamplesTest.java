package io.noetl.playbook.scope;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.json.Json;
import io.noetl.language.Rule;
import io.noetl.playbook.Mutation;
import io.noetl.playbook.scope.Mutations.Place;
import io.noetl.playbook.scope.Mutations.Target;
import io.noetl.playbook.template.LazyText;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateLimits;
import io.noetl.playbook.template.Templates;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Shape;
import io.noetl.playbook.value.Outcome.Status;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The expressions of the examples of section 19. */
class ExamplesTest {
  private static final Templates TEMPLATES = new Templates(TemplateLimits.DEFAULT);

  @SuppressWarnings("unchecked") // a parsed object has text keys
  private static Map<String, @Nullable Object> json(String text) {
    return (Map<String, @Nullable Object>) Objects.requireNonNull(Json.parse(text));
  }

  private static Scope scope(Map<String, ? extends @Nullable Object> names) {
    return Scope.of(names, Instant.EPOCH);
  }

  private static @Nullable Object render(String template, Scope scope) {
    return TEMPLATES.render(json(template), scope);
  }

  private static Scope workload(Map<String, @Nullable Object> workload) {
    Map<String, @Nullable Object> names = new HashMap<>(workload);
    names.put("workload", workload);
    return scope(names);
  }

  @Test
  @Rule("E2")
  void example_e2_nested_default_and_lazy_title() {
    Map<String, @Nullable Object> workload = new LinkedHashMap<>();
    workload.put("cfg", json("{\"a\": 1, \"b\": 2}"));
    workload.put("title", new LazyText("cfg for {{ owner }}"));
    workload.put("owner", "ops");
    String result =
        "{\"a\": \"{{ workload.cfg.a }}\", \"b\": \"{{ cfg.b }}\", \"t\": \"{{ title }}\"}";
    assertThat(render(result, workload(workload)))
        .isEqualTo(json("{\"a\": 1, \"b\": 2, \"t\": \"cfg for ops\"}"));
    workload.put("cfg", json("{\"a\": 9}"));
    assertThat(render(result, workload(workload)))
        .isEqualTo(json("{\"a\": 9, \"b\": null, \"t\": \"cfg for ops\"}"));
  }

  @Test
  @Rule("E3")
  void example_e3_typing() {
    Scope scope =
        workload(
            json(
                """
                {"n": 5, "s": "12", "z": "007", "f": "1.50", "flag": true, "empty": "",
                 "list": [1, 2], "obj": {"k": "v"}}
                """));
    assertThat(
            render(
                """
                {"n": "{{ n }}", "n1": "{{ n + 1 }}", "s": "{{ s }}", "z": "{{ z }}", "f": "{{ f }}",
                 "mixed": "n={{ n }}", "flag": "{{ flag }}", "text": "flag {{ flag }} {{ obj }}",
                 "empty": "{{ empty }}", "none": "{{ nope }}",
                 "deep": "{{ nope.a.b | default('d') }}", "list": "{{ list }}",
                 "js": "{{ obj | tojson }}", "up": "{{ s | string }}"}
                """,
                scope))
        .isEqualTo(
            json(
                """
                {"n": 5, "n1": 6, "s": 12, "z": "007", "f": 1.5, "mixed": "n=5", "flag": true,
                 "text": "flag True {\\"k\\": \\"v\\"}", "empty": "", "none": null, "deep": "d",
                 "list": [1, 2], "js": {"k": "v"}, "up": "12"}
                """));
  }

  @Test
  @Rule("E6")
  void example_e6_soft_error_seen_by_a_later_step() {
    Outcome failed =
        Outcome.soft(
            json("{\"stdout\": \"\", \"stderr\": \"x\"}"),
            Errors.of("python", "PY_ValueError", "boom", false));
    assertThat(
            render(
                "{\"seen\": \"{{ start.status }}\", \"kind\": \"{{ start.error.kind }}\"}",
                scope(Map.of("start", Views.step(failed)))))
        .isEqualTo(json("{\"seen\": \"error\", \"kind\": \"python\"}"));
  }

  private static Outcome http(Status status, long code, String body) {
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("status_code", code);
    data.put("headers", Map.of());
    data.put("data", Json.parse(body));
    data.put("body", Json.parse(body));
    return new Outcome(
        status,
        Shape.SINGLE,
        data,
        status == Status.SUCCESS
            ? null
            : Errors.of("not_found", "HTTP_" + code, "HTTP " + code + " response", false),
        false,
        Map.of("status", code, "headers", Map.of()),
        Map.of(),
        null,
        null);
  }

  @Test
  @Rule("E8")
  void example_e8_route_on_the_code_of_a_response() {
    Outcome missing = http(Status.ERROR, 404, "{\"detail\": \"no\"}");
    Scope scope = scope(Map.of("start", Views.step(missing), "output", Views.output(missing)));
    assertThat(TEMPLATES.guard("{{ start.status_code == 200 }}", scope)).isFalse();
    assertThat(TEMPLATES.guard("{{ output.status_code >= 400 }}", scope)).isTrue();
    var writes =
        Mutations.of(
            List.of(new Mutation("ctx.why", "{{ output.data.detail }}")),
            Place.ARC,
            TEMPLATES,
            scope);
    Map<String, @Nullable Object> ctx = Mutations.applied(Map.of(), writes.writes());
    assertThat(
            render(
                "{\"why\": \"{{ ctx.why }}\", \"code\": \"{{ start.status_code }}\"}",
                scope.with(Map.of("ctx", ctx))))
        .isEqualTo(json("{\"why\": \"no\", \"code\": 404}"));
  }

  @Test
  @Rule("E9")
  void example_e9_guards_of_a_policy() {
    Outcome down = http(Status.ERROR, 503, "{}");
    String retry = "{{ output.status == 'error' and output.http.status in [502, 503] }}";
    assertThat(TEMPLATES.guard(retry, scope(Map.of("output", Views.policyOutput(down))))).isTrue();
    Outcome up = http(Status.SUCCESS, 200, "{\"ok\": true}");
    assertThat(TEMPLATES.guard(retry, scope(Map.of("output", Views.policyOutput(up))))).isFalse();
  }

  @Test
  @Rule("E10")
  void example_e10_sequence_with_set_and_siblings() {
    Outcome fetched = http(Status.SUCCESS, 200, "{\"id\": 7, \"items\": [1, 2, 3]}");
    var writes =
        Mutations.of(
            List.of(new Mutation("got", "{{ output }}")),
            Place.TASK,
            TEMPLATES,
            scope(Map.of("output", Views.setOutput(fetched))));
    Map<String, @Nullable Object> names =
        new HashMap<>(Mutations.applied(Map.of(), writes.to(Target.LOCAL)));
    names.put("fetch", Views.step(fetched));
    names.put("_prev", fetched.data());
    assertThat(
            render(
                "{\"body\": \"{{ got.data }}\", \"again\": \"{{ fetch.data.id }}\", \"prev\": \"{{"
                    + " _prev.status_code }}\"}",
                scope(names)))
        .isEqualTo(
            json("{\"body\": {\"id\": 7, \"items\": [1, 2, 3]}, \"again\": 7, \"prev\": 200}"));

    Map<String, @Nullable Object> results = new LinkedHashMap<>();
    results.put("fetch", fetched.data());
    results.put("pick", json("{\"total\": 6, \"again\": 7, \"prev\": 200}"));
    Outcome whole = SequenceData.of(fetched, results, "pick", null);
    assertThat(
            render(
                """
                {"a": "{{ start.total }}", "b": "{{ start.pick.total }}",
                 "c": "{{ start.results.pick.total }}", "d": "{{ start.fetch.status_code }}",
                 "e": "{{ start.status_code }}"}
                """,
                scope(Map.of("start", Views.step(whole)))))
        .isEqualTo(json("{\"a\": 6, \"b\": 6, \"c\": 6, \"d\": 200, \"e\": 200}"));
  }

  @Test
  @Rule("E11")
  void example_e11_state_of_a_pagination() {
    Outcome page = http(Status.SUCCESS, 200, "{\"n\": 1, \"more\": true, \"items\": [1]}");
    Map<String, @Nullable Object> iter = json("{\"n\": 1, \"sum\": 0}");
    Scope scope = scope(Map.of("iter", iter, "output", Views.policyOutput(page)));
    var writes =
        Mutations.of(
            List.of(
                new Mutation("iter.sum", "{{ iter.sum + (output.data.data.items | length) }}"),
                new Mutation("iter.more", "{{ output.data.more }}"),
                new Mutation("iter.n", "{{ iter.n + 1 }}")),
            Place.POLICY,
            TEMPLATES,
            scope);
    assertThat(Mutations.applied(iter, writes.to(Target.ITER)))
        .isEqualTo(json("{\"n\": 2, \"sum\": 1, \"more\": true}"));
  }

  @Test
  @Rule("E14")
  void example_e14_guard_on_the_number_of_rows() {
    Outcome rows =
        Outcome.success(
                json(
                    "{\"columns\": [\"id\"], \"rows\": [{\"id\": 1}, {\"id\": 2}], \"row_count\":"
                        + " 2}"))
            .withShape(Shape.ROWS);
    Scope scope = scope(Map.of("output", Views.output(rows), "start", Views.step(rows)));
    assertThat(TEMPLATES.guard("{{ (output.data.row_count | default(0) | int) == 2 }}", scope))
        .isTrue();
    assertThat(TEMPLATES.render("{{ output.data.rows[0].id }}", scope)).isEqualTo(1L);
  }

  @Test
  @Rule("E16")
  void example_e16_integer_subscript_reaches_rows() {
    Outcome rows =
        Outcome.success(
                json(
                    "{\"columns\": [\"s\", \"c\"], \"rows\": [{\"s\": \"3\", \"c\": 2}],"
                        + " \"row_count\": 1}"))
            .withShape(Shape.ROWS);
    assertThat(TEMPLATES.render("{{ step.data[0].c }}", scope(Map.of("step", Views.step(rows)))))
        .isEqualTo(2L);
  }

  @Test
  @Rule("E17")
  void example_e17_results_of_a_loop() {
    Outcome loop =
        Outcome.success(
                json(
                    """
                    {"results": [{"i": 0}, {"i": 1}, {"i": 2}], "data": [{"i": 0}, {"i": 1}, {"i": 2}],
                     "stats": {"total": 3, "success": 3, "failed": 0}, "count": 3}
                    """))
            .withShape(Shape.LOOP);
    assertThat(
            render(
                "{\"n\": \"{{ each | length }}\", \"i2\": \"{{ each.results[2].i }}\", \"stats\":"
                    + " \"{{ each.stats }}\"}",
                scope(Map.of("each", Views.step(loop)))))
        .isEqualTo(
            json(
                "{\"n\": 3, \"i2\": 2, \"stats\": {\"total\": 3, \"success\": 3, \"failed\": 0}}"));
  }

  @Test
  @Rule("E25")
  void example_e25_arc_set_and_shadowing() {
    Scope scope = workload(json("{\"mode\": \"slow\"}"));
    var writes =
        Mutations.of(
            List.of(new Mutation("ctx.mode", "fast"), new Mutation("plain", "{{ workload.mode }}")),
            Place.ARC,
            TEMPLATES,
            scope);
    Map<String, @Nullable Object> ctx = Mutations.applied(Map.of(), writes.writes());
    assertThat(
            render(
                "{\"a\": \"{{ mode }}\", \"w\": \"{{ workload.mode }}\", \"c\": \"{{ ctx.mode }}\","
                    + " \"p\": \"{{ plain }}\"}",
                scope.with(ctx).with(Map.of("ctx", ctx))))
        .isEqualTo(json("{\"a\": \"fast\", \"w\": \"slow\", \"c\": \"fast\", \"p\": \"slow\"}"));
  }

  @Test
  @Rule("E32")
  void example_e32_sql_templating() {
    String query =
        """
        select {{ n | int }} as n, '{{ name | replace("'", "''") }}' as name
        {% if limit %}limit {{ limit }}{% endif %}
        """;
    assertThat(
            TEMPLATES.renderText(
                query, scope(json("{\"n\": \"4\", \"name\": \"O'Hara\", \"limit\": 1}"))))
        .isEqualTo("select 4 as n, 'O''Hara' as name\nlimit 1\n");
    assertThat(TEMPLATES.renderText(query, scope(json("{\"n\": \"x\", \"name\": \"\"}"))))
        .isEqualTo("select 0 as n, '' as name\n\n");
  }

  @Test
  @Rule("E37")
  void example_e37_admission_on_a_length() {
    String rule = "{{ (sizes | length) <= 2 }}";
    assertThat(TEMPLATES.guard(rule, scope(json("{\"sizes\": [1, 2, 3]}")))).isFalse();
    assertThat(TEMPLATES.guard(rule, scope(json("{\"sizes\": [1]}")))).isTrue();
  }

  @Test
  @Rule("E38")
  void example_e38_step_value_of_an_accepted_hard_error() {
    Outcome failed = Outcome.hard(Errors.of("database", "PG_42601", "syntax", false));
    Scope scope = scope(Map.of("start", Views.step(failed)));
    assertThat(TEMPLATES.render("{{ start }}", scope)).isEqualTo(Map.of());
    assertThat(TEMPLATES.render("{{ start.status }}", scope)).isEqualTo("error");
  }

  @Test
  @Rule("E42")
  void example_e42_result_is_the_data_of_the_previous_step() {
    Outcome before = Outcome.success(json("{\"status\": \"success\"}"));
    Scope scope = scope(Map.of("output", Views.output(before)));
    assertThat(TEMPLATES.render("{{ output.data }}", scope))
        .isEqualTo(json("{\"status\": \"success\"}"));
  }
}
