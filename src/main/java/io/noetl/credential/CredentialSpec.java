package io.noetl.credential;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A credential to be stored.
 *
 * @param name at most {@value #MAX_NAME} characters, none of them a control character or a bar
 * @param type free text
 * @param data the secret; never shown by {@link #toString}
 * @param metaJson JSON text
 * @param tagsJson JSON text
 * @param schemaJson JSON text
 */
public record CredentialSpec(
    String name,
    String type,
    Map<String, @Nullable Object> data,
    @Nullable String metaJson,
    @Nullable String tagsJson,
    @Nullable String description,
    @Nullable String schemaJson) {

  /** Longest name, and longest type, in characters. */
  public static final int MAX_NAME = 255;

  public CredentialSpec {
    data = Collections.unmodifiableMap(new LinkedHashMap<>(data));
  }

  /** What is wrong with a name, as the end of "Expected name …, but"; null when nothing is. */
  public static @Nullable String nameFault(String name) {
    if (name.isBlank()) {
      return "it is empty";
    }
    if (name.length() > MAX_NAME) {
      return "it has " + name.length() + " characters, more than " + MAX_NAME;
    }
    // The bar separates the parts of what the encryption is bound to.
    return name.chars().anyMatch(c -> c == '|' || Character.isISOControl(c))
        ? "it has a control character or a bar in it"
        : null;
  }

  @Override
  public String toString() {
    return "CredentialSpec[name=" + name + ", type=" + type + "]";
  }
}
