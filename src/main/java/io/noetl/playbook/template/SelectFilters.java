package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateObject.UNDEFINED;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Filters that look at each element of a list: by a test, a filter or an attribute. */
final class SelectFilters {
  private SelectFilters() {}

  /** The filter of that name, or null when it is not one of these. */
  static Filters.@Nullable Definition find(String name) {
    return switch (name) {
      case "map" -> Filters.definition("attribute default ** ...", SelectFilters::map);
      case "select" ->
          Filters.definition("...", (e, input, a) -> select(e, "select", input, a, false, true));
      case "reject" ->
          Filters.definition("...", (e, input, a) -> select(e, "reject", input, a, false, false));
      case "selectattr" ->
          Filters.definition("...", (e, input, a) -> select(e, "selectattr", input, a, true, true));
      case "rejectattr" ->
          Filters.definition(
              "...", (e, input, a) -> select(e, "rejectattr", input, a, true, false));
      case "groupby" ->
          Filters.definition("attribute default case_sensitive", SelectFilters::groupBy);
      case "unique" -> Filters.definition("case_sensitive attribute", SelectFilters::unique);
      default -> null;
    };
  }

  private static Object map(Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    Items results = new Items();
    List<@Nullable Object> items = Values.items(evaluation, input, "map");
    if (arguments.named().containsKey("attribute")) {
      Object attribute = arguments.attribute(Integer.MAX_VALUE, "attribute");
      Object otherwise = arguments.named().getOrDefault("default", UNDEFINED);
      for (Object item : items) {
        Object value = attribute == null ? item : Access.path(evaluation, item, attribute);
        results.add(value == UNDEFINED ? otherwise : value);
      }
      return results;
    }
    String name = arguments.text(evaluation, 0, "filter", "");
    Filters.Definition filter = Filters.find(name);
    if (filter == null) {
      throw new TemplateException(
          "Expected map to get the name of a filter, but there is no filter '"
              + Templates.excerpt(name)
              + "'");
    }
    Arguments rest = arguments.from(1);
    evaluation.enter(1);
    for (Object item : items) {
      results.add(filter.filter().apply(evaluation, item, rest));
    }
    evaluation.leave(1);
    return results;
  }

  private static Object select(
      Evaluation evaluation,
      String filter,
      @Nullable Object input,
      Arguments arguments,
      boolean byAttribute,
      boolean wanted) {
    int first = byAttribute ? 1 : 0;
    Object attribute = byAttribute ? arguments.attribute(0, "attribute") : null;
    if (byAttribute && attribute == null) {
      throw new TemplateException(
          "Expected " + filter + " to get the name of an attribute, but got none");
    }
    Checks.Check check = (_, value, _) -> Values.truth(value);
    if (arguments.has(first, "test")) {
      String name = arguments.text(evaluation, first, "test", "");
      Checks.Check found = Checks.find(name);
      if (found == null) {
        throw new TemplateException(
            "Expected "
                + filter
                + " to get the name of a test, but there is no test '"
                + Templates.excerpt(name)
                + "'");
      }
      check = found;
    }
    Arguments rest = arguments.from(first + 1);
    Items selected = new Items();
    for (Object item : Values.items(evaluation, input, filter)) {
      evaluation.step();
      Object value = attribute == null ? item : Access.path(evaluation, item, attribute);
      if (check.test(evaluation, value, rest) == wanted) {
        selected.add(item);
      }
    }
    return selected;
  }

  /** One group of {@code groupby}: a pair that also has the names of its parts. */
  private record Group(@Nullable Object grouper, Items list) implements TemplateObject {
    @Override
    public @Nullable Object member(String name) {
      return switch (name) {
        case "grouper" -> grouper;
        case "list" -> list;
        default -> UNDEFINED;
      };
    }

    @Override
    public @Nullable Object element(int index) {
      return switch (index) {
        case 0, -2 -> grouper;
        case 1, -1 -> list;
        default -> UNDEFINED;
      };
    }

    @Override
    public Object plain() {
      Items pair = new Items();
      pair.add(grouper);
      pair.add(list);
      return pair;
    }
  }

  private static Object groupBy(
      Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    Object attribute = arguments.attribute(0, "attribute");
    if (attribute == null) {
      throw new TemplateException("Expected groupby to get an attribute, but got none");
    }
    boolean caseSensitive = arguments.flag(2, "case_sensitive", false);
    TreeMap<List<@Nullable Object>, Group> groups = new TreeMap<>(ListFilters.byKeys(evaluation));
    for (Object item : Values.items(evaluation, input, "groupby")) {
      Object value = Access.path(evaluation, item, attribute);
      if (value == UNDEFINED) {
        value = arguments.at(1, "default");
      }
      List<@Nullable Object> key = new ArrayList<>(1);
      Object plain = Values.plain(value);
      key.add(plain instanceof String text && !caseSensitive ? Texts.lower(text) : plain);
      Object grouper = plain == UNDEFINED ? null : plain;
      groups.computeIfAbsent(key, _ -> new Group(grouper, new Items())).list().add(item);
    }
    return new Items(groups.values());
  }

  private static Object unique(Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    boolean caseSensitive = arguments.flag(0, "case_sensitive", false);
    Object attribute = arguments.attribute(1, "attribute");
    Set<String> seen = new HashSet<>();
    Items unique = new Items();
    for (Object item : Values.items(evaluation, input, "unique")) {
      Object key = ListFilters.key(evaluation, item, attribute, caseSensitive);
      if (seen.add(identity(evaluation, key))) {
        unique.add(item);
      }
    }
    return unique;
  }

  /** A text that is equal for values that compare equal. */
  private static String identity(Evaluation evaluation, @Nullable Object key) {
    Number number = Comparison.number(key);
    if (number != null) {
      double value = number.doubleValue();
      boolean whole =
          Comparison.isFloat(number) && value == Math.rint(value) && Math.abs(value) < 1e15;
      return "n" + (whole ? String.valueOf((long) value) : TextForm.number(number));
    }
    return key instanceof String text ? "s" + text : "j" + TextForm.json(evaluation, key);
  }
}
