package io.noetl.api;

import io.noetl.api.Token.Role;
import io.noetl.policy.Claims;
import io.noetl.policy.Mapping;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Mode {@code token}: a bearer token says who calls, for which tenant, and as what. Decides from
 * memory; a token that has left the file is worth nothing from the next reading on.
 */
public final class TokenAccess implements Access {
  private static final Caller NOBODY =
      new Caller(EVERY_TENANT, "anonymous", Caller.Reach.ONE_TENANT, false, false, Set.of());

  private final InternalToken internal;
  private final Supplier<Tokens> tokens;
  private final @Nullable String ownSha256;
  private final InstantSource clock;
  private final Function<Claims, Mapping.Given> mapping;

  /** The workers of this process, where all roles are one. */
  private static final Token OWN =
      new Token("worker of this process", EVERY_TENANT, Set.of(Role.WORKER), null);

  /**
   * @param internalToken empty when none is configured
   * @param tokens as they are now; asked for each request, so it must not wait
   * @param ownWorkers token of workers in this process; empty for none
   */
  public TokenAccess(
      String internalToken, Supplier<Tokens> tokens, String ownWorkers, InstantSource clock) {
    this(internalToken, tokens, ownWorkers, clock, Mapping.NONE::of);
  }

  /**
   * As the other.
   *
   * @param mapping gives roles that policies know; asked for each request, so it must not wait.
   *     What a token may by itself, and for which tenant, is in the token alone
   */
  public TokenAccess(
      String internalToken,
      Supplier<Tokens> tokens,
      String ownWorkers,
      InstantSource clock,
      Function<Claims, Mapping.Given> mapping) {
    this.mapping = mapping;
    this.internal = new InternalToken(internalToken);
    this.tokens = tokens;
    this.ownSha256 = ownWorkers.isEmpty() ? null : Tokens.sha256(ownWorkers);
    this.clock = clock;
  }

  @Override
  public String mode() {
    return "token";
  }

  @Override
  public Decision decide(Headers headers, AccessClass wanted) {
    return switch (wanted) {
      case OPEN -> new Decision.Granted(NOBODY);
      case INTERNAL -> internal.decide(headers);
      case OPERATOR -> internal.isIn(headers) ? internal.decide(headers) : known(headers, wanted);
      case USER, WORKER, SHARED -> known(headers, wanted);
    };
  }

  private Decision known(Headers headers, AccessClass wanted) {
    String secret = InternalToken.bearer(headers);
    if (secret == null || secret.isEmpty()) {
      return new Decision.Unauthenticated(
          "Expected a token in the header Authorization: Bearer, but there is none");
    }
    Token token = token(Tokens.sha256(secret));
    if (token == null) {
      return new Decision.Unauthenticated("Expected a token that is known here, but it is not");
    }
    Instant expires = token.expires();
    if (expires != null && !clock.instant().isBefore(expires)) {
      return new Decision.Unauthenticated(
          "Expected a token that is still good, but it expired at " + expires);
    }
    if (!allowed(token, wanted)) {
      return new Decision.Forbidden(
          "Expected a token with role "
              + needed(wanted)
              + ", but "
              + token.subject()
              + " has not got it");
    }
    return caller(token, roles(token), headers.first(TENANT_HEADER), wanted);
  }

  private Set<String> roles(Token token) {
    Set<String> words = token.words();
    Set<String> given =
        mapping.apply(new Claims(token.subject(), token.groups(), Map.of())).roles();
    if (given.isEmpty()) {
      return words;
    }
    Set<String> roles = new HashSet<>(given);
    // A rule about a built-in role means those who have it by their token.
    for (Role role : Role.values()) {
      roles.remove(role.word());
    }
    roles.addAll(words);
    return roles;
  }

  private @Nullable Token token(String sha256) {
    return sha256.equals(ownSha256) ? OWN : tokens.get().bySha256().get(sha256);
  }

  static boolean allowed(Token token, AccessClass wanted) {
    boolean user = token.has(Role.USER) || token.has(Role.OPERATOR);
    return switch (wanted) {
      case OPEN -> true;
      case USER -> user;
      case WORKER -> token.has(Role.WORKER);
      case SHARED -> user || token.has(Role.WORKER);
      // These routes change what holds for the installation, not only for one tenant.
      case OPERATOR -> token.has(Role.OPERATOR) && token.everyTenant();
      case INTERNAL -> false;
    };
  }

  static String needed(AccessClass wanted) {
    return switch (wanted) {
      case OPEN, USER, INTERNAL -> "user or operator";
      case WORKER -> "worker";
      case SHARED -> "user, operator or worker";
      case OPERATOR -> "operator and tenant '*'";
    };
  }

  static Decision caller(
      Token token, Set<String> roles, @Nullable String named, AccessClass wanted) {
    boolean worker = token.has(Role.WORKER);
    if (named != null && !TENANT.matcher(named).matches()) {
      return InternalToken.unreadable(named);
    }
    if (!token.everyTenant()) {
      return named == null || named.equals(token.tenant())
          ? new Decision.Granted(
              new Caller(
                  token.tenant(), token.subject(), Caller.Reach.ONE_TENANT, worker, false, roles))
          : new Decision.Forbidden(
              "Expected no tenant but that of the token of "
                  + token.subject()
                  + ", but got another");
    }
    String tenant = named;
    if (tenant == null) {
      // A person who names none means that of a system without tenants. A worker that names none
      // has forgotten whose command it runs, and must not find what is of somebody else.
      boolean person = token.has(Role.USER) || token.has(Role.OPERATOR);
      tenant = person && wanted != AccessClass.WORKER ? DEFAULT_TENANT : EVERY_TENANT;
    }
    return new Decision.Granted(
        new Caller(
            tenant, token.subject(), Caller.Reach.EVERY_TENANT, worker, token.repairs(), roles));
  }
}
