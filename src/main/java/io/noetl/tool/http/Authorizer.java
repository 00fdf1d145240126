package io.noetl.tool.http;

import io.noetl.playbook.ToolKind;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.ToolCall.Identity;
import io.noetl.tool.auth.AuthField;
import io.noetl.tool.auth.Credential;
import io.noetl.tool.auth.CredentialException;
import io.noetl.tool.auth.Credentials;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns {@code auth} fields into what they add to requests. Safe for use by many threads. */
final class Authorizer {
  private static final List<String> TOKENS =
      List.of("token", "access_token", "bearer_token", "api_key");

  /** Members of a direct form that say where its secret is; they are no part of it. */
  private static final List<String> REFERENCES = List.of("type", "credential", "source");

  private final Credentials credentials;
  private final AccessTokens tokens;

  Authorizer(Credentials credentials, AccessTokens tokens) {
    this.credentials = credentials;
    this.tokens = tokens;
  }

  /**
   * @param auth the rendered field
   * @throws InvalidConfig when it has no known form, or a direct form lacks a member
   * @throws CredentialException when a credential cannot be had or used
   */
  HttpAuth of(@Nullable Object auth, Identity identity) throws InterruptedException {
    return switch (AuthField.of(auth)) {
      case AuthField.None _ -> HttpAuth.NONE;
      case AuthField.Named named ->
          new Source(credentials.get(named.first().credential(), identity), true, identity).auth();
      case AuthField.Direct direct -> direct(direct, identity);
    };
  }

  private HttpAuth direct(AuthField.Direct direct, Identity identity) throws InterruptedException {
    if (direct.type().equals("gcp_adc")) {
      throw new CredentialException(
          "Ambient cloud identity (gcp_adc) is not available on this worker; name a credential of"
              + " type google_service_account");
    }
    Map<String, @Nullable Object> members = new LinkedHashMap<>(direct.members());
    String alias = alias(members);
    members.keySet().removeAll(REFERENCES);
    if (alias == null) {
      return new Source(new Credential("auth", direct.type(), members), false, identity).auth();
    }
    Map<String, @Nullable Object> data =
        new LinkedHashMap<>(credentials.get(alias, identity).data());
    // What the author writes at the tool wins over what the credential says.
    members.forEach(
        (name, value) -> {
          if (value != null) {
            data.put(name, value);
          }
        });
    return new Source(new Credential(alias, direct.type(), data), true, identity).auth();
  }

  /** The name of the credential that a direct form refers to, taken out of it; else null. */
  private static @Nullable String alias(Map<String, @Nullable Object> members) {
    if (members.get("credential") instanceof String name && !name.isBlank()) {
      return name.strip();
    }
    if (members.get("source") instanceof String) {
      for (String member : List.of("name", "key")) {
        if (members.get(member) instanceof String name && !name.isBlank()) {
          members.remove(member);
          return name.strip();
        }
      }
    }
    return null;
  }

  /** Where the parts of an authentication come from: a credential, or the field itself. */
  private final class Source {
    private final Credential credential;
    private final boolean stored;
    private final Identity identity;

    Source(Credential credential, boolean stored, Identity identity) {
      this.credential = credential;
      this.stored = stored;
      this.identity = identity;
    }

    HttpAuth auth() throws InterruptedException {
      return switch (credential.type().strip().toLowerCase(Locale.ROOT)) {
        case "bearer", "bearer_token", "token" -> HttpAuth.bearer(required(TOKENS));
        case "basic" -> basic();
        case "api_key" -> apiKey();
        case "oauth2",
            "oauth2_client_credentials",
            "google_id_token",
            "google_service_account",
            "gcp" -> {
          String token = tokens.bearer(credential, identity);
          credentials.derived(token, identity);
          yield HttpAuth.bearer(token);
        }
        default -> byItsMembers();
      };
    }

    private HttpAuth byItsMembers() {
      if (!stored) {
        throw new CredentialException(
            "Authentication of type '"
                + credential.type()
                + "' is not available; use bearer, basic, api_key, oauth2, google_service_account"
                + " or none");
      }
      if (text(List.of("token")) != null) {
        return HttpAuth.bearer(required(List.of("token")));
      }
      if (text(List.of("api_key")) != null) {
        return apiKey();
      }
      if (text(List.of("username")) != null && text(List.of("password")) != null) {
        return basic();
      }
      throw CredentialException.unsupported(credential);
    }

    private HttpAuth basic() {
      String user = required(List.of("username", "user"));
      String password = text(List.of("password"));
      String pair = user + ":" + (password == null ? "" : password);
      if (stored) {
        credentials.derived(HttpAuth.base64(pair), identity);
      }
      return new HttpAuth(HttpAuth.basicHeader(pair), null);
    }

    private HttpAuth apiKey() {
      String key = required(List.of("api_key", "key", "token", "value"));
      if ("query".equals(text(List.of("in")))) {
        String parameter = text(List.of("param"));
        return HttpAuth.parameter(parameter == null ? "api_key" : parameter, key);
      }
      String header = text(List.of("header"));
      return HttpAuth.header(header == null || header.isBlank() ? "X-API-Key" : header, key);
    }

    private @Nullable String text(List<String> names) {
      return AccessTokens.text(credential.data(), names.toArray(String[]::new));
    }

    private String required(List<String> names) {
      String value = text(names);
      if (value != null && !value.isBlank()) {
        return value;
      }
      if (!stored) {
        throw InvalidConfig.missing(ToolKind.HTTP, "auth." + names.getFirst());
      }
      throw new CredentialException(
          "Credential '"
              + credential.name()
              + "' of type '"
              + credential.type()
              + "' lacks '"
              + names.getFirst()
              + "'");
    }
  }
}
