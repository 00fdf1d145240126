package io.noetl.tool.nats;

import io.noetl.playbook.ToolKind;
import io.noetl.tool.Fields;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.ToolCall.Identity;
import io.noetl.tool.auth.AuthField;
import io.noetl.tool.auth.Credential;
import io.noetl.tool.auth.CredentialException;
import io.noetl.tool.auth.Credentials;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who connects to what; calls with equal ones share a connection.
 *
 * @param url one or more addresses, separated by commas
 * @param user null = none
 * @param password null = none
 * @param token null = none; never together with a user
 */
record NatsIdentity(
    String url, @Nullable String user, @Nullable String password, @Nullable String token) {

  private static final String[] URL = {"nats_url", "url"};
  private static final String[] USER = {"nats_user", "user", "username"};
  private static final String[] PASSWORD = {"nats_password", "password"};
  private static final String[] TOKEN = {"nats_token", "token"};
  private static final String[] BEARER = {"token", "access_token", "bearer_token", "api_key"};

  /**
   * @throws InvalidConfig when the fields name no address
   * @throws CredentialException when the credential cannot be had or used
   */
  static NatsIdentity of(Fields fields, Credentials credentials, Identity identity)
      throws InterruptedException {
    Login login =
        switch (AuthField.of(fields.first("auth", "credential"))) {
          case AuthField.None _ -> new Login(null, null, null, null);
          case AuthField.Direct direct -> direct(direct, credentials, identity);
          case AuthField.Named named -> of(credentials.get(named.first().credential(), identity));
        };
    String url = either(fields.text("url"), login.url());
    if (url == null) {
      throw new InvalidConfig(
          "nats step has no connection: expected field 'url', or a credential with nats_url");
    }
    String user = fields.text("user");
    String token = fields.text("token");
    // A way to log in that the step names is the one that counts, as a whole.
    if (user != null && token != null) {
      throw new InvalidConfig("Invalid nats config: expected 'user' or 'token', but got both");
    }
    if (token != null) {
      return new NatsIdentity(url, null, null, token);
    }
    String password = either(fields.text("password"), login.password());
    if (user != null || login.user() != null) {
      return new NatsIdentity(url, either(user, login.user()), password, null);
    }
    return new NatsIdentity(url, null, null, login.token());
  }

  private static Login direct(AuthField.Direct direct, Credentials credentials, Identity identity)
      throws InterruptedException {
    if (direct.members().get("credential") instanceof String name && !name.isBlank()) {
      return of(credentials.get(name.strip(), identity));
    }
    return of(new Credential("auth", direct.type(), direct.members()));
  }

  private static Login of(Credential credential) {
    Map<String, @Nullable Object> data = credential.data();
    Login login =
        switch (credential.type().toLowerCase(Locale.ROOT)) {
          case "bearer", "bearer_token" ->
              new Login(text(data, URL), null, null, text(data, BEARER));
          default ->
              new Login(text(data, URL), text(data, USER), text(data, PASSWORD), text(data, TOKEN));
        };
    if (login.url() == null && login.user() == null && login.token() == null) {
      throw CredentialException.unsupported(credential);
    }
    return login;
  }

  private record Login(
      @Nullable String url,
      @Nullable String user,
      @Nullable String password,
      @Nullable String token) {}

  private static @Nullable String text(Map<String, @Nullable Object> data, String... names) {
    return new Fields(ToolKind.NATS, data).text(names);
  }

  private static @Nullable String either(@Nullable String first, @Nullable String second) {
    return first == null || first.isBlank() ? second : first;
  }

  /** The address without a user and password in it. */
  String shownUrl() {
    return withoutLogins(url);
  }

  /** The text without the user and password of any address in it. */
  static String withoutLogins(String text) {
    return text.replaceAll("//[^/,\\s\\]]*@", "//");
  }

  /** Without secrets. */
  @Override
  public String toString() {
    return "NatsIdentity[url=" + shownUrl() + ", user=" + user + "]";
  }
}
