/**
 * Where policies come from: playbooks compile them, servers keep and decide by them.
 *
 * <h2>Types and flow of one policy</h2>
 *
 * <pre>
 * source of a person -&gt; row of noetl.policy, due
 *   -&gt; {@link io.noetl.policy.compiled.PolicyKeeper} (any server) takes it: the id of an execution goes into the row
 *   -&gt; {@link io.noetl.policy.compiled.Compilations} starts system/rbac or system/auth under that id
 *   -&gt; a later round reads what it came to -&gt; read by the language of the part -&gt; row: document, version
 * row -&gt; every server's keeper, by its version -&gt; {@link io.noetl.policy.compiled.Policies}, swapped in one go
 * </pre>
 *
 * A compilation is an ordinary execution of the tenant {@link
 * io.noetl.policy.compiled.Compilations#TENANT}, which no caller belongs to: what tenants register,
 * set or signal cannot touch it. No request waits for any of this.
 *
 * <h2>What can fail between the lines</h2>
 *
 * A server dies, the pool is away, the plug-in loops: the row says since when the compilation is
 * under way, and after {@code policy.deadline} any server ends it. What it brings cannot be read,
 * or is too large: the row says why, and nothing else changes. Meanwhile the document of before
 * holds, until {@code policy.max-age} after it was last confirmed. The database is away: servers
 * decide with what they have, by the same age.
 *
 * <p>May import {@code policy}, {@code catalog}, {@code journal}, {@code execution}, {@code
 * playbook}, {@code query}, {@code result}, {@code wait}, {@code json}, {@code postgres} and {@code
 * support}; never {@code api}.
 */
@NullMarked
package io.noetl.policy.compiled;

import org.jspecify.annotations.NullMarked;
