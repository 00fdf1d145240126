/**
 * The words of the wire: ids, event types, statuses, and the envelope that every event travels in.
 * Each wire name is written once, here.
 *
 * <p>Pure; may import {@code json} only.
 */
@NullMarked
package io.noetl.envelope;

import org.jspecify.annotations.NullMarked;
