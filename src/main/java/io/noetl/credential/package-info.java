/**
 * Secrets at rest: credentials by name, and the keychain's short-lived values.
 *
 * <h2>Flow of one secret</h2>
 *
 * <pre>
 * written: data -&gt; JSON -&gt; encrypted with a random key of its own -&gt; that key encrypted with the current
 *          key-encryption key -&gt; one row, which names the key-encryption key and a new version
 * read:    row -&gt; the key-encryption key that it names -&gt; its own key -&gt; data, for the one reply that asked
 * </pre>
 *
 * <p>Types: {@link Keys} are the configured key-encryption keys, {@link KeyFile} makes one where
 * none has to be configured; {@link Envelope} encrypts and decrypts; {@link CredentialStore} and
 * {@link KeychainStore} are the tables; {@link Rewrap} brings rows under the current key after a
 * rotation.
 *
 * <h2>What can fail between any two lines</h2>
 *
 * <ul>
 *   <li>A row names a key that is not configured, or was changed: {@link
 *       UnreadableSecretException}, which says which and never what.
 *   <li>A row is written while it is wrapped anew: the version in the condition of the update finds
 *       no row, and the new version has the current key anyway.
 *   <li>The process dies in the middle of a rotation: the rows that are left have the older key,
 *       which stays readable while it is configured; the next start goes on.
 * </ul>
 *
 * <p>All cryptography is the JDK's. May import {@code postgres}, {@code config}, {@code support}
 * and {@code json}; nothing that decides, and nothing of the worker, which asks over HTTP.
 */
@NullMarked
package io.noetl.credential;

import org.jspecify.annotations.NullMarked;
