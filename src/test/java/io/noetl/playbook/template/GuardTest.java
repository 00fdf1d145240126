package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateFixture.TEMPLATES;
import static io.noetl.playbook.template.TemplateFixture.guard;
import static io.noetl.playbook.template.TemplateFixture.map;
import static io.noetl.playbook.template.TemplateFixture.scope;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.language.Rule;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Sections 7.7 and 6.6: guards and the status token. */
class GuardTest {

  @Test
  @Rule("7.7")
  void rule_7_7_a_missing_guard_is_true() {
    assertThat(guard(null)).isTrue();
  }

  @Test
  @Rule("7.7")
  void rule_7_7_a_boolean_is_its_own_answer() {
    assertThat(guard(true)).isTrue();
    assertThat(guard(false)).isFalse();
    assertThat(guard(1L)).isTrue();
    assertThat(guard(0L)).isFalse();
  }

  @Test
  @Rule("7.7")
  void rule_7_7_text_without_delimiters_is_an_expression() {
    assertThat(guard("a == 1", "a", 1L)).isTrue();
    assertThat(guard("a == 2", "a", 1L)).isFalse();
    assertThat(guard("true")).isTrue();
    assertThat(guard("false")).isFalse();
    assertThat(guard("")).isFalse();
    assertThat(guard("  ")).isFalse();
    assertThat(guard("nope")).isFalse();
  }

  @Test
  @Rule("7.7")
  void rule_7_7_words_for_nothing_are_false() {
    for (String word :
        List.of(
            "",
            " ",
            "false",
            "FALSE",
            "0",
            "0.0",
            "no",
            "None",
            "null",
            "undefined",
            "off",
            "{}",
            "[]",
            "()",
            " Off\n")) {
      assertThat(guard("{{ x }}", "x", word)).as(word).isFalse();
      assertThat(guard("x", "x", word)).as(word).isFalse();
      assertThat(guard("{% if true %}{{ x }}{% endif %}", "x", word)).as(word).isFalse();
    }
  }

  @Test
  @Rule("7.7")
  void rule_7_7_everything_else_is_true() {
    for (String word : List.of("r-1", "1", "False positive", "00", "0.00", "n", "{ }", "nothing")) {
      assertThat(guard("{{ x }}", "x", word)).as(word).isTrue();
    }
    assertThat(guard("{{ x }}", "x", List.of(0L))).isTrue();
    assertThat(guard("{{ x }}", "x", map("a", null))).isTrue();
    assertThat(guard("{{ x }}", "x", 0.5)).isTrue();
    assertThat(guard("{{ x }}", "x", -1L)).isTrue();
  }

  @Test
  @Rule("7.7")
  void rule_7_7_values_for_nothing_are_false() {
    for (@Nullable Object value : java.util.Arrays.asList(null, false, 0L, 0.0, List.of(), map())) {
      assertThat(guard("{{ x }}", "x", value)).as(String.valueOf(value)).isFalse();
    }
    assertThat(guard("{{ nope.a }}")).isFalse();
  }

  @Test
  @Rule("E28")
  void example_e28_guard_truthiness() {
    for (Object rid : List.of("", "0", "no", List.of())) {
      assertThat(guard("{{ workload.rid }}", "workload", map("rid", rid))).as("" + rid).isFalse();
    }
    assertThat(guard("{{ workload.rid }}", "workload", map())).isFalse();
    for (Object rid : List.of("r-1", 1L, List.of(0L), "False positive")) {
      assertThat(guard("{{ workload.rid }}", "workload", map("rid", rid))).as("" + rid).isTrue();
    }
    assertThat(guard("{{ a and b }}", "a", "x", "b", "req")).isTrue();
  }

  @Test
  @Rule("7.7")
  void rule_7_7_guards_that_cannot_be_evaluated_are_errors() {
    assertThatThrownBy(() -> guard("{{ 1 + 'a' }}")).isInstanceOf(TemplateException.class);
    assertThatThrownBy(() -> guard("a b")).isInstanceOf(TemplateException.class);
    assertThat(TEMPLATES.guardSyntaxError("a b")).startsWith("line 1, column 3");
    assertThat(TEMPLATES.guardSyntaxError("{{ a b }}")).isNotNull();
    assertThat(TEMPLATES.guardSyntaxError("a == b")).isNull();
    assertThat(TEMPLATES.guardSyntaxError("")).isNull();
    assertThat(TEMPLATES.guardSyntaxError("{{ a }}")).isNull();
  }

  @Test
  @Rule("6.6")
  void rule_6_6_the_status_token_equals_its_synonyms() {
    Object[] good = {"t", new StatusToken("success")};
    assertThat(guard("{{ t == 'ok' }}", good)).isTrue();
    assertThat(guard("{{ t == 'success' }}", good)).isTrue();
    assertThat(guard("{{ 'ok' == t }}", good)).isTrue();
    assertThat(guard("{{ t != 'ok' }}", good)).isFalse();
    assertThat(guard("{{ t == 'error' }}", good)).isFalse();
    assertThat(guard("{{ t in ['x', 'ok'] }}", good)).isTrue();
    assertThat(guard("{{ t is eq 'ok' }}", good)).isTrue();
    for (String word : List.of("error", "timeout")) {
      Object[] bad = {"t", new StatusToken(word)};
      assertThat(guard("{{ t == 'error' }}", bad)).isTrue();
      assertThat(guard("{{ t == 'failed' }}", bad)).isTrue();
      assertThat(guard("{{ t == 'ok' }}", bad)).isFalse();
    }
    assertThat(guard("t == 'timeout'", "t", new StatusToken("timeout"))).isTrue();
    assertThat(guard("t == 'timeout'", "t", new StatusToken("error"))).isFalse();
    assertThat(guard("t == 'skipped'", "t", new StatusToken("skipped"))).isTrue();
    assertThat(guard("t == 'ok'", "t", new StatusToken("skipped"))).isFalse();
    assertThat(guard("a == b", "a", new StatusToken("error"), "b", new StatusToken("error")))
        .isTrue();
    assertThat(guard("a == b", "a", new StatusToken("error"), "b", new StatusToken("timeout")))
        .isFalse();
    assertThat(guard("t == 'ok'", "t", "success")).isFalse();
  }

  @Test
  @Rule("6.6")
  void rule_6_6_the_status_token_is_bound_and_printed_as_its_word() {
    Scope scope = scope("t", new StatusToken("success"));
    assertThat(TEMPLATES.render("{{ t }}", scope)).isEqualTo("success");
    assertThat(TEMPLATES.render("{{ {'s': [t]} }}", scope)).isEqualTo(map("s", List.of("success")));
    assertThat(TEMPLATES.render("it was {{ t }}", scope)).isEqualTo("it was success");
    assertThat(TEMPLATES.render("{{ t | upper }}", scope)).isEqualTo("SUCCESS");
    assertThat(TEMPLATES.render("{{ t ~ '!' }}", scope)).isEqualTo("success!");
    assertThat(TEMPLATES.render("{{ t.upper() }}", scope)).isEqualTo("SUCCESS");
    assertThat(TEMPLATES.render("{{ t is string }}", scope)).isEqualTo(true);
    assertThat(TEMPLATES.guard("{{ t }}", scope)).isTrue();
  }
}
