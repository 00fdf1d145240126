package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateFixture.NOW;
import static io.noetl.playbook.template.TemplateFixture.map;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.language.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random templates, from valid to garbage: every one must yield a value or a {@link
 * TemplateException}, soon, and nothing else. {@code -Dtemplate.fuzz.inputs=100000} runs more, and
 * {@code -Dtemplate.fuzz.seed=N} repeats a run.
 */
@Rule({"7", "17"})
class TemplateFuzzTest {
  private static final int INPUTS = Integer.getInteger("template.fuzz.inputs", 52_000);
  private static final long SEED = Long.getLong("template.fuzz.seed", 20_240_501L);
  private static final Duration SLOW = Duration.ofSeconds(2);

  private static final List<String> ATOMS =
      List.of(
          "n",
          "s",
          "l",
          "m",
          "t",
          "z",
          "nope",
          "true",
          "none",
          "1",
          "-3",
          "2.5",
          "0",
          "''",
          "'ab'",
          "\"x\"",
          "[]",
          "[1, 'a', none]",
          "{}",
          "{'k': [1]}",
          "range(4)",
          "namespace(a=1)",
          "dict(a=n)",
          "now()",
          "10 ** 19",
          "lazy");

  private static final List<String> OPERATORS =
      List.of(
          "+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", "<=", ">", ">=", "and", "or",
          "in", "not in", "is", "is not");

  private static final List<String> TESTS =
      List.of(
          "defined",
          "undefined",
          "none",
          "string",
          "number",
          "integer",
          "float",
          "boolean",
          "sequence",
          "iterable",
          "mapping",
          "even",
          "odd",
          "divisibleby(2)",
          "eq 1",
          "in l",
          "sameas none",
          "startswith 'a'",
          "gt 1");

  private static final List<String> FILTERS =
      List.of(
          "default('d')",
          "d(1, true)",
          "int",
          "float(1)",
          "string",
          "bool",
          "length",
          "tojson",
          "tojson(2)",
          "fromjson",
          "lower",
          "upper",
          "title",
          "capitalize",
          "trim",
          "replace('a', 'b')",
          "replace('', '-', 3)",
          "split(',')",
          "join",
          "join('-')",
          "first",
          "last",
          "keys",
          "values",
          "items",
          "dictsort",
          "get('k')",
          "map('string')",
          "map(attribute='k')",
          "select",
          "select('odd')",
          "reject('none')",
          "selectattr('k')",
          "rejectattr('k', 'eq', 1)",
          "groupby('k')",
          "unique",
          "sort",
          "sort(reverse=true)",
          "reverse",
          "batch(2)",
          "slice(2, 'x')",
          "list",
          "sum",
          "min",
          "max",
          "abs",
          "round",
          "round(2)",
          "round(-1, 'ceil')",
          "b64encode",
          "b64decode",
          "urlencode",
          "md5",
          "sha256",
          "safe",
          "escape",
          "format(1, 'a')",
          "indent",
          "truncate(3)",
          "wordcount",
          "striptags",
          "sql_escape");

  private static final List<String> METHODS =
      List.of(
          "get('k', 1)",
          "keys()",
          "items()",
          "copy()",
          "upper()",
          "split()",
          "rsplit('a', 1)",
          "join(l)",
          "find('a')",
          "count('a')",
          "format(1, a=2)",
          "zfill(5)",
          "center(9, '*')",
          "append(1)",
          "extend(l)",
          "index(1)",
          "strip()",
          "nope()");

  private static final List<String> TAGS =
      List.of(
          "if E",
          "elif E",
          "else",
          "endif",
          "for x in E",
          "for x, y in E if x",
          "endfor",
          "set q = E",
          "set q",
          "endset",
          "set q.a = E",
          "with w = E",
          "endwith",
          "filter upper",
          "endfilter",
          "macro f(a, b=1)",
          "endmacro",
          "call f(E)",
          "endcall",
          "raw",
          "endraw",
          "include 'x'",
          "-",
          "");

  private final Random random = new Random(SEED);

  private String pick(List<String> words) {
    return words.get(random.nextInt(words.size()));
  }

  private String expression(int depth) {
    if (depth <= 0) {
      return pick(ATOMS);
    }
    String a = expression(depth - 1 - random.nextInt(2));
    return switch (random.nextInt(14)) {
      case 0 -> "(" + a + ")";
      case 1 -> "not " + a;
      case 2 -> "-" + a;
      case 3 -> a + " if " + expression(depth - 2) + " else " + expression(depth - 2);
      case 4 -> a + "[" + expression(depth - 2) + "]";
      case 5 ->
          a
              + "["
              + expression(depth - 2)
              + ":"
              + (random.nextBoolean() ? "" : "-1")
              + ":"
              + pick(List.of("", "2", "-1", "0"))
              + "]";
      case 6 -> a + "." + pick(List.of("k", "0", "a.b", "items", "index", "data"));
      case 7 -> a + "." + pick(METHODS);
      case 8, 9 -> a + " | " + pick(FILTERS);
      case 10 -> a + pick(List.of(" is ", " is not ")) + pick(TESTS);
      case 11 -> "[" + a + ", " + expression(depth - 2) + "]";
      case 12 -> "{'a': " + a + ", 'b': {'c': " + expression(depth - 2) + "}}";
      default -> a + " " + pick(OPERATORS) + " " + expression(depth - 2);
    };
  }

  private String template() {
    int parts = 1 + random.nextInt(3);
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < parts; i++) {
      String minus = random.nextInt(8) == 0 ? "-" : "";
      switch (random.nextInt(12)) {
        case 0, 1 ->
            out.append(
                pick(List.of("text ", "\n", "{", "}", "'", "{# c #}", "%}", "}}", "[1, ", "]")));
        case 2 ->
            out.append("{%")
                .append(minus)
                .append(' ')
                .append(pick(TAGS).replace("E", expression(2)))
                .append(' ')
                .append(minus)
                .append("%}");
        case 3, 4, 5 -> out.append(block());
        default ->
            out.append("{{")
                .append(minus)
                .append(' ')
                .append(expression(random.nextInt(4)))
                .append(" }}");
      }
    }
    return out.toString();
  }

  /** A block that is whole, so that bodies run too. */
  private String block() {
    String e = expression(2);
    String body = "{{ x }}{{ " + expression(2) + " }}";
    return switch (random.nextInt(6)) {
      case 0 -> "{% if " + e + " %}" + body + "{% else %}" + body + "{% endif %}";
      case 1 -> "{% for x in " + e + " %}" + body + "{{ loop.index }}{% endfor %}";
      case 2 -> "{% set x = " + e + " %}" + body;
      case 3 -> "{% macro f(x) %}" + body + "{% endmacro %}{{ f(" + e + ") }}";
      case 4 ->
          "{% set q = [] %}{% for x in range(20) %}{% set _ = q.extend("
              + e
              + ") %}{% set _ = q.append(q) if x == 19 %}{% endfor %}{{ q | length }}";
      default -> "{% filter " + pick(FILTERS) + " %}" + body + "{% endfilter %}";
    };
  }

  private String damaged(String template) {
    StringBuilder out = new StringBuilder(template);
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes && !out.isEmpty(); i++) {
      int at = random.nextInt(out.length());
      switch (random.nextInt(4)) {
        case 0 -> out.deleteCharAt(at);
        case 1 ->
            out.insert(
                at,
                pick(
                    List.of(
                        "{", "}", "(", ")", "[", "]", "'", "\"", "\\", "|", ".", "%", "#", "\u0000",
                        "é", "\ud83d", "-", ":", "=", "{{", "}}", "{%", "%}")));
        case 2 ->
            out.insert(at, out.substring(at, Math.min(out.length(), at + random.nextInt(20))));
        default -> out.setCharAt(at, (char) random.nextInt(0x180));
      }
    }
    return out.toString();
  }

  @Test
  @Timeout(600)
  void every_template_yields_a_value_or_a_clear_error() {
    Templates templates = new Templates(TemplateLimits.DEFAULT);
    Scope scope =
        Scope.of(
            map(
                "n",
                7L,
                "s",
                "a,b<c>'",
                "l",
                List.of(3L, "a", 1.5, List.of()),
                "m",
                map("k", 1L, "data", null),
                "t",
                new StatusToken("error"),
                "z",
                null,
                "lazy",
                new LazyText("{{ n }}{{ s }}")),
            NOW);
    List<String> slow = new ArrayList<>();
    int values = 0;
    for (int i = 0; i < INPUTS; i++) {
      String template = random.nextInt(3) == 0 ? damaged(template()) : template();
      long start = System.nanoTime();
      values += run(templates, template, scope) ? 1 : 0;
      if (System.nanoTime() - start > SLOW.toNanos()) {
        slow.add(template);
      }
    }
    assertThat(slow).as("seed %d", SEED).isEmpty();
    // Otherwise the inputs would test nothing but the parser.
    assertThat(values).as("seed %d", SEED).isGreaterThan(INPUTS / 5);
  }

  /** Whether the template yields a value. Any other exception than the right one fails the test. */
  private static boolean run(Templates templates, String template, Scope scope) {
    boolean yielded = false;
    String syntaxError = templates.syntaxError(template);
    for (int way = 0; way < 3; way++) {
      try {
        switch (way) {
          case 0 -> templates.render(Arrays.asList(template), scope);
          case 1 -> templates.renderText(template, scope);
          default -> templates.guard(template, scope);
        }
        yielded = true;
        assertThat(syntaxError == null || way == 2).as(template).isTrue();
      } catch (TemplateException e) {
        assertThat(e.getMessage()).as(template).startsWith("Expected ");
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        throw new AssertionError("seed " + SEED + ", template: " + template, e);
      }
    }
    return yielded;
  }
}
