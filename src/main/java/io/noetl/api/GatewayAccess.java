package io.noetl.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.noetl.api.GatewayCaller.Unreadable;
import io.noetl.api.Token.Role;
import io.noetl.policy.Claims;
import io.noetl.policy.Mapping;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Mode {@code gateway}: a trusted front end says who calls, in a header that it signs together with
 * the method and the target of the request. A request without that header is one of {@code
 * TokenAccess}: workers and the parts of the installation do not come through the front end.
 *
 * <p>A signature is good for its request only, for as long as the window; within it, whoever can
 * read the request on its way can send it again, also with another body, which is not signed.
 */
public final class GatewayAccess implements Access {
  /** Who calls: JSON in base64 for URLs, see {@link GatewayCaller}. */
  static final String CALLER_HEADER = "X-Noetl-Caller";

  /** {@code v1=} and the HMAC-SHA256 of {@link #signed} in hexadecimal. */
  static final String SIGNATURE_HEADER = "X-Noetl-Signature";

  private static final String VERSION = "v1=";

  private final TokenAccess tokens;
  private final List<byte[]> secrets;
  private final Duration window;
  private final InstantSource clock;
  private final Function<Claims, Mapping.Given> mapping;

  /**
   * @param tokens for requests that nobody signed
   * @param secrets of which a signature needs one
   * @param window how far the moment of a signature may be from now
   * @param mapping gives tenant and roles; asked for each request, so it must not wait
   */
  public GatewayAccess(
      TokenAccess tokens,
      List<String> secrets,
      Duration window,
      InstantSource clock,
      Function<Claims, Mapping.Given> mapping) {
    if (secrets.isEmpty()) {
      throw new IllegalArgumentException("Expected a secret of the gateway, but there is none");
    }
    this.tokens = tokens;
    this.secrets = secrets.stream().map(secret -> secret.getBytes(UTF_8)).toList();
    this.window = window;
    this.clock = clock;
    this.mapping = mapping;
  }

  @Override
  public String mode() {
    return "gateway";
  }

  @Override
  public Decision decide(Headers headers, AccessClass wanted) {
    String caller = headers.first(CALLER_HEADER);
    return switch (wanted) {
      case OPEN, INTERNAL -> tokens.decide(headers, wanted);
      case USER, WORKER, SHARED, OPERATOR ->
          caller == null ? tokens.decide(headers, wanted) : presented(headers, caller, wanted);
    };
  }

  private Decision presented(Headers headers, String sent, AccessClass wanted) {
    if (sent.length() > GatewayCaller.LONGEST) {
      return unreadable(
          "Expected "
              + CALLER_HEADER
              + " of at most "
              + GatewayCaller.LONGEST
              + " characters, but it has "
              + sent.length());
    }
    if (!isSigned(headers, sent)) {
      return new Decision.Unauthenticated(
          "Expected "
              + SIGNATURE_HEADER
              + " to sign this method, target and caller, but it is missing or wrong",
          "gateway_signature");
    }
    GatewayCaller caller;
    try {
      caller = GatewayCaller.read(sent);
    } catch (Unreadable e) {
      return unreadable(CALLER_HEADER + ": " + e.getMessage());
    }
    Duration off = Duration.between(caller.issuedAt(), clock.instant()).abs();
    if (off.compareTo(window) > 0) {
      return new Decision.Unauthenticated(
          "Expected issued_at within "
              + window.toSeconds()
              + " s of now (auth.gateway-window), but it is "
              + off.toSeconds()
              + " s away",
          "gateway_expired");
    }
    return known(caller, headers.first(TENANT_HEADER), wanted);
  }

  private Decision known(GatewayCaller caller, @Nullable String named, AccessClass wanted) {
    Mapping.Given given =
        mapping.apply(new Claims(caller.subject(), caller.groups(), caller.claims()));
    Set<String> roles = new HashSet<>(caller.roles());
    roles.addAll(given.roles());
    EnumSet<Role> builtIn = EnumSet.noneOf(Role.class);
    for (Role role : Role.values()) {
      // What repairs a mapping must not come from one.
      boolean has = (role == Role.USER ? roles : caller.roles()).contains(role.word());
      if (has) {
        builtIn.add(role);
      }
    }
    String tenant = caller.tenant() == null ? given.tenant() : caller.tenant();
    if (builtIn.isEmpty() || tenant == null) {
      return new Decision.Forbidden(
          "Expected the gateway, or policy auth, to give "
              + caller.subject()
              + (tenant == null ? " a tenant" : " the role user or operator")
              + ", but neither does");
    }
    Token token = new Token(caller.subject(), tenant, builtIn, caller.groups(), null);
    if (!TokenAccess.allowed(token, wanted)) {
      return new Decision.Forbidden(
          "Expected a caller with role "
              + TokenAccess.needed(wanted)
              + ", but "
              + caller.subject()
              + " has not got it");
    }
    return TokenAccess.caller(token, roles, named, wanted);
  }

  private static Decision unreadable(String sentence) {
    return new Decision.Unauthenticated(sentence, "gateway_caller");
  }

  /** Takes as long for a wrong signature as for the right one, and for either secret. */
  private boolean isSigned(Headers headers, String caller) {
    String signature = headers.first(SIGNATURE_HEADER);
    byte[] sent = (signature == null ? "" : signature).getBytes(UTF_8);
    String named = headers.first(TENANT_HEADER);
    String text = signed(headers.method(), headers.target(), caller, named == null ? "" : named);
    boolean good = false;
    for (byte[] secret : secrets) {
      good |= MessageDigest.isEqual(sent, signature(secret, text).getBytes(UTF_8));
    }
    return good;
  }

  /**
   * What is signed: five lines.
   *
   * @param tenant the header {@link Access#TENANT_HEADER}, or empty
   */
  static String signed(String method, String target, String caller, String tenant) {
    return "noetl-gateway-v1\n" + method + "\n" + target + "\n" + caller + "\n" + tenant;
  }

  /** The header of a signature. */
  static String signature(byte[] secret, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return VERSION + HexFormat.of().formatHex(mac.doFinal(text.getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Expected HmacSHA256 in every Java, but it is missing", e);
    }
  }
}
