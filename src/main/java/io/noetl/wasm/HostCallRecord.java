package io.noetl.wasm;

import org.jspecify.annotations.Nullable;

/**
 * One call of a capability, for the audit. Holds no content: neither request nor reply.
 *
 * @param capability name of the function
 * @param requestDigest SHA-256 of the request, 64 hexadecimal digits; empty when it was over its
 *     limit and not read
 * @param credential name of the credential that it asked for or used; null when there was none
 * @param code what the guest got: the length of the reply, or a negative error code
 * @param replyBytes length of what {@code host_reply} served afterwards
 * @param micros time the host took, in microseconds
 * @param fuelBefore what the guest had when it called
 * @param fuelAfter what it had left when it went on
 */
public record HostCallRecord(
    String capability,
    String requestDigest,
    @Nullable String credential,
    int code,
    int replyBytes,
    long micros,
    long fuelBefore,
    long fuelAfter) {}
