/**
 * The {@code nats} tool: key-value buckets, object stores and streams of a NATS server that the
 * author names.
 *
 * <p>{@code NatsIdentity} is made of the fields and of the credential that {@code auth} names;
 * there is no connection that a step gets unasked. {@code NatsConnections} keeps one connection per
 * identity, a bounded number of them, and closes those that nobody uses. {@code KeyValues}, {@code
 * Objects} and {@code Streams} carry out the operations; {@code NatsFailures} makes error objects.
 * Streams and subjects of the platform are refused, whoever's credential it is.
 *
 * <p>Between the lines: the server may go away (a hard error that may be tried again; the next call
 * connects anew), answer late (the time of the call bounds each answer), or the call be interrupted
 * (messages that were taken and not acknowledged come again).
 *
 * <p>May import {@code tool}, {@code tool.auth}, the NATS client, and what {@code tool} may import;
 * not {@code bus}, whose connection is the platform's.
 */
@NullMarked
package io.noetl.tool.nats;

import org.jspecify.annotations.NullMarked;
