package io.noetl.wasm;

/**
 * How a plug-in call can fail, as playbooks see it in {@code error.code} with {@code error.kind =
 * "plugin"}. The names are part of the contract.
 */
public enum PluginErrorCode {
  /** Admission, parsing, compiling or instantiating failed. */
  PLUGIN_INVALID(Retry.NEVER),
  /** The module imports something its tenant is not granted. */
  PLUGIN_IMPORT_DENIED(Retry.NEVER),
  /** The guest trapped, broke the contract of an import, or exhausted its stack. */
  PLUGIN_TRAP(Retry.NEVER),
  /** The fuel of the call is spent. */
  PLUGIN_FUEL(Retry.NEVER),
  /** The guest's wall clock is spent. */
  PLUGIN_TIMEOUT(Retry.BY_POLICY),
  /** The linear memory or table limit was reached. */
  PLUGIN_MEMORY(Retry.NEVER),
  /** The output is missing, too large, not UTF-8 or not JSON. */
  PLUGIN_OUTPUT(Retry.NEVER),
  /** {@code execute} returned neither 0 nor 1, or the call could not be put to the guest. */
  PLUGIN_FAILED(Retry.NEVER),
  /** A replay asked something else than the recording holds. */
  PLUGIN_REPLAY_DIVERGED(Retry.NEVER),
  /** The version is out of service, because its guest did not stop when told. */
  PLUGIN_QUARANTINED(Retry.NEVER),
  /** No instance slot was free in time. The command is released without counting an attempt. */
  PLUGIN_BUSY(Retry.RELEASE),
  /** The host did not answer a capability call: a failure of the platform, not of the guest. */
  PLUGIN_UNANSWERED(Retry.NEXT_ATTEMPT);

  /** What the pool does with the command afterwards. */
  public enum Retry {
    /** Trying again cannot help. */
    NEVER,
    /** The retry policy of the step decides. */
    BY_POLICY,
    /** The command goes back to the queue and the attempt is not counted. */
    RELEASE,
    /** The command goes back to the queue when its lease runs out, and the attempt counts. */
    NEXT_ATTEMPT
  }

  private final Retry retry;

  PluginErrorCode(Retry retry) {
    this.retry = retry;
  }

  /** What the pool does with the command afterwards. */
  public Retry retry() {
    return retry;
  }
}
