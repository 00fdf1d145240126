/** The message bus. */
@NullMarked
package io.noetl.bus;

import org.jspecify.annotations.NullMarked;
