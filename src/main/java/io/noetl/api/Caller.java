package io.noetl.api;

/**
 * On whose behalf a request is served.
 *
 * @param tenantId whose data may be seen and changed; anything else does not exist for the caller
 * @param subject who it is, for records of what was done
 */
public record Caller(String tenantId, String subject) {}
