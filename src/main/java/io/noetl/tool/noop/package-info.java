/**
 * The tool that does nothing: a call gives back what its author wrote.
 *
 * <p>May import {@code tool} and what it may import.
 */
@NullMarked
package io.noetl.tool.noop;

import org.jspecify.annotations.NullMarked;
