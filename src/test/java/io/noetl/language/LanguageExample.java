package io.noetl.language;

import io.noetl.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * A playbook of {@code src/test/resources/language} and what must come of it.
 *
 * @param rules what it shows, such as {@code E3} or {@code 7.2}
 * @param path under which it is registered
 * @param others playbooks that are registered before it
 * @param sql statements that the database of the credential {@code pg} runs before each case
 * @param text the whole document
 * @param cases executions of it
 * @param refused how registration must be refused, or null
 */
record LanguageExample(
    List<String> rules,
    String about,
    String path,
    List<String> others,
    List<String> sql,
    String text,
    List<Case> cases,
    @Nullable Refusal refused) {
  static final Path FOLDER = Path.of("src", "test", "resources", "language");

  /**
   * One execution.
   *
   * @param steps members that the data of a step must have, or the whole data when it is no map
   * @param errors members that the error of a step must have
   * @param without members that the data of a step must not have
   * @param absent steps that must not have run
   * @param runs how often a step must have run
   * @param error part of the execution's error
   * @param result of the execution, where one is expected
   * @param sent headers that the test server must have got last
   * @param hidden texts that no event and no command may contain
   * @param atLeastMs how long it must have taken
   */
  record Case(
      Map<String, @Nullable Object> payload,
      String status,
      Map<String, @Nullable Object> steps,
      Map<String, @Nullable Object> errors,
      Map<String, @Nullable Object> without,
      List<Object> absent,
      Map<String, @Nullable Object> runs,
      @Nullable String error,
      @Nullable Object result,
      Map<String, @Nullable Object> sent,
      List<Object> hidden,
      long atLeastMs) {}

  record Refusal(int status, String message) {}

  static List<LanguageExample> all() {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
          .sorted()
          .flatMap(file -> read(file).stream())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<LanguageExample> read(Path file) {
    String name = file.getFileName().toString().replace(".yaml", "");
    int number = Integer.parseInt(name.substring(1));
    List<LanguageExample> examples = new ArrayList<>();
    try {
      Load load = new Load(LoadSettings.builder().setLabel(file.toString()).build());
      for (Object document : load.loadAllFromString(Files.readString(file))) {
        Map<String, @Nullable Object> map = Json.parseObject(Json.text(document));
        List<String> rules = new ArrayList<>();
        list(map, "rules").forEach(rule -> rules.add(String.valueOf(rule)));
        if (name.startsWith("e")) {
          rules.add("E" + number);
        }
        String path = "spec/" + name.charAt(0) + number + "-" + (examples.size() + 1);
        examples.add(read(rules, path, map));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return examples;
  }

  private static LanguageExample read(
      List<String> rules, String path, Map<String, @Nullable Object> map) {
    List<String> others = new ArrayList<>();
    list(map, "others").forEach(text -> others.add(String.valueOf(text)));
    List<String> sql = new ArrayList<>();
    list(map, "sql").forEach(statement -> sql.add(String.valueOf(statement)));
    List<Case> cases = new ArrayList<>();
    for (Object entry : list(map, "cases")) {
      Map<String, @Nullable Object> one = Json.parseObject(Json.text(entry));
      Object error = one.get("error");
      Object millis = one.getOrDefault("at_least_ms", 0L);
      cases.add(
          new Case(
              object(one, "payload"),
              String.valueOf(one.get("status")),
              object(one, "steps"),
              object(one, "errors"),
              object(one, "without"),
              list(one, "absent"),
              object(one, "runs"),
              error == null ? null : error.toString(),
              one.get("result"),
              object(one, "sent"),
              list(one, "hidden"),
              ((Number) millis).longValue()));
    }
    Map<String, @Nullable Object> refused = object(map, "refused");
    return new LanguageExample(
        rules,
        String.valueOf(map.get("about")),
        path,
        others,
        sql,
        document(String.valueOf(map.get("playbook")), path),
        cases,
        refused.isEmpty()
            ? null
            : new Refusal(
                ((Number) refused.get("status")).intValue(),
                String.valueOf(refused.get("message"))));
  }

  /** Most examples leave the header to us. */
  private static String document(String text, String path) {
    return text.contains("apiVersion:")
        ? text.replaceFirst("path: [^}]*}", "path: " + path + "}")
        : "apiVersion: noetl.io/v2\nkind: Playbook\nmetadata: {name: t, path: %s}\n".formatted(path)
            + text;
  }

  private static Map<String, @Nullable Object> object(
      Map<String, @Nullable Object> map, String name) {
    Object value = map.get(name);
    return value == null ? Map.of() : Json.parseObject(Json.text(value));
  }

  private static List<Object> list(Map<String, @Nullable Object> map, String name) {
    List<Object> items = new ArrayList<>();
    if (map.get(name) instanceof List<?> list) {
      list.forEach(item -> items.add(item == null ? "" : item));
    }
    return items;
  }
}
