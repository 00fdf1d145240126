package io.noetl.credential;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What may be shown of a credential to everybody who may see that it exists.
 *
 * @param type free text, such as {@code postgres}
 * @param metaJson JSON text
 * @param tagsJson JSON text
 * @param schemaJson JSON text
 */
public record CredentialRecord(
    long id,
    String name,
    String type,
    @Nullable String metaJson,
    @Nullable String tagsJson,
    @Nullable String description,
    @Nullable String schemaJson,
    Instant createdAt,
    Instant updatedAt) {}
