package io.noetl.api;

import java.util.Set;

/**
 * On whose behalf a request is served.
 *
 * @param tenantId whose data may be seen and changed; anything else does not exist for the caller.
 *     {@link Access#EVERY_TENANT} is a worker of all tenants that has named none: it may claim, and
 *     finds nothing else
 * @param subject who it is, for records of what was done
 * @param reach whether the caller could act for other tenants
 * @param worker whether it runs commands, and so may be given what they need
 * @param repairs whether it runs the installation: no policy is asked about it, so that none can
 *     keep it from repairing one
 * @param roles what policies know it by: built-in roles and those of a mapping
 */
public record Caller(
    String tenantId,
    String subject,
    Reach reach,
    boolean worker,
    boolean repairs,
    Set<String> roles) {
  public Caller {
    roles = Set.copyOf(roles);
  }

  /** How far a caller may go. */
  public enum Reach {
    /** Nobody has to prove anything. */
    ANYBODY,
    /** Its tenant only. */
    ONE_TENANT,
    /** The tenant that each request names. */
    EVERY_TENANT
  }

  /** Where nobody has to prove anything. */
  public Caller(String tenantId, String subject) {
    this(tenantId, subject, Reach.ANYBODY, true, false, Set.of());
  }

  Caller as(String tenant) {
    return new Caller(tenant, subject, reach, worker, repairs, roles);
  }
}
