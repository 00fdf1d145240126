package io.noetl.bus;

/**
 * The stream has the message. It may still lose it: see the package description.
 *
 * @param stream the stream that stored it
 * @param seq its position in the stream, 1 or more; for a duplicate that of the first
 * @param duplicate whether the stream had seen the message id within its duplicate window
 */
public record PubAck(BusStream stream, long seq, boolean duplicate) {}
