package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateFixture.TEMPLATES;
import static io.noetl.playbook.template.TemplateFixture.eval;
import static io.noetl.playbook.template.TemplateFixture.map;
import static io.noetl.playbook.template.TemplateFixture.scope;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.language.Rule;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Section 7.8: filters and tests. */
class FilterTest {
  private static final List<@Nullable Object> PEOPLE =
      List.of(
          map("name", "bob", "age", 30L, "tags", map("x", 1L)),
          map("name", "Ada", "age", 25L, "tags", map("x", 2L)),
          map("name", "eve", "age", 30L));

  /** Checks the value without the re-typing of strings. */
  private static void check(String expression, @Nullable Object expected) {
    assertThat(
            TEMPLATES
                .withRetyping(false)
                .render(
                    "{{ " + expression + " }}",
                    scope(
                        "n",
                        5L,
                        "s",
                        "abc",
                        "l",
                        List.of(3L, 1L, 2L),
                        "m",
                        map("b", 1L, "a", 2L),
                        "p",
                        PEOPLE)))
        .as(expression)
        .isEqualTo(expected);
  }

  private static void fails(String expression, String message) {
    assertThatThrownBy(() -> eval(expression, "n", 5L, "s", "abc", "l", List.of(1L), "m", map()))
        .as(expression)
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining(message);
  }

  @Test
  @Rule("7.8")
  void rule_7_8_default() {
    check("nope | default('v')", "v");
    check("none | default('v')", "v");
    check("nope | d('v')", "v");
    check("nope | default", "");
    check("'' | default('v')", "");
    check("'' | default('v', true)", "v");
    check("0 | default('v', boolean=true)", "v");
    check("false | default('v')", false);
    check("s | default('v')", "abc");
    check("nope.a.b | default([])", List.of());
    check("nope | default(none) is none", true);
  }

  @Test
  @Rule("7.8")
  void rule_7_8_int() {
    check("'12' | int", 12L);
    check("' -12 ' | int", -12L);
    check("'12.9' | int", 12L);
    check("'-12.9' | int", -12L);
    check("'1e3' | int", 1000L);
    check("3.99 | int", 3L);
    check("-3.99 | int", -3L);
    check("true | int", 1L);
    check("false | int", 0L);
    check("'x' | int", 0L);
    check("'x' | int(7)", 7L);
    check("'x' | int(default=7)", 7L);
    check("none | int", 0L);
    check("nope | int(3)", 3L);
    check("[] | int", 0L);
    check("'99999999999999999999' | int", new BigInteger("99999999999999999999"));
    check("'0x10' | int", 0L);
    check("'1d' | int", 0L);
  }

  @Test
  @Rule("7.8")
  void rule_7_8_float() {
    check("'1.5' | float", 1.5);
    check("'2' | float", 2.0);
    check("2 | float", 2.0);
    check("true | float", 1.0);
    check("'x' | float", 0.0);
    check("'x' | float(1.5)", 1.5);
    check("nope | float(2)", 2L);
    check("none | float", 0.0);
  }

  @Test
  @Rule("7.8")
  void rule_7_8_string_and_bool() {
    check("1.0 | string", "1.0");
    check("true | string", "True");
    check("none | string", "None");
    check("m | string", "{\"b\": 1, \"a\": 2}");
    check("nope | string", "");
    check("'x' | bool", true);
    check("'' | bool", false);
    check("nope | bool", false);
    check("0 | bool", false);
  }

  @Test
  @Rule("7.8")
  void rule_7_8_length() {
    check("s | length", 3L);
    check("l | count", 3L);
    check("m | len", 2L);
    check("nope | length", 0L);
    check("none | length", 0L);
    check("'a\ud83d\ude00' | length", 2L);
    fails("5 | length", "a number");
    fails("true | length", "a boolean");
  }

  @Test
  @Rule("7.8")
  void rule_7_8_json() {
    check("m | tojson", "{\"b\":1,\"a\":2}");
    check("'a\"é' | tojson", "\"a\\\"é\"");
    check("nope | tojson", "null");
    check("none | to_json", "null");
    check("[1.0, true] | tojson_safe", "[1.0,true]");
    check(
        "{'a': [1, 2], 'b': {}, 'c': []} | tojson(indent=2)",
        "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\": []\n}");
    check("'{\"a\": [1]}' | fromjson", map("a", List.of(1L)));
    check("'5' | from_json", 5L);
    check("'{a' | fromjson", null);
    check("m | fromjson", map("b", 1L, "a", 2L));
    assertThat(eval("m | tojson", "m", map("k", "v"))).isEqualTo(map("k", "v"));
  }

  @Test
  @Rule("7.8")
  void rule_7_8_text_case_and_trimming() {
    check("'aBc' | lower", "abc");
    check("'aBc' | upper", "ABC");
    check("' a ' | trim", "a");
    check("'xax' | trim('x')", "a");
    check("' a ' | strip", "a");
    check("'hello wOrld-x' | title", "Hello World-X");
    check("'hELLO wORLD' | capitalize", "Hello world");
    check("12 | upper", "12");
    check("true | lower", "true");
    check("none | upper", "NONE");
  }

  @Test
  @Rule("7.8")
  void rule_7_8_replace_split_join() {
    check("'aXbX' | replace('X', '-')", "a-b-");
    check("'aXbX' | replace('X', '-', 1)", "a-bX");
    check("\"O'Hara\" | replace(\"'\", \"''\")", "O''Hara");
    check("'ab' | replace('', '-')", "-a-b-");
    check("121 | replace(1, 3)", "323");
    check("'a b' | split", List.of("a", "b"));
    check("'a,b,,c' | split(',')", List.of("a", "b", "", "c"));
    check("[1, 'a', none] | join", "1aNone");
    check("[1, 2] | join(', ')", "1, 2");
    check("p | join('-', attribute='name')", "bob-Ada-eve");
    check("nope | join(',')", "");
    check("m | join(',')", "b,a");
    fails("'a' | split('')", "separator");
  }

  @Test
  @Rule("7.8")
  void rule_7_8_first_last() {
    check("l | first", 3L);
    check("l | last", 2L);
    check("s | first", "a");
    check("s | last", "c");
    check("[] | first is defined", false);
    check("'' | last is defined", false);
    check("m | first", "b");
    check("nope | first is defined", false);
  }

  @Test
  @Rule("7.8")
  void rule_7_8_maps() {
    check("m | keys", List.of("b", "a"));
    check("m | values", List.of(1L, 2L));
    check("m | items", List.of(List.of("b", 1L), List.of("a", 2L)));
    check("m | dictsort", List.of(List.of("a", 2L), List.of("b", 1L)));
    check("m | dictsort(by='value', reverse=true)", List.of(List.of("a", 2L), List.of("b", 1L)));
    check("m | get('a')", 2L);
    check("m | get('x')", null);
    check("m | get('x', 9)", 9L);
    check("nope | get('x', 9)", 9L);
    fails("5 | keys", "a number");
  }

  @Test
  @Rule("7.8")
  void rule_7_8_map_select_reject() {
    check("p | map(attribute='name')", List.of("bob", "Ada", "eve"));
    check("p | map(attribute='tags.x')", Arrays.asList(1L, 2L, null));
    check("p | map(attribute='tags.x', default=0)", List.of(1L, 2L, 0L));
    check("['a', 'b'] | map('upper')", List.of("A", "B"));
    check("['1', 'x'] | map('int', 7)", List.of(1L, 7L));
    check("[0, 1, '', 'a'] | select", List.of(1L, "a"));
    check("l | select('gt', 1)", List.of(3L, 2L));
    check("l | reject('eq', 1) | list", List.of(3L, 2L));
    check("l | select('odd')", List.of(3L, 1L));
    check("p | selectattr('age', 'eq', 30) | map(attribute='name')", List.of("bob", "eve"));
    check("p | selectattr('tags') | length", 2L);
    check("p | rejectattr('tags') | map(attribute='name')", List.of("eve"));
    check("p | selectattr('name', 'in', ['bob']) | length", 1L);
    check("nope | map(attribute='x')", List.of());
    fails("[1] | map('nope')", "no filter 'nope'");
    fails("[1] | select('nope')", "no test 'nope'");
    fails("[1] | selectattr", "attribute");
  }

  @Test
  @Rule("7.8")
  void rule_7_8_groupby_unique_sort_reverse() {
    check("p | groupby('age') | map('first')", List.of(25L, 30L));
    check("(p | groupby('age') | last).list | map(attribute='name')", List.of("bob", "eve"));
    check("[1, 2, 1, 1.0, true, 'a', 'A'] | unique", List.of(1L, 2L, "a"));
    check("['a', 'A'] | unique(case_sensitive=true)", List.of("a", "A"));
    check("l | sort", List.of(1L, 2L, 3L));
    check("l | sort(reverse=true)", List.of(3L, 2L, 1L));
    check("['b', 'A', 'c'] | sort", List.of("A", "b", "c"));
    check("['b', 'A', 'c'] | sort(case_sensitive=true)", List.of("A", "b", "c"));
    check("p | sort(attribute='age,name') | map(attribute='name')", List.of("Ada", "bob", "eve"));
    check(
        "p | sort(attribute='age', reverse=true) | map(attribute='name')",
        List.of("bob", "eve", "Ada"));
    check("[2, 'a', none, 1] | sort", Arrays.asList(null, 1L, 2L, "a"));
    check("l | reverse", List.of(2L, 1L, 3L));
    check("s | reverse", "cba");
  }

  @Test
  @Rule("7.8")
  void rule_7_8_batch_slice_list_sum_min_max() {
    check("range(5) | batch(2)", List.of(List.of(0L, 1L), List.of(2L, 3L), List.of(4L)));
    check("range(3) | batch(2, 'x')", List.of(List.of(0L, 1L), List.of(2L, "x")));
    check("range(5) | slice(2)", List.of(List.of(0L, 1L, 2L), List.of(3L, 4L)));
    check("s | list", List.of("a", "b", "c"));
    check("m | list", List.of("b", "a"));
    check("l | sum", 6L);
    check("[1, 2.5] | sum(start=1)", 4.5);
    check("p | sum(attribute='age')", 85L);
    check("[] | sum", 0L);
    check("l | min", 1L);
    check("l | max", 3L);
    check("['b', 'A'] | min", "A");
    check("(p | max(attribute='age')).name", "bob");
    check("[] | max is defined", false);
    fails("[1, nope] | sum", "an undefined value");
    fails("[1] | batch(0)", "batch");
  }

  @Test
  @Rule("7.8")
  void rule_7_8_abs_round() {
    check("-5 | abs", -5L);
    check("(-5) | abs", 5L);
    check("(-5.5) | abs", 5.5);
    check("2.567 | round(2)", 2.57);
    check("2.5 | round", 2.0);
    check("3.5 | round", 4.0);
    check("2.1 | round(0, 'ceil')", 3.0);
    check("2.9 | round(method='floor')", 2.0);
    check("42 | round", 42L);
    check("1250 | round(-2)", 1200L);
    fails("'a' | abs", "a string");
    fails("'a' | round", "a string");
    fails("1.5 | round(1, 'up')", "common, ceil or floor");
  }

  @Test
  @Rule("7.8")
  void rule_7_8_encodings_and_digests() {
    check("'é' | b64encode", "w6k=");
    check("'w6k=' | b64decode", "é");
    check("'a b/c&é' | urlencode", "a%20b/c%26%C3%A9");
    check("{'a': 'x y', 'b/': 1} | urlencode", "a=x+y&b%2F=1");
    check("'a' | md5", "0cc175b9c0f1b6a831c399e269772661");
    check("'a' | sha256", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb");
  }

  @Test
  @Rule("7.8")
  void rule_7_8_escaping() {
    check("'<a>' | safe", "<a>");
    check("5 | safe", 5L);
    check("'<a href=\"x\">&\\'' | escape", "&lt;a href=&#34;x&#34;&gt;&amp;&#39;");
    check("'<' | e", "&lt;");
    check("\"O'Hara's\" | sql_escape", "O''Hara''s");
    check("'<b>a</b> <!-- c --> d' | striptags", "a d");
  }

  @Test
  @Rule("7.8")
  void rule_7_8_format_indent_truncate_wordcount() {
    check(
        "'%s-%d-%.2f-%5s|%-5s|%05d|%x|%%' | format('a', 3, 1.5, 'b', 'c', 42, 255)",
        "a-3-1.50-    b|c    |00042|ff|%");
    check("'%(a)s' | format(a=1)", "1");
    check("'%s' | format(true)", "True");
    check("'%e' | format(12345.678)", "1.234568e+04");
    check("'%+d' | format(5)", "+5");
    check("'a\nb\n\nc' | indent(2)", "a\n  b\n\n  c");
    check("'a\nb' | indent(2, true)", "  a\n  b");
    check("'hello big world' | truncate(9)", "hello...");
    check("'hello big world' | truncate(9, true)", "hello ...");
    check("'hello' | truncate(3)", "hello");
    check("'a b, c_d' | wordcount", 3L);
    fails("'%s' | format", "more fields than arguments");
    fails("'%q' | format(1)", "type");
    fails("'%9999s' | format(1)", "1000");
    fails("'%d' | format('a')", "a string");
  }

  @Test
  @Rule("7.8")
  void rule_7_8_tests_of_definedness() {
    check("s is defined", true);
    check("nope is defined", false);
    check("nope is not defined", true);
    check("nope is undefined", true);
    check("none is defined", true);
    check("none is none", true);
    check("nope is none", true);
    check("nope is null", true);
    check("s is not none", true);
  }

  @Test
  @Rule("7.8")
  void rule_7_8_tests_of_types() {
    check("'a' is string", true);
    check("1 is string", false);
    check("1 is number", true);
    check("1.5 is number", true);
    check("true is number", false);
    check("1 is integer", true);
    check("1.0 is integer", false);
    check("1.0 is float", true);
    check("true is boolean", true);
    check("true is true", true);
    check("1 is true", false);
    check("false is false", true);
    check("[] is list", true);
    check("[] is sequence", true);
    check("'a' is iterable", true);
    check("{} is iterable", true);
    check("5 is iterable", false);
    check("{} is mapping", true);
    check("{} is dict", true);
    check("[] is mapping", false);
  }

  @Test
  @Rule("7.8")
  void rule_7_8_tests_of_values() {
    check("9 is divisibleby(3)", true);
    check("9 is divisibleby 2", false);
    check("4 is even", true);
    check("3 is odd", true);
    check("-3 is odd", true);
    check("'a' is even", false);
    check("1 is eq 1", true);
    check("1 is ne(1)", false);
    check("1 is lt 2", true);
    check("2 is le 2", true);
    check("3 is gt(2)", true);
    check("2 is ge 3", false);
    check("1 is in [1, 2]", true);
    check("1 is not in [1, 2]", false);
    check("none is sameas none", true);
    check("1 is sameas true", false);
    check("1 is sameas 1.0", false);
    check("'abc' is startswith 'ab'", true);
    check("5 is startswith 'ab'", false);
    fails("1 is divisibleby(0)", "divisibleby");
  }

  @Test
  @Rule("7.6")
  void rule_7_6_methods_of_maps() {
    check("m.get('a')", 2L);
    check("m.get('x')", null);
    check("m.get('x', 1)", 1L);
    check("m.keys()", List.of("b", "a"));
    check("m.values()", List.of(1L, 2L));
    check("m.items()", List.of(List.of("b", 1L), List.of("a", 2L)));
    check("m.copy()", map("b", 1L, "a", 2L));
    // A key of the same name wins for plain access, not for a call.
    check("{'keys': 5}.keys", 5L);
    check("{'keys': 5}.keys()", List.of("keys"));
    fails("m.pop('a')", "a method 'pop'");
  }

  @Test
  @Rule("7.6")
  void rule_7_6_methods_of_texts() {
    check(
        "'aB'.upper() ~ 'aB'.lower() ~ 'ab'.title() ~ 'aB'.capitalize() ~ 'aB'.swapcase()",
        "ABabAbAbAb");
    check("' a '.strip() ~ ' a '.lstrip() ~ ' a '.rstrip() ~ 'xax'.strip('x')", "aa  aa");
    check("'a b  c'.split()", List.of("a", "b", "c"));
    check("'a,b,c'.split(',', 1)", List.of("a", "b,c"));
    check("'a,b,c'.rsplit(',', 1)", List.of("a,b", "c"));
    check("'a b c'.rsplit(none, 1)", List.of("a b", "c"));
    check("'a,b'.rsplit(',')", List.of("a", "b"));
    check("'a\nb\r\nc'.splitlines()", List.of("a", "b", "c"));
    check("','.join(['a', 1])", "a,1");
    check("'aXbX'.replace('X', '-')", "a-b-");
    check("'abc'.startswith('ab')", true);
    check("'abc'.startswith(['x', 'ab'])", true);
    check("'abc'.endswith('bc')", true);
    check("'abc'.find('c')", 2L);
    check("'abc'.find('x')", -1L);
    check("'abab'.count('ab')", 2L);
    check(
        "'{} {1} {x} {y.k:>4} {:.2f} {{}}'.format(1, 2, x=3, y={'k': 'v'})", "1 2 3    v 2.00 {}");
    check(
        "'{:,} {:05d} {:<3}| {:^3}| {:+.1f} {:%}'.format(1234567, 42, 'a', 'b', 1.25, 0.5)",
        "1,234,567 00042 a  |  b | +1.2 50.000000%");
    check("'42'.zfill(5) ~ '-42'.zfill(5)", "00042-0042");
    check("'12'.isdigit() and 'ab'.isalpha() and 'a1'.isalnum()", true);
    check("''.isdigit()", false);
    check("'abc'.removeprefix('a') ~ 'abc'.removesuffix('c')", "bcab");
    check("'abc'.encode()", "abc");
    check("'a'.center(3) ~ '|' ~ 'a'.ljust(3, '.') ~ 'a'.rjust(3)", " a |a..  a");
    fails("'a'.nope()", "a method 'nope'");
    fails("'a'.center(1000000)", "100000");
    fails("''.split('')", "separator");
  }

  @Test
  @Rule("7.6")
  void rule_7_6_methods_of_lists() {
    check("l.index(1)", 1L);
    check("[1, 1, 2].count(1)", 2L);
    fails("l.index(9)", "index()");
    fails("n.is_integer()", "a method 'is_integer'");
  }
}
