package io.noetl.signature;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Ed25519 keys as PEM, in the forms that {@code openssl} writes. Stateless. */
public final class SigningKeys {
  /** The only algorithm. */
  static final String ALGORITHM = "Ed25519";

  private static final int ID_BYTES = 8;

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");

  private SigningKeys() {}

  /**
   * The public keys of a text, each in a block {@code PUBLIC KEY}.
   *
   * @throws IllegalArgumentException when there is none, or one is no Ed25519 key
   */
  public static List<PublicKey> publicKeys(String pem) {
    List<PublicKey> keys = new ArrayList<>();
    for (byte[] block : blocks(pem, "PUBLIC KEY")) {
      try {
        keys.add(KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(block)));
      } catch (GeneralSecurityException e) {
        throw new IllegalArgumentException("Expected Ed25519 public keys, but one is none", e);
      }
    }
    if (keys.isEmpty()) {
      throw new IllegalArgumentException(
          "Expected a block BEGIN PUBLIC KEY, as openssl pkey -pubout writes it, but found none");
    }
    return keys;
  }

  /**
   * The private key of a text, in a block {@code PRIVATE KEY} that no password protects.
   *
   * @throws IllegalArgumentException when there is none or several, or it is no Ed25519 key; the
   *     message holds nothing of the text
   */
  public static PrivateKey privateKey(String pem) {
    List<byte[]> blocks = blocks(pem, "PRIVATE KEY");
    if (blocks.size() != 1) {
      throw new IllegalArgumentException(
          "Expected one block BEGIN PRIVATE KEY, as openssl genpkey -algorithm ed25519 writes it,"
              + " but found "
              + blocks.size());
    }
    try {
      return KeyFactory.getInstance(ALGORITHM)
          .generatePrivate(new PKCS8EncodedKeySpec(blocks.getFirst()));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("Expected an Ed25519 private key, but it is none", e);
    }
  }

  /** Which key it is, in 16 hexadecimal digits. */
  public static String id(PublicKey key) {
    return HexFormat.of().formatHex(sha256(key.getEncoded()), 0, ID_BYTES);
  }

  static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Expected SHA-256 in every JDK", e);
    }
  }

  private static List<byte[]> blocks(String pem, String label) {
    List<byte[]> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(pem);
    while (matcher.find()) {
      if (matcher.group(1).equals(label)) {
        blocks.add(
            Base64.getMimeDecoder().decode(matcher.group(2).getBytes(StandardCharsets.US_ASCII)));
      }
    }
    return blocks;
  }
}
