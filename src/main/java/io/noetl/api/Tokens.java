package io.noetl.api;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tokens by the SHA-256 of their text: {@code {"tokens": [{"sha256", "subject", "tenant", "roles",
 * "groups"?, "expires"?}]}}. A copy of the file opens nothing.
 */
public record Tokens(Map<String, Token> bySha256) {
  /** Most tokens of a file. */
  public static final int MOST = 10_000;

  private static final Pattern SHA256 = Pattern.compile("[0-9a-fA-F]{64}");
  private static final Set<String> MEMBERS =
      Set.of("sha256", "subject", "tenant", "roles", "groups", "expires");

  public Tokens {
    bySha256 = Map.copyOf(bySha256);
  }

  /**
   * @throws IllegalArgumentException naming the first entry that is not as it must be
   */
  static Tokens read(byte[] file) {
    Map<String, @Nullable Object> document;
    try {
      document = Json.parseObject(file);
    } catch (JsonException e) {
      throw new IllegalArgumentException("Expected a JSON object, but " + e.getMessage(), e);
    }
    if (!(document.get("tokens") instanceof List<?> entries)) {
      throw new IllegalArgumentException("Expected tokens to be a list");
    }
    if (entries.size() > MOST) {
      throw new IllegalArgumentException(
          "Expected at most " + MOST + " tokens, but got " + entries.size());
    }
    Map<String, Token> tokens = new LinkedHashMap<>();
    for (int i = 0; i < entries.size(); i++) {
      try {
        if (!(entries.get(i) instanceof Map<?, ?> entry)) {
          throw new IllegalArgumentException("Expected an object");
        }
        String sha256 = text(entry, "sha256");
        if (!SHA256.matcher(sha256).matches()) {
          throw new IllegalArgumentException("Expected sha256 of 64 hexadecimal digits");
        }
        if (tokens.put(sha256.toLowerCase(java.util.Locale.ROOT), token(entry)) != null) {
          throw new IllegalArgumentException("Expected each sha256 once, but this one is repeated");
        }
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("tokens[" + i + "]: " + e.getMessage(), e);
      }
    }
    return new Tokens(tokens);
  }

  private static Token token(Map<?, ?> entry) {
    for (Object name : entry.keySet()) {
      if (!MEMBERS.contains(String.valueOf(name))) {
        // A misspelt "expires" must not make a token that never ends.
        throw new IllegalArgumentException(
            "Expected sha256, subject, tenant, roles, groups, expires, but got '" + name + "'");
      }
    }
    if (!(entry.get("roles") instanceof List<?> words)) {
      throw new IllegalArgumentException("Expected roles to be a list");
    }
    EnumSet<Token.Role> roles = EnumSet.noneOf(Token.Role.class);
    words.forEach(word -> roles.add(role(String.valueOf(word))));
    Instant expires = null;
    if (entry.get("expires") != null) {
      try {
        expires = OffsetDateTime.parse(text(entry, "expires")).toInstant();
      } catch (DateTimeException e) {
        throw new IllegalArgumentException(
            "Expected expires to be a time such as 2026-01-31T12:00:00Z", e);
      }
    }
    return new Token(text(entry, "subject"), text(entry, "tenant"), roles, groups(entry), expires);
  }

  private static Set<String> groups(Map<?, ?> entry) {
    Object given = entry.get("groups");
    if (given == null) {
      return Set.of();
    }
    Set<String> groups = new LinkedHashSet<>();
    if (given instanceof List<?> list) {
      for (Object group : list) {
        if (!(group instanceof String text)) {
          throw new IllegalArgumentException("Expected groups to be a list of texts");
        }
        groups.add(text);
      }
      return groups;
    }
    throw new IllegalArgumentException("Expected groups to be a list of texts");
  }

  /**
   * @throws IllegalArgumentException when there is no such role
   */
  public static Token.Role role(String word) {
    for (Token.Role role : Token.Role.values()) {
      if (role.word().equals(word)) {
        return role;
      }
    }
    throw new IllegalArgumentException(
        "Expected role user, worker or operator, but got '" + word + "'");
  }

  private static String text(Map<?, ?> entry, String name) {
    if (entry.get(name) instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException("Expected " + name + " to be a text");
  }

  /** The entry of a token in such a file. */
  public static Map<String, @Nullable Object> entry(String secret, Token token) {
    Map<String, @Nullable Object> entry = new LinkedHashMap<>();
    entry.put("sha256", sha256(secret));
    entry.put("subject", token.subject());
    entry.put("tenant", token.tenant());
    List<String> roles = new ArrayList<>();
    for (Token.Role role : Token.Role.values()) {
      if (token.has(role)) {
        roles.add(role.word());
      }
    }
    entry.put("roles", roles);
    if (!token.groups().isEmpty()) {
      entry.put("groups", token.groups().stream().sorted().toList());
    }
    Instant expires = token.expires();
    if (expires != null) {
      entry.put("expires", expires.toString());
    }
    return entry;
  }

  /** How a token is looked up, which tells nothing about it: tokens are long and random. */
  static String sha256(String secret) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Expected SHA-256 in every Java, but it is missing", e);
    }
  }
}
