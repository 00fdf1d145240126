package io.noetl.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Hands the settings of one section to its record and notes each key that was asked for, so that
 * the table of keys is what the code reads and nothing else. A value that cannot be read is a fault
 * and stands as its default until the loader has collected all faults.
 */
final class Values {
  private final String section;
  private final Map<String, Setting> settings;
  private final List<Entry> entries;
  private final List<Fault> faults;

  private Values(
      String section, Map<String, Setting> settings, List<Entry> entries, List<Fault> faults) {
    this.section = section;
    this.settings = settings;
    this.entries = entries;
    this.faults = faults;
  }

  /** Values of all sections. */
  static Values of(Map<String, Setting> settings) {
    return new Values("", settings, new ArrayList<>(), new ArrayList<>());
  }

  /** The defaults of one section. */
  static Values defaults(String section) {
    return of(Map.of()).section(section);
  }

  /** The values of one section as a test writes them, without the section's name. */
  static Values of(String section, Map<String, String> byName) {
    Map<String, Setting> settings = new LinkedHashMap<>();
    byName.forEach((name, text) -> settings.put(section + "." + name, new Setting(text, "test")));
    return of(settings).section(section);
  }

  Values section(String name) {
    return new Values(name, settings, entries, faults);
  }

  /**
   * Builds the record of one section; faults of its checks are noted with the source of the value,
   * and the record of defaults stands in for it until the loader gives up.
   */
  <T> T section(String name, Function<Values, T> from) {
    Values own = section(name);
    try {
      return from.apply(own);
    } catch (ConfigException e) {
      faults.addAll(located(e.faults()));
      return from.apply(new Values(name, Map.of(), new ArrayList<>(), new ArrayList<>()));
    }
  }

  /** The faults of a record's checks, with where the values at fault were written. */
  List<Fault> located(List<Fault> found) {
    List<Fault> located = new ArrayList<>();
    for (Fault fault : found) {
      Setting setting = settings.get(fault.key());
      located.add(
          setting == null ? fault : new Fault(setting.source(), fault.key(), fault.problem()));
    }
    return located;
  }

  List<Entry> entries() {
    return List.copyOf(entries);
  }

  List<Fault> faults() {
    return List.copyOf(faults);
  }

  String text(String name, String defaultValue, String about) {
    return read(name, defaultValue, "text", about, text -> text, text -> text, false);
  }

  Optional<String> optionalText(String name, String about) {
    return Optional.of(text(name, "", about)).filter(text -> !text.isBlank());
  }

  Secret secret(String name, String about) {
    return read(name, Secret.NONE, "secret", about, Secret::new, Secret::toString, true);
  }

  int integer(String name, int defaultValue, String about) {
    return read(
        name,
        defaultValue,
        "number",
        about,
        text -> text.strip().matches("-?\\d{1,9}") ? Integer.valueOf(text.strip()) : null,
        String::valueOf,
        false);
  }

  boolean bool(String name, boolean defaultValue, String about) {
    return read(
        name,
        defaultValue,
        "true or false",
        about,
        text ->
            switch (text.strip().toLowerCase(Locale.ROOT)) {
              case "true" -> Boolean.TRUE;
              case "false" -> Boolean.FALSE;
              default -> null;
            },
        String::valueOf,
        false);
  }

  Duration duration(String name, Duration defaultValue, String about) {
    return read(
        name,
        defaultValue,
        Texts.DURATION_FORM,
        about,
        Texts::parseDuration,
        Texts::duration,
        false);
  }

  long bytes(String name, long defaultValue, String about) {
    return read(
        name, defaultValue, Texts.BYTES_FORM, about, Texts::parseBytes, Texts::bytes, false);
  }

  /** Words separated by commas. */
  List<String> list(String name, List<String> defaultValue, String about) {
    return read(
        name,
        defaultValue,
        "words separated by commas",
        about,
        text ->
            Stream.of(text.split(",")).map(String::strip).filter(word -> !word.isEmpty()).toList(),
        words -> String.join(",", words),
        false);
  }

  /** Whole numbers separated by commas. */
  List<Integer> integers(String name, List<Integer> defaultValue, String about) {
    return read(
        name,
        defaultValue,
        "numbers separated by commas",
        about,
        Values::parseIntegers,
        numbers -> numbers.stream().map(String::valueOf).collect(Collectors.joining(",")),
        false);
  }

  private static @Nullable List<Integer> parseIntegers(String text) {
    List<String> words =
        Stream.of(text.split(",")).map(String::strip).filter(word -> !word.isEmpty()).toList();
    return words.stream().allMatch(word -> word.matches("\\d{1,9}"))
        ? words.stream().map(Integer::valueOf).toList()
        : null;
  }

  Path path(String name, Path defaultValue, String about) {
    return read(name, defaultValue, "path", about, Texts::path, Texts::path, false);
  }

  Optional<Path> optionalPath(String name, String about) {
    return optionalText(name, about).map(Texts::path);
  }

  /** One of the constants, written in lower case with hyphens. */
  <E extends Enum<E>> E choice(String name, E defaultValue, Class<E> type, String about) {
    String words =
        Stream.of(type.getEnumConstants()).map(Values::word).collect(Collectors.joining(", "));
    return read(
        name,
        defaultValue,
        "one of " + words,
        about,
        text ->
            Stream.of(type.getEnumConstants())
                .filter(constant -> word(constant).equals(text.strip().toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElse(null),
        Values::word,
        false);
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private <T> T read(
      String name,
      T defaultValue,
      String type,
      String about,
      Function<String, @Nullable T> parse,
      Function<T, String> print,
      boolean secret) {
    String key = section + "." + name;
    Setting setting = settings.get(key);
    T value = defaultValue;
    if (setting != null) {
      T read = parse.apply(setting.text());
      if (read == null) {
        faults.add(new Fault(setting.source(), key, unreadable(setting.text(), type, secret)));
      } else {
        value = read;
      }
    }
    entries.add(
        new Entry(
            key,
            Texts.withoutUserInfo(print.apply(value)),
            setting == null ? "default" : setting.source(),
            print.apply(defaultValue),
            type,
            about));
    return value;
  }

  private static String unreadable(String text, String type, boolean secret) {
    String problem = "Expected " + article(type) + ", but got '" + (secret ? "…" : text) + "'";
    // A service named like one of our sections makes Kubernetes set variables that look like ours.
    return text.startsWith("tcp://") || text.startsWith("udp://")
        ? problem + "; Kubernetes makes such variables: set enableServiceLinks: false in the pod"
        : problem;
  }

  private static String article(String type) {
    return switch (type) {
      case "text", "number", "path", "secret" -> "a " + type;
      default -> type;
    };
  }
}
