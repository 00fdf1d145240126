/**
 * The {@code mcp} tool: one request to a Model Context Protocol server over streamable HTTP.
 *
 * <p>{@code McpPlan} reads the fields; {@code McpSession} sends {@code initialize}, keeps the
 * session that the server opens, sends the request and ends the session. Each message is a call of
 * the http tool, with its authentication, its limits and its guard against internal addresses.
 * {@code Replies} finds the reply in a JSON body or in a stream of events, of which no more is read
 * than needed.
 *
 * <p>Between the lines: what the server or the way to it does wrong is data with status {@code
 * error}, and a success of the tool; what the author did wrong (no address, an internal one, no
 * such credential) is a hard error. A session that could not be ended is left to the server.
 *
 * <p>May import {@code tool}, {@code tool.http} and what they may import.
 */
@NullMarked
package io.noetl.tool.mcp;

import org.jspecify.annotations.NullMarked;
