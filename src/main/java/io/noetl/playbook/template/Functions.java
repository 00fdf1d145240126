package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateObject.UNDEFINED;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The functions that templates may call. */
final class Functions {
  /** One of them. */
  interface Function {
    @Nullable Object call(Evaluation evaluation, Arguments arguments);
  }

  private static final DateTimeFormatter ISO =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSxxx");

  private Functions() {}

  static @Nullable Function find(String name) {
    return switch (name) {
      case "range" -> Functions::range;
      case "dict" -> (evaluation, arguments) -> map("dict", evaluation, arguments);
      case "namespace" ->
          (evaluation, arguments) -> new Namespace(map("namespace", evaluation, arguments));
      case "now" -> (evaluation, _) -> text(evaluation.scope().now());
      default -> null;
    };
  }

  private static String text(Instant now) {
    return ISO.format(now.atOffset(ZoneOffset.UTC));
  }

  private static Object range(Evaluation evaluation, Arguments arguments) {
    int count = arguments.positional().size();
    if (count < 1 || count > 3 || !arguments.named().isEmpty()) {
      throw new TemplateException(
          "Expected range() to get one to three integers, but got " + count + " arguments");
    }
    long first = bound(arguments, 0);
    return count == 1
        ? Range.of(0, first, 1, evaluation.limits().maxRange())
        : Range.of(
            first,
            bound(arguments, 1),
            count == 3 ? bound(arguments, 2) : 1,
            evaluation.limits().maxRange());
  }

  private static long bound(Arguments arguments, int index) {
    Object value = Values.plain(arguments.positional().get(index));
    if (Values.isMissing(value)) {
      throw new TemplateException(
          "Expected range() to get integers, but got " + Values.typeName(value));
    }
    return arguments.integer(index, "range", 0);
  }

  private static Map<String, @Nullable Object> map(
      String name, Evaluation evaluation, Arguments arguments) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (Object positional : arguments.positional()) {
      if (!(Values.plain(positional) instanceof Map<?, ?> given)) {
        throw new TemplateException(
            "Expected "
                + name
                + "() to get maps and named values, but got "
                + Values.typeName(positional));
      }
      given.forEach((key, value) -> map.put(String.valueOf(key), evaluation.read(value)));
    }
    map.putAll(arguments.named());
    evaluation.charge(32L * map.size());
    return map;
  }

  /**
   * What {@code namespace()} makes: members that {@code set ns.x = ..} may change from any block.
   */
  static final class Namespace implements TemplateObject {
    private final Map<String, @Nullable Object> members;

    Namespace(Map<String, @Nullable Object> members) {
      this.members = members;
    }

    void set(String name, @Nullable Object value) {
      members.put(name, value);
    }

    @Override
    public @Nullable Object member(String name) {
      return members.containsKey(name) ? members.get(name) : UNDEFINED;
    }

    @Override
    public Object element(int index) {
      return UNDEFINED;
    }

    @Override
    public Object plain() {
      return members;
    }
  }
}
