package io.noetl.tool.auth;

import io.noetl.json.Json;
import io.noetl.tool.InvalidConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The forms that an {@code auth} field may have, once it is rendered. */
public sealed interface AuthField {

  /** No authentication. */
  record None() implements AuthField {}

  /**
   * The secret is in the field itself.
   *
   * @param type lower case, such as {@code bearer}
   * @param members the whole field
   */
  record Direct(String type, Map<String, @Nullable Object> members) implements AuthField {}

  /**
   * Names of credentials; never empty. Most tools use the first only.
   *
   * @param names in the order of the field
   */
  record Named(List<Name> names) implements AuthField {
    public Named {
      names = List.copyOf(names);
    }

    public Name first() {
      return names.getFirst();
    }
  }

  /**
   * @param alias what the author calls it in this place
   * @param credential name to look up
   */
  record Name(String alias, String credential) {}

  /**
   * @param auth null, a name, a map with {@code type}, a map with {@code source} and {@code name}
   *     or {@code key}, or a map of aliases
   * @throws InvalidConfig when it has none of these forms; the message says what it is
   */
  static AuthField of(@Nullable Object auth) {
    return switch (auth) {
      case null -> new None();
      case String name -> name.isBlank() ? new None() : named(name.strip());
      case Map<?, ?> map -> map.isEmpty() ? new None() : ofMap(strings(map));
      default ->
          throw new InvalidConfig(
              "Expected auth to be the name of a credential or a map, but it is "
                  + Json.typeName(auth));
    };
  }

  private static AuthField ofMap(Map<String, @Nullable Object> map) {
    if (map.get("type") instanceof String type) {
      String word = type.strip().toLowerCase(Locale.ROOT);
      return word.equals("none") ? new None() : new Direct(word, map);
    }
    if (map.get("source") instanceof String source) {
      if (source.equals("adc")) {
        return new Direct("gcp_adc", map);
      }
      return named(nameIn(map, "auth"));
    }
    List<Name> names = new ArrayList<>();
    map.forEach(
        (alias, value) ->
            names.add(
                switch (value) {
                  case String name -> new Name(alias, name);
                  case Map<?, ?> entry -> new Name(alias, nameIn(strings(entry), "auth." + alias));
                  case null, default ->
                      throw new InvalidConfig(
                          "Expected auth."
                              + alias
                              + " to be the name of a credential, but it is "
                              + Json.typeName(value));
                }));
    return new Named(names);
  }

  private static AuthField named(String name) {
    return new Named(List.of(new Name(name, name)));
  }

  private static String nameIn(Map<String, @Nullable Object> map, String place) {
    for (String member : List.of("name", "key", "credential")) {
      if (map.get(member) instanceof String name && !name.isBlank()) {
        return name.strip();
      }
    }
    throw new InvalidConfig("Expected " + place + " to have a name or key, but it has neither");
  }

  private static Map<String, @Nullable Object> strings(Map<?, ?> map) {
    Map<String, @Nullable Object> strings = new LinkedHashMap<>();
    map.forEach((name, value) -> strings.put(String.valueOf(name), value));
    return strings;
  }
}
