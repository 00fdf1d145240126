/**
 * What a tool call came to, and how later templates see it.
 *
 * <p>An {@link Outcome} is the one record of a finished tool call, step or loop. It travels from
 * the worker to the server, is stored in events, and is folded into execution state. {@code Views}
 * turns it into the objects that templates read: the step value, and {@code output} in its step,
 * policy and set forms.
 *
 * <p>Pure; may import {@code json} only.
 */
@NullMarked
package io.noetl.playbook.value;

import org.jspecify.annotations.NullMarked;
