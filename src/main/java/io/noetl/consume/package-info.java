/**
 * The loop that everybody runs who reads from the bus for as long as the process lives: {@link
 * io.noetl.consume.ConsumerLoop} makes a consumer, takes turns with it, and starts over after a
 * pause when a turn fails. What a turn does with its messages, and what can fail inside it, is for
 * its owner to say; the loop only promises that it goes on and that readiness knows why it does
 * not.
 *
 * <p>May import {@code bus} and {@code support}.
 */
@NullMarked
package io.noetl.consume;

import org.jspecify.annotations.NullMarked;
