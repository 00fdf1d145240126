/** The parts of {@code noetl chaos}, and a short run of the whole. */
@NullMarked
package io.noetl.chaos;

import org.jspecify.annotations.NullMarked;
