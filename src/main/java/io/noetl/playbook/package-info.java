/**
 * The playbook language, {@code noetl.io/v2}: the document as records, and everything that can be
 * said about it without running it.
 *
 * <p>The way of a text: {@code PlaybookParser} decodes it ({@code PlaybookText}); {@code
 * YamlReader} composes the events of the YAML scanner into nodes with places, under the limits of
 * {@link PlaybookLimits}; {@code DocumentReader} reads the root and hands each step to {@code
 * StepReader}, which asks one reader for each part (tool shapes, tool, policy, loop, next, ...).
 * The readers turn every accepted spelling into the one form of the records here. All faults of the
 * document go into one collector and come out in document order, each with its place.
 *
 * <p>After that nobody looks at YAML again: the execution core reads {@link Playbook}, and a worker
 * makes the {@link ToolSpec} of its command from the JSON in it with {@link ToolParser}. A tool is
 * made the same way at registration, so both are equal.
 *
 * <p>What may fail: bad input is a value ({@link ParseResult.Invalid}), never an exception. A
 * source of a tool that is no normal form is a bug or a damaged command: {@link ToolParser} throws.
 *
 * <p>Nothing is rendered here; template text stays text and is only checked, through {@link
 * TemplateCheck}. Values are plain JSON values (see {@code io.noetl.json}). The package is pure: no
 * clock, no I/O, no logging. It may import {@code envelope} and {@code json} only.
 */
@NullMarked
package io.noetl.playbook;

import org.jspecify.annotations.NullMarked;
