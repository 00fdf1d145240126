package io.noetl.signature;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Signs modules and checks signatures: base64 of 64 bytes, over the SHA-256 of the module. */
public final class ModuleSignature {
  /** The header that carries it beside a module. */
  public static final String HEADER = "X-Noetl-Signature";

  private ModuleSignature() {}

  /** The signature of the module by this key. */
  public static String of(byte[] module, PrivateKey key) {
    try {
      Signature signature = Signature.getInstance(SigningKeys.ALGORITHM);
      signature.initSign(key);
      signature.update(SigningKeys.sha256(module));
      return Base64.getEncoder().encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Expected to sign a module, but the key cannot", e);
    }
  }

  /**
   * Which of the keys made the signature of this module; empty when none did.
   *
   * @param signature as it came; may be anything
   */
  public static Optional<PublicKey> signer(byte[] module, String signature, List<PublicKey> keys) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(signature.strip());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    byte[] digest = SigningKeys.sha256(module);
    return keys.stream().filter(key -> made(key, digest, bytes)).findFirst();
  }

  private static boolean made(PublicKey key, byte[] digest, byte[] bytes) {
    try {
      Signature signature = Signature.getInstance(SigningKeys.ALGORITHM);
      signature.initVerify(key);
      signature.update(digest);
      return signature.verify(bytes);
    } catch (GeneralSecurityException e) {
      // Also what a signature of another length is answered with.
      return false;
    }
  }
}
