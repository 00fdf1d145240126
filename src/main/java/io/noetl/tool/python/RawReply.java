package io.noetl.tool.python;

import java.util.Optional;

/**
 * How a call's process ended.
 *
 * @param reply the runner's reply as JSON; empty when the code ended the process itself
 * @param exitCode of the process; 128 + number after a signal
 * @param timedOut the limit of time was reached and the process group was killed
 */
record RawReply(Optional<byte[]> reply, int exitCode, boolean timedOut) {}
