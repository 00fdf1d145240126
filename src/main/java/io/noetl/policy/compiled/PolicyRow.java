package io.noetl.policy.compiled;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A part as its row has it, without the texts.
 *
 * @param on whether it has a source
 * @param version of the document; 0 = there was none yet
 * @param compiled whether there is a document
 * @param confirmedAt when a compilation last came to this document
 * @param error why the latest compilation came to nothing
 * @param executionId the compilation that is under way
 * @param now the database's clock
 */
record PolicyRow(
    Part part,
    boolean on,
    int sourceVersion,
    String setBy,
    Instant setAt,
    int version,
    boolean compiled,
    @Nullable Integer ofSource,
    @Nullable Integer ofCompiler,
    @Nullable Instant compiledAt,
    @Nullable Instant confirmedAt,
    @Nullable String error,
    @Nullable Instant failedAt,
    @Nullable Long executionId,
    @Nullable Instant begunAt,
    @Nullable Integer triedCompiler,
    Instant dueAt,
    Instant now) {}
