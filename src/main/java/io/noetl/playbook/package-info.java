/**
 * The playbook language, {@code noetl.io/v2}: the document as records, and everything that can be
 * said about it without running it.
 *
 * <p>A text goes through {@code PlaybookParser}, which normalises every accepted spelling into the
 * one form of the records here and reports all faults of the document at once, each with its place.
 * After that nobody looks at YAML again: the execution core reads {@link Playbook}, a worker reads
 * the {@link ToolSpec} that travels in its command.
 *
 * <p>Nothing is rendered here; template text stays text. Values are plain JSON values (see {@code
 * io.noetl.json}). The package is pure: no clock, no I/O, no logging. It may import {@code
 * envelope} and {@code json} only.
 */
@NullMarked
package io.noetl.playbook;

import org.jspecify.annotations.NullMarked;
