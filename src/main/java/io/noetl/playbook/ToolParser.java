package io.noetl.playbook;

import io.noetl.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link ToolSpec} from its normal form, which is what a command carries:
 *
 * <pre>
 * {kind, ...fields, input?, set?: [{key, value}], output?,
 *  retry?: {attempts, delay?, backoff?, multiplier?, max_delay?, on?, when?, stop_when?},
 *  spec?: {timeout?: seconds,
 *          policy?: {on_unmatched?, rules: [{when?, then: {do, set?: [{key, value}], attempts?,
 *                                                          delay?, backoff?, max_delay?, to?}}]}}}
 * </pre>
 *
 * <p>Mutations are lists, not maps, because their order matters and JSON stores may lose the order
 * of members. Stateless and safe for use by many threads.
 */
public final class ToolParser {
  private static final Set<String> NOT_FIELDS =
      Set.of("kind", "spec", "set", "input", "retry", "output");

  private ToolParser() {}

  /**
   * @param canonicalSource the normal form, {@link ToolSpec#source}; not copied, so the caller must
   *     not change it afterwards
   * @return a record equal to the one whose source this is
   * @throws IllegalArgumentException when it is not a normal form
   */
  public static ToolSpec parse(Map<String, @Nullable Object> canonicalSource) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>(canonicalSource);
    fields.keySet().removeAll(NOT_FIELDS);
    Map<String, @Nullable Object> spec = map(canonicalSource.get("spec"), "spec");
    Object policy = spec.get("policy");
    Object retry = canonicalSource.get("retry");
    return new ToolSpec(
        kind(canonicalSource.get("kind")),
        Collections.unmodifiableMap(fields),
        canonicalSource.get("input"),
        policy == null ? null : policy(map(policy, "spec.policy")),
        mutations(canonicalSource.get("set"), "set"),
        timeout(spec.get("timeout")),
        retry == null ? null : retry(map(retry, "retry")),
        Collections.unmodifiableMap(canonicalSource));
  }

  /** The normal form of mutations. */
  static List<@Nullable Object> mutations(List<Mutation> set) {
    List<@Nullable Object> entries = new ArrayList<>(set.size());
    for (Mutation mutation : set) {
      Map<String, @Nullable Object> entry = new LinkedHashMap<>();
      entry.put("key", mutation.key());
      entry.put("value", mutation.value());
      entries.add(entry);
    }
    return entries;
  }

  private static ToolKind kind(@Nullable Object word) {
    return ToolKind.of(text(word, "kind"))
        .orElseThrow(() -> new IllegalArgumentException("Expected a tool kind, but got " + word));
  }

  private static Policy policy(Map<String, @Nullable Object> policy) {
    List<Policy.Rule> rules = new ArrayList<>();
    for (Object item : list(policy.get("rules"), "spec.policy.rules")) {
      Map<String, @Nullable Object> rule = map(item, "spec.policy.rules[]");
      Map<String, @Nullable Object> then = map(rule.get("then"), "spec.policy.rules[].then");
      rules.add(
          new Policy.Rule(
              rule.get("when"),
              word(Policy.Action.class, then.get("do")),
              mutations(then.get("set"), "spec.policy.rules[].then.set"),
              then.get("attempts"),
              optionalText(then.get("backoff"), "backoff"),
              then.get("delay"),
              then.get("max_delay"),
              optionalText(then.get("to"), "to")));
    }
    Object unmatched = policy.get("on_unmatched");
    return new Policy(rules, unmatched == null ? null : word(Policy.Unmatched.class, unmatched));
  }

  private static Retry retry(Map<String, @Nullable Object> retry) {
    List<String> kinds = new ArrayList<>();
    for (Object kind : list(retry.get("on"), "retry.on")) {
      kinds.add(text(kind, "retry.on[]"));
    }
    Object attempts = retry.get("attempts");
    if (attempts == null) {
      throw expected("retry.attempts", "a number or text", null);
    }
    return new Retry(
        attempts,
        retry.get("delay"),
        optionalText(retry.get("backoff"), "retry.backoff"),
        retry.get("multiplier"),
        retry.get("max_delay"),
        kinds,
        retry.get("when"),
        retry.get("stop_when"));
  }

  private static List<Mutation> mutations(@Nullable Object set, String place) {
    List<Mutation> mutations = new ArrayList<>();
    for (Object item : list(set, place)) {
      Map<String, @Nullable Object> entry = map(item, place + "[]");
      mutations.add(new Mutation(text(entry.get("key"), place + "[].key"), entry.get("value")));
    }
    return mutations;
  }

  private static @Nullable Duration timeout(@Nullable Object seconds) {
    if (seconds == null) {
      return null;
    }
    Duration timeout = Durations.parse(seconds);
    if (timeout == null) {
      throw expected("spec.timeout", "a number of seconds", seconds);
    }
    return timeout;
  }

  private static <E extends Enum<E>> E word(Class<E> type, @Nullable Object word) {
    return Enum.valueOf(type, text(word, type.getSimpleName()).toUpperCase(Locale.ROOT));
  }

  private static @Nullable String optionalText(@Nullable Object value, String place) {
    return value == null ? null : text(value, place);
  }

  private static String text(@Nullable Object value, String place) {
    if (value instanceof String text) {
      return text;
    }
    throw expected(place, "text", value);
  }

  private static List<?> list(@Nullable Object value, String place) {
    return switch (value) {
      case null -> List.of();
      case List<?> list -> list;
      default -> throw expected(place, "a list", value);
    };
  }

  @SuppressWarnings("unchecked") // plain JSON maps have string keys by construction
  private static Map<String, @Nullable Object> map(@Nullable Object value, String place) {
    return switch (value) {
      case null -> Map.of();
      case Map<?, ?> map -> (Map<String, @Nullable Object>) map;
      default -> throw expected(place, "a map", value);
    };
  }

  private static IllegalArgumentException expected(
      String place, String what, @Nullable Object value) {
    return new IllegalArgumentException(
        "Expected " + what + " in " + place + " of a tool, but got " + Json.typeName(value));
  }
}
