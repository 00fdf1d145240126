package io.noetl.playbook.value;

import io.noetl.json.Json;
import io.noetl.json.Weight;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code output} of a step or tool: what of large data stays beside its reference. What cannot be
 * read is ignored: these options alter where data is, never what it is.
 *
 * @param declared whether there are any options; data is then stored whatever its size
 * @param selects fields to keep
 * @param as the variable that gets the value too, or null
 * @param inlineBytes a limit below the usual one, or null
 * @param previewBytes a limit below the usual one, or null
 * @param store preferred tier, or null
 * @param ttl how long it is wanted, as written, or null
 * @param scope as written, or null
 * @param compress whether it is wanted compressed
 */
public record OutputOptions(
    boolean declared,
    List<Select> selects,
    @Nullable String as,
    @Nullable Long inlineBytes,
    @Nullable Long previewBytes,
    @Nullable String store,
    @Nullable String ttl,
    @Nullable String scope,
    boolean compress) {

  public static final OutputOptions NONE =
      new OutputOptions(false, List.of(), null, null, null, null, null, null, false);

  /** Most bytes of members that are kept although nobody selected them, and of one of them. */
  private static final int MEMBERS_BYTES = 4 * 1024;

  private static final int MEMBER_BYTES = 256;
  private static final int SELECTED_BYTES = 16 * 1024;
  private static final int KEYS_BYTES = 1024;
  private static final int PREVIEW_BYTES = 1024;
  private static final Pattern PART = Pattern.compile("([^.\\[\\]]+)|\\[(-?\\d{1,9})]");

  public OutputOptions {
    selects = List.copyOf(selects);
  }

  /**
   * A field to keep.
   *
   * @param path dotted, from the data's top
   * @param as the name under which it is kept
   */
  public record Select(String path, String as) {}

  /** Reads the options in their normal form; an empty map means none. */
  public static OutputOptions of(Map<?, ?> output) {
    if (output.isEmpty()) {
      return NONE;
    }
    Map<?, ?> store = output.get("store") instanceof Map<?, ?> map ? map : Map.of();
    Object kind = output.get("store") instanceof String word ? word : store.get("kind");
    return new OutputOptions(
        true,
        selects(output.get("select")),
        text(output.get("as")),
        number(output.get("inline_max_bytes")),
        number(output.get("preview_max_bytes")),
        text(kind),
        text(store.get("ttl") == null ? output.get("ttl") : store.get("ttl")),
        text(output.get("scope")),
        store.get("compression") != null
            && !"none".equals(store.get("compression"))
            && !Boolean.FALSE.equals(store.get("compression")));
  }

  private static List<Select> selects(@Nullable Object given) {
    List<Select> selects = new ArrayList<>();
    if (given instanceof List<?> entries) {
      for (Object entry : entries) {
        String path = entry instanceof Map<?, ?> map ? text(map.get("path")) : text(entry);
        if (path != null) {
          String dotted = path.startsWith("$.") ? path.substring(2) : path;
          String as = entry instanceof Map<?, ?> map ? text(map.get("as")) : null;
          selects.add(new Select(dotted, as == null ? dotted : as));
        }
      }
    }
    return selects;
  }

  private static @Nullable String text(@Nullable Object value) {
    return value instanceof String text && !text.isBlank() ? text : null;
  }

  private static @Nullable Long number(@Nullable Object value) {
    return value instanceof Number number && number.longValue() >= 0
        ? (Long) number.longValue()
        : null;
  }

  /** Whether the data must be stored out of line, and what stands in the outcome is a reference. */
  public boolean outOfLine(@Nullable Object data, long limit) {
    return Weight.over(data, inlineBytes == null ? limit : Math.min(inlineBytes, limit));
  }

  /**
   * Adds to a reference object what is kept of the data.
   *
   * @param reference with uri, store and the like
   */
  public Map<String, @Nullable Object> described(
      Map<String, @Nullable Object> reference, @Nullable Object data) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>(reference);
    out.put(References.TYPE, Json.typeName(data));
    if (data instanceof Map<?, ?> map) {
      List<Object> keys = new ArrayList<>(map.keySet());
      if (Weight.of(keys) <= KEYS_BYTES) {
        out.put(References.KEYS, keys);
      }
    }
    Map<String, @Nullable Object> extracted = extracted(data);
    if (!extracted.isEmpty()) {
      out.put(References.EXTRACTED, extracted);
    }
    out.put("preview", preview(data));
    return out;
  }

  /** Members of the data that are small, and under their own names the fields selected. */
  public Map<String, @Nullable Object> extracted(@Nullable Object data) {
    Map<String, @Nullable Object> extracted = new LinkedHashMap<>();
    Map<?, ?> members = data instanceof Map<?, ?> map ? map : Map.of();
    long room = MEMBERS_BYTES;
    for (Map.Entry<?, ?> member : members.entrySet()) {
      Object value = member.getValue();
      long weight =
          value instanceof Map<?, ?> || value instanceof List<?> ? room + 1 : weight(value);
      if (weight <= Math.min(room, MEMBER_BYTES)) {
        extracted.put(String.valueOf(member.getKey()), value);
        room -= weight + String.valueOf(member.getKey()).length();
      }
    }
    long left = SELECTED_BYTES;
    for (Select select : selects) {
      Object value = at(data, select.path());
      // A name that the data has itself shows the data's own member.
      boolean own = members.containsKey(select.as()) && !select.as().equals(select.path());
      if (value != null && !own && Weight.of(value) <= left) {
        left -= Weight.of(value);
        extracted.put(select.as(), value);
      }
    }
    return extracted;
  }

  private static long weight(@Nullable Object scalar) {
    return Weight.of(scalar);
  }

  private static @Nullable Object at(@Nullable Object data, String path) {
    Object value = data;
    Matcher parts = PART.matcher(path);
    while (parts.find()) {
      String name = parts.group(1);
      if (name != null && value instanceof Map<?, ?> map) {
        value = map.get(name);
      } else if (value instanceof List<?> list) {
        String digits = name != null ? name : parts.group(2);
        if (!digits.matches("-?\\d{1,9}")) {
          return null;
        }
        int index = Integer.parseInt(digits);
        int from = index < 0 ? index + list.size() : index;
        value = from >= 0 && from < list.size() ? list.get(from) : null;
      } else {
        return null;
      }
    }
    return value;
  }

  /** A glance at the data: its small members, and how large the others are. */
  private Object preview(@Nullable Object data) {
    long room = previewBytes == null ? PREVIEW_BYTES : Math.min(previewBytes, PREVIEW_BYTES);
    if (data instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> shown = new LinkedHashMap<>();
      for (Map.Entry<?, ?> member : map.entrySet()) {
        String name = String.valueOf(member.getKey());
        Object glance = glance(member.getValue());
        // Every character may take up to six bytes as an escape.
        room -= 6L * (Weight.of(name) + Weight.of(glance));
        if (room < 0) {
          break;
        }
        shown.put(name, glance);
      }
      return shown;
    }
    Object glance = glance(data);
    return glance == null || 6 * Weight.of(glance) > room ? Json.typeName(data) : glance;
  }

  private static @Nullable Object glance(@Nullable Object value) {
    return switch (value) {
      case Map<?, ?> map -> "{" + map.size() + " members}";
      case List<?> list -> "[" + list.size() + " items]";
      case String text when text.codePointCount(0, text.length()) > 64 ->
          text.substring(0, text.offsetByCodePoints(0, 60)) + "…";
      case null, default -> value;
    };
  }
}
