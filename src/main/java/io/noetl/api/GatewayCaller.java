package io.noetl.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway says of a caller: {@code {"subject", "tenant"?, "roles"?, "groups"?, "claims"?,
 * "issued_at"}}, as JSON in base64 for URLs without padding.
 *
 * @param tenant null = policy auth gives it
 * @param roles built-in ones, but worker, and others that policies know
 * @param claims names and values, both text
 * @param issuedAt when the gateway said so, in seconds since 1970
 */
record GatewayCaller(
    String subject,
    @Nullable String tenant,
    Set<String> roles,
    Set<String> groups,
    Map<String, String> claims,
    Instant issuedAt) {
  /** Longest header, in characters. */
  static final int LONGEST = 8_192;

  private static final Set<String> MEMBERS =
      Set.of("subject", "tenant", "roles", "groups", "claims", "issued_at");

  GatewayCaller {
    roles = Set.copyOf(roles);
    groups = Set.copyOf(groups);
    claims = Map.copyOf(claims);
  }

  /** It is not what a gateway sends. */
  static final class Unreadable extends Exception {
    private static final long serialVersionUID = 1L;

    Unreadable(String sentence) {
      super(sentence);
    }
  }

  static GatewayCaller read(String header) throws Unreadable {
    Map<String, @Nullable Object> said;
    try {
      said = Json.parseObject(Base64.getUrlDecoder().decode(header.getBytes(UTF_8)));
    } catch (IllegalArgumentException | JsonException e) {
      throw new Unreadable("Expected a JSON object in base64 for URLs");
    }
    for (String name : said.keySet()) {
      if (!MEMBERS.contains(name)) {
        throw new Unreadable(
            "Expected subject, tenant, roles, groups, claims, issued_at, but got '" + name + "'");
      }
    }
    if (!(said.get("subject") instanceof String subject)
        || subject.isBlank()
        || subject.length() > 200) {
      throw new Unreadable("Expected subject of 1 to 200 characters");
    }
    Object tenant = said.get("tenant");
    if (tenant != null
        && !(tenant instanceof String name
            && (name.equals(Access.EVERY_TENANT) || Access.TENANT.matcher(name).matches()))) {
      throw new Unreadable("Expected tenant '*' or 1 to 64 of A-Z a-z 0-9 _ -");
    }
    Set<String> roles = texts(said, "roles");
    if (roles.contains(Token.Role.WORKER.word())) {
      throw new Unreadable("Expected no role worker: workers show tokens of their own");
    }
    return new GatewayCaller(
        subject,
        (String) tenant,
        roles,
        texts(said, "groups"),
        claims(said),
        issuedAt(said.get("issued_at")));
  }

  private static Instant issuedAt(@Nullable Object value) throws Unreadable {
    try {
      if (value instanceof Long || value instanceof Integer) {
        return Instant.ofEpochSecond(((Number) value).longValue());
      }
    } catch (DateTimeException e) {
      throw new Unreadable("Expected issued_at to be a number of seconds since 1970");
    }
    throw new Unreadable("Expected issued_at to be a number of seconds since 1970");
  }

  private static Set<String> texts(Map<String, @Nullable Object> said, String name)
      throws Unreadable {
    Set<String> texts = new LinkedHashSet<>();
    Object value = said.get(name);
    if (value == null) {
      return texts;
    }
    if (value instanceof List<?> list && list.size() <= Token.MOST_GROUPS) {
      for (Object one : list) {
        if (!(one instanceof String text)) {
          throw new Unreadable("Expected " + name + " to be texts");
        }
        texts.add(text);
      }
      return texts;
    }
    throw new Unreadable("Expected " + name + " to be at most " + Token.MOST_GROUPS + " texts");
  }

  private static Map<String, String> claims(Map<String, @Nullable Object> said) throws Unreadable {
    Map<String, String> claims = new LinkedHashMap<>();
    Object value = said.get("claims");
    if (value == null) {
      return claims;
    }
    if (!(value instanceof Map<?, ?> map)) {
      throw new Unreadable("Expected claims to be an object");
    }
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (!(entry.getValue() instanceof String text)) {
        throw new Unreadable("Expected claims to have texts as values");
      }
      claims.put(String.valueOf(entry.getKey()), text);
    }
    return claims;
  }
}
