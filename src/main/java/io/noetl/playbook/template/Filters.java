package io.noetl.playbook.template;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The table of filters. */
final class Filters {
  /** Among the names of arguments: any other name too. */
  private static final String ANY = "**";

  /** What a filter does. */
  interface Filter {
    @Nullable Object apply(Evaluation evaluation, @Nullable Object input, Arguments arguments);
  }

  /**
   * A filter as templates know it.
   *
   * @param most how many arguments without a name it takes
   * @param names the arguments it knows by name
   * @param seesUndefined whether it decides itself what to make of an undefined input; else, called
   *     without arguments, it leaves it undefined
   */
  record Definition(int most, List<String> names, boolean seesUndefined, Filter filter) {
    /** What is wrong with the arguments as written, or null. */
    @Nullable String wrong(String filterName, Call.Written arguments) {
      if (arguments.positional().size() > most) {
        return "expected filter '"
            + filterName
            + "' to get at most "
            + most
            + " arguments, but it gets "
            + arguments.positional().size();
      }
      for (String name : arguments.named().keySet()) {
        if (!names.contains(name) && !names.contains(ANY)) {
          return "expected filter '"
              + filterName
              + "' to get arguments "
              + names
              + ", but it gets '"
              + name
              + "'";
        }
      }
      return null;
    }
  }

  /** Collects definitions. */
  static final class Table {
    private final Map<String, Definition> byName = new HashMap<>();

    /** Adds a filter under a name and its synonyms; {@code names} are its arguments in order. */
    void add(String filterNames, String names, Filter filter) {
      add(filterNames, names, false, filter);
    }

    void addSeeingUndefined(String filterNames, String names, Filter filter) {
      add(filterNames, names, true, filter);
    }

    private void add(String filterNames, String names, boolean seesUndefined, Filter filter) {
      boolean any = names.endsWith("...");
      String known = names.replace("...", "").strip();
      List<String> list = known.isEmpty() ? List.of() : List.of(known.split(" "));
      Definition definition =
          new Definition(any ? Integer.MAX_VALUE : list.size(), list, seesUndefined, filter);
      for (String name : filterNames.split(" ")) {
        byName.put(name, definition);
      }
    }
  }

  private static final Map<String, Definition> TABLE = table();

  private Filters() {}

  private static Map<String, Definition> table() {
    Table table = new Table();
    DataFilters.addTo(table);
    TextFilters.addTo(table);
    ListFilters.addTo(table);
    SelectFilters.addTo(table);
    return Map.copyOf(table.byName);
  }

  static @Nullable Definition find(String name) {
    return TABLE.get(name);
  }
}
