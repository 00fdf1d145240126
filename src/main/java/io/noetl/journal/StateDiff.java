package io.noetl.journal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What is different between two states of one execution. Pure. */
public final class StateDiff {
  /** Members of a state that are maps by name or id. */
  private static final List<String> BY_NAME =
      List.of("variables", "steps", "loops", "commands", "waits");

  private StateDiff() {}

  /**
   * @param from a {@link StateDocument}
   * @param to another one of the same execution
   * @return by member: names with {@code from} and {@code to}, of which one is missing where
   *     something came or went; equal members are left out
   */
  public static Map<String, @Nullable Object> of(
      Map<String, @Nullable Object> from, Map<String, @Nullable Object> to) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    for (String member : BY_NAME) {
      Map<String, @Nullable Object> changed = changed(map(from, member), map(to, member));
      if (!changed.isEmpty()) {
        out.put(member, changed);
      }
    }
    Map<String, @Nullable Object> tokens =
        changed(tokens(from.get("pending")), tokens(to.get("pending")));
    if (!tokens.isEmpty()) {
      out.put("tokens", tokens);
    }
    Map<String, @Nullable Object> rest = new LinkedHashMap<>();
    TreeSet<String> names = new TreeSet<>(from.keySet());
    names.addAll(to.keySet());
    names.removeAll(BY_NAME);
    names.removeAll(List.of("pending", "seq"));
    for (String name : names) {
      if (!Objects.equals(from.get(name), to.get(name))) {
        rest.put(name, pair(from, to, name));
      }
    }
    out.putAll(rest);
    return out;
  }

  /** Where tokens stand, by step. */
  private static Map<String, @Nullable Object> tokens(@Nullable Object pending) {
    Map<String, @Nullable Object> tokens = new LinkedHashMap<>();
    if (pending instanceof List<?> list) {
      for (Object item : new ArrayList<>(list)) {
        if (item instanceof Map<?, ?> token) {
          tokens.put(String.valueOf(token.get("step")), token);
        }
      }
    }
    return tokens;
  }

  private static Map<String, @Nullable Object> changed(
      Map<String, @Nullable Object> from, Map<String, @Nullable Object> to) {
    TreeSet<String> names = new TreeSet<>(from.keySet());
    names.addAll(to.keySet());
    Map<String, @Nullable Object> changed = new LinkedHashMap<>();
    for (String name : names) {
      if (!from.containsKey(name)
          || !to.containsKey(name)
          || !Objects.equals(from.get(name), to.get(name))) {
        changed.put(name, pair(from, to, name));
      }
    }
    return changed;
  }

  private static Map<String, @Nullable Object> pair(
      Map<String, @Nullable Object> from, Map<String, @Nullable Object> to, String name) {
    Map<String, @Nullable Object> pair = new LinkedHashMap<>();
    if (from.containsKey(name)) {
      pair.put("from", from.get(name));
    }
    if (to.containsKey(name)) {
      pair.put("to", to.get(name));
    }
    return pair;
  }

  @SuppressWarnings("unchecked") // plain JSON values have string keys
  private static Map<String, @Nullable Object> map(
      Map<String, @Nullable Object> from, String name) {
    return from.get(name) instanceof Map<?, ?> map ? (Map<String, @Nullable Object>) map : Map.of();
  }
}
