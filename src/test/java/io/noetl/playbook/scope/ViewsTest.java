package io.noetl.playbook.scope;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.json.Json;
import io.noetl.language.Rule;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateLimits;
import io.noetl.playbook.template.Templates;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Shape;
import io.noetl.playbook.value.Outcome.Status;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Sections 6.3, 6.4, 9.18, 11.6 and 12.5: what names resolve to after a call. */
class ViewsTest {
  private static final Templates TEMPLATES = new Templates(TemplateLimits.DEFAULT);

  private static @Nullable Object json(String text) {
    return Json.parse(text.replace('\'', '"'));
  }

  @SuppressWarnings("unchecked") // a parsed object has text keys
  private static Map<String, @Nullable Object> object(String text) {
    return (Map<String, @Nullable Object>) java.util.Objects.requireNonNull(json(text));
  }

  private static @Nullable Object eval(String name, Object view, String expression) {
    return TEMPLATES.render(
        "{{ " + expression + " }}", Scope.of(Map.of(name, view), Instant.EPOCH));
  }

  private static @Nullable Object step(Outcome outcome, String expression) {
    return eval("s", Views.step(outcome), expression);
  }

  private static @Nullable Object output(Outcome outcome, String expression) {
    return eval("output", Views.output(outcome), expression);
  }

  private static @Nullable Object policy(Outcome outcome, String expression) {
    return eval("output", Views.policyOutput(outcome), expression);
  }

  private static @Nullable Object set(Outcome outcome, String expression) {
    return eval("output", Views.setOutput(outcome), expression);
  }

  private static Outcome http(String body) {
    Object parsed = json(body);
    Map<String, @Nullable Object> data = new java.util.LinkedHashMap<>();
    data.put("status_code", 200L);
    data.put("data", parsed);
    data.put("body", parsed);
    return new Outcome(
        Status.SUCCESS,
        Shape.SINGLE,
        data,
        null,
        false,
        Map.of("status", 200L, "headers", Map.of("x", "y")),
        Map.of("attempt", 1L, "duration_ms", 12L),
        null,
        null);
  }

  private static final Outcome ROWS =
      Outcome.success(json("{'columns': ['a'], 'rows': [{'a': 1}, {'a': 2}], 'row_count': 2}"))
          .withShape(Shape.ROWS);

  private static final Outcome LOOP =
      Outcome.success(
              json(
                  "{'results': [{'i': 0}, {'i': 1}], 'data': [{'i': 0}, {'i': 1}], 'stats':"
                      + " {'total': 2}, 'count': 2}"))
          .withShape(Shape.LOOP);

  @Test
  @Rule("6.3")
  void rule_6_3_a_map_without_data_gets_a_copy_of_itself() {
    Outcome outcome = Outcome.success(json("{'a': 1}"));
    assertThat(step(outcome, "s.a")).isEqualTo(1L);
    assertThat(step(outcome, "s.data.a")).isEqualTo(1L);
    assertThat(step(outcome, "s.result.a")).isEqualTo(1L);
    assertThat(step(outcome, "s.data.data is defined")).isEqualTo(false);
    assertThat(step(outcome, "s")).isEqualTo(json("{'a': 1, 'data': {'a': 1}}"));
    assertThat(step(outcome, "s ~ ''")).isEqualTo(json("{'a': 1, 'data': {'a': 1}}"));
    assertThat(step(outcome, "s | length")).isEqualTo(2L);
    assertThat(step(outcome, "s.keys()")).isEqualTo(List.of("a", "data"));
  }

  @Test
  @Rule("6.3")
  void rule_6_3_a_map_with_data_stays_as_it_is() {
    Outcome outcome = http("{'id': 7}");
    assertThat(step(outcome, "s.status_code")).isEqualTo(200L);
    assertThat(step(outcome, "s.data.id")).isEqualTo(7L);
    assertThat(step(outcome, "s")).isEqualTo(outcome.data());
    assertThat(step(outcome, "s.data")).isEqualTo(json("{'id': 7}"));
  }

  @Test
  @Rule("6.3")
  void rule_6_3_other_data_is_itself_and_its_own_data() {
    assertThat(step(Outcome.success(List.of(1L, 2L)), "s")).isEqualTo(List.of(1L, 2L));
    assertThat(step(Outcome.success(List.of(1L, 2L)), "s.data")).isEqualTo(List.of(1L, 2L));
    assertThat(step(Outcome.success(List.of(1L, 2L)), "s[-1] + s.data[0]")).isEqualTo(3L);
    assertThat(step(Outcome.success(List.of(1L, 2L)), "s | sum")).isEqualTo(3L);
    assertThat(step(Outcome.success("abc"), "s")).isEqualTo("abc");
    assertThat(step(Outcome.success("abc"), "s.data")).isEqualTo("abc");
    assertThat(step(Outcome.success("abc"), "s[1] ~ s.upper() ~ (s | length)")).isEqualTo("bABC3");
    assertThat(step(Outcome.success(5L), "s + s.data")).isEqualTo(10L);
    assertThat(step(Outcome.success(5L), "s == 5 and s > 4 and s is number")).isEqualTo(true);
    assertThat(step(Outcome.success(false), "not s")).isEqualTo(true);
    assertThat(step(Outcome.success(5L), "s.status")).isEqualTo("success");
    assertThat(step(Outcome.success(5L), "s.result.result.data")).isEqualTo(5L);
  }

  @Test
  @Rule("6.3")
  void rule_6_3_no_data_is_an_empty_map() {
    Outcome outcome = Outcome.success(null);
    assertThat(step(outcome, "s")).isEqualTo(Map.of());
    assertThat(step(outcome, "s is defined")).isEqualTo(true);
    assertThat(step(outcome, "not s")).isEqualTo(true);
    assertThat(step(Outcome.hard(Errors.configuration("no")), "s.status")).isEqualTo("error");
  }

  @Test
  @Rule("6.3")
  void rule_6_3_members_that_show_through() {
    Outcome good = Outcome.success(json("{'a': 1}"));
    assertThat(step(good, "s.result.result.a")).isEqualTo(1L);
    assertThat(step(good, "s.status")).isEqualTo("success");
    assertThat(step(good, "s['status'] == 'ok'")).isEqualTo(true);
    assertThat(step(good, "s.error is defined")).isEqualTo(false);
    assertThat(step(good, "s.results is defined")).isEqualTo(false);
    assertThat(step(good, "s._ref is defined or s._store is defined")).isEqualTo(false);
    assertThat(step(good, "s.context"))
        .isEqualTo(json("{'data': {'a': 1, 'data': {'a': 1}}, 'status': 'success'}"));
    Outcome bad = Outcome.soft(json("{'stdout': ''}"), Errors.of("python", "PY_X", "boom", false));
    assertThat(step(bad, "s.status")).isEqualTo("error");
    assertThat(step(bad, "s.error.kind")).isEqualTo("python");
    assertThat(step(bad, "s.error.message")).isEqualTo("boom");
  }

  @Test
  @Rule("6.3")
  void rule_6_3_own_members_win_over_those_that_show_through() {
    Outcome outcome =
        Outcome.success(
            json("{'status': 'ok', 'result': 1, 'error': 'e', 'results': 2, 'context': 3}"));
    assertThat(step(outcome, "s.status == 'success'")).isEqualTo(false);
    assertThat(step(outcome, "[s.status, s.result, s.error, s.results, s.context]"))
        .isEqualTo(List.of("ok", 1L, "e", 2L, 3L));
  }

  @Test
  @Rule("6.3")
  void rule_6_3_references_show_only_when_the_data_is_stored_out_of_line() {
    Outcome outcome =
        new Outcome(
            Status.SUCCESS,
            Shape.SINGLE,
            json("{'n': 1}"),
            null,
            false,
            null,
            Map.of(),
            Map.of("uri", "noetl://x", "store", "db", "extracted", Map.of("first", 9L)),
            null);
    assertThat(step(outcome, "s._ref")).isEqualTo("noetl://x");
    assertThat(step(outcome, "s._store")).isEqualTo("db");
    assertThat(step(outcome, "s.first")).isEqualTo(9L);
    assertThat(step(outcome, "s.n")).isEqualTo(1L);
    assertThat(output(outcome, "output.ref")).isEqualTo("noetl://x");
    assertThat(output(outcome, "output.first")).isEqualTo(9L);
    assertThat(policy(outcome, "output.ref")).isEqualTo("noetl://x");
  }

  @Test
  @Rule("6.3")
  void rule_6_3_the_raw_envelope() {
    Outcome outcome =
        new Outcome(
            Status.ERROR,
            Shape.SINGLE,
            json("{'a': 1}"),
            Errors.timeout("late"),
            false,
            null,
            Map.of("duration_ms", 5L),
            null,
            Map.of("stdout", "o", "stderr", "", "exit_code", 3L));
    Map<String, @Nullable Object> steps = Map.of("x", Views.envelope(outcome));
    assertThat(
            eval(
                "steps",
                steps,
                "[steps.x.status, steps.x.data.a, steps.x.error.kind, steps.x.stdout,"
                    + " steps.x.exit_code, steps.x.duration_ms]"))
        .isEqualTo(List.of("error", 1L, "timeout", "o", 3L, 5L));
    assertThat(Views.envelope(Outcome.success(null))).isEqualTo(Map.of("status", "success"));
  }

  @Test
  @Rule("6.4")
  void rule_6_4_step_form_members() {
    Outcome outcome = http("{'id': 7}");
    assertThat(output(outcome, "output.status_code")).isEqualTo(200L);
    assertThat(output(outcome, "output.data")).isEqualTo(json("{'id': 7}"));
    assertThat(output(outcome, "output.data.id")).isEqualTo(7L);
    assertThat(output(outcome, "output.data.data.id")).isEqualTo(7L);
    assertThat(output(outcome, "output.status")).isEqualTo("success");
    assertThat(output(outcome, "output.error is defined")).isEqualTo(false);
    assertThat(output(outcome, "output.http.status")).isEqualTo(200L);
    assertThat(output(outcome, "output.http.headers.x")).isEqualTo("y");
    assertThat(output(outcome, "output.meta.attempt + output.meta.duration_ms")).isEqualTo(13L);
    assertThat(output(outcome, "output.ref is defined")).isEqualTo(false);
    assertThat(output(outcome, "output.result.status_code")).isEqualTo(200L);
    assertThat(output(outcome, "output")).isEqualTo(outcome.data());
  }

  @Test
  @Rule("6.4")
  void rule_6_4_step_form_of_other_data() {
    assertThat(
            output(
                Outcome.success(json("{'a': 1}")), "[output.a, output.data.a, output.data.data.a]"))
        .isEqualTo(List.of(1L, 1L, 1L));
    assertThat(output(Outcome.success(json("{'a': 1}")), "output.data"))
        .isEqualTo(json("{'a': 1}"));
    assertThat(output(Outcome.success(5L), "output.data")).isEqualTo(5L);
    assertThat(output(Outcome.success(null), "output.data is none")).isEqualTo(true);
    assertThat(output(Outcome.success(json("{'status': 'x'}")), "output.status")).isEqualTo("x");
    assertThat(output(Outcome.success(null), "output.http is defined")).isEqualTo(false);
    assertThat(output(ROWS, "output.data.rows[0].a")).isEqualTo(1L);
    assertThat(output(ROWS, "output.data[1].a")).isEqualTo(2L);
    assertThat(output(ROWS, "output.data.row_count")).isEqualTo(2L);
  }

  @Test
  @Rule("6.4")
  void rule_6_4_policy_form_is_a_fixed_envelope() {
    Outcome outcome = http("{'rows': [1], 'status_code': 9, 'deep': {'x': 1}}");
    assertThat(policy(outcome, "output.status == 'ok'")).isEqualTo(true);
    assertThat(policy(outcome, "output.data")).isEqualTo(outcome.data());
    assertThat(policy(outcome, "output.data.data.rows")).isEqualTo(List.of(1L));
    assertThat(policy(outcome, "output.data.rows")).isEqualTo(List.of(1L));
    assertThat(policy(outcome, "output.data.status_code")).isEqualTo(200L);
    assertThat(policy(outcome, "output.rows")).isEqualTo(List.of(1L));
    assertThat(policy(outcome, "output.status_code")).isEqualTo(200L);
    assertThat(policy(outcome, "output.http.status in [200, 201]")).isEqualTo(true);
    assertThat(policy(outcome, "output.error.retryable is defined")).isEqualTo(false);
    assertThat(policy(outcome, "not output.error.retryable")).isEqualTo(true);
    assertThat(policy(outcome, "output.error")).isNull();
    assertThat(policy(outcome, "output.meta.attempt")).isEqualTo(1L);
    assertThat(policy(outcome, "output.data.nope is defined or output.nope is defined"))
        .isEqualTo(false);
  }

  @Test
  @Rule("6.4")
  void rule_6_4_policy_status_is_always_the_token() {
    Outcome outcome = Outcome.success(json("{'status': 'x', 'error': 'e', 'n': 1}"));
    assertThat(policy(outcome, "output.status")).isEqualTo("success");
    assertThat(policy(outcome, "output.data.status")).isEqualTo("x");
    assertThat(policy(outcome, "output.error is defined")).isEqualTo(false);
    assertThat(policy(outcome, "output.n")).isEqualTo(1L);
  }

  @Test
  @Rule("6.4")
  void rule_6_4_policy_form_after_errors() {
    Outcome sql = Outcome.hard(Errors.of("database", "PG_42P01", "no table", false));
    assertThat(policy(sql, "output.status == 'error'")).isEqualTo(true);
    assertThat(policy(sql, "output.data is none")).isEqualTo(true);
    assertThat(policy(sql, "output.error.code")).isEqualTo("PG_42P01");
    assertThat(policy(sql, "output.pg.sqlstate ~ ''")).isEqualTo("42P01");
    Map<String, @Nullable Object> error = Errors.of("python", "PY_ValueError", "boom", false);
    error.put("exception", "ValueError");
    error.put("traceback", "...");
    Outcome python = Outcome.soft(json("{'stdout': ''}"), error);
    assertThat(policy(python, "output.py.exception")).isEqualTo("ValueError");
    assertThat(policy(python, "output.pg is defined")).isEqualTo(false);
    assertThat(policy(ROWS, "output.data[0].a")).isEqualTo(1L);
    assertThat(policy(ROWS, "output.data | length")).isEqualTo(2L);
  }

  @Test
  @Rule("6.4")
  void rule_6_4_set_form_is_the_raw_data() {
    Outcome outcome = Outcome.success(json("{'a': 1}"));
    assertThat(set(outcome, "output")).isEqualTo(json("{'a': 1}"));
    assertThat(set(outcome, "output.data")).isEqualTo(json("{'a': 1}"));
    assertThat(set(outcome, "output.status")).isEqualTo("success");
    assertThat(set(http("{'id': 7}"), "output.data.id")).isEqualTo(7L);
    assertThat(set(http("{'id': 7}"), "output")).isEqualTo(http("{'id': 7}").data());
    assertThat(set(Outcome.success(5L), "output")).isEqualTo(5L);
    assertThat(set(Outcome.success(null), "output")).isNull();
  }

  @Test
  @Rule("9.3")
  void rule_9_3_an_integer_subscript_on_data_reaches_the_rows() {
    assertThat(step(ROWS, "s.data[0].a")).isEqualTo(1L);
    assertThat(step(ROWS, "s.data[-1].a")).isEqualTo(2L);
    assertThat(step(ROWS, "s.data | length")).isEqualTo(2L);
    assertThat(step(ROWS, "s.data.rows[0].a")).isEqualTo(1L);
    assertThat(step(ROWS, "s.rows | length")).isEqualTo(2L);
    assertThat(step(ROWS, "s.data")).isEqualTo(ROWS.data());
    assertThat(step(ROWS, "s.result.rows[1].a")).isEqualTo(2L);
    Outcome none =
        Outcome.success(json("{'affected_rows': 1, 'row_count': 1}")).withShape(Shape.ROWS);
    assertThat(step(none, "s.rows is defined")).isEqualTo(false);
    assertThat(step(none, "s.data.affected_rows")).isEqualTo(1L);
  }

  @Test
  @Rule("12.5")
  void rule_12_5_a_loop_acts_as_the_list_of_its_results() {
    assertThat(step(LOOP, "s[0].i")).isEqualTo(0L);
    assertThat(step(LOOP, "s[-1].i")).isEqualTo(1L);
    assertThat(step(LOOP, "s | length")).isEqualTo(2L);
    assertThat(step(LOOP, "s | map(attribute='i')")).isEqualTo(List.of(0L, 1L));
    assertThat(step(LOOP, "{'i': 1} in s")).isEqualTo(true);
    assertThat(step(LOOP, "s[1:] | length")).isEqualTo(1L);
    assertThat(step(LOOP, "s.results[1].i")).isEqualTo(1L);
    assertThat(step(LOOP, "s.data[1].i")).isEqualTo(1L);
    assertThat(step(LOOP, "s.stats.total + s.count")).isEqualTo(4L);
    assertThat(step(LOOP, "s")).isEqualTo(LOOP.data());
    assertThat(
            TEMPLATES.renderText(
                "{% for r in s %}{{ r.i }},{% endfor %}",
                Scope.of(Map.of("s", Views.step(LOOP)), Instant.EPOCH)))
        .isEqualTo("0,1,");
    assertThat(output(LOOP, "output.data | length")).isEqualTo(2L);
  }

  @Test
  @Rule("11.6")
  void rule_11_6_a_sequence_merges_its_tasks() {
    Map<String, @Nullable Object> results =
        object("{'fetch': {'status_code': 200, 'n': 1}, 'pick': {'total': 6, 'n': 2}}");
    Outcome outcome = SequenceData.of(Outcome.success(null), results, "pick", null);
    assertThat(outcome.shape()).isEqualTo(Shape.SEQUENCE);
    assertThat(outcome.data())
        .isEqualTo(
            json(
                "{'fetch': {'status_code': 200, 'n': 1}, 'pick': {'total': 6, 'n': 2},"
                    + " 'status_code': 200, 'n': 2, 'total': 6}"));
    assertThat(
            step(
                outcome,
                "[s.total, s.pick.total, s.results.pick.total, s.fetch.status_code, s.status_code,"
                    + " s.data.n]"))
        .isEqualTo(List.of(6L, 6L, 6L, 200L, 200L, 2L));
    assertThat(step(outcome, "s.results")).isEqualTo(results);
    assertThat(step(Outcome.fromMap(outcome.toMap()), "s.results")).isEqualTo(results);
  }

  @Test
  @Rule("11.6")
  void rule_11_6_the_end_of_a_sequence_that_is_no_map_is_its_data() {
    Outcome outcome =
        SequenceData.of(Outcome.success(null), object("{'a': {'x': 1}, 'b': 5}"), "b", null);
    assertThat(outcome.data()).isEqualTo(json("{'a': {'x': 1}, 'b': 5, 'x': 1, 'data': 5}"));
    Outcome merged =
        SequenceData.of(Outcome.success(null), object("{'a': {'data': 1}, 'b': 5}"), "b", null);
    assertThat(merged.data()).isEqualTo(json("{'a': {'data': 1}, 'b': 5, 'data': 1}"));
  }

  @Test
  @Rule("11.6")
  void rule_11_6_a_member_replaces_a_label_only_when_its_data_is_no_map() {
    Outcome outcome =
        SequenceData.of(
            Outcome.success(null), object("{'a': 5, 'b': {'a': 6, 'b': 7}}"), "b", null);
    assertThat(outcome.data()).isEqualTo(json("{'a': 6, 'b': {'a': 6, 'b': 7}}"));
    assertThat(step(outcome, "s.results")).isEqualTo(json("{'a': 5, 'b': {'a': 6, 'b': 7}}"));
  }

  @Test
  @Rule("11.6")
  void rule_11_6_a_failed_sequence_says_which_task_failed() {
    Outcome soft = Outcome.soft(null, Errors.of("policy", "POLICY_FAIL", "no", false));
    Outcome outcome = SequenceData.of(soft, object("{'a': {'x': 1}}"), "a", "a");
    assertThat(step(outcome, "[s.failed_task, s.labeled_results.a.x, s.x]"))
        .isEqualTo(List.of("a", 1L, 1L));
    assertThat(step(outcome, "s.status")).isEqualTo("error");
    assertThat(step(outcome, "s.error.code")).isEqualTo("POLICY_FAIL");
  }

  @Test
  void views_leave_the_data_unchanged() {
    Object data = json("{'a': {'b': 1}}");
    Outcome outcome = Outcome.success(data);
    step(outcome, "s");
    output(outcome, "output.data.data.a");
    policy(outcome, "output");
    assertThat(data).isEqualTo(json("{'a': {'b': 1}}"));
  }
}
