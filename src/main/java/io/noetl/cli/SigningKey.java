package io.noetl.cli;

import io.noetl.signature.ModuleSignature;
import io.noetl.signature.SigningKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PrivateKey;

/** The private key of an author, and where the signature of a module lies. */
final class SigningKey {
  private static final String SUFFIX = ".sig";

  private final PrivateKey key;

  private SigningKey(PrivateKey key) {
    this.key = key;
  }

  /**
   * @param file PEM
   * @throws UserError when it cannot be read or is no such key
   */
  static SigningKey of(Path file) {
    try {
      return new SigningKey(
          SigningKeys.privateKey(new String(Payloads.bytes(file), StandardCharsets.UTF_8)));
    } catch (IllegalArgumentException e) {
      throw new UserError("Expected a private key in " + file + ": " + e.getMessage());
    }
  }

  String signature(byte[] module) {
    return ModuleSignature.of(module, key);
  }

  /** Where the signature of a module lies. */
  static Path beside(Path module) {
    return module.resolveSibling(module.getFileName() + SUFFIX);
  }
}
