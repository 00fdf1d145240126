package io.noetl.wasm;

/**
 * The error codes of a capability call, as the guest sees them: a negative result, with the detail
 * readable through {@code host_reply}.
 */
public enum HostError {
  /** The request is not what the function expects. */
  BAD_REQUEST(-1, false),
  /** Not granted, or not for this caller. */
  DENIED(-2, false),
  /** The thing asked for does not exist, or is not visible to this caller. */
  NOT_FOUND(-3, false),
  /** The state does not allow it. */
  CONFLICT(-4, false),
  /** The host did not finish in time; the effect may have happened. */
  TIMEOUT(-5, true),
  /** Request or reply over its limit. */
  TOO_LARGE(-6, false),
  /** A budget of this call is spent; asking once more ends the call. */
  BUDGET(-7, false),
  /** The host cannot reach what it needs; later it may. */
  UNAVAILABLE(-8, true),
  /** A fault of the host. Says nothing about its cause. */
  INTERNAL(-9, false);

  private final int code;
  private final boolean retryable;

  HostError(int code, boolean retryable) {
    this.code = code;
    this.retryable = retryable;
  }

  /** The negative number the guest receives. */
  public int code() {
    return code;
  }

  /** Whether the guest may usefully ask again. */
  public boolean retryable() {
    return retryable;
  }
}
