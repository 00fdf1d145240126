package io.noetl.signature;

import java.security.PublicKey;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which modules need a signature, and whose. Immutable.
 *
 * @param keys {@code plugin.signers}: who may sign
 * @param unsignedSystem {@code plugin.unsigned-system}: whether the system's own modules may go
 *     without, for development
 * @param signedTenants {@code plugin.signed-tenants}: tenants none of whose modules may
 */
public record SignaturePolicy(
    List<PublicKey> keys, boolean unsignedSystem, Set<String> signedTenants) {

  public SignaturePolicy {
    keys = List.copyOf(keys);
    signedTenants = Set.copyOf(signedTenants);
  }

  /** What a module comes to. */
  public sealed interface Verdict {
    /**
     * It may be registered.
     *
     * @param signer id of the key that signed it; null when nobody did
     */
    record Accepted(@Nullable String signer) implements Verdict {}

    /** It may not. */
    record Refused(String sentence) implements Verdict {}
  }

  /**
   * Judges a module. A signature that is there must be right, also where none is needed.
   *
   * @param system whether the path is the system's own
   * @param signature as it came; null when there is none
   */
  public Verdict judge(
      String tenant, String path, boolean system, byte[] module, @Nullable String signature) {
    if (signature == null || signature.isBlank()) {
      if (system && !unsignedSystem) {
        return new Verdict.Refused(
            "Expected a signature of module "
                + path
                + ", since it is the system's own, but there is none: sign it with noetl plugin"
                + " push --key, or set plugin.unsigned-system for development"
                + (keys.isEmpty() ? "; no key that may sign is configured (plugin.signers)" : ""));
      }
      if (signedTenants.contains(tenant)) {
        return new Verdict.Refused(
            "Expected a signature of module "
                + path
                + ", since tenant "
                + tenant
                + " takes no other (plugin.signed-tenants), but there is none");
      }
      return new Verdict.Accepted(null);
    }
    Optional<PublicKey> signer = ModuleSignature.signer(module, signature, keys);
    if (signer.isPresent()) {
      return new Verdict.Accepted(SigningKeys.id(signer.get()));
    }
    return new Verdict.Refused(
        "Expected the signature of module "
            + path
            + " to be of these bytes and by one of the "
            + keys.size()
            + " keys in plugin.signers, but it is not");
  }
}
