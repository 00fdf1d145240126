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
 * <p>{@code Authorizer} turns the {@code auth} field into a header or a query parameter: it asks
 * {@code Credentials} for what the field names, and {@code AccessTokens} for the token that a
 * credential stands for. A header that the author wrote wins. What authenticates is not sent on to
 * another host.
 *
 * <p>May import {@code tool}, {@code tool.auth} and what they may import. Knows no credential
 * store.
 */
@NullMarked
package io.noetl.tool.http;

import org.jspecify.annotations.NullMarked;
