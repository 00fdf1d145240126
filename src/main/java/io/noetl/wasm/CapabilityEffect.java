package io.noetl.wasm;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a capability does, by whoever can. Safe for use by many threads; bounds itself by {@link
 * HostCallContext#timeout()}.
 */
public interface CapabilityEffect {
  /**
   * @param request as the guest sent it, its members checked
   * @return the members of the reply
   * @throws HostCallException when the guest may know why it failed
   */
  Map<String, @Nullable Object> serve(
      HostCallContext context, Map<String, @Nullable Object> request);
}
