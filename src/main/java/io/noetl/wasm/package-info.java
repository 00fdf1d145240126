/**
 * Runs plug-ins: WebAssembly modules that extend the control plane inside the system pool's JVM.
 *
 * <p>The flow of one call:
 *
 * <ol>
 *   <li>{@link io.noetl.wasm.PluginModules} finds the module by path, version and digest. On a miss
 *       {@link io.noetl.wasm.PluginInspector} reads the bytes with our own decoder before the
 *       engine sees one of them, then the engine compiles the module once.
 *   <li>{@link io.noetl.wasm.PluginHost} compares the module's imports with the grants of the
 *       tenant, takes one instance slot and starts a guest thread with a small stack.
 *   <li>The guest thread makes a fresh instance, copies the input in and the output out ({@code
 *       host_input}, {@code host_output}, {@code host_reply}, {@code host_log}: arrays only).
 *   <li>A capability call is handed over to the caller's thread, which checks the grant again and
 *       calls the {@link io.noetl.wasm.HostCapability}; the guest waits.
 *   <li>The caller judges the output and returns a {@link io.noetl.wasm.PluginResult}, always a
 *       value. The instance and its thread are gone.
 * </ol>
 *
 * <p>What may fail between the lines: the guest ends while a host call is running (its effect
 * stands, its reply is dropped); the guest does not obey the interrupt (the version is quarantined
 * and its thread is counted until it ends); the caller is interrupted (the guest is stopped first,
 * then {@link java.lang.InterruptedException} goes on).
 *
 * <p>May not import the journal, the database, the API or the bus: a plug-in reaches the world only
 * through capabilities given to the host at construction. Only {@code EndiveEngine} imports the
 * engine, so that changing it stays a change of one file.
 */
@NullMarked
package io.noetl.wasm;

import org.jspecify.annotations.NullMarked;
