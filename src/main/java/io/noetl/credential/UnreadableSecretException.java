package io.noetl.credential;

/** A stored secret that cannot be decrypted. The message names the row and holds no secret. */
public final class UnreadableSecretException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why it cannot be decrypted. */
  public enum Cause {
    /** The row names a key-encryption key that this server does not have. */
    KEY_MISSING,
    /** The row is not what was written under this name and version. */
    CHANGED
  }

  private final Cause reason;

  private UnreadableSecretException(Cause reason, String message) {
    super(message);
    this.reason = reason;
  }

  static UnreadableSecretException keyMissing(String what, String keyId) {
    return new UnreadableSecretException(
        Cause.KEY_MISSING,
        what
            + " is encrypted under key "
            + keyId
            + ", which this server does not have (credentials.key, credentials.other-keys)");
  }

  static UnreadableSecretException changed(String what) {
    return new UnreadableSecretException(
        Cause.CHANGED,
        what + " cannot be decrypted: its row is not what was written; store it again");
  }

  public Cause reason() {
    return reason;
  }
}
