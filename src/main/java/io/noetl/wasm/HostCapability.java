package io.noetl.wasm;

/**
 * One thing a plug-in can do outside its sandbox. An implementation is safe for use by many threads
 * and keeps no state of a call; its effects are given at construction.
 *
 * <p>It runs on the caller's thread, never on the guest's, and must bound itself by {@link
 * HostCallContext#timeout()}. The bytes come from a guest: nothing in them may be trusted.
 */
public interface HostCapability {
  /** The import's name, out of {@link HostCapabilities#all()}. */
  String name();

  /**
   * Serves one call.
   *
   * @param request what the guest sent; owned by the implementation
   * @return the reply, or an error that the guest sees
   * @throws HostCallException as a reply {@link HostReply.Refused}, for use deep inside an effect
   */
  HostReply call(HostCallContext context, byte[] request);
}
