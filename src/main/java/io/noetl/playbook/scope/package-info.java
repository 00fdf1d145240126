/**
 * What templates of a playbook see of a finished call, and what a {@code set} block does to names.
 *
 * <p>An {@code Outcome} goes in, and comes out of {@link io.noetl.playbook.scope.Views} as the
 * object that a place in the playbook reads: the step value for later steps, {@code output} for
 * arcs, policies and task {@code set} blocks, the raw envelope for {@code steps}. The list of
 * mutations of a place goes through {@link io.noetl.playbook.scope.Mutations}, which renders them
 * against a scope and answers with the writes they mean; nothing is changed until the caller
 * applies those. {@link io.noetl.playbook.scope.SequenceData} forms the data of a sequence of
 * tasks. The server and the workers use the same code, so that both see the same values.
 *
 * <p>Pure: no clock, no I/O, and no value that comes in is ever changed. It stands above {@code
 * playbook}, {@code playbook.value} and {@code playbook.template}, and may import those and {@code
 * json} only.
 */
@NullMarked
package io.noetl.playbook.scope;

import org.jspecify.annotations.NullMarked;
