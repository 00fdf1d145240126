package io.noetl.tool.http;

import io.noetl.json.Json;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import io.noetl.tool.Fields;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolCall.Identity;
import io.noetl.tool.ToolExecutor;
import io.noetl.tool.auth.Credential;
import io.noetl.tool.auth.CredentialException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that a service hands out for a credential, kept until shortly before they expire. One is
 * fetched once, however many calls need it at a time. Safe for use by many threads.
 */
public final class AccessTokens {
  /** A token is fetched anew this long before it expires. */
  private static final Duration EARLY = Duration.ofSeconds(60);

  /** Members of a credential that belong into the request for a token, when it has them. */
  private static final List<String> ASKED =
      List.of(
          "client_id",
          "client_secret",
          "scope",
          "audience",
          "resource",
          "username",
          "password",
          "refresh_token");

  private static final int SHORT_WORD = 100;

  private final ToolExecutor http;
  private final InstantSource clock;
  private final Map<String, Slot> slots;

  /**
   * @param http sends the requests, within its limits and to the addresses that it permits
   * @param entries tokens that are kept at most ({@code keychain.cache-entries})
   */
  public AccessTokens(ToolExecutor http, InstantSource clock, int entries) {
    this.http = http;
    this.clock = clock;
    this.slots =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Slot> eldest) {
            return size() > entries;
          }
        };
  }

  /**
   * A reply of a service.
   *
   * @param members of the reply, such as {@code access_token}
   * @param expires when it is over; null when the service does not say
   */
  public record Token(Map<String, @Nullable Object> members, @Nullable Instant expires) {
    boolean fresh(Instant now) {
      return expires != null && now.isBefore(expires.minus(EARLY));
    }

    /** Nothing of the token. */
    @Override
    public String toString() {
      return "Token[expires=" + expires + "]";
    }
  }

  private static final class Slot {
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Token token;
  }

  private interface Fetch {
    Token fetch() throws InterruptedException;
  }

  /** Whether credentials of this type stand for a token that has to be fetched. */
  public static boolean fetched(String type) {
    return switch (type.toLowerCase(Locale.ROOT)) {
      case "oauth2",
          "oauth2_client_credentials",
          "google_id_token",
          "google_service_account",
          "gcp" ->
          true;
      default -> false;
    };
  }

  /**
   * The token that a credential stands for, to be sent as bearer.
   *
   * @throws CredentialException when it cannot be had; the message names the credential
   */
  public String bearer(Credential credential, Identity identity) throws InterruptedException {
    return switch (credential.type().toLowerCase(Locale.ROOT)) {
      case "google_id_token", "google_service_account", "gcp" -> google(credential, identity);
      default -> oauth2(credential, identity);
    };
  }

  private String oauth2(Credential credential, Identity identity) throws InterruptedException {
    Map<String, @Nullable Object> data = credential.data();
    String url = text(data, "token_url", "endpoint");
    if (url == null) {
      String token = text(data, "access_token", "token");
      if (token != null) {
        return token;
      }
    }
    Map<String, @Nullable Object> form = new LinkedHashMap<>();
    String grant = text(data, "grant_type");
    form.put("grant_type", grant == null ? "client_credentials" : grant);
    for (String name : ASKED) {
      String value = text(data, name);
      if (value != null) {
        form.put(name, value);
      }
    }
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("url", required(credential, data, "token_url", "endpoint"));
    fields.put("method", "POST");
    fields.put("form", form);
    return member(credential, request("", what(credential), fields, identity), "access_token");
  }

  private String google(Credential credential, Identity identity) throws InterruptedException {
    Map<String, @Nullable Object> data = credential.data();
    String ready = text(data, "token", "access_token", "id_token");
    if (ready != null && !data.containsKey("private_key")) {
      return ready;
    }
    ServiceAccount account = ServiceAccount.of(credential);
    String key =
        "google " + account.tokenUri() + account.audience() + account.scope() + Json.text(data);
    Token token =
        kept(
            key,
            () -> {
              Map<String, @Nullable Object> fields = new LinkedHashMap<>();
              fields.put("url", account.tokenUri());
              fields.put("method", "POST");
              fields.put("form", account.form(clock.instant()));
              return fetch(what(credential), fields, identity);
            });
    return account.audience() == null
        ? member(credential, token, "access_token")
        : member(credential, token, "id_token");
  }

  /**
   * What a service answers to a request for a token, kept until shortly before it expires.
   *
   * @param scope only requests with the same text share a token
   * @param what for messages, such as {@code Keychain entry 'x'}
   * @param fields of the http tool
   * @throws CredentialException when there is no answer, or none with a token
   */
  public Token request(
      String scope, String what, Map<String, @Nullable Object> fields, Identity identity)
      throws InterruptedException {
    return kept(scope + " " + Json.text(fields), () -> fetch(what, fields, identity));
  }

  private Token kept(String key, Fetch fetch) throws InterruptedException {
    Slot slot;
    synchronized (slots) {
      slot = slots.computeIfAbsent(key, _ -> new Slot());
    }
    slot.lock.lockInterruptibly();
    try {
      Token known = slot.token;
      if (known == null || !known.fresh(clock.instant())) {
        known = fetch.fetch();
        slot.token = known;
      }
      return known;
    } finally {
      slot.lock.unlock();
    }
  }

  @SuppressWarnings("unchecked") // JSON objects have string keys
  private Token fetch(String what, Map<String, @Nullable Object> fields, Identity identity)
      throws InterruptedException {
    Outcome outcome =
        http.run(
            new ToolCall(
                ToolKind.HTTP, fields, null, identity, Map.of(), null, ToolCall.LineLog.NONE));
    Object reply = outcome.data() instanceof Map<?, ?> data ? data.get("data") : null;
    Map<String, @Nullable Object> error = outcome.error();
    if (error != null) {
      throw new CredentialException(
          what + ": the token could not be fetched: " + error.get("message") + reason(reply));
    }
    if (!(reply instanceof Map<?, ?> members)) {
      throw new CredentialException(
          what + ": expected a JSON object from the token endpoint, but got another answer");
    }
    return new Token((Map<String, @Nullable Object>) members, expires(members.get("expires_in")));
  }

  /** The word that services give for a refusal; the rest of an answer may hold anything. */
  private static String reason(@Nullable Object reply) {
    return reply instanceof Map<?, ?> map
            && map.get("error") instanceof String word
            && word.length() <= SHORT_WORD
        ? " (" + word + ")"
        : "";
  }

  private @Nullable Instant expires(@Nullable Object seconds) {
    return switch (seconds) {
      case Number number -> clock.instant().plusSeconds(number.longValue());
      case String text when text.matches("\\d{1,9}") ->
          clock.instant().plusSeconds(Long.parseLong(text));
      case null, default -> null;
    };
  }

  private static String member(Credential credential, Token token, String name) {
    String value = text(token.members(), name);
    if (value == null) {
      throw new CredentialException(
          what(credential) + ": the answer of the token endpoint has no " + name);
    }
    return value;
  }

  private static String what(Credential credential) {
    return "Credential '" + credential.name() + "'";
  }

  /** The first of the members that is a text with something in it, or a number. */
  static @Nullable String text(Map<String, @Nullable Object> data, String... names) {
    for (String name : names) {
      Object value = data.get(name);
      if (value instanceof List<?> words && !words.isEmpty()) {
        return String.join(" ", words.stream().map(String::valueOf).toList());
      }
      if (value != null && !"".equals(value)) {
        return Fields.asText(value);
      }
    }
    return null;
  }

  /**
   * @throws CredentialException when it has none of the members
   */
  static String required(
      Credential credential, Map<String, @Nullable Object> data, String... names) {
    String value = text(data, names);
    if (value == null) {
      throw new CredentialException(
          what(credential) + " of type '" + credential.type() + "' lacks '" + names[0] + "'");
    }
    return value;
  }
}
