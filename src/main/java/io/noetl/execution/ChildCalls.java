package io.noetl.execution;

import io.noetl.execution.Awaited.Until;
import io.noetl.playbook.Durations;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.ToolSpec;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the rendered fields of a {@code playbook} tool. Stateless. */
public final class ChildCalls {
  /** How long {@code return_step} waits unless the tool says. */
  static final Duration STEP_TIMEOUT = Duration.ofMinutes(5);

  /** How long {@code return_result} waits unless the tool says. */
  static final Duration RESULT_TIMEOUT = Duration.ofMinutes(3);

  private ChildCalls() {}

  /** What a tool asks for, or why it cannot be understood. */
  public sealed interface Asked {}

  /**
   * @param path null when {@code catalogId} is not
   * @param version null = the newest
   * @param timeout null when only the start is asked for
   */
  public record Call(
      @Nullable String path,
      @Nullable Long catalogId,
      @Nullable Integer version,
      Map<String, @Nullable Object> payload,
      Until until,
      @Nullable String step,
      @Nullable Duration timeout)
      implements Asked {

    /** The same, with the id that the child will have. */
    public Awaited.Child child(long executionId, @Nullable String pool) {
      return new Awaited.Child(executionId, path, catalogId, version, payload, pool, until, step);
    }
  }

  /** A hard error. */
  public record Unclear(Outcome outcome) implements Asked {}

  /**
   * Whether the server alone can serve this tool: no policy, retry or {@code set}, which a worker
   * evaluates, and no name that only a worker knows.
   */
  static boolean needNoWorker(ToolSpec spec) {
    return spec.kind() == ToolKind.PLAYBOOK
        && spec.policy() == null
        && spec.retry() == null
        && spec.set().isEmpty()
        && !CommandContexts.needsWorker(spec);
  }

  /**
   * @param fields rendered
   * @param input the effective input, rendered; a map that is not empty is the payload
   */
  public static Asked read(Map<String, @Nullable Object> fields, @Nullable Object input) {
    String path = word(fields.get("path"));
    Long catalogId = null;
    if (path == null) {
      Object id = fields.get("catalog_id");
      if (id == null) {
        return unclear("Invalid playbook config: missing field 'path'");
      }
      catalogId = whole(id);
      if (catalogId == null || catalogId < 1) {
        return unclear("Invalid playbook config: Expected catalog_id to be an id, but got " + id);
      }
    }
    Integer version = null;
    Object wanted = fields.get("version");
    if (wanted != null && !"latest".equals(wanted)) {
      Long number = whole(wanted);
      if (number == null || number < 1 || number > Integer.MAX_VALUE) {
        return unclear(
            "Invalid playbook config: Expected version to be 'latest' or a number from 1, but got "
                + wanted);
      }
      version = number.intValue();
    }
    Object payload = payload(fields, input);
    if (!(payload instanceof Map<?, ?> map)) {
      return unclear(
          "Invalid playbook config: Expected the payload of the child to be a map, but got "
              + io.noetl.json.Json.typeName(payload));
    }
    String returned = word(fields.get("return_step"));
    Until until =
        returned != null
            ? Until.STEP
            : flag(fields.get("return_result")) ? Until.RESULT : Until.STARTED;
    Duration timeout = null;
    if (until != Until.STARTED) {
      Object limit = fields.get("timeout_seconds");
      timeout =
          limit == null
              ? until == Until.STEP ? STEP_TIMEOUT : RESULT_TIMEOUT
              : Durations.parse(limit);
      if (timeout == null) {
        return unclear(
            "Invalid playbook config: Expected timeout to be a number of seconds or text such as"
                + " 30s, 5m, but got "
                + limit);
      }
    }
    return new Call(
        path,
        catalogId,
        version,
        named(map),
        until,
        until == Until.STEP
            ? returned
            : until == Until.RESULT ? word(fields.get("result_step")) : null,
        timeout);
  }

  private static @Nullable Object payload(
      Map<String, @Nullable Object> fields, @Nullable Object input) {
    boolean empty = input == null || input instanceof Map<?, ?> map && map.isEmpty();
    if (!empty) {
      return input;
    }
    Object payload = fields.get("payload");
    return payload == null ? Map.of() : payload;
  }

  @SuppressWarnings("unchecked") // plain JSON values have string keys
  private static Map<String, @Nullable Object> named(Map<?, ?> map) {
    return (Map<String, @Nullable Object>) map;
  }

  private static @Nullable String word(@Nullable Object value) {
    String text = value == null ? "" : value.toString().strip();
    return text.isEmpty() ? null : text;
  }

  private static boolean flag(@Nullable Object value) {
    return switch (value) {
      case null -> false;
      case Boolean flag -> flag;
      default -> {
        String text = value.toString().strip().toLowerCase(java.util.Locale.ROOT);
        yield text.equals("true") || text.equals("yes") || text.equals("on") || text.equals("1");
      }
    };
  }

  private static @Nullable Long whole(Object value) {
    try {
      return switch (value) {
        case Long number -> number;
        case Integer number -> (Long) number.longValue();
        case BigInteger number -> (Long) number.longValueExact();
        case String text -> (Long) Long.parseLong(text.strip());
        default -> null;
      };
    } catch (ArithmeticException | NumberFormatException e) {
      return null;
    }
  }

  private static Unclear unclear(String sentence) {
    return new Unclear(Outcome.hard(Errors.configuration(sentence)));
  }
}
