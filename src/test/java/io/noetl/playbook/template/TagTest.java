package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateFixture.TEMPLATES;
import static io.noetl.playbook.template.TemplateFixture.map;
import static io.noetl.playbook.template.TemplateFixture.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.language.Rule;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Section 7.5: block tags and whitespace. */
@Rule("7.5")
class TagTest {

  @Test
  @Rule("7.5")
  void rule_7_5_tag_if() {
    String template =
        "{% if n > 2 %}many{% elif n == 2 %}two{% elif n %}one{% else %}none{% endif %}";
    assertThat(text(template, "n", 5L)).isEqualTo("many");
    assertThat(text(template, "n", 2L)).isEqualTo("two");
    assertThat(text(template, "n", 1L)).isEqualTo("one");
    assertThat(text(template, "n", 0L)).isEqualTo("none");
    assertThat(text("{% if nope %}x{% endif %}.")).isEqualTo(".");
  }

  @Test
  @Rule("7.5")
  void rule_7_5_tag_for() {
    assertThat(text("{% for x in [1, 2, 3] %}{{ x }};{% endfor %}")).isEqualTo("1;2;3;");
    assertThat(text("{% for x in [1, 2, 3] if x != 2 %}{{ x }}{{ loop.last }};{% endfor %}"))
        .isEqualTo("1False;3True;");
    assertThat(text("{% for x in [] %}x{% else %}nothing{% endfor %}")).isEqualTo("nothing");
    assertThat(text("{% for x in [1] if x > 1 %}x{% else %}nothing{% endfor %}"))
        .isEqualTo("nothing");
    assertThat(text("{% for x in none %}x{% endfor %}")).isEmpty();
    assertThat(
            text(
                "{% for k, v in m.items() %}{{ k }}={{ v }},{% endfor %}",
                "m", map("a", 1L, "b", 2L)))
        .isEqualTo("a=1,b=2,");
    assertThat(text("{% for k in m %}{{ k }}{% endfor %}", "m", map("a", 1L, "b", 2L)))
        .isEqualTo("ab");
    assertThat(text("{% for c in 'xy' %}{{ c }}.{% endfor %}")).isEqualTo("x.y.");
    assertThat(text("{% for a, (b, c) in [[1, [2, 3]]] %}{{ a }}{{ b }}{{ c }}{% endfor %}"))
        .isEqualTo("123");
    assertThat(
            text("{% for x in (a if b else c) %}{{ x }}{% endfor %}", "b", false, "c", List.of(7L)))
        .isEqualTo("7");
    assertThatThrownBy(() -> text("{% for a, b in [[1]] %}{% endfor %}"))
        .hasMessageContaining("2 values to unpack");
    assertThatThrownBy(() -> text("{% for a in 5 %}{% endfor %}"))
        .hasMessageContaining("for to get a list");
  }

  @Test
  @Rule("7.5")
  void rule_7_5_the_name_loop() {
    assertThat(
            text(
                "{% for x in 'abc' %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{"
                    + " loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem |"
                    + " default('-') }}{{ loop.nextitem | default('-') }} {% endfor %}"))
        .isEqualTo("103TrueFalse3-b 212FalseFalse3ac 321FalseTrue3b- ");
    assertThat(
            text(
                "{% for x in 'ab' %}{% for y in 'cd' %}{{ loop.index }}{% endfor %}{{ loop.index"
                    + " }}{% endfor %}"))
        .isEqualTo("121122");
  }

  @Test
  @Rule("7.5")
  void rule_7_5_tag_set() {
    assertThat(text("{% set x = 1 + 1 %}{{ x }}")).isEqualTo("2");
    assertThat(text("{% set a, b = 1, 2 %}{{ a }}{{ b }}")).isEqualTo("12");
    assertThat(text("{% set x %}a{{ 1 }}{% endset %}[{{ x }}]")).isEqualTo("[a1]");
    assertThat(text("{% set x | upper | replace('A', 'B') %}a{% endset %}{{ x }}")).isEqualTo("B");
    assertThat(text("{% if true %}{% set x = 1 %}{% endif %}{{ x }}")).isEqualTo("1");
    // A loop has names of its own, as in Jinja; a namespace reaches out of it.
    assertThat(text("{% set x = 0 %}{% for i in [1] %}{% set x = i %}{% endfor %}{{ x }}"))
        .isEqualTo("0");
    assertThat(
            text(
                "{% set ns = namespace(n=0) %}{% for i in [1, 2] %}{% set ns.n = ns.n + i %}{%"
                    + " endfor %}{{ ns.n }}"))
        .isEqualTo("3");
    assertThat(text("{% set n = 5 %}{{ n }}", "n", 1L)).isEqualTo("5");
    assertThatThrownBy(() -> text("{% set m.a = 1 %}", "m", map()))
        .hasMessageContaining("namespace");
  }

  @Test
  @Rule("7.5")
  void rule_7_5_tag_with() {
    assertThat(
            text("{% with a = 1, b = n %}{{ a }}{{ b }}{% endwith %}{{ a is defined }}", "n", 2L))
        .isEqualTo("12False");
    assertThat(text("{% with %}{% set a = 1 %}{{ a }}{% endwith %}{{ a is defined }}"))
        .isEqualTo("1False");
  }

  @Test
  @Rule("7.5")
  void rule_7_5_tag_raw() {
    assertThat(text("{% raw %}{{ x }} {% if %}{# c #}{% endraw %}{{ 1 }}"))
        .isEqualTo("{{ x }} {% if %}{# c #}1");
    assertThat(text("a {%- raw -%} {{ x }} {%- endraw -%} b")).isEqualTo("a{{ x }}b");
    assertThat(TEMPLATES.syntaxError("{% raw %} {{ x }}")).contains("'endraw'");
  }

  @Test
  @Rule("7.5")
  void rule_7_5_tag_filter() {
    assertThat(text("{% filter upper | replace('B', 'c') %}ab{{ 1 }}{% endfilter %}"))
        .isEqualTo("Ac1");
  }

  @Test
  @Rule("7.5")
  void rule_7_5_tags_macro_and_call() {
    assertThat(
            text(
                "{% macro m(a, b=2) %}{{ a }}-{{ b }}{% endmacro %}{{ m(1) }} {{ m(1, b=3) }} {{"
                    + " m() }}"))
        .isEqualTo("1-2 1-3 -2");
    assertThat(
            text(
                "{% macro m(x) %}<{{ caller('c' ~ x) }}>{% endmacro %}{% call(y) m(1) %}[{{ y }}]{%"
                    + " endcall %}"))
        .isEqualTo("<[c1]>");
    assertThat(text("{% macro f(n) %}{{ n }}{{ f(n - 1) if n > 0 }}{% endmacro %}{{ f(3) }}"))
        .isEqualTo("3210");
    assertThat(
            text(
                "{% set g = 'g' %}{% macro m() %}{{ g }}{{ l }}{% endmacro %}{% for l in [1] %}{{"
                    + " m() }}{% endfor %}"))
        .isEqualTo("g");
    assertThatThrownBy(() -> text("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}"))
        .hasMessageContaining("at most 1 arguments");
    assertThatThrownBy(() -> text("{% macro m(a) %}{% endmacro %}{{ m(b=2) }}"))
        .hasMessageContaining("'b'");
    assertThatThrownBy(() -> text("{% call f() %}{% endcall %}")).hasMessageContaining("macro");
  }

  @Test
  @Rule("7.5")
  void rule_7_5_tags_that_reach_other_texts_are_refused() {
    for (String tag :
        List.of(
            "include 'x'",
            "import 'x' as y",
            "from 'x' import y",
            "extends 'x'",
            "block b",
            "nope",
            "endif",
            "else")) {
      assertThat(TEMPLATES.syntaxError("{% " + tag + " %}")).as(tag).isNotNull();
    }
    assertThat(TEMPLATES.syntaxError("{% include 'x' %}")).contains("'include' is not available");
    assertThat(TEMPLATES.syntaxError("{% if a %}")).contains("endif");
    assertThat(TEMPLATES.syntaxError("{% for a in b %}{% endif %}{% endfor %}")).isNotNull();
    assertThat(TEMPLATES.syntaxError("{% if a %}{% endif b %}"))
        .contains("expected nothing after 'endif'");
    assertThat(TEMPLATES.syntaxError("{% for in b %}{% endfor %}")).contains("a name");
    assertThat(TEMPLATES.syntaxError("{%%}")).isNotNull();
    assertThat(TEMPLATES.syntaxError("{% 1 %}")).isNotNull();
  }

  @Test
  @Rule("7.5")
  void rule_7_5_a_newline_after_a_tag_is_kept_and_minus_trims() {
    assertThat(text("{% if true %}\na\n{% endif %}\nb")).isEqualTo("\na\n\nb");
    assertThat(text("x \n {%- if true -%} \n a \n {%- endif -%} \n y")).isEqualTo("xay");
    assertThat(text("a {{- 1 -}} b")).isEqualTo("a1b");
    assertThat(text("a {#- c -#} b{{ 1 }}")).isEqualTo("ab1");
    assertThat(text("a {# {{ x }} #} b{{ 1 }}")).isEqualTo("a  b1");
    assertThat(text("{{ 1 }}\n")).isEqualTo("1\n");
    assertThat(text("{{-1}}")).isEqualTo("1");
    assertThat(text("{{ -1 }}")).isEqualTo("-1");
  }

  @Test
  void methods_of_lists_that_the_template_made_change_them() {
    assertThat(
            text(
                "{% set l = [] %}{% for i in [1, 2] %}{% set _ = l.append(i) %}{% endfor %}{{ l"
                    + " }}"))
        .isEqualTo("[1, 2]");
    assertThat(text("{% set l = [1] %}{{ l.extend([2, 3]) }}{{ l }}")).isEqualTo("None[1, 2, 3]");
    assertThatThrownBy(() -> text("{{ l.append(1) }}", "l", List.of()))
        .hasMessageContaining("itself has made");
    assertThatThrownBy(
            () -> text("{{ l.extend([1]) }}", "l", new java.util.ArrayList<>(List.of(1L))))
        .hasMessageContaining("itself has made");
  }

  @Test
  void a_template_sets_names_for_itself_only() {
    var names = map("x", 1L);
    Scope scope = Scope.of(names, TemplateFixture.NOW);
    assertThat(TEMPLATES.renderText("{% set x = 2 %}{% set y = 3 %}{{ x }}{{ y }}", scope))
        .isEqualTo("23");
    assertThat(TEMPLATES.renderText("{{ x }}{{ y }}", scope)).isEqualTo("1");
    assertThat(names).isEqualTo(map("x", 1L));
  }
}
