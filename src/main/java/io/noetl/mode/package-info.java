/**
 * The roles of the process and how each is put together: all wiring is here, by plain constructors,
 * in the order in which things start. One jar, chosen by {@code --mode}.
 *
 * <p>May import everything; nobody but {@code Main} and {@code cli} may import it.
 */
@NullMarked
package io.noetl.mode;

import org.jspecify.annotations.NullMarked;
