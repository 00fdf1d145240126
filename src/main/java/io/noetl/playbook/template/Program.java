package io.noetl.playbook.template;

import org.jspecify.annotations.Nullable;

/**
 * A compiled text. Immutable.
 *
 * @param body the parts of a mixed text, or of the one expression with the blanks around it
 * @param single the expression when the text is exactly one, else null
 * @param depth levels of nesting
 */
record Program(Segment.Body body, @Nullable Expression single, int depth) {}
