/**
 * The HTTP interface: one class per resource, one table of contents.
 *
 * <h2>Types and flow of one request</h2>
 *
 * <pre>
 * ApiServer -&gt; Edge (request id, access, meters) -&gt; a Resource's method with a Call -&gt; Reply, or a Problem -&gt; Edge -&gt; the wire
 * </pre>
 *
 * {@link io.noetl.api.ApiRoutes} lists the resources; each one's {@code routing} lists its routes.
 * A route parses, asks {@code journal}, {@code command}, {@code catalog}, {@code registry} or
 * {@code query}, and answers; it holds no SQL and decides nothing. Refusals are {@code Problem}s,
 * mapped to status and code in {@code Problems} and nowhere else. {@link io.noetl.api.EventFeed}
 * tells open event streams when to look at the log; a stream delivers from the log, never from the
 * bus.
 *
 * <p>{@link io.noetl.api.Access} decides from memory who calls and for which tenant: {@code
 * OpenAccess} (everybody, mode off) or {@code TokenAccess} (bearer tokens, looked up by their
 * SHA-256 in what {@code TokenFile} has read). A worker of every tenant may claim any command; for
 * everything else it names the tenant of the command it holds, and a request that names none finds
 * nothing.
 *
 * <p>{@code PolicyGate} then holds what was granted against the compiled policy, which can only
 * take away; {@code RoutePaths} says which entry of the catalog a request is about. {@code
 * GatewayAccess} takes callers from a header that a front end has signed.
 *
 * <p>What each route takes and gives stands in {@code routes.txt} beside these classes; {@code
 * OpenApi} makes the public description of it and of the router, and a test sends what that
 * description allows, and what it does not.
 *
 * <h2>What can fail between the lines</h2>
 *
 * A body over its limit is refused while it is read. The database fails: 503 with {@code
 * Retry-After}, and whether a write took place is for the repeat to find out, which is why every
 * write is idempotent by some key. The caller leaves: nothing is undone, since what was accepted is
 * committed. A fault of ours: 500, logged once with the request id.
 *
 * <p>The tokens file is gone or cannot be read: the tokens of before stay in force, and readiness,
 * a meter and the log say so.
 *
 * <p>Must not import {@code bus}, {@code pool}, {@code projector}, {@code publisher}, jOOQ or
 * {@code java.sql}; of {@code postgres} only the exception that becomes a 503.
 */
@NullMarked
package io.noetl.api;

import org.jspecify.annotations.NullMarked;
