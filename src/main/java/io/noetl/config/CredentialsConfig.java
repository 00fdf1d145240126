package io.noetl.config;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/**
 * The keys that encrypt stored secrets.
 *
 * @param key encrypts what is written from now on; empty: a server does not start, mode {@code all}
 *     makes one in its data folder
 * @param otherKeys can be read, too: those of before a rotation, and the next one during it
 * @param rewrapBatch rows that one transaction of a rotation takes
 */
public record CredentialsConfig(Secret key, List<Secret> otherKeys, int rewrapBatch) {
  /** Bytes of a key. */
  public static final int KEY_BYTES = 32;

  private static final String FORM =
      "Expected " + KEY_BYTES + " bytes in base64, such as `openssl rand -base64 32` prints, but ";

  public CredentialsConfig {
    otherKeys = List.copyOf(otherKeys);
    Checks checks = new Checks("credentials").range("rewrap-batch", rewrapBatch, 1, 10_000);
    if (!key.isEmpty()) {
      checks.that(length(key) == KEY_BYTES, "key", FORM + found(key));
    }
    for (Secret other : otherKeys) {
      checks.that(length(other) == KEY_BYTES, "other-keys", FORM + found(other));
    }
    checks.done();
  }

  static CredentialsConfig from(Values values) {
    return new CredentialsConfig(
        values.secret("key", "Key that encrypts stored secrets, 32 bytes in base64"),
        split(
            values.secret(
                "other-keys", "Further keys of stored secrets, separated by commas; see Rotation")),
        values.integer("rewrap-batch", 100, "Secrets that one transaction of a rotation takes"));
  }

  private static List<Secret> split(Secret keys) {
    List<Secret> split = new ArrayList<>();
    Stream.of(keys.reveal().split(","))
        .map(String::strip)
        .filter(key -> !key.isEmpty())
        .forEach(key -> split.add(new Secret(key)));
    return split;
  }

  private static int length(Secret key) {
    try {
      return Base64.getDecoder().decode(key.reveal().strip()).length;
    } catch (IllegalArgumentException e) {
      return -1;
    }
  }

  private static String found(Secret key) {
    int length = length(key);
    return length < 0 ? "it is no base64" : "it has " + length;
  }

  /** The values that hold when nothing is set. */
  public static CredentialsConfig defaults() {
    return from(Values.defaults("credentials"));
  }
}
