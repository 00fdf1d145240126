package io.noetl.credential;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A value to be put by.
 *
 * @param secret {@code data}, {@code token_data} and {@code renew_config} as they were sent; all of
 *     it is encrypted
 * @param expiresAt null = never
 */
public record KeychainValue(
    Map<String, @Nullable Object> secret,
    @Nullable String credentialType,
    @Nullable String cacheType,
    @Nullable Long parentExecutionId,
    @Nullable Instant expiresAt,
    boolean autoRenew) {

  public KeychainValue {
    secret = Collections.unmodifiableMap(new LinkedHashMap<>(secret));
  }

  /** Nothing of the secret. */
  @Override
  public String toString() {
    return "KeychainValue[credentialType=" + credentialType + ", expiresAt=" + expiresAt + "]";
  }
}
