package io.noetl.wasm;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * On whose behalf a capability is called.
 *
 * @param tenant whose grants apply
 * @param executionId decimal text
 * @param commandId decimal text
 * @param step name of the step that runs the plug-in
 * @param path catalog path of the plug-in
 * @param version version of the plug-in
 * @param ordinal the how many-th call of this capability in this call of the plug-in, from 1
 * @param timeout within which the capability must answer
 * @param usesCredential is told the name of a credential that the call asks for or uses, for the
 *     audit; the last one told counts
 */
public record HostCallContext(
    String tenant,
    String executionId,
    String commandId,
    String step,
    String path,
    int version,
    int ordinal,
    Duration timeout,
    Consumer<String> usesCredential) {}
