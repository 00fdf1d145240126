package io.noetl.api;

import io.noetl.json.Json;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Makes values for the schemas of a document: mostly right, often wrong, some of them cruel. */
final class SchemaFuzzer {
  private static final List<String> CRUEL =
      List.of(
          "",
          " ",
          "\u0000",
          "a\u0000b",
          "\ud800",
          "x\udfffy",
          "\u2028",
          "\ufeff",
          "💥",
          "../../etc/passwd",
          "%00",
          "%s%n%p",
          "'; drop table noetl.event; --",
          "{{ 1 / 0 }}",
          "{{ ctx }}",
          "{% for x in range(999999999) %}a{% endfor %}",
          "null",
          "-1",
          "1e400",
          "NaN",
          "9223372036854775807",
          "9223372036854775808",
          "99999999999999999999",
          "+999999999-12-31T23:59:59Z",
          "0000-01-01T00:00:00Z",
          "2026-01-01T00:00:00Z",
          "latest",
          "w1",
          "start",
          "command.completed",
          "call.done",
          "action_failed",
          "playbook.completed",
          "success",
          "error",
          "wire/chain",
          "true",
          "a".repeat(129),
          "é".repeat(5_000));
  private static final List<Number> NUMBERS =
      List.of(
          0L,
          1L,
          2L,
          -1L,
          100L,
          1_000_000L,
          Long.MAX_VALUE,
          Long.MIN_VALUE,
          1.5,
          -0.0,
          1e300,
          new BigInteger("123456789012345678901234567890"),
          new BigDecimal("1e-400"));

  private final Map<?, ?> types;
  private final Known known;
  private final Random random;

  SchemaFuzzer(Map<?, ?> types, Known known, Random random) {
    this.types = types;
    this.known = known;
    this.random = random;
  }

  /** Ids and the like that the server has given, shared by all requests. */
  static final class Known {
    private final List<String> values = new ArrayList<>(List.of("1"));

    synchronized void learn(String value) {
      if (values.size() < 2_000 && !values.contains(value)) {
        values.add(value);
      }
    }

    synchronized String any(Random random) {
      return values.get(random.nextInt(values.size()));
    }
  }

  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  String text() {
    return chance(0.3) ? known.any(random) : any(CRUEL);
  }

  @Nullable Object value(@Nullable Object schema, int depth) {
    if (chance(0.12) || !(schema instanceof Map<?, ?> map) || depth > 8) {
      return anything(depth);
    }
    if (map.get("$ref") instanceof String reference) {
      return value(types.get(reference.substring(reference.lastIndexOf('/') + 1)), depth);
    }
    if (map.get("anyOf") instanceof List<?> choices) {
      return value(choices.get(random.nextInt(choices.size())), depth);
    }
    if (map.get("enum") instanceof List<?> words) {
      return words.get(random.nextInt(words.size()));
    }
    Object type = map.get("type");
    if (type instanceof List<?> several) {
      // Only ids may be two things.
      return chance(0.85) ? known.any(random) : number();
    }
    return switch (String.valueOf(type)) {
      case "string" ->
          String.valueOf(map.get("pattern")).contains("0-9") ? known.any(random) : text();
      case "integer", "number" -> number();
      case "boolean" -> random.nextBoolean();
      case "array" -> array(map, depth);
      case "object" -> object(map, depth);
      default -> anything(depth);
    };
  }

  private Number number() {
    return chance(0.6) ? (Number) (long) random.nextInt(4) : any(NUMBERS);
  }

  private List<@Nullable Object> array(Map<?, ?> schema, int depth) {
    List<@Nullable Object> items = new ArrayList<>();
    int size = chance(0.02) ? 1_100 : random.nextInt(4);
    for (int i = 0; i < size; i++) {
      items.add(size > 10 ? number() : value(schema.get("items"), depth + 1));
    }
    return items;
  }

  private Map<String, @Nullable Object> object(Map<?, ?> schema, int depth) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    List<?> required = schema.get("required") instanceof List<?> list ? list : List.of();
    if (schema.get("properties") instanceof Map<?, ?> members) {
      members.forEach(
          (name, member) -> {
            if (chance(required.contains(name) ? 0.92 : 0.4)) {
              out.put(name.toString(), value(member, depth + 1));
            }
          });
    } else {
      for (int i = random.nextInt(4); i > 0; i--) {
        out.put(
            chance(0.5) ? any(List.of("result", "status", "fence", "data", "error")) : text(),
            anything(depth + 1));
      }
    }
    if (chance(0.1)) {
      out.put(text(), anything(depth + 1));
    }
    return out;
  }

  private @Nullable Object anything(int depth) {
    return switch (random.nextInt(depth > 6 ? 5 : 8)) {
      case 0 -> null;
      case 1 -> random.nextBoolean();
      case 2 -> number();
      case 3, 4 -> text();
      case 5 -> new ArrayList<>(Arrays.asList(anything(depth + 1), anything(depth + 1)));
      case 6 -> deep(chance(0.5) ? 60 : 490);
      default -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put(text(), anything(depth + 1));
        yield map;
      }
    };
  }

  /** Nested so deep that it can just be read, or just not. */
  private Json.Raw deep(int levels) {
    return new Json.Raw("[".repeat(levels) + "]".repeat(levels));
  }

  /** The value as a body, sometimes spoilt on its way. */
  byte[] body(@Nullable Object value) {
    if (chance(0.002)) {
      return ("{\"x\":\"" + "y".repeat(3 << 20) + "\"}").getBytes(StandardCharsets.UTF_8);
    }
    // What the text cannot say as characters it says as escapes.
    String json = Json.text(value).replace("\ud800", "\\ud800").replace("\udfff", "\\udfff");
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    if (chance(0.93)) {
      return bytes;
    }
    return switch (random.nextInt(8)) {
      case 0 -> new byte[0];
      case 1 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      case 2 -> json.getBytes(StandardCharsets.UTF_16);
      case 3 -> ("\ufeff" + json).getBytes(StandardCharsets.UTF_8);
      case 4 -> ("[".repeat(100_000)).getBytes(StandardCharsets.UTF_8);
      case 5 -> (json + json).getBytes(StandardCharsets.UTF_8);
      case 6 -> {
        byte[] spoilt = bytes.clone();
        if (spoilt.length > 0) {
          spoilt[random.nextInt(spoilt.length)] = (byte) random.nextInt(256);
        }
        yield spoilt;
      }
      default -> {
        byte[] noise = new byte[random.nextInt(300)];
        random.nextBytes(noise);
        yield noise;
      }
    };
  }
}
