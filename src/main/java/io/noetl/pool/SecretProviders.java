package io.noetl.pool;

import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import io.noetl.pool.KeychainEntries.Unresolved;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolCall.Identity;
import io.noetl.tool.ToolExecutor;
import io.noetl.tool.auth.Credential;
import io.noetl.tool.auth.CredentialException;
import io.noetl.tool.container.ClusterSecrets;
import io.noetl.tool.http.AccessTokens;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Documents of providers outside: HashiCorp Vault, the Secret Manager of Google Cloud, a Kubernetes
 * cluster. Safe for use by many threads.
 */
public final class SecretProviders {
  private static final String GOOGLE = "https://secretmanager.googleapis.com";

  private final ToolExecutor http;
  private final AccessTokens tokens;
  private final ClusterSecrets cluster;
  private final Settings settings;

  /**
   * @param http asks the services; not closed here
   */
  public SecretProviders(
      ToolExecutor http, AccessTokens tokens, ClusterSecrets cluster, Settings settings) {
    this.http = http;
    this.tokens = tokens;
    this.cluster = cluster;
    this.settings = settings;
  }

  /**
   * What entries may read with the means of the worker instead of a credential of theirs.
   *
   * @param vaultUrl {@code keychain.vault-url}; empty = entries name their own
   * @param vaultToken {@code keychain.vault-token}; empty = entries need a credential
   * @param vaultPaths {@code keychain.vault-paths}: what may be read with that token; a path that
   *     ends in an asterisk stands for all that begin so
   * @param clusterSecrets {@code keychain.cluster-secrets}: secrets of the cluster, as {@code
   *     namespace/name}, likewise
   * @param namespace of secrets whose place names none ({@code kubernetes.namespace})
   */
  public record Settings(
      String vaultUrl,
      String vaultToken,
      List<String> vaultPaths,
      List<String> clusterSecrets,
      String namespace) {

    /** Nothing may be read with the worker's own means. */
    public static final Settings NONE = new Settings("", "", List.of(), List.of(), "default");

    public Settings {
      vaultPaths = List.copyOf(vaultPaths);
      clusterSecrets = List.copyOf(clusterSecrets);
    }

    /** Without the token. */
    @Override
    public String toString() {
      return "Settings[vaultUrl=" + vaultUrl + "]";
    }
  }

  /**
   * A member of a version of a secret in Vault's key-value store, version 2.
   *
   * @param auth has {@code token}, and may have {@code url} and {@code namespace}; null = the
   *     worker's own token
   */
  Map<String, @Nullable Object> vault(
      Map<String, @Nullable Object> entry,
      String path,
      @Nullable Credential auth,
      Identity identity)
      throws Unresolved, InterruptedException {
    Map<String, @Nullable Object> data = auth == null ? Map.of() : auth.data();
    String own = text(data, "url", "address", "vault_addr");
    String url = own == null ? settings.vaultUrl() : own;
    if (url.isEmpty()) {
      throw new Unresolved("nothing says where vault is: set keychain.vault-url");
    }
    String token = settings.vaultToken();
    if (auth != null) {
      token = text(data, "token", "vault_token");
      if (token == null) {
        throw new Unresolved("credential '" + auth.name() + "' has no token for vault");
      }
    } else if (token.isEmpty()) {
      throw new Unresolved("it names no credential (auth), and keychain.vault-token is not set");
    } else if (!permitted(settings.vaultPaths(), path)) {
      throw new Unresolved("'" + path + "' is not among keychain.vault-paths");
    }
    String mount = text(entry, "mount");
    String rest = path;
    if (mount == null) {
      int slash = path.indexOf('/');
      if (slash <= 0 || slash == path.length() - 1) {
        throw new Unresolved(
            "expected a place such as mount/path#member, but it is '" + path + "'");
      }
      mount = path.substring(0, slash);
      rest = path.substring(slash + 1);
    }
    Map<String, @Nullable Object> headers = new LinkedHashMap<>();
    headers.put("X-Vault-Token", token);
    headers.put("X-Vault-Request", "true");
    String wanted = text(entry, "namespace");
    String namespace = wanted == null ? text(data, "namespace") : wanted;
    if (namespace != null) {
      headers.put("X-Vault-Namespace", namespace);
    }
    Map<String, @Nullable Object> reply =
        asked(
            "vault",
            path,
            trimmed(url) + "/v1/" + encoded(mount) + "/data/" + encoded(rest) + version(entry),
            headers,
            identity);
    if (reply.get("data") instanceof Map<?, ?> outer
        && outer.get("data") instanceof Map<?, ?> members) {
      return strings(members);
    }
    throw new Unresolved("vault gave no data of '" + path + "' (is it a store of version 2?)");
  }

  private static String version(Map<String, @Nullable Object> entry) throws Unresolved {
    String version = text(entry, "version");
    if (version == null || version.equals("latest")) {
      return "";
    }
    if (!version.matches("\\d{1,18}")) {
      throw new Unresolved("expected its version to be a number, but it is '" + version + "'");
    }
    return "?version=" + version;
  }

  /**
   * A version of a secret in Google Cloud.
   *
   * @param path {@code projects/p/secrets/s}, with {@code /versions/v} or without, or a name alone
   * @param auth a service account, or a ready token
   */
  String google(
      Map<String, @Nullable Object> entry,
      String path,
      @Nullable Credential auth,
      Identity identity)
      throws Unresolved, InterruptedException {
    if (auth == null) {
      throw new Unresolved("it names no credential (auth) of a service account");
    }
    String full = path;
    if (!path.contains("/")) {
      String project = text(entry, "project", "project_id");
      project = project == null ? text(auth.data(), "project", "project_id") : project;
      if (project == null) {
        throw new Unresolved(
            "expected a place such as projects/p/secrets/s, or a project, but it is '"
                + path
                + "'");
      }
      full = "projects/" + project + "/secrets/" + path;
    }
    if (!full.contains("/versions/")) {
      String version = text(entry, "version");
      full += "/versions/" + (version == null ? "latest" : version);
    }
    String token;
    try {
      token = tokens.bearer(new Credential(auth.name(), "gcp", auth.data()), identity);
    } catch (CredentialException e) {
      throw new Unresolved(String.valueOf(e.getMessage()));
    }
    Map<String, @Nullable Object> headers = new LinkedHashMap<>();
    headers.put("Authorization", "Bearer " + token);
    String endpoint = text(entry, "endpoint");
    Map<String, @Nullable Object> reply =
        asked(
            "gcp",
            path,
            trimmed(endpoint == null ? GOOGLE : endpoint) + "/v1/" + encoded(full) + ":access",
            headers,
            identity);
    if (reply.get("payload") instanceof Map<?, ?> payload
        && payload.get("data") instanceof String data) {
      try {
        return new String(Base64.getDecoder().decode(data), StandardCharsets.UTF_8);
      } catch (IllegalArgumentException e) {
        throw new Unresolved("gcp gave '" + path + "' in a form that is not base64");
      }
    }
    throw new Unresolved("gcp gave no payload of '" + path + "'");
  }

  /**
   * A secret of the worker's cluster.
   *
   * @param path {@code namespace/name}, or a name in the usual namespace
   */
  Map<String, String> kubernetes(Map<String, @Nullable Object> entry, String path)
      throws Unresolved, InterruptedException {
    String namespace = text(entry, "namespace");
    String name = path;
    int slash = path.indexOf('/');
    if (slash >= 0) {
      namespace = path.substring(0, slash);
      name = path.substring(slash + 1);
    }
    String in = namespace == null ? settings.namespace() : namespace;
    if (!permitted(settings.clusterSecrets(), in + "/" + name)) {
      throw new Unresolved("'" + in + "/" + name + "' is not among keychain.cluster-secrets");
    }
    return switch (cluster.read(in, name)) {
      case ClusterSecrets.Found(Map<String, String> members) -> members;
      case ClusterSecrets.Refused(String sentence) -> throw new Unresolved(sentence);
    };
  }

  @SuppressWarnings("unchecked") // JSON objects have string keys
  private Map<String, @Nullable Object> asked(
      String provider,
      String path,
      String url,
      Map<String, @Nullable Object> headers,
      Identity identity)
      throws Unresolved, InterruptedException {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("url", url);
    fields.put("method", "GET");
    fields.put("headers", headers);
    Outcome outcome =
        http.run(
            new ToolCall(
                ToolKind.HTTP, fields, null, identity, Map.of(), null, ToolCall.LineLog.NONE));
    Map<String, @Nullable Object> error = outcome.error();
    if (error != null) {
      // The text of an answer may hold anything, so only the status or the failure is told.
      throw new Unresolved(provider + " did not give '" + path + "': " + error.get("message"));
    }
    if (outcome.data() instanceof Map<?, ?> data && data.get("data") instanceof Map<?, ?> reply) {
      return (Map<String, @Nullable Object>) reply;
    }
    throw new Unresolved(provider + " answered no JSON object for '" + path + "'");
  }

  private static boolean permitted(List<String> names, String wanted) {
    // Segments that walk up would leave what a pattern stands for.
    return !List.of(wanted.split("/", -1)).contains("..")
        && names.stream()
            .anyMatch(
                name ->
                    name.endsWith("*")
                        ? wanted.startsWith(name.substring(0, name.length() - 1))
                        : wanted.equals(name));
  }

  private static String trimmed(String url) {
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  private static String encoded(String path) {
    return URLEncoder.encode(path, StandardCharsets.UTF_8).replace("+", "%20").replace("%2F", "/");
  }

  private static @Nullable String text(Map<String, ?> members, String... names) {
    for (String name : names) {
      Object value = members.get(name);
      if (value != null && !(value instanceof Map<?, ?>) && !String.valueOf(value).isBlank()) {
        return String.valueOf(value).strip();
      }
    }
    return null;
  }

  private static Map<String, @Nullable Object> strings(Map<?, ?> map) {
    Map<String, @Nullable Object> strings = new LinkedHashMap<>();
    map.forEach((name, value) -> strings.put(String.valueOf(name), value));
    return strings;
  }
}
