package io.noetl.policy;

import io.noetl.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads members and collects what is wrong with them. Belongs to one thread. */
final class Readings {
  /** How roles are named. */
  static final Pattern ROLE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:-]{0,99}");

  static final Pattern TENANT = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  private final List<Fault> faults = new ArrayList<>();
  private int more;

  void fault(String path, String message) {
    if (faults.size() < PolicyLimits.FAULTS) {
      faults.add(new Fault(path, message));
    } else {
      more++;
    }
  }

  /** All that was found; that there is more is the last of them. */
  List<Fault> faults() {
    if (more == 0) {
      return List.copyOf(faults);
    }
    List<Fault> all = new ArrayList<>(faults);
    all.add(new Fault("", more + " more faults"));
    return List.copyOf(all);
  }

  void known(String path, Map<?, ?> document, Set<String> names) {
    for (Object name : document.keySet()) {
      if (!names.contains(String.valueOf(name))) {
        fault(
            join(path, String.valueOf(name)),
            "Expected one of " + String.join(", ", names.stream().sorted().toList()));
      }
    }
  }

  static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  void format(Map<?, ?> document, String format) {
    if (!format.equals(document.get("format"))) {
      fault("format", "Expected \"" + format + "\", but got " + Json.text(document.get("format")));
    }
  }

  /** The entries of a list; empty when it is none. */
  List<?> list(Map<?, ?> document, String name, int most, String limit) {
    Object value = document.get(name);
    if (value instanceof List<?> list) {
      if (list.size() > most) {
        fault(
            name, "Expected at most " + most + " entries (" + limit + "), but got " + list.size());
        return List.of();
      }
      return list;
    }
    fault(name, "Expected a list, but got " + Json.typeName(value));
    return List.of();
  }

  @Nullable Map<?, ?> object(String path, @Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    fault(path, "Expected an object, but got " + Json.typeName(value));
    return null;
  }

  /** A text of one line and bounded length; empty, and a fault, when it is none. */
  String text(String path, @Nullable Object value) {
    if (value instanceof String text
        && !text.isEmpty()
        && text.length() <= PolicyLimits.TEXT
        && text.chars().noneMatch(c -> c < ' ' || c == 0x7f)) {
      return text;
    }
    fault(path, "Expected a text of 1 to " + PolicyLimits.TEXT + " characters on one line");
    return "";
  }

  /** The texts of a list that may be missing; one that is there has an entry. */
  List<String> texts(String path, Map<?, ?> document, String name) {
    if (!document.containsKey(name)) {
      return List.of();
    }
    String place = join(path, name);
    if (!(document.get(name) instanceof List<?> list) || list.isEmpty()) {
      // An empty list would read as nobody, and be taken for everybody.
      fault(place, "Expected a list with at least one text, or no such member for any");
      return List.of();
    }
    if (list.size() > PolicyLimits.ENTRIES) {
      fault(place, "Expected at most " + PolicyLimits.ENTRIES + " entries, but got " + list.size());
      return List.of();
    }
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      texts.add(text(place + "[" + i + "]", list.get(i)));
    }
    return texts;
  }

  Set<String> words(String path, Map<?, ?> document, String name, Pattern pattern) {
    Set<String> words = new LinkedHashSet<>();
    List<String> texts = texts(path, document, name);
    for (int i = 0; i < texts.size(); i++) {
      String word = texts.get(i);
      if (!word.isEmpty() && !pattern.matcher(word).matches()) {
        fault(
            join(path, name) + "[" + i + "]",
            "Expected a text like " + pattern.pattern() + ", but got '" + word + "'");
      }
      words.add(word);
    }
    return words;
  }

  List<Glob> globs(String path, Map<?, ?> document, String name) {
    return texts(path, document, name).stream().map(Glob::new).toList();
  }
}
