/**
 * What an {@code auth} field means, and where the secrets come from that it names.
 *
 * <p>{@link AuthField} reads the field; it knows no store. An executor asks {@link Credentials} for
 * each name just before its call, with the rights of the execution that the call belongs to. A
 * {@link Credential} lives for one call: it is never put into an outcome, an event, a log line or a
 * message.
 *
 * <p>May import {@code playbook}, {@code json} and {@code tool}; implementations that speak to a
 * server live in {@code pool}.
 */
@NullMarked
package io.noetl.tool.auth;

import org.jspecify.annotations.NullMarked;
