package io.noetl.policy.compiled;

import io.noetl.policy.Claims;
import io.noetl.policy.Effect;
import io.noetl.policy.Mapping;
import io.noetl.policy.MappingReader;
import io.noetl.policy.Policy;
import io.noetl.policy.PolicyReader;
import io.noetl.policy.PolicyReader.Outcome;
import io.noetl.policy.PolicyReader.Read;
import io.noetl.policy.PolicyReader.Refused;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What this server decides with: the compiled documents, swapped in one go. Safe for many threads;
 * nothing here waits.
 */
public final class Policies {
  private static final Policy NO_RULES = new Policy(List.of(), Effect.ALLOW);

  private final PolicySettings settings;
  private final InstantSource clock;
  private volatile Held<Policy> rbac = new Held<>(NO_RULES, Standing.off(Part.RBAC));
  private volatile Held<Mapping> auth = new Held<>(Mapping.NONE, Standing.off(Part.AUTH));

  private record Held<T>(T value, Standing standing) {}

  public Policies(PolicySettings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
  }

  /** Where nothing is ever compiled. */
  public static Policies none() {
    return new Policies(
        new PolicySettings(
            Duration.ofSeconds(1),
            Duration.ofHours(1),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofDays(1),
            PolicySettings.WhenStale.DENY,
            256 * 1024,
            io.noetl.policy.PolicyLimits.DEFAULT),
        InstantSource.system());
  }

  public PolicySettings settings() {
    return settings;
  }

  /** The rules in force; everything is allowed where there are none. */
  public Policy rules() {
    return stale(Part.RBAC) ? NO_RULES : rbac.value();
  }

  /** Tenant and roles by the mapping in force. */
  public Mapping.Given given(Claims caller) {
    return (stale(Part.AUTH) ? Mapping.NONE : auth.value()).of(caller);
  }

  public Standing standing(Part part) {
    return switch (part) {
      case AUTH -> auth.standing();
      case RBAC -> rbac.standing();
    };
  }

  /** How long ago the document was confirmed; null when there is none. */
  public @Nullable Duration age(Part part) {
    Instant confirmed = standing(part).confirmedAt();
    return confirmed == null ? null : Duration.between(confirmed, clock.instant());
  }

  /** Whether a document is too old to go by, or cannot be read by this server. */
  public boolean stale(Part part) {
    Standing standing = standing(part);
    if (!standing.compiled()) {
      return false;
    }
    Duration age = age(part);
    return !standing.usable() || age != null && age.compareTo(settings.maxAge()) > 0;
  }

  /** The first part that is stale; null when none is. */
  public @Nullable Part stale() {
    for (Part part : Part.values()) {
      if (stale(part)) {
        return part;
      }
    }
    return null;
  }

  /** What is new about a part, its document excepted. */
  void stands(Standing standing) {
    switch (standing.part()) {
      case AUTH -> auth = new Held<>(auth.value(), standing);
      case RBAC -> rbac = new Held<>(rbac.value(), standing);
    }
  }

  /**
   * Puts a document in force, or, where it is null, none.
   *
   * @return why this server cannot read it; null when it can
   */
  @Nullable String adopt(Standing standing, @Nullable String document) {
    return switch (standing.part()) {
      case AUTH -> {
        Outcome<Mapping> read =
            document == null
                ? new Read<>(Mapping.NONE)
                : MappingReader.read(document, settings.limits());
        auth =
            switch (read) {
              case Read<Mapping>(Mapping mapping) ->
                  new Held<>(mapping, with(standing, mapping.entries().size(), null));
              case Refused<Mapping> refused ->
                  new Held<>(Mapping.NONE, with(standing, 0, refused.sentence()));
            };
        yield auth.standing().usable() ? null : auth.standing().error();
      }
      case RBAC -> {
        Outcome<Policy> read =
            document == null
                ? new Read<>(NO_RULES)
                : PolicyReader.read(document, settings.limits());
        rbac =
            switch (read) {
              case Read<Policy>(Policy policy) ->
                  new Held<>(policy, with(standing, policy.rules().size(), null));
              case Refused<Policy> refused ->
                  new Held<>(NO_RULES, with(standing, 0, refused.sentence()));
            };
        yield rbac.standing().usable() ? null : rbac.standing().error();
      }
    };
  }

  private static Standing with(Standing standing, int rules, @Nullable String unreadable) {
    return new Standing(
        standing.part(),
        standing.on(),
        standing.version(),
        standing.source(),
        standing.wanted(),
        standing.compiler(),
        standing.setBy(),
        standing.setAt(),
        standing.compiledAt(),
        standing.confirmedAt(),
        unreadable == null ? standing.error() : unreadable,
        standing.executionId(),
        rules,
        unreadable == null);
  }

  /** Whether a document is one of this part; why not, else null. */
  @Nullable String fault(Part part, String document) {
    Outcome<?> read =
        switch (part) {
          case AUTH -> MappingReader.read(document, settings.limits());
          case RBAC -> PolicyReader.read(document, settings.limits());
        };
    return switch (read) {
      case Read<?> _ -> null;
      case Refused<?> refused -> refused.sentence();
    };
  }
}
