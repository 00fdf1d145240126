package io.noetl.policy;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads compiled policies: {@code {"format": "noetl.rbac/1", "default": "deny", "rules": [{"name",
 * "effect", "roles"?, "subjects"?, "tenants"?, "methods"?, "routes"?, "paths"?}]}}. Stateless.
 */
public final class PolicyReader {
  /** What a document says that it is. */
  public static final String FORMAT = "noetl.rbac/1";

  private static final Pattern METHOD = Pattern.compile("[A-Z]{3,10}");
  private static final Set<String> MEMBERS = Set.of("format", "default", "rules");
  private static final Set<String> RULE =
      Set.of("name", "effect", "roles", "subjects", "tenants", "methods", "routes", "paths");

  private PolicyReader() {}

  /** What reading came to. */
  public sealed interface Outcome<T> {}

  public record Read<T>(T value) implements Outcome<T> {}

  /**
   * Nothing of it may be used.
   *
   * @param faults all of them, at most {@link PolicyLimits#FAULTS}
   */
  public record Refused<T>(List<Fault> faults) implements Outcome<T> {
    public Refused {
      faults = List.copyOf(faults);
    }

    /** For logs and people: the first few. */
    public String sentence() {
      int shown = Math.min(3, faults.size());
      String first =
          String.join("; ", faults.subList(0, shown).stream().map(Fault::toString).toList());
      return faults.size() > shown ? first + " (and " + (faults.size() - shown) + " more)" : first;
    }
  }

  /** Reads the text of a document. */
  public static Outcome<Policy> read(String text, PolicyLimits limits) {
    Readings readings = new Readings();
    Map<String, ?> document = object(text, limits, readings);
    if (document == null) {
      return new Refused<>(readings.faults());
    }
    readings.known("", document, MEMBERS);
    readings.format(document, FORMAT);
    Effect fallback = effect(readings, "default", document.get("default"));
    List<Rule> rules = new ArrayList<>();
    Set<String> names = new HashSet<>();
    List<?> entries = readings.list(document, "rules", limits.rules(), "policy.max-rules");
    for (int i = 0; i < entries.size(); i++) {
      String path = "rules[" + i + "]";
      Map<?, ?> entry = readings.object(path, entries.get(i));
      if (entry == null) {
        continue;
      }
      Rule rule = rule(readings, path, entry);
      if (!names.add(rule.name())) {
        readings.fault(
            path + ".name", "Expected each name once, but '" + rule.name() + "' is repeated");
      }
      rules.add(rule);
    }
    return readings.faults().isEmpty()
        ? new Read<>(new Policy(rules, fallback))
        : new Refused<>(readings.faults());
  }

  /** The document; null, and a fault, when the text is none. */
  static @Nullable Map<String, ?> object(String text, PolicyLimits limits, Readings readings) {
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > limits.bytes()) {
      readings.fault(
          "", "Expected at most " + limits.bytes() + " bytes (policy.max-bytes), but got " + bytes);
      return null;
    }
    try {
      return Json.parseObject(text);
    } catch (JsonException e) {
      readings.fault("", "Expected a JSON object, but " + e.getMessage());
      return null;
    }
  }

  private static Rule rule(Readings readings, String path, Map<?, ?> entry) {
    readings.known(path, entry, RULE);
    return new Rule(
        readings.text(path + ".name", entry.get("name")),
        effect(readings, path + ".effect", entry.get("effect")),
        readings.words(path, entry, "roles", Readings.ROLE),
        readings.globs(path, entry, "subjects"),
        readings.words(path, entry, "tenants", Readings.TENANT),
        readings.words(path, entry, "methods", METHOD),
        readings.globs(path, entry, "routes"),
        readings.globs(path, entry, "paths"));
  }

  private static Effect effect(Readings readings, String path, @Nullable Object value) {
    for (Effect effect : Effect.values()) {
      if (effect.word().equals(value)) {
        return effect;
      }
    }
    readings.fault(path, "Expected allow or deny, but got " + Json.text(value));
    return Effect.DENY;
  }
}
