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
 * @param vaultUrl address of HashiCorp Vault for entries with the provider vault
 * @param vaultToken with which entries read that name no credential
 * @param vaultPaths what they may read with it; one that ends in an asterisk stands for all that
 *     begin so
 * @param clusterSecrets secrets of the worker's Kubernetes cluster, as {@code namespace/name}, that
 *     entries with the provider k8s may read; likewise
 * @param cache how long a stored credential is kept for its execution
 * @param cacheEntries credentials, and tokens, that are kept at most
 * @param patience how long a server that answers, but cannot say, is asked again
 */
public record KeychainConfig(
    Unresolved unresolved,
    List<String> envNames,
    Optional<Path> secretsFolder,
    Optional<String> vaultUrl,
    Secret vaultToken,
    List<String> vaultPaths,
    List<String> clusterSecrets,
    Duration cache,
    int cacheEntries,
    Duration patience) {

  /** What becomes of a template that reads an entry without a value. */
  public enum Unresolved {
    /** It reads as undefined, and the log has a warning. */
    WARN,
    /** It is a hard error. */
    FAIL
  }

  public KeychainConfig {
    envNames = List.copyOf(envNames);
    vaultPaths = List.copyOf(vaultPaths);
    clusterSecrets = List.copyOf(clusterSecrets);
    new Checks("keychain")
        .that(
            vaultUrl.isEmpty() || vaultUrl.get().matches("https?://[^\\s/]+.*"),
            "vault-url",
            "Expected an address such as https://vault:8200, but got '" + vaultUrl.orElse("") + "'")
        .range("cache", cache, Duration.ZERO, Duration.ofHours(1))
        .range("cache-entries", cacheEntries, 1, 1_000_000)
        .range("patience", patience, Duration.ZERO, Duration.ofHours(1))
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
        values.optionalText("vault-url", "Address of Vault for keychain entries (provider vault)"),
        values.secret("vault-token", "Token for Vault of entries that name no credential"),
        values.list(
            "vault-paths",
            List.of(),
            "Paths that keychain entries may read with that token; x* for all that begin with x"),
        values.list(
            "cluster-secrets",
            List.of(),
            "Kubernetes secrets, namespace/name, that keychain entries may read (provider k8s)"),
        values.duration(
            "cache", Duration.ofSeconds(30), "How long a credential is kept for its execution"),
        values.integer("cache-entries", 1_000, "Credentials and tokens that a worker keeps"),
        values.duration(
            "patience",
            Duration.ofMinutes(2),
            "How long a server that cannot give a secret now is asked again"));
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
