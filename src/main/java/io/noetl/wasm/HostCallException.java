package io.noetl.wasm;

/** An effect of a capability failed in a way that the guest may know. */
public final class HostCallException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final HostError error;
  private final String guestMessage;

  /**
   * @param guestMessage what the guest reads; must hold nothing it may not know
   */
  public HostCallException(HostError error, String guestMessage) {
    super(error + ": " + guestMessage);
    this.error = error;
    this.guestMessage = guestMessage;
  }

  /** The code the guest receives. */
  public HostError error() {
    return error;
  }

  HostReply reply() {
    return HostReply.refused(error, guestMessage);
  }
}
