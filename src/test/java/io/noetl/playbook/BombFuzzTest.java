package io.noetl.playbook;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.language.Rule;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.template.TemplateLimits;
import io.noetl.playbook.template.Templates;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random inputs that are made to be dear: aliases of aliases, deep nesting, giant scalars,
 * templates that grow, repeat or nest. Each is answered in bounded time and memory, with a value or
 * a clear error. The system properties {@code noetl.fuzz.bombs} and {@code noetl.fuzz.seed} choose
 * others.
 */
@Rule({"17", "2.1"})
class BombFuzzTest {
  private static final int INPUTS = Integer.getInteger("noetl.fuzz.bombs", 200);
  private static final long SEED = Long.getLong("noetl.fuzz.seed", 20_240_701L);

  /** Far above what the limits allow, far below what a bomb would take. */
  private static final long MOST_BYTES = 3L << 30;

  private static final Duration MOST_TIME = Duration.ofSeconds(20);

  private static final Templates TEMPLATES =
      new Templates(
          new TemplateLimits(
              8 << 20, 32 << 20, 100_000, 200, Duration.ofMillis(200), 5, 4_000, 256, 1 << 20));

  private final Random random = new Random(SEED);

  @Test
  @Timeout(300)
  void documentsThatAreBombsAreAnsweredInBounds() {
    for (int i = 0; i < INPUTS; i++) {
      String text = document();
      bounded(
          text,
          () ->
              switch (Parsing.PARSER.parse(text)) {
                case ParseResult.Valid valid -> valid.playbook().name();
                case ParseResult.Invalid invalid -> {
                  assertThat(invalid.errors()).isNotEmpty();
                  yield invalid.errors().getFirst().message();
                }
              });
    }
  }

  @Test
  @Timeout(300)
  void templatesThatAreBombsAreAnsweredInBounds() {
    Scope scope =
        Scope.of(Map.of("n", 7L, "s", "abc", "l", java.util.List.of(1L, 2L)), Instant.EPOCH);
    for (int i = 0; i < INPUTS; i++) {
      String template = template();
      bounded(
          template,
          () -> {
            try {
              return String.valueOf(TEMPLATES.render(template, scope)).length();
            } catch (TemplateException e) {
              assertThat(e.getMessage()).startsWith("Expected ");
              return e;
            }
          });
    }
  }

  /** Runs it, and fails with the input when it takes too much of anything. */
  private static void bounded(String input, Supplier<Object> work) {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    String shown = input.length() > 400 ? input.substring(0, 400) + "…" : input;
    long bytes = threads.getCurrentThreadAllocatedBytes();
    long start = System.nanoTime();
    try {
      assertThat(work.get()).isNotNull();
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      throw new AssertionError("seed " + SEED + ": " + shown, e);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).as(shown).isLessThan(MOST_TIME);
    assertThat(threads.getCurrentThreadAllocatedBytes() - bytes).as(shown).isLessThan(MOST_BYTES);
  }

  private int upTo(int most) {
    // Small numbers as often as large ones.
    return 1 + random.nextInt(1 + random.nextInt(most));
  }

  private String document() {
    return Parsing.HEADER
        + "workload:\n"
        + switch (random.nextInt(7)) {
          case 0 -> aliases();
          case 1 -> merges();
          case 2 -> "  a: " + "[".repeat(upTo(3_000)) + "]".repeat(upTo(3_000)) + "\n";
          case 3 -> "  a: " + "{x: ".repeat(upTo(3_000)) + "}".repeat(upTo(3_000)) + "\n";
          case 4 -> "  a: \"" + "x\\n".repeat(upTo(200_000)) + "\"\n";
          case 5 -> indents();
          default -> "  ? " + "[ ? ".repeat(upTo(400)) + "\n  a: &a [*a" + ", *a".repeat(9) + "]\n";
        }
        + "workflow:\n  - {step: start, tool: {kind: noop, result: \""
        + (random.nextBoolean() ? "{{ a }}" : "{{ " + "(".repeat(upTo(2_000)) + " }}")
        + "\"}}\n";
  }

  private String aliases() {
    StringBuilder text = new StringBuilder("  a0: &a0 [x, x, x]\n");
    int width = upTo(12);
    int depth = upTo(30);
    for (int i = 1; i <= depth; i++) {
      text.append("  a").append(i).append(": &a").append(i).append(" [");
      for (int w = 0; w < width; w++) {
        text.append(w == 0 ? "" : ", ").append("*a").append(random.nextInt(i));
      }
      text.append("]\n");
    }
    return text.toString();
  }

  private String merges() {
    StringBuilder text = new StringBuilder("  m0: &m0 {k: v}\n");
    int depth = upTo(40);
    for (int i = 1; i <= depth; i++) {
      text.append("  m").append(i).append(": &m").append(i).append(" {<<: [");
      for (int w = 0; w < upTo(8); w++) {
        text.append(w == 0 ? "" : ", ").append("*m").append(i - 1);
      }
      text.append("], k").append(i).append(": *m").append(random.nextInt(i)).append("}\n");
    }
    return text.toString();
  }

  private String indents() {
    StringBuilder text = new StringBuilder();
    int depth = upTo(600);
    for (int i = 0; i < depth; i++) {
      text.append("  ").append(" ".repeat(i)).append(random.nextBoolean() ? "a:\n" : "- b:\n");
    }
    return text.toString();
  }

  private String template() {
    return switch (random.nextInt(12)) {
      case 0 -> "{{ " + "(".repeat(upTo(1_000)) + "n" + ")".repeat(upTo(1_000)) + " }}";
      case 1 -> "{{ n" + " + n".repeat(upTo(20_000)) + " }}";
      case 2 -> "{{ n" + " ** n".repeat(upTo(40)) + " }}";
      case 3 -> "{{ 's' * " + upTo(2_000_000_000) + " }}";
      case 4 -> loops();
      case 5 -> "{{ [[s] * " + upTo(100_000) + "] * " + upTo(100_000) + " }}";
      case 6 -> "{{ s" + filter().repeat(upTo(60)) + " }}";
      case 7 -> "{% macro f(x) %}{{ f(x) }}{{ f(x) }}{% endmacro %}{{ f(" + upTo(9) + ") }}";
      case 8 -> "{% set x = s %}" + "{% set x = x ~ x %}".repeat(upTo(60)) + "{{ x }}";
      case 9 -> "{{ [" + "[".repeat(upTo(600)) + " }}" + "{% if n %}".repeat(upTo(600));
      case 10 -> "{{ '%" + upTo(999_999_999) + "d' | format(n) }}";
      default -> "{% for a in range(100000) %}{% set l = l + [a] %}{{ l | length }}{% endfor %}";
    };
  }

  private String loops() {
    int depth = upTo(6);
    return "{% for a in range(100000) %}".repeat(depth) + "x" + "{% endfor %}".repeat(depth);
  }

  private String filter() {
    return switch (random.nextInt(6)) {
      case 0 -> " | replace('a', 'aaaaaaaaaaaaaaaa')";
      case 1 -> " | b64encode";
      case 2 -> " | indent(" + upTo(1_000_000) + ")";
      case 3 -> " | center(" + upTo(1_000_000_000) + ")";
      case 4 -> " | urlencode";
      default -> " | list | tojson";
    };
  }
}
