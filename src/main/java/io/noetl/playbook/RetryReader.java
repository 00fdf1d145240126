package io.noetl.playbook;

import io.noetl.playbook.YamlNode.Fields;
import io.noetl.playbook.YamlNode.Items;
import io.noetl.playbook.YamlNode.Scalar;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the older {@code retry} of a tool into its normal form. */
final class RetryReader {
  private RetryReader() {}

  /** The normal form as {@link ToolParser} reads it; null = no retry. */
  static @Nullable Map<String, @Nullable Object> read(
      StepReport report, @Nullable YamlNode node, String place) {
    Map<String, @Nullable Object> retry = new LinkedHashMap<>();
    switch (node) {
      case null -> {
        return null;
      }
      case Scalar scalar when scalar.plain() instanceof Boolean wanted -> {
        if (!wanted) {
          return null;
        }
        exponential(retry, (long) Policy.DEFAULT_ATTEMPTS);
      }
      case Scalar scalar -> {
        Object attempts = number(scalar.plain());
        exponential(retry, attempts == null ? (long) Policy.DEFAULT_ATTEMPTS : attempts);
        report.templates(scalar, place);
      }
      case Items list -> {
        report.error(
            "retry.shape",
            list,
            place,
            place + " must be true, a number of runs, or a map, but is a list",
            "write retry: {max_attempts: 3, initial_delay: 1}");
        return null;
      }
      case Fields map -> fromMap(report, map, place, retry);
    }
    return retry;
  }

  /** Three runs at once, on every error: {@code on_error: retry}. */
  static Map<String, @Nullable Object> immediate() {
    Map<String, @Nullable Object> retry = new LinkedHashMap<>();
    retry.put("attempts", (long) Policy.DEFAULT_ATTEMPTS);
    retry.put("delay", 0L);
    retry.put("on", List.of("error"));
    return retry;
  }

  private static void exponential(Map<String, @Nullable Object> retry, Object attempts) {
    retry.put("attempts", attempts);
    retry.put("delay", 1L);
    retry.put("backoff", "exponential");
  }

  private static void fromMap(
      StepReport report, Fields map, String place, Map<String, @Nullable Object> retry) {
    retry.put("attempts", attempts(map));
    Object delay = delay(map);
    if (delay != null) {
      retry.put("delay", delay);
    }
    for (String name : List.of("backoff", "backoff_multiplier", "multiplier")) {
      switch (number(map.plain().get(name))) {
        case null -> {}
        case Number factor -> retry.put("multiplier", factor);
        case Object word when name.equals("backoff") ->
            retry.put("backoff", word.toString().strip().toLowerCase(Locale.ROOT));
        case Object template -> retry.put("multiplier", template);
      }
    }
    Object maxDelay = map.plain().get("max_delay");
    if (maxDelay != null) {
      retry.put("max_delay", maxDelay);
    }
    List<String> kinds = kinds(map.get("retry_on"));
    if (!kinds.isEmpty()) {
      retry.put("on", kinds);
    }
    String whenName = map.has("retry_when") ? "retry_when" : "when";
    Object when = report.guard(map.get(whenName), place + "." + whenName);
    if (when != null) {
      retry.put("when", when);
    }
    Object stop = report.guard(map.get("stop_when"), place + ".stop_when");
    if (stop != null) {
      retry.put("stop_when", stop);
    }
  }

  private static Object attempts(Fields map) {
    for (String name : List.of("max_attempts", "attempts")) {
      Object runs = number(map.plain().get(name));
      if (runs != null) {
        return runs;
      }
    }
    Object more = number(map.plain().get("max_retries"));
    return switch (more) {
      case null -> (long) Policy.DEFAULT_ATTEMPTS;
      case Number retries -> retries.longValue() + 1;
      default -> plusOne(more.toString().strip());
    };
  }

  private static String plusOne(String template) {
    boolean single =
        template.startsWith("{{") && template.endsWith("}}") && template.indexOf("}}") > 1;
    String inner = single ? template.substring(2, template.length() - 2) : "0";
    return "{{ (" + inner.strip() + ") | int + 1 }}";
  }

  private static @Nullable Object delay(Fields map) {
    Object seconds = map.plain().get("initial_delay");
    if (seconds != null) {
      return number(seconds);
    }
    Object millis = number(map.plain().get("initial_delay_ms"));
    if (millis instanceof Number n) {
      return n.doubleValue() / 1000;
    }
    return millis != null ? millis + "ms" : number(map.plain().get("delay"));
  }

  private static List<String> kinds(@Nullable YamlNode node) {
    List<String> kinds = new ArrayList<>();
    switch (node) {
      case null -> {}
      case Fields _ -> {}
      case Scalar one -> {
        for (String word : one.text().split("[,\\s]+", -1)) {
          kinds.add(word.strip());
        }
      }
      case Items list ->
          list.items()
              .forEach(
                  item -> {
                    if (item instanceof Scalar word) {
                      kinds.add(word.text());
                    }
                  });
    }
    kinds.removeIf(String::isEmpty);
    return kinds;
  }

  /** A number, also from numeric text; other scalars as they are. */
  private static @Nullable Object number(@Nullable Object value) {
    if (value instanceof BigInteger || value instanceof List || value instanceof Map) {
      return null;
    }
    if (value instanceof String text && YamlScalars.plain(text.strip()) instanceof Number n) {
      return n;
    }
    return value;
  }
}
