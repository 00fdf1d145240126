package io.noetl.pool;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import io.noetl.pool.KeychainEntries.Unresolved;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where one field of an entry of kind {@code secrets} comes from, written {@code path#member}.
 *
 * @param path of a document at the provider
 * @param member of that document; null when none is named
 */
record SecretPlace(String path, @Nullable String member) {

  static SecretPlace of(String text) throws Unresolved {
    int mark = text.lastIndexOf('#');
    String path = mark < 0 ? text.strip() : text.substring(0, mark).strip();
    String member = mark < 0 ? null : text.substring(mark + 1).strip();
    if (path.isEmpty() || (member != null && member.isEmpty())) {
      throw new Unresolved("expected a place such as path#member, but it is '" + text + "'");
    }
    return new SecretPlace(path, member);
  }

  /**
   * The value in a document of members: the named one, else the one with the name of the field,
   * else the only one.
   */
  Object in(Map<String, ?> document, String field) throws Unresolved {
    Object value =
        member != null
            ? document.get(member)
            : document.containsKey(field)
                ? document.get(field)
                : document.size() == 1 ? document.values().iterator().next() : null;
    if (value == null) {
      throw new Unresolved(
          "'"
              + path
              + "' has no member '"
              + (member == null ? field : member)
              + "'; name one of it as in path#member");
    }
    return value;
  }

  /** The value in a document that is one text: all of it, or a member of the JSON in it. */
  Object in(String document, String field) throws Unresolved {
    if (member == null) {
      return document;
    }
    try {
      return in(Json.parseObject(document), field);
    } catch (JsonException e) {
      throw new Unresolved(
          "'" + path + "' is no JSON object, so it has no member '" + member + "'");
    }
  }
}
