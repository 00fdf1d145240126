package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateObject.UNDEFINED;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Filters on lists and maps as a whole. Their results are lists. */
final class ListFilters {
  private ListFilters() {}

  /** The filter of that name, or null when it is not one of these. */
  static Filters.@Nullable Definition find(String name) {
    return switch (name) {
      case "list" ->
          Filters.definition("", (evaluation, input, _) -> items(evaluation, "list", input));
      case "first" ->
          Filters.definition("", (evaluation, input, _) -> end(evaluation, "first", input, false));
      case "last" ->
          Filters.definition("", (evaluation, input, _) -> end(evaluation, "last", input, true));
      case "join" -> Filters.definition("sep attribute d", ListFilters::join);
      case "reverse" -> Filters.definition("", ListFilters::reverse);
      case "sort" -> Filters.definition("reverse case_sensitive attribute", ListFilters::sort);
      case "sum" -> Filters.definition("attribute start", ListFilters::sum);
      case "min" ->
          Filters.definition(
              "case_sensitive attribute", (e, input, a) -> extreme(e, "min", input, a, -1));
      case "max" ->
          Filters.definition(
              "case_sensitive attribute", (e, input, a) -> extreme(e, "max", input, a, 1));
      case "batch" -> Filters.definition("linecount fill_with", ListFilters::batch);
      case "slice" -> Filters.definition("slices fill_with", ListFilters::slice);
      case "keys" ->
          Filters.definition("", (evaluation, input, _) -> keys(evaluation, map("keys", input)));
      case "values" ->
          Filters.definition(
              "", (evaluation, input, _) -> values(evaluation, map("values", input)));
      case "items" ->
          Filters.definition("", (evaluation, input, _) -> pairs(evaluation, map("items", input)));
      case "dictsort" -> Filters.definition("case_sensitive by reverse", ListFilters::sortedPairs);
      default -> null;
    };
  }

  /** The elements, in a new list. */
  static Items items(Evaluation evaluation, String filter, @Nullable Object input) {
    return new Items(Values.items(evaluation, input, filter));
  }

  private static Map<?, ?> map(String filter, @Nullable Object input) {
    Object plain = Values.plain(input);
    if (Values.isMissing(plain)) {
      return Map.of();
    }
    if (plain instanceof Map<?, ?> map) {
      return map;
    }
    throw new TemplateException(
        "Expected " + filter + " to get a map, but got " + Values.typeName(plain));
  }

  static Items keys(Evaluation evaluation, Map<?, ?> map) {
    evaluation.charge(16L * map.size());
    return new Items(map.keySet());
  }

  static Items values(Evaluation evaluation, Map<?, ?> map) {
    evaluation.charge(16L * map.size());
    Items values = new Items();
    map.values().forEach(value -> values.add(evaluation.read(value)));
    return values;
  }

  static Items pairs(Evaluation evaluation, Map<?, ?> map) {
    evaluation.charge(64L * map.size());
    Items pairs = new Items();
    map.forEach((key, value) -> pairs.add(pair(key, evaluation.read(value))));
    return pairs;
  }

  private static Items pair(@Nullable Object key, @Nullable Object value) {
    Items pair = new Items();
    pair.add(key);
    pair.add(value);
    return pair;
  }

  private static @Nullable Object end(
      Evaluation evaluation, String filter, @Nullable Object input, boolean last) {
    Object source = input instanceof TemplateObject object ? object.items() : input;
    if (source instanceof List<?> list) {
      return list.isEmpty() ? UNDEFINED : evaluation.read(last ? list.getLast() : list.getFirst());
    }
    if (source instanceof String text) {
      return Access.subscript(evaluation, text, last ? -1L : 0L);
    }
    List<@Nullable Object> items = Values.items(evaluation, source, filter);
    return items.isEmpty() ? UNDEFINED : last ? items.getLast() : items.getFirst();
  }

  private static Object join(Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    String separator =
        arguments.has(0, "sep")
            ? arguments.text(evaluation, 0, "sep", "")
            : arguments.text(evaluation, 2, "d", "");
    Object attribute = arguments.attribute(1, "attribute");
    Output out = new Output(evaluation);
    boolean first = true;
    for (Object item : Values.items(evaluation, input, "join")) {
      if (!first) {
        out.append(separator);
      }
      first = false;
      Object part = attribute == null ? item : Access.path(evaluation, item, attribute);
      out.append(TextForm.of(evaluation, part));
    }
    return out.text();
  }

  private static Object reverse(
      Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    if (Values.plain(input) instanceof String text) {
      evaluation.charge(text.length());
      return Texts.reverse(text);
    }
    Items items = items(evaluation, "reverse", input);
    Collections.reverse(items);
    return items;
  }

  /** What elements are compared by: themselves or an attribute, texts without case unless asked. */
  static @Nullable Object key(
      Evaluation evaluation,
      @Nullable Object item,
      @Nullable Object attribute,
      boolean caseSensitive) {
    Object value = attribute == null ? item : Access.path(evaluation, item, attribute);
    Object plain = Values.plain(value);
    return plain instanceof String text && !caseSensitive ? Texts.lower(text) : plain;
  }

  /** An element beside the keys it is sorted by. */
  private record Keyed(@Nullable Object item, List<@Nullable Object> keys) {}

  static Comparator<List<@Nullable Object>> byKeys(Evaluation evaluation) {
    return (a, b) -> {
      for (int i = 0; i < a.size(); i++) {
        int order = Comparison.sorting(evaluation, a.get(i), b.get(i));
        if (order != 0) {
          return order;
        }
      }
      return 0;
    };
  }

  private static Object sort(Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    boolean reverse = arguments.flag(0, "reverse", false);
    boolean caseSensitive = arguments.flag(1, "case_sensitive", false);
    Object attribute = arguments.attribute(2, "attribute");
    return sorted(evaluation, items(evaluation, "sort", input), attribute, caseSensitive, reverse);
  }

  static Items sorted(
      Evaluation evaluation,
      Items items,
      @Nullable Object attribute,
      boolean caseSensitive,
      boolean reverse) {
    List<Keyed> keyed = new ArrayList<>(items.size());
    evaluation.charge(64L * items.size());
    for (Object item : items) {
      List<@Nullable Object> keys = new ArrayList<>(1);
      if (attribute instanceof String text && text.indexOf(',') >= 0) {
        for (String part : text.split(",", -1)) {
          keys.add(key(evaluation, item, part.strip(), caseSensitive));
        }
      } else {
        keys.add(key(evaluation, item, attribute, caseSensitive));
      }
      keyed.add(new Keyed(item, keys));
    }
    Comparator<List<@Nullable Object>> order = byKeys(evaluation);
    keyed.sort(
        (a, b) -> reverse ? order.compare(b.keys(), a.keys()) : order.compare(a.keys(), b.keys()));
    Items sorted = new Items();
    keyed.forEach(entry -> sorted.add(entry.item()));
    return sorted;
  }

  private static Object sum(Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    Object attribute = arguments.attribute(0, "attribute");
    Object sum = arguments.has(1, "start") ? Values.plain(arguments.at(1, "start")) : 0L;
    for (Object item : Values.items(evaluation, input, "sum")) {
      Object part = attribute == null ? item : Access.path(evaluation, item, attribute);
      sum = Arithmetic.add(evaluation, sum, Values.plain(part));
    }
    return sum == null ? 0L : sum;
  }

  private static @Nullable Object extreme(
      Evaluation evaluation,
      String filter,
      @Nullable Object input,
      Arguments arguments,
      int direction) {
    boolean caseSensitive = arguments.flag(0, "case_sensitive", false);
    Object attribute = arguments.attribute(1, "attribute");
    Object best = UNDEFINED;
    Object bestKey = null;
    for (Object item : Values.items(evaluation, input, filter)) {
      Object key = key(evaluation, item, attribute, caseSensitive);
      if (best == UNDEFINED || Comparison.sorting(evaluation, key, bestKey) * direction > 0) {
        best = item;
        bestKey = key;
      }
    }
    return best;
  }

  private static int count(Arguments arguments, String filter, String name) {
    long count = arguments.integer(0, name, 0);
    if (count < 1 || count > 100_000) {
      throw new TemplateException(
          "Expected " + filter + " to get a number from 1 to 100000, but got " + count);
    }
    return (int) count;
  }

  private static Object batch(Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    int count = count(arguments, "batch", "linecount");
    Items batches = new Items();
    Items batch = new Items();
    for (Object item : Values.items(evaluation, input, "batch")) {
      if (batch.size() == count) {
        batches.add(batch);
        batch = new Items();
      }
      batch.add(item);
    }
    if (!batch.isEmpty()) {
      if (!Values.isMissing(arguments.at(1, "fill_with"))) {
        evaluation.charge(16L * count);
        while (batch.size() < count) {
          batch.add(arguments.at(1, "fill_with"));
        }
      }
      batches.add(batch);
    }
    return batches;
  }

  private static Object slice(Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    int slices = count(arguments, "slice", "slices");
    List<@Nullable Object> items = Values.items(evaluation, input, "slice");
    Object filling = arguments.at(1, "fill_with");
    int each = items.size() / slices;
    int longer = items.size() % slices;
    evaluation.charge(64L * slices);
    Items parts = new Items();
    int at = 0;
    for (int i = 0; i < slices; i++) {
      int end = at + each + (i < longer ? 1 : 0);
      Items part = new Items(items.subList(at, end));
      if (!Values.isMissing(filling) && i >= longer) {
        part.add(filling);
      }
      parts.add(part);
      at = end;
    }
    return parts;
  }

  private static Object sortedPairs(
      Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    boolean caseSensitive = arguments.flag(0, "case_sensitive", false);
    long by = arguments.text(evaluation, 1, "by", "key").equals("value") ? 1 : 0;
    boolean reverse = arguments.flag(2, "reverse", false);
    return sorted(
        evaluation, pairs(evaluation, map("dictsort", input)), by, caseSensitive, reverse);
  }
}
