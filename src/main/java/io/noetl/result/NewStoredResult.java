package io.noetl.result;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants to be stored.
 *
 * @param name part of the address; at least one character
 * @param commandId with {@code attempt} makes the storing repeatable; null = every call stores anew
 * @param scope how far it is wanted, in the words of the API
 * @param ttl how long it is wanted; null = as long as its execution is kept
 * @param meta kept beside the reference: extracted, preview, correlation and the like
 */
public record NewStoredResult(
    long resultId,
    long executionId,
    String tenantId,
    String name,
    @Nullable String sourceStep,
    @Nullable Long commandId,
    int attempt,
    String scope,
    String mediaType,
    byte[] content,
    @Nullable Duration ttl,
    Map<String, @Nullable Object> meta) {}
