package io.noetl.playbook.value;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one tool call, sequence, step or loop came to.
 *
 * @param status how it ended
 * @param shape how its data is seen by later templates
 * @param data the tool data D, any JSON value; null = none
 * @param error the error object ({@code kind, retryable, code, message, ...}); null after a success
 * @param hard true when the tool could not run to a result (only with an error)
 * @param http response code and headers of the (last) http call; null for other kinds
 * @param meta {@code attempt}, {@code duration_ms} and the like; never null
 * @param reference reference object of data stored out of line; null = inline
 * @param streams {@code stdout}, {@code stderr}, {@code exit_code} where the tool has them; null
 *     otherwise
 */
public record Outcome(
    Status status,
    Shape shape,
    @Nullable Object data,
    @Nullable Map<String, @Nullable Object> error,
    boolean hard,
    @Nullable Map<String, @Nullable Object> http,
    Map<String, @Nullable Object> meta,
    @Nullable Map<String, @Nullable Object> reference,
    @Nullable Map<String, @Nullable Object> streams) {

  /** How a call ended. The word is what templates and events show. */
  public enum Status {
    SUCCESS("success"),
    ERROR("error"),
    TIMEOUT("timeout"),
    SKIPPED("skipped");

    private final String word;

    Status(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }

    static Status of(String word) {
      for (Status status : values()) {
        if (status.word.equals(word)) {
          return status;
        }
      }
      throw new IllegalArgumentException(
          "Expected a status of success, error, timeout or skipped, but got '" + word + "'");
    }
  }

  /** How the data is seen by later templates. */
  public enum Shape {
    /** One tool call. */
    SINGLE,
    /** Rows: an integer subscript on {@code .data} reaches the rows. */
    ROWS,
    /** A task sequence: data merged from labels. */
    SEQUENCE,
    /** A loop: acts as the list of its results. */
    LOOP;

    private final String word = name().toLowerCase(java.util.Locale.ROOT);

    public String word() {
      return word;
    }
  }

  public Outcome {
    if (hard && error == null) {
      throw new IllegalArgumentException(
          "Expected an error object with a hard outcome, but got none");
    }
  }

  /** A success with this data, of a single tool. */
  public static Outcome success(@Nullable Object data) {
    return new Outcome(Status.SUCCESS, Shape.SINGLE, data, null, false, null, Map.of(), null, null);
  }

  /** A soft error: the tool ran and reported failure. */
  public static Outcome soft(@Nullable Object data, Map<String, @Nullable Object> error) {
    return new Outcome(Status.ERROR, Shape.SINGLE, data, error, false, null, Map.of(), null, null);
  }

  /** A hard error: the tool could not run to a result. */
  public static Outcome hard(Map<String, @Nullable Object> error) {
    return new Outcome(Status.ERROR, Shape.SINGLE, null, error, true, null, Map.of(), null, null);
  }

  public boolean succeeded() {
    return status == Status.SUCCESS;
  }

  public Outcome withShape(Shape newShape) {
    return new Outcome(status, newShape, data, error, hard, http, meta, reference, streams);
  }

  public Outcome withMeta(Map<String, @Nullable Object> newMeta) {
    return new Outcome(status, shape, data, error, hard, http, newMeta, reference, streams);
  }

  /** The outcome as one JSON map, in events and on the wire; {@link #fromMap} reads it back. */
  public Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("status", status.word());
    if (shape != Shape.SINGLE) {
      map.put("shape", shape.word());
    }
    if (data != null) {
      map.put("data", data);
    }
    if (error != null) {
      map.put("error", error);
    }
    if (hard) {
      map.put("hard", true);
    }
    if (http != null) {
      map.put("http", http);
    }
    if (!meta.isEmpty()) {
      map.put("meta", meta);
    }
    if (reference != null) {
      map.put("reference", reference);
    }
    if (streams != null) {
      map.put("streams", streams);
    }
    return map;
  }

  /**
   * @throws IllegalArgumentException when the map is not an outcome; the message names the member
   */
  public static Outcome fromMap(Map<String, @Nullable Object> map) {
    Object status = map.get("status");
    if (!(status instanceof String word)) {
      throw new IllegalArgumentException(
          "Expected outcome.status to be a string, but got " + status);
    }
    Object shape = map.get("shape");
    Map<String, @Nullable Object> meta = child(map, "meta");
    return new Outcome(
        Status.of(word),
        shape == null ? Shape.SINGLE : shape(String.valueOf(shape)),
        map.get("data"),
        child(map, "error"),
        Boolean.TRUE.equals(map.get("hard")),
        child(map, "http"),
        meta == null ? Map.of() : meta,
        child(map, "reference"),
        child(map, "streams"));
  }

  private static Shape shape(String word) {
    for (Shape shape : Shape.values()) {
      if (shape.word().equals(word)) {
        return shape;
      }
    }
    throw new IllegalArgumentException(
        "Expected outcome.shape to be known, but got '" + word + "'");
  }

  @SuppressWarnings("unchecked") // JSON objects have string keys
  private static @Nullable Map<String, @Nullable Object> child(
      Map<String, @Nullable Object> map, String name) {
    Object value = map.get(name);
    if (value == null) {
      return null;
    }
    if (value instanceof Map<?, ?> child) {
      return (Map<String, @Nullable Object>) child;
    }
    throw new IllegalArgumentException("Expected outcome." + name + " to be an object");
  }
}
