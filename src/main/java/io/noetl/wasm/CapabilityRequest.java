package io.noetl.wasm;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the request of a capability. Every fault is a {@link HostError#BAD_REQUEST}. Pure. */
final class CapabilityRequest {
  private static final Pattern ID = Pattern.compile("[0-9]{1,19}");

  private final Map<String, @Nullable Object> members;

  private CapabilityRequest(Map<String, @Nullable Object> members) {
    this.members = members;
  }

  /**
   * @param known every member that the request may have
   * @throws HostCallException when it is not a JSON object of these members
   */
  static CapabilityRequest of(byte[] bytes, Set<String> known) {
    Map<?, ?> read;
    try {
      read = Utf8Json.object(bytes);
    } catch (JsonException e) {
      throw bad(String.valueOf(e.getMessage()));
    }
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    Set<String> unknown = new TreeSet<>();
    read.forEach(
        (name, value) -> {
          members.put(String.valueOf(name), value);
          if (!known.contains(String.valueOf(name))) {
            unknown.add(String.valueOf(name));
          }
        });
    if (!unknown.isEmpty()) {
      throw bad("Expected members out of " + new TreeSet<>(known) + ", but got " + unknown);
    }
    return new CapabilityRequest(members);
  }

  Map<String, @Nullable Object> members() {
    return members;
  }

  /** A text that must be there and not be blank. */
  String text(String name) {
    if (members.get(name) instanceof String text && !text.isBlank()) {
      return text;
    }
    throw bad("Expected " + name + " as a text, but got " + Json.typeName(members.get(name)));
  }

  /** An id as a string of digits, or nothing: a number would lose digits in many guests. */
  CapabilityRequest idIfAny(String name) {
    Object value = members.get(name);
    if (value != null && !(value instanceof String text && ID.matcher(text).matches())) {
      throw bad("Expected " + name + " as a string of digits, but got " + Json.typeName(value));
    }
    return this;
  }

  static HostCallException bad(String message) {
    return new HostCallException(HostError.BAD_REQUEST, message);
  }
}
