/**
 * The {@code http} tool: one request, its redirects, and its answer as data.
 *
 * <p>{@code HttpPlan} turns rendered fields into a plan (method, address, headers, body); {@code
 * HttpExecutor} sends it, hop by hop so that every address on the way can be checked, reads at most
 * {@code http.body-limit} bytes, and makes the outcome. An answer outside 200-299 is a soft error
 * that carries it; no answer at all is a hard error whose code tells a policy whether to try again.
 *
 * <p>Between the lines: the call may be interrupted at any point, which closes its connection or
 * stream; bodies of requests are in memory, and so may be sent again to the target of a redirect.
 *
 * <p>May import {@code tool} and what it may import. Knows no credential store: names of
 * credentials are resolved by others before.
 */
@NullMarked
package io.noetl.tool.http;

import org.jspecify.annotations.NullMarked;
