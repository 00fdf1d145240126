package io.noetl.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a worker resolves credentials and keychain entries.
 *
 * @param unresolved what an entry that cannot be resolved comes to
 * @param envNames variables of the worker's environment that entries with the provider env may
 *     read; a name that ends in an asterisk stands for all that begin so
 * @param secretsFolder files below it are what entries with the provider file may read
 * @param cache how long a stored credential is kept for its execution
 * @param cacheEntries credentials, and tokens, that are kept at most
 */
public record KeychainConfig(
    Unresolved unresolved,
    List<String> envNames,
    Optional<Path> secretsFolder,
    Duration cache,
    int cacheEntries) {

  /** What becomes of a template that reads an entry without a value. */
  public enum Unresolved {
    /** It reads as undefined, and the log has a warning. */
    WARN,
    /** It is a hard error. */
    FAIL
  }

  public KeychainConfig {
    envNames = List.copyOf(envNames);
    new Checks("keychain")
        .range("cache", cache, Duration.ZERO, Duration.ofHours(1))
        .range("cache-entries", cacheEntries, 1, 1_000_000)
        .done();
  }

  static KeychainConfig from(Values values) {
    return new KeychainConfig(
        values.choice(
            "unresolved",
            Unresolved.WARN,
            Unresolved.class,
            "What a keychain entry without a value comes to: undefined and a warning, or a"
                + " failure"),
        values.list(
            "env-names",
            List.of(),
            "Variables that keychain entries may read (provider env); x* for all that begin with"
                + " x"),
        values.optionalPath(
            "secrets-folder", "Folder whose files keychain entries may read (provider file)"),
        values.duration(
            "cache", Duration.ofSeconds(30), "How long a credential is kept for its execution"),
        values.integer("cache-entries", 1_000, "Credentials and tokens that a worker keeps"));
  }

  /** The variables of an environment that entries may read. */
  public Map<String, String> readable(Map<String, String> environment) {
    Map<String, String> readable = new LinkedHashMap<>(environment);
    readable
        .keySet()
        .removeIf(
            variable ->
                envNames.stream()
                    .noneMatch(
                        name ->
                            name.endsWith("*")
                                ? variable.startsWith(name.substring(0, name.length() - 1))
                                : variable.equals(name)));
    return readable;
  }

  /** The values that hold when nothing is set. */
  public static KeychainConfig defaults() {
    return from(Values.defaults("keychain"));
  }
}
