package io.noetl.pool;

import io.noetl.json.Json;
import io.noetl.tool.ToolCall.Identity;
import io.noetl.tool.auth.AuthField;
import io.noetl.tool.auth.Credential;
import io.noetl.tool.auth.CredentialException;
import io.noetl.tool.http.AccessTokens;
import io.noetl.tool.http.AccessTokens.Token;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Resolves one keychain entry, whose fields are rendered. Safe for use by many threads. */
final class KeychainEntries {
  /** Largest file that an entry with the provider file reads, in bytes. */
  private static final long LARGEST_FILE = 64 << 10;

  /** Longest time that an entry may ask its value to be kept for. */
  private static final Duration LONGEST = Duration.ofDays(30);

  private final AccessTokens tokens;
  private final SecretProviders providers;
  private final KeychainSettings settings;

  KeychainEntries(AccessTokens tokens, SecretProviders providers, KeychainSettings settings) {
    this.tokens = tokens;
    this.providers = providers;
    this.settings = settings;
  }

  /**
   * What an entry came to.
   *
   * @param expires when the value is over; null when it does not say
   */
  record Value(Credential credential, @Nullable Instant expires) {
    Value(Credential credential) {
      this(credential, null);
    }
  }

  /** Finds credentials by name for the command that the entry is resolved for. */
  interface Lookup {
    /**
     * @return null when there is none
     * @throws CredentialException when it cannot be had now
     */
    @Nullable Credential find(String name) throws InterruptedException;
  }

  /** An entry that has no value, and why. Not an error by itself. */
  static final class Unresolved extends Exception {
    private static final long serialVersionUID = 1L;

    Unresolved(String reason) {
      super(reason);
    }
  }

  /**
   * @throws Unresolved when it has no value
   * @throws CredentialException when the credential store cannot be asked now
   */
  Value resolve(String name, Map<String, @Nullable Object> entry, Identity identity, Lookup lookup)
      throws Unresolved, InterruptedException {
    return switch (kind(entry)) {
      case "credential" -> new Value(stored(name, entry, lookup));
      case "static" -> new Value(new Credential(name, type(entry), data(entry)));
      case "bearer" -> new Value(bearer(name, entry, identity, lookup));
      case "oauth2" -> oauth2(name, entry, identity);
      case "google_id_token" -> new Value(googleIdToken(name, entry, identity, lookup));
      case "secrets" ->
          new Value(new Credential(name, type(entry), secrets(entry, identity, lookup)));
      default -> throw new Unresolved("its kind '" + kind(entry) + "' is not available");
    };
  }

  /**
   * How long the value of an entry is kept by this worker; null when it is made anew for each
   * command. Tokens of bearer and google_id_token have an end of their own and are kept with it.
   *
   * @throws Unresolved when ttl_seconds is no time
   */
  @Nullable Duration life(Map<String, @Nullable Object> entry) throws Unresolved {
    String kind = kind(entry);
    if (kind.equals("bearer") || kind.equals("google_id_token")) {
      return null;
    }
    String ttl = text(entry, "ttl_seconds");
    if (ttl == null) {
      return kind.equals("secrets") && remote(entry) ? settings.cache() : null;
    }
    if (!ttl.strip().matches("\\d{1,9}") || Long.parseLong(ttl.strip()) > LONGEST.toSeconds()) {
      throw new Unresolved(
          "expected ttl_seconds to be a whole number up to "
              + LONGEST.toSeconds()
              + ", but it is '"
              + ttl
              + "'");
    }
    return Duration.ofSeconds(Long.parseLong(ttl.strip()));
  }

  private static boolean remote(Map<String, @Nullable Object> entry) {
    return switch (provider(entry)) {
      case "vault", "gcp", "k8s" -> true;
      default -> false;
    };
  }

  private static String provider(Map<String, @Nullable Object> entry) {
    String provider = text(entry, "provider");
    return provider == null ? "" : provider.strip().toLowerCase(Locale.ROOT);
  }

  private static String kind(Map<String, @Nullable Object> entry) {
    String kind = text(entry, "kind");
    if (kind != null) {
      return kind.strip().toLowerCase(Locale.ROOT);
    }
    return text(entry, "credential", "ref") == null ? "static" : "credential";
  }

  /** What tools take the members for. */
  private static String type(Map<String, @Nullable Object> entry) {
    String type = text(entry, "credential_type", "type");
    return type == null ? "generic" : type;
  }

  private static Credential stored(String name, Map<String, @Nullable Object> entry, Lookup lookup)
      throws Unresolved, InterruptedException {
    Credential found = found(required(entry, "credential", "ref"), lookup);
    return new Credential(name, found.type(), found.data());
  }

  private static Credential found(String name, Lookup lookup)
      throws Unresolved, InterruptedException {
    Credential found = lookup.find(name);
    if (found == null) {
      throw new Unresolved("there is no credential '" + name + "'");
    }
    return found;
  }

  private Credential bearer(
      String name, Map<String, @Nullable Object> entry, Identity identity, Lookup lookup)
      throws Unresolved, InterruptedException {
    String token = text(entry, "token");
    if (token == null) {
      Credential of = referred(entry, lookup);
      if (of == null) {
        throw new Unresolved("it has neither token nor auth");
      }
      token =
          AccessTokens.fetched(of.type())
              ? fetched(of, identity)
              : text(of.data(), "token", "access_token", "bearer_token", "api_key");
      if (token == null) {
        throw new Unresolved("credential '" + of.name() + "' has no token");
      }
    }
    return new Credential(name, "bearer", Map.of("token", token));
  }

  /** The credential that the field {@code auth} or {@code credential} names; null without one. */
  private static @Nullable Credential referred(Map<String, @Nullable Object> entry, Lookup lookup)
      throws Unresolved, InterruptedException {
    Object auth = entry.get("auth") == null ? entry.get("credential") : entry.get("auth");
    return switch (AuthField.of(auth)) {
      case AuthField.None _ -> null;
      case AuthField.Named named -> found(named.first().credential(), lookup);
      case AuthField.Direct direct -> new Credential("auth", direct.type(), direct.members());
    };
  }

  private String fetched(Credential credential, Identity identity)
      throws Unresolved, InterruptedException {
    try {
      return tokens.bearer(credential, identity);
    } catch (CredentialException e) {
      // A service that is not the platform's: without its token the entry has no value.
      throw new Unresolved(String.valueOf(e.getMessage()));
    }
  }

  private Value oauth2(String name, Map<String, @Nullable Object> entry, Identity identity)
      throws Unresolved, InterruptedException {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("url", required(entry, "endpoint", "token_url"));
    String method = text(entry, "method");
    fields.put("method", method == null ? "POST" : method);
    for (String field : List.of("headers", "data", "json", "form", "params", "timeout")) {
      if (entry.get(field) != null) {
        fields.put(field, entry.get(field));
      }
    }
    String scope =
        "local".equals(text(entry, "scope")) ? "execution " + identity.executionId() : "shared";
    Token token;
    try {
      token = tokens.request(scope, "Keychain entry '" + name + "'", fields, identity);
    } catch (CredentialException e) {
      throw new Unresolved(String.valueOf(e.getMessage()));
    }
    if (token.members().get("access_token") == null) {
      throw new Unresolved("the answer of the token endpoint has no access_token");
    }
    return new Value(new Credential(name, "bearer", token.members()), token.expires());
  }

  private Credential googleIdToken(
      String name, Map<String, @Nullable Object> entry, Identity identity, Lookup lookup)
      throws Unresolved, InterruptedException {
    String audience = required(entry, "target_audience", "audience");
    Credential account = referred(entry, lookup);
    if (account == null) {
      throw new Unresolved("it names no credential of a service account");
    }
    Map<String, @Nullable Object> data = new LinkedHashMap<>(account.data());
    data.put("target_audience", audience);
    String token = fetched(new Credential(account.name(), "google_id_token", data), identity);
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    members.put("id_token", token);
    members.put("token", token);
    return new Credential(name, "bearer", members);
  }

  private static Map<String, @Nullable Object> data(Map<String, @Nullable Object> entry)
      throws Unresolved {
    if (entry.get("data") instanceof Map<?, ?> map) {
      return strings(map);
    }
    throw new Unresolved("expected its data to be a map, but it is " + typeName(entry, "data"));
  }

  private Map<String, @Nullable Object> secrets(
      Map<String, @Nullable Object> entry, Identity identity, Lookup lookup)
      throws Unresolved, InterruptedException {
    String provider = provider(entry);
    if (!(entry.get("map") instanceof Map<?, ?> map)) {
      throw new Unresolved("expected its map to be a map, but it is " + typeName(entry, "map"));
    }
    Credential auth = remote(entry) ? referred(entry, lookup) : null;
    // Several fields may come from one document.
    Map<String, Object> documents = new HashMap<>();
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (Map.Entry<String, @Nullable Object> wanted : strings(map).entrySet()) {
      String text = String.valueOf(wanted.getValue());
      String field = wanted.getKey();
      values.put(
          field,
          switch (provider) {
            case "env" -> variable(text);
            case "file" -> file(text);
            case "vault", "gcp", "k8s" -> {
              SecretPlace place = SecretPlace.of(text);
              Object document = documents.get(place.path());
              if (document == null) {
                document = document(provider, entry, place.path(), auth, identity);
                documents.put(place.path(), document);
              }
              yield document instanceof Map<?, ?> members
                  ? place.in(strings(members), field)
                  : place.in(String.valueOf(document), field);
            }
            default ->
                throw new Unresolved(
                    "its provider '"
                        + provider
                        + "' is not available; there are env, file, vault, gcp and k8s");
          });
    }
    return values;
  }

  private Object document(
      String provider,
      Map<String, @Nullable Object> entry,
      String path,
      @Nullable Credential auth,
      Identity identity)
      throws Unresolved, InterruptedException {
    return switch (provider) {
      case "vault" -> providers.vault(entry, path, auth, identity);
      case "gcp" -> providers.google(entry, path, auth, identity);
      default -> providers.kubernetes(entry, path);
    };
  }

  private String variable(String name) throws Unresolved {
    String value = settings.environment().get(name);
    if (value == null) {
      throw new Unresolved(
          "variable '" + name + "' is not set, or not among those of keychain.env-names");
    }
    return value;
  }

  private String file(String name) throws Unresolved {
    Path folder = settings.secretsFolder();
    if (folder == null) {
      throw new Unresolved("keychain.secrets-folder is not set");
    }
    try {
      Path root = folder.toRealPath();
      // With links resolved: what a link leads out to is not below the folder.
      Path file = root.resolve(name).toRealPath();
      if (!file.startsWith(root)) {
        throw new Unresolved("'" + name + "' is not below keychain.secrets-folder");
      }
      if (Files.size(file) > LARGEST_FILE) {
        throw new Unresolved(
            "expected '" + name + "' to have at most " + LARGEST_FILE + " bytes, but it has more");
      }
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).stripTrailing();
    } catch (IOException | java.nio.file.InvalidPathException e) {
      throw new Unresolved("'" + name + "' cannot be read: " + e.getClass().getSimpleName());
    }
  }

  private static String required(Map<String, @Nullable Object> entry, String... names)
      throws Unresolved {
    String value = text(entry, names);
    if (value == null) {
      throw new Unresolved("it has no " + names[0]);
    }
    return value;
  }

  private static @Nullable String text(Map<String, @Nullable Object> members, String... names) {
    for (String name : names) {
      Object value = members.get(name);
      if (value != null && !(value instanceof Map<?, ?>) && !String.valueOf(value).isBlank()) {
        return String.valueOf(value);
      }
    }
    return null;
  }

  private static String typeName(Map<String, @Nullable Object> entry, String name) {
    return entry.get(name) == null ? "missing" : Json.typeName(entry.get(name));
  }

  private static Map<String, @Nullable Object> strings(Map<?, ?> map) {
    Map<String, @Nullable Object> strings = new LinkedHashMap<>();
    map.forEach((name, value) -> strings.put(String.valueOf(name), value));
    return strings;
  }
}
