package io.noetl.credential;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What may be shown of a keychain value to everybody.
 *
 * @param accessCount reads so far
 * @param expired whether its time was over when it was read
 */
public record KeychainRecord(
    String name,
    String cacheKey,
    String scopeType,
    @Nullable Long executionId,
    @Nullable String credentialType,
    @Nullable String cacheType,
    boolean autoRenew,
    @Nullable Instant expiresAt,
    boolean expired,
    long accessCount,
    @Nullable Instant accessedAt,
    Instant createdAt) {}
