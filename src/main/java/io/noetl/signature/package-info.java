/**
 * Who made a plug-in module: Ed25519 signatures over the SHA-256 of its bytes.
 *
 * <h2>Flow of one signature</h2>
 *
 * <pre>
 * author: module -&gt; SHA-256 -&gt; Ed25519 with a private key -&gt; 64 bytes, in base64, beside the module
 * server: module -&gt; SHA-256 -&gt; one of the configured public keys agrees, or the module is refused
 * </pre>
 *
 * <p>Types: {@link io.noetl.signature.SigningKeys} reads PEM; {@link
 * io.noetl.signature.ModuleSignature} signs and checks; {@link io.noetl.signature.SignaturePolicy}
 * says which modules need one.
 *
 * <h2>What can fail between the lines</h2>
 *
 * A key is taken out of the configuration: what it signed stays registered and runs, since a module
 * is judged when it is registered. To take it out of use, archive it.
 *
 * <p>All cryptography is the JDK's. May import the JDK only: the server and the author's commands
 * share it.
 */
@NullMarked
package io.noetl.signature;

import org.jspecify.annotations.NullMarked;
