package io.noetl.playbook.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The filters that templates know. */
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

  private Filters() {}

  /** A filter that leaves undefined undefined; {@code names} are its arguments in order. */
  static Definition definition(String names, Filter filter) {
    return definition(names, false, filter);
  }

  static Definition seeingUndefined(String names, Filter filter) {
    return definition(names, true, filter);
  }

  private static Definition definition(String names, boolean seesUndefined, Filter filter) {
    boolean any = names.endsWith("...");
    String known = names.replace("...", "").strip();
    List<String> list = known.isEmpty() ? List.of() : List.of(known.split(" "));
    return new Definition(any ? Integer.MAX_VALUE : list.size(), list, seesUndefined, filter);
  }

  /**
   * The filter of that name, or null. Filters are looked up when a template is compiled, and made
   * then, so that a process pays at its start only for those that it uses.
   */
  static @Nullable Definition find(String name) {
    Definition found = DataFilters.find(name);
    if (found == null) {
      found = TextFilters.find(name);
    }
    if (found == null) {
      found = ListFilters.find(name);
    }
    return found == null ? SelectFilters.find(name) : found;
  }
}
