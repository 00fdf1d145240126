package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateFixture.NOW;
import static io.noetl.playbook.template.TemplateFixture.TEMPLATES;
import static io.noetl.playbook.template.TemplateFixture.eval;
import static io.noetl.playbook.template.TemplateFixture.map;
import static io.noetl.playbook.template.TemplateFixture.scope;
import static io.noetl.playbook.template.TemplateFixture.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.language.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Section 17: hostile templates end soon, in a bounded heap, with an error that names a limit. */
@Timeout(60)
@Rule("17")
class SafetyTest {
  private static final int MANY = 50_000;

  private static void refused(String template, String limit, @Nullable Object... names) {
    assertThatThrownBy(() -> TEMPLATES.render(template, scope(names)))
        .as(Templates.excerpt(template))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining(limit);
  }

  private static String nested(String open, String middle, String close, int times) {
    return "{{ " + open.repeat(times) + middle + close.repeat(times) + " }}";
  }

  @Test
  void rule_17_nesting_of_expressions_is_bounded() {
    refused(nested("(", "1", ")", MANY), "template.max-depth (200)");
    refused(nested("[", "1", "]", MANY), "template.max-depth");
    refused(nested("{'a':", "1", "}", MANY), "template.max-depth");
    refused(nested("a[", "1", "]", MANY), "template.max-depth");
    refused(nested("dict(a=", "1", ")", MANY), "template.max-depth");
    refused(nested("not (", "1", ")", MANY), "template.max-depth");
    refused(nested("a or b and c == d + e * -(", "1", ")", MANY), "template.max-depth");
    refused(nested("2 ** ", "1", "", MANY), "template.max-depth");
    refused(nested("1 if a else ", "1", "", MANY), "template.max-depth");
    refused(nested("a", "", ".b", MANY), "template.max-depth");
    refused(nested("a", "", "|trim", MANY), "template.max-depth");
    refused(nested("a", "", "[0]", MANY), "template.max-depth");
    refused(nested("a", "", " is defined", MANY), "template.max-depth");
    refused(nested("a in ", "b", "", MANY), "template.max-depth");
    refused("{{ " + "(".repeat(MANY) + " }}", "template.max-depth");
    assertThat(eval("(".repeat(190) + "7" + ")".repeat(190))).isEqualTo(7L);
    assertThat(TEMPLATES.evaluate("(".repeat(190) + "7" + ")".repeat(190), Scope.NONE))
        .isEqualTo(7L);
  }

  @Test
  void rows_of_operators_may_be_long() {
    assertThat(eval("1" + " + 1".repeat(MANY))).isEqualTo(MANY + 1L);
    assertThat(eval("1" + " or 1".repeat(MANY))).isEqualTo(1L);
    assertThat(eval("1" + " < 2 > 1".repeat(MANY))).isEqualTo(true);
    assertThat(text("{{ 1" + " ~ 1".repeat(MANY) + " }}")).hasSize(MANY + 1);
    assertThat(eval("not ".repeat(MANY) + "1")).isEqualTo(true);
    assertThat(eval("-".repeat(MANY) + "1")).isEqualTo(1L);
    assertThat(eval("[" + "1,".repeat(MANY) + "] | length")).isEqualTo((long) MANY);
    assertThat(eval("(" + "1,".repeat(MANY) + ") | length")).isEqualTo((long) MANY);
    assertThat(text("{{ 1 }}".repeat(MANY))).hasSize(MANY);
    assertThat(text("{% if false %}" + "{% elif false %}".repeat(MANY) + "{% endif %}."))
        .isEqualTo(".");
  }

  @Test
  void rule_17_nesting_of_tags_and_calls_is_bounded() {
    refused("{% if a %}".repeat(MANY) + "{% endif %}".repeat(MANY), "template.max-depth");
    refused("{% for a in b %}".repeat(MANY), "template.max-depth");
    refused("{% macro m() %}".repeat(MANY), "template.max-depth");
    refused("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "template.max-depth");
    refused("{% macro m(n) %}{{ ((((m(n + 1))))) }}{% endmacro %}{{ m(1) }}", "template.max-depth");
    refused(
        "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ b() }}",
        "template.max-depth");
    refused(
        "{% macro m() %}{% call m() %}{% endcall %}{% endmacro %}{{ m() }}", "template.max-depth");
  }

  @Test
  void rule_17_ranges_and_repeated_lists_are_bounded() {
    refused("{{ range(10 ** 9) }}", "template.max-range (100000)");
    refused("{{ range(-9223372036854775807, 9223372036854775807) }}", "template.max-range");
    refused("{{ [1] * 10 ** 9 }}", "template.max-range");
    refused("{{ [1] * 10 ** 30 }}", "template.max-range");
    refused("{{ (range(1000) | list) * 1000 }}", "template.max-range");
  }

  @Test
  void rule_17_output_is_bounded() {
    refused("{{ 'a' * 10 ** 10 }}", "template.max-output (67108864)");
    refused("{{ 'a' * 10 ** 30 }}", "template.max-output");
    refused("{{ 'ab' * 9223372036854775807 }}", "template.max-output");
    String doubling =
        "{% set ns = namespace(s='ab') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{%"
            + " endfor %}";
    refused(doubling, "template.max-");
    refused(doubling.replace("~", "+"), "template.max-");
    refused("{% for i in range(100000) %}{{ 'a' * 10000 }}{% endfor %}", "template.max-");
    refused("{{ ('a' * 1000000) | replace('a', 'b' * 1000000) }}", "template.max-output");
    refused("{{ ('a' * 1000000) | replace('', 'b' * 1000000) }}", "template.max-output");
    refused("{{ range(100000) | join('x' * 1000000) }}", "template.max-");
    refused("{{ ('a\n' * 1000000) | indent(1000000) }}", "template.max-output");
    refused("{{ ('<' * 40000000) | escape }}", "template.max-");
  }

  @Test
  void rule_17_memory_of_all_values_is_bounded() {
    refused(
        "{% set ns = namespace(l=[1]) %}{% for i in range(100) %}{% set ns.l = ns.l + ns.l %}{%"
            + " endfor %}",
        "template.max-allocated");
    refused(
        "{% set l = [] %}{% for i in range(100000) %}{% set _ = l.append('a' * 100000) %}{% endfor"
            + " %}",
        "template.max-allocated");
    refused(
        "{% set l = [1] %}{% for i in range(100) %}{% set _ = l.extend(l) %}{% endfor %}",
        "template.max-allocated");
    refused("{{ ('a,' * 30000000).split(',') }}", "template.max-allocated");
    refused("{{ ('a' * 30000000) | list }}", "template.max-allocated");
    refused(
        "{{ ('a b' * 20000000) | wordcount ~ ('a' * 60000000) ~ ('b' * 60000000) }}",
        "template.max-");
  }

  @Test
  void rule_17_values_that_hold_themselves_are_refused() {
    String cycle = "{% set l = [] %}{% set _ = l.append(l) %}";
    refused(cycle + "{{ l }}", "nested at most");
    refused(cycle + "{{ l | tojson }}", "nested at most");
    refused(cycle + "{% set k = [] %}{% set _ = k.append(k) %}{{ l == k }}", "nested at most");
    refused(
        "{{ [namespace(a=1)] }}{% set n = namespace() %}{% set n.n = n %}{{ n }}",
        "nested at most");
  }

  @Test
  void rule_17_values_that_share_parts_do_not_explode() {
    String dag =
        "{% set ns = namespace(l=[1]) %}{% for i in range(60) %}{% set ns.l = [ns.l, ns.l] %}{%"
            + " endfor %}";
    refused(dag + "{{ ns.l }}", "template.max-");
    Templates quick = quick();
    assertThatThrownBy(
            () ->
                quick.renderText(dag + "{% set a = ns.l %}" + dag + "{{ a == ns.l }}", Scope.NONE))
        .hasMessageContaining("template.max-time (300 ms)");
  }

  @Test
  void rule_17_integers_are_bounded() {
    refused("{{ 10 ** 10 ** 10 }}", "template.max-digits (4000)");
    refused("{{ 2 ** 100000 }}", "template.max-digits");
    refused("{{ " + "9".repeat(5_000) + " }}", "template.max-digits");
    refused(
        "{% set ns = namespace(n=3) %}{% for i in range(60) %}{% set ns.n = ns.n * ns.n %}{% endfor"
            + " %}",
        "template.max-digits");
    assertThat(eval("(('9' * 100000) | int)")).isEqualTo(0L);
    assertThat(eval("1 ** 10 ** 30")).isEqualTo(1L);
    assertThat(eval("(-1) ** (10 ** 30 + 1)")).isEqualTo(-1L);
  }

  private static Templates quick() {
    TemplateLimits d = TemplateLimits.DEFAULT;
    return new Templates(
        new TemplateLimits(
            d.maxOutput(),
            d.maxAllocated(),
            d.maxRange(),
            d.maxDepth(),
            Duration.ofMillis(300),
            d.lazyDepth(),
            d.maxDigits(),
            16,
            100_000));
  }

  @Test
  void rule_17_time_is_bounded() {
    Templates quick = quick();
    String loops =
        "{% for a in r %}{% for b in r %}{% for c in r %}{% endfor %}{% endfor %}{% endfor %}";
    List<Long> r = new ArrayList<>();
    for (long i = 0; i < 5_000; i++) {
      r.add(i);
    }
    for (String template :
        List.of(
            loops,
            "{% for a in r %}{% for b in r %}{% if a in r %}{% endif %}{% endfor %}{% endfor %}",
            "{% for a in r %}{% set b = r | sort(reverse=true) %}{% endfor %}",
            "{% for a in r %}{% for b in r %}{% set c = r | map('string') | join %}{% endfor %}{%"
                + " endfor %}",
            "{% for a in r %}{{ r | select('in', r) | length }}{% endfor %}")) {
      assertThatThrownBy(() -> quick.renderText(template, scope("r", r)))
          .as(template)
          .isInstanceOf(TemplateException.class)
          .hasMessageMatching("(?s).*template.max-(time|allocated).*");
    }
  }

  @Test
  void searching_takes_linear_time() {
    // Searched naively these take 10^14 steps.
    assertThat(eval("('a' * 20000000).find('a' * 10000000 ~ 'b')")).isEqualTo(-1L);
    assertThat(eval("('a' * 10000000 ~ 'b') in ('a' * 20000000)")).isEqualTo(false);
    assertThat(eval("('a' * 20000000).count('a' * 5000000 ~ 'b')")).isEqualTo(0L);
    assertThat(eval("('a' * 20000000).split('a' * 5000000 ~ 'b') | length")).isEqualTo(1L);
    assertThat(eval("(('a' * 20000000) | replace('a' * 5000000 ~ 'b', '')) | length"))
        .isEqualTo(20_000_000L);
    assertThat(eval("('<' * 3000000) | striptags | length")).isEqualTo(3_000_000L);
    assertThat(eval("('  ' * 3000000 ~ 'x' ~ '  ' * 3000000) | trim | length")).isEqualTo(1L);
  }

  @Test
  void long_texts_compile_in_linear_time() {
    for (String part :
        List.of(
            "{{ x }}",
            "{{ '",
            "{{ {",
            "{%",
            "{# ",
            "{% raw %}",
            "{% raw %}{% ",
            "}}",
            "{",
            "{{ x",
            "'",
            "{{ 'a' ~",
            "{{(",
            "\n")) {
      String text = part.repeat(200_000);
      TEMPLATES.syntaxError(text + "{{ x }}");
      Templates.isSingleExpression(text);
      Templates.words(text);
    }
  }

  @Test
  void values_that_are_too_deep_are_refused() {
    Object deep = "{{ 1 }}";
    for (int i = 0; i < 100_000; i++) {
      deep = i % 2 == 0 ? List.of(deep) : Map.of("a", deep);
    }
    Object value = deep;
    assertThatThrownBy(() -> TEMPLATES.render(value, Scope.NONE)).hasMessageContaining("500 deep");
    assertThatThrownBy(() -> TEMPLATES.textOf(value)).hasMessageContaining("500 deep");
    assertThatThrownBy(() -> eval("x", "x", value)).hasMessageContaining("500 deep");
    assertThatThrownBy(() -> Templates.words(value)).hasMessageContaining("500 deep");
    assertThat(TEMPLATES.guard("x == y", scope("x", value, "y", value))).isTrue();
  }

  @Test
  void the_cache_is_bounded() {
    Templates quick = quick();
    for (int i = 0; i < 1_000; i++) {
      assertThat(quick.render("{{ " + i + " }}", Scope.NONE)).isEqualTo((long) i);
    }
    ProgramCache<String> cache = new ProgramCache<>(16, 1_000, text -> text + "!");
    for (int i = 0; i < 1_000; i++) {
      assertThat(cache.get("k" + i)).isEqualTo("k" + i + "!");
      assertThat(cache.size()).isLessThanOrEqualTo(16);
    }
    cache.get("x".repeat(10_000));
    assertThat(cache.size()).isLessThanOrEqualTo(16);
    cache.get("y".repeat(400));
    cache.get("z".repeat(400));
    cache.get("w".repeat(400));
    assertThat(cache.size()).isLessThanOrEqualTo(16);
  }

  @Test
  void what_is_used_stays_in_the_cache() {
    List<String> compiled = new ArrayList<>();
    ProgramCache<String> cache =
        new ProgramCache<>(
            8,
            1_000,
            text -> {
              compiled.add(text);
              return text;
            });
    for (int i = 0; i < 100; i++) {
      cache.get("used");
      cache.get("k" + i);
    }
    assertThat(compiled.stream().filter("used"::equals)).hasSize(1);
  }

  @Test
  void many_threads_may_use_the_same_templates() throws Exception {
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var results = new ArrayList<java.util.concurrent.Future<@Nullable Object>>();
      for (int i = 0; i < 2_000; i++) {
        long n = i;
        results.add(
            executor.submit(
                () ->
                    TEMPLATES.render(
                        "{% for x in l %}{{ x + n }},{% endfor %}{{ n }}-" + n % 50,
                        Scope.of(map("l", List.of(1L), "n", n), NOW))));
      }
      for (int i = 0; i < results.size(); i++) {
        assertThat(results.get(i).get()).isEqualTo((i + 1) + "," + i + "-" + i % 50);
      }
    }
  }
}
