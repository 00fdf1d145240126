package io.noetl.tool.http;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import io.noetl.tool.auth.Credential;
import io.noetl.tool.auth.CredentialException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A service account of Google Cloud, which signs for itself and gets a token for the signature.
 *
 * @param audience whom an identity token is for; null when an access token is wanted
 */
record ServiceAccount(
    String email,
    @Nullable String keyId,
    PrivateKey key,
    String tokenUri,
    @Nullable String audience,
    String scope) {
  private static final String TOKEN_URI = "https://oauth2.googleapis.com/token";
  private static final String CLOUD = "https://www.googleapis.com/auth/cloud-platform";
  private static final String GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  private static final long LIFE_SECONDS = 3_600;

  /**
   * @throws CredentialException when a member is missing or the key cannot be read
   */
  static ServiceAccount of(Credential credential) {
    Map<String, @Nullable Object> data = new LinkedHashMap<>(credential.data());
    document(data).forEach((name, value) -> data.put(String.valueOf(name), value));
    String email = AccessTokens.required(credential, data, "client_email");
    String pem = AccessTokens.required(credential, data, "private_key");
    String uri = AccessTokens.text(data, "token_uri");
    String scope = AccessTokens.text(data, "scope", "scopes");
    return new ServiceAccount(
        email,
        AccessTokens.text(data, "private_key_id"),
        key(credential, pem),
        uri == null ? TOKEN_URI : uri,
        AccessTokens.text(data, "target_audience", "audience"),
        scope == null ? CLOUD : scope);
  }

  private static Map<?, ?> document(Map<String, @Nullable Object> data) {
    Object document = data.get("service_account_json");
    if (document instanceof String text) {
      try {
        return Json.parseObject(text);
      } catch (JsonException e) {
        return Map.of(); // the members that are missing then are named
      }
    }
    return document instanceof Map<?, ?> map ? map : Map.of();
  }

  private static PrivateKey key(Credential credential, String pem) {
    String base64 =
        pem.replace("\\n", "\n").replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
    try {
      return KeyFactory.getInstance("RSA")
          .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new CredentialException(
          "Credential '" + credential.name() + "' has a private_key that is no RSA key in PKCS #8");
    }
  }

  /** The form that is sent for a token. */
  Map<String, @Nullable Object> form(Instant now) {
    Map<String, @Nullable Object> form = new LinkedHashMap<>();
    form.put("grant_type", GRANT);
    form.put("assertion", assertion(now));
    return form;
  }

  private String assertion(Instant now) {
    Map<String, @Nullable Object> header = new LinkedHashMap<>();
    header.put("alg", "RS256");
    header.put("typ", "JWT");
    if (keyId != null) {
      header.put("kid", keyId);
    }
    Map<String, @Nullable Object> claims = new LinkedHashMap<>();
    claims.put("iss", email);
    claims.put("aud", tokenUri);
    if (audience == null) {
      claims.put("scope", scope);
    } else {
      claims.put("target_audience", audience);
    }
    claims.put("iat", now.getEpochSecond());
    claims.put("exp", now.getEpochSecond() + LIFE_SECONDS);
    String signed = part(Json.bytes(header)) + "." + part(Json.bytes(claims));
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(key);
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      return signed + "." + part(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Expected this Java to sign with RSA, but: " + e, e);
    }
  }

  private static String part(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
