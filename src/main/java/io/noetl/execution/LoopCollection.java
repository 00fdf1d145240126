package io.noetl.execution;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import io.noetl.json.Weight;
import io.noetl.playbook.Step;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a loop runs over: {@code loop.in}, rendered once when the step is entered. */
final class LoopCollection {
  private static final Pattern DOTTED_NAME =
      Pattern.compile("[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*");

  private final Transition transition;
  private final Step step;

  LoopCollection(Transition transition, Step step) {
    this.transition = transition;
    this.step = step;
  }

  /**
   * @param in as the playbook has it
   * @param scope the names of the dispatch
   * @throws TemplateException when it is no collection, or too large
   */
  LoopItems items(@Nullable Object in, Scope scope) {
    Object value;
    try {
      value =
          in instanceof String text && DOTTED_NAME.matcher(text.strip()).matches()
              ? transition.language().templates().evaluate(text.strip(), scope)
              : transition.language().templates().render(in, scope);
    } catch (TemplateException e) {
      throw new TemplateException(
          "loop step '"
              + step.name()
              + "': Loop expression '"
              + transition.language().templates().textOf(in)
              + "': "
              + e.getMessage());
    }
    return switch (value) {
      case List<?> list -> kept(list);
      case Map<?, ?> map -> {
        List<@Nullable Object> pairs = new ArrayList<>();
        map.forEach(
            (key, item) -> {
              Map<String, @Nullable Object> pair = new LinkedHashMap<>();
              pair.put("key", key);
              pair.put("value", item);
              pairs.add(pair);
            });
        yield kept(pairs);
      }
      case Long n when n >= 0 -> new LoopItems.Numbers(counted(n));
      case String text -> kept(split(text));
      case null, default ->
          throw new TemplateException(
              "loop step '"
                  + step.name()
                  + "': Loop expression '"
                  + transition.language().templates().textOf(in)
                  + "' did not evaluate to an iterable (got "
                  + word(value)
                  + ")");
    };
  }

  /** A list that is short stays as it is; a long one goes into the result store, page by page. */
  LoopItems kept(List<? extends @Nullable Object> items) {
    counted(items.size());
    if (numbers(items)) {
      return new LoopItems.Numbers(items.size());
    }
    long weight = Weight.of(items);
    return Weight.over(items, transition.language().limits().inlineBytes())
        ? transition.data().paged(step.name(), items, weight)
        : new LoopItems.Listed(new ArrayList<>(items));
  }

  private static boolean numbers(List<? extends @Nullable Object> items) {
    long next = 0;
    for (Object item : items) {
      if (!(item instanceof Long number) || number != next) {
        return false;
      }
      next++;
    }
    return next > 0;
  }

  private int counted(long n) {
    int limit = transition.language().limits().loopItems();
    if (n > limit) {
      throw new TemplateException(
          "loop step '"
              + step.name()
              + "': "
              + n
              + " items are more than playbook.loop-items ("
              + limit
              + ")");
    }
    return (int) n;
  }

  private static List<@Nullable Object> split(String text) {
    if (text.strip().startsWith("[")) {
      try {
        if (Json.parse(text) instanceof List<?> list) {
          return new ArrayList<>(list);
        }
      } catch (JsonException e) {
        // Not a list in JSON: a list of words, one of which begins with a bracket.
        return words(text);
      }
    }
    return words(text);
  }

  private static List<@Nullable Object> words(String text) {
    List<@Nullable Object> parts = new ArrayList<>();
    for (String part : text.split("[,\n]", -1)) {
      String trimmed = part.strip();
      if (!trimmed.isEmpty()) {
        parts.add(trimmed);
      }
    }
    return parts;
  }

  private static String word(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case Boolean _ -> "boolean";
      case Double _ -> "float";
      case Long _, BigInteger _ -> "negative int";
      default -> Json.typeName(value);
    };
  }
}
