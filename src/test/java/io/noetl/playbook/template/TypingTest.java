package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateFixture.TEMPLATES;
import static io.noetl.playbook.template.TemplateFixture.eval;
import static io.noetl.playbook.template.TemplateFixture.map;
import static io.noetl.playbook.template.TemplateFixture.render;
import static io.noetl.playbook.template.TemplateFixture.scope;
import static io.noetl.playbook.template.TemplateFixture.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.language.Rule;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Sections 7.1 to 7.4 and 7.9: rendering a value, re-typing, text fields, values as text. */
class TypingTest {

  @Test
  @Rule("7")
  void rule_7_a_text_without_complete_delimiters_is_no_template() {
    for (String plain :
        List.of("", "a", "{ {", "{{ x", "x }}", "}} {{", "{# c #}", "%} {%", "{ % x % }", "{x}")) {
      assertThat(Templates.isTemplate(plain)).as(plain).isFalse();
      assertThat(render(plain)).as(plain).isEqualTo(plain);
      assertThat(text(plain)).as(plain).isEqualTo(plain);
    }
    assertThat(Templates.isTemplate("a {{ x }}")).isTrue();
    assertThat(Templates.isTemplate("{% if x %}")).isTrue();
  }

  @Test
  @Rule("7.1")
  void rule_7_1_renders_maps_and_lists_recursively() {
    Object rendered =
        render(
            map("a", List.of("{{ n }}", map("k-{{ n }}", "v {{ n }}")), "b", true, "c", null),
            "n",
            5L);
    assertThat(rendered).isEqualTo(map("a", List.of(5L, map("k-5", "v 5")), "b", true, "c", null));
  }

  @Test
  @Rule("7.1")
  void rule_7_1_passes_numbers_booleans_and_null_through() {
    assertThat(render(Arrays.asList(1L, 1.5, true, null)))
        .isEqualTo(Arrays.asList(1L, 1.5, true, null));
  }

  @Test
  @Rule("7.1")
  void rule_7_1_leaves_the_value_it_renders_unchanged() {
    var value = map("a", List.of("{{ n }}"));
    render(value, "n", 1L);
    assertThat(value).isEqualTo(map("a", List.of("{{ n }}")));
  }

  @Test
  @Rule("7.1")
  void rule_7_1_renders_no_result_again() {
    assertThat(eval("x", "x", "{{ y }}", "y", 1L)).isEqualTo("{{ y }}");
    assertThat(render("a {{ x }}", "x", "{{ y }}")).isEqualTo("a {{ y }}");
  }

  @Test
  @Rule("7.1")
  void rule_7_1_a_single_expression_yields_its_native_value() {
    assertThat(eval("x", "x", List.of(1L, 2L))).isEqualTo(List.of(1L, 2L));
    assertThat(eval("x", "x", map("a", null))).isEqualTo(map("a", null));
    assertThat(eval("x", "x", 1.5)).isEqualTo(1.5);
    assertThat(eval("x", "x", true)).isEqualTo(true);
    assertThat(render("  {{ x }}\n", "x", 7L)).isEqualTo(7L);
    assertThat(render("{{- x -}}", "x", 7L)).isEqualTo(7L);
  }

  @Test
  @Rule("7.1")
  void rule_7_1_undefined_and_none_yield_null() {
    assertThat(eval("nope")).isNull();
    assertThat(eval("none")).isNull();
    assertThat(eval("[nope, none]")).isEqualTo(Arrays.asList(null, null));
    assertThat(eval("{'a': nope}")).isEqualTo(map("a", null));
  }

  @Test
  @Rule("7.1")
  void rule_7_1_text_making_filters_keep_a_string_a_string() {
    for (String filter :
        List.of("string", "trim", "lower", "upper", "replace('x', 'y')", "urlencode")) {
      assertThat(eval("s | " + filter, "s", "12")).as(filter).isEqualTo("12");
    }
    assertThat(eval("['1', '2'] | join")).isEqualTo("12");
    assertThat(eval("'%d' | format(12)")).isEqualTo("12");
    assertThat(eval("'\\x35\\x04\\x35' | b64encode")).isEqualTo("NQQ1");
    assertThat(eval("(s | trim)", "s", "12")).isEqualTo("12");
    // Only the outermost filter counts.
    assertThat(eval("s | trim | default('x')", "s", "12")).isEqualTo(12L);
    assertThat(eval("s | first", "s", "12")).isEqualTo(1L);
  }

  @Test
  @Rule("7.1")
  void rule_7_1_mixed_text_yields_a_string() {
    assertThat(render("n={{ n }}", "n", 5L)).isEqualTo("n=5");
    assertThat(render("{{ n }}{{ n }}", "n", 5L)).isEqualTo("55");
    assertThat(render("{% if true %}5{% endif %}")).isEqualTo("5");
  }

  @Test
  @Rule("7.1")
  void rule_7_1_mixed_text_that_is_a_json_structure_becomes_it() {
    assertThat(render("{\"a\": {{ n }}}", "n", 5L)).isEqualTo(map("a", 5L));
    assertThat(render(" [{{ n }}, {{ n }}] ", "n", 5L)).isEqualTo(List.of(5L, 5L));
    assertThat(render("[{{ n }}, oops]", "n", 5L)).isEqualTo("[5, oops]");
    assertThat(text("[{{ n }}, 6]", "n", 5L)).isEqualTo("[5, 6]");
  }

  private static @Nullable Object retyped(String text) {
    return eval("x", "x", text);
  }

  @Test
  @Rule("7.2")
  void rule_7_2_retypes_json_structures() {
    assertThat(retyped(" {\"a\": [1, null]} ")).isEqualTo(map("a", Arrays.asList(1L, null)));
    assertThat(retyped("[1, 2]")).isEqualTo(List.of(1L, 2L));
    assertThat(retyped("{a: 1}")).isEqualTo("{a: 1}");
    assertThat(retyped("[1] x")).isEqualTo("[1] x");
  }

  @Test
  @Rule("7.2")
  void rule_7_2_retypes_integer_text() {
    assertThat(retyped("12")).isEqualTo(12L);
    assertThat(retyped(" -7\n")).isEqualTo(-7L);
    assertThat(retyped("0")).isEqualTo(0L);
    assertThat(retyped("123456789012345678")).isEqualTo(123456789012345678L);
    assertThat(retyped("1234567890123456789")).isEqualTo("1234567890123456789");
    assertThat(retyped("007")).isEqualTo("007");
    assertThat(retyped("+5")).isEqualTo("+5");
    assertThat(retyped("--5")).isEqualTo("--5");
    assertThat(retyped("-")).isEqualTo("-");
    assertThat(retyped("١٢")).isEqualTo("١٢");
  }

  @Test
  @Rule("7.2")
  void rule_7_2_retypes_float_text() {
    assertThat(retyped("1.50")).isEqualTo(1.5);
    assertThat(retyped("-0.5")).isEqualTo(-0.5);
    assertThat(retyped("1.5e3")).isEqualTo(1500.0);
    assertThat(retyped("2.0E-2")).isEqualTo(0.02);
    for (String text : List.of("1.", ".5", "01.5", "1e3", "1.5e", "1.5e+", "1.5x", "1.5e3x")) {
      assertThat(retyped(text)).as(text).isEqualTo(text);
    }
  }

  @Test
  @Rule("7.2")
  void rule_7_2_retypes_the_words_for_booleans_and_null() {
    assertThat(retyped("true")).isEqualTo(true);
    assertThat(retyped("True")).isEqualTo(true);
    assertThat(retyped("false")).isEqualTo(false);
    assertThat(retyped("False")).isEqualTo(false);
    assertThat(retyped("null")).isNull();
    assertThat(retyped("None")).isNull();
    assertThat(retyped("TRUE")).isEqualTo("TRUE");
    assertThat(retyped("nil")).isEqualTo("nil");
  }

  @Test
  @Rule("7.2")
  void rule_7_2_leaves_other_text_unchanged() {
    assertThat(retyped("")).isEqualTo("");
    assertThat(retyped("  ")).isEqualTo("  ");
    assertThat(retyped(" a ")).isEqualTo(" a ");
  }

  @Test
  @Rule("7.2")
  void rule_7_2_never_retypes_ids_and_what_the_keychain_holds() {
    assertThat(eval("execution_id", "execution_id", "12")).isEqualTo("12");
    assertThat(eval("catalog_id", "catalog_id", "12")).isEqualTo("12");
    assertThat(eval("command_id", "command_id", "12")).isEqualTo("12");
    assertThat(eval("ctx.execution_id", "ctx", map("execution_id", "12"))).isEqualTo("12");
    assertThat(eval("job.uuid", "job", map("uuid", "12"))).isEqualTo("12");
    var keychain = map("svc", map("pin", "0", "json", "{}"));
    assertThat(eval("keychain.svc.pin", "keychain", keychain)).isEqualTo("0");
    assertThat(eval("keychain['svc'].json", "keychain", keychain)).isEqualTo("{}");
    assertThat(eval("keychain.svc.pin | default('x')", "keychain", keychain)).isEqualTo("0");
    assertThat(eval("keychain.svc.get('pin')", "keychain", keychain)).isEqualTo("0");
    assertThat(eval("(keychain.svc.pin if true else 1)", "keychain", keychain)).isEqualTo("0");
  }

  @Test
  @Rule("21.4")
  void setting_21_4_switches_retyping_off() {
    Templates off = TEMPLATES.withRetyping(false);
    assertThat(off.render("{{ s }}", scope("s", "12"))).isEqualTo("12");
    assertThat(off.render("{{ s }}", scope("s", "[1]"))).isEqualTo("[1]");
    assertThat(off.render("{{ s }}", scope("s", 12L))).isEqualTo(12L);
    assertThat(off.withRetyping(true).render("{{ s }}", scope("s", "12"))).isEqualTo(12L);
  }

  @Test
  @Rule("7.3")
  void rule_7_3_text_fields_are_always_text() {
    assertThat(text("{{ x }}", "x", 5L)).isEqualTo("5");
    assertThat(text("{{ x }}", "x", "12")).isEqualTo("12");
    assertThat(text("{{ x }}", "x", true)).isEqualTo("True");
    assertThat(text("{{ x }}", "x", null)).isEqualTo("None");
    assertThat(text("{{ nope }}")).isEmpty();
    assertThat(text("{{ x }}", "x", map("a", List.of(1L, true)))).isEqualTo("{\"a\":[1,true]}");
    assertThat(text("{{ x }}\n", "x", List.of(1L, 2L))).isEqualTo("[1,2]\n");
    assertThat(text("x {{ x }}", "x", List.of(1L, 2L))).isEqualTo("x [1, 2]");
    assertThat(TEMPLATES.renderText(map("a", "{{ n }}"), scope("n", 1L))).isEqualTo("{\"a\":1}");
    assertThat(TEMPLATES.renderText(5.0, scope())).isEqualTo("5.0");
  }

  @Test
  @Rule("7.3")
  void rule_7_3_tells_syntax_errors_from_others() {
    assertThat(TEMPLATES.syntaxError("d = {{'a': 1}}")).isNotNull();
    assertThat(TEMPLATES.syntaxError("d = {{ 1 / 0 }}")).isNull();
    assertThat(TEMPLATES.syntaxError("no template")).isNull();
    assertThat(TEMPLATES.syntaxError("a\n b {{ 1 + }}")).startsWith("line 2, column 10: ");
    assertThatThrownBy(() -> text("{{ 1 + }}")).isInstanceOf(TemplateException.class);
  }

  @Test
  @Rule("7.4")
  void rule_7_4_prints_values_as_python_does() {
    assertThat(TEMPLATES.textOf(true)).isEqualTo("True");
    assertThat(TEMPLATES.textOf(false)).isEqualTo("False");
    assertThat(TEMPLATES.textOf(null)).isEqualTo("None");
    assertThat(TEMPLATES.textOf(12L)).isEqualTo("12");
    assertThat(TEMPLATES.textOf(12)).isEqualTo("12");
    assertThat(TEMPLATES.textOf(new BigInteger("123456789012345678901234567890")))
        .isEqualTo("123456789012345678901234567890");
    assertThat(TEMPLATES.textOf(map("a", 1L, "b", Arrays.asList(true, null))))
        .isEqualTo("{\"a\": 1, \"b\": [true, null]}");
    assertThat(TEMPLATES.textOf(map("q", "a\"b\\\n\u0001é")))
        .isEqualTo("{\"q\": \"a\\\"b\\\\\\n\\u0001é\"}");
    assertThat(TEMPLATES.textOf(List.of())).isEqualTo("[]");
    assertThat(TEMPLATES.textOf(map())).isEqualTo("{}");
    assertThat(text("[{{ nope }}]")).isEqualTo("[]");
  }

  @Test
  @Rule("7.4")
  void rule_7_4_prints_floats_in_their_shortest_form() {
    assertThat(TEMPLATES.textOf(1.0)).isEqualTo("1.0");
    assertThat(TEMPLATES.textOf(0.5)).isEqualTo("0.5");
    assertThat(TEMPLATES.textOf(1e16)).isEqualTo("1e+16");
    assertThat(TEMPLATES.textOf(1.5e300)).isEqualTo("1.5e+300");
    assertThat(TEMPLATES.textOf(123456789.0)).isEqualTo("123456789.0");
    assertThat(TEMPLATES.textOf(1e15)).isEqualTo("1000000000000000.0");
    assertThat(TEMPLATES.textOf(0.0001)).isEqualTo("0.0001");
    assertThat(TEMPLATES.textOf(0.00001)).isEqualTo("1e-05");
    assertThat(TEMPLATES.textOf(-2.5e-7)).isEqualTo("-2.5e-07");
    assertThat(TEMPLATES.textOf(0.1 + 0.2)).isEqualTo("0.30000000000000004");
    assertThat(TEMPLATES.textOf(-0.0)).isEqualTo("-0.0");
  }

  @Test
  @Rule("7.4")
  void rule_7_4_tojson_is_compact() {
    assertThat(text("{{ x | tojson }}", "x", map("a", 1L, "b", Arrays.asList(true, null, 1.0))))
        .isEqualTo("{\"a\":1,\"b\":[true,null,1.0]}");
  }

  @Test
  @Rule("7.9")
  void rule_7_9_tells_null_from_a_missing_key() {
    var data = map("x", null);
    assertThat(eval("d.x is defined", "d", data)).isEqualTo(true);
    assertThat(eval("d.y is defined", "d", data)).isEqualTo(false);
    assertThat(eval("d.x | default('v')", "d", data)).isEqualTo("v");
    assertThat(eval("d.y | default('v')", "d", data)).isEqualTo("v");
    assertThat(eval("not d.x", "d", data)).isEqualTo(true);
    assertThat(render(map("a", "{{ d.x }}", "b", "{{ d.y }}"), "d", data))
        .isEqualTo(map("a", null, "b", null));
  }

  @Test
  @Rule("3.2")
  void lazy_defaults_are_rendered_for_their_reader() {
    assertThat(eval("title", "title", new LazyText("cfg for {{ owner }}"), "owner", "ops"))
        .isEqualTo("cfg for ops");
    assertThat(eval("n", "n", new LazyText("{{ 1 + 1 }}"))).isEqualTo(2L);
    assertThat(eval("w.a[0]", "w", map("a", List.of(new LazyText("{{ x }}"))), "x", 3L))
        .isEqualTo(3L);
    assertThat(eval("w", "w", map("a", new LazyText("{{ x }}")), "x", 3L)).isEqualTo(map("a", 3L));
    assertThat(eval("w == {'a': 3}", "w", map("a", new LazyText("{{ x }}")), "x", 3L))
        .isEqualTo(true);
    assertThat(text("{{ w }}!", "w", map("a", new LazyText("{{ x }}")), "x", 3L))
        .isEqualTo("{\"a\": 3}!");
    assertThat(
            text(
                "{% for i in w %}{{ i }}{% endfor %}",
                "w", List.of(new LazyText("<{{ x }}>")), "x", 3L))
        .isEqualTo("<3>");
    assertThat(eval("t", "t", new LazyText("{{ nope }}"))).isNull();
  }

  @Test
  @Rule({"3.2", "17"})
  void lazy_defaults_read_each_other_at_most_five_deep() {
    Scope five =
        scope(
            "a", new LazyText("{{ b }}"),
            "b", new LazyText("{{ c }}"),
            "c", new LazyText("{{ d }}"),
            "d", new LazyText("{{ e }}"),
            "e", new LazyText("{{ f }}"),
            "f", "end");
    assertThat(TEMPLATES.render("{{ a }}", five)).isEqualTo("end");
    assertThatThrownBy(
            () -> TEMPLATES.render("{{ z }}", five.with(map("z", new LazyText("{{ a }}")))))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("template.lazy-depth (5)");
    assertThatThrownBy(() -> eval("a", "a", new LazyText("{{ a }}")))
        .hasMessageContaining("template.lazy-depth");
  }
}
