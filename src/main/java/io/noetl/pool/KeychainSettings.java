package io.noetl.pool;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a worker resolves credentials and keychain entries.
 *
 * @param failUnresolved whether reading an entry without a value is an error instead of undefined
 *     ({@code keychain.unresolved})
 * @param environment the variables that entries may read ({@code keychain.env-names})
 * @param secretsFolder files below it may be read; null = none ({@code keychain.secrets-folder})
 * @param cache how long a credential is kept for its execution ({@code keychain.cache})
 * @param cacheEntries credentials, and keychain blocks, that are kept at most ({@code
 *     keychain.cache-entries})
 * @param patience how long a server that answers, but cannot say, is asked again ({@code
 *     keychain.patience})
 */
public record KeychainSettings(
    boolean failUnresolved,
    Map<String, String> environment,
    @Nullable Path secretsFolder,
    Duration cache,
    int cacheEntries,
    Duration patience) {

  public KeychainSettings {
    environment = Map.copyOf(environment);
  }

  /** The names only: what they stand for is secret. */
  @Override
  public String toString() {
    return "KeychainSettings[environment=" + environment.keySet() + "]";
  }
}
