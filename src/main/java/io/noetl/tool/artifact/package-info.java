/**
 * Reads results that are stored out of line: the kinds {@code artifact} and {@code result_fetch}.
 *
 * <p>Flow: reference of the call &rarr; {@link io.noetl.tool.artifact.ResultReader} (the server,
 * through the pool) &rarr; the data as it was stored. A reference that is missing, malformed,
 * unknown or over its time is a hard error of the step; a server that does not answer gives the
 * command back.
 *
 * <p>May import {@code tool}, {@code playbook}; no HTTP and no SQL.
 */
@NullMarked
package io.noetl.tool.artifact;

import org.jspecify.annotations.NullMarked;
