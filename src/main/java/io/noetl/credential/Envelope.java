package io.noetl.credential;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts each secret with a random key of its own, and that key with the current key-encryption
 * key: AES-256-GCM both times, bound to the secret's tenant, name and version. Safe for use by many
 * threads.
 */
public final class Envelope {
  private static final String CIPHER = "AES/GCM/NoPadding";
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final Keys keys;
  private final SecureRandom random;

  public Envelope(Keys keys, SecureRandom random) {
    this.keys = keys;
    this.random = random;
  }

  /**
   * What is stored of a secret.
   *
   * @param keyId names the key-encryption key
   * @param wrappedKey nonce and encrypted key of the secret
   * @param sealed nonce and encrypted secret
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Sealed(String keyId, byte[] wrappedKey, byte[] sealed) {}

  /**
   * Where a secret belongs.
   *
   * @param what in words for messages, such as {@code Credential 'x'}
   */
  record Place(String tenantId, String name, long version, String what) {
    private byte[] associated() {
      return (tenantId + "|" + name + "|" + version).getBytes(StandardCharsets.UTF_8);
    }
  }

  Keys keys() {
    return keys;
  }

  Sealed seal(Place place, byte[] secret) {
    byte[] own = new byte[KEY_BYTES];
    random.nextBytes(own);
    byte[] associated = place.associated();
    Sealed sealed =
        new Sealed(
            keys.current(),
            encrypted(keys.currentKey(), associated, own),
            encrypted(new SecretKeySpec(own, "AES"), associated, secret));
    Arrays.fill(own, (byte) 0);
    return sealed;
  }

  /**
   * @throws UnreadableSecretException when its key is not configured or the row was changed
   */
  byte[] open(Place place, Sealed sealed) {
    byte[] own = unwrapped(place, sealed);
    if (own.length != KEY_BYTES) {
      throw UnreadableSecretException.changed(place.what());
    }
    byte[] secret = decrypted(place, new SecretKeySpec(own, "AES"), sealed.sealed());
    Arrays.fill(own, (byte) 0);
    return secret;
  }

  /**
   * The same secret with its key encrypted under the current key-encryption key.
   *
   * @throws UnreadableSecretException when its key is not configured or the row was changed
   */
  Sealed rewrapped(Place place, Sealed sealed) {
    byte[] own = unwrapped(place, sealed);
    byte[] wrapped = encrypted(keys.currentKey(), place.associated(), own);
    Arrays.fill(own, (byte) 0);
    return new Sealed(keys.current(), wrapped, sealed.sealed());
  }

  private byte[] unwrapped(Place place, Sealed sealed) {
    SecretKey key = keys.key(sealed.keyId());
    if (key == null) {
      throw UnreadableSecretException.keyMissing(place.what(), sealed.keyId());
    }
    return decrypted(place, key, sealed.wrappedKey());
  }

  private byte[] encrypted(SecretKey key, byte[] associated, byte[] plain) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      Cipher cipher = Cipher.getInstance(CIPHER);
      cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, nonce));
      cipher.updateAAD(associated);
      byte[] out = Arrays.copyOf(nonce, NONCE_BYTES + cipher.getOutputSize(plain.length));
      cipher.doFinal(plain, 0, plain.length, out, NONCE_BYTES);
      return out;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Expected this Java to have " + CIPHER + ", but: " + e, e);
    }
  }

  private static byte[] decrypted(Place place, SecretKey key, byte[] sealed) {
    if (sealed.length < NONCE_BYTES + TAG_BITS / 8) {
      throw UnreadableSecretException.changed(place.what());
    }
    try {
      Cipher cipher = Cipher.getInstance(CIPHER);
      cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, sealed, 0, NONCE_BYTES));
      cipher.updateAAD(place.associated());
      return cipher.doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
    } catch (AEADBadTagException e) {
      throw UnreadableSecretException.changed(place.what());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Expected this Java to have " + CIPHER + ", but: " + e, e);
    }
  }
}
