package io.noetl.credential;

import io.noetl.config.CredentialsConfig;
import io.noetl.config.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The key-encryption keys of this server. A key's id is made from the key itself, so that two
 * servers can never mean different keys by one id. Immutable.
 */
public final class Keys {
  private static final int ID_BYTES = 8;

  private final String current;
  private final Map<String, SecretKey> byId;

  private Keys(String current, Map<String, SecretKey> byId) {
    this.current = current;
    this.byId = Map.copyOf(byId);
  }

  /**
   * @throws IllegalArgumentException when no current key is configured; the message says how to
   *     make one
   */
  public static Keys of(CredentialsConfig config) {
    if (config.key().isEmpty()) {
      throw new IllegalArgumentException(missing());
    }
    return of(config, config.key());
  }

  /**
   * As {@link #of(CredentialsConfig)}, with a current key from elsewhere.
   *
   * @param key 32 bytes in base64
   */
  public static Keys of(CredentialsConfig config, Secret key) {
    Map<String, SecretKey> byId = new LinkedHashMap<>();
    for (Secret other : config.otherKeys()) {
      byId.put(id(bytes(other)), new SecretKeySpec(bytes(other), "AES"));
    }
    String current = id(bytes(key));
    byId.put(current, new SecretKeySpec(bytes(key), "AES"));
    return new Keys(current, byId);
  }

  /** The sentence for a server without a key. */
  public static String missing() {
    return "server needs a key that encrypts stored secrets: set credentials.key"
        + " (NOETL_CREDENTIALS_KEY) to what `openssl rand -base64 32` prints, the same on every"
        + " server, and keep it safe: without it stored secrets cannot be read";
  }

  private static byte[] bytes(Secret key) {
    return Base64.getDecoder().decode(key.reveal().strip());
  }

  private static String id(byte[] key) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update("noetl key id".getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest(key), 0, ID_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Expected this Java to have SHA-256, but: " + e, e);
    }
  }

  /** Id of the key that new secrets are written under. */
  public String current() {
    return current;
  }

  SecretKey currentKey() {
    SecretKey key = byId.get(current);
    if (key == null) {
      throw new IllegalStateException("Expected the current key to be known, but it is not");
    }
    return key;
  }

  @Nullable SecretKey key(String id) {
    return byId.get(id);
  }

  /** The ids; nothing of the keys. */
  @Override
  public String toString() {
    return "Keys[current=" + current + ", all=" + byId.keySet() + "]";
  }
}
