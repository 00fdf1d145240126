package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateFixture.TEMPLATES;
import static io.noetl.playbook.template.TemplateFixture.eval;
import static io.noetl.playbook.template.TemplateFixture.map;
import static io.noetl.playbook.template.TemplateFixture.scope;
import static io.noetl.playbook.template.TemplateFixture.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.language.Rule;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Section 7.5: literals, operators and access. */
class ExpressionTest {

  private static void check(String expression, @Nullable Object expected) {
    assertThat(eval(expression, "n", 5L, "s", "abc", "l", List.of(1L, 2L, 3L), "m", map("k", "v")))
        .as(expression)
        .isEqualTo(expected);
  }

  private static void fails(String expression, String message) {
    assertThatThrownBy(() -> eval(expression, "n", 5L, "s", "abc", "l", List.of(1L)))
        .as(expression)
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining(message);
  }

  @Test
  @Rule("7.5")
  void rule_7_5_literals() {
    check("'s'", "s");
    check("\"s\"", "s");
    check("'a\\nb\\t\\'\\\\ \\d \\x41\\u00e9'", "a\nb\t'\\ \\d Aé");
    check("1", 1L);
    check("1.5", 1.5);
    check("1.5e3", 1500.0);
    check("99999999999999999999", new BigInteger("99999999999999999999"));
    check(
        "[true, false, none, True, False, None]",
        java.util.Arrays.asList(true, false, null, true, false, null));
    check("[1, 'a', [2],]", List.of(1L, "a", List.of(2L)));
    check("(1, 2)", List.of(1L, 2L));
    check("(1,)", List.of(1L));
    check("()", List.of());
    check("{'a': 1, 'b': {'c': [2]}}", map("a", 1L, "b", map("c", List.of(2L))));
    check("{}", map());
  }

  @Test
  @Rule("7.5")
  void rule_7_5_words_of_the_library_are_plain_names() {
    for (String name :
        List.of(
            "empty",
            "div",
            "mod",
            "eq",
            "ne",
            "lt",
            "gt",
            "le",
            "ge",
            "instanceof",
            "null",
            "loop")) {
      assertThat(eval(name, name, 7L)).as(name).isEqualTo(7L);
    }
  }

  @Test
  @Rule("7.5")
  void rule_7_5_precedence_of_operators() {
    check("1 + 2 * 3", 7L);
    check("(1 + 2) * 3", 9L);
    check("2 * 3 ** 2", 18L);
    check("-2 ** 2", -4L);
    check("2 ** 3 ** 2", 512L);
    check("2 ** -1", 0.5);
    check("10 - 4 - 3", 3L);
    check("'a' ~ 1 + 2", "a3");
    check("not 1 == 2", true);
    check("not n in l", true);
    check("1 + 1 == 2 and 2 < 3", true);
    check("false and false or true", true);
    check("true or true and false", true);
    check("n + 1 is even", true);
    check("1 == 1 in [true]", true);
    check("-n | abs", -5L);
    check("n -1", 4L);
    check("n +1", 6L);
    check("not not 5", true);
    check("- - 5", 5L);
    check("1 if false else 2 if false else 3", 3L);
    check("'a' if n > 3 else 'b'", "a");
  }

  @Test
  @Rule("7.5")
  void rule_7_5_a_choice_without_else_is_undefined() {
    check("'a' if false", null);
    check("('a' if false) is defined", false);
    check("('a' if false) ~ 'b'", "b");
  }

  @Test
  @Rule("7.5")
  void rule_7_5_and_or_return_the_deciding_operand() {
    check("'' or 'b'", "b");
    check("'a' or 'b'", "a");
    check("'a' and 'b'", "b");
    check("0 and 'b'", 0L);
    check("0 or none", null);
    check("[] or {} or 'x'", "x");
    check("nope or 'x'", "x");
    check("true or 1 / 0", true);
    check("false and 1 / 0", false);
    check("not 'a'", false);
    check("not ''", true);
  }

  @Test
  @Rule("7.5")
  void rule_7_5_truth_is_that_of_python() {
    for (String nothing : List.of("none", "false", "0", "0.0", "''", "[]", "{}", "nope", "()")) {
      check("'y' if " + nothing + " else 'n'", "n");
    }
    for (String thing : List.of("true", "1", "-0.5", "'0'", "'false'", "[0]", "{'a': 0}", "' '")) {
      check("'y' if " + thing + " else 'n'", "y");
    }
  }

  @Test
  @Rule("7.5")
  void rule_7_5_plus_adds_numbers_and_joins_texts_and_lists() {
    check("1 + 2", 3L);
    check("1 + 2.0", 3.0);
    check("true + 1", 2L);
    check("('1' + '2') ~ ''", 12L);
    check("[1] + [2]", List.of(1L, 2L));
    fails(
        "1 + '2'", "'+' to get two numbers, two texts or two lists, but got a number and a string");
    fails("'1' + 2", "'+'");
    fails("n + nope", "an undefined value");
    fails("none + 1", "none");
    fails("{} + {}", "a map");
    fails("[1] + 'a'", "a list and a string");
  }

  @Test
  @Rule("7.5")
  void rule_7_5_integers_stay_integers_and_grow() {
    check("9223372036854775807 + 1", new BigInteger("9223372036854775808"));
    check("9223372036854775808 - 1", Long.MAX_VALUE);
    check(
        "9223372036854775807 * 9223372036854775807", new BigInteger("9223372036854775807").pow(2));
    check("-9223372036854775807 - 2", new BigInteger("-9223372036854775809"));
    check("2 ** 100", BigInteger.TWO.pow(100));
    check("-(-9223372036854775807 - 1)", new BigInteger("9223372036854775808"));
  }

  @Test
  @Rule("7.5")
  void rule_7_5_integers_of_any_java_type_are_integers() {
    assertThat(eval("[n + 1, n * 2, n - 1, n // 2, n % 3, -n, n ** 2]", "n", 5))
        .isEqualTo(List.of(6L, 10L, 4L, 2L, 2L, -5L, 25L));
    assertThat(eval("n == 5 and n < 6 and n in [5] and [0, 1][m] == 1", "n", 5, "m", (short) 1))
        .isEqualTo(true);
  }

  @Test
  @Rule("7.5")
  void rule_7_5_division_floor_and_remainder() {
    check("7 / 2", 3.5);
    check("6 / 2", 3.0);
    check("7 // 2", 3L);
    check("-7 // 2", -4L);
    check("7.0 // 2", 3.0);
    check("-7 % 3", 2L);
    check("7 % -3", -2L);
    check("-7.5 % 2", 0.5);
    fails("1 / 0", "divide by zero");
    fails("1 // 0", "divide by zero");
    fails("1 % 0", "divide by zero");
    fails("1.5 / 0.0", "divide by zero");
    fails("0 ** -1", "divide by zero");
    fails("'a' / 2", "'/'");
  }

  @Test
  @Rule("7.5")
  void rule_7_5_times_repeats_texts_and_lists() {
    check("2 * 3", 6L);
    check("2 * 1.5", 3.0);
    check("'ab' * 2", "abab");
    check("2 * 'ab'", "abab");
    check("[1] * 3", List.of(1L, 1L, 1L));
    check("'ab' * -1 ~ '.'", ".");
    check("[1] * 0", List.of());
    check("[] * 10 ** 19", List.of());
    fails("'a' * 1.5", "an integer");
    fails("'a' * 'b'", "an integer");
  }

  @Test
  @Rule("7.5")
  void rule_7_5_equality_is_by_value_and_family() {
    check("1 == 1.0", true);
    check("1 == true", true);
    check("0 == false", true);
    check("'1' == 1", false);
    check("'true' == true", false);
    check("none == nope", true);
    check("none == none", true);
    check("nope == nope2", true);
    check("none == false", false);
    check("none == 0", false);
    check("none == ''", false);
    check("nope != 'a'", true);
    check("[1, {'a': 2.0}] == [1.0, {'a': 2}]", true);
    check("[1] == [1, 2]", false);
    check("{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", true);
    check("{'a': 1} == {'b': 1}", false);
    check("[] == {}", false);
    check("9007199254740993 == 9007199254740992.0", false);
    check("99999999999999999999 == 99999999999999999999", true);
    check("10 ** 400 == 10 ** 500", false);
    check("10 ** 400 < 10 ** 500", true);
    check("'a' != 'b'", true);
  }

  @Test
  @Rule("7.5")
  void rule_7_5_order_within_families_is_false_across_them() {
    check("1 < 1.5", true);
    check("'a' < 'b'", true);
    check("'B' < 'a'", true);
    check("[1, 2] < [1, 3]", true);
    check("[1] < [1, 0]", true);
    check("true < 2", true);
    for (String operator : List.of("<", "<=", ">", ">=")) {
      for (String pair :
          List.of(
              "1 %s 'a'",
              "nope %s 1", "1 %s none", "none %s none", "[1] %s 'a'", "{} %s {}", "[1] %s ['a']")) {
        check(pair.formatted(operator), false);
      }
    }
    check("'\\uffff' < '\ud83d\ude00'", true);
  }

  @Test
  @Rule("7.5")
  void rule_7_5_comparisons_chain() {
    check("1 < 2 < 3", true);
    check("1 < 3 < 2", false);
    check("3 > 2 >= 2 == 2 != 1", true);
    check("(1 < 2) == true", true);
    check("1 < 2 == true", false);
  }

  @Test
  @Rule("7.5")
  void rule_7_5_in_finds_parts_elements_and_keys() {
    check("'b' in s", true);
    check("'' in s", true);
    check("'d' in s", false);
    check("2 in l", true);
    check("2.0 in l", true);
    check("'2' in l", false);
    check("'k' in m", true);
    check("'v' in m", false);
    check("'x' not in m", true);
    check("1 in nope", false);
    check("1 in none", false);
    check("1 not in nope", true);
    check("1 in 'a1'", false);
    check("{'a': 1} in [{'a': 1}]", true);
  }

  @Test
  @Rule("7.5")
  void rule_7_5_tilde_joins_texts() {
    check("1 ~ 'a' ~ none ~ nope ~ true ~ 1.0", "1aNoneTrue1.0");
  }

  @Test
  @Rule("7.5")
  void rule_7_5_members_are_keys_first() {
    check("m.k", "v");
    check("m.nope", null);
    assertThat(eval("m.items", "m", map("items", 1L))).isEqualTo(1L);
    assertThat(eval("m.in.is.not", "m", map("in", map("is", map("not", 4L))))).isEqualTo(4L);
    check("l.0", 1L);
    check("[[1, 2], [3]].0.1", 2L);
    check("l.9 is defined", false);
    check("s.length is defined", false);
    check("n.x is defined", false);
  }

  @Test
  @Rule("7.5")
  void rule_7_5_subscripts_count_from_the_end_too() {
    check("l[0]", 1L);
    check("l[-1]", 3L);
    check("l[3] is defined", false);
    check("l[-4] is defined", false);
    check("s[1]", "b");
    check("s[-1]", "c");
    check("s[7] is defined", false);
    check("m['k']", "v");
    check("m['x'] is defined", false);
    check("l['x'] is defined", false);
    check("{'1': 'a'}[1]", "a");
    check("'a\ud83d\ude00b'[1]", "\ud83d\ude00");
    check("l[99999999999999999999] is defined", false);
  }

  @Test
  @Rule("7.5")
  void rule_7_5_slices() {
    check("l[1:]", List.of(2L, 3L));
    check("l[:2]", List.of(1L, 2L));
    check("l[-2:]", List.of(2L, 3L));
    check("l[::2]", List.of(1L, 3L));
    check("l[::-1]", List.of(3L, 2L, 1L));
    check("l[5:9]", List.of());
    check("l[2:0:-1]", List.of(3L, 2L));
    check("s[1:]", "bc");
    check("s[::-1]", "cba");
    check("s[:-1]", "ab");
    check("'a\ud83d\ude00b'[1:2]", "\ud83d\ude00");
    check("l[:]", List.of(1L, 2L, 3L));
    check("nope[1:] is defined", false);
    check("l[none:1]", List.of(1L));
    check("l[-9223372036854775807:9223372036854775807:9223372036854775807]", List.of(1L));
    fails("l[::0]", "step of a slice");
    fails("l['a':]", "bounds of a slice");
  }

  @Test
  @Rule("7.5")
  void rule_7_5_undefined_chains() {
    check("nope.a.b.c", null);
    check("nope[0]['x'].y is defined", false);
    check("nope.a | upper", null);
    check("nope.a | upper is defined", false);
    check("nope.a.b | default('d')", "d");
    check("none.a is defined", false);
    assertThat(text("[{{ nope.x }}]{% for i in nope.x %}i{% endfor %}")).isEqualTo("[]");
    fails("nope - 1", "an undefined value");
    fails("-nope", "an undefined value");
    fails("nope.x()", "a method 'x'");
  }

  @Test
  @Rule("7.5")
  void rule_7_5_unknown_filters_tests_and_functions_are_errors() {
    fails("1 | nope", "there is no filter 'nope'");
    fails("1 is nope", "there is no test 'nope'");
    fails("nope()", "there is no function of that name");
    fails("token('x')", "'token'");
    fails("secret('x')", "'secret'");
    fails("cycler(1)", "'cycler'");
    fails("joiner(1)", "'joiner'");
    fails("n()", "'n'");
    assertThat(TEMPLATES.syntaxError("{{ 1 | nope }}"))
        .isEqualTo("line 1, column 8: expected a known filter, but there is no filter 'nope'");
    fails("1 | upper(1)", "at most 0 arguments");
    fails("1 | default(x=1)", "but it gets 'x'");
  }

  @Test
  @Rule("7.5")
  void rule_7_5_functions() {
    check("range(3)", List.of(0L, 1L, 2L));
    check("range(1, 4)", List.of(1L, 2L, 3L));
    check("range(5, 0, -2)", List.of(5L, 3L, 1L));
    check("range(3) | length", 3L);
    check("range(0)", List.of());
    check("range(3)[1:]", List.of(1L, 2L));
    check("1 in range(3)", true);
    check("dict(a=1, b='x')", map("a", 1L, "b", "x"));
    check("dict(m, k=2)", map("k", 2L));
    check("namespace(a=1).a", 1L);
    check("now()", "2024-05-01T10:00:00.250000+00:00");
    fails("range()", "range()");
    fails("range(nope)", "range()");
    fails("range(1, 2, 0)", "range()");
    fails("range(100001)", "template.max-range (100000)");
    fails("range(10 ** 9)", "template.max-range");
    assertThat(eval("range(100000) | length")).isEqualTo(100000L);
  }

  @Test
  @Rule("7.5")
  void rule_7_5_nothing_of_java_can_be_reached() {
    for (String expression :
        List.of(
            "''.class",
            "s.bytes",
            "m.class.forName",
            "l.stream",
            "n.class",
            "____int3rpr3t3r____",
            "____int3rpr3t3r____.config",
            "filter:upper",
            "request")) {
      assertThat(
              TEMPLATES.syntaxError("{{ " + expression + " }}") != null
                  || eval(expression, "s", "a", "m", map(), "l", List.of(), "n", 1L) == null)
          .as(expression)
          .isTrue();
    }
    fails("s.getClass()", "a method 'getClass'");
    fails("l.stream()", "a method 'stream'");
    fails("s.getBytes()", "a method 'getBytes'");
    fails("s.repeat(3)", "a method 'repeat'");
    fails("{}.put('a', 1)", "a method 'put'");
    fails("{}.pop('a')", "a method 'pop'");
  }

  @Test
  @Rule("7.5")
  void rule_7_5_syntax_errors_say_where_and_what() {
    assertThat(TEMPLATES.syntaxError("{{ a b }}"))
        .isEqualTo("line 1, column 6: expected the end of the expression, but found 'b'");
    assertThat(TEMPLATES.syntaxError("{{ }}"))
        .contains("expected a value, but the expression ends");
    assertThat(TEMPLATES.syntaxError("{{ a.1b }}")).isNotNull();
    assertThat(TEMPLATES.syntaxError("{{ [1, }}")).isNotNull();
    assertThat(TEMPLATES.syntaxError("{{ (1 }}")).contains("expected ')'");
    assertThat(TEMPLATES.syntaxError("{{ {'a' 1} }}")).contains("expected ':'");
    assertThat(TEMPLATES.syntaxError("{{ 'a }} }}")).isNotNull();
    assertThat(TEMPLATES.syntaxError("{{ a && b }}")).isNotNull();
    assertThat(TEMPLATES.syntaxError("{{ a || b }}")).isNotNull();
    assertThat(TEMPLATES.syntaxError("{{ a ? b : c }}")).isNotNull();
    assertThat(TEMPLATES.syntaxError("{{ !a }}")).isNotNull();
    assertThat(TEMPLATES.syntaxError("{{ a = 1 }}")).isNotNull();
    assertThat(TEMPLATES.syntaxError("{{ a # b }}")).isNotNull();
    assertThat(TEMPLATES.syntaxError("{{ x }} {{ y")).contains("to be closed by '}}'");
    assertThat(TEMPLATES.syntaxError("{{ x }} {# y")).contains("to be closed by '#}'");
    assertThat(TEMPLATES.syntaxError("{{ a\n  + * }}")).startsWith("line 2, column 5");
  }

  @Test
  void an_expression_may_stand_without_delimiters() {
    Scope scope = scope("workload", map("items", List.of(1L, 2L)), "s", "12");
    assertThat(TEMPLATES.evaluate("workload.items", scope)).isEqualTo(List.of(1L, 2L));
    assertThat(TEMPLATES.evaluate("workload.items | length > 1", scope)).isEqualTo(true);
    assertThat(TEMPLATES.evaluate("nope", scope)).isNull();
    assertThat(TEMPLATES.evaluate("s", scope)).isEqualTo("12");
    assertThat(TEMPLATES.evaluate("{{ s }}", scope)).isEqualTo(12L);
    assertThatThrownBy(() -> TEMPLATES.evaluate("a b", scope))
        .isInstanceOf(TemplateException.class);
  }

  @Test
  void braces_of_map_literals_do_not_end_an_expression() {
    assertThat(eval("{'a': {'b': {}}}")).isEqualTo(map("a", map("b", map())));
    assertThat(TemplateFixture.render("{{{'a': {'b': 1}}}}")).isEqualTo(map("a", map("b", 1L)));
    assertThat(text("x{{ {'a': {'b': 1}}.a.b }}y{{ '}}' }}")).isEqualTo("x1y}}");
    assertThat(Templates.isSingleExpression("{{ {'a': {'b': 1}} }}")).isTrue();
    assertThat(Templates.isSingleExpression(" {{ a }}\n")).isTrue();
    assertThat(Templates.isSingleExpression("{{ a }} {{ b }}")).isFalse();
    assertThat(Templates.isSingleExpression("a {{ b }}")).isFalse();
    assertThat(Templates.isSingleExpression("{{ '}} {{' }}")).isTrue();
    assertThat(Templates.isSingleExpression("{% if a %}")).isFalse();
  }

  @Test
  void words_are_all_that_a_template_may_read() {
    assertThat(
            Templates.words(
                map(
                    "a",
                    "{{ x.y | f }} no {% if z %}",
                    "{{ k }}",
                    List.of(new LazyText("{{ q }}"), 5L),
                    "c",
                    "none of these")))
        .containsExactlyInAnyOrder("x", "y", "f", "if", "z", "k", "q");
    assertThat(Templates.guardWords("a == b.c")).containsExactlyInAnyOrder("a", "b", "c");
    assertThat(Templates.guardWords("{{ a }} b")).containsExactly("a");
    assertThat(Templates.guardWords(true)).isEmpty();
  }
}
