package io.noetl.catalog;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a playbook says about itself and lists are filtered by. */
final class DocumentMeta {
  private static final List<String> SHOWN =
      List.of(
          "description",
          "tags",
          "labels",
          "capabilities",
          "agent",
          "exposed_in_ui",
          "exposes_as_mcp");

  private DocumentMeta() {}

  /** Members of {@code metadata} that are there, as they are; empty when there are none. */
  static Map<String, @Nullable Object> of(Map<String, @Nullable Object> document) {
    Map<String, @Nullable Object> meta = new LinkedHashMap<>();
    if (document.get("metadata") instanceof Map<?, ?> metadata) {
      for (String name : SHOWN) {
        Object value = metadata.get(name);
        if (value != null) {
          meta.put(name, storable(value));
        }
      }
    }
    return meta;
  }

  /** The database compares these as texts, which cannot hold U+0000. */
  private static @Nullable Object storable(@Nullable Object value) {
    return switch (value) {
      case String text -> text.replace('\0', '\uFFFD');
      case List<?> list -> list.stream().map(DocumentMeta::storable).toList();
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        map.forEach(
            (name, member) ->
                copy.put(String.valueOf(name).replace('\0', '\uFFFD'), storable(member)));
        yield copy;
      }
      case null, default -> value;
    };
  }
}
